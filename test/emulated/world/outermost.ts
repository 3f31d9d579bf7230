import { vi } from 'vitest';
import type { AlarmClock } from '../../../functions/shared/runtime/alarm-clock.ts';
import type { Http } from '../../../functions/shared/runtime/http.ts';
import type * as Queue from '../../../functions/shared/runtime/queue.ts';
import type { MemoryQueue } from './queues.ts';

/** What stands in the place of AWS and of the network. */
export interface Ground {
  /** In the place of every client of the SDK. */
  readonly client: object;
  readonly http: Http;
  /** By URL or ARN. */
  readonly queue: (name: string) => MemoryQueue;
  /** Is told of what is handed over in order, with what hands it over once more. */
  readonly commanded: (body: string, again: () => void) => void;
  readonly secret: (arn: string) => string;
  /** What a container read of Secrets Manager, and when (epoch milliseconds). */
  readonly read: Map<string, { readonly value: string; readonly at: number }>;
  /** @param at epoch milliseconds; `undefined` where there is to be none any more */
  readonly alarm: (name: string, at: number | undefined, ring?: () => void) => void;
}

/** A warm Lambda remembers a secret for so long. */
const SECRET_MS = 5 * 60_000;

/** Puts it there, for all that is loaded from now on: these five modules and no other. */
export const mockOutermost = ({ client, http, queue, commanded, secret, read, alarm }: Ground): void => {
  vi.doMock('../../../functions/shared/runtime/aws.ts', () => ({ AWS_CLIENT: {}, bounded: () => client }));

  vi.doMock('../../../functions/shared/runtime/http.ts', () => ({ http }));

  vi.doMock('../../../functions/shared/runtime/queue.ts', async (original) => {
    const real = await original<typeof Queue>();
    return {
      ...real,
      enqueue: async (url: string, bodies: readonly string[], delaySeconds = 0) => {
        for (const body of bodies) queue(url).send(body, { delaySeconds: Math.min(900, delaySeconds) });
      },
      setAside: async (url: string, body: string, reason: string) => queue(url).send(body, { reason }),
      enqueueInOrder: async (url: string, body: string, group: string, deduplicationId: string) => {
        queue(url).send(body, { group, deduplicationId });
        commanded(body, () => queue(url).send(body, { group }));
      },
      hide: async (url: string, handles: readonly string[], seconds: number) =>
        queue(url).hide(handles, Math.min(Math.max(0, Math.ceil(seconds)), real.MAX_HIDE_SECONDS)),
    };
  });

  vi.doMock('../../../functions/shared/runtime/alarm-clock.ts', async (original) => ({
    ...(await original<object>()),
    alarmClock: ({ queueArn }: { queueArn: string }): AlarmClock<unknown> => ({
      // It takes whole seconds.
      set: async (name, what, at) =>
        alarm(name, Math.ceil(at / 1000) * 1000, () => queue(queueArn).send(JSON.stringify({ alarm: what }))),
      clear: async (name) => alarm(name, undefined),
    }),
  }));

  const fetched = (arn: string): string => {
    const value = secret(arn);
    read.set(arn, { value, at: Date.now() });
    return value;
  };
  vi.doMock('../../../functions/shared/runtime/cached-secret.ts', () => ({
    CachedSecret: class {
      readonly #arn: string;
      constructor(arn: string) {
        this.#arn = arn;
      }
      async get(): Promise<string> {
        const known = read.get(this.#arn);
        return known && Date.now() - known.at < SECRET_MS ? known.value : fetched(this.#arn);
      }
      async reread(): Promise<string> {
        return fetched(this.#arn);
      }
      async refreshAfterMismatch(): Promise<boolean> {
        return read.get(this.#arn)?.value !== fetched(this.#arn);
      }
    },
  }));
};

import type { SourceSecret } from '../../functions/shared/door/signatures.ts';
import type { SignedRequest } from '../../functions/shared/door/source.ts';
import { cut } from '../../functions/shared/runtime/characters.ts';
import { fieldsIn } from '../../functions/shared/runtime/json.ts';
import { type Event, signedEvent } from '../../local/samples/event.ts';
import { settled } from '../sends/wait.ts';
import type { AnySource } from '../target/registry.ts';
import type { Target } from '../target/target.ts';
import { call } from '../terminal/call.ts';
import { Failed } from '../terminal/errors.ts';

/** As long as the gateway waits for a door. */
const MAX_SHOWN = 200;
const DOOR_MS = 30_000;

export interface Delivered {
  readonly status: number;
  /** What the door said: how many events it queued, or why it took none. */
  readonly answer: string;
}

/** What a door's answer says to people: `queued 1`, `nothing of it means anything here`, or its reason. */
const wordsOf = (text: string): string => {
  const { queued, skipped, reason, message } = fieldsIn(text) as Readonly<Record<string, unknown>>;
  if (typeof reason === 'string') return [reason, message].filter((part) => typeof part === 'string').join(': ');
  if (queued === 0) return skipped ? 'taken, and left out on purpose' : 'taken, and it means nothing here';
  return typeof queued === 'number' ? `queued ${queued}` : '';
};

/** What the vendor's API would answer, put where the stand-in has it. @throws Failed when the sandbox refuses it */
export const hold = async (target: Target, held: Event['held']): Promise<void> => {
  for (const { path, body } of held) {
    const { ok, status, text } = await call(`${target.url}${path}`, { method: 'PUT', body });
    if (!ok) throw new Failed(`The sandbox answered ${path} with ${status}: ${cut(text, MAX_SHOWN)}`);
  }
};

/** Signed now, whatever time the event is of, and sent to the public door. */
export const deliver = async (
  target: Target,
  path: string,
  event: Event,
  source: AnySource,
  secret: SourceSecret,
): Promise<Delivered & { readonly request: SignedRequest }> => {
  const request = signedEvent(event, source, secret, new Date());
  const { headers, body } = request;
  // A redirect would turn the POST into a GET and end with 200.
  const init: RequestInit = { method: 'POST', headers, body, redirect: 'manual' };
  const { status, text } = await call(`${target.url}${path}`, init, DOOR_MS);
  return { status, answer: wordsOf(text), request };
};

export interface Outcome {
  readonly key: string;
  readonly state: string;
  readonly reason?: string;
}

/** How the sends of these keys stand once they are out, refused or wait for somebody, or when the time is over. */
export const outcomes = (target: Target, keys: readonly string[], ms: number): Promise<readonly Outcome[]> =>
  Promise.all(
    keys.map(async (key) => {
      const { state = 'not yet', reason } = (await settled(target, key, ms)) ?? {};
      return { key, state, ...(reason !== undefined && { reason }) };
    }),
  );

import type { SourceSecret } from '../../functions/shared/door/signatures.ts';
import type { SignedRequest } from '../../functions/shared/door/source.ts';
import type { SendRecord } from '../../functions/shared/ledger/rules.ts';
import { cut } from '../../functions/shared/runtime/characters.ts';
import { fieldsIn } from '../../functions/shared/runtime/json.ts';
import { type Event, signedEvent } from '../../local/samples/event.ts';
import { depthOf } from '../dead-letters/dead-letters.ts';
import { ledgerOf } from '../sends/ledger.ts';
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
  /** It stood so before the event came: the same event again makes nothing new. */
  readonly before?: true;
}

type Records = ReadonlyMap<string, SendRecord | undefined>;

/** The sends of these keys as they stand now. */
export const recordsOf = async (target: Target, keys: readonly string[]): Promise<Records> =>
  new Map(await Promise.all(keys.map(async (key) => [key, await ledgerOf(target).read(key)] as const)));

/** How the sends of these keys stand once they are out, refused or wait for somebody, or when the time is over. */
export const outcomes = (
  target: Target,
  keys: readonly string[],
  ms: number,
  before: Records = new Map(),
): Promise<readonly Outcome[]> =>
  Promise.all(
    keys.map(async (key): Promise<Outcome> => {
      const record = await settled(target, key, ms);
      const { state = 'not yet', reason } = record ?? {};
      const isOld = record !== undefined && before.get(key)?.updatedAt === record.updatedAt;
      return { key, state, ...(reason !== undefined && { reason }), ...(isOld && { before: true }) };
    }),
  );

/**
 * The same of an event of which the vendor is asked the rest: what is not there yet is due later, or its look-up has not worked, which
 * the queue of the template tells.
 */
export const lookedUp = async (
  target: Target,
  template: string,
  keys: readonly string[],
  ms: number,
  before: Records,
): Promise<readonly Outcome[]> => {
  const all = await outcomes(target, keys, ms, before);
  if (all.every(({ state }) => state !== 'not yet')) return all;
  const waits = await depthOf(target, `${template}-work`);
  const state =
    waits > 0 ? `not looked up yet: ${template}-work holds ${waits}, its log says why` : 'looked up, due later';
  return all.map((one) => (one.state === 'not yet' ? { ...one, state } : one));
};

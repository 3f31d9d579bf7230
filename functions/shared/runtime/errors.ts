/**
 * Errors by the stage at which they arise. `reason` is a short code that is safe to answer and to log; the message is for
 * people and never holds a body, a token or a phone number. Compare `error.name`, not `instanceof`: bundles may hold two copies.
 */
abstract class Staged extends Error {
  readonly reason: string;

  constructor(reason: string, message: string) {
    super(message);
    this.reason = reason;
  }
}

/** The caller failed its proof: 401. */
export class Unauthorized extends Staged {
  override readonly name = 'Unauthorized';
}

/** The input can never become valid: 400, or the status that `INVALID_STATUS` gives its reason. */
export class Invalid extends Staged {
  override readonly name = 'Invalid';
  /** Names in lower case; they go out with the answer. */
  readonly headers: Readonly<Record<string, string>>;

  constructor(reason: string, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(reason, message);
    this.headers = headers;
  }
}

/** The door is known and this client has not opened it: 503, for many a vendor drops a webhook for good that once met 404. */
export class Shut extends Staged {
  override readonly name = 'Shut';
}

/** An outside system did not do its part for now: the work is tried again after `retryAfterSeconds` or the usual back-off. */
export class Unavailable extends Staged {
  override readonly name = 'Unavailable';
  readonly retryAfterSeconds: number | undefined;

  constructor(reason: string, message: string, retryAfterSeconds?: number) {
    super(reason, message);
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/**
 * Another holds it, for so many milliseconds of its lease still. A running owner is done within seconds, nearly always, and a dead one never: it
 * is looked at again after as long as it was held so far, for each look is one of the receives that a queue allows.
 * @param soonest seconds until the first look
 */
export const heldByAnother = (
  reason: string,
  message: string,
  { leaseMs, leftMs, soonest }: { readonly leaseMs: number; readonly leftMs: number; readonly soonest: number },
): Unavailable => {
  const heldSeconds = Math.ceil((leaseMs - leftMs) / 1000);
  const leftSeconds = Math.max(1, Math.ceil(leftMs / 1000));
  return new Unavailable(reason, message, Math.min(leftSeconds, Math.max(soonest, heldSeconds)));
};

const tries = new WeakMap<object, number>();

/** Notes how often what ended in this error was tried: a queue counts too what only waited for another. Of several counts the first stands. */
export const noteTries = (error: unknown, times: number): void => {
  if (typeof error === 'object' && error !== null && !tries.has(error)) tries.set(error, times);
};

export const triesOf = (error: unknown): number | undefined =>
  typeof error === 'object' && error !== null ? tries.get(error) : undefined;

/** What waits in a queue and is of no known kind, for a later release wrote it: it stays there, and ends where people look, until one can read it. */
export const unknownItem = (): Unavailable => new Unavailable('unknown_item', 'Another release wrote this.');

/** Attribute of a dead letter that was set aside at once: why, for people. */
export const REASON = 'reason';
/** Attribute of what a person put back: how often. Whatever sets it aside again keeps it. */
export const REDRIVEN = 'redriven';

/**
 * It will fail every time. An event that can never become a message is parked as REJECTED with the reason; what a CRM or a notifier refuses
 * is a dead letter at once, with reason and message.
 */
export class Permanent extends Staged {
  override readonly name = 'Permanent';
}

/** Whether it will fail every time. */
export const isPermanent = (error: unknown): error is Permanent => error instanceof Error && error.name === 'Permanent';

/** The reason code of one of our own errors, or the error's class name; never its message. */
export const reasonOf = (error: unknown): string => {
  if (error instanceof Error) return 'reason' in error && typeof error.reason === 'string' ? error.reason : error.name;
  return 'unknown';
};

/** The words of one of our own errors, which hold nothing of anybody; none of any other. */
export const wordsOf = (error: unknown): string =>
  isPermanent(error) || (error instanceof Error && error.name === 'Unavailable') ? error.message : '';

export interface Answer {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export const answer = (statusCode: number, body: object, headers: Readonly<Record<string, string>> = {}): Answer => ({
  statusCode,
  headers: { 'content-type': 'application/json', ...headers },
  body: JSON.stringify(body),
});

const INVALID_STATUS: Readonly<Record<string, number>> = {
  other_line: 403,
  unknown_source: 404,
  method_not_allowed: 405,
  too_large: 413,
  unsupported_encoding: 415,
  wrong_encoding: 415,
  too_many_requests: 429,
};

/**
 * The HTTP answer for an error. Whatever is not our own 400 or 401 is answered 503: the event was not stored, so the caller
 * must come again, and nothing of the error's text leaves.
 */
export const answerFor = (error: unknown): Answer => {
  if (error instanceof Error && error.name === 'Unauthorized') {
    return answer(401, { error: 'unauthorized', reason: reasonOf(error), message: error.message });
  }
  if (error instanceof Error && error.name === 'Invalid') {
    const [reason, { headers }] = [reasonOf(error), error as Invalid];
    return answer(INVALID_STATUS[reason] ?? 400, { error: 'invalid', reason, message: error.message }, headers);
  }
  if (error instanceof Error && error.name === 'Shut') {
    return answer(503, { error: 'unavailable', reason: reasonOf(error), message: error.message });
  }
  return answer(503, { error: 'unavailable', message: 'The event was not stored. Send it again.' });
};

/** Refusals that nobody need look at: a monitor that asks whether a door is there, and a door that a person has shut. */
export const quietLevel = (error: unknown): 'info' | 'warn' | undefined => {
  if (reasonOf(error) === 'method_not_allowed') return 'info';
  return error instanceof Error && error.name === 'Shut' ? 'warn' : undefined;
};

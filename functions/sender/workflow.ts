import { conversationKey } from '../shared/ezwhatsapp/events.ts';
import { attemptId, type Health } from '../shared/ezwhatsapp/line-api.ts';
import { durationMs } from '../shared/hours/duration.ts';
import { nextOpening, type OpeningHours } from '../shared/hours/opening-hours.ts';
import type { Claim, Settlement } from '../shared/ledger/ledger.ts';
import type { Drop } from '../shared/ledger/line-control.ts';
import { SEEN_ON_LINE, type SendRecord, SHADOW, UNKNOWN_WINDOW_MS } from '../shared/ledger/rules.ts';
import type { SendRequest } from '../shared/ledger/send-command.ts';
import type { Person } from '../shared/people/people.ts';
import type { HttpResult } from '../shared/runtime/http.ts';
import { retryAfter } from '../shared/runtime/retry-after.ts';

/**
 * What to write and how to go on. `hold` stops this and all later messages of the line, for at least so many `seconds` if the
 * API asked for that, else for the usual back-off and at `most` so long; without it the message is finished.
 */
export interface Outcome {
  readonly settlement: Settlement;
  readonly hold?: { readonly seconds?: number | undefined; readonly most?: number };
  /** Takes the message out of the line's way, into the dead letters: a person decides, and the line goes on. */
  readonly aside?: true;
  /** Takes the message out of the line's way until the client's hours begin, or its template goes on. */
  readonly waits?: 'hours' | 'pause';
  /** The API failed, and that may be for what the message says: whether it is the line is known by the next one. */
  readonly perhapsAlone?: true;
  /** The line cannot be tried now, and nothing was tried: that says nothing of it. */
  readonly untried?: true;
  /** When (epoch milliseconds) a POST to a line that was well came to nothing. */
  readonly failedAt?: number;
  /** The API refused the message: that is its last word only while the line is well. */
  readonly isRefusal?: true;
}

/** When bytes of an earlier attempt may have left; `undefined` while it is certain that none did. */
const uncertainSince = ({ before }: Claim): number | undefined => before?.firstAttemptAt;

const withoutAttempt = ({ before }: Claim): Pick<Settlement, 'attempts' | 'firstAttemptAt'> => ({
  attempts: before?.attempts ?? 0,
  ...(before?.firstAttemptAt !== undefined && { firstAttemptAt: before.firstAttemptAt }),
});

/**
 * A message that must not be posted any more: too late, or uncertain for too long. `undefined` if it may go on.
 * `ownTime` is the time on the message's own clock, `repeats` whether one that may have left is sent again at all.
 */
export const tooLate = (claim: Claim, now: number, ownTime = now, repeats = true): Outcome | undefined => {
  const since = uncertainSince(claim);
  const late = ownTime > Date.parse(claim.record.usefulUntil);
  if (since === undefined) {
    return late
      ? { settlement: { state: 'EXPIRED', reason: 'useful_until_passed', ...withoutAttempt(claim) } }
      : undefined;
  }
  if (!late && repeats && now - since < UNKNOWN_WINDOW_MS) return undefined;
  const uncertain = repeats ? 'unknown_for_15_minutes' : 'unknown_and_not_repeated';
  const reason = late ? 'unknown_and_useful_until_passed' : uncertain;
  return { settlement: { state: 'UNKNOWN', parked: true, reason, ...withoutAttempt(claim) } };
};

/** It was uncertain, and has been seen on the line since: to send it again could double it, whatever the API makes of its key. */
export const seenOnLine = (claim: Claim): Outcome | undefined =>
  uncertainSince(claim) !== undefined && claim.before?.observedId !== undefined
    ? { settlement: { state: 'ACCEPTED', reason: SEEN_ON_LINE, ...withoutAttempt(claim) } }
    : undefined;

/** A queue keeps a message for 14 days and then drops it without a word: what would wait longer than this is not left to wait. */
export const MAX_WAIT_MS = 13 * 24 * 3600_000;

/**
 * A message outside the client's hours: it waits for the opening if that still helps. An uncertain one goes on, for it may
 * have arrived already, inside the hours: within the 15 minutes that it has, repeating the same bytes is how to find out.
 */
export const outsideWindow = (claim: Claim, ownTime: number, window: OpeningHours | undefined): Outcome | undefined => {
  if (!window || uncertainSince(claim) !== undefined) return undefined;
  const opening = nextOpening(window, ownTime);
  if (opening === ownTime) return undefined;
  const [reason, kept] = ['outside_send_window', withoutAttempt(claim)];
  const isTooFar = opening === undefined || opening - ownTime > MAX_WAIT_MS;
  if (isTooFar || opening > Date.parse(claim.record.usefulUntil)) {
    return { settlement: { state: 'EXPIRED', reason, ...kept } };
  }
  return { settlement: { state: 'HELD', reason, ...kept }, waits: 'hours' };
};

/** What it says is no longer so: a reminder whose appointment was moved or cancelled while it waited. */
export const untrue = (claim: Claim): Outcome => ({
  settlement:
    uncertainSince(claim) === undefined
      ? { state: 'EXPIRED', reason: 'no_longer_true', ...withoutAttempt(claim) }
      : { state: 'UNKNOWN', parked: true, reason: 'unknown_and_no_longer_true', ...withoutAttempt(claim) },
});

/** A message that a template gave up on: recorded, unless an earlier body of the key may have gone out. */
export const parkedBy = (claim: Claim, state: 'REJECTED' | 'EXPIRED', reason: string): Outcome => ({
  settlement: { state, reason, ...withoutAttempt(claim) },
});

/** Whom a composed body is for, as the table of people knows them: a number (E.164), or a conversation. */
export const recipientOf = (lineId: string, body: string): string => {
  const { to, conversationId } = JSON.parse(body) as { to?: unknown; conversationId?: unknown };
  return typeof to === 'string' ? to : conversationKey(lineId, String(conversationId));
};

/** Whether a body names a conversation alone: there is no number to fall back on. */
export const isIntoConversation = (body: string): boolean =>
  typeof (JSON.parse(body) as { to?: unknown }).to !== 'string';

/** Nothing can be said in this conversation: whoever looks after the client has to. */
export const CONVERSATION_REFUSED = 'conversation_refused';

/**
 * What goes to the API, as the record says: to the number, or into the conversation; a picture, or its text with the address. What follows
 * in the bytes stays as it was.
 */
export const posted = (request: SendRequest, { inThread, asText }: Pick<SendRecord, 'inThread' | 'asText'>): Posted => {
  const { path, body, conversationId } = request;
  if (asText) return textOf(request);
  if (!inThread) return { path, body };
  const { to: _, ...said } = JSON.parse(body) as Readonly<Record<string, unknown>>;
  return { path, body: JSON.stringify({ conversationId, ...said }) };
};

export type Posted = Pick<SendRequest, 'path' | 'body'>;

/** A picture or document as a text: what stood under it, and where it is. */
const textOf = ({ body }: SendRequest): Posted => {
  const { to, media, caption } = JSON.parse(body) as Readonly<Record<string, string | undefined>>;
  return { path: '/messages/text', body: JSON.stringify({ to, body: [caption, media].filter(Boolean).join('\n') }) };
};

/** The person asked not to be written to. An earlier attempt that may have left keeps its doubt: it is not undone by that. */
export const suppressed = (claim: Claim): Outcome => ({
  settlement:
    uncertainSince(claim) === undefined
      ? { state: 'SUPPRESSED', reason: 'opted_out', ...withoutAttempt(claim) }
      : { state: 'UNKNOWN', parked: true, reason: 'unknown_and_opted_out', ...withoutAttempt(claim) },
});

/** The line cannot send: nothing left, so the message waits; one that is uncertain stays so. */
export const notSendable = (claim: Claim, health: Health): Outcome => ({
  settlement: {
    state: uncertainSince(claim) === undefined ? 'HELD' : 'UNKNOWN',
    reason: health.problem ?? 'line_not_sendable',
    ...withoutAttempt(claim),
  },
  hold: {},
});

/** Seconds after which a message looks again whether somebody lets it go. */
export const PAUSED_SECONDS = 30;

/** Somebody lets nothing leave the line: it waits with all others, and an uncertain one stays so. */
export const linePaused = (claim: Claim, problem: string): Outcome => ({
  ...notSendable(claim, { sendable: false, problem }),
  hold: { most: PAUSED_SECONDS },
  untried: true,
});

/** What is left of a message's lease would not outlast what it has to wait for: so nothing of it leaves, and it comes again. */
export const outOfTime = (claim: Claim, seconds: number): Outcome => ({
  ...notSendable(claim, { sendable: false, problem: 'no_time_left' }),
  hold: { seconds },
  untried: true,
});

/** Somebody lets nothing of its template leave: it waits beside the line. Nothing can find out there whether an uncertain one left. */
export const templatePaused = (claim: Claim): Outcome => {
  const isCertain = uncertainSince(claim) === undefined;
  return isCertain
    ? { settlement: { state: 'HELD', reason: 'paused', ...withoutAttempt(claim) }, waits: 'pause' }
    : { settlement: { state: 'UNKNOWN', parked: true, reason: 'unknown_and_paused', ...withoutAttempt(claim) } };
};

/**
 * Somebody took it back: what is told again of no later time is taken back with it, whoever repeats it. One that may have left is not
 * undone by that.
 */
export const dropped = (claim: Claim, { by, reason, at }: Drop): Outcome | undefined =>
  uncertainSince(claim) === undefined
    ? {
        settlement: {
          state: 'REJECTED',
          reason: 'dropped',
          dropped: { by, reason: reason ?? '', at },
          asOf: new Date(Math.max(at, Date.parse(claim.record.asOf))).toISOString(),
          ...withoutAttempt(claim),
        },
      }
    : undefined;

/** It would have left now, and the line is only tried: it is as good as told, so nothing of it goes out when the line goes live. */
export const inShadow = (claim: Claim): Outcome => ({
  settlement:
    uncertainSince(claim) === undefined
      ? { state: 'REJECTED', reason: SHADOW, ended: true, ...withoutAttempt(claim) }
      : { state: 'UNKNOWN', parked: true, reason: 'unknown_and_shadow', ...withoutAttempt(claim) },
});

/** A message counts once, just before its first POST: repeats of the same bytes are no burst. */
export const countsAsNew = ({ before }: Claim): boolean => (before?.attempts ?? 0) === 0;

/** One message more than a limit of the client file lets through: held for a person, not lost, and behind it the line goes on. */
export const overLimit = (claim: Claim, reason: 'burst_guard' | 'browser_cap' | 'person_cap'): Outcome => ({
  settlement: { state: 'HELD', parked: true, reason, ...withoutAttempt(claim) },
  aside: true,
});

/**
 * A message that must not break into a conversation: they, or a person of the team, wrote within `quietFor` (ISO 8601 duration).
 * One that may have left already is not asked.
 */
export const intoConversation = (
  claim: Claim,
  { talkedAt }: Pick<Person, 'talkedAt'>,
  quietFor: string | undefined,
  now: number,
): Outcome | undefined => {
  if (quietFor === undefined || talkedAt === undefined || uncertainSince(claim) !== undefined) return undefined;
  return now - Date.parse(talkedAt) < durationMs(quietFor) ? parkedBy(claim, 'REJECTED', 'in_conversation') : undefined;
};

/** Whether a message went out, or may have: nobody gets what was refused. */
export const mayHaveLeft = ({ settlement: { state } }: Outcome): boolean => state === 'ACCEPTED' || state === 'UNKNOWN';

const ACCEPTED = new Set([200, 201, 202]);
/** The API did not take it, whatever the message: the token, the account or the pace is the matter. */
const NOT_TAKEN: Readonly<Record<number, string>> = {
  401: 'unauthorized',
  402: 'payment_required',
  403: 'forbidden',
  404: 'not_enabled_for_this_account',
  405: 'not_enabled_for_this_account',
  429: 'rate_limited',
  501: 'not_enabled_for_this_account',
};

const NO_CONVERSATION = new Set([400, 404, 410, 422]);

/** The API refused the conversation of a message that surely did not leave before: the line is well, and the number as good. */
export const isNoConversation = (claim: Claim, result: HttpResult): boolean =>
  claim.record.inThread === true &&
  uncertainSince(claim) === undefined &&
  result.kind === 'answer' &&
  NO_CONVERSATION.has(result.status);

/** What a 4xx says of the message, and nothing of what became of it. */
const isRefusal = (status: number): boolean =>
  status >= 400 && status < 500 && ![401, 402, 403, 408, 425, 429].includes(status);

/**
 * The API refused a picture or document of a message that surely did not leave before: its fields are documented nowhere, and the account may
 * have no such endpoint. As a text with the address it tells the same.
 */
export const isNoMedia = (claim: Claim, { path }: SendRequest, result: HttpResult): boolean =>
  path === '/messages/media' &&
  !claim.record.asText &&
  uncertainSince(claim) === undefined &&
  result.kind === 'answer' &&
  (isRefusal(result.status) || result.status === 501);

/** Whether an endpoint that is not there is missed by this message alone: the others are texts to a number. */
const isOwnPath = ({ path, body }: Posted): boolean => path !== '/messages/text' || isIntoConversation(body);

/** What one POST of these bytes means for its record and for the line. */
export const afterPost = (claim: Claim, sent: Posted, result: HttpResult, now: number): Outcome => {
  const { attempts, firstAttemptAt = now } = claim.record;
  const since = uncertainSince(claim);
  const hold = { seconds: result.kind === 'answer' ? retryAfter(result.headers, now) : undefined };
  const certain = since === undefined ? {} : { firstAttemptAt: since };
  const wait = (reason: string, response?: { status: number }): Outcome => ({
    settlement: {
      state: since === undefined ? 'HELD' : 'UNKNOWN',
      reason,
      attempts,
      ...certain,
      ...(response && { response }),
    },
    hold,
  });
  if (result.kind === 'never-left') return wait(result.code);
  if (result.kind === 'unknown') {
    return { settlement: { state: 'UNKNOWN', reason: result.code, attempts, firstAttemptAt }, hold };
  }
  const { status } = result;
  const response = { status };
  if (ACCEPTED.has(status)) {
    const id = attemptId(result.body);
    const taken = { status, ...(id !== undefined && { id }) };
    const providerId = id !== undefined && { providerId: id };
    return { settlement: { state: 'ACCEPTED', attempts, firstAttemptAt, response: taken, ...providerId } };
  }
  const isInto = isIntoConversation(sent.body);
  if (isInto && since === undefined && NO_CONVERSATION.has(status)) {
    const refused = { state: 'REJECTED', reason: CONVERSATION_REFUSED, attempts, firstAttemptAt, response } as const;
    return { settlement: refused, isRefusal: true };
  }
  if (isInto && since !== undefined && NO_CONVERSATION.has(status)) {
    // It may stand in the conversation, which is gone: to the number it might come twice, and the line is well.
    const reason = 'conversation_refused_on_retry';
    const doubt = { state: 'UNKNOWN', parked: true, reason, attempts, firstAttemptAt, response } as const;
    return { settlement: doubt, isRefusal: true };
  }
  const isMissing = isOwnPath(sent) && (status === 404 || status === 405 || status === 501);
  const notTaken = isMissing
    ? undefined
    : (NOT_TAKEN[status] ?? (status >= 300 && status < 400 ? 'redirected' : undefined));
  if (notTaken) return wait(notTaken, response);
  // The first attempt is still being handled: it may leave, and will be known when it has.
  const isBusy = status === 409 && hold.seconds !== undefined;
  if (isBusy || (!isMissing && !isRefusal(status))) {
    const perhapsAlone = status >= 500 && hold.seconds === undefined && { perhapsAlone: true as const };
    const settlement = { state: 'UNKNOWN', reason: `api_${status}`, attempts, firstAttemptAt, response } as const;
    return { settlement, hold, ...perhapsAlone };
  }
  if (since !== undefined) {
    // The same bytes met a record of their key, or are refused now: of the attempt before that says nothing. A person can see; a new key
    // would double.
    const reason = status === 409 ? 'conflict_on_retry' : 'refused_on_retry';
    const doubt = { state: 'UNKNOWN', parked: true, reason, attempts, firstAttemptAt, response } as const;
    return { settlement: doubt, isRefusal: true };
  }
  return {
    settlement: { state: 'REJECTED', reason: `api_${status}`, attempts, firstAttemptAt, response },
    isRefusal: true,
  };
};

import type { Failure, Status } from '../ezwhatsapp/events.ts';

/** Longer than a source may repeat an event and a person may take to look: a key must not be forgotten while it can come back. */
export const KEEP_SECONDS = 60 * 24 * 3600;

/** For so long what was told is surely remembered: a day less, for clocks differ and events are late. */
export const REMEMBERED_MS = (KEEP_SECONDS - 24 * 3600) * 1000;

/** Where a message comes from. It is short, and nothing in it tells who the person is. */
export interface Because {
  /** The source by its name in the client file, `auto-reply` or `resend`; absent where an earlier release did not note it. */
  readonly source?: string | undefined;
  /** What it told of, as in `ready`, `booked`, `lead of form 7`; of an answer the rule. */
  readonly told: string;
  /** Its id at the source as it stands in the key; of an answer the message answered, of what was sent again the first key. */
  readonly id: string;
  /** By what people know it, as the number of an order, where that is not its id. */
  readonly number?: string | undefined;
  /** ISO 8601, when that happened. */
  readonly at: string;
  readonly consent?: Consent | undefined;
  /** Who sent it by hand, and why. */
  readonly by?: string | undefined;
  readonly why?: string | undefined;
}

/** What somebody agreed to, as it came and cut. Whatever looks like a number or an address is left out. */
export interface Consent {
  readonly field: string;
  readonly value: string;
  /** The words agreed to, where they are known. */
  readonly statement?: string | undefined;
  /** ISO 8601. */
  readonly at?: string | undefined;
}

/** A send record. No phone number and no text is ever in it. Times are epoch milliseconds unless named otherwise. */
export interface SendRecord {
  /** `{lineId}#{key}` */
  readonly pk: string;
  readonly key: string;
  readonly template: string;
  /** Whom it is for, as the table `contacts` names them: a salted hash. Absent where nobody could be written to. */
  readonly person?: string | undefined;
  readonly because?: Because | undefined;
  /** By what the logs know its event; an earlier release did not note it. */
  readonly trace?: string | undefined;
  readonly state: 'CLAIMED' | 'HELD' | 'UNKNOWN' | 'ACCEPTED' | 'REJECTED' | 'EXPIRED' | 'SUPPRESSED';
  /** Why it is in this state; a short code. */
  readonly reason?: string;
  /** True when nothing will move it any more without a person. */
  readonly parked?: boolean;
  /** The line of its row, exactly while it waits: by it the index of the same name finds it. An earlier release did not write it. */
  readonly waits?: string | undefined;
  /** Whoever claimed it last. Nobody else may write its outcome. */
  readonly owner: string;
  readonly leaseUntil: number;
  /** POSTs that were made, or may have been. */
  readonly attempts: number;
  /** Claims whose owner vanished before it wrote an outcome. */
  readonly interruptions: number;
  /** The first POST whose bytes may have left; absent while it is certain that none did. */
  readonly firstAttemptAt?: number;
  /** SHA-256 of the request body. */
  readonly bodyHash: string;
  /** It goes, or went, into a conversation in place of to its number; decided with the first attempt, for the bytes stay the same. */
  readonly inThread?: boolean;
  /** Its picture or document was refused, and it goes, or went, as a text with the address; decided like `inThread`. */
  readonly asText?: boolean;
  /** Of bodies that stood here before and did not leave: of two from one instant the later one to come counts, and a repeat is none. */
  readonly replaced?: Readonly<Record<string, true>>;
  readonly asOf: string;
  readonly usefulUntil: string;
  /** When the body that stands here was first queued, and so composed. */
  readonly queuedAt?: number;
  /** What it told of is over for good: nothing goes out under this key any more, whatever is said later. */
  readonly ended?: true;
  /** Of the last answer: its status and, where the API gave one, the id of the queued attempt. */
  readonly response?: { readonly status: number; readonly id?: string };
  /** What an observed outbound message is recognised by: `fingerprintOf` its recipient and text. */
  readonly fingerprint?: string;
  /** The id in the API's answer. Some statuses name it; others name the id under which the message was observed on the line. */
  readonly providerId?: string;
  readonly observedId?: string;
  /** How far the provider says it got; absent while nothing was said. Accepted is not delivered. */
  readonly delivery?: { readonly status: Status; readonly at: string; readonly why?: Failure };
  /** Its conversation at EZWhatsApp, once it was seen there; never one that is named by a number. */
  readonly conversationId?: string;
  /** Other bodies that came under this key after it was used, and were refused. */
  readonly conflicts?: number;
  readonly lastConflictAt?: number;
  /** A person settled it by hand. */
  readonly resolved?: { readonly by: string; readonly reason: string; readonly at: number };
  /** A person took it back before it left. */
  readonly dropped?: { readonly by: string; readonly reason: string; readonly at: number };
  /** How often a person had it sent again under a key of its own, and the last of these times. */
  readonly resends?: number;
  readonly resent?: { readonly by: string; readonly reason: string; readonly at: number };
  readonly createdAt: number;
  readonly updatedAt: number;
  /** Epoch seconds; DynamoDB's TTL. */
  readonly expiresAt: number;
}

export type Verdict =
  /** Nobody holds it: claim it. */
  | 'claim'
  /** It is done, or parked, or a later event has already spoken: drop this copy. */
  | 'done'
  /** Another owner is at it: come back when its lease is over. Never a success. */
  | 'in-progress'
  /** The key went out with another body: refuse and report. */
  | 'conflict';

/** Of a message that would have gone out, on a line that is being tried. */
export const SHADOW = 'shadow';

/** States in which a message surely did not reach the phone and never will. */
export const NOT_SENT: readonly SendRecord['state'][] = ['REJECTED', 'EXPIRED', 'SUPPRESSED'];

/**
 * Whether a message surely never left and gives its place to another: refused, or set aside for a person. What would have left while the
 * client was tried counts as told.
 */
export const isNotSent = ({ state, parked, reason }: SendRecord): boolean =>
  reason !== SHADOW && (NOT_SENT.includes(state) || (state === 'HELD' && parked === true));

/**
 * Whether it is no message, and none was refused: what it would have told of ended, or something later was told, before any was composed.
 * It stands there so that one that comes late does not leave.
 */
export const isMark = ({ state, bodyHash }: Pick<SendRecord, 'state' | 'bodyHash'>): boolean =>
  bodyHash === '' && NOT_SENT.includes(state);

/** Why a send that was uncertain is settled without another attempt: its message was seen on the line. */
export const SEEN_ON_LINE = 'seen_on_line';

/** Waits for somebody or something: it is neither out nor given up for good. */
export const isWaiting = ({ state, parked }: Pick<SendRecord, 'state' | 'parked'>): boolean =>
  parked === true || state === 'HELD' || state === 'UNKNOWN';

/** What `waits` of a record is that stands so. Whoever writes a state writes, or removes, this with it. */
export const waitsOf = (record: Pick<SendRecord, 'pk' | 'key' | 'state' | 'parked'>): string | undefined =>
  isWaiting(record) ? record.pk.slice(0, -sendPk('', record.key).length) : undefined;

/** Time in which a body that left once may be sent again under its key. */
export const UNKNOWN_WINDOW_MS = 15 * 60_000;

/**
 * What a command may do to the record that stands under its key.
 *
 *   state      nothing ── CLAIMED ─────────────┬── HELD ──── CLAIMED ── …           (no bytes left: a newer body may take over)
 *                            │ lease            ├── UNKNOWN ─ CLAIMED ── …           (bytes may have left: same body only)
 *                            ▼                  ├── UNKNOWN, parked                  (15 minutes are over: for a person, unless it is seen on the line)
 *                         in progress           └── ACCEPTED │ REJECTED │ EXPIRED │ SUPPRESSED
 *
 *   same body  claim         in-progress → claim   claim        claim       done
 *   other body claim         in-progress → …       claim if not older       conflict if bytes may have left, else claim if not older
 */
export const judge = (record: SendRecord, command: { bodyHash: string; asOf: string }, now: number): Verdict => {
  if (record.state === 'CLAIMED' && now < record.leaseUntil) return 'in-progress';
  if (record.firstAttemptAt === undefined) {
    const isRepeat = record.bodyHash === command.bodyHash;
    // What a person took back is not told again, whatever time its source gives it now.
    if (record.ended || (record.dropped && isRepeat)) return 'done';
    const later = Date.parse(command.asOf) - Date.parse(record.asOf);
    const wasReplaced = !isRepeat && Object.hasOwn(record.replaced ?? {}, command.bodyHash);
    return later > 0 || (later === 0 && !wasReplaced) ? 'claim' : 'done';
  }
  if (record.bodyHash !== command.bodyHash) return 'conflict';
  return record.state === 'CLAIMED' || (record.state === 'UNKNOWN' && !record.parked) ? 'claim' : 'done';
};

/** Why what waits under a key ends before it left, and by what. */
export interface Ending {
  readonly reason: string;
  /** `EXPIRED` unless given. */
  readonly state?: 'EXPIRED' | 'REJECTED';
  /** ISO 8601, of the event that ends it: what is later is told all the same, unless it is over for good. */
  readonly asOf: string;
  /** Of what is known already: nothing of it is told any more, however late it is said. */
  readonly isForGood?: boolean;
}

/**
 * How a record stands that is ended; or, where there is nothing to be written, whether something left or may have, and
 * `in-progress` while it is just being sent.
 */
export const endOf = (
  record: SendRecord | undefined,
  { reason, state = 'EXPIRED', asOf, isForGood }: Ending,
  now: number,
): 'ended' | 'left' | 'in-progress' | Pick<SendRecord, 'state' | 'reason' | 'asOf' | 'ended'> => {
  const stands = record && record.expiresAt * 1000 > now ? record : undefined;
  if (stands?.state === 'CLAIMED' && now < stands.leaseUntil) return 'in-progress';
  if (stands?.firstAttemptAt !== undefined) return stands.state === 'REJECTED' ? 'ended' : 'left';
  // It would have left: what follows goes as it will go.
  if (stands?.reason === SHADOW) return 'left';
  // What comes behind it and is no later is no news, not even of the very same instant.
  const from = Date.parse(asOf) + 1;
  // One that was refused, or expired by itself, keeps its reason.
  const known = stands && stands.state !== 'HELD' ? stands : undefined;
  if (known && (known.ended || (!isForGood && Date.parse(known.asOf) >= from))) return 'ended';
  return {
    ...(known ? { state: known.state, ...(known.reason && { reason: known.reason }) } : { state, reason }),
    asOf: new Date(Math.max(from, stands ? Date.parse(stands.asOf) + 1 : from)).toISOString(),
    ...(isForGood && stands && { ended: true }),
  };
};

/**
 * Order of what a provider says of a message. A later state replaces an earlier one and never the other way round, so that any order of
 * arrival with any repeats ends in one state. What was delivered did not fail, whichever is said first: of a person's devices one may have
 * it and another not (https://developers.facebook.com/docs/whatsapp/cloud-api/support). These numbers stand in records.
 */
const ORDER: Readonly<Record<Status, number>> = {
  pending: 0,
  sent: 1,
  failed: 1.5,
  delivered: 2,
  read: 3,
  played: 4,
  deleted: 6,
};

/** Its place in that order, 0 to 6. */
export const rankOf = (status: Status): number => ORDER[status];

/** Its row in the table of sends. */
export const sendPk = (lineId: string, key: string): string => `${lineId}#${key}`;

/** Whether it left and, by the word of the provider, did not arrive. */
export const hasFailed = ({ delivery }: Pick<SendRecord, 'delivery'>): boolean => delivery?.status === 'failed';

/** When it left (epoch milliseconds), or was first seen. */
export const leftAt = ({ firstAttemptAt, createdAt }: Pick<SendRecord, 'firstAttemptAt' | 'createdAt'>): number =>
  firstAttemptAt ?? createdAt;

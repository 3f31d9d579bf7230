import { isMark, NOT_SENT, type SendRecord } from '../../functions/shared/ledger/rules.ts';
import { AUTO_REPLY } from '../../functions/shared/ledger/send-command.ts';
import { sha256 } from '../../functions/shared/runtime/hashes.ts';
import { RESEND } from '../sends/ledger.ts';
import { dayNamer, type Period } from './period.ts';

/** What a send was: usual, repeated by hand, recorded in place of being sent, or made up, or to a number of the agency's own. */
export type What = 'message' | 'resend' | 'shadow' | 'test';

/** So many sends that are alike. */
export interface Line {
  /** Of the client's calendar, as `2026-11-26`: the day of the first POST, or on which it was recorded where none was made. */
  readonly day: string;
  readonly what: What;
  readonly template: string;
  /** By its name in the client file; empty where it is not known. */
  readonly source: string;
  readonly state: SendRecord['state'];
  /** How far the provider says it got; empty while nothing was said. */
  readonly delivery: string;
  /** Why it is in this state, without what stands behind its colon. */
  readonly reason: string;
  readonly count: number;
}

/** What a period was, as far as it is still known. */
export interface Usage {
  readonly lines: readonly Line[];
  /** Events behind its sends, by source: each once, however many messages it became. */
  readonly events: Readonly<Record<string, number>>;
  /** Sends of an earlier release, of which no event is known. */
  readonly withoutEvent: number;
  /** By day, what customers wrote, and what people answered on the line. */
  readonly inbound: Readonly<Record<string, number>>;
  readonly answers: Readonly<Record<string, number>>;
  /** Deliveries with messages, and answers, that an earlier release noted without saying what is counted here. */
  readonly uncounted: { readonly deliveries: number; readonly answers: number };
}

/** A delivery of EZWhatsApp as it was noted; `receivedAt` in epoch milliseconds. */
export interface Noted {
  readonly event: string;
  readonly inbound?: number;
  readonly receivedAt: number;
}

/** What is counted of, in no order. */
export interface Stored {
  readonly sends: AsyncIterable<SendRecord>;
  readonly answers: AsyncIterable<{ readonly writtenAt?: string }>;
  readonly deliveries: AsyncIterable<Noted>;
}

/** Keys of resends, also of an earlier release, which noted nothing else of them. */
const RESENT_KEY = /:resend:\d+$/;

/** Keys of what "test-send" and "handoff" made up, to whatever number; a source's own id may as well begin so, but goes on otherwise. */
const MADE_UP_KEY = /:(?:TEST|handoff)-[0-9a-f]{8}(?![0-9a-z])/;

const whatOf = ({ state, reason, person, because, key }: SendRecord, own: ReadonlySet<string>): What => {
  if (MADE_UP_KEY.test(key)) return 'test';
  if (state === 'REJECTED' && reason === 'shadow') return 'shadow';
  if (reason === 'test_lead' || (person !== undefined && own.has(person))) return 'test';
  return because?.source === RESEND || (because === undefined && RESENT_KEY.test(key)) ? 'resend' : 'message';
};

/** When a send counts: once, and for what left in the period in which it left, whatever became of it later. */
const countsAt = ({ firstAttemptAt, createdAt }: SendRecord): number => firstAttemptAt ?? createdAt;

const add = (to: Map<string, number>, name: string, count: number): void => {
  to.set(name, (to.get(name) ?? 0) + count);
};

const byDay = (counts: ReadonlyMap<string, number>): Readonly<Record<string, number>> =>
  Object.fromEntries([...counts].sort(([a], [b]) => (a < b ? -1 : 1)));

/**
 * Counts a period. However large the tables are, in memory is one number for each kind of line, and some bytes for each event.
 * @param own rows of the agency's own numbers, as records name a person
 * @param now epoch milliseconds: what is over then is not counted, though the table may hold it some days more
 * @param also is told of each send that is counted, and of its line
 */
export const count = async (
  stored: Stored,
  period: Period,
  own: ReadonlySet<string>,
  now: number,
  also?: (record: SendRecord, line: Omit<Line, 'count'>) => void,
): Promise<Usage> => {
  const dayOf = dayNamer(period.zone);
  const isIn = (ms: number): boolean => ms >= period.knownFrom && ms < period.to;
  const lines = new Map<string, Omit<Line, 'count'> & { count: number }>();
  const events = new Map<string, Set<string>>();
  let withoutEvent = 0;
  for await (const record of stored.sends) {
    const at = countsAt(record);
    if (record.expiresAt * 1000 <= now || !isIn(at) || isMark(record)) continue;
    const { template, state, because, delivery, reason = '' } = record;
    const line = {
      day: dayOf(at),
      what: whatOf(record, own),
      template,
      source: because?.source ?? '',
      state,
      delivery: delivery?.status ?? '',
      reason: reason.split(':')[0] ?? '',
    };
    const name = JSON.stringify(line);
    const known = lines.get(name);
    if (known) known.count += 1;
    else lines.set(name, { ...line, count: 1 });
    also?.(record, line);
    if (line.what === 'resend' || line.what === 'test' || template === AUTO_REPLY) continue;
    if (!because) withoutEvent += 1;
    else {
      const source = because.source ?? '';
      const ofSource = events.get(source) ?? new Set();
      const event = JSON.stringify([template, because.told, because.id, because.at]);
      events.set(source, ofSource.add(sha256(event).slice(0, 16)));
    }
  }
  const [answers, inbound] = [new Map<string, number>(), new Map<string, number>()];
  const uncounted = { deliveries: 0, answers: 0 };
  for await (const { writtenAt } of stored.answers) {
    const at = Date.parse(writtenAt ?? '');
    if (Number.isNaN(at)) uncounted.answers += 1;
    else if (isIn(at)) add(answers, dayOf(at), 1);
  }
  for await (const { event, inbound: many, receivedAt } of stored.deliveries) {
    if (!isIn(receivedAt)) continue;
    if (many === undefined) uncounted.deliveries += event === 'messages.post' ? 1 : 0;
    else if (many > 0) add(inbound, dayOf(receivedAt), many);
  }
  return {
    lines: [...lines.values()].sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)),
    events: Object.fromEntries([...events].map(([source, ids]) => [source, ids.size])),
    withoutEvent,
    inbound: byDay(inbound),
    answers: byDay(answers),
    uncounted,
  };
};

/** What a table shows of some lines. Each send is in one of the last four, or taken. */
export interface Sums {
  /** The API took it. Accepted is not delivered. */
  readonly accepted: number;
  /** Of these: it reached the phone, also if it was read; it was read; it surely failed after all. */
  readonly delivered: number;
  readonly read: number;
  readonly failed: number;
  /** May have been sent. */
  readonly uncertain: number;
  /** Surely not sent, and may still be. */
  readonly waiting: number;
  /** Never will be: refused, too late, or they do not want it. */
  readonly refused: number;
}

const DELIVERED = ['delivered', 'read', 'played'];
const READ = ['read', 'played'];

/** Of lines that are one send each, or many. */
export const sumsOf = (lines: readonly Line[]): Sums => {
  const of = (is: (line: Line) => boolean): number => lines.reduce((sum, line) => sum + (is(line) ? line.count : 0), 0);
  const isTaken = ({ state }: Line): boolean => state === 'ACCEPTED';
  return {
    accepted: of(isTaken),
    delivered: of((line) => isTaken(line) && DELIVERED.includes(line.delivery)),
    read: of((line) => isTaken(line) && READ.includes(line.delivery)),
    failed: of((line) => isTaken(line) && line.delivery === 'failed'),
    uncertain: of(({ state }) => state === 'UNKNOWN'),
    waiting: of(({ state }) => state === 'HELD' || state === 'CLAIMED'),
    refused: of(({ state }) => NOT_SENT.includes(state)),
  };
};

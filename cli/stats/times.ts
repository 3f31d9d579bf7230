import type { Templates } from '../../functions/shared/door/template.ts';
import { afterOpen, isOpen, type OpeningHours } from '../../functions/shared/hours/opening-hours.ts';
import type { SendRecord } from '../../functions/shared/ledger/rules.ts';
import { AUTO_REPLY } from '../../functions/shared/ledger/send-command.ts';
import * as templates from '../../functions/templates.ts';
import { type Client, windowOf } from '../../lib/client.ts';

/**
 * What a message had to wait for: nothing but the machine (`none`), the client's hours (`hours`), or its own moment (`later`: a reminder,
 * or what its source told late). Of the last kind the clock starts when it was queued.
 */
export type Wait = 'none' | 'hours' | 'later';
export const WAITS: readonly Wait[] = ['none', 'hours', 'later'];

/** How long a message took, in milliseconds. */
export interface Took {
  readonly wait: Wait;
  /** Until its first POST. */
  readonly left: number;
  /** Until it was on the phone; of a message that was read since, nobody knows it any more. */
  readonly arrived?: number;
}

/** A message of ours is queued some seconds after its event; what takes longer than that was not to be queued at once. */
const LATER_MS = 15 * 60_000;

/** What leaves so soon waited for no hours. It also saves asking the calendar of nearly every message. */
const SOON_MS = 60_000;

/** Of a template that sets alarms: what was not queued at once waited for one. */
const laterMs = (template: string): number =>
  (templates as Templates)[template]?.alarmsFrom === undefined ? LATER_MS : SOON_MS;

/**
 * What waits for hours came while they were closed, or just before, and leaves when they are open: what left while they are closed did
 * so by hours that were others then. The first questions answer most.
 */
const wasClosed = (hours: OpeningHours, from: number, to: number): boolean =>
  isOpen(hours, to) && (!isOpen(hours, from) || afterOpen(hours, from, to - from) !== to);

/** Of a message that was accepted; `undefined` where that is not known. */
export const timesOf = (client: Client): ((record: SendRecord) => Took | undefined) => {
  const hours = windowOf(client);
  return ({ state, template, because, asOf, queuedAt, firstAttemptAt, delivery }) => {
    const happened = Date.parse(because?.at ?? asOf);
    if (state !== 'ACCEPTED' || firstAttemptAt === undefined || Number.isNaN(happened)) return undefined;
    const isLater = queuedAt !== undefined && queuedAt - happened > laterMs(template);
    const from = isLater ? queuedAt : happened;
    const since = (to: number): number => Math.max(0, to - from);
    const left = since(firstAttemptAt);
    const mayHaveWaited = hours !== undefined && template !== AUTO_REPLY && left > SOON_MS;
    const isOfHours = mayHaveWaited && wasClosed(hours, from, firstAttemptAt);
    return {
      wait: isOfHours ? 'hours' : isLater ? 'later' : 'none',
      left,
      // WhatsApp says it to the second, which had begun when the message left.
      ...(delivery?.status === 'delivered' && { arrived: Math.max(left, since(Date.parse(delivery.at))) }),
    };
  };
};

/** Of so many durations, and the half and nineteen of twenty that took no longer; `null` where there are none. */
export interface Spread {
  readonly count: number;
  readonly p50: number | null;
  readonly p95: number | null;
}

/** By the nearest rank: each of them is one that was measured. */
export const spreadOf = (values: readonly number[]): Spread => {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number): number | null => sorted[Math.ceil(share * sorted.length) - 1] ?? null;
  return { count: sorted.length, p50: at(0.5), p95: at(0.95) };
};

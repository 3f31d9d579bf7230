import type { EventTimes } from '../shared/door/whose.ts';
import type { OrderEvent } from './schema.ts';

/** What waited in the queue while the function was replaced: the release before knew of one step, and called its time by another name. */
export const ofEarlierRelease = <Event extends OrderEvent>(event: Event & { readonly readyAt?: string }): Event =>
  event.readyAt === undefined ? event : { ...event, update: 'ready', happenedAt: event.readyAt };

/**
 * An order begins when it is placed. When a step happened only some events know: an edit of an old order makes all others anew. Its
 * end is heeded whenever that was.
 */
export const times = (event: OrderEvent): EventTimes => {
  const { exact, ends, happenedAt, placedAt = happenedAt } = ofEarlierRelease(event);
  return { began: placedAt, happened: ends ? undefined : exact ? happenedAt : placedAt };
};

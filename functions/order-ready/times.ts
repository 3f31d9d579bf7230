import type { EventTimes } from '../shared/door/whose.ts';
import type { OrderReady } from './schema.ts';

/** An order begins when it is placed. When it became ready only some events know: an edit of an old order makes all others anew. */
export const times = ({ exact, readyAt, placedAt = readyAt }: OrderReady): EventTimes => ({
  began: placedAt,
  happened: exact ? readyAt : placedAt,
});

import type { PhoneCandidate } from '../shared/people/phone.ts';
import type { FormAnswer } from '../shared/wording/form-answer.ts';
import type { Item, Total } from './order-words.ts';

/** What an order may be beside a purchase that is collected or sent: told of only where the client file says so. */
export type OrderKind = 'test' | 'draft' | 'deposit' | 'gift-card' | 'point-of-sale' | 'renewal' | 'download';

/** A parcel, or the part of an order that waits at one place: what is told of each by itself. */
export interface Part {
  /** The shop's own id, or the tracking number. */
  readonly id: string;
  readonly carrier?: string | undefined;
  /** The tracking number. */
  readonly number?: string | undefined;
  /** Where it is tracked. */
  readonly url?: string | undefined;
  /** Where it waits. */
  readonly location?: string | undefined;
  /** The one that goes by the order's own key, where an order most often has only one. */
  readonly isFirst?: true | undefined;
  /** It is none any more: it was taken back, or its label was. */
  readonly isVoid?: true | undefined;
}

/** One step of an order, whichever shop it came from. */
export interface OrderEvent {
  /** The shop's own id, exact. */
  readonly id: string;
  /** Name of the source in the client file, once the worker has it. */
  readonly source?: string | undefined;
  /** Which update of the client file tells it, such as `shipped`; undefined where an order only ends. */
  readonly update?: string | undefined;
  /** It ends what waits of the order. */
  readonly ends?: 'order_cancelled' | 'order_refunded' | undefined;
  /** The shop opens no order again that ended. */
  readonly isFinal?: true | undefined;
  /** What it tells of; none for the whole order. */
  readonly parts?: readonly Part[] | undefined;
  /** It is said of the whole order: `parts` are for its words alone. */
  readonly isWhole?: true | undefined;
  /** `parts` are all that there are: one that was told of before and is not among them is none any more. */
  readonly isAllParts?: true | undefined;
  /** It says how the order stands, so that no later step is true any more. */
  readonly isState?: true | undefined;
  /** What the customer knows it by. */
  readonly number: string;
  readonly name?: string | undefined;
  readonly phones: readonly PhoneCandidate[];
  readonly locale?: string | undefined;
  readonly statusUrl?: string | undefined;
  /** Where it waits. */
  readonly location?: string | undefined;
  readonly total?: Total | undefined;
  readonly items?: readonly Item[] | undefined;
  /** ISO 8601 date or instant: when it is said to arrive. */
  readonly eta?: string | undefined;
  /** An invoice or a label. */
  readonly documentUrl?: string | undefined;
  /** Where they are being talked with already. */
  readonly conversationId?: string | undefined;
  /** What the customer was asked at the checkout. */
  readonly answers?: readonly FormAnswer[];
  readonly kinds?: readonly OrderKind[] | undefined;
  /** ISO 8601, when it happened. */
  readonly happenedAt: string;
  /** ISO 8601, of what the shop says of it: of two events about one step that has not been told the later one counts. `happenedAt` unless given. */
  readonly updatedAt?: string | undefined;
  /** ISO 8601, when it was placed, where the shop says so. */
  readonly placedAt?: string | undefined;
  /** The shop says that it happened at `happenedAt`: no edit of an old order looks like that. */
  readonly exact?: true;
  /** What the shop says means that it is so now, and is said again whenever the order is saved; nothing says since when. */
  readonly repeats?: true;
}

/** What a source makes: by this name a new one knows it. */
export type Event = OrderEvent;

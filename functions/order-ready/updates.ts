import { Invalid } from '../shared/runtime/errors.ts';
import type { OrderReadyConfig, UpdateSettings } from './config.ts';
import type { OrderEvent } from './schema.ts';

/**
 * Where the steps that every shop has stand in an order's life; a shop's own have a rank of their own between them. What ends an order
 * stands above all of them.
 */
export const RANKS: Readonly<Record<string, number>> = {
  confirmed: 10,
  ready: 20,
  shipped: 30,
  delivered: 40,
  // A refund that comes first does not keep people from being told that the order was cancelled.
  refunded: 99,
  cancelled: 100,
};
/** What ends an order stays in its story. */
export const isEnd = ({ rank }: { readonly rank: number }): boolean => rank >= (RANKS.refunded ?? 0);

/** What happens to a parcel by itself. */
const OF_PARTS = new Set(['ready', 'shipped', 'delivered']);

/** Long enough for whoever prints the label to type in its number. */
const WAIT_FOR_TRACKING = 'PT30M';

/** One update as the client file has it, with what it leaves out. */
export interface Update extends UpdateSettings {
  readonly name: string;
  readonly texts: NonNullable<UpdateSettings['texts']>;
  readonly rank: number;
  readonly per: 'order' | 'parcel';
  readonly usefulFor: string;
  readonly button: boolean;
}

/** Names of the updates that a client has on: `ready` by its texts beside them, all others by being written. */
export const updatesOn = ({ texts, updates = {} }: Pick<OrderReadyConfig, 'texts' | 'updates'>): readonly string[] => [
  ...new Set([...(texts ? ['ready'] : []), ...Object.keys(updates)]),
];

/** Each order has its one message then, and no story. */
export const isReadyAlone = (config: Pick<OrderReadyConfig, 'texts' | 'updates'>): boolean => {
  const [first, ...others] = updatesOn(config);
  return first === 'ready' && others.length === 0;
};

/** Undefined for one that the client has not. What stands beside the updates is meant for `ready`, and for all where they say nothing. */
export const updateBy = (config: OrderReadyConfig, name: string): Update | undefined => {
  const own = Object.hasOwn(config.updates ?? {}, name) ? config.updates?.[name] : undefined;
  const texts = own?.texts ?? (name === 'ready' ? config.texts : undefined);
  if (!texts) return undefined;
  const per = own?.per ?? (OF_PARTS.has(name) ? 'parcel' : 'order');
  return {
    waitForTracking: name === 'shipped' ? WAIT_FOR_TRACKING : undefined,
    ...own,
    name,
    texts,
    per,
    rank: own?.rank ?? RANKS[name] ?? 0,
    usefulFor: own?.usefulFor ?? config.usefulFor,
    button: own?.button ?? config.button,
    media: own?.media ?? (name === 'ready' ? config.media : undefined),
  };
};

/** Throws `Invalid` for a step that a program of the client's own names and the client file does not. What only ends needs no text. */
export const assertTold = ({ update, ends }: OrderEvent, config: OrderReadyConfig): void => {
  if (update === undefined || ends || updateBy(config, update)) return;
  throw new Invalid(
    'unknown_update',
    `No text of the client file tells this update. There are: ${updatesOn(config).join(', ')}.`,
  );
};

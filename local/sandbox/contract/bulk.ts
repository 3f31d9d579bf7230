import type { WebhookEvent } from '../webhook-schema.ts';
import type { Later } from './later.ts';
import { outOfOrder } from './random.ts';

const USUAL_MS = 10_000;

interface BulkParts {
  later: Later;
  /** Gives 0 ≤ n < 1. */
  random: () => number;
  /** Takes all items of one kind. */
  deliver(event: WebhookEvent, items: readonly object[]): void;
}

/** Items that are told late: all together, each kind in one body, out of order. */
export function createBulk({ later, random, deliver }: BulkParts) {
  let held = new Map<WebhookEvent, object[]>();
  let afterMs = USUAL_MS;
  let cancel: (() => void) | undefined;

  const forget = (): void => {
    cancel?.();
    cancel = undefined;
    held = new Map();
  };
  const release = (): void => {
    const kinds = [...held];
    forget();
    for (const [event, items] of outOfOrder(kinds, random)) deliver(event, outOfOrder(items, random));
  };
  return {
    hold: (event: WebhookEvent, item: object): void => {
      held.set(event, [...(held.get(event) ?? []), item]);
      cancel ??= later(release, afterMs);
    },
    /** What is held from then on comes by itself after so long. */
    comeAfter: (ms: number): void => {
      afterMs = ms;
    },
    release,
    forget,
  };
}

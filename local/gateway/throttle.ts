/** What a route lets through: so many requests a second, so many at once. */
export interface Rate {
  readonly perSecond: number;
  readonly burst: number;
}

/** What an account gets where a stage says nothing: https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html */
const ACCOUNT: Rate = { perSecond: 10_000, burst: 5_000 };

/**
 * A token bucket for each route, as https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-throttling.html has it. There it is
 * a target, here it is kept exactly.
 */
export class Throttle {
  #usual = ACCOUNT;
  #routes: Readonly<Record<string, Rate>> = {};
  readonly #buckets = new Map<string, { tokens: number; at: number }>();
  readonly #now: () => number;

  /** @param now milliseconds */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** What a stage says: of every route, and of some by their keys. */
  take(usual: Rate | undefined, routes: Readonly<Record<string, Rate>>): void {
    this.#usual = usual ?? ACCOUNT;
    this.#routes = routes;
  }

  /** Whether a request may still come in by this route. */
  admits(routeKey: string): boolean {
    const { perSecond, burst } = this.#routes[routeKey] ?? this.#usual;
    const now = this.#now();
    const { tokens, at } = this.#buckets.get(routeKey) ?? { tokens: burst, at: now };
    const there = Math.min(burst, tokens + ((now - at) / 1000) * perSecond);
    const isIn = there >= 1;
    this.#buckets.set(routeKey, { tokens: isIn ? there - 1 : there, at: now });
    return isIn;
  }
}

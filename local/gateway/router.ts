import type { LambdaPool } from '../lambda/pool.ts';
import { Throttle } from './throttle.ts';

export interface Route {
  /** Such as `POST /<template>/{source}`. */
  routeKey: string;
  pool: LambdaPool;
  /** How long the gateway waits for the function. */
  timeoutMs: number;
  /** Whether the function lets the gateway invoke it for this route. */
  mayInvoke(): boolean;
}

export interface Match {
  route: Route;
  /** Decoded. */
  pathParameters: Record<string, string>;
}

/**
 * Finds the route of a request as API Gateway does: literal parts before parameters, `{greedy+}` routes last, a method of its own
 * before `ANY`. Slashes too many at the start are one there too.
 */
export class Router {
  readonly throttle = new Throttle();
  readonly #routes: { route: Route; method: string; parts: string[] }[] = [];

  add(route: Route): void {
    const [method = '', path = ''] = route.routeKey.split(' ');
    this.#routes.push({ route, method, parts: partsOf(path) });
    this.#routes.sort((a, b) => (rank(a) < rank(b) ? -1 : 1));
  }

  /** Keys of the routes that take one method: the doors. What `ANY` takes is what else may come to them. */
  get doors(): string[] {
    return this.#routes.flatMap(({ route, method }) => (method === 'ANY' ? [] : [route.routeKey]));
  }

  match(method: string, path: string): Match | undefined {
    const given = partsOf(path.replace(/^\/+/, '/'));
    for (const { route, method: wanted, parts } of this.#routes) {
      if (wanted !== method && wanted !== 'ANY') continue;
      const pathParameters = matchParts(parts, given);
      if (pathParameters) return { route, pathParameters };
    }
    return undefined;
  }
}

function partsOf(path: string): string[] {
  return path.split('/').slice(1);
}

/** Sorts the more specific route first. */
function rank({ method, parts }: { method: string; parts: string[] }): string {
  const greedy = parts.some((part) => part.endsWith('+}')) ? '1' : '0';
  const path = parts.map((part) => (part.startsWith('{') ? '1' : '0')).join('');
  return `${greedy} ${path} ${method === 'ANY' ? '1' : '0'}`;
}

function matchParts(parts: string[], given: string[]): Record<string, string> | undefined {
  const found: Record<string, string> = {};
  for (const [index, part] of parts.entries()) {
    const value = given[index];
    if (value === undefined) return undefined;
    if (part.endsWith('+}')) {
      found[part.slice(1, -2)] = decode(given.slice(index).join('/'));
      return found;
    }
    if (part.startsWith('{')) {
      if (value === '') return undefined;
      found[part.slice(1, -1)] = decode(value);
    } else if (part !== value) return undefined;
  }
  return parts.length === given.length ? found : undefined;
}

/** As it came where it is no encoding. */
export function decode(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}

import type { MiddlewareHandler } from 'hono';
import type { SandboxEnv } from './env.ts';

/** One request as it arrived. `status` is the answer's, or what became of the connection; `open` until then. */
export interface Call {
  at: string;
  method: string;
  path: string;
  query: Record<string, string>;
  key?: string;
  status: number | 'open' | 'hung' | 'dropped';
  raw?: string;
}

export interface CallLog {
  list(): readonly Call[];
  clear(): void;
  record: MiddlewareHandler<SandboxEnv>;
}

/** Records every request in order of arrival, refused and faulted ones too, so that tests can compare attempts byte by byte. */
export function createCallLog(now: () => number): CallLog {
  let calls: Call[] = [];
  return {
    list: () => calls,
    clear: () => {
      calls = [];
    },
    record: async (c, next) => {
      const bytes = Buffer.from(await c.req.arrayBuffer());
      const key = c.req.header('idempotency-key');
      const call: Call = {
        at: new Date(now()).toISOString(),
        method: c.req.method,
        path: c.req.path,
        query: c.req.query(),
        ...(key === undefined ? {} : { key }),
        status: 'open',
        ...(bytes.length === 0 ? {} : { raw: bytes.toString('utf8') }),
      };
      calls.push(call);
      c.set('call', call);
      c.set('bytes', bytes);
      await next();
      if (call.status === 'open') call.status = c.res.status;
    },
  };
}

import type { HttpBindings } from '@hono/node-server';
import type { Call } from './call-log.ts';

/** What travels with every request. `Bindings` are there only when the request came through the sandbox's own listener. */
export interface SandboxEnv {
  Bindings: Partial<HttpBindings>;
  Variables: { call: Call; bytes: Buffer };
}

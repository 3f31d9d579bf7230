import { createHash, timingSafeEqual } from 'node:crypto';
import type { MiddlewareHandler } from 'hono';
import { refuse } from './answers.ts';
import type { Contract } from './contract/assumptions.ts';
import type { SandboxEnv } from './env.ts';

const JWT = /^[\w-]+\.[\w-]+\.[\w-]+$/;

const digest = (text: string) => createHash('sha256').update(text).digest();

/** Why this `Authorization` header does not open the line, or undefined when it does. */
function problemWith(header: string | undefined, lineTokens: readonly string[]): string | undefined {
  if (header === undefined) return 'no Authorization header: send "Authorization: Bearer ezw_line_..."';
  const token = /^Bearer (\S+)$/.exec(header)?.[1];
  if (token === undefined) return 'malformed Authorization header: send "Authorization: Bearer ezw_line_..."';
  if (JWT.test(token)) return 'this is a workspace token (a JWT); /api/v1 takes the line token, ezw_line_...';
  if (!token.startsWith('ezw_line_')) return 'not a line token: line tokens start with ezw_line_';
  const isKnown = lineTokens.some((known) => timingSafeEqual(digest(token), digest(known)));
  return isKnown ? undefined : 'unknown line token: it may have been rotated';
}

/** Lets only the line's own tokens through; everything else is a refusal that says which mistake it was. */
export function bearer(lineTokens: () => readonly string[], contract: () => Contract): MiddlewareHandler<SandboxEnv> {
  return async (c, next) => {
    const problem = problemWith(c.req.header('authorization'), lineTokens());
    if (problem === undefined) return next();
    if (contract()['bad-token'] === '403') return refuse(c, 403, 'forbidden', problem);
    c.header('WWW-Authenticate', 'Bearer');
    return refuse(c, 401, 'unauthorized', problem);
  };
}

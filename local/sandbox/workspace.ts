import { randomBytes } from 'node:crypto';
import { Hono } from 'hono';
import { z } from 'zod';
import { parseJson, refuse } from './answers.ts';
import type { Contract } from './contract/assumptions.ts';
import type { SandboxEnv } from './env.ts';
import type { Line } from './line.ts';

/** The one person of the demo's workspace. */
const OWNER = { email: 'owner@demo.example', password: 'demo-password' };

const login = z.strictObject({ email: z.string(), password: z.string() });

/** Shaped like a Cognito ID token; nothing in it means anything. */
const newIdToken = (): string =>
  [Buffer.from('{"alg":"none"}'), Buffer.from('{"sub":"demo-owner"}'), randomBytes(16)]
    .map((part) => part.toString('base64url'))
    .join('.');

/** The workspace's login and the rotation of the line's token, which kills the old one at once, unless the contract lets it live. */
export function createWorkspace(line: Line, firstToken: string, contract: () => Contract) {
  let lineTokens: readonly string[] = [firstToken];
  const idTokens = new Set<string>();
  const app = new Hono<SandboxEnv>();

  app.post('/auth/login', async (c) => {
    const parsed = parseJson(login, await c.req.text());
    if ('problem' in parsed) return refuse(c, 400, 'invalid_body', parsed.problem);
    const { email, password } = parsed.value;
    if (email !== OWNER.email || password !== OWNER.password) {
      return refuse(c, 401, 'wrong_login', `the demo's owner is ${OWNER.email}, password ${OWNER.password}`);
    }
    const idToken = newIdToken();
    idTokens.add(idToken);
    return c.json({ idToken });
  });

  app.post('/lines/:lineId/api-token', (c) => {
    const given = /^Bearer (\S+)$/.exec(c.req.header('authorization') ?? '')?.[1];
    if (given?.startsWith('ezw_line_')) {
      return refuse(c, 401, 'unauthorized', 'this is a line token; the workspace takes the ID token of a login');
    }
    if (given === undefined || !idTokens.has(given)) {
      return refuse(c, 401, 'unauthorized', 'log in first: POST /api/auth/login');
    }
    if (c.req.param('lineId') !== line.id) return refuse(c, 404, 'not_found', 'the workspace has no such line');
    const token = `ezw_line_demo_${randomBytes(8).toString('hex')}`;
    lineTokens = contract()['old-token'] === 'lives' ? [token, ...lineTokens] : [token];
    return c.json({ token }, 201);
  });

  return { app, lineTokens: () => lineTokens };
}

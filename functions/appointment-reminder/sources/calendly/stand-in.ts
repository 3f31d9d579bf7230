import { randomUUID } from 'node:crypto';
import { type Context, Hono } from 'hono';
import { z } from 'zod';
import { keeping, parseJson, refuse } from '../../../../local/sandbox/answers.ts';
import type { SandboxEnv } from '../../../../local/sandbox/env.ts';
import type { SourceStandIn } from '../../../../local/sandbox/source.ts';

/** A scheduled event as Calendly's API answers it; its id is the last part of `uri`. */
const scheduledEvent = z.looseObject({ uri: z.string().regex(/\/[^/]+$/, 'must end in /<id>') });

/** What Calendly takes of a subscription: https://developer.calendly.com/api-docs/calendly-api/webhooks/create-webhook-subscription. */
const order = z.object({
  url: z.url(),
  events: z.array(z.string()).min(1),
  organization: z.url(),
  user: z.url().optional(),
  scope: z.enum(['user', 'organization', 'group']),
  signing_key: z.string().optional(),
});
const kept = order.extend({ uuid: z.string(), state: z.enum(['active', 'disabled']), creator: z.url().optional() });

const API = 'https://api.calendly.com';
const ORGANIZATION = `${API}/organizations/ORGANIZATION1`;
const PAGE = 2;

/** Whose token it is; every other one is an owner's. */
const TOKENS: Readonly<Record<string, 'revoked' | 'member' | 'free'>> = {
  'token-that-was-revoked': 'revoked',
  'token-of-a-member': 'member',
  'token-on-the-free-plan': 'free',
};

const denied = (c: Context, message: string): Response => c.json({ title: 'Permission Denied', message }, 403);

/** Calendly's scheduled events and webhook subscriptions, and the desk where they are put. Subscriptions show no key and cannot be changed. */
export const standIn: SourceStandIn = {
  desk: 'bookings/calendly',
  make(now) {
    const stored = new Map<string, object>();

    const api = new Hono<SandboxEnv>();
    api.get('/scheduled_events/:id', (c) => {
      if (!/^Bearer \S+$/.test(c.req.header('authorization') ?? '')) {
        return refuse(c, 401, 'unauthorized', 'Calendly takes a bearer token');
      }
      const found = stored.get(c.req.param('id'));
      return found ? c.json({ resource: found }) : refuse(c, 404, 'not_found', 'no such scheduled event');
    });

    const hooks = new Map<string, z.infer<typeof kept>>();
    const shown = ({ uuid, url, signing_key: _, ...hook }: z.infer<typeof kept>) => ({
      ...hook,
      uri: `${API}/webhook_subscriptions/${uuid}`,
      callback_url: url,
      retry_started_at: hook.state === 'disabled' ? new Date(now()).toISOString() : null,
    });
    const whose = (c: Context) => TOKENS[c.req.header('authorization')?.replace('Bearer ', '') ?? ''];
    const userOf = (c: Context) => `${API}/users/${whose(c) === 'member' ? 'MEMBER1' : 'OWNER1'}`;
    for (const path of ['/users/me', '/webhook_subscriptions', '/webhook_subscriptions/*']) {
      api.use(path, async (c, next) => {
        if (/^Bearer \S+$/.test(c.req.header('authorization') ?? '') && whose(c) !== 'revoked') return next();
        return c.json({ title: 'Unauthenticated', message: 'The access token is invalid' }, 401);
      });
    }
    api.get('/users/me', (c) => c.json({ resource: { uri: userOf(c), current_organization: ORGANIZATION } }));
    api.get('/webhook_subscriptions', (c) => {
      const { organization, scope, user, page_token: from = '0' } = c.req.query();
      if (!organization || !scope || (scope === 'user' && !user)) {
        return c.json({ title: 'Invalid Argument', message: 'The supplied parameters are invalid.' }, 400);
      }
      if (scope === 'organization' && whose(c) === 'member')
        return denied(c, 'You do not have permission to access this resource.');
      const all = [...hooks.values()].filter(
        (hook) => hook.scope === scope && (scope !== 'user' || hook.user === user),
      );
      const end = Number(from) + PAGE;
      const next = end < all.length ? String(end) : null;
      return c.json({ collection: all.slice(Number(from), end).map(shown), pagination: { next_page_token: next } });
    });
    api.post('/webhook_subscriptions', (c) => {
      const parsed = parseJson(order, c.get('bytes').toString('utf8'));
      if ('problem' in parsed) return c.json({ title: 'Invalid Argument', message: parsed.problem }, 400);
      const { value } = parsed;
      if (whose(c) === 'free') return denied(c, 'Please upgrade your Calendly account to Standard');
      if (value.scope === 'organization' && whose(c) === 'member') return denied(c, 'You do not have permission.');
      const isTaken = [...hooks.values()].some((hook) => hook.url === value.url && hook.creator === userOf(c));
      if (isTaken) return c.json({ title: 'Already Exists', message: 'Hook with this url already exists' }, 409);
      const hook = { ...value, uuid: `hook-${randomUUID()}`, state: 'active' as const, creator: userOf(c) };
      hooks.set(hook.uuid, hook);
      return c.json({ resource: shown(hook) }, 201);
    });
    api.delete('/webhook_subscriptions/:uuid', (c) =>
      hooks.delete(c.req.param('uuid'))
        ? c.body(null, 204)
        : c.json({ title: 'Resource Not Found', message: 'The server could not find the requested resource.' }, 404),
    );

    const control = new Hono<SandboxEnv>();
    control.get('/webhooks', (c) => c.json([...hooks.values()]));
    control.put(
      '/webhooks',
      keeping(kept, (hook) => hooks.set(hook.uuid, hook)),
    );
    control.delete('/webhooks', (c) => {
      hooks.clear();
      return c.body(null, 204);
    });
    control.put(
      '/',
      keeping(scheduledEvent, (one) => stored.set(one.uri.slice(one.uri.lastIndexOf('/') + 1), one)),
    );
    return { api, control };
  },
};

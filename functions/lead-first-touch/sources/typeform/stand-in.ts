import { Hono } from 'hono';
import { z } from 'zod';
import { keeping, parseJson, refuse } from '../../../../local/sandbox/answers.ts';
import type { SandboxEnv } from '../../../../local/sandbox/env.ts';
import type { SourceStandIn } from '../../../../local/sandbox/source.ts';

/** What Typeform takes of a webhook; `enabled` is false unless it is given. */
const given = z.object({
  url: z.url(),
  enabled: z.boolean().default(false),
  secret: z.string().optional(),
  verify_ssl: z.boolean().default(true),
  event_types: z.record(z.string(), z.boolean()).default({ form_response: true }),
});
const held = given.extend({ form_id: z.string(), tag: z.string() });
type Held = z.infer<typeof held>;

/** Rights of the tokens that it knows: any but these two may do everything. */
const READ_ONLY = 'token-that-may-read';
const REVOKED = 'token-that-was-revoked';

/**
 * The webhooks of forms, by https://www.typeform.com/developers/webhooks/reference/: by form and tag; what is put under a tag takes its
 * place. A form whose id ends in 404 is not there.
 */
export const standIn: SourceStandIn = {
  make(now) {
    const hooks = new Map<string, Held & { id: string; created_at: string; updated_at: string }>();
    const nameOf = (form: string, tag: string) => `${form} ${tag}`;
    const put = (one: Held) => {
      const name = nameOf(one.form_id, one.tag);
      const at = new Date(now()).toISOString().replace(/\.\d+Z$/, 'Z');
      const known = hooks.get(name);
      // A secret that is not given stays as it was.
      const secret = one.secret ?? known?.secret;
      const ids = { id: known?.id ?? `wh${hooks.size + 1}`, created_at: known?.created_at ?? at, updated_at: at };
      const hook = { ...one, ...(secret !== undefined && { secret }), ...ids };
      hooks.set(name, hook);
      return hook;
    };
    /** A secret is never shown. */
    const shown = ({ secret: _, ...hook }: ReturnType<typeof put>) => hook;

    const api = new Hono<SandboxEnv>();
    api.use('/forms/:form/*', async (c, next) => {
      const token = /^Bearer (\S+)$/.exec(c.req.header('authorization') ?? '')?.[1];
      if (token === undefined || token === REVOKED) {
        return c.json(
          { code: 'AUTHENTICATION_FAILED', description: 'Authentication credentials not found on the Request Headers' },
          401,
        );
      }
      if (token === READ_ONLY && c.req.method !== 'GET') {
        return c.json({ code: 'FORBIDDEN', description: 'Token does not have the required scopes' }, 403);
      }
      if (c.req.param('form').endsWith('404')) {
        return c.json({ code: 'FORM_NOT_FOUND', description: 'Non existing form with that uid' }, 404);
      }
      return next();
    });
    api.get('/forms/:form/webhooks', (c) => {
      const items = [...hooks.values()].filter(({ form_id }) => form_id === c.req.param('form')).map(shown);
      return c.json({ items });
    });
    api.put('/forms/:form/webhooks/:tag', (c) => {
      const parsed = parseJson(given, c.get('bytes').toString('utf8'));
      if ('problem' in parsed) return c.json({ code: 'VALIDATION_ERROR', description: parsed.problem }, 400);
      const { form, tag } = c.req.param();
      return c.json(shown(put({ ...parsed.value, form_id: form, tag })));
    });
    api.delete('/forms/:form/webhooks/:tag', (c) => {
      const { form, tag } = c.req.param();
      if (hooks.delete(nameOf(form, tag))) return c.body(null, 204);
      return c.json({ code: 'WEBHOOK_NOT_FOUND', description: 'Non existing webhook with that tag' }, 404);
    });
    api.all('*', (c) => refuse(c, 404, 'not_found', 'the Typeform stand-in knows the webhooks of forms only'));

    const control = new Hono<SandboxEnv>();
    control.get('/webhooks', (c) => c.json([...hooks.values()]));
    control.put('/webhooks', keeping(held, put));
    control.delete('/webhooks', (c) => {
      hooks.clear();
      return c.body(null, 204);
    });
    return { api, control };
  },
};

import { type Context, Hono } from 'hono';
import { z } from 'zod';
import { keeping, parseJson } from '../../../../local/sandbox/answers.ts';
import type { SandboxEnv } from '../../../../local/sandbox/env.ts';
import type { SourceStandIn } from '../../../../local/sandbox/source.ts';
import { createHookStore, type Hook, hookFields, STATUSES, TOPIC } from './stand-in/hooks.ts';
import { type Key, keyOf } from './stand-in/keys.ts';

const LIST_DEFAULT = 10;
const LIST_MOST = 100;

/** What happened in the shop, for the desk: each webhook that is on for the topic is told. */
const happening = z.strictObject({ topic: z.string().regex(TOPIC), order: z.looseObject({}) });

/**
 * A shop's REST API as far as its webhooks go, and the desk where they are put and where its orders happen. It answers as the code of
 * WooCommerce does: https://github.com/woocommerce/woocommerce/blob/trunk/plugins/woocommerce/includes/rest-api/Controllers/Version1/class-wc-rest-webhooks-v1-controller.php
 */
export const standIn: SourceStandIn = {
  make(now) {
    const hooks = createHookStore(now);
    const api = new Hono<SandboxEnv>();
    const at = '/wp-json/wc/v3/webhooks';

    /** Refuses whoever may not, in the order in which WordPress does. */
    const may = (c: Context<SandboxEnv>, what: 'view' | 'create' | 'edit' | 'delete'): Response | undefined => {
      const key = keyOf(c.req.header('authorization'), c.req.query());
      if (key === 'wrong secret') return refused(c, 401, 'authentication_error', 'Consumer secret is invalid.');
      const missing = key && missingRight(key, what);
      if (missing) {
        const says = `The API key provided does not have ${missing} permissions.`;
        return refused(c, 401, 'authentication_error', says);
      }
      if (key?.manages) return undefined;
      const says =
        what === 'view' ? 'Sorry, you cannot list resources.' : `Sorry, you are not allowed to ${what} resources.`;
      // Who is not known at all, for instance because a server takes the header away, is told the same as who may not.
      return refused(c, key ? 403 : 401, `cannot_${what}`, says);
    };

    api.get(at, (c) => {
      const no = may(c, 'view');
      if (no) return no;
      const perPage = Number(c.req.query('per_page') ?? LIST_DEFAULT);
      const page = Number(c.req.query('page') ?? 1);
      if (!(perPage >= 1 && perPage <= LIST_MOST)) {
        return c.json(
          { code: 'rest_invalid_param', message: 'Invalid parameter(s): per_page', data: { status: 400 } },
          400,
        );
      }
      const all = hooks.list();
      c.header('x-wp-total', String(all.length));
      c.header('x-wp-totalpages', String(Math.ceil(all.length / perPage)));
      const fields = c.req.query('_fields')?.split(',');
      return c.json(all.slice((page - 1) * perPage, page * perPage).map((one) => answerOf(one, fields)));
    });

    api.post(at, async (c) => {
      const no = may(c, 'create');
      if (no) return no;
      const asked = bodyOf(c);
      const lacks = ['topic', 'delivery_url'].filter((name) => !(name in asked));
      if (lacks.length > 0) {
        const message = `Missing parameter(s): ${lacks.join(', ')}`;
        return c.json({ code: 'rest_missing_callback_param', message, data: { status: 400 } }, 400);
      }
      const problem = problemIn(c, asked);
      if (problem) return problem;
      // Whatever status is asked for: a new one is on. The ping's outcome is nobody's concern.
      const made = hooks.add({ ...asked, status: 'active' });
      await hooks.ping(made);
      return c.json(answerOf(made), 201);
    });

    api.on(['PUT', 'PATCH', 'POST'], `${at}/:id{\\d+}`, async (c) => {
      const no = may(c, 'edit');
      if (no) return no;
      const found = hooks.get(Number(c.req.param('id')));
      if (!found) return refused(c, 400, 'shop_webhook_invalid_id', 'ID is invalid.');
      const asked = bodyOf(c);
      const problem = problemIn(c, asked);
      if (problem) return problem;
      await hooks.change(found, asked);
      return c.json(answerOf(found));
    });

    api.delete(`${at}/:id{\\d+}`, (c) => {
      const no = may(c, 'delete');
      if (no) return no;
      if (c.req.query('force') !== 'true') {
        const message = 'Webhooks do not support trashing.';
        return refused(c, 501, 'trash_not_supported', message);
      }
      const found = hooks.get(Number(c.req.param('id')));
      if (!found) return refused(c, 404, 'shop_webhook_invalid_id', 'Invalid ID.');
      hooks.remove(found);
      return c.json(answerOf(found));
    });

    api.all('*', (c) => {
      const message = 'No route was found matching the URL and request method.';
      return c.json({ code: 'rest_no_route', message, data: { status: 404 } }, 404);
    });

    const control = new Hono<SandboxEnv>();
    control.get('/webhooks', (c) => c.json(hooks.list()));
    control.put(
      '/webhooks',
      keeping(hookFields, (one) => {
        hooks.add(one);
      }),
    );
    control.delete('/webhooks', (c) => {
      hooks.clear();
      return c.body(null, 204);
    });
    control.post('/happens', async (c) => {
      const parsed = parseJson(happening, await c.req.text());
      if ('problem' in parsed) return c.json({ problem: parsed.problem }, 400);
      return c.json(await hooks.tell(parsed.value.topic, JSON.stringify(parsed.value.order)));
    });

    return { api, control };
  },
};

const refused = (c: Context, status: 400 | 401 | 403 | 404 | 501, code: string, message: string): Response =>
  c.json({ code: `woocommerce_rest_${code}`, message, data: { status } }, status);

const missingRight = ({ permissions }: Key, what: string): 'read' | 'write' | undefined => {
  const needed = what === 'view' ? 'read' : 'write';
  return permissions === 'read_write' || permissions === needed ? undefined : needed;
};

const changes = hookFields.partial();

function bodyOf(c: Context<SandboxEnv>): Record<string, unknown> & { readonly id?: unknown } {
  const parsed = parseJson(z.looseObject({}), c.get('bytes').toString('utf8'));
  return 'problem' in parsed ? {} : parsed.value;
}

function problemIn(c: Context, { topic, delivery_url: url, status }: Record<string, unknown>): Response | undefined {
  const bad = (code: string, message: string) => refused(c, 400, `shop_webhook_${code}`, message);
  if (topic !== undefined && !TOPIC.test(String(topic))) return bad('invalid_topic', 'Webhook topic must be valid.');
  if (url !== undefined && !/^https?:\/\/\S+$/.test(String(url))) {
    const message = 'Webhook delivery URL must be a valid URL starting with http:// or https://.';
    return bad('invalid_delivery_url', message);
  }
  if (status !== undefined && !changes.shape.status.safeParse(status).success) {
    const message = `Invalid parameter(s): status, one of ${STATUSES.join(', ')}`;
    return c.json({ code: 'rest_invalid_param', message, data: { status: 400 } }, 400);
  }
  return undefined;
}

/** As the API shows it: without its secret, its API version, its user, and how often it failed. */
function answerOf(hook: Hook, fields?: readonly string[]): object {
  const { id, name, status, topic, delivery_url, date_created_gmt, date_modified_gmt } = hook;
  const [resource, event] = topic.split('.');
  const all = { id, name, status, topic, resource, event, delivery_url, date_created_gmt, date_modified_gmt };
  return fields ? Object.fromEntries(Object.entries(all).filter(([field]) => fields.includes(field))) : all;
}

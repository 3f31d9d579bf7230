import { Hono } from 'hono';
import { z } from 'zod';
import { keeping, parseJson, refuse } from '../../../../local/sandbox/answers.ts';
import type { SandboxEnv } from '../../../../local/sandbox/env.ts';
import type { SourceStandIn } from '../../../../local/sandbox/source.ts';
import { graphError } from './stand-in/errors.ts';
import { appFields, createSubscriptions, pageFields } from './stand-in/subscriptions.ts';

const lead = z.looseObject({
  id: z.string().regex(/^\d{1,20}$/, 'must be the digits of a leadgen id'),
  field_data: z.array(z.looseObject({ name: z.string(), values: z.array(z.string()) })),
});
type GraphLead = z.infer<typeof lead>;

const KNOWN = ['id', 'created_time', 'ad_id', 'form_id', 'field_data', 'custom_disclaimer_responses'];

/** Somebody filled a form, for the desk: told as the page's and the app's subscriptions say. */
const happening = z.strictObject({ page: z.string(), leadgen: z.string().regex(/^\d{1,20}$/) });

/** Meta's Graph API as far as lead ads need it, and the desk where its leads, pages and app are put. */
export const standIn: SourceStandIn = {
  at: 'graph',
  make(now) {
    const stored = new Map<string, GraphLead>();
    let failures: number[] = [];
    const subscriptions = createSubscriptions(now);

    const api = new Hono<SandboxEnv>();
    const at = '/:version{v\\d{1,2}\\.\\d}';
    api.get(`${at}/me`, (c) => subscriptions.me(c));
    api.get(`${at}/debug_token`, (c) => subscriptions.debugToken(c));
    api.all(`${at}/:id/subscribed_apps`, (c) => subscriptions.ofPage(c, c.req.param('id')));
    api.all(`${at}/:id/subscriptions`, (c) => subscriptions.ofApp(c, c.req.param('id')));
    api.get(`${at}/:id`, (c) => {
      const id = c.req.param('id');
      const status = failures.shift();
      if (status !== undefined) {
        c.header('retry-after', '1');
        return graphError(c, status, 2, 'Service temporarily unavailable');
      }
      if (!c.req.header('authorization')?.startsWith('Bearer ') && !c.req.query('access_token')) {
        return graphError(c, 400, 104, 'An access token is required to request this resource.');
      }
      if (subscriptions.isPage(id)) return subscriptions.page(c, id);
      const fields = c.req.query('fields')?.split(',') ?? ['id', 'created_time', 'field_data'];
      const unknown = fields.find((field) => !KNOWN.includes(field));
      if (unknown) return graphError(c, 400, 100, `Tried accessing nonexisting field (${unknown})`);
      const found = stored.get(id) ?? demoLead(id, now());
      if (!found) return graphError(c, 400, 100, `Unsupported get request. Object with ID '${id}' does not exist`);
      // The id always comes; of the rest only what was asked for, so that a forgotten field is missed here first.
      return c.json({ ...Object.fromEntries(fields.map((field) => [field, found[field]])), id });
    });
    api.all('*', (c) => refuse(c, 404, 'not_found', 'the Graph stand-in knows leads, pages and subscriptions only'));

    const control = new Hono<SandboxEnv>();
    control.put(
      '/leads',
      keeping(lead, (one) => stored.set(one.id, one)),
    );
    control.put('/pages', keeping(pageFields, subscriptions.putPage));
    control.put('/app', keeping(appFields, subscriptions.putApp));
    control.get('/subscriptions', (c) => c.json(subscriptions.state()));
    control.delete('/subscriptions', (c) => {
      subscriptions.reset();
      return c.body(null, 204);
    });
    control.post(
      '/failures',
      keeping(z.array(z.number().int().min(400).max(599)), (statuses) => {
        failures = statuses;
      }),
    );
    control.post('/happens', async (c) => {
      const parsed = parseJson(happening, await c.req.text());
      if ('problem' in parsed) return refuse(c, 400, 'invalid_body', parsed.problem);
      return c.json(await subscriptions.tell(parsed.value.page, parsed.value.leadgen));
    });

    return { api, control };
  },
};

/** A lead for any id, with a number of its own from the range of the demo; none for an id that ends in 404404. */
function demoLead(id: string, now: number): GraphLead | undefined {
  if (!/^\d{1,20}$/.test(id) || id.endsWith('404404')) return undefined;
  return {
    id,
    created_time: new Date(now).toISOString().replace(/\.\d+Z$/, '+0000'),
    ad_id: '444',
    form_id: '1616801872291123',
    field_data: [
      { name: 'full_name', values: ['Dana'] },
      { name: 'phone_number', values: [`+97250123${id.slice(-4).padStart(4, '0')}`] },
      { name: 'email', values: ['dana@shop.example'] },
      { name: 'whatsapp_consent', values: ['yes'] },
    ],
  };
}

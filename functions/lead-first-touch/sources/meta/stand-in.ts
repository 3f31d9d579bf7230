import { type Context, Hono } from 'hono';
import { z } from 'zod';
import { keeping, refuse } from '../../../../local/sandbox/answers.ts';
import type { SandboxEnv } from '../../../../local/sandbox/env.ts';
import type { SourceStandIn } from '../../../../local/sandbox/source.ts';

const lead = z.looseObject({
  id: z.string().regex(/^\d{1,20}$/, 'must be the digits of a leadgen id'),
  field_data: z.array(z.looseObject({ name: z.string(), values: z.array(z.string()) })),
});
type GraphLead = z.infer<typeof lead>;

const KNOWN = ['id', 'created_time', 'ad_id', 'form_id', 'field_data', 'custom_disclaimer_responses'];

/** Meta's Graph API as far as lead ads need it, and the desk where its leads are put. */
export const standIn: SourceStandIn = {
  at: 'graph',
  make(now) {
    const stored = new Map<string, GraphLead>();
    let failures: number[] = [];

    const api = new Hono<SandboxEnv>();
    api.get('/:version{v\\d{1,2}\\.\\d}/:id', (c) => {
      const id = c.req.param('id');
      const status = failures.shift();
      if (status !== undefined) {
        c.header('retry-after', '1');
        return graphError(c, status, 2, 'Service temporarily unavailable');
      }
      if (!c.req.header('authorization')?.startsWith('Bearer ') && !c.req.query('access_token')) {
        return graphError(c, 400, 104, 'An access token is required to request this resource.');
      }
      const fields = c.req.query('fields')?.split(',') ?? ['id', 'created_time', 'field_data'];
      const unknown = fields.find((field) => !KNOWN.includes(field));
      if (unknown) return graphError(c, 400, 100, `Tried accessing nonexisting field (${unknown})`);
      const found = stored.get(id) ?? demoLead(id, now());
      if (!found) return graphError(c, 400, 100, `Unsupported get request. Object with ID '${id}' does not exist`);
      // The id always comes; of the rest only what was asked for, so that a forgotten field is missed here first.
      return c.json({ ...Object.fromEntries(fields.map((field) => [field, found[field]])), id });
    });
    api.all('*', (c) => refuse(c, 404, 'not_found', 'the Graph stand-in knows GET /graph/v<n>/<leadgen_id> only'));

    const control = new Hono<SandboxEnv>();
    control.put(
      '/leads',
      keeping(lead, (one) => stored.set(one.id, one)),
    );
    control.post(
      '/failures',
      keeping(z.array(z.number().int().min(400).max(599)), (statuses) => {
        failures = statuses;
      }),
    );

    return { api, control };
  },
};

function graphError(c: Context, status: number, code: number, message: string): Response {
  return c.json({ error: { message, type: 'OAuthException', code } }, status as 400);
}

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

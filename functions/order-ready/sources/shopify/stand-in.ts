import { Hono } from 'hono';
import { z } from 'zod';
import { keeping, parseJson, refuse } from '../../../../local/sandbox/answers.ts';
import type { SandboxEnv } from '../../../../local/sandbox/env.ts';
import type { SourceStandIn } from '../../../../local/sandbox/source.ts';
import { project, schemaProblem } from './stand-in/fields.ts';
import { createHookStore, limits, operation, webhooks } from './stand-in/hooks.ts';
import { createOrderStore, fulfillment, fulfillmentOrder, type OrderStore, order } from './stand-in/orders.ts';
import { readSelection, type Selection } from './stand-in/selection.ts';
import { createTokenDesk } from './stand-in/tokens.ts';

const lookUp = z.object({ query: z.string(), variables: z.object({ id: z.string() }) });

/** A shop's Admin API, and the desk where its orders are put. */
export const standIn: SourceStandIn = {
  make(now) {
    const orders = createOrderStore(now);
    const tokens = createTokenDesk(now);
    const hooks = createHookStore();

    const api = new Hono<SandboxEnv>();
    api.post('/admin/oauth/access_token', async (c) => {
      const issued = tokens.issue(c.req.header('content-type') ?? '', c.get('bytes').toString('utf8'));
      return 'answer' in issued ? c.json(issued.answer) : refuse(c, 400, 'invalid_grant', issued.problem);
    });
    api.post('/admin/api/:version{\\d{4}-\\d{2}}/graphql.json', (c) => {
      if (!tokens.knows(c.req.header('x-shopify-access-token'))) {
        return c.json({ errors: '[API] Invalid API key or access token (unrecognized login or wrong password)' }, 401);
      }
      const change = parseJson(operation, c.get('bytes').toString('utf8'));
      if ('value' in change) return c.json(hooks.answer(change.value));
      const parsed = parseJson(lookUp, c.get('bytes').toString('utf8'));
      if ('problem' in parsed) return c.json({ errors: [{ message: parsed.problem }] }, 400);
      c.header('x-shopify-api-version', versionAt(c.req.param('version'), now()));
      return c.json(answer(parsed.value.query, parsed.value.variables.id, orders));
    });
    api.all('*', (c) =>
      refuse(c, 404, 'not_found', 'the Shopify stand-in knows the token, look-ups and webhooks only'),
    );

    const control = new Hono<SandboxEnv>();
    control.put(
      '/fulfillment-orders',
      keeping(fulfillmentOrder, (held) => orders.put(held)),
    );
    control.put(
      '/fulfillments',
      keeping(fulfillment, (held) => orders.put(held)),
    );
    control.put(
      '/orders',
      keeping(order, (held) => orders.put(held)),
    );

    control.get('/webhooks', (c) => c.json(hooks.list()));
    control.put('/webhooks', keeping(webhooks, hooks.put));
    control.put('/webhook-limits', keeping(limits, hooks.limit));

    return { api, control };
  },
};

/** GraphQL's answer to the look-up: `data`, or `errors` for a query that a shop would refuse too. */
function answer(query: string, id: string, orders: OrderStore) {
  let selection: Selection;
  try {
    selection = readSelection(query);
  } catch (error) {
    return { errors: [{ message: error instanceof Error ? error.message : String(error) }] };
  }
  const problem = schemaProblem(selection);
  if (problem !== undefined) return { errors: [{ message: problem }] };
  const [root = ''] = Object.keys(selection);
  const held = orders.get(root, id);
  if (held === undefined) return { errors: [{ message: `Invalid global id '${id}'` }] };
  if (held?.denied !== undefined) return deniedBy(root, held.denied);
  return { data: project({ [root]: held }, selection) };
}

/** What Shopify says of a field that the app may not read: https://shopify.dev/docs/api/usage/access-scopes. */
function deniedBy(root: string, scope: string) {
  const requiredAccess = `\`${scope}\` access scope.`;
  const message = `Access denied for ${root} field. Required access: ${requiredAccess}`;
  const documentation = 'https://shopify.dev/api/usage/access-scopes';
  const extensions = { code: 'ACCESS_DENIED', documentation, requiredAccess };
  const place = { locations: [{ line: 1, column: 20 }], path: [root] };
  return { data: { [root]: null }, errors: [{ message, ...place, extensions }] };
}

/** The version that answers: the one that was asked for, or after its twelve months the oldest that still is. */
function versionAt(asked: string, now: number): string {
  const today = new Date(now);
  const quarter = Math.floor(today.getUTCMonth() / 3) * 3 + 1;
  // Of twelve months ago, in the next quarter: the one of this quarter a year ago has just ended.
  const oldest = new Date(Date.UTC(today.getUTCFullYear() - 1, quarter - 1 + 3, 1)).toISOString().slice(0, 7);
  return asked < oldest ? oldest : asked;
}

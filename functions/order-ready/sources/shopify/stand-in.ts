import { Hono } from 'hono';
import { z } from 'zod';
import { keeping, parseJson, refuse } from '../../../../local/sandbox/answers.ts';
import type { SandboxEnv } from '../../../../local/sandbox/env.ts';
import type { SourceStandIn } from '../../../../local/sandbox/source.ts';
import { project, schemaProblem } from './stand-in/fields.ts';
import { createOrderStore, fulfillmentOrder, type OrderStore } from './stand-in/orders.ts';
import { readSelection, type Selection } from './stand-in/selection.ts';
import { createTokenDesk } from './stand-in/tokens.ts';

const lookUp = z.object({ query: z.string(), variables: z.object({ id: z.string() }) });

/** A shop's Admin API, and the desk where its orders are put. */
export const standIn: SourceStandIn = {
  make(now) {
    const orders = createOrderStore(now);
    const tokens = createTokenDesk(now);

    const api = new Hono<SandboxEnv>();
    api.post('/admin/oauth/access_token', async (c) => {
      const issued = tokens.issue(c.req.header('content-type') ?? '', c.get('bytes').toString('utf8'));
      return 'answer' in issued ? c.json(issued.answer) : refuse(c, 400, 'invalid_grant', issued.problem);
    });
    api.post('/admin/api/:version{\\d{4}-\\d{2}}/graphql.json', (c) => {
      if (!tokens.knows(c.req.header('x-shopify-access-token'))) {
        return c.json({ errors: '[API] Invalid API key or access token (unrecognized login or wrong password)' }, 401);
      }
      const parsed = parseJson(lookUp, c.get('bytes').toString('utf8'));
      if ('problem' in parsed) return c.json({ errors: [{ message: parsed.problem }] }, 400);
      return c.json(answer(parsed.value.query, parsed.value.variables.id, orders));
    });
    api.all('*', (c) => refuse(c, 404, 'not_found', 'the Shopify stand-in knows the token and the GraphQL call only'));

    const control = new Hono<SandboxEnv>();
    control.put(
      '/fulfillment-orders',
      keeping(fulfillmentOrder, (order) => orders.put(order)),
    );

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
  const order = orders.get(id);
  if (order === undefined) return { errors: [{ message: `Invalid global id '${id}'` }] };
  return { data: project({ fulfillmentOrder: order }, selection) };
}

import { z } from 'zod';
import { project, schemaProblem } from './fields.ts';
import { readSelection, type Selection } from './selection.ts';

const webhook = z.object({
  id: z.string(),
  topic: z.string(),
  uri: z.string(),
  format: z.string().default('JSON'),
  filter: z.string().nullable().default(null),
  includeFields: z.array(z.string()).default([]),
});
export const webhooks = z.array(webhook);
type Webhook = z.infer<typeof webhook>;

const input = z.object({
  uri: z.string(),
  format: z.string().optional(),
  filter: z.string().nullable().optional(),
  includeFields: z.array(z.string()).optional(),
});
export const operation = z.object({
  query: z.string().regex(/\bwebhookSubscription(s|Create|Update|Delete)\b/),
  variables: z.object({
    after: z.string().nullable().optional(),
    id: z.string().optional(),
    topic: z.string().optional(),
    input: input.optional(),
  }),
});
type Operation = z.infer<typeof operation>;

/** What an app lacks: topics that need a scope which it has not, and whether it may have customers' data. */
export const limits = z.object({ refused: z.array(z.string()).default([]), isProtected: z.boolean().default(false) });

const shown: Selection = {
  id: null,
  topic: null,
  uri: null,
  format: null,
  filter: null,
  includeFields: null,
  updatedAt: null,
  apiVersion: { handle: null },
};
const userErrors = { message: null, field: null };
const SCHEMA: Selection = {
  webhookSubscriptions: { nodes: shown, pageInfo: { hasNextPage: null, endCursor: null } },
  webhookSubscriptionCreate: { webhookSubscription: shown, userErrors },
  webhookSubscriptionUpdate: { webhookSubscription: shown, userErrors },
  webhookSubscriptionDelete: { deletedWebhookSubscriptionId: null, userErrors },
};

const PAGE = 4;
const PROTECTED =
  'This app is not approved to subscribe to webhook topics containing protected customer data. See https://shopify.dev/docs/apps/launch/protected-customer-data for more details.';

/**
 * The subscriptions that an app has by the Admin API: one of each topic and address, none that is off.
 * https://shopify.dev/docs/api/admin-graphql/latest/mutations/webhookSubscriptionCreate
 */
export function createHookStore() {
  let all: Webhook[] = [];
  let lacks: z.infer<typeof limits> = { refused: [], isProtected: false };
  let made = 0;

  const failed = (message: string) => ({
    webhookSubscription: null,
    userErrors: [{ field: ['webhookSubscription'], message }],
  });
  const done = (hook: Webhook) => ({
    webhookSubscription: { ...hook, apiVersion: { handle: '2026-07' } },
    userErrors: [],
  });

  const roots = {
    webhookSubscriptions: ({ after }: Operation['variables']) => {
      const start = after ? Number(after) : 0;
      const end = start + PAGE;
      const nodes = all.slice(start, end).map((hook) => done(hook).webhookSubscription);
      return { nodes, pageInfo: { hasNextPage: end < all.length, endCursor: String(end) } };
    },
    webhookSubscriptionCreate: ({ topic = '', input: given }: Operation['variables']) => {
      if (!given) return failed('Argument webhookSubscription is required');
      if (lacks.isProtected && topic !== 'APP_UNINSTALLED') return failed(PROTECTED);
      if (lacks.refused.includes(topic)) return failed(`The app does not have access to the topic ${topic}`);
      if (all.some((hook) => hook.topic === topic && hook.uri === given.uri)) {
        return failed('Address for this topic has already been taken');
      }
      made += 1;
      const hook = webhook.parse({ ...given, topic, id: `gid://shopify/WebhookSubscription/${made}` });
      all.push(hook);
      return done(hook);
    },
    webhookSubscriptionUpdate: ({ id, input: given }: Operation['variables']) => {
      const hook = all.find((one) => one.id === id);
      if (!hook || !given) return failed('Webhook subscription does not exist');
      // Whether an empty list takes the fields away is not written anywhere: here it does not.
      const { includeFields = [], ...others } = given;
      Object.assign(hook, others, includeFields.length > 0 && { includeFields });
      return done(hook);
    },
    webhookSubscriptionDelete: ({ id }: Operation['variables']) => {
      const isThere = all.some((one) => one.id === id);
      all = all.filter((one) => one.id !== id);
      return isThere
        ? { deletedWebhookSubscriptionId: id, userErrors: [] }
        : {
            deletedWebhookSubscriptionId: null,
            userErrors: [{ field: ['id'], message: 'Webhook subscription does not exist' }],
          };
    },
  };

  return {
    list: () => all,
    put: (hooks: readonly Webhook[]) => {
      all = [...hooks];
    },
    limit: (to: z.infer<typeof limits>) => {
      lacks = to;
    },
    /** GraphQL's answer. */
    answer: ({ query, variables }: Operation) => {
      const selection = readSelection(query);
      const problem = schemaProblem(selection, SCHEMA);
      if (problem !== undefined) return { errors: [{ message: problem }] };
      const [root = ''] = Object.keys(selection);
      const value = roots[root as keyof typeof roots](variables);
      return { data: project({ [root]: value }, selection) };
    },
  };
}

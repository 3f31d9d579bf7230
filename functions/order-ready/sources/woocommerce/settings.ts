import * as z from 'zod/mini';
import { consentSchema } from '../../../shared/door/consent-schema.ts';
import { httpsUrl, outsideUrl } from '../../../shared/runtime/address-schema.ts';
import { ENDS, isOwn, NEVER, slugOf } from './statuses.ts';

/** https://woocommerce.github.io/woocommerce-rest-api-docs/ names no end of it. */
export const REST_API = 'wc/v3';

const SLUG = /^(?!wc-)[\p{Ll}\p{Lo}\p{M}\p{N}_%-]+$/u;

const texts = z.array(z.string().check(z.minLength(1), z.maxLength(200))).check(z.minLength(1));
const metaKey = z.string().check(z.minLength(1), z.maxLength(255));

/** Slugs without `wc-`, which mean ready, or each with the update that it means. */
const statuses = z.union([z.array(z.string()), z.record(z.string(), z.string())], {
  error:
    "write statuses: a list of those that mean ready, ['ready-pickup'], or a group that says what each means, { processing: 'confirmed', shipped: 'shipped' }",
});

const pickup = z.union([z.literal('any'), z.strictObject({ methods: z.optional(texts), titles: z.optional(texts) })], {
  error: "write 'any', or { methods: ['local_pickup'], titles: ['*click & collect*'] }",
});

const tracking = z.union(
  [
    z.literal('off'),
    z.strictObject({
      /** Of the numbers, with commas between. */
      key: metaKey,
      carrier: z.optional(metaKey),
      url: z.optional(metaKey),
    }),
  ],
  { error: "write 'off', or { key: 'tracking_code' } with the shop's own key, or leave it out" },
);

interface Issue {
  readonly path: readonly string[];
  readonly message: string;
}

const GOES_ON = new Set(['confirmed', 'ready', 'shipped', 'delivered']);

const ofStatus = (status: string, update: string): string | undefined => {
  if (!SLUG.test(status)) return 'write the status slug without wc-';
  if (NEVER.has(status)) return `${status} is no order yet: nothing is told of it`;
  return status in ENDS && GOES_ON.has(update) ? `${status} ends an order: it cannot mean ${update}` : undefined;
};

const problemsOf = ({ statuses, pickup }: Pick<Settings, 'statuses' | 'pickup'>): Issue[] => {
  const meanings = meaningsIn(statuses);
  const problems = meanings.flatMap(([status, update], i): Issue[] => {
    const message = ofStatus(status, update);
    return message ? [{ path: ['statuses', Array.isArray(statuses) ? String(i) : status], message }] : [];
  });
  const ofAllOrders = meanings.find(([status, update]) => update === 'ready' && isOwn(slugOf(status)))?.[0];
  return [
    ...problems,
    ...(meanings.length === 0 ? [{ path: ['statuses'], message: 'write one status at least' }] : []),
    ...(ofAllOrders && pickup === undefined
      ? [
          {
            path: ['pickup'],
            message: `is missing: ${ofAllOrders} means ready here, and orders that are sent, or hold only downloads, have that status too. Write pickup: { methods: ['local_pickup', 'pickup_location'] }, the titles that the shop gave to its own, { titles: ['*click & collect*'] }, or 'any' if all orders are collected`,
          },
        ]
      : []),
    ...(typeof pickup === 'object' && !pickup.methods && !pickup.titles
      ? [{ path: ['pickup'], message: "write methods, titles or both, or 'any'" }]
      : []),
  ];
};

const fields = z.strictObject({
  statuses,
  /** Which orders are collected: any of their shipping lines has one of these methods, or a title like one of these. */
  pickup: z.optional(pickup),
  /** Where tracking numbers stand. The keys of the usual plug-ins unless given. */
  tracking: z.optional(tracking),
  /** The box at the checkout that an order must have: a meta key. Without it all are told. */
  consent: z.optional(consentSchema),
  /** Meta key of an invoice's https address. */
  documentKey: z.optional(metaKey),
  /** The shop's address; with it the message links to the order's page. */
  storeUrl: z.optional(httpsUrl),
  /** Where WordPress's REST API is, for the operator's command: below `storeUrl` unless given. */
  restApi: z.optional(outsideUrl),
});

export type Settings = z.infer<typeof fields>;

/** Each status with the update that it means. */
export const meaningsIn = (statuses: Settings['statuses']): [status: string, update: string][] =>
  Array.isArray(statuses) ? statuses.map((status) => [status, 'ready']) : Object.entries(statuses);

export const settings = fields.check((context) => {
  for (const { path, message } of problemsOf(context.value)) {
    context.issues.push({ code: 'custom', input: context.value, path: [...path], message });
  }
});

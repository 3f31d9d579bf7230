import * as z from 'zod/mini';
import { answersIn, formAnswers } from '../../../shared/door/answers.ts';
import {
  assertNotAhead,
  idSchema,
  instantSchema,
  optionalId,
  optionalLink,
  optionalPhone,
  optionalText,
  shape,
} from '../../../shared/door/body-shape.ts';
import { consentSchema } from '../../../shared/door/consent-schema.ts';
import { ourBody, ourEvent } from '../../../shared/door/our-event.ts';
import type { Source } from '../../../shared/door/source.ts';
import { plainText } from '../../../shared/wording/plain-text.ts';
import type { OrderEvent, Part } from '../../schema.ts';

const settings = z.strictObject({
  /** The box at the checkout that an order must have: a name of `data.fields`. Without it all are told. */
  consent: z.optional(consentSchema),
});

const READY = 'order.ready_for_pickup';
const UPDATED = 'order.updated';

const envelope = z.object({ type: z.string(), timestamp: instantSchema });
const named = z.object({ data: z.object({ update: z.optional(z.nullable(z.unknown())) }) });

const nameSchema = z.string().check(z.minLength(1), z.maxLength(40));
const amountSchema = z.pipe(z.union([z.string(), z.number()]), z.transform(String));
/** `120.00` with `currency` beside it, or both in one. */
const totalSchema = z.union([z.object({ amount: amountSchema, currency: optionalText }), amountSchema]);
const itemSchema = z.union([
  z.pipe(
    z.string(),
    z.transform((name) => ({ name, quantity: undefined })),
  ),
  z.object({
    name: z.string(),
    quantity: z.optional(z.nullable(z.pipe(z.union([z.number(), z.string()]), z.transform(Number)))),
  }),
]);
const parcelSchema = z.object({
  id: optionalId,
  carrier: optionalText,
  number: optionalText,
  url: optionalLink,
  voided: z.optional(z.nullable(z.boolean())),
});

const optional = <Schema extends z.ZodMiniType>(schema: Schema) => z.optional(z.nullable(schema));

/** What an order is made of, beside what tells whose it is. */
const extras = {
  tracking: optional(z.array(parcelSchema).check(z.maxLength(50))),
  total: optional(totalSchema),
  items: optional(z.array(itemSchema).check(z.maxLength(500))),
};
const lenient = {
  tracking: z.catch(extras.tracking, undefined),
  total: z.catch(extras.total, undefined),
  items: z.catch(extras.items, undefined),
};

const bodyWith = (more: typeof extras | typeof lenient) =>
  z.object({
    timestamp: instantSchema,
    data: z.object({
      ...more,
      order_id: idSchema,
      order_number: optionalText,
      placed_at: optional(instantSchema),
      status_url: optionalLink,
      document_url: optionalLink,
      locale: optionalText,
      conversation_id: optionalId,
      fields: z.optional(z.unknown()),
      customer: z.object({ name: optionalText, phone: optionalPhone, country: optionalText }),
      location: optional(z.object({ name: optionalText })),
      currency: optionalText,
      eta: optionalText,
    }),
  });
/** Senders put much beside what they are asked for: of this event it was never read, and is heeded where it can be. */
const readyBody = bodyWith(lenient);
const updatedBody = bodyWith(extras);

type Data = z.infer<typeof updatedBody>['data'];

/** Parcels that can be told apart: by an id of the sender's, else by their number. */
const partsOf = ({ tracking }: Data): Part[] =>
  (tracking ?? []).flatMap(({ id, carrier, number, url, voided }) => {
    const known = id ?? number;
    return known === undefined ? [] : [{ id: known, carrier, number, url, ...(voided && { isVoid: true as const }) }];
  });

const totalOf = ({ total, currency }: Data): OrderEvent['total'] => {
  if (total === undefined || total === null) return undefined;
  const { amount, currency: own } = typeof total === 'string' ? { amount: total, currency: undefined } : total;
  return { amount, currency: own ?? currency ?? '' };
};

/** What ends an order, whichever updates the client file has. */
const ENDS: Readonly<Record<string, OrderEvent['ends']>> = {
  cancelled: 'order_cancelled',
  refunded: 'order_refunded',
};

const eventOf = (update: string, timestamp: string, data: Data): OrderEvent => {
  // What waits to be collected is no parcel.
  const parts = update === 'ready' ? [] : partsOf(data);
  const ends = Object.hasOwn(ENDS, update) ? ENDS[update] : undefined;
  return {
    id: data.order_id,
    update,
    ...(ends && { ends }),
    ...(parts.length > 0 && { parts }),
    number: data.order_number ?? plainText(data.order_id) ?? data.order_id,
    name: data.customer.name,
    phones: [{ raw: data.customer.phone, country: data.customer.country }],
    locale: data.locale,
    statusUrl: data.status_url,
    documentUrl: data.document_url,
    location: data.location?.name,
    total: totalOf(data),
    items: data.items?.map(({ name, quantity }) => ({ name, quantity: quantity ?? undefined })),
    eta: data.eta,
    conversationId: data.conversation_id,
    ...formAnswers(answersIn(data.fields)),
    happenedAt: timestamp,
    exact: true,
    ...(data.placed_at && { placedAt: data.placed_at }),
  };
};

/** Our own events, signed by Standard Webhooks, for ERPs and shops of one's own. Other types of the same sender mean nothing here. */
export const source: Source<OrderEvent, typeof settings> = {
  ...ourEvent,
  settings,
  parse({ raw, receivedAt }) {
    const json = ourBody(raw);
    const { type } = shape(envelope, json);
    if (type !== READY && type !== UPDATED) return [];
    const given = type === READY ? 'ready' : shape(named, json).data.update;
    // Another's event of that name.
    if (given === undefined || given === null) return [];
    const update = shape(nameSchema, given, 'data.update');
    const { timestamp, data } = shape(type === READY ? readyBody : updatedBody, json);
    assertNotAhead(timestamp, receivedAt, 'timestamp');
    return [{ event: eventOf(update, timestamp, data) }];
  },
};

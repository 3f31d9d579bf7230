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
import { type OurSource, ourBody, ourEvent } from '../../../shared/door/our-event.ts';
import { plainText } from '../../../shared/wording/plain-text.ts';
import type { OrderReady } from '../../schema.ts';

const TYPE = 'order.ready_for_pickup';

const envelope = z.object({ type: z.string(), timestamp: instantSchema });

const body = z.object({
  timestamp: instantSchema,
  data: z.object({
    order_id: idSchema,
    order_number: optionalText,
    placed_at: z.optional(z.nullable(instantSchema)),
    status_url: optionalLink,
    locale: optionalText,
    conversation_id: optionalId,
    fields: z.optional(z.unknown()),
    customer: z.object({ name: optionalText, phone: optionalPhone, country: optionalText }),
    location: z.optional(z.nullable(z.object({ name: optionalText }))),
  }),
});

/** Our own event, signed by Standard Webhooks, for ERPs and shops of one's own. Other types of the same sender mean nothing here. */
export const source: OurSource<OrderReady> = {
  ...ourEvent,
  parse({ raw, receivedAt }) {
    const json = ourBody(raw);
    if (shape(envelope, json).type !== TYPE) return [];
    const { timestamp, data } = shape(body, json);
    assertNotAhead(timestamp, receivedAt, 'timestamp');
    return [
      {
        event: {
          id: data.order_id,
          number: data.order_number ?? plainText(data.order_id) ?? data.order_id,
          name: data.customer.name,
          phones: [{ raw: data.customer.phone, country: data.customer.country }],
          locale: data.locale,
          statusUrl: data.status_url,
          location: data.location?.name,
          conversationId: data.conversation_id,
          ...formAnswers(answersIn(data.fields)),
          readyAt: timestamp,
          exact: true,
          ...(data.placed_at && { placedAt: data.placed_at }),
        },
      },
    ];
  },
};

import * as z from 'zod/mini';
import { answersIn, formAnswers } from '../../../shared/door/answers.ts';
import {
  assertNotAhead,
  idSchema,
  instantIn,
  instantSchema,
  optionalId,
  optionalText,
  shape,
} from '../../../shared/door/body-shape.ts';
import { type OurSource, ourBody, ourEvent } from '../../../shared/door/our-event.ts';
import { phoneIn } from '../../given-phone.ts';
import { submissionTime } from '../../lead.ts';
import type { Lead } from '../../schema.ts';

const TYPE = 'lead.created';

const envelope = z.object({ type: z.string(), timestamp: instantSchema });

const body = z.object({
  data: z.object({
    lead_id: idSchema,
    submitted_at: instantSchema,
    name: optionalText,
    phone: z.optional(z.unknown()),
    phone_country: optionalText,
    locale: optionalText,
    conversation_id: optionalId,
    form_id: optionalText,
    fields: z.optional(z.unknown()),
    is_test: z.optional(z.unknown()),
    consent: z.optional(
      z.nullable(z.object({ whatsapp: z.optional(z.unknown()), text: optionalText, at: z.optional(z.unknown()) })),
    ),
  }),
});

/** Our own event, signed by Standard Webhooks, for servers of one's own. Other types of the same sender mean nothing here. */
export const source: OurSource<Lead> = {
  ...ourEvent,
  parse({ raw, receivedAt }) {
    const json = ourBody(raw);
    if (shape(envelope, json).type !== TYPE) return [];
    const { data } = shape(body, json);
    assertNotAhead(data.submitted_at, receivedAt, 'submitted_at');
    const { whatsapp, text, at } = data.consent ?? {};
    const phone = phoneIn(data.phone);
    return [
      {
        event: {
          id: data.lead_id,
          source: 'custom',
          formId: data.form_id,
          name: data.name,
          phones: [{ raw: phone?.raw, country: phone?.country ?? data.phone_country }],
          locale: data.locale,
          conversationId: data.conversation_id,
          // Only `true` itself: what a sloppy serialiser made of an empty box must not become a yes.
          consent:
            whatsapp === true ? { field: 'consent.whatsapp', value: 'true', text, at: instantIn(at) } : undefined,
          ...formAnswers(answersIn(data.fields)),
          submittedAt: submissionTime(data.submitted_at, receivedAt),
          ...(data.is_test === true && { isTest: true }),
        },
      },
    ];
  },
};

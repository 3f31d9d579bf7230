import * as z from 'zod/mini';
import { answersIn, formAnswers } from '../../../shared/door/answers.ts';
import {
  assertNotAhead,
  idSchema,
  instantSchema,
  optionalId,
  optionalPhone,
  optionalText,
  shape,
} from '../../../shared/door/body-shape.ts';
import { type OurSource, ourBody, ourEvent } from '../../../shared/door/our-event.ts';
import { Invalid } from '../../../shared/runtime/errors.ts';
import type { AppointmentEvent } from '../../schema.ts';

const KINDS = {
  'appointment.booked': 'booked',
  'appointment.moved': 'moved',
  'appointment.cancelled': 'cancelled',
} as const;

const isKnown = (type: string): type is keyof typeof KINDS => Object.hasOwn(KINDS, type);

const envelope = z.object({ type: z.string() });
const common = z.object({
  data: z.object({
    appointment_id: idSchema,
    updated_at: instantSchema,
    sequence: z.optional(z.nullable(z.int().check(z.nonnegative()))),
    previous_id: optionalId,
  }),
});
const booking = z.object({
  data: z.object({
    starts_at: instantSchema,
    zone: optionalText,
    name: optionalText,
    phone: optionalPhone,
    country: optionalText,
    service: optionalText,
    locale: optionalText,
    conversation_id: optionalId,
    fields: z.optional(z.unknown()),
  }),
});

const assertZone = (zone: string | undefined): void => {
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone });
  } catch {
    throw new Invalid('unknown_zone', 'data.zone is not an IANA time zone, such as Asia/Jerusalem.');
  }
};

/** Our own events, signed by Standard Webhooks, for CRMs and calendars of one's own. Other types of the same sender mean nothing here. */
export const source: OurSource<AppointmentEvent> = {
  ...ourEvent,
  parse({ raw, receivedAt, headers }) {
    const json = ourBody(raw);
    const { type } = shape(envelope, json);
    if (!isKnown(type)) return [];
    const { appointment_id: id, updated_at: updatedAt, sequence, previous_id } = shape(common, json).data;
    assertNotAhead(updatedAt, receivedAt, 'data.updated_at');
    const kind = KINDS[type];
    const told = {
      id,
      // Only a move takes another booking's place.
      previousId: kind === 'moved' ? previous_id : undefined,
      updatedAt,
      sequence: sequence ?? undefined,
      delivery: headers['webhook-id'],
      receivedAt: new Date(receivedAt).toISOString(),
    };
    if (kind === 'cancelled') return [{ event: { kind, ...told } }];
    const {
      starts_at: startsAt,
      zone,
      name,
      phone,
      country,
      service,
      locale,
      conversation_id,
      fields,
    } = shape(booking, json).data;
    assertZone(zone);
    const answers = formAnswers(answersIn(fields));
    const phones = [{ raw: phone, country }];
    const where = conversation_id && { conversationId: conversation_id };
    return [{ event: { kind, ...told, startsAt, zone, name, phones, service, locale, ...where, ...answers } }];
  },
};

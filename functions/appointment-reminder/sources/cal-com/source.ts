import * as z from 'zod/mini';
import { type Answer, formAnswers } from '../../../shared/door/answers.ts';
import { idSchema, instantSchema, optionalId, optionalText, shape } from '../../../shared/door/body-shape.ts';
import { headerHmac } from '../../../shared/door/header-hmac.ts';
import type { Source } from '../../../shared/door/source.ts';
import { Unauthorized } from '../../../shared/runtime/errors.ts';
import { parseJson } from '../../../shared/runtime/json.ts';
import type { AppointmentEvent } from '../../schema.ts';

const settings = z.strictObject({});

const envelope = z.object({ triggerEvent: z.string() });
const common = z.object({
  createdAt: instantSchema,
  payload: z.object({
    uid: idSchema,
    status: optionalText,
    rescheduleUid: optionalId,
    responses: z.optional(z.unknown()),
  }),
});

/** A value of the booking form, whose key is there without a value when the field is hidden. */
const response = z.optional(z.nullable(z.object({ value: optionalText })));
/** Each by the key of its question and, where Cal.com says it, the words. */
const answered = z.object({ label: optionalText, value: z.optional(z.unknown()) });
const answersOf = (responses: unknown): Answer[] =>
  Object.entries(z.safeParse(z.record(z.string(), z.unknown()), responses).data ?? {}).map(([key, given]) => {
    const { label, value } = z.safeParse(answered, given).data ?? {};
    return { names: [key, ...(label === undefined ? [] : [label])], value };
  });

const booking = z.object({
  payload: z.object({
    startTime: instantSchema,
    eventTitle: optionalText,
    type: optionalText,
    location: optionalText,
    smsReminderNumber: optionalText,
    attendees: z.array(
      z.object({
        name: optionalText,
        timeZone: optionalText,
        phoneNumber: optionalText,
        language: z.optional(z.nullable(z.object({ locale: optionalText }))),
      }),
    ),
    responses: z.optional(z.nullable(z.object({ attendeePhoneNumber: response, smsReminderNumber: response }))),
  }),
});

const BOOKING = new Set(['BOOKING_CREATED', 'BOOKING_RESCHEDULED', 'BOOKING_REQUESTED']);
const ENDING = new Set(['BOOKING_CANCELLED', 'BOOKING_REJECTED']);

/** What Cal.com writes in place of a signature when the webhook has no secret. */
const UNSIGNED = 'no-secret-provided';
const SIGNATURE = 'x-cal-signature-256';
const proof = headerHmac({ header: SIGNATURE, encoding: 'hex' });

const isConfirmed = (trigger: string, status: string | undefined): boolean =>
  trigger !== 'BOOKING_REQUESTED' && (status ?? 'ACCEPTED').toUpperCase() === 'ACCEPTED';

/** A move makes a new `uid` and names the old one. Guests (`attendees[1..]`) did not book and are not written to. */
export const source: Source<AppointmentEvent, typeof settings> = {
  settings,
  example: () => ({}),
  authenticate(request, secret) {
    if (request.headers[SIGNATURE] === UNSIGNED) {
      throw new Unauthorized('signature_missing', 'The webhook has no secret in Cal.com. Set the one stored here.');
    }
    proof.authenticate(request, secret);
  },
  sign: proof.sign,
  parse({ raw, receivedAt }) {
    const json = parseJson(raw);
    const { triggerEvent } = shape(envelope, json);
    if (!BOOKING.has(triggerEvent) && !ENDING.has(triggerEvent)) return [];
    const { createdAt: updatedAt, payload } = shape(common, json);
    const { uid: id, status, rescheduleUid: previousId } = payload;
    const told = { id, previousId, updatedAt, receivedAt: new Date(receivedAt).toISOString() };
    if (ENDING.has(triggerEvent)) return [{ event: { kind: 'cancelled', ...told } }];
    // Nothing is promised before the host confirms; but the booking that it is to replace does not take place any more.
    if (!isConfirmed(triggerEvent, status)) return previousId ? [{ event: { kind: 'replaced', ...told } }] : [];
    const {
      startTime: startsAt,
      attendees,
      responses,
      eventTitle,
      type,
      location,
      smsReminderNumber,
    } = shape(booking, json).payload;
    const [attendee] = attendees;
    const phones = [
      responses?.attendeePhoneNumber?.value,
      attendee?.phoneNumber,
      smsReminderNumber,
      responses?.smsReminderNumber?.value,
      // The number itself when it is a call, and then in international form; a room or a link otherwise.
      location?.startsWith('+') ? location : undefined,
    ];
    return [
      {
        event: {
          kind: previousId ? 'moved' : 'booked',
          ...told,
          startsAt,
          zone: attendee?.timeZone,
          name: attendee?.name,
          phones: phones.filter((phone) => phone !== undefined).map((phone) => ({ raw: phone })),
          service: eventTitle ?? type,
          locale: attendee?.language?.locale,
          ...formAnswers(answersOf(payload.responses)),
        },
      },
    ];
  },
};

import * as z from 'zod/mini';
import { type Answer, formAnswers } from '../../../shared/door/answers.ts';
import {
  bodyIn,
  idSchema,
  instantIn,
  instantSchema,
  optionalId,
  optionalText,
  shape,
} from '../../../shared/door/body-shape.ts';
import { headerHmac } from '../../../shared/door/header-hmac.ts';
import { siteNames } from '../../../shared/door/origin.ts';
import type { Source } from '../../../shared/door/source.ts';
import { outsideUrl } from '../../../shared/runtime/address-schema.ts';
import { Unauthorized } from '../../../shared/runtime/errors.ts';
import { sha256 } from '../../../shared/runtime/hashes.ts';
import { phoneQuestion, phonesAsked } from '../../phone-question.ts';
import { isPlace } from '../../place.ts';
import type { AppointmentEvent, Booking } from '../../schema.ts';

/** Of the one with which webhooks are made: https://cal.com/docs/api-reference/v2/v1-v2-differences names no end of it. */
export const API = '2024-08-13';
/** Of the bodies that are read: https://cal.com/docs/api-reference/v2/webhooks/create-a-webhook */
export const WEBHOOK_VERSION = '2021-10-20';

const settings = z.strictObject({
  /** Keys or labels; Cal.com's own fields for a phone come first. */
  phoneQuestion,
  /** Of Cal.com's API, for the operator's command: cal.com's own unless given. */
  apiBase: z.optional(outsideUrl),
  /** Whose bookings the operator's command subscribes: those of its key's user unless given. */
  organization: z.optional(z.int()),
});
export type CalComSettings = z.infer<typeof settings>;

const envelope = z.object({ triggerEvent: z.string() });
/** Who is in a booking; of another shape nobody is. */
const attendees = z.catch(
  z.array(
    z.object({
      email: optionalText,
      name: optionalText,
      timeZone: optionalText,
      phoneNumber: optionalText,
      language: z.optional(z.nullable(z.object({ locale: optionalText }))),
    }),
  ),
  [],
);
type Attendee = z.infer<typeof attendees>[number];

const common = z.object({
  createdAt: instantSchema,
  payload: z.object({
    uid: idSchema,
    bookerUrl: optionalText,
    status: optionalText,
    rescheduleUid: optionalId,
    iCalSequence: z.catch(z.optional(z.int()), undefined),
    startTime: z.optional(z.unknown()),
    attendees: z._default(attendees, []),
    eventTypeId: optionalId,
    type: optionalText,
    /** A number where several people book one and the same time. */
    seatsPerTimeSlot: z.optional(z.unknown()),
    /** Of the one seat that an event is about. */
    attendeeSeatId: optionalId,
    /** The rule of a series; of a cancellation only where all that remains of it is cancelled. */
    recurringEvent: z.optional(z.unknown()),
    responses: z.optional(z.unknown()),
  }),
});
type Payload = z.infer<typeof common>['payload'];

/** A value of the booking form, whose key is there without a value when the field is hidden. */
const response = z.optional(z.nullable(z.object({ value: optionalText })));
/** Each by the key of its question and, where Cal.com says it, the words. */
const answered = z.object({ label: optionalText, value: z.optional(z.unknown()) });
const answersOf = (responses: unknown): Answer[] =>
  Object.entries(z.safeParse(z.record(z.string(), z.unknown()), responses).data ?? {}).map(([key, given]) => {
    const { label, value } = z.safeParse(answered, given).data ?? {};
    return { names: [key, ...(label === undefined ? [] : [label])], value };
  });

/** What was chosen as the place, and what was typed for it. */
const chosenPlace = z.catch(
  z.nullable(z.object({ value: z.object({ value: optionalText, optionValue: optionalText }) })),
  null,
);
/** Cal.com's word for "the host calls the attendee"; at `userPhone`, and wherever it says nothing, a number is the host's. */
const ATTENDEE_PHONE = 'phone';

const booking = z.object({
  payload: z.object({
    startTime: instantSchema,
    eventTitle: optionalText,
    location: optionalText,
    organizer: z.optional(z.nullable(z.object({ timeZone: optionalText }))),
    smsReminderNumber: optionalText,
    attendees: z.array(z.unknown()),
    responses: z.optional(
      z.nullable(
        z.object({
          attendeePhoneNumber: response,
          smsReminderNumber: response,
          location: z.optional(chosenPlace),
        }),
      ),
    ),
  }),
});
type Details = z.infer<typeof booking>['payload'];

const BOOKING = new Set(['BOOKING_CREATED', 'BOOKING_RESCHEDULED', 'BOOKING_REQUESTED']);
const ENDING = new Set(['BOOKING_CANCELLED', 'BOOKING_REJECTED']);

/** What Cal.com writes in place of a signature when the webhook has no secret. */
const UNSIGNED = 'no-secret-provided';
const SIGNATURE = 'x-cal-signature-256';
const proof = headerHmac({ header: SIGNATURE, encoding: 'hex' });

const isConfirmed = (trigger: string, status: string | undefined): boolean =>
  trigger !== 'BOOKING_REQUESTED' && (status ?? 'ACCEPTED').toUpperCase() === 'ACCEPTED';

/** What tells one seat from others, which has no lasting id of its own: whoever sits there. */
const suffixOf = ({ email, phoneNumber, name }: Attendee): string => {
  const who = (email ?? phoneNumber ?? name ?? '').trim().toLowerCase();
  return `-${sha256(who).slice(0, 8)}`;
};

const hasSeats = ({ seatsPerTimeSlot }: Payload): boolean => typeof seatsPerTimeSlot === 'number';

/** All bookings of one person for one kind of event that a rule repeats: Cal.com gives a series no id. */
const seriesOf = ({ recurringEvent, eventTypeId, type, attendees: [booker] }: Payload): string | undefined =>
  recurringEvent && booker ? `${eventTypeId ?? type ?? ''}${suffixOf(booker)}` : undefined;

/** What may be chosen as the place, as Cal.com calls it; an app is `integrations:<name>`. */
const KINDS = /^(attendeeInPerson|somewhereElse|phone|userPhone|link|conferencing|integrations:.*)$/;

/** Where people meet: by the kind that was chosen or, where that is forgotten, by what stands in its place. At the attendee's their clocks count. */
const placeOf = ({ location, organizer, responses }: Details): Booking['place'] => {
  const kind = responses?.location?.value.value ?? '';
  return kind === 'inPerson' || (!KINDS.test(kind) && isPlace(location)) ? { zone: organizer?.timeZone } : undefined;
};

/**
 * Numbers of an attendee, in the order in which they are tried.
 * @param isAsked whether the answers of the form are theirs
 * @param isAlone whether the booking is theirs alone, and so what stands beside it
 */
const phonesIn = (
  { responses, location, smsReminderNumber }: Details,
  attendee: Attendee | undefined,
  { isAsked, isAlone }: { readonly isAsked: boolean; readonly isAlone: boolean },
): Booking['phones'] => {
  const chosen = responses?.location?.value;
  return [
    isAsked ? responses?.attendeePhoneNumber?.value : undefined,
    attendee?.phoneNumber,
    isAlone ? smsReminderNumber : undefined,
    isAsked ? responses?.smsReminderNumber?.value : undefined,
    isAsked && chosen?.value === ATTENDEE_PHONE ? (chosen.optionValue ?? location) : undefined,
  ].flatMap((phone) => (phone === undefined ? [] : [{ raw: phone }]));
};

/**
 * A move makes a new `uid` and names the old one. Guests (`attendees[1..]`) did not book and are not written to; where a time has
 * seats each attendee is somebody who did, and has an appointment of their own.
 */
export const source: Source<AppointmentEvent, typeof settings> = {
  settings,
  apis: [
    { what: 'API', version: API },
    { what: 'bodies of webhooks', version: WEBHOOK_VERSION },
  ],
  example: (standIn) => ({ ...(standIn && { apiBase: standIn }) }),
  // A Cal.com of one's own, and a copy of it; at cal.com it is the same for all. Hosts of a team come and go.
  origin: {
    what: 'Cal.com',
    write: 'the address of your Cal.com',
    such: 'cal.shop.example',
    field: 'payload.bookerUrl',
    names: siteNames,
    isNeedless: () => true,
  },
  authenticate(request, secret) {
    if (request.headers[SIGNATURE] === UNSIGNED) {
      throw new Unauthorized('signature_missing', 'The webhook has no secret in Cal.com. Set the one stored here.');
    }
    proof.authenticate(request, secret);
  },
  sign: proof.sign,
  parse({ raw, receivedAt }, own) {
    const json = bodyIn(raw);
    const { triggerEvent } = shape(envelope, json);
    if (!BOOKING.has(triggerEvent) && !ENDING.has(triggerEvent)) return [];
    const { createdAt: updatedAt, payload } = shape(common, json);
    const { uid, bookerUrl: origin, status, rescheduleUid, iCalSequence: sequence, attendeeSeatId } = payload;
    const told = { updatedAt, sequence, receivedAt: new Date(receivedAt).toISOString() };
    const isOfSeats = hasSeats(payload) && payload.attendees.length > 0;
    // One seat's event names its attendee first; what is about the whole time names them all.
    const concerned = isOfSeats && attendeeSeatId === undefined ? payload.attendees : payload.attendees.slice(0, 1);
    const ids = (one: Attendee | undefined) => {
      if (!isOfSeats || !one) return { id: uid, previousId: rescheduleUid };
      const suffix = suffixOf(one);
      return {
        id: `${uid}${suffix}`,
        previousId: rescheduleUid && `${rescheduleUid}${suffix}`,
        seat: { suffix, name: one.name, phones: one.phoneNumber === undefined ? [] : [{ raw: one.phoneNumber }] },
      };
    };
    const each = concerned.length > 0 ? concerned : [undefined];
    if (ENDING.has(triggerEvent)) {
      // A rejection is of one request, whatever rule it came with.
      const series = triggerEvent === 'BOOKING_CANCELLED' ? seriesOf(payload) : undefined;
      // Of "all that remain" Cal.com cancels what is to come, from whichever of them it was asked.
      const from = [updatedAt, instantIn(payload.startTime) ?? updatedAt].sort()[0] ?? updatedAt;
      return each.map((one) => ({
        origin,
        event: { kind: 'cancelled', ...ids(one), ...told, ...(series && { series: { id: series, from } }) },
      }));
    }
    // Nothing is promised before the host confirms; but the booking that it is to replace does not take place any more.
    if (!isConfirmed(triggerEvent, status)) {
      return rescheduleUid ? each.map((one) => ({ origin, event: { kind: 'replaced', ...ids(one), ...told } })) : [];
    }
    const details = shape(booking, json).payload;
    const { startTime: startsAt, eventTitle } = details;
    const answers = answersOf(payload.responses);
    const series = seriesOf(payload);
    const all = each.map((one, i): AppointmentEvent & { kind: 'booked' | 'moved' } => {
      // Of a time with seats the answers are those of whoever books or moves; of others nothing is known but what is beside the name.
      const isAsked = i === 0 && (!isOfSeats || attendeeSeatId !== undefined || !rescheduleUid);
      return {
        kind: rescheduleUid ? 'moved' : 'booked',
        ...ids(one),
        ...told,
        startsAt,
        zone: one?.timeZone,
        place: placeOf(details),
        name: one?.name,
        phones: [
          ...phonesIn(details, one, { isAsked, isAlone: !isOfSeats }),
          // At the place there may be the host's number.
          ...(isAsked
            ? phonesAsked(
                answers.filter(({ names: [key] }) => key !== 'location'),
                own.phoneQuestion,
              )
            : []),
        ],
        service: eventTitle ?? payload.type,
        locale: one?.language?.locale,
        // Who sat there before a whole time is moved is named without a number.
        ...(isOfSeats && rescheduleUid && { isAboutTime: true }),
        ...(series && { series: { id: series } }),
        ...(isAsked && formAnswers(answers)),
      };
    });
    // Beside whoever books a seat stand guests of theirs, who are told from others by having no number.
    return all
      .filter(({ phones, kind }, i) => i === 0 || kind === 'moved' || phones.length > 0)
      .map((event) => ({ origin, event }));
  },
};

import * as z from 'zod/mini';
import { formAnswers } from '../../../shared/door/answers.ts';
import { bodyIn, instantSchema, optionalId, optionalText, shape } from '../../../shared/door/body-shape.ts';
import { headerHmac } from '../../../shared/door/header-hmac.ts';
import type { Parsed, Source } from '../../../shared/door/source.ts';
import { outsideUrl } from '../../../shared/runtime/address-schema.ts';
import { isWhole } from '../../../shared/runtime/characters.ts';
import { Invalid } from '../../../shared/runtime/errors.ts';
import { withoutSlash } from '../../../shared/runtime/without-slash.ts';
import { lookUpBooking } from '../../booking-api.ts';
import { phoneQuestion, phonesAsked } from '../../phone-question.ts';
import { isPlace } from '../../place.ts';
import type { AppointmentEvent, Booking } from '../../schema.ts';

const settings = z.strictObject({
  /** `text_reminder_number` comes first. */
  phoneQuestion,
  apiBase: z._default(outsideUrl, 'https://api.calendly.com'),
  /** Whose bookings are told: those of the user who subscribes, or of the whole organization. */
  scope: z.optional(z.enum(['user', 'organization'])),
});
export type CalendlySettings = z.infer<typeof settings>;

/** What an event without its meeting lacks: the meeting must be asked for. */
export interface CalendlyReference {
  readonly draft: Omit<Booking, 'startsAt'>;
  /** Last part of the meeting's address. */
  readonly meeting: string;
}

const address = z.string().check(z.regex(/[^/]+$/), z.refine(isWhole));
const envelope = z.object({ event: z.string() });
/** What the first version of the API sent: objects where there are addresses now. */
const legacy = z.object({ payload: z.object({ invitee: z.looseObject({}), event: z.looseObject({}) }) });
const common = z.object({
  created_at: instantSchema,
  created_by: optionalText,
  payload: z.object({
    uri: address,
    rescheduled: z.optional(z.nullable(z.boolean())),
    old_invitee: optionalId,
  }),
});
const meeting = z.object({
  name: optionalText,
  start_time: instantSchema,
  location: z.optional(z.nullable(z.object({ type: optionalText, location: optionalText }))),
});
const invitee = z.object({
  payload: z.object({
    name: optionalText,
    first_name: optionalText,
    timezone: optionalText,
    text_reminder_number: optionalText,
    questions_and_answers: z.optional(z.nullable(z.array(z.object({ question: optionalText, answer: optionalText })))),
    scheduled_event: z.optional(z.nullable(meeting)),
    event: optionalText,
  }),
});
const meetingAnswer = z.object({ resource: meeting });

/** The last part of an address. */
export const idOf = (uri: string): string => uri.slice(uri.lastIndexOf('/') + 1);

/** Whether the host named a place; where the invitee named theirs, theirs are the clocks. */
const isInPerson = (type: string | undefined, location: string | undefined): boolean =>
  type === 'physical' || (type === 'custom' && isPlace(location));

const withMeeting = (draft: CalendlyReference['draft'], found: z.infer<typeof meeting>): AppointmentEvent => {
  const { location } = found;
  const callTo = location?.type === 'outbound_call' ? location.location : undefined;
  return {
    ...draft,
    startsAt: found.start_time,
    place: isInPerson(location?.type, location?.location) ? {} : undefined,
    service: found.name,
    phones: callTo === undefined ? draft.phones : [...draft.phones, { raw: callTo }],
  };
};

/** A move is two events in any order: `invitee.canceled` with `rescheduled`, and `invitee.created` that names the old invitee. */
export const source: Source<AppointmentEvent, typeof settings, CalendlyReference> = {
  settings,
  example: (standIn) => ({ phoneQuestion: 'Phone number', ...(standIn && { apiBase: standIn }) }),
  // Of the organisation the body says nothing; the host may be anybody of a team.
  origin: {
    what: 'account',
    write: 'the user who subscribed the webhook',
    such: 'https://api.calendly.com/users/AAAAAAAAAAAAAAAA',
    field: 'created_by',
    names: (text) => (/^[\w-]+$/.test(idOf(text)) ? [idOf(text)] : []),
  },
  ...headerHmac({
    header: 'calendly-webhook-signature',
    encoding: 'hex',
    time: { beside: 'v1', unitMs: 1000, separator: '.', toleranceSeconds: 180 },
  }),
  parse({ raw, receivedAt }, { phoneQuestion: asked }): readonly Parsed<AppointmentEvent, CalendlyReference>[] {
    const json = bodyIn(raw);
    const { event } = shape(envelope, json);
    if (event !== 'invitee.created' && event !== 'invitee.canceled') return [];
    if (legacy.safeParse(json).success) {
      throw new Invalid(
        'legacy_webhook',
        "This is a webhook of Calendly's API v1. Subscribe by API v2: POST https://api.calendly.com/webhook_subscriptions.",
      );
    }
    const { created_at: updatedAt, created_by: origin, payload } = shape(common, json);
    const told = {
      id: idOf(payload.uri),
      previousId: payload.old_invitee && idOf(payload.old_invitee),
      updatedAt,
      receivedAt: new Date(receivedAt).toISOString(),
    };
    if (event === 'invitee.canceled') {
      return [{ origin, event: { kind: payload.rescheduled ? 'replaced' : 'cancelled', ...told } }];
    }
    const { payload: who } = shape(invitee, json);
    const answers = (who.questions_and_answers ?? []).map(({ question = '', answer: value }) => ({
      names: [question],
      value,
    }));
    const draft: CalendlyReference['draft'] = {
      kind: told.previousId ? 'moved' : 'booked',
      ...told,
      zone: who.timezone,
      name: who.first_name ?? who.name,
      phones: [
        ...(who.text_reminder_number === undefined ? [] : [{ raw: who.text_reminder_number }]),
        ...phonesAsked(answers, asked),
      ],
      ...formAnswers(answers),
    };
    if (who.scheduled_event) return [{ origin, event: withMeeting(draft, who.scheduled_event) }];
    const { event: at } = shape(z.object({ payload: z.object({ event: address }) }), json).payload;
    return [{ origin, reference: { draft, meeting: idOf(at) }, id: told.id, occurredAt: told.receivedAt }];
  },
  async lookUp({ draft, meeting: id }, tools) {
    const { settings: own, secret } = tools;
    // The address is made from the client file, never taken from the body.
    const url = `${withoutSlash(own.apiBase)}/scheduled_events/${encodeURIComponent(id)}`;
    const { resource } = await lookUpBooking(tools, url, secret.token && `Bearer ${secret.token}`, meetingAnswer);
    return withMeeting(draft, resource);
  },
};

import * as z from 'zod/mini';
import { formAnswers } from '../../../shared/door/answers.ts';
import { idSchema, instantSchema, optionalId, optionalText, shape } from '../../../shared/door/body-shape.ts';
import { headerHmac } from '../../../shared/door/header-hmac.ts';
import { numberNames } from '../../../shared/door/origin.ts';
import type { Source } from '../../../shared/door/source.ts';
import { outsideUrl } from '../../../shared/runtime/address-schema.ts';
import { withoutSlash } from '../../../shared/runtime/without-slash.ts';
import { lookUpBooking } from '../../booking-api.ts';
import { phoneQuestion, phonesAsked } from '../../phone-question.ts';
import { isPlace } from '../../place.ts';
import type { AppointmentEvent } from '../../schema.ts';

/** https://developers.acuityscheduling.com/v1.0/docs/webhooks names no end of it. */
const API = 'v1';

const settings = z.strictObject({
  /** Half of the API's login, the other half of which is the API key; may stand in the secret instead. */
  userId: z.optional(z.string().check(z.minLength(1))),
  /** The appointment's own `phone` comes first. */
  phoneQuestion,
  apiBase: z._default(outsideUrl, 'https://acuityscheduling.com'),
});

/** The body names the appointment and says nothing of it. */
export interface AcuityReference {
  readonly id: string;
  readonly receivedAt: string;
}

const form = z.object({ action: z.string(), id: idSchema, calendarID: optionalId });
const ACTIONS = new Set(['scheduled', 'rescheduled', 'canceled', 'changed']);

/** Intake forms; one that is of another shape is left out, for the reminder needs none of it. */
const forms = z.catch(
  z.array(
    z.object({
      values: z.array(z.object({ fieldID: optionalId, name: optionalText, value: z.optional(z.unknown()) })),
    }),
  ),
  [],
);

const appointment = z.object({
  firstName: optionalText,
  phone: optionalText,
  datetime: instantSchema,
  timezone: optionalText,
  calendarTimezone: optionalText,
  location: optionalText,
  type: optionalText,
  canceled: z.optional(z.nullable(z.boolean())),
  forms,
});

const login = (userId: string | undefined, apiKey: string): string | undefined =>
  userId && `Basic ${Buffer.from(`${userId}:${apiKey}`).toString('base64')}`;

/**
 * Form-encoded, signed with the account's API key, with neither a time nor a delivery id. What happened is read from the
 * appointment itself, as it stood when it was asked for: so every event tells the latest, in whichever order they come.
 */
export const source: Source<AppointmentEvent, typeof settings, AcuityReference> = {
  settings,
  apis: [{ what: 'API', version: API }],
  example: (standIn) => ({ userId: '12345', ...(standIn && { apiBase: standIn }) }),
  // The API key that signs is one account's alone: a calendar only parts those of one account.
  origin: {
    what: 'calendar',
    write: 'the id of the calendar',
    such: '12345',
    field: 'calendarID',
    names: numberNames,
    isNeedless: () => true,
  },
  ...headerHmac({
    header: 'x-acuity-signature',
    encoding: 'base64',
    sentWith: () => ({ 'content-type': 'application/x-www-form-urlencoded' }),
  }),
  parse({ raw, receivedAt }) {
    const fields = Object.fromEntries(new URLSearchParams(Buffer.from(raw).toString('utf8')));
    const { action, id, calendarID: origin } = shape(form, fields);
    const what = action.replace(/^appointment\./, '');
    if (!ACTIONS.has(what)) return [];
    const at = new Date(receivedAt).toISOString();
    const ending = { id, updatedAt: at, receivedAt: at };
    // What ends a time needs no look-up: its reminders must stop even while the API does not answer.
    if (what === 'canceled') return [{ origin, event: { kind: 'cancelled', ...ending } }];
    const asked = { origin, reference: { id, receivedAt: at }, id, occurredAt: at };
    return what === 'rescheduled' ? [{ origin, event: { kind: 'replaced', ...ending } }, asked] : [asked];
  },
  async lookUp({ id, receivedAt }, tools) {
    const { settings: own, secret, now } = tools;
    const url = `${withoutSlash(own.apiBase)}/api/${API}/appointments/${encodeURIComponent(id)}`;
    // Taken before the question: of two look-ups the one asked later has the later answer. Always after its own event.
    const askedAt = Math.max(now(), Date.parse(receivedAt) + 1);
    const told = { id, updatedAt: new Date(askedAt).toISOString(), receivedAt };
    const found = await lookUpBooking(tools, url, login(secret.userId ?? own.userId, secret.current), appointment);
    if (found.canceled) return { kind: 'cancelled', ...told };
    const answers = found.forms.flatMap(({ values }) =>
      values.map(({ fieldID, name, value }) => ({
        names: [name, fieldID].filter((one) => one !== undefined),
        value,
      })),
    );
    return {
      kind: 'booked',
      ...told,
      startsAt: found.datetime,
      zone: found.timezone,
      place: isPlace(found.location) ? { zone: found.calendarTimezone } : undefined,
      name: found.firstName,
      phones: [{ raw: found.phone }, ...phonesAsked(answers, own.phoneQuestion)],
      service: found.type,
      ...formAnswers(answers),
    };
  },
};

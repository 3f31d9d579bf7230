import { describe, expect, it } from 'vitest';
import type { AppointmentEvent } from '../../functions/appointment-reminder/schema.ts';
import * as registry from '../../functions/appointment-reminder/sources.ts';
import type { SourceSecret } from '../../functions/shared/door/signatures.ts';
import type { Sources } from '../../functions/shared/door/source.ts';
import { hmac } from '../../functions/shared/runtime/hashes.ts';
import type { Http, HttpRequest, HttpResult } from '../../functions/shared/runtime/http.ts';
import { cpuTime } from '../cpu-time.ts';
import { parsedSample, SAMPLE_AT } from '../sample-events.ts';

const AT = new Date('2026-11-22T10:00:00Z');
const sources: Sources<AppointmentEvent> = registry;
const source = (name: string) => sources[name] as Sources<AppointmentEvent>[string];
const request = (raw: string, headers: Record<string, string> = {}) => ({
  method: 'POST',
  headers,
  query: {},
  receivedAt: AT.getTime(),
  raw: Buffer.from(raw),
});
const parsed = (name: string, body: unknown, settings: unknown = {}) =>
  source(name).parse(request(typeof body === 'string' ? body : JSON.stringify(body)), settings);

/** An event of Cal.com about a booking of Dana's, but for what is said otherwise. */
const calCom = (payload: object, triggerEvent = 'BOOKING_CREATED') => ({
  triggerEvent,
  createdAt: AT.toISOString(),
  payload: { uid: 'x', startTime: '2026-11-25T14:15:00Z', attendees: [{ name: 'Dana' }], ...payload },
});

/** Answers with one result and keeps the request. */
const answering = (result: HttpResult): { http: Http; seen: HttpRequest[] } => {
  const seen: HttpRequest[] = [];
  return {
    seen,
    http: async (one) => {
      seen.push(one);
      return result;
    },
  };
};
const answered = (status: number, body: unknown = {}, headers = {}): HttpResult => ({
  kind: 'answer',
  status,
  headers,
  body: JSON.stringify(body),
});

describe('what is read of a booking', () => {
  const NOW = new Date(SAMPLE_AT).toISOString();
  const A_SECOND_AGO = '2026-11-22T09:59:59.000Z';
  const HAIRCUT = {
    kind: 'booked',
    updatedAt: A_SECOND_AGO,
    receivedAt: NOW,
    startsAt: '2026-11-25T10:00:00.000Z',
    zone: 'Asia/Jerusalem',
    name: 'Dana',
    phones: [{ raw: '+972501234567' }],
    service: 'Haircut',
  };
  /** Cal.com says where, in whose zone, and counts from nothing. */
  const AT_THE_SALON = { place: { zone: 'Asia/Jerusalem' }, sequence: 0 };
  const INTERNATIONAL = [{ raw: '+972 50 123 4567' }];
  const all = (source: string, sample: string) =>
    parsedSample(
      'appointment-reminder',
      registry,
      source,
      sample,
      source === 'calendly' ? { phoneQuestion: 'Phone number' } : {},
    );

  it.each<[source: string, sample: string, event: object]>([
    [
      'custom',
      'booked',
      { ...HAIRCUT, id: 'A-770014', updatedAt: '2026-11-22T09:59:58.000Z', startsAt: '2026-11-23T12:00:00.000Z' },
    ],
    [
      'custom',
      'booked-hebrew',
      {
        ...HAIRCUT,
        id: 'A-780014',
        updatedAt: '2026-11-22T09:59:58.000Z',
        name: 'דנה 💇',
        phones: [{ raw: '050-123-4567', country: 'IL' }],
        service: 'תספורת',
        locale: 'he',
      },
    ],
    ['custom', 'cancelled', { kind: 'cancelled', id: 'A-800014', updatedAt: NOW, receivedAt: NOW }],
    [
      'cal-com',
      'rescheduled',
      {
        ...HAIRCUT,
        kind: 'moved',
        id: 'cGJeNb2uX8ANpT3JL5EfXw',
        previousId: '0cGJeNb2uX8ANpT3JL5EfXw',
        name: 'Dana Levi',
        locale: 'en',
        ...AT_THE_SALON,
      },
    ],
    [
      'cal-com',
      'created-hebrew',
      { ...HAIRCUT, id: 'dHJeNb2uX8ANpT3JL5EfXw', name: 'דנה לוי 💇', locale: 'he', ...AT_THE_SALON },
    ],
    [
      'calendly',
      'created',
      { ...HAIRCUT, id: '5f3a1c9e-7b42-4d10-9e8a-6c0b2f4d8a17', phones: INTERNATIONAL, place: {} },
    ],
    [
      'calendly',
      'created-question',
      { ...HAIRCUT, id: 'GBGBDCAADAEDCRZ3', name: 'דנה לוי 💇', phones: [{ raw: '050-123-4567' }], place: {} },
    ],
    [
      'calendly',
      'rescheduled-created',
      {
        ...HAIRCUT,
        kind: 'moved',
        id: 'GBGBDCAADAEDCRZ6',
        previousId: 'OLDGBGBDCAADAEDCRZ6',
        phones: INTERNATIONAL,
        place: {},
      },
    ],
    [
      'calendly',
      'rescheduled-canceled',
      { kind: 'replaced', id: 'OLDGBGBDCAADAEDCRZ5', updatedAt: A_SECOND_AGO, receivedAt: NOW },
    ],
  ])('%s %s', (source, sample, event) => {
    expect(all(source, sample)).toEqual([{ event }]);
  });

  it('is where to ask for it, when the event does not bring it', () => {
    const id = '1220190001';
    expect(all('acuity', 'scheduled')).toEqual([{ reference: { id, receivedAt: NOW }, id, occurredAt: NOW }]);
    const { startsAt: _, service: __, ...draft } = HAIRCUT;
    expect(all('calendly', 'created-without-its-meeting')).toEqual([
      {
        reference: {
          draft: { ...draft, id: 'GBGBDCAADAEDCRZA', name: 'Dana Levi', phones: INTERNATIONAL },
          meeting: 'EVGBGBDCAADAEDCRZA',
        },
        id: 'GBGBDCAADAEDCRZA',
        occurredAt: NOW,
      },
    ]);
  });
});

describe('known signatures', () => {
  const body = '{"hello":"wörld"}';
  it.each([
    ['acuity', { 'x-acuity-signature': 'j6AS7e7RJBPFzR2OdweOEFc+fXJGFLEy/uk4sUQ89e8=' }],
    ['cal-com', { 'x-cal-signature-256': '8fa012edeed12413c5cd1d8e77078e10573e7d724614b132fee938b1443cf5ef' }],
    [
      'calendly',
      {
        'calendly-webhook-signature':
          't=1700000000,v1=a92e67df62c827877f71c6675cdc6e9120a124be89e15e53485d492ab8f2d47f',
      },
    ],
  ])('%s', (name, headers) => {
    const at = name === 'calendly' ? 1_700_000_000_000 : AT.getTime();
    source(name).authenticate({ ...request(body, headers), receivedAt: at }, { current: 'secret' });
  });

  it('Calendly’s goes stale after three minutes', () => {
    const t = String(AT.getTime() / 1000 - 181);
    const headers = { 'calendly-webhook-signature': `t=${t},v1=${hmac('secret', 'hex', `${t}.${body}`)}` };
    expect(() => source('calendly').authenticate(request(body, headers), { current: 'secret' })).toThrow(
      expect.objectContaining({ reason: 'timestamp_stale' }),
    );
  });
});

describe('Calendly', () => {
  const invitee = (over: object) => ({
    event: 'invitee.created',
    created_at: '2026-11-20T17:51:19.123456Z',
    payload: {
      uri: 'https://api.calendly.com/scheduled_events/EV/invitees/INV',
      scheduled_event: { start_time: '2026-11-25T14:15:00.000000Z', location: null },
      ...over,
    },
  });
  const phonesOf = (over: object, settings: object = {}): unknown => {
    const [item] = parsed('calendly', invitee(over), settings);
    return item && 'event' in item && 'phones' in item.event && item.event.phones.map(({ raw }) => raw);
  };
  const answers = [
    { question: 'Anything else?', answer: '+15550100' },
    { question: 'Phone number', answer: '050-123-4567' },
  ];

  it('takes the phone from the reminder number, the configured question, the call', () => {
    expect(phonesOf({ text_reminder_number: '+1 404-555-0156', questions_and_answers: answers })).toEqual([
      '+1 404-555-0156',
    ]);
    const both = { text_reminder_number: '+1 404-555-0156', questions_and_answers: answers };
    expect(phonesOf(both, { phoneQuestion: 'Phone number' })).toEqual(['+1 404-555-0156', '050-123-4567']);
    expect(phonesOf({ questions_and_answers: answers }, { phoneQuestion: 'Phone number' })).toEqual(['050-123-4567']);
    expect(phonesOf({ questions_and_answers: answers })).toEqual([]);
    const call = { type: 'outbound_call', location: '+972501234567' };
    expect(phonesOf({ scheduled_event: { start_time: '2026-11-25T14:15:00Z', location: call } })).toEqual([
      '+972501234567',
    ]);
    const room = { type: 'physical', location: '12 Main St' };
    expect(phonesOf({ scheduled_event: { start_time: '2026-11-25T14:15:00Z', location: room } })).toEqual([]);
  });

  it('a rescheduled cancellation is no cancellation', () => {
    const ended = (rescheduled: boolean) =>
      parsed('calendly', { ...invitee({ rescheduled }), event: 'invitee.canceled' });
    expect(ended(true)).toMatchObject([{ event: { kind: 'replaced', id: 'INV' } }]);
    expect(ended(false)).toMatchObject([{ event: { kind: 'cancelled', id: 'INV' } }]);
  });

  it('looks a meeting up at the address of the client file, whatever the body says', async () => {
    const { http, seen } = answering(
      answered(200, { resource: { name: 'Haircut', start_time: '2026-11-25T14:15:00.000000Z' } }),
    );
    const [item] = parsed('calendly', invitee({ scheduled_event: undefined, event: 'https://evil.example/x/EV?y=1' }));
    const reference = item && 'reference' in item ? item.reference : undefined;
    const settings = { apiBase: 'https://api.calendly.example/' };
    const secret: SourceSecret = { current: 'key', token: 'token' };
    const tools = { settings, secret, http, now: () => AT.getTime() };
    expect(await source('calendly').lookUp?.(reference, tools)).toMatchObject({ startsAt: '2026-11-25T14:15:00.000Z' });
    expect(seen).toEqual([
      {
        method: 'GET',
        url: 'https://api.calendly.example/scheduled_events/EV%3Fy%3D1',
        headers: { authorization: 'Bearer token' },
      },
    ]);
    await expect(
      source('calendly').lookUp?.(reference, { ...tools, secret: { current: 'key' } }),
    ).rejects.toMatchObject({
      name: 'Unavailable',
      reason: 'look_up_login_not_set',
    });
  });
});

describe('Acuity', () => {
  const lookUp = (
    result: HttpResult,
    secret: SourceSecret = { current: 'key' },
    settings: object = { userId: '7' },
  ) => {
    const { http, seen } = answering(result);
    const tools = {
      settings: { apiBase: 'https://acuity.example', ...settings },
      secret,
      http,
      now: () => AT.getTime(),
    };
    const event = source('acuity').lookUp?.({ id: '12/3', receivedAt: AT.toISOString() }, tools);
    return { event, seen };
  };
  const appointment = {
    firstName: 'Dana',
    phone: '050-123-4567',
    datetime: '2026-11-25T09:15:00-0500',
    type: 'Haircut',
  };

  it('is asked with user id and API key, from the secret or the client file', async () => {
    const { event, seen } = lookUp(answered(200, { ...appointment, timezone: 'America/New_York', canceled: false }));
    expect(await event).toMatchObject({
      kind: 'booked',
      id: '12/3',
      startsAt: '2026-11-25T14:15:00.000Z',
      zone: 'America/New_York',
      service: 'Haircut',
      // Later than its own event, so that it is not taken for older than the void of the old time.
      updatedAt: '2026-11-22T10:00:00.001Z',
    });
    const basic = (login: string) => `Basic ${Buffer.from(login).toString('base64')}`;
    expect(seen).toMatchObject([
      { url: 'https://acuity.example/api/v1/appointments/12%2F3', headers: { authorization: basic('7:key') } },
    ]);
    const own = lookUp(answered(200, appointment), { current: 'key', userId: '8' });
    await own.event;
    expect(own.seen).toMatchObject([{ headers: { authorization: basic('8:key') } }]);
  });

  it.each<[string, HttpResult, object]>([
    ['not_found_in_calendar', answered(404), { name: 'Permanent' }],
    ['calendar_answered_429', answered(429, {}, { 'retry-after': '7' }), { name: 'Unavailable', retryAfterSeconds: 7 }],
    ['calendar_answered_401', answered(401), { name: 'Unavailable' }],
    ['calendar_gave_no_booking', answered(200, { id: 1 }), { name: 'Unavailable' }],
    ['calendar_unreachable', { kind: 'never-left', code: 'ECONNREFUSED' }, { name: 'Unavailable' }],
  ])('%s', async (reason, result, error) => {
    await expect(lookUp(result).event).rejects.toMatchObject({ reason, ...error });
  });

  it('a cancelled appointment is cancelled, whichever event made us look', async () => {
    expect(await lookUp(answered(200, { ...appointment, canceled: true })).event).toMatchObject({ kind: 'cancelled' });
  });

  it('the old time is void before the look-up, and a cancellation needs none', () => {
    const at = AT.toISOString();
    expect(parsed('acuity', 'action=appointment.rescheduled&id=123')).toMatchObject([
      { event: { kind: 'replaced', id: '123', updatedAt: at } },
      { reference: { id: '123' } },
    ]);
    expect(parsed('acuity', 'action=canceled&id=123')).toMatchObject([{ event: { kind: 'cancelled', id: '123' } }]);
    expect(parsed('acuity', 'action=order.completed&id=123')).toEqual([]);
  });
});

describe('Cal.com', () => {
  it('events that are not about a booking, and those that are not wrapped, mean nothing', () => {
    expect(parsed('cal-com', { triggerEvent: 'MEETING_ENDED', uid: 'x' })).toEqual([]);
    expect(parsed('cal-com', { triggerEvent: 'BOOKING_PAID', payload: {} })).toEqual([]);
  });
});

describe("a phone question of one's own", () => {
  const titled = (name: string, question: string, answer: string): unknown =>
    ({
      calendly: {
        event: 'invitee.created',
        created_at: '2026-11-22T10:00:00Z',
        payload: {
          uri: 'https://api.calendly.com/scheduled_events/EV/invitees/INV',
          questions_and_answers: [
            { question: 'Anything else?', answer: '03-7654321' },
            { question, answer },
          ],
          scheduled_event: { start_time: '2026-11-25T14:15:00Z' },
        },
      },
      'cal-com': calCom({
        responses: { a: { label: 'Anything else?', value: '03-7654321' }, b: { label: question, value: answer } },
      }),
    })[name];
  const phonesIn = (name: string, question: string, settings: object): unknown => {
    const [item] = parsed(name, titled(name, question, '050-1234567'), source(name).settings.parse(settings));
    return item && 'event' in item && 'phones' in item.event ? item.event.phones.map(({ raw }) => raw) : item;
  };

  it.each(['calendly', 'cal-com'])('of %s is found as a person reads it', (name) => {
    for (const title of [
      'Phone number',
      ' phone  NUMBER ',
      'Phone\u00a0number:',
      'Phone number *',
      'Phone number: *',
      'Ｐhone number：',
    ]) {
      expect(phonesIn(name, title, { phoneQuestion: 'Phone number' }), title).toEqual(['050-1234567']);
      expect(phonesIn(name, 'phone number', { phoneQuestion: title }), title).toEqual(['050-1234567']);
    }
    for (const title of ['Phone numbers', 'Phone', 'Phone number of a friend', '']) {
      expect(phonesIn(name, title, { phoneQuestion: 'Phone number *' }), title).toEqual([]);
    }
  });

  it('takes no time, however long a title is', () => {
    const responses = { [`${':'.repeat(100_000)}x`]: { value: '1' } };
    const payload = { uid: 'x', startTime: '2026-11-25T14:15:00Z', attendees: [], responses };
    const booked = { triggerEvent: 'BOOKING_CREATED', createdAt: '2026-11-22T10:00:00Z', payload };
    const read = () => expect(parsed('cal-com', booked, { phoneQuestion: 'Phone' })).toHaveLength(1);
    expect(cpuTime(read)).toBeLessThan(1000);
  });

  it('may be one of several, of which the first in the client file counts first', () => {
    const phoneQuestion = ['WhatsApp', 'phone', 'anything ELSE?'];
    expect(phonesIn('calendly', 'Phone', { phoneQuestion })).toEqual(['050-1234567', '03-7654321']);
    expect(phonesIn('cal-com', 'Phone', { phoneQuestion })).toEqual(['050-1234567', '03-7654321']);
  });

  it.each(['calendly', 'cal-com', 'acuity'])('of %s needs words', (name) => {
    for (const phoneQuestion of ['', ' * ', [], ['']]) {
      expect(source(name).settings.safeParse({ phoneQuestion }).success).toBe(false);
    }
  });
});

describe("Cal.com's place", () => {
  const booked = (location: unknown, value?: object) => {
    const [item] = parsed(
      'cal-com',
      calCom({ location, ...(value && { responses: { location: { label: 'location', value } } }) }),
      { phoneQuestion: 'location' },
    );
    return item && 'event' in item && 'phones' in item.event ? item.event.phones.map(({ raw }) => raw) : item;
  };

  it('is the attendee’s number where the host calls them', () => {
    expect(booked('+972501234567', { value: 'phone', optionValue: '+972501234567' })).toEqual(['+972501234567']);
    expect(booked('+972501234567', { value: 'phone', optionValue: '' })).toEqual(['+972501234567']);
  });

  it('is never a number that may be the host’s', () => {
    for (const value of [
      { value: 'userPhone', optionValue: '' },
      { value: 'userPhone', optionValue: '+972501234567' },
      { value: '+972501234567', optionValue: '' },
      { value: 'inPerson', optionValue: '' },
      undefined,
    ]) {
      expect(booked('+972501234567', value), JSON.stringify(value)).toEqual([]);
    }
  });
});

describe('whom an event of a time with seats (Cal.com) is about', () => {
  const person = (name: string, more = {}) => ({ email: `${name}@people.example`, name, ...more });
  const [dana, noa, guest] = [person('dana', { phoneNumber: '+972501234561' }), person('noa'), person('guest')];
  const about = (triggerEvent: string, attendees: object[], over = {}) => {
    const body = calCom({ uid: 'S', seatsPerTimeSlot: 8, attendees, ...over }, triggerEvent);
    const events = parsed('cal-com', body) as { event: object }[];
    return events.map(({ event }) => event as AppointmentEvent & { name?: string });
  };

  it('is whoever booked, and of those beside them who gave a number of their own', () => {
    expect(about('BOOKING_CREATED', [dana, guest])).toMatchObject([{ kind: 'booked', name: 'dana' }]);
    const two = [noa, { ...dana, email: 'other@people.example' }];
    expect(about('BOOKING_CREATED', two)).toMatchObject([{ name: 'noa' }, { name: 'dana' }]);
  });

  it('is one where a seat is named, and else all that are listed', () => {
    const moved = { rescheduleUid: 'R' };
    const [one, ...others] = about('BOOKING_RESCHEDULED', [dana, noa], { ...moved, attendeeSeatId: 'seat' });
    expect([one?.kind, one?.name, others]).toEqual(['moved', 'dana', []]);
    expect(one?.previousId).toBe(one?.id.replace('S-', 'R-'));
    expect(about('BOOKING_RESCHEDULED', [dana, noa], moved)).toMatchObject([{ name: 'dana' }, { name: 'noa' }]);
    expect(about('BOOKING_CANCELLED', [dana, noa])).toMatchObject([{ kind: 'cancelled' }, { kind: 'cancelled' }]);
  });

  it('is told apart by the e-mail, however it is written, and by nothing that another event leaves out', () => {
    const [first] = about('BOOKING_CREATED', [dana]);
    const [left] = about('BOOKING_CANCELLED', [{ ...person('dana'), email: ' Dana@People.example ', name: 'D. Levi' }]);
    expect(left?.id).toBe(first?.id);
    expect(about('BOOKING_CREATED', [noa])[0]?.id).not.toBe(first?.id);
    expect(about('BOOKING_CANCELLED', [dana], { seatsPerTimeSlot: null })[0]?.id).toBe('S');
    expect(about('BOOKING_CANCELLED', [])[0]?.id).toBe('S');
  });
});

describe('where people meet (Cal.com)', () => {
  const placeOf = (location: unknown, kind?: string) => {
    const body = calCom({
      location,
      organizer: { timeZone: 'Asia/Jerusalem' },
      attendees: [{ name: 'Pat', timeZone: 'America/New_York' }],
      responses: kind === undefined ? {} : { location: { value: { value: kind, optionValue: '' } } },
    });
    const [only] = parsed('cal-com', body);
    return (only as { event: { place?: object } }).event.place;
  };
  const HERE = { zone: 'Asia/Jerusalem' };

  it.each([
    '1 Market Street, Tel Aviv',
    'Our salon',
    'רחוב הרצל 5',
    'Dizengoff Center',
    'Herzl 5, Tel Aviv (phone 03-5551234)',
    'הרצל 5, תל אביב, טלפון 03-5551234',
    'ул. Ленина 5, телефон 123',
    'Hauptstr. 5, Berlin, Telefon 030 123',
    '12 Main St, Boston, call on arrival',
    'https://maps.app.goo.gl/abc',
    'Salon Dana, dana.co.il',
    'Zoom Fitness, Allenby 3',
    "12 avenue de l'Appel du 18 Juin, Lyon",
    '1600 Pennsylvania Ave.NW',
    'Link Road 5, Mumbai',
  ])('is a place: %s', (location) => {
    expect(placeOf(location)).toEqual(HERE);
    expect(placeOf(location, location)).toEqual(HERE);
    expect(placeOf(location, 'inPerson')).toEqual(HERE);
  });

  it.each(['conferencing', 'integrations:zoom', 'link', 'phone', 'userPhone', 'attendeeInPerson', 'somewhereElse'])(
    'is none where the kind is %s, whatever stands beside it',
    (kind) => expect(placeOf('1 Market Street', kind)).toBeUndefined(),
  );

  it.each([
    'Online via Zoom',
    'By phone',
    'Phone call',
    'Online',
    'zoom.us/j/1',
    'Google Meet',
    'Cal Video',
    'טלפון',
    'בשיחה',
    'To be determined',
    'Videollamada',
    'Visioconférence',
    'en distanciel',
    'Videokonferenz',
    'Видеозвонок',
    'أون لاين',
    'סקייפ',
    'ייקבע בהמשך',
    'en linea',
    'Jitsi',
    'Link will be sent',
    'Remote session',
    'Zoom, passcode 1234',
    'Zoom 123 456 7890',
    'https://meet.example/x',
    'integrations:daily',
    '+972 50 123 4567',
    '',
    ' ',
    'Zoom - the link follows by e-mail',
    'link',
  ])('is none: %s', (location) => {
    expect(placeOf(location)).toBeUndefined();
  });
});

it('a title with marks that cannot be seen is the same question', () => {
  const body = calCom({ responses: { own: { label: '\u200fטלפון\u200b:', value: '050-123-4567' } } });
  expect(parsed('cal-com', body, { phoneQuestion: 'טלפון' })).toMatchObject([
    { event: { phones: [{ raw: '050-123-4567' }] } },
  ]);
});

it('a rejection of one request says nothing of its series (Cal.com)', () => {
  const payload = {
    uid: 'R',
    attendees: [{ email: 'pat@people.example' }],
    recurringEvent: { freq: 2 },
    eventTypeId: 7,
  };
  const about = (triggerEvent: string) => parsed('cal-com', { triggerEvent, createdAt: AT.toISOString(), payload });
  expect(about('BOOKING_CANCELLED')).toMatchObject([{ event: { series: { from: AT.toISOString() } } }]);
  expect(about('BOOKING_REJECTED')).not.toMatchObject([{ event: { series: {} } }]);
});

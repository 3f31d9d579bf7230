import { describe, expect, it } from 'vitest';
import type { AppointmentReminderConfig } from '../../functions/appointment-reminder/config.ts';
import { factOf, factOfRow, rowAfter } from '../../functions/appointment-reminder/row.ts';
import type { Booking } from '../../functions/appointment-reminder/schema.ts';
import * as bookings from '../../functions/appointment-reminder/sources.ts';
import { template as reminders } from '../../functions/appointment-reminder/template.ts';
import type { Lead } from '../../functions/lead-first-touch/schema.ts';
import * as leads from '../../functions/lead-first-touch/sources.ts';
import { template as firstTouch } from '../../functions/lead-first-touch/template.ts';
import * as orders from '../../functions/order-ready/sources.ts';
import { template as orderReady } from '../../functions/order-ready/template.ts';
import { answerValues, formAnswers } from '../../functions/shared/door/answers.ts';
import type { Sources } from '../../functions/shared/door/source.ts';
import type { PlannedSend } from '../../functions/shared/door/template.ts';
import type { FormAnswer } from '../../functions/shared/wording/form-answer.ts';
import { answersInSample } from '../sample-events.ts';

const AT = Date.parse('2026-11-22T10:00:00Z');
const FACTS = { lineId: 'line', keysOf: 'line', country: 'IL', locale: 'en', zone: 'Asia/Jerusalem' };
const answer = (question: string, value: string, more: Partial<FormAnswer> = {}): FormAnswer => ({
  question,
  value,
  ...more,
});

/** The answers that a source passes on of a body. */
const told = async (
  sources: Sources<unknown>,
  name: string,
  body: object | string,
  settings: object = {},
  headers: Record<string, string> = {},
  looked: object = {},
): Promise<readonly FormAnswer[] | undefined> => {
  const source = sources[name];
  const raw = Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
  const own = source?.settings.parse(settings);
  const parsed = source?.parse({ method: 'POST', headers, query: {}, raw, receivedAt: AT }, own);
  const [first] = parsed ?? [];
  if (!first || 'skipped' in first || 'forPeople' in first) return undefined;
  const http = async ({ url }: { url: string }) => ({
    kind: 'answer' as const,
    status: 200,
    headers: {},
    body: JSON.stringify(url.endsWith('/access_token') ? { access_token: 'x' } : looked),
  });
  const secret = { current: 'x', token: 'x', userId: 'x' };
  const event =
    'event' in first
      ? first.event
      : await source?.lookUp?.(first.reference, { settings: own, secret, http, now: () => AT });
  return (event as { answers?: readonly FormAnswer[] }).answers;
};

const [CONSENT, UTC] = [{ consent: { fields: ['agree'] } }, '2026-11-22T09:59:00Z'];
const FIELDS = { interest: 'Roses', rooms: [2, 3], file: { url: 'https://x.example' }, none: null };
const OURS = [answer('interest', 'Roses'), answer('rooms', '2, 3', { choices: ['2', '3'] })];

describe('what a form asked beside the name and the number is passed on', () => {
  it.each<[string, ReturnType<typeof told>, readonly FormAnswer[]]>([
    [
      'by our own order',
      told(orders, 'custom', {
        type: 'order.ready_for_pickup',
        timestamp: UTC,
        data: { order_id: '1', customer: {}, fields: FIELDS },
      }),
      OURS,
    ],
    [
      'by our own lead',
      told(leads, 'custom', {
        type: 'lead.created',
        timestamp: UTC,
        data: { lead_id: '1', submitted_at: UTC, fields: FIELDS },
      }),
      OURS,
    ],
    [
      'by our own appointment',
      told(bookings, 'custom', {
        type: 'appointment.booked',
        data: { appointment_id: '1', updated_at: UTC, starts_at: UTC, fields: FIELDS },
      }),
      OURS,
    ],
    [
      'by WooCommerce, but for what WordPress hides',
      told(
        orders,
        'woocommerce',
        {
          id: 1,
          status: 'done',
          customer_note: 'Ring <b>twice</b>',
          meta_data: [
            { key: 'Pickup time', value: '10:00' },
            { key: '_internal', value: '1' },
            { key: 'x', value: {} },
          ],
        },
        { statuses: ['done'] },
      ),
      [answer('customer_note', 'Ring twice'), answer('Pickup time', '10:00')],
    ],
    [
      'by Shopify’s order',
      told(
        orders,
        'shopify',
        { id: 1, note: 'Ring twice', note_attributes: [{ name: 'Gift', value: 'Yes' }] },
        { adminApi: 'https://shop.example', clientId: 'x', topics: ['orders/fulfilled'] },
        { 'x-shopify-topic': 'orders/fulfilled' },
      ),
      [answer('note', 'Ring twice'), answer('Gift', 'Yes')],
    ],
    [
      'by Shopify’s look-up',
      told(
        orders,
        'shopify',
        { fulfillment_order: { id: 1 } },
        {
          adminApi: 'https://shop.example',
          clientId: 'x',
          topics: ['fulfillment_orders/line_items_prepared_for_pickup'],
        },
        { 'x-shopify-topic': 'fulfillment_orders/line_items_prepared_for_pickup' },
        {
          data: {
            fulfillmentOrder: {
              order: { id: '1', note: 'Ring twice', customAttributes: [{ key: 'Gift', value: 'Yes' }] },
            },
          },
        },
      ),
      [answer('note', 'Ring twice'), answer('Gift', 'Yes')],
    ],
    [
      'by Calendly',
      Promise.resolve(answersInSample('appointment-reminder', bookings, 'calendly', 'created')),
      [answer('Anything we should know?', 'A cut & a colour')],
    ],
    [
      'by Cal.com',
      told(bookings, 'cal-com', {
        triggerEvent: 'BOOKING_CREATED',
        createdAt: UTC,
        payload: {
          uid: '1',
          startTime: UTC,
          attendees: [{}],
          responses: { colour: { label: 'Which colour?', value: ['Red', 'Blue'] }, notes: { value: '' }, guests: null },
        },
      }),
      [answer('Which colour?', 'Red, Blue', { names: ['colour'], choices: ['Red', 'Blue'] })],
    ],
    [
      'by Acuity’s look-up',
      told(
        bookings,
        'acuity',
        'action=scheduled&id=1',
        {},
        {},
        {
          datetime: UTC,
          forms: [{ values: [{ fieldID: 7, name: 'Which colour?', value: 'Red' }] }],
        },
      ),
      [answer('Which colour?', 'Red', { names: ['7'] })],
    ],
    [
      'by Acuity’s look-up, whatever its forms are',
      told(bookings, 'acuity', 'action=scheduled&id=1', {}, {}, { datetime: UTC, forms: 'none' }).then(
        (one) => one ?? [],
      ),
      [],
    ],
    [
      'by a form',
      told(leads, 'form', { submission_id: '1', interest: 'Roses' }, CONSENT).then(
        (all) => all?.filter(({ question }) => question === 'interest') ?? [],
      ),
      [answer('interest', 'Roses')],
    ],
    [
      'by Typeform, with every name of the question',
      Promise.resolve(
        answersInSample('lead-first-touch', leads, 'typeform', 'response-choices', CONSENT)?.filter(
          ({ question }) => question === 'First name',
        ) ?? [],
      ),
      [answer('First name', 'Dana', { names: ['first_name', 'n1', 'short_text'] })],
    ],
  ])('%s', async (_, given, expected) => {
    expect(await given).toEqual(expected);
  });

  it('as so many texts as a queue takes: 40 of 500 characters, and 30,000 in all', () => {
    const many = Array.from({ length: 60 }, (_, n) => ({ names: [`q${n}`], value: `${n}` }));
    expect(formAnswers(many).answers).toHaveLength(40);
    const long = many.map(({ names }) => ({ names, value: Array.from({ length: 100 }, () => 'x'.repeat(900)) }));
    const { answers = [] } = formAnswers(long);
    expect(answers[0]?.value).toHaveLength(500);
    expect(JSON.stringify(answers).length).toBeLessThan(31_000);
    expect(
      formAnswers([
        { names: [], value: 'x' },
        { names: ['x'], value: ' ' },
      ]),
    ).toEqual({});
  });
});

describe('an answer stands in a message', () => {
  const values = (
    answers: readonly FormAnswer[],
    one: { fields?: string[]; choices?: string[] } = {},
    unproven?: boolean,
  ) => answerValues(answers, { interest: { fields: ['interest', 'תחום עניין'], ...one } }, unproven).interest;
  const choices = ['Roses', 'Fruit trees'];

  it('by any name of its question, the first that was answered, all choices of it', () => {
    expect(values([answer('תחום עניין', 'ורדים')])).toBe('ורדים');
    expect(values([answer('What do you look for?', 'Roses', { names: ['Interest'] })])).toBe('Roses');
    expect(values([answer('תחום עניין', 'ורדים'), answer('interest', 'Roses')])).toBe('Roses');
    expect(values([answer('interest', 'Roses, Trees', { choices: ['Roses', 'Trees'] })])).toBe('Roses, Trees');
    expect(values([answer('budget', '5')])).toBeUndefined();
  });

  it('of at most 200 characters, without what no name holds, and never as a link', () => {
    expect(values([answer('interest', '<Roses> & *trees*')])).toBe('Roses & trees');
    expect(values([answer('interest', 'x'.repeat(300))])).toHaveLength(200);
    const long = ['x'.repeat(150), 'y'.repeat(150)];
    expect(values([answer('interest', '', { choices: long })])).toHaveLength(200);
    for (const link of ['see evil.example', 'https://evil.example', 'a\nb', 'evil./com']) {
      expect(values([answer('interest', link)])).toBeUndefined();
    }
    expect(values([answer('interest', '', { choices: ['Roses', 'evil.example'] })])).toBe('Roses');
  });

  it('only if it is one of the listed choices, where there are some, and in the words of the client file', () => {
    expect(values([answer('interest', ' fruit-TREES ')], { choices })).toBe('Fruit trees');
    expect(values([answer('interest', 'Roses and more')], { choices })).toBeUndefined();
    expect(values([answer('interest', '', { choices: ['roses', 'cars'] })], { choices })).toBe('Roses');
    expect(values([answer('interest', 'Roses, fruit trees')], { choices })).toBe('Roses, Fruit trees');
  });

  it.each([
    ['👎', ['👍'], undefined],
    ['👍', ['👍'], '👍'],
    ['c++', ['C', 'C++'], 'C++'],
    ['-5', ['5', '-5'], '-5'],
    ['?', ['👍'], undefined],
    ['Roses', ['Ro*'], undefined],
    ['3.5 rooms', ['35 rooms'], undefined],
    ['1-5', ['15'], undefined],
    ['35 ROOMS', ['35 rooms'], '35 rooms'],
  ])('%s of %j: signs tell choices apart where they are all there is', (given, listed, value) => {
    expect(values([answer('interest', given)], { choices: listed })).toBe(value);
  });

  it('from a door without a secret only if it is one of the listed choices', () => {
    expect(values([answer('interest', 'Roses')], {}, true)).toBeUndefined();
    expect(values([answer('interest', 'Roses')], { choices }, true)).toBe('Roses');
    expect(values([answer('interest', 'Cars')], { choices }, true)).toBeUndefined();
  });
});

/** The request of the first message, or the reason why there is none. */
const sent = ([first]: readonly PlannedSend[]): unknown => {
  const outcome = first?.command.outcome;
  return outcome && 'body' in outcome ? JSON.parse(outcome.body) : outcome;
};
const texts = { en: { body: 'About {interest}', ifMissing: { interest: 'plants' } } };
const bare = { en: { body: 'About {interest}' } };
const answers = { interest: { fields: ['interest'] } };
const phones = [{ raw: '+972501234567' }];
const given = [answer('Interest', 'Roses & trees')];

describe('{interest}', () => {
  it('is what an order, a lead and an appointment bring, in the text and encoded in the address of the media', () => {
    const media = { url: 'https://shop.example/{interest}.png' };
    const expected = {
      to: '+972501234567',
      media: 'https://shop.example/Roses%20%26%20trees.png',
      caption: 'About Roses & trees',
    };
    const order = { id: '1', update: 'ready', number: '1', phones, happenedAt: UTC, answers: given };
    const orderConfig = { ...orderReady.settings.parse({ texts, media, answers, sources: {} }), ...FACTS };
    expect(sent(orderReady.sends(order, orderConfig, AT))).toEqual(expected);
    const lead: Lead = {
      id: '1',
      source: 'custom',
      phones,
      submittedAt: UTC,
      answers: given,
      consent: { field: 'x', value: 'true' },
    };
    const leadConfig = { ...firstTouch.settings.parse({ texts, media, answers, sources: { custom: {} } }), ...FACTS };
    expect(sent(firstTouch.sends(lead, leadConfig, AT))).toEqual(expected);
    expect(sent(reminders.sends(booking, { ...bookingConfig({ media }) }, AT))).toEqual(expected);
  });

  it('is missing where nobody answered: the stand-in, or no message', () => {
    const lead: Lead = { id: '1', source: 'custom', phones, submittedAt: UTC, consent: { field: 'x', value: 'true' } };
    const config = (own: object) => ({
      ...firstTouch.settings.parse({ texts: own, answers, sources: { custom: {} } }),
      ...FACTS,
    });
    expect(sent(firstTouch.sends(lead, config(texts), AT))).toMatchObject({ body: 'About plants' });
    expect(sent(firstTouch.sends(lead, config(bare), AT))).toEqual({
      state: 'REJECTED',
      reason: 'missing_value:interest',
    });
  });

  it('of a browser’s post is a listed choice or missing; of a form server whatever was answered', () => {
    const settings = {
      consent: { fields: ['agree'], values: ['yes'] },
      browser: { origins: ['https://shop.example'] },
    };
    const bodyOf = (headers: Record<string, string>, choices?: string[]) => {
      const config = {
        ...firstTouch.settings.parse({
          texts,
          answers: { interest: { fields: ['interest'], ...(choices && { choices }) } },
          sources: { form: settings },
        }),
        ...FACTS,
      };
      const raw = Buffer.from(JSON.stringify({ interest: 'Roses', agree: 'yes', phone: '+972501234567' }));
      const request = { method: 'POST', headers, query: {}, raw, receivedAt: AT };
      const [parsed] = leads.form.parse(request, leads.form.settings.parse(settings));
      const { event } = parsed as { event: Lead };
      return sent(firstTouch.sends(event, config, AT));
    };
    const page = { origin: 'https://shop.example' };
    expect(bodyOf(page)).toMatchObject({ body: 'About plants' });
    expect(bodyOf(page, ['Roses'])).toMatchObject({ body: 'About Roses' });
    expect(bodyOf({ 'x-ezw-secret': 'x' })).toMatchObject({ body: 'About Roses' });
  });

  it('of a browser’s post is never under an id that a plug-in counts up', () => {
    const settings = { consent: { fields: ['agree'] }, browser: { origins: ['https://shop.example'] } };
    const idOf = (headers: Record<string, string>, entry_id: string) => {
      const body = { form_id: 'df', entry_id, agree: 'yes', phone: '+972501234567' };
      const request = { method: 'POST', headers, query: {}, raw: Buffer.from(JSON.stringify(body)), receivedAt: AT };
      const [parsed] = leads.form.parse(request, leads.form.settings.parse(settings));
      return (parsed as { event: Lead }).event.id;
    };
    const page = { origin: 'https://shop.example' };
    expect(idOf({ 'x-ezw-secret': 'x' }, '17')).toBe('df-17');
    expect(idOf(page, '17')).toMatch(/^f-/);
    expect(idOf(page, '17')).toBe(idOf(page, '18'));
    expect(idOf(page, 'b6c1-4f')).toBe('b6c1-4f');
  });

  it('of an appointment is kept until its reminder, through a move to another id, and nothing else that was answered', () => {
    const identity = { lineId: 'line', appointmentId: '1' };
    const config = bookingConfig();
    const told = { ...booking, answers: [...given, answer('secret', 'x')] };
    const row = rowAfter(undefined, factOf(told, config), identity, AT);
    expect(row.answers).toEqual({ interest: 'Roses & trees' });
    expect(rowAfter(undefined, factOfRow(row, '0', AT), identity, AT).answers).toEqual(row.answers);
    const cancelled = { kind: 'cancelled' as const, id: '1', updatedAt: '2026-11-22T10:00:01Z', receivedAt: UTC };
    expect(rowAfter(row, factOf(cancelled, config), identity, AT)).not.toHaveProperty('answers');
    const { answers: _, ...none } = config;
    expect(rowAfter(undefined, factOf(told, none), identity, AT).answers).toBeUndefined();
  });
});

const booking: Booking = {
  kind: 'booked',
  id: '1',
  updatedAt: UTC,
  receivedAt: UTC,
  startsAt: '2026-11-25T12:30:00.000Z',
  phones,
  answers: given,
};
const bookingConfig = (more: object = {}): AppointmentReminderConfig => ({
  ...reminders.settings.parse({ stages: { '24h': { texts, ...more } }, answers, sources: {} }),
  ...FACTS,
});

describe('a client file', () => {
  const said = (own: object, body = 'x'): string[] => {
    const { error } = orderReady.settings.safeParse({ texts: { en: { body } }, answers: own, sources: {} });
    return error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`) ?? [];
  };
  const one = { fields: ['x'] };

  it('may use the placeholders that it names, and hears of all there are when it uses another', () => {
    expect(said({ interest: one }, 'About {interest}')).toEqual([]);
    expect(said({ interest: one }, 'About {intrest}')).toEqual([
      'texts.en.body: unknown placeholder {intrest}; known: {name} {order} {location} {carrier} {tracking} {total} {items} {eta} {interest}',
    ]);
  });

  it.each(['order', 'Interest', 'first name', 'constructor', '1st', 'x-y'])('cannot call one %s', (name) => {
    expect(said({ [name]: one })).toEqual([expect.stringContaining(`answers.${name}`)]);
  });

  it.each([{}, { fields: [] }, { fields: ['x'], choices: [] }, { fields: ['x'], choises: ['x'] }])(
    'says of each which questions it means, and not %j',
    (wrong) => {
      expect(said({ interest: wrong })).toHaveLength(1);
    },
  );
});

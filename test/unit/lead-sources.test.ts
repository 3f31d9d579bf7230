import { describe, expect, it } from 'vitest';
import * as sources from '../../functions/lead-first-touch/sources.ts';
import { answersInSample, parsedSample, SAMPLE_AT } from '../sample-events.ts';

const consent = {
  fields: ['consent.whatsapp', 'whatsapp_consent', '*agree*whatsapp*', 'consent'],
  values: ['true', 'yes', 'on', '1', 'i agree*'],
};
const NOW = new Date(SAMPLE_AT).toISOString();
const TWO_MINUTES_AGO = '2026-11-22T09:58:00.000Z';
const DANA = { name: 'Dana', phones: [{ raw: '050-123-4567' }], submittedAt: TWO_MINUTES_AGO };
const LEVI = { ...DANA, name: 'Dana Levi' };
const OWN = { field: 'consent.whatsapp', value: 'true', text: 'I agree to WhatsApp', at: TWO_MINUTES_AGO };
const ASKED = 'Do you agree to receive WhatsApp messages?';
const BOX = 'Consent (I agree to WhatsApp messages)';
const AGREED = { field: 'I agree to WhatsApp messages', value: 'on' };
const IL = [{ raw: '050-123-4567', country: 'IL' }];
/** Made of form, name, e-mail and phone: the same whether Elementor sends it simple or "advanced". */
const ONE_PERSON = 'f-77866d46906843021ce121dd02916b3c';

/** Sample, what is read in it, and settings where the usual ones do not do. */
type Row = [source: string, sample: string, lead: object, settings?: object];

const ROWS: Row[] = [
  ['custom', 'created', { ...DANA, id: 'L-104400', formId: 'landing', phones: IL, consent: OWN }, {}],
  [
    'google-ads',
    'lead-64-bit',
    {
      ...DANA,
      id: '820982911946154508',
      formId: '9007199254740993',
      phones: [{ raw: '050-123-4567', country: 'Israel' }],
      consent: { field: 'whatsapp_consent', question: 'May we write on WhatsApp?', value: 'Yes' },
    },
  ],
  [
    'typeform',
    'response-hebrew',
    {
      ...DANA,
      id: 'a3a12ec67a1365927098a606107fac16',
      formId: 'lT4Z3j',
      name: 'דנה 🌹',
      phones: [{ raw: '+972501234567' }],
      locale: 'he',
      consent: { field: ASKED, question: ASKED, value: 'true' },
    },
  ],
  [
    'webflow',
    'submission',
    {
      ...DANA,
      id: '6321ca84df3949bfc6752327',
      formId: '65429eadebe8a9f3a30f62d0',
      phones: [{ raw: '972501234567', country: 'Israel' }],
      consent: { field: 'WhatsApp consent', value: 'true' },
    },
  ],
  [
    'webflow',
    'submission-v1',
    { ...LEVI, id: '6321ca84df3949bfc6752332', formId: 'Contact', consent: { field: 'Consent', value: 'true' } },
  ],
  ['form', 'own/page', { ...DANA, id: 'S-770001', formId: 'landing', phones: IL, consent: OWN }],
  [
    'form',
    'tally/response',
    {
      ...LEVI,
      id: 'Z9Z97Go',
      formId: 'VwbNEw',
      phones: [{ raw: '+972501234567' }],
      consent: { field: BOX, question: BOX, value: 'true' },
    },
  ],
  [
    'form',
    // The rule names the question alone: then the words of the option are the answer.
    'tally/response',
    {
      ...LEVI,
      id: 'Z9Z97Go',
      formId: 'VwbNEw',
      phones: [{ raw: '+972501234567' }],
      consent: { field: 'Consent', question: 'Consent', value: 'I agree to WhatsApp messages' },
    },
    { consent: { ...consent, fields: ['consent'] } },
  ],
  [
    'form',
    'jotform/submission',
    {
      ...DANA,
      id: '6084250982513018472',
      formId: '243231271343446',
      submittedAt: NOW,
      consent: { field: 'consent', value: 'I agree to WhatsApp messages' },
    },
  ],
  ['form', 'elementor/simple', { ...LEVI, id: ONE_PERSON, formId: '90ad4c1', submittedAt: NOW, consent: AGREED }],
  [
    'form',
    'elementor/advanced',
    {
      ...LEVI,
      id: ONE_PERSON,
      formId: '90ad4c1',
      submittedAt: NOW,
      consent: { field: 'consent', question: 'WhatsApp', value: 'on' },
    },
    // The field of the phone goes by its type; the box for WhatsApp must not be taken for a number.
    { consent, fields: { phone: ['phone'] } },
  ],
  [
    'form',
    'elementor/advanced-choices',
    {
      ...LEVI,
      id: expect.stringMatching(/^f-/),
      formId: '90ad4c1',
      submittedAt: NOW,
      consent: { field: 'consent', question: 'How may we write to you?', value: 'Email\nWhatsApp' },
    },
  ],
  [
    'form',
    'gravity/all-fields',
    {
      ...DANA,
      id: '3-10000014',
      formId: '3',
      submittedAt: '2026-11-22T09:59:30.000Z',
      consent: { field: '5.1', value: '1' },
    },
    { consent: { fields: ['5.1'], values: ['1'] }, fields: { phone: ['3'], firstName: ['1.3'] } },
  ],
  [
    'form',
    'wpforms/entry',
    {
      ...LEVI,
      id: '7-48213341',
      formId: '7',
      submittedAt: NOW,
      consent: { field: 'whatsapp_consent', value: 'Yes' },
    },
  ],
  [
    'form',
    'contact-form-7/contact',
    {
      ...LEVI,
      id: 'f-e78cb98349c2644f088d455cace0278d',
      submittedAt: NOW,
      consent: { field: 'whatsapp-consent', value: '1' },
    },
  ],
];

describe('what is read of a lead', () => {
  it.each<Row>(ROWS)('%s %s', (source, sample, lead, settings = { consent }) => {
    expect(parsedSample('lead-first-touch', sources, source, sample, settings)).toEqual([
      { event: { source, ...lead } },
    ]);
  });

  it('is where to ask for it, when the event brings ids alone', () => {
    const occurredAt = '2026-11-22T09:59:30.000Z';
    const [id, formId] = ['1459076748710715', '1616801872291123'];
    expect(parsedSample('lead-first-touch', sources, 'meta', 'lead', { consent })).toEqual([
      { reference: { leadgenId: id, formId, submittedAt: occurredAt }, id, occurredAt },
    ]);
  });
});

describe('groups of Typeform', () => {
  it('tell each answer by its own title, however deep', () => {
    const answers = answersInSample('lead-first-touch', sources, 'typeform', 'groups', { consent }) ?? [];
    expect(Object.fromEntries(answers.map(({ question, value }) => [question, value]))).toMatchObject({
      'What shall we call you?': 'Dana',
      'Reach me at': '+972501234567',
      'Red roses': 'Very much',
      'Dutch tulips': 'A little',
      'The newsletter': 'false',
    });
  });

  const response = (answers: object[], definition?: object) =>
    sources.typeform.parse(
      {
        method: 'POST',
        headers: {},
        query: {},
        receivedAt: SAMPLE_AT,
        raw: Buffer.from(
          JSON.stringify({
            event_type: 'form_response',
            form_response: { token: 't', form_id: 'f', answers, ...(definition && { definition }) },
          }),
        ),
      },
      // By no name that a question may have.
      sources.typeform.settings.parse({ consent, fields: { phone: ['other'] } }),
    );
  const PHONE = { type: 'phone_number', phone_number: '+972501234567' };

  it('keep all their answers where these name the group alone', () => {
    const field = { id: 'g', type: 'inline_group' };
    const answers = [
      { type: 'text', text: 'Dana', field },
      { ...PHONE, field },
      { type: 'text', text: 'Haifa', field },
    ];
    const definition = { fields: [{ id: 'g', type: 'inline_group', title: 'About you', properties: { fields: [] } }] };
    const [item] = response(answers, definition);
    expect(item).toMatchObject({ event: { phones: [{ raw: '+972501234567' }] } });
    expect(item && 'event' in item && item.event.answers?.map(({ question, value }) => `${question} ${value}`)).toEqual(
      ['About you Dana', 'About you +972501234567', 'About you Haifa'],
    );
  });

  it('need not be known for a number that says that it is one', () => {
    expect(response([PHONE])).toMatchObject([{ event: { phones: [{ raw: '+972501234567' }] } }]);
    expect(response([{ type: 'text', text: '+972501234567', field: { id: 'x', type: 'phone_number' } }])).toMatchObject(
      [{ event: { phones: [{ raw: '+972501234567' }] } }],
    );
  });
});

describe('a batch of Meta', () => {
  it('skips what is of the inbox or of another field, entry by entry, beside the leads', () => {
    expect(parsedSample('lead-first-touch', sources, 'meta', 'beside-messages', { consent })).toEqual([
      { skipped: 'messaging' },
      { skipped: 'standby' },
      { skipped: 'no_lead' },
      expect.objectContaining({ id: '1459076748710731' }),
    ]);
    for (const name of ['messaging', 'other-field', 'without-value']) {
      expect(parsedSample('lead-first-touch', sources, 'meta', name, { consent })).toEqual([
        { skipped: name === 'messaging' ? name : 'no_lead' },
      ]);
    }
  });

  it('of the dashboard is a test without a look-up', () => {
    expect(parsedSample('lead-first-touch', sources, 'meta', 'dashboard-test', { consent })).toEqual([
      { event: expect.objectContaining({ id: '444444444444', isTest: true }) },
      { skipped: 'repeated' },
    ]);
  });
});

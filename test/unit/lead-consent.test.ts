import { describe, expect, it } from 'vitest';
import { consentAnswer, proofOf } from '../../functions/lead-first-touch/consent.ts';
import type { ConsentRule } from '../../functions/lead-first-touch/form-settings.ts';
import { browserFormSettings, formSettings } from '../../functions/lead-first-touch/form-settings.ts';
import type { Lead } from '../../functions/lead-first-touch/schema.ts';
import * as registry from '../../functions/lead-first-touch/sources.ts';
import type { Answer } from '../../functions/shared/door/answers.ts';
import type { Sources } from '../../functions/shared/door/source.ts';

const sources: Sources<Lead> = registry;
const AT = Date.parse('2026-11-22T10:00:00Z');
const STATEMENT = 'By sending this form I agree to WhatsApp.';

const rule = (over: Partial<ConsentRule> = {}): ConsentRule =>
  formSettings.consent.parse({ fields: ['whatsapp_consent'], ...over });
const answer = (value: unknown, ...names: string[]): Answer => ({
  names: names.length > 0 ? names : ['whatsapp_consent'],
  value,
});
const lead = (consent: Lead['consent'], source: string): Lead => ({
  id: '1',
  source,
  phones: [],
  consent,
  submittedAt: new Date(AT).toISOString(),
});
/** What proves the consent by these answers, with a rule of a source that sends every question. */
const proof = (answers: readonly Answer[], given: ConsentRule) =>
  proofOf(lead(consentAnswer(answers, given), 'meta'), { meta: { consent: given } } as never);

/** The same for a whole body at a source. */
const proofAt = (source: string, body: unknown, consent: object, headers: Record<string, string> = {}) => {
  const own = sources[source];
  const settings = own?.settings.parse(source === 'custom' ? {} : { consent });
  const raw = Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
  const [parsed] = own?.parse({ method: 'POST', headers, query: {}, raw, receivedAt: AT }, settings) ?? [];
  if (!parsed || !('event' in parsed)) return parsed;
  return proofOf(parsed.event, { [source]: settings } as never);
};
const ENCODED = { 'content-type': 'application/x-www-form-urlencoded' };

describe('of the questions of a rule', () => {
  const two = rule({ fields: ['whatsapp_consent', 'consent'] });

  it('the first that is there decides, answered or not', () => {
    for (const empty of ['', null, undefined, [], {}, false])
      expect(proof([answer('yes', 'consent'), answer(empty)], two)).toBeUndefined();
    expect(proof([answer('no', 'consent'), answer('yes')], two)).toMatchObject({ field: 'whatsapp_consent' });
    expect(proof([answer('yes', 'consent')], two)).toMatchObject({ field: 'consent' });
  });

  it('a field that is there and not affirmative refuses, whatever the statement says', () => {
    const both = rule({ statement: STATEMENT });
    for (const no of ['', null, [], false, 'false', 'Email', ['Email'], 'perhaps'])
      expect(proof([answer(no)], both), String(no)).toBeUndefined();
    expect(proof([answer('x', 'name')], both)).toMatchObject({ text: STATEMENT });
  });

  it('several answers of one name need a yes and no plain no', () => {
    expect(proof([answer('yes'), answer('sure')], rule())).toBeDefined();
    expect(proof([answer('sure'), answer('yes')], rule())).toMatchObject({ value: 'yes' });
    for (const no of ['', false, 'no', '0', 'off', 'Nein', 'לא', 'non', 'Declined', 'not answered'])
      for (const both of [
        [answer('yes'), answer(no)],
        [answer(no), answer('yes')],
      ])
        expect(proof(both, rule()), String(no)).toBeUndefined();
  });
});

describe('all choices of a multiple choice count', () => {
  it.each<[unknown, boolean]>([
    [['Email', 'WhatsApp'], true],
    [['WhatsApp'], true],
    ['Email\nWhatsApp', true],
    ['Email\r\nWhatsApp', true],
    ['Email, WhatsApp', true],
    ['Email,WhatsApp', true],
    [['', '1'], true],
    [['Email'], false],
    [['Email', 'SMS'], false],
    ['Email, SMS', false],
    ['Email, no WhatsApp', false],
    ['No, not by WhatsApp, by mail', false],
    [['No', 'WhatsApp'], false],
    ...[
      'No',
      false,
      0,
      'none',
      'not checked',
      'No, thank you',
      'I do not agree',
      'לא תודה',
      'No WhatsApp',
      'بدون واتساب',
      '☐',
    ].map((no): [unknown, boolean] => [['WhatsApp', no], false]),
    ['Not by\nWhatsApp', false],
    [['WhatsApp', 'No phone calls'], true],
    [['No phone calls', 'WhatsApp'], true],
    [['WhatsApp', 'Non-urgent news'], true],
    [['WhatsApp', 'Off-season offers'], true],
    [['WhatsApp', '0-10 employees'], true],
    ['Yes, by e-mail', false],
    ['not by SMS, WhatsApp', false],
    [Array.from({ length: 10_000 }, () => 'Email'), false],
  ])('%j: %s', (value, expected) => {
    expect(proof([answer(value)], rule()) !== undefined).toBe(expected);
  });

  it('of more than any form has, those that fit into an event', () => {
    const all = Array.from({ length: 300_000 }, (_, i) => `choice ${i}`);
    expect(consentAnswer([answer(all)], rule())?.value.length).toBeLessThan(50_000);
    expect(consentAnswer([answer(all.join('\n'))], rule())?.value.length).toBeLessThan(50_000);
  });

  it('of words that a form breaks into lines too', () => {
    const words = rule({ values: ['I agree to all of this'] });
    expect(proof([answer('I agree\nto all of this')], words)).toBeDefined();
    expect(proof([answer(['I agree', 'to nothing'])], words)).toBeUndefined();
  });
});

describe('what a plug-in sends', () => {
  it.each([true, 'true', 'Yes', 'on', '1', 1, 'checked', ['1'], ['on'], '["1"]', 'Consented: I agree', 'WhatsApp'])(
    'of a ticked box is a yes by itself: %j',
    (value) => {
      expect(proof([answer(value)], rule())).toBeDefined();
    },
  );

  const NOT_TICKED = [
    '',
    ' ',
    null,
    false,
    'false',
    '0',
    0,
    'no',
    'off',
    [],
    {},
    [''],
    [null],
    '0.00',
    'Not Checked',
    'unchecked',
    'Not consented: I agree to WhatsApp',
    'Nein',
    'Nicht ausgewählt',
    'Non',
    'Não',
    'нет',
    'Не согласен',
    'לא',
    'לא מאשר',
    'איני מאשר',
    'لا',
    'غير موافق',
    "I don't agree",
    'I do not agree',
    'Disagree',
    'I disagree',
    'Declined',
    'Opted out',
    'opt-out',
    'None',
    'never',
    '☐ I agree',
    '✗ yes',
    '❌',
    "Je n'accepte pas",
    'Refusé',
    'לֹא',
    'لَا',
    'ＮＯ',
    '\u200eNo',
    'NO!',
    '- no',
    '(no)',
    // A box that is empty or crossed, as a sign before its label.
    '[ ] WhatsApp',
    '[] yes',
    '( ) yes',
    '□ WhatsApp',
    '⬜ yes',
    '◻ yes',
    '☒ WhatsApp',
    '✕ WhatsApp',
    '× whatsapp',
    '🚫 WhatsApp',
    '🚫️ yes',
    '!whatsapp',
    '-1',
    -1,
    '[-] yes',
    'Email, ☐ WhatsApp',
    'WhatsApp, no',
    '[ ]\nWhatsApp',
    'Consented: no',
    'Consented: I do not agree',
    'consented : ☐ I agree',
    'Consented: לא',
    'אל תכתבו לי',
    'בלי WhatsApp',
    'ne pas me contacter par WhatsApp',
    'sin WhatsApp',
    'sem WhatsApp',
    'without WhatsApp',
    'ohne WhatsApp',
    'sans WhatsApp',
    'senza WhatsApp',
    'لست موافقا',
    'أرفض',
    'بدون واتساب',
    'Unsubscribe',
    'dont agree',
  ];
  it.each(NOT_TICKED)('of a box that is not ticked is never a yes: %j', (value) => {
    expect(proof([answer(value)], rule())).toBeUndefined();
    // However wide a pattern is.
    const wide = rule({ values: ['i agree*', '*agree*', '*checked', '*whatsapp*', 'yes *', 'מאשר*'] });
    expect(proof([answer(value)], wide)).toBeUndefined();
  });

  it.each([
    '✓ yes',
    '✔️ WhatsApp',
    '☑ WhatsApp',
    '✅ yes',
    '"WhatsApp"',
    '“Yes”',
    '«yes»',
    '״כן״',
    '(yes)',
    '[WhatsApp]',
    '¡Sí!',
    '[✓] WhatsApp',
    '(✔) yes',
    '[x] I agree',
    '(x) I agree',
    '[x] WhatsApp',
    '(X) yes',
    '✅ Consented: I agree',
    '✅',
  ])('with a tick or a quote before it is no no: %j', (value) => {
    const yes = rule({ values: ['yes', 'כן', 'sí', 'whatsapp', '*i agree', 'other'] });
    expect(proof([answer([value, 'other'])], yes)).toBeDefined();
    if (value !== '✅') expect(proof([answer(value)], yes)).toBeDefined();
  });

  it.each([
    'WhatsApp ✗',
    'WhatsApp: ❌',
    'Email ✓, WhatsApp ✗',
    'WhatsApp [ ]',
    'Yes ☐',
    'Yes 👎',
    'Email ☑\nWhatsApp ☐',
  ])('with an empty or crossed box behind it is no yes: %j', (value) => {
    expect(proof([answer(value)], rule({ values: ['yes', 'whatsapp', '*whatsapp*'] }))).toBeUndefined();
  });

  it.each([
    ['Consented: No spam, I agree to WhatsApp', 'consented *'],
    ['Consented: Without obligation I agree', 'consented *'],
    ['I agree to receive WhatsApp messages; I can unsubscribe at any time', '*whatsapp*'],
    ['I agree. You can opt out any time', '*agree*'],
  ])('whose words tell how to end it is a yes: %j', (value, yes) => {
    expect(proof([answer(value)], rule({ values: [yes] }))).toBeDefined();
  });

  it.each(['I cannot agree to WhatsApp', "I can't use WhatsApp", 'everything except WhatsApp', 'ללא WhatsApp'])(
    'that says no before the words of a wide value is no yes: %j',
    (value) => {
      expect(proof([answer(value)], rule({ values: ['*whatsapp*'] }))).toBeUndefined();
    },
  );

  it.each(['💬 WhatsApp', '📱WhatsApp', '• WhatsApp', '- WhatsApp', '* WhatsApp', '👍 yes', '1. WhatsApp'])(
    'with a picture or a bullet before it is the answer that it is: %j',
    (value) => {
      const own = rule({ values: ['yes', 'whatsapp', '1 WhatsApp'] });
      expect(proof([answer(value)], own)).toBeDefined();
      expect(proof([answer(`☐ ${value}`)], own)).toBeUndefined();
    },
  );

  it.each([
    'Please no WhatsApp',
    'Yes to email, no to WhatsApp',
    "Merci, n'utilisez pas WhatsApp",
    'אני מבקש בלי WhatsApp',
  ])('is no yes by a value before which anything may stand: %j', (value) => {
    expect(proof([answer(value)], rule({ values: ['*whatsapp*'] }))).toBeUndefined();
    expect(proof([answer('Email and WhatsApp')], rule({ values: ['*whatsapp*'] }))).toBeDefined();
  });

  it('may have a no within words that begin as the client file says', () => {
    const label = 'I agree to WhatsApp messages and that you will not share my data';
    expect(proof([answer(label)], rule({ values: ['i agree*'] }))).toBeDefined();
    expect(proof([answer('I have no objection')], rule({ values: ['*no objection'] }))).toBeDefined();
  });

  it('of a box as PHP stores a list is no yes', () => {
    expect(proof([answer('a:1:{i:0;s:1:"1";}')], rule())).toBeUndefined();
  });

  it('that says no is a yes only by an answer of the client file that says no itself', () => {
    expect(proof([answer('No objection')], rule({ values: ['no objection'] }))).toBeDefined();
    expect(proof([answer('No objection.')], rule({ values: ['no objection*'] }))).toBeDefined();
    expect(proof([answer('No')], rule({ values: ['no objection'] }))).toBeUndefined();
  });
});

describe('a question that was asked and not answered refuses', () => {
  const both = { fields: ['whatsapp_consent', 'May we write on WhatsApp?'], statement: STATEMENT };
  const typeform = (fields: object[], answers: object[] = []) =>
    proofAt(
      'typeform',
      { event_type: 'form_response', form_response: { token: '1', form_id: 'f', definition: { fields }, answers } },
      both,
    );
  const asked = { id: 'c', ref: 'x', type: 'yes_no', title: 'May we write on WhatsApp?' };

  it('at Typeform by the definition alone, in a group too', () => {
    expect(typeform([{ id: 'n', title: 'Name', type: 'short_text' }])).toMatchObject({ text: STATEMENT });
    expect(typeform([asked])).toBeUndefined();
    expect(typeform([{ id: 'g', type: 'group', title: 'More', properties: { fields: [asked] } }])).toBeUndefined();
    const yes = { type: 'boolean', boolean: true, field: { id: 'c', type: 'yes_no' } };
    expect(typeform([asked], [yes])).toMatchObject({ question: asked.title, value: 'true' });
    const group = { id: 'g', type: 'group', title: asked.title, properties: { fields: [asked] } };
    expect(typeform([group], [yes])).toMatchObject({ value: 'true' });
    // Words between the questions are none.
    expect(typeform([{ ...asked, type: 'statement' }])).toMatchObject({ text: STATEMENT });
  });

  it.each<[string, object, boolean]>([
    ['choice', { other: 'WhatsApp' }, true],
    ['choice', { other: 'Email' }, false],
    ['choice', { other: 'No WhatsApp' }, false],
    ['choice', { label: 'WhatsApp', other: null }, true],
    ['choices', { labels: ['Email'], other: 'WhatsApp' }, true],
    ['choices', { labels: ['WhatsApp'], other: 'letters' }, true],
    ['choices', { labels: ['WhatsApp'], other: 'No' }, false],
    ['choices', { other: 'WhatsApp' }, true],
    ['choices', { labels: [], other: '' }, false],
    ['choices', {}, false],
  ])('at Typeform a %s that was typed is one: %j', (type, given, expected) => {
    const field = { ...asked, type: 'multiple_choice' };
    const proved = typeform([field], [{ type, [type]: given, field: { id: 'c', type: field.type } }]);
    expect(proved !== undefined).toBe(expected);
  });

  it('at Google by a column without a value', () => {
    const google = (...columns: object[]) =>
      proofAt('google-ads', { lead_id: '1', form_id: '2', user_column_data: columns }, both);
    expect(google({ column_id: 'FULL_NAME', string_value: 'Dana' })).toMatchObject({ text: STATEMENT });
    expect(google({ column_id: 'whatsapp_consent', string_value: '' })).toBeUndefined();
    expect(google({ column_id: 'whatsapp_consent' })).toBeUndefined();
  });

  it('at Webflow by false', () => {
    const webflow = (data: object) =>
      proofAt('webflow', { triggerType: 'form_submission', payload: { id: '1', data } }, { fields: ['consent'] });
    expect(webflow({ consent: false })).toBeUndefined();
    expect(webflow({ consent: true })).toBeDefined();
  });

  it('at Gravity Forms by its empty part, whose label is no answer to it', () => {
    const entry = (parts: object) => proofAt('form', parts, { fields: ['5.1'] });
    expect(entry({ '5.1': '1', '5.2': 'I agree' })).toBeDefined();
    expect(entry({ '5.1': '', '5.2': 'I agree' })).toBeUndefined();
    const post = (body: string) => proofAt('form', body, { fields: ['input_5.1'] }, ENCODED);
    expect(post('input_5.1=1&input_5.2=I+agree')).toBeDefined();
    expect(post('input_5.2=I+agree+to+WhatsApp&input_5.3=1&input_51=1')).toBeUndefined();
  });
});

describe('our own consent.whatsapp', () => {
  const STATED = { statement: STATEMENT };
  const OTHER = { fields: ['agreed'] };

  it.each<[string, string | object, Record<string, string>?]>([
    ['false as JSON', { consent: { whatsapp: false } }],
    ['null as JSON', { consent: { whatsapp: null } }],
    ['another word', { consent: { whatsapp: 'maybe' } }],
    ['a list that says both', { consent: { whatsapp: [true, false] } }],
    ['an object that says nothing of it', { consent: { text: 'I agree', email: true } }],
    ['an empty object', { consent: {} }],
    ['inside the fields', { fields: { consent: { whatsapp: false } } }],
    ['a name with a dot', { 'consent.whatsapp': 'false' }],
    ['form-encoded in brackets', 'consent[whatsapp]=false', ENCODED],
    ['form-encoded with a dot', 'consent.whatsapp=false', ENCODED],
    ['form-encoded and empty', 'consent.whatsapp=', ENCODED],
    ['twice, once yes', 'consent[whatsapp]=true&consent.whatsapp=false', ENCODED],
  ])('that is not true always refuses, whatever the rule: %s', (_, body, headers = {}) => {
    const more = typeof body === 'string' ? `${body}&agreed=yes` : { ...body, agreed: 'yes' };
    expect(proofAt('form', more, STATED, headers)).toBeUndefined();
    expect(proofAt('form', more, OTHER, headers)).toBeUndefined();
    expect(proofAt('form', more, { fields: ['consent.whatsapp'] }, headers)).toBeUndefined();
  });

  it.each<[string | object, Record<string, string>?]>([
    [{ consent: { whatsapp: true } }],
    [{ consent: { whatsapp: 'true' } }],
    ['consent[whatsapp]=on', ENCODED],
    ['consent[whatsapp]=false&consent[whatsapp]=true', ENCODED],
  ])('that is true stands in no way: %j', (body, headers = {}) => {
    const more = typeof body === 'string' ? `${body}&agreed=yes` : { ...body, agreed: 'yes' };
    const others = { fields: ['agreed'], values: ['yes*'] };
    for (const consent of [STATED, OTHER, others, { fields: ['consent.whatsapp'] }])
      expect(proofAt('form', more, consent, headers)).toBeDefined();
  });

  it('may be what the rule of that very field calls a yes', () => {
    const own = { fields: ['consent.whatsapp'], values: ['i agree*'] };
    expect(proofAt('form', { consent: { whatsapp: 'I agree to WhatsApp' } }, own)).toBeDefined();
    expect(proofAt('form', { consent: { whatsapp: 'No' } }, { ...own, values: ['no'] })).toBeUndefined();
    const other = { consent: { whatsapp: 'weekly' }, newsletter: 'weekly' };
    expect(proofAt('form', other, { fields: ['newsletter'], values: ['weekly'] })).toBeUndefined();
  });

  it('is not what a list of boxes is, and a bare "consent" counts for more than a statement alone', () => {
    expect(proofAt('form', 'consent[]=on', { fields: ['consent'] }, ENCODED)).toBeDefined();
    expect(proofAt('form', { consent: false }, STATED)).toBeUndefined();
    expect(proofAt('form', { consent: false, agreed: 'yes' }, OTHER)).toBeDefined();
  });

  it('refuses at the source custom unless it is true itself', () => {
    const at = '2026-11-22T09:58:00Z';
    const custom = (consent: unknown) =>
      proofAt('custom', { type: 'lead.created', timestamp: at, data: { lead_id: '1', submitted_at: at, consent } }, {});
    for (const no of [undefined, null, {}, { whatsapp: false }, { whatsapp: 'true' }, { whatsapp: 1 }])
      expect(custom(no)).toBeUndefined();
    expect(custom({ whatsapp: true })).toMatchObject({ value: 'true' });
  });
});

describe('where a statement would speak', () => {
  const stated = rule({ fields: [], statement: STATEMENT });
  const NO = ['no', 'No thanks', 0, '0', '', null, undefined, [], ['email'], false, 'false', '☐ WhatsApp'];
  const EVIDENT = [
    'consent',
    'Consent',
    'consent.whatsapp',
    'consent_whatsapp',
    'whatsapp_consent',
    'whatsapp_opt_in',
    'opt_in',
    'WhatsApp consent',
    'I consent to WhatsApp messages at any time',
    'your-whatsapp-consent-box',
    'optIn',
  ];

  it.each(EVIDENT)(
    'a field that is evidently the consent and is empty, says no or names another way refuses: %s',
    (name) => {
      for (const no of NO) {
        expect(proof([answer('x', 'name'), answer(no, name)], stated), String(no)).toBeUndefined();
        expect(
          proof([answer(no, name)], rule({ fields: ['other'], statement: STATEMENT })),
          String(no),
        ).toBeUndefined();
      }
      for (const yes of [
        true,
        'true',
        1,
        'on',
        ['on'],
        'Yes',
        'Yes, please',
        'I agree to WhatsApp',
        'כן',
        'Ja',
        'Sí',
        'نعم',
      ])
        expect(proof([answer(yes, name)], stated), String(yes)).toMatchObject({ text: STATEMENT });
      for (const other of ['Einverstanden', 'accept', '✓', 'v2', '2026-11-22T10:00:00Z', 'https://shop.example/terms'])
        expect(proof([answer(other, name)], stated), other).toMatchObject({ text: STATEMENT });
      expect(proof([answer(['Email', 'WhatsApp'], name)], stated)).toMatchObject({ text: STATEMENT });
    },
  );

  it.each([
    'consent_text',
    'consent.text',
    'consent_whatsapp_text',
    'whatsappConsentAt',
    'whatsapp_consent_ip_address',
    'whatsapp_consent_version',
    'consent_email',
    'newsletter',
    'whatsapp',
  ])('what merely stands beside it does not: %s', (name) => {
    for (const no of NO) expect(proof([answer(no, name)], stated), String(no)).toMatchObject({ text: STATEMENT });
  });

  it('a number whose question speaks of consent does not', () => {
    const name = 'WhatsApp, by which I consent to be called';
    expect(proof([answer('+972 50-123-4567', name)], stated)).toMatchObject({ text: STATEMENT });
  });

  it.each(['form', 'webflow', 'typeform', 'google-ads'] as const)('so at %s', (source) => {
    const body = (given: string) => {
      const answers = { whatsapp_opt_in: given, name: 'Dana' };
      if (source === 'form') return answers;
      if (source === 'webflow') return { triggerType: 'form_submission', payload: { id: '1', data: answers } };
      const columns = Object.entries(answers);
      if (source === 'google-ads')
        return {
          lead_id: '1',
          form_id: '2',
          user_column_data: columns.map(([column_id, string_value]) => ({ column_id, string_value })),
        };
      return { event_type: 'form_response', form_response: { token: '1', form_id: 'f', hidden: answers } };
    };
    expect(proofAt(source, body('no'), { statement: STATEMENT })).toBeUndefined();
    expect(proofAt(source, body('yes'), { statement: STATEMENT })).toMatchObject({ text: STATEMENT });
  });

  it('our own contract, its words and its time stand in no way', () => {
    const consent = { whatsapp: true, text: 'I agree', at: '2026-11-22T09:58:00Z' };
    for (const body of [{ consent }, { fields: { consent } }])
      expect(proofAt('form', body, { statement: STATEMENT })).toBeDefined();
  });
});

describe('a contact of HighLevel', () => {
  const contact = (over: object) => ({ phone: '+972501234567', agreed: 'yes', ...over });
  it.each<[object, boolean]>([
    [{ dnd: true }, false],
    [{ dnd: 'true' }, false],
    [{ dnd: 'True' }, false],
    [{ dndSettings: { WhatsApp: { status: 'active' } } }, false],
    [{ dnd: false, dndSettings: { WhatsApp: { status: 'active' } } }, false],
    [{ dndSettings: { whatsapp: { status: 'PERMANENT' } } }, false],
    [{ contact: { dnd: true } }, false],
    [{ contact: { dndSettings: { whatsApp: { Status: 'Permanent' } } } }, false],
    [{ DND: true }, false],
    [{ Dnd: 'Yes', dnd: false }, false],
    [{ customData: { dnd: 'true' } }, false],
    [{ customdata: { DND: true } }, false],
    [{ dndSettings: '{"WhatsApp":{"status":"active"}}' }, false],
    [{ customData: { DNDSettings: ' {"whatsapp":{"status":"Permanent"}}' } }, false],
    [{ dndSettings: '{"WhatsApp":{"status":"inactive"}}' }, true],
    [{ dndSettings: '{"WhatsApp"', customData: { dnd: 'No' } }, true],
    [{ dnd: false }, true],
    [{ dnd: 'false' }, true],
    [{ dnd: null, dndSettings: [] }, true],
    [{ dndSettings: { Email: { status: 'active' }, WhatsApp: { status: 'inactive' } } }, true],
  ])('with %j: may be written to: %s', (over, expected) => {
    for (const consent of [{ fields: ['agreed'] }, { statement: STATEMENT }])
      expect(proofAt('form', contact(over), consent) !== undefined).toBe(expected);
  });
});

describe('the settings', () => {
  const error = (source: string, settings: object) =>
    sources[source]?.settings
      .safeParse(settings)
      .error?.issues.map(
        ({ path, message }: { path: PropertyKey[]; message: string }) => `${path.join('.')}: ${message}`,
      );
  const both = { fields: ['consent'], statement: STATEMENT };

  it.each(['form', 'webflow'] as const)('of %s take fields or a statement, and say why not both', (source) => {
    const says = /^consent\.statement: a browser does not send a box that is not ticked.*consentByForm/;
    expect(error(source, { consent: both })).toEqual([expect.stringMatching(says)]);
    expect(error(source, { consent: { fields: ['consent'] }, consentByForm: { a: both } })).toEqual([
      expect.stringMatching(/^consentByForm\.a\.statement: a browser/),
    ]);
    for (const consent of [{ fields: ['consent'] }, { statement: STATEMENT }, { fields: [], statement: STATEMENT }])
      expect(error(source, { consent, consentByForm: { other: { statement: STATEMENT } } })).toBeUndefined();
    expect(error(source, { consent: {} })).toHaveLength(1);
  });

  it.each(['meta', 'google-ads', 'typeform'] as const)('of %s take both', (source) => {
    expect(error(source, { consent: both, consentByForm: { a: both } })).toBeUndefined();
  });

  it.each(['form', 'meta'] as const)('of %s refuse names and answers without a letter or a digit', (source) => {
    for (const signs of ['✓', '...', '✅', '*', '* *', '☐*']) {
      const says = expect.stringMatching(/write a letter or a digit: signs are not compared/);
      expect(error(source, { consent: { fields: [signs] } }), signs).toEqual([says]);
      expect(error(source, { consent: { fields: ['c'], values: ['yes', signs] } }), signs).toEqual([says]);
      expect(error(source, { consent: { fields: ['c'] }, fields: { name: [signs] } }), signs).toEqual([says]);
      const byForm = { consent: { fields: ['c'] }, consentByForm: { a: { fields: ['c'], values: [signs] } } };
      expect(error(source, byForm), signs).toEqual([says]);
    }
    expect(error(source, { consent: { fields: ['5.1', '*אישור*'], values: ['1', '✓ yes', 'yes *'] } })).toBeUndefined();
  });

  it.each(['          ', '\n\t          ', '..............'])('refuse a statement without words: %j', (statement) => {
    expect(error('form', { consent: { statement } })).toEqual([
      expect.stringMatching(/^consent\.statement: write the words/),
    ]);
  });

  it('know the two kinds of forms by nothing else', () => {
    expect(Object.keys(browserFormSettings)).toEqual(Object.keys(formSettings));
  });
});

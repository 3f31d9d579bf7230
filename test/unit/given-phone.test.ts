import { getCountries } from 'libphonenumber-js/min';
import examples from 'libphonenumber-js/mobile/examples';
import { describe, expect, it } from 'vitest';
import type { Lead } from '../../functions/lead-first-touch/schema.ts';
import { source as custom } from '../../functions/lead-first-touch/sources/custom/source.ts';
import { source as form } from '../../functions/lead-first-touch/sources/form/source.ts';
import { firstUsablePhone } from '../../functions/shared/people/phone.ts';
import { cpuTime } from '../cpu-time.ts';

const HOME = { country: 'IL', locale: 'en' };
const leadIn = (body: object, settings: object = {}): Lead | undefined => {
  const own = form.settings.parse({ consent: { fields: ['agreed'] }, ...settings });
  const raw = Buffer.from(JSON.stringify(body));
  const [item] = form.parse({ method: 'POST', headers: {}, query: {}, raw, receivedAt: 0 }, own);
  return item && 'event' in item ? item.event : undefined;
};
/** What the lead of a form is written to, or why not. */
const reached = (body: object, home = HOME): string => {
  const found = firstUsablePhone(leadIn(body)?.phones ?? [], home);
  return 'phone' in found ? found.phone : found.refusal;
};
const jotform = (answers: object) => ({ formID: '1', submissionID: '2', rawRequest: JSON.stringify(answers) });

const BR = { country: 'BR', locale: 'pt' };
const GRAVITY = { country: 'US', national: '2015550123', formatted: '(201) 555-0123', e164: '+12015550123' };

describe('a phone in parts is one number', () => {
  it.each<[string, unknown, string, typeof HOME?]>([
    ["Jotform's area and phone", { area: '11', phone: '987654321' }, '+5511987654321', BR],
    ["Jotform's full", { full: '(201) 555-0123' }, '+12015550123', { country: 'US', locale: 'en' }],
    ['country, area, phone', { country: '+55', area: '11', phone: '987654321' }, '+5511987654321'],
    ['a named country, area, phone', { country: 'Brazil', area: '11', phone: '987654321' }, '+5511987654321'],
    ['an area that is a calling code', { area: '+972', phone: '501234567' }, '+972501234567'],
    ['an empty area', { area: '', phone: '050-1234567' }, '+972501234567'],
    ['an area that stands in the number', { area: '050', phone: '050-123-4567' }, '+972501234567'],
    ['an area beside a whole number', { area: '03', phone: '+972501234567' }, '+972501234567'],
    ['countryCode and number', { countryCode: '+44', number: '7911 123456' }, '+447911123456'],
    ['a code that stands in the number', { countryCode: '44', number: '447911123456' }, '+447911123456'],
    ['a code and a number that has its zero', { countryCode: '+44', number: '07911 123456' }, '+447911123456'],
    ["Gravity's object", GRAVITY, '+12015550123'],
    ["Gravity's object as text", JSON.stringify(GRAVITY), '+12015550123'],
    ['countryCode and nationalNumber', { countryCode: 'IL', nationalNumber: '501234567' }, '+972501234567', BR],
    ['an extension that is zero', { number: '050-1234567', ext: '0' }, '+972501234567'],
    ['an extension that is empty', { number: '050-1234567', extension: ' ' }, '+972501234567'],
    ['number and area in a field for a phone', { number: '1234567', area: '050' }, '+972501234567'],
    ['national alone', { country: 'US', national: '2015550123', e164: '' }, '+12015550123'],
    ["Formstack's value", { value: '050-123-4567', field_type: 'phone' }, '+972501234567'],
    [
      "Twenty's primary",
      {
        primaryPhoneNumber: '501234567',
        primaryPhoneCountryCode: 'IL',
        primaryPhoneCallingCode: '+972',
        additionalPhones: [],
      },
      '+972501234567',
    ],
    [
      "Twenty's without a calling code",
      { primaryPhoneNumber: '7911123456', primaryPhoneCountryCode: 'GB' },
      '+447911123456',
    ],
    ['a list of one', ['+32 470 12 34 56'], '+32470123456'],
    ['a list of one as text', '["+32 470 12 34 56"]', '+32470123456'],
    ['a list of one object', [{ number: '501234567', countryCode: '+972' }], '+972501234567'],
    ['a list of one, with junk beside it', ['123', '050-1234567', 'x', null], '+972501234567'],
    ['a list of the same number twice', ['050-1234567', '+972 50 123 4567', ''], '+972501234567'],
    ['digits of another script', { area: '٠٥٠', phone: '١٢٣٤٥٦٧' }, '+972501234567'],
  ])('%s', (_, phone, expected, home) => {
    expect(reached({ phone }, home)).toBe(expected);
  });

  it.each<[string, object]>([
    ['a calling code beside it', { phone_country_code: '+44', phone: '7911 123456' }],
    ['a country beside it', { phone_country: 'United Kingdom', phone: '07911 123456' }],
    ['an area and a country beside it', { phone_area: '7911', phone: '123456', country: 'GB' }],
    ['an area beside it that stands in it', { phone_area: '7911', phone: '07911 123456', country: 'GB' }],
    ['an area beside a whole number', { phone_area_code: '20', phone: '+44 7911 123456' }],
  ])('of two fields: %s', (_, body) => {
    expect(reached(body)).toBe('+447911123456');
  });

  it('of our own event too', () => {
    const parse = (phone: unknown) =>
      custom.parse(
        {
          method: 'POST',
          headers: {},
          query: {},
          receivedAt: Date.now(),
          raw: Buffer.from(
            JSON.stringify({
              type: 'lead.created',
              timestamp: '2026-11-22T10:00:00Z',
              data: { lead_id: '1', submitted_at: '2026-11-22T10:00:00Z', phone, phone_country: 'IL' },
            }),
          ),
        },
        {},
      );
    expect(parse({ countryCode: 'GB', number: '07911 123456' })).toMatchObject([
      { event: { phones: [{ raw: '07911 123456', country: 'GB' }] } },
    ]);
    expect(parse(['050-1234567'])).toMatchObject([{ event: { phones: [{ raw: '050-1234567', country: 'IL' }] } }]);
  });
});

describe('an area code in a field of its own takes the place of no number', () => {
  it.each<[string, string, string, typeof HOME?]>([
    ['of a landline', '050-1234567', '03'],
    ['that is a postal code', '050-1234567', '6688312'],
    ['that is a calling code', '050-1234567', '972'],
    ['of another state', '(646) 555-0100', '212', { country: 'US', locale: 'en' }],
    ['that makes a longer mobile', '664123456', '67', { country: 'AT', locale: 'de' }],
    ['that makes another mobile', '812345678', '82', { country: 'ID', locale: 'en' }],
  ])('%s', (_, phone, phone_area_code, home) => {
    expect(reached({ phone, phone_area_code }, home)).toBe(reached({ phone }, home));
    expect(reached({ phone }, home)).toMatch(/^\+/);
  });

  it('one of several', () => {
    const home = { country: 'DK', locale: 'en' };
    expect(reached({ phone: '32123456', phone_area: '20', phone_area_code: '30' }, home)).toBe('+4532123456');
  });

  it('of another field, either', () => {
    expect(reached({ phone: '1234567', mobile: '+972501234567', phone_area_code: '054' })).toBe('+972501234567');
  });

  it('of any country, whatever area', () => {
    const changed = getCountries().flatMap((country) => {
      const home = { country, locale: 'en' };
      const phone = examples[country];
      const areas = ['0', '03', '11', '212', '67', '6688312', phone.slice(0, 2), `0${phone.slice(0, 3)}`, '7911'];
      return areas
        .filter((phone_area_code) => reached({ phone, phone_area_code }, home) !== reached({ phone }, home))
        .map((area) => [country, phone, area]);
    });
    expect(changed).toEqual([]);
  });

  it('and makes no other lead of the same one', () => {
    expect(leadIn({ phone: '1234567', phone_area_code: '050' })?.id).toBe(leadIn({ phone: '1234567' })?.id);
    expect(reached({ phone: '1234567', phone_area_code: '050' })).toBe('+972501234567');
  });
});

describe('what does not belong together is not joined', () => {
  it.each<[string, object]>([
    ['several numbers in a list', { phone: ['050-1234567', '054-7654321'] }],
    ['several numbers in a list as text', { phone: '["050-1234567","054-7654321"]' }],
    ['several objects in a list', { phone: [{ number: '0501234567' }, { number: '0547654321' }] }],
    ['an area in words', { phone: { area: 'North', phone: '0501234567' } }],
    ['several areas', { phone_area: '050', phone_area_code: '054', phone: '1234567' }],
    ['one area and several numbers', { phone_area: '050', phone: '1234567', mobile: '7654321' }],
    ['nothing in the parts', { phone: { country: 'US', national: '', formatted: '', e164: '' } }],
    ['only additional numbers', { phone: { primaryPhoneNumber: '', additionalPhones: [{ number: '0501234567' }] } }],
    ['a code that may be the number’s own', { phone: { countryCode: '49', number: '4930123456' } }],
    ['a list in a part', { phone: { number: ['0501234567', '0547654321'] } }],
    ['the number of a card with an area', { id_card: { number: '501234567', area: '0' } }],
    ['the national number of a person', { id_card: { nationalNumber: '501234567', countryCode: 'IL' } }],
    ['the number of a house with an area code', { address: { number: '501234567', areaCode: '050' } }],
    ['a number in an object that is no phone', { passport: { countryCode: 'IL', number: '0501234567' } }],
  ])('%s', (_, body) => {
    expect(reached(body)).toBe('no_usable_phone');
  });

  it('and words are no number', () => {
    for (const phone of ['() Not provided.', ['() Not provided.']]) {
      expect(reached({ phone })).toBe('no_usable_phone:letters');
    }
  });

  it('and an extension is one', () => {
    expect(reached({ phone: { number: '0501234567', extension: '12' } })).toBe('no_usable_phone:extension');
  });
});

describe('a phone whose question does not say so', () => {
  const FULL = { full: '050-123-4567' };
  it('is read if it is the only one of its kind', () => {
    expect(reached(jotform({ q6_mainCompany: FULL }))).toBe('+972501234567');
    expect(reached({ 3: JSON.stringify(GRAVITY) })).toBe('+12015550123');
    // Jotform sends some a second time.
    expect(reached(jotform({ q4_main2: FULL, q4_q4_main2: FULL }))).toBe('+972501234567');
  });

  it('is not if there are two, or a question for a phone, even if nobody answered that', () => {
    expect(reached(jotform({ q6_mainCompany: FULL, q7_other: { full: '054-7654321' } }))).toBe('no_usable_phone');
    expect(reached(jotform({ q6_mainCompany: FULL, q5_phone: { full: '' } }))).toBe('no_usable_phone');
    expect(reached(jotform({ q6_mainCompany: FULL, q5_phone: { full: '054-7654321' } }))).toBe('+972547654321');
  });
});

it('a phone and its country within an object about somebody are found by their own names', () => {
  expect(reached({ customer: { phone: '07911 123456', country: 'GB' } })).toBe('+447911123456');
  expect(reached({ customer: { name: 'Dana', phone: '07911 123456', country: 'GB' } })).toBe('+447911123456');
  expect(reached({ address: { country: 'GB', number: '' }, phone: '07911 123456' })).toBe('+447911123456');
});

describe('Jotform', () => {
  it('numbers its questions at the end and twice at the beginning', () => {
    const lead = leadIn(
      jotform({
        q6_nomeCompleto6: { first: 'Dana', last: 'Levi' },
        q4_q4_phone2: { full: '050-123-4567' },
        q4_phone2: { full: '050-123-4567' },
        q9_agreed9: ['yes'],
      }),
      { fields: { name: ['nome completo'] } },
    );
    expect(lead).toMatchObject({
      name: 'Dana',
      phones: [{ raw: '050-123-4567' }],
      consent: { field: 'agreed', value: 'yes' },
    });
  });

  const MOBILE = { full: '050-123-4567' };
  const OTHER = { full: '054-765-4321' };
  it.each<[string, object, string]>([
    ['nobody answered', { q5_phoneNumber: { full: '' }, q9_phoneNumber9: OTHER }, 'no_usable_phone'],
    ['is a landline', { q5_phoneNumber: { full: '03-765-4321' }, q9_phoneNumber9: OTHER }, 'no_usable_phone'],
    ['comes later', { q3_phone2: OTHER, q4_phone: MOBILE }, '+972501234567'],
    ['is written otherwise', { q3_phone_number3: OTHER, q4_phoneNumber: MOBILE }, '+972501234567'],
    ['has a twin', { q3_phone2: OTHER, q4_phone: MOBILE, q4_q4_phone: MOBILE }, '+972501234567'],
    ['has no number at all', { q3_phone2: OTHER, phone: MOBILE }, '+972501234567'],
  ])('has digits that tell a question from the one that %s', (_, answers, expected) => {
    expect(reached(jotform(answers))).toBe(expected);
  });

  it('has digits that tell names, addresses and consents apart', () => {
    const lead = leadIn(
      jotform({
        q3_name3: { first: 'Yossi', last: 'Levi' },
        q4_name: { first: 'Dana', last: 'Levi' },
        q7_agreed7: ['yes'],
        q8_phone: MOBILE,
      }),
    );
    expect(lead).toMatchObject({ name: 'Dana', consent: { field: 'agreed' } });
    const numbers = { q3_input3: { first: 'Dana', last: 'Levi' }, q4_input4: MOBILE };
    expect(leadIn(jotform(numbers))).toMatchObject({ name: 'Dana' });
    const both = leadIn(jotform({ q7_agreed7: ['yes'], q8_agreed: ['no'], q9_phone: MOBILE }));
    expect(both).toMatchObject({ consent: { field: 'agreed', value: 'no' } });
    const idOf = (answers: object) => leadIn({ formID: '1', rawRequest: JSON.stringify(answers) })?.id;
    expect(idOf({ q5_email5: 'contact@mail.example', q6_email: '', q8_phone: MOBILE })).toBe(
      idOf({ q8_phone: MOBILE }),
    );
  });

  it('has names that take no time, however long', () => {
    const answers = jotform({ [`q1_${'1'.repeat(100_000)}x`]: 'a', ['1'.repeat(100_000)]: 'a' });
    expect(cpuTime(() => leadIn(answers))).toBeLessThan(1000);
  });

  it('counts milliseconds, which are no phones', () => {
    const times = { buildDate: '1795341600000', submitDate: '1795341600000' };
    expect(
      leadIn(jotform({ ...times, q1_phone: '050-123-4567' }), { fields: { phone: ['*date', 'phone'] } })?.phones,
    ).toEqual([{ raw: '050-123-4567' }]);
  });
});

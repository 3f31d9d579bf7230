import { describe, expect, it } from 'vitest';
import type { LeadFirstTouchConfig } from '../../functions/lead-first-touch/config.ts';
import { leadOf } from '../../functions/lead-first-touch/lead.ts';
import type { Lead } from '../../functions/lead-first-touch/schema.ts';
import { commandFor, leadKey, type Qualified, qualify } from '../../functions/lead-first-touch/workflow.ts';

const NOW = Date.parse('2026-11-22T10:00:00Z');
const fields = {
  phone: ['phone', 'mobile'],
  country: ['country'],
  area: [],
  name: ['name'],
  firstName: ['first_name'],
  email: ['email'],
  locale: ['locale'],
};
const consent = { fields: ['whatsapp', '*agree*'], values: ['true', 'yes', 'i agree*'] };
const statement = 'By sending this form I agree to WhatsApp.';
const config: LeadFirstTouchConfig = {
  zone: 'Asia/Jerusalem',
  lineId: 'line',
  keysOf: 'line',
  country: 'IL',
  locale: 'en',
  usefulFor: 'PT2H',
  oncePerPhone: 'P30D',
  quietFor: 'PT12H',
  texts: {
    en: { body: 'Hi {name}.', button: 'Catalogue', ifMissing: { name: 'there' } },
    he: { body: 'שלום {name}.' },
  },
  sources: {
    typeform: {
      consent,
      consentByForm: { signup: { fields: [], values: ['yes'], statement } },
      forms: ['contact', 'signup'],
      fields,
      apiBase: 'https://api.typeform.com',
    },
    custom: {},
  },
};
const lead: Lead = {
  id: '820982911946154508',
  source: 'typeform',
  formId: 'contact',
  name: 'Dana',
  phones: [{ raw: '050-123-4567' }],
  consent: { field: 'whatsapp', value: 'Yes ' },
  submittedAt: '2026-11-22T09:30:00.000Z',
};
const verdict = (over: Partial<Lead> = {}, settings: Partial<LeadFirstTouchConfig> = {}) =>
  qualify({ ...lead, ...over }, { ...config, ...settings }, NOW);

describe('a qualified lead becomes one message', () => {
  it("under the contract's key, useful for two hours from when it was submitted", () => {
    const outcome = { path: '/messages/text' as const, body: '{}' };
    expect(commandFor(lead, config, outcome)).toEqual({
      key: 'lead:820982911946154508:first-touch',
      template: 'lead-first-touch',
      asOf: '2026-11-22T09:30:00.000Z',
      usefulUntil: '2026-11-22T11:30:00.000Z',
      quietFor: 'PT12H',
      because: { source: 'typeform', told: 'lead of form contact', id: lead.id, at: lead.submittedAt },
      to: '+972501234567',
      outcome,
    });
  });

  it('and says why: the form, when it was sent, and the words that were agreed to', () => {
    const qualified = verdict({ formId: 'signup', consent: undefined });
    if (!('phone' in qualified)) throw new Error(qualified.reason);
    const command = commandFor({ ...lead, formId: 'signup' }, config, qualified.request, qualified.consent);
    expect(command.because).toMatchObject({
      told: 'lead of form signup',
      consent: { field: 'form', value: 'signup', statement, at: lead.submittedAt },
    });
  });

  it('with the phone, the text and what was agreed to', () => {
    expect(verdict()).toEqual({
      phone: '+972501234567',
      consent: { field: 'whatsapp', value: 'Yes ' },
      request: { path: '/messages/text', body: JSON.stringify({ to: '+972501234567', body: 'Hi Dana.' }) },
    });
  });

  it('in the language of the form, with a stand-in for a name that is missing', () => {
    expect(verdict({ locale: 'he' })).toHaveProperty('request.body', expect.stringContaining('שלום Dana.'));
    expect(verdict({ name: undefined })).toHaveProperty('request.body', expect.stringContaining('Hi there.'));
  });

  it('with a button to the link, or with the link in a text that has none', () => {
    const link = 'https://shop.example/catalogue';
    expect(verdict({}, { link })).toHaveProperty(
      'request.body',
      JSON.stringify({
        to: '+972501234567',
        body: 'Hi Dana.',
        ctaUrlButton: { displayText: 'Catalogue', url: link },
      }),
    );
    expect(verdict({ locale: 'he' }, { link })).toHaveProperty(
      'request.body',
      expect.stringContaining(`Dana.\\n${link}`),
    );
  });

  it('byte for byte the same whenever it is composed', () => {
    expect(qualify(lead, config, NOW + 3600_000)).toEqual(verdict());
  });
});

it('media by address has the text as its caption, with the link at its end, and the name encoded', () => {
  const media = { url: 'https://shop.example/{name}/map.png' };
  const { request } = verdict({ name: 'Dana & Yossi' }, { media, link: 'https://shop.example' }) as Qualified;
  expect(request).toEqual({
    path: '/messages/media',
    body: JSON.stringify({
      to: '+972501234567',
      media: 'https://shop.example/Dana%20%26%20Yossi/map.png',
      caption: 'Hi Dana & Yossi.\nhttps://shop.example',
    }),
  });
});

it('a stranger’s link never stands in place of a name: the text’s own stand-in does', () => {
  for (const name of ['you won! claim at https://evil.example', 'Dana\nclaim it', 'evil。com', '...']) {
    expect(verdict({ name })).toHaveProperty('request.body', expect.stringContaining('"Hi there."'));
  }
});

describe('a lead that becomes no message says why', () => {
  it.each<[string, Partial<Lead>]>([
    ['test_lead', { isTest: true }],
    ['unreadable_update', { unreadable: 'unreadable_update' }],
    ['form_not_allowed', { formId: 'jobs' }],
    ['form_not_allowed', { formId: undefined }],
    ['no_consent', { consent: undefined }],
    ['no_consent', { consent: { field: 'whatsapp', value: 'no' } }],
    ['no_consent', { consent: { field: 'whatsapp', value: '' } }],
    ['no_consent', { source: 'custom', consent: undefined }],
    ['no_consent', { source: 'custom', consent: { field: 'consent.whatsapp', value: 'yes' } }],
    ['no_usable_phone:letters', { phones: [{ raw: '555-555-SHIP' }, { raw: '123' }, { raw: undefined }] }],
    ['no_usable_phone', { phones: [] }],
    ['missing_value:name', { name: undefined, locale: 'he' }],
  ])('%s', (reason, over) => {
    expect(verdict(over)).toEqual({ state: 'REJECTED', reason });
  });

  it('text_too_long', () => {
    const texts = { en: { body: `${'x'.repeat(1000)} {name}` } };
    expect(verdict({}, { texts })).toEqual({ state: 'REJECTED', reason: 'text_too_long' });
  });

  it('lead_too_old, to the second', () => {
    expect(verdict({ submittedAt: '2026-11-22T08:00:00.000Z' })).toHaveProperty('phone');
    expect(verdict({ submittedAt: '2026-11-22T07:59:59.000Z' })).toEqual({ state: 'EXPIRED', reason: 'lead_too_old' });
  });

  it('lead_too_old counts from the first opening of the hours after it came', () => {
    const hours = [{ days: ['sat', 'sun'] as const, from: '09:00', to: '20:00' }];
    const sendWindow = { zone: 'Asia/Jerusalem', hours, closed: [] };
    // Saturday at 21:00; on Sunday it opens at 09:00, and now it is noon.
    const submittedAt = '2026-11-21T19:00:00.000Z';
    expect(verdict({ submittedAt }, { sendWindow, usefulFor: 'PT3H' })).toHaveProperty('phone');
    expect(verdict({ submittedAt }, { sendWindow })).toEqual({ state: 'EXPIRED', reason: 'lead_too_old' });
    const outcome = { state: 'EXPIRED' as const, reason: '' };
    expect(commandFor({ id: 'x', submittedAt }, { ...config, sendWindow }, outcome).usefulUntil).toBe(
      '2026-11-22T09:00:00.000Z',
    );
  });

  it.each([
    ['+972501234567', ['IL'], true],
    ['+972501234567', ['GB', 'US'], false],
    ['+442079460123', ['GB'], true],
    ['+12125550144', ['US'], true],
    ['+12125550144', ['CA', 'IL'], false],
  ])('country_not_allowed: %s for %j', (raw, countries, allowed) => {
    const given = verdict({ phones: [{ raw }] }, { countries });
    expect(given).toEqual(
      allowed ? expect.objectContaining({ phone: raw }) : { state: 'REJECTED', reason: 'country_not_allowed' },
    );
  });
});

describe('consent', () => {
  it('by statement counts for the form that makes it, and is kept in its words', () => {
    expect(verdict({ formId: 'signup', consent: undefined })).toMatchObject({
      consent: { field: 'form', value: 'signup', text: statement },
    });
  });

  it('that was refused in a box is not undone by a statement', () => {
    const sources = {
      typeform: { consent: { ...consent, statement }, fields, apiBase: 'https://api.typeform.com' },
    };
    expect(verdict({ consent: undefined }, { sources })).toHaveProperty('phone');
    expect(verdict({ consent: { field: 'whatsapp', value: 'no' } }, { sources })).toMatchObject({
      reason: 'no_consent',
    });
  });

  const parsed = (...answers: [string, unknown][]) => {
    const all = answers.map(([name, value]) => ({ names: [name], value }));
    const settings = { consent, fields };
    return leadOf({ source: 'typeform', answers: all }, settings, { receivedAt: NOW, raw: Buffer.from('') }).consent;
  };

  it('is the first question of the rule that is there, answered or not, whatever the later ones say', () => {
    expect(parsed(['I agree to e-mail', 'yes'], ['WhatsApp', 'no'])).toEqual({ field: 'WhatsApp', value: 'no' });
    expect(parsed(['I agree to be called', 'I agree.'])).toEqual({ field: 'I agree to be called', value: 'I agree.' });
    expect(parsed(['WhatsApp', ''], ['I_AGREE', true])).toEqual({ field: 'WhatsApp', value: 'not answered' });
    expect(parsed(['I_AGREE', true])).toEqual({ field: 'I_AGREE', value: 'true' });
    expect(parsed(['newsletter', 'yes'])).toBeUndefined();
  });
});

describe('a lead without an id of its own', () => {
  const submitted = (over: Record<string, unknown> = {}, formId = 'contact', receivedAt = NOW) => {
    const all: Record<string, unknown> = {
      Name: 'Dana Levi',
      Phone: '050-123-4567',
      Email: 'Dana@shop.example',
      ...over,
    };
    const answers = Object.entries(all).map(([name, value]) => ({ names: [name], value }));
    const raw = Buffer.from(JSON.stringify(all));
    return leadOf({ source: 'form', formId, answers }, { consent, fields }, { receivedAt, raw }).id;
  };

  it('has the same id whenever the same person sends the same form, and another one otherwise', () => {
    const id = submitted();
    expect(submitted({}, 'contact', NOW + 60_000)).toBe(id);
    expect(submitted({ Date: 'today', Time: '11:59', 'Remote IP': '192.0.2.1', Message: 'Hello?' })).toBe(id);
    expect(submitted({ Name: ' dana  LEVI', Email: 'dana@SHOP.example', Phone: '(050) 1234567' })).toBe(id);
    for (const other of [submitted({ Phone: '050-123-4568' }), submitted({ Name: 'Noa' }), submitted({}, 'signup')]) {
      expect(other).not.toBe(id);
    }
    expect(leadKey(id)).toBe(`lead:${id}:first-touch`);
  });

  it('and without phone and e-mail is told apart by the whole body', () => {
    const nobody = { Phone: '', Email: undefined };
    expect(submitted({ ...nobody, Message: 'a' })).not.toBe(submitted({ ...nobody, Message: 'b' }));
    expect(submitted({ ...nobody, Message: 'a' })).toBe(submitted({ ...nobody, Message: 'a' }));
  });
});

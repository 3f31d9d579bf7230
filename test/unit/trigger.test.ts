import { describe, expect, it } from 'vitest';
import { sourceNamed } from '../../cli/target/registry.ts';
import { instantOf } from '../../cli/trigger/occurrence.ts';
import { asOwn } from '../../cli/trigger/own-origin.ts';
import { assertOwn, assertSameId, recipientOf } from '../../cli/trigger/recipient.ts';
import type { PlannedSend } from '../../functions/shared/door/template.ts';
import { eventOf } from '../../local/samples/event.ts';
import { type Placed, sampleNamed } from '../../local/samples/library.ts';
import { readSample } from '../../local/samples/sample.ts';

const sampleOf = (text: string): Placed => ({
  template: 't',
  source: 's',
  name: 'usual',
  file: 'usual.http',
  sample: readSample(
    `# It happened\n# from: our own event\n# ends: nothing\n\nContent-Type: application/json\n\n${text}`,
  ),
});
const told = sampleOf('{"phone":"{{phone}}"}');
const looked = sampleOf('{"id":"{{id}}"}\n\n### PUT /_sandbox/x\n{"phone":"{{phone}}"}');
const silent = sampleOf('{"id":"{{id}}"}');
const client = { name: 'bakery', country: 'IL' };
const here = { where: 'local', sandboxUrl: 'http://127.0.0.1:1', client } as const;
const there = { where: 'aws', client } as const;
/** A stack on this machine whose sends go to EZWhatsApp itself. */
const liveHere = { where: 'local', client } as const;
const PHONE = '+972501234568';

describe('where an event that is made up says that it comes from', () => {
  const made = (template: string, name: string, sample: string, origin: string) => {
    const { sample: found } = sampleNamed(template, name, sample);
    const event = eventOf(found, { id: found.id, phone: PHONE, now: Date.now() });
    return asOwn(event, sourceNamed(template, name), { origin: [origin] });
  };

  it('is the client’s own place, in a header or in the body, so that it is not taken for another shop’s', () => {
    expect(made('order-ready', 'woocommerce', 'completed', 'a.example').headers).toMatchObject({
      'x-wc-webhook-source': 'a.example',
    });
    expect(made('order-ready', 'shopify', 'fulfilled', 'a.myshopify.com').headers).toMatchObject({
      'x-shopify-shop-domain': 'a.myshopify.com',
    });
    expect(made('lead-first-touch', 'meta', 'lead', '77').body).toContain('"entry":[{"id":"77"');
    expect(made('lead-first-touch', 'webflow', 'submission', 'x1').body).toContain('"siteId":"x1"');
    expect(made('lead-first-touch', 'typeform', 'groups', 'x1').body).toContain('"form_id":"x1"');
    expect(made('appointment-reminder', 'calendly', 'created', 'BBBB').body).toContain('"created_by":"BBBB"');
    expect(made('appointment-reminder', 'acuity', 'scheduled', '6').body).toContain('calendarID=6');
  });

  it('is what the sample says where the body has no place for it', () => {
    const { sample } = sampleNamed('appointment-reminder', 'cal-com', 'minimal');
    const event = eventOf(sample, { id: sample.id, phone: PHONE, now: 0 });
    expect(asOwn(event, sourceNamed('appointment-reminder', 'cal-com'), { origin: ['cal.example'] })).toEqual(event);
  });
});

describe('who an event is about', () => {
  it('is on a deployed client the operator alone', () => {
    expect(() => recipientOf(there, told, { times: 1 })).toThrow(/your own number/);
    expect(recipientOf(there, told, { times: 1, phone: PHONE })).toBe(PHONE);
    expect(() => recipientOf(there, told, { times: 1, phone: '050-123-4568' })).toThrow(/with its country/);
  });

  it('is known to the vendor alone where the rest is looked up: then the event must be a real one', () => {
    expect(() => recipientOf(there, looked, { times: 1 })).toThrow(/--id of a real one/);
    expect(() => recipientOf(there, looked, { times: 1, id: '7', phone: PHONE })).toThrow(/leave --phone out/);
    expect(recipientOf(there, looked, { times: 1, id: '7' })).toBeUndefined();
    expect(recipientOf(here, looked, { times: 1, phone: PHONE })).toBe(PHONE);
  });

  it('is the operator on this machine too, where sends go to EZWhatsApp itself', () => {
    expect(() => recipientOf(liveHere, told, { times: 1 })).toThrow(/your own number/);
    expect(() => recipientOf(liveHere, looked, { times: 1 })).toThrow(/your own number/);
    expect(recipientOf(liveHere, looked, { times: 1, phone: PHONE })).toBe(PHONE);
    expect(() => recipientOf(liveHere, told, { times: 6, phone: PHONE })).toThrow(/at most 5/);
  });

  it('is nobody on this machine, and somebody else each time, unless a number is given', () => {
    const nobodies = Array.from({ length: 20 }, () => recipientOf(here, told, { times: 100 }));
    for (const phone of nobodies) expect(phone).toMatch(/^\+97250123\d{4}$/);
    expect(new Set(nobodies).size).toBe(20);
    expect(() => recipientOf(here, silent, { times: 1, phone: PHONE })).toThrow(/no effect/);
  });

  it('is not written to in a loop', () => {
    expect(() => recipientOf(there, told, { times: 6, phone: PHONE })).toThrow(/at most 5/);
    expect(() => recipientOf(here, told, { times: 101 })).toThrow(/at most 100/);
  });

  it('is never read as a number of the client’s country, where the vendor writes it without one', () => {
    const national = sampleOf('{"phone":"{{phone.national}}"}');
    const digits = sampleOf('{"phone":{{phone.digits}}}');
    const withCountry = sampleOf('{"phone":"{{phone.national}}","country":"{{phone.country}}"}');
    for (const one of [national, digits]) {
      expect(() => recipientOf(here, one, { times: 1, phone: '+966501234567' })).toThrow(/give a --phone of IL/);
      expect(recipientOf(here, one, { times: 1, phone: PHONE })).toBe(PHONE);
    }
    const abroad = { ...here, client: { name: 'diner', country: 'AE' } };
    expect(() => recipientOf(abroad, national, { times: 1 })).toThrow(/give a --phone of AE/);
    // Of islands that share their plan with the client's country.
    expect(
      recipientOf({ ...here, client: { name: 'pub', country: 'GB' } }, national, { times: 1, phone: '+447911123456' }),
    ).toBe('+447911123456');
    for (const one of [told, withCountry]) {
      expect(recipientOf(here, one, { times: 1, phone: '+966501234567' })).toBe('+966501234567');
    }
  });

  it('stays the one that was named, whatever is set in the body', () => {
    const outcome = { path: '/messages/text', body: JSON.stringify({ to: '+972501234599', body: 'x' }) } as const;
    const send: PlannedSend = { at: 0, command: { key: 'k', template: 't', asOf: '', usefulUntil: '', outcome } };
    expect(() => assertOwn([send], PHONE)).toThrow(/another number/);
    assertOwn([{ ...send, command: { ...send.command, outcome: { state: 'REJECTED', reason: 'x' } } }], PHONE);
  });
});

describe('the id by which the rest is looked up', () => {
  const order = sampleOf('{"id":"gid://shop/{{id}}","count":1}\n\n### PUT /_sandbox/x\n{"phone":"{{phone}}"}');

  it('is not set in the body, where it would bring what somebody else ordered', () => {
    expect(() => assertSameId(order, [{ field: 'id', value: 'gid://shop/1' }])).toThrow(/give --id, not --set/);
    assertSameId(order, [{ field: 'count', value: '2' }]);
    assertSameId(silent, [{ field: 'id', value: '1' }]);
  });
});

describe('when an event happens', () => {
  const now = Date.parse('2026-11-22T10:00:00Z');

  it.each([
    [undefined, '2026-11-22T10:00:00.000Z'],
    ['-2h', '2026-11-22T08:00:00.000Z'],
    ['+90min', '2026-11-22T11:30:00.000Z'],
    ['-3d', '2026-11-19T10:00:00.000Z'],
    ['2026-11-22T10:00:00+02:00', '2026-11-22T08:00:00.000Z'],
  ])('%s is %s', (text, at) => {
    expect(new Date(instantOf(text, now)).toISOString()).toBe(at);
  });

  it.each([
    'tomorrow',
    '-99999999999d',
    '+9999999d',
    '2026-02-30T10:00:00Z',
    '2026-02-29T10:00:00Z',
    '2026-13-01T10:00:00Z',
    '2026-11-22',
    '2026-11-22T10:00:00',
    '-2',
    '2h',
    '-2m',
    '',
  ])('%j is refused', (text) => {
    expect(() => instantOf(text, now)).toThrow(/must be like/);
  });
});

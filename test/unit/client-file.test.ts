import { describe, expect, it } from 'vitest';
import demo from '../../clients/demo.ts';
import { handlers } from '../../lib/bundle.ts';
import { defineClient, slices } from '../../lib/client.ts';
import { schemaProblem } from '../../lib/client-schema.ts';
import { contacts } from '../contacts.ts';

type Input = Parameters<typeof defineClient>[0];

const least: Input = {
  name: 'cafe',
  lineId: 'line-1',
  country: 'IL',
  zone: 'Asia/Jerusalem',
  locale: 'en',
  contacts,
  templates: { 'order-ready': { texts: { en: { body: 'Order {order} is ready.' } }, sources: { custom: {} } } },
};

const sendWindow = (from: string, to: string) => ({ hours: [{ days: ['sun'], from, to }] });
const leadsIn = (locale: string) => ({ texts: { [locale]: { body: 'Thank you.' } } });
const reminder = (stage: string) => ({ stages: { [stage]: { texts: { en: { body: 'At {time}' } } } }, sources: {} });

/** The message for a client file with one thing wrong. */
// biome-ignore lint/suspicious/noExplicitAny: the point is to write what the types forbid
const refusal = (change: (draft: any) => void): string => {
  const draft = structuredClone(least);
  change(draft);
  try {
    defineClient(draft);
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error('the client file was accepted');
};
describe('a client file', () => {
  it('needs little: the rest has sensible values', () => {
    const client = defineClient(least);
    expect(client).toMatchObject({ ezwBaseUrl: 'https://app.ezw.solutions', decisions: [] });
    expect(client.sender).toEqual({
      minGapSeconds: 3,
      hold: { from: 30, to: 900 },
      burstPerHour: 200,
      perPersonPerDay: 5,
      browserPostsPerHour: 30,
    });
    expect(client.templates['order-ready']).toMatchObject({ usefulFor: 'PT24H', maxOrderAge: 'P14D', button: true });
  });

  // biome-ignore lint/suspicious/noExplicitAny: as above
  it.each<[string, (draft: any) => void, RegExp]>([
    ['an unknown key', (d) => Object.assign(d, { colour: 'red' }), /colour/],
    [
      'an unknown key deep inside',
      (d) => Object.assign(d.templates['order-ready'], { buton: true }),
      /templates\.order-ready\.buton: there is no such setting\. There are: usefulFor, .*button/,
    ],
    [
      'an unknown placeholder',
      (d) => Object.assign(d.templates['order-ready'], { texts: { en: { body: 'Hi {firstName}' } } }),
      /texts\.en\.body: unknown placeholder \{firstName\}; known: \{name\} \{order\} \{location\}/,
    ],
    [
      'a text with a name and nothing to say without one',
      (d) =>
        Object.assign(d.templates['order-ready'], { texts: { en: { body: 'Hi {name}.', ifMissing: { order: 'x' } } } }),
      /texts\.en\.ifMissing\.name: is missing: write what stands for \{name\} .* ifMissing: \{ name: 'there' \}$/,
    ],
    [
      'the same in a stage of its own',
      (d) =>
        Object.assign(d.templates, {
          'appointment-reminder': { stages: { '2h': { texts: { en: { body: '{name}' } } } }, sources: {} },
        }),
      /stages\.2h\.texts\.en\.ifMissing\.name: is missing/,
    ],
    [
      'no text for its own locale',
      (d) => Object.assign(d, { locale: 'he' }),
      /templates\.order-ready\.texts\.he: write a text/,
    ],
    ['an unknown country', (d) => Object.assign(d, { country: 'Israel' }), /country: write an ISO country code/],
    ['an unknown zone', (d) => Object.assign(d, { zone: 'Jerusalem' }), /zone: write an IANA time zone/],
    [
      'a duration without fixed length',
      (d) => Object.assign(d.templates['order-ready'], { usefulFor: 'P1M' }),
      /usefulFor: write an ISO 8601 duration/,
    ],
    [
      'a shop over plain http',
      (d) =>
        Object.assign(d.templates['order-ready'], {
          sources: { shopify: { adminApi: 'http://shop.example', clientId: 'x' } },
        }),
      /sources\.shopify\.adminApi: write an https address/,
    ],
    [
      'an hour that is none',
      (d) => Object.assign(d, { sendWindow: sendWindow('9:00', '20:00') }),
      /sendWindow\.hours\.0\.from/,
    ],
    [
      'no day',
      (d) => Object.assign(d, { sendWindow: { hours: [{ days: [], from: '09:00', to: '20:00' }] } }),
      /hours\.0\.days/,
    ],
    [
      'a closed date that is none',
      (d) => Object.assign(d, { sendWindow: { ...sendWindow('09:00', '20:00'), closed: ['2027-02-30'] } }),
      /sendWindow\.closed\.0/,
    ],
    [
      'a stage that is no duration',
      (d) => Object.assign(d, { templates: { 'appointment-reminder': reminder('tomorrow') } }),
      /stages\.tomorrow|write 24h, 2h or an ISO 8601 duration/,
    ],
    [
      'a stage too long for a key',
      (d) => Object.assign(d, { templates: { 'appointment-reminder': reminder('P1DT12H30M15S') } }),
      /stages/,
    ],
    [
      'a stage without a text in its own locale',
      (d) => Object.assign(d, { locale: 'he', templates: { 'appointment-reminder': reminder('24h') } }),
      /templates\.appointment-reminder\.stages\.24h\.texts\.he: write a text/,
    ],
    [
      'a lead without a text in its own locale',
      (d) => Object.assign(d, { templates: { 'lead-first-touch': { ...leadsIn('he'), sources: { custom: {} } } } }),
      /templates\.lead-first-touch\.texts\.en: write a text for the client's own locale, en/,
    ],
    [
      'fields and a statement for a form that a browser sends',
      (d) => {
        const consent = { fields: ['whatsapp'], statement: 'By sending this form I agree to WhatsApp.' };
        const sources = { meta: { consent }, form: { consent } };
        Object.assign(d, { templates: { 'lead-first-touch': { ...leadsIn('en'), sources } } });
      },
      /:\n {2}templates\.lead-first-touch\.sources\.form\.consent\.statement: a browser does not send .* write one of them/,
    ],
    [
      'a locale of a country and a text of the language alone',
      (d) => Object.assign(d, { locale: 'en-GB' }),
      /templates\.order-ready\.texts\.en-GB: write a text/,
    ],
    ['no name', (d) => Reflect.deleteProperty(d, 'name'), /name: /],
    [
      'a burst above the usual without a decision on campaigns',
      (d) => Object.assign(d, { sender: { burstPerHour: 201 } }),
      /sender\.burstPerHour: above 200 it needs a decision on "campaigns"/,
    ],
    [
      'no burst limit without a decision on campaigns',
      (d) => Object.assign(d, { sender: { burstPerHour: 'off' } }),
      /sender\.burstPerHour: above 200 it needs a decision on "campaigns"/,
    ],
    ['an undecided decision', (d) => Object.assign(d, { decisions: [{ ask: 'bots' }] }), /decisions\.0\.decision/],
  ])('with %s is refused, and the path is named', (_, change, message) => {
    expect(refusal(change)).toMatch(message);
  });

  it('with several mistakes names them all', () => {
    const message = refusal((draft) => Object.assign(draft, { country: 'xx', zone: 'yy' }));
    expect(message).toMatch(/country: /);
    expect(message).toMatch(/zone: /);
  });

  it('needs its own locale wherever it holds texts: in every template and stage, and in the automatic answer', () => {
    const stages = {
      ...reminder('24h').stages,
      ...reminder('P2D').stages,
      '2h': { texts: { he: { body: 'ב{time}' } } },
    };
    const message = refusal((draft) => {
      draft.locale = 'he';
      draft.templates['lead-first-touch'] = { ...leadsIn('en'), sources: {} };
      draft.templates['appointment-reminder'] = { stages, sources: {} };
      draft.escalation = { autoReply: { texts: { en: 'Closed.' }, when: 'always' } };
    });
    const paths = [...message.matchAll(/^ {2}(\S+): write a text/gm)].map(([, path]) => path);
    expect(paths.sort()).toEqual([
      'escalation.autoReply.texts.he',
      'templates.appointment-reminder.stages.24h.texts.he',
      'templates.appointment-reminder.stages.P2D.texts.he',
      'templates.lead-first-touch.texts.he',
      'templates.order-ready.texts.he',
    ]);
  });

  it('may raise the burst limit once a person has decided on campaigns', () => {
    const on = '2026-11-22';
    const decisions = [{ ask: 'campaigns', decision: 'refused', reason: 'sale days', decidedBy: 'Dana', on } as const];
    expect(defineClient({ ...least, sender: { burstPerHour: 600 }, decisions }).sender.burstPerHour).toBe(600);
  });

  it('is of version 1 where it does not say so', () => {
    expect(defineClient({ ...least, schema: 1 })).toEqual({ ...defineClient(least), schema: 1 });
    expect(schemaProblem(undefined)).toBeUndefined();
  });

  it('of another version is told by its version alone', () => {
    const wrong = { lineId: '', nonsense: true };
    expect(refusal((draft) => Object.assign(draft, wrong, { schema: 2 }))).toBe(
      'This client file cannot be used:\n  schema: this release reads version 1, the file is of version 2: update this checkout (git pull, or the tag of the release that reads it)',
    );
    const reads = { oldest: 2, newest: 3 };
    expect([1, 2, 3, 4].map((one) => schemaProblem(one, reads)?.message)).toEqual([
      'this release reads version 2 to 3, the file is of version 1: docs/upgrades.md says what to change',
      undefined,
      undefined,
      expect.stringContaining('the file is of version 4: update this checkout'),
    ]);
    for (const one of ['1', 1.5, null, Number.NaN])
      expect(schemaProblem(one)?.message).toContain('a whole number, schema: 1');
  });

  it('gives each function its own slice and no other', () => {
    expect(Object.keys(slices(demo)).sort()).toEqual([...handlers().keys()]);
    expect(slices(demo).sender).toEqual({
      lineId: 'line-demo',
      keysOf: 'line-demo',
      zone: 'Asia/Jerusalem',
      perPersonPerDay: 'off',
      browserPostsPerHour: 'off',
      minGapSeconds: 0,
      hold: { from: 2, to: 30 },
      burstPerHour: 'off',
    });
    expect(slices(defineClient({ ...least, templates: {} }))).not.toHaveProperty('order-ready');
  });

  it('tells the webhook’s receiver the number of the line, where it is written', () => {
    const linePhone = '+972501230099';
    expect(slices(defineClient({ ...least, linePhone }))['webhook-receiver']).toMatchObject({ linePhone });
    expect(slices(defineClient(least))['webhook-receiver'].linePhone).toBeUndefined();
    expect(refusal((draft) => Object.assign(draft, { linePhone: '050-1230099' }))).toContain('linePhone');
  });
});

describe('the leads of a client file', () => {
  const leads = (sources: object, over: object = {}): string =>
    refusal((draft) => {
      const texts = { en: { body: 'Thank you.' } };
      Object.assign(draft, { templates: { 'lead-first-touch': { texts, sources, ...over } } });
    });

  it.each<[string, string, RegExp]>([
    ['a source without a rule of consent', leads({ typeform: {} }), /sources\.typeform\.consent: /],
    [
      'a rule that names neither a field nor a statement',
      leads({ typeform: { consent: {} } }),
      /consent\.fields: write the fields that hold the consent, or the statement/,
    ],
    [
      'a page that is no origin',
      leads({ form: { consent: { fields: ['c'] }, browser: { origins: ['https://shop.example/contact'] } } }),
      /origins\.0: write an origin/,
    ],
    [
      'any page at all',
      leads({ form: { consent: { fields: ['c'] }, browser: { origins: ['*'] } } }),
      /write an origin/,
    ],
    ['an unknown country', leads({ custom: {} }, { countries: ['Israel'] }), /countries\.0: write ISO country codes/],
  ])('%s is refused', (_, message, expected) => {
    expect(message).toMatch(expected);
  });
});

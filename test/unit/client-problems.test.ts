import { describe, expect, it } from 'vitest';
import { written } from '../../clients/demo.ts';
import { type ClientInput, defineClient } from '../../lib/client.ts';

/** What is said of the demo's file with one thing changed. */
// biome-ignore lint/suspicious/noExplicitAny: what is wrong here is what no type allows
const said = (change: (draft: any) => void): string => {
  const draft = structuredClone(written);
  change(draft);
  try {
    defineClient(draft as ClientInput);
  } catch (error) {
    return (error as Error).message.split('\n').slice(1).join('\n').trim();
  }
  return 'nothing';
};

describe('what a client file is told', () => {
  it.each<[string, Parameters<typeof said>[0], string | RegExp]>([
    [
      'of a source that there is not',
      (d) => Object.assign(d.templates['order-ready'].sources, { shopfy: {} }),
      /^templates\.order-ready\.sources\.shopfy: there is no such source\. There are: custom, shopify, woocommerce\. A further one /,
    ],
    [
      'of a template that there is not',
      (d) => Object.assign(d.templates, { 'order-redy': {} }),
      /^templates\.order-redy: there is no such setting\. There are: appointment-reminder, /,
    ],
    [
      'of a misspelt setting of the CRM, by its kind',
      (d) => Object.assign(d.crm, { adress: 'x' }),
      /^crm\.adress: there is no such setting\. There are: kind, url, name, text\.$/,
    ],
    [
      'of a misspelt setting of one of several CRMs',
      (d) => Object.assign(d, { crm: [d.crm, { kind: 'hubspot', tokn: 'x' }] }),
      /^crm\.1\.tokn: there is no such setting\. There are: kind, api, name, text\.$/,
    ],
    [
      'of two CRMs with one name, by which all is kept',
      (d) => Object.assign(d, { crm: [d.crm, { ...d.crm, text: true }] }),
      'crm.1.name: two CRMs are called webhook; give each a name of its own',
    ],
    [
      'of a CRM in a list that has no address',
      (d) => Object.assign(d, { crm: [{ kind: 'webhook', url: 'http://crm.example' }] }),
      /^crm\.0\.url: write an https address/,
    ],
    [
      'of a setting in a list',
      (d) => Object.assign(d.escalation.rules[0].when, { keyword: ['x'] }),
      /^escalation\.rules\.0\.when\.keyword: there is no such setting\. There are: keywords, /,
    ],
    [
      'of a setting of a source that has none of its own',
      (d) => Object.assign(d.templates['order-ready'].sources.custom, { x: 1 }),
      /custom\.x: .* There are: consent, kind, idPrefix, idPrefixSince, since, origin\.$/,
    ],
    ['of what is missing', (d) => delete d.lineId, "lineId: is missing: write a text in quotes, '…'"],
    [
      'of nobody who runs the client',
      (d) => delete d.contacts,
      /^contacts: is missing: write who runs this client: \{ operator: \{ name: 'Dana Levi', phone: '\+972501234567', email: /,
    ],
    [
      'of nobody but the client itself',
      (d) => Object.assign(d, { contacts: { client: { name: 'Noa', email: 'noa@shop.example' } } }),
      /^contacts\.operator: is missing: write who runs this client: operator: \{ name: /,
    ],
    [
      'of an operator without a phone',
      (d) => delete d.contacts.operator.phone,
      /^contacts\.operator\.phone: is missing: write a number with its country, such as \+972501234567$/,
    ],
    ...['0501234567', '+972 50 123 4567', '+972', 'call me'].map(
      (phone): [string, Parameters<typeof said>[0], RegExp] => [
        `of an operator’s phone that cannot be called as it stands: ${phone}`,
        (d) => Object.assign(d.contacts.operator, { phone }),
        /^contacts\.operator\.phone: write a number with its country and no other signs/,
      ],
    ),
    [
      'of an address that is none',
      (d) => Object.assign(d.contacts, { client: { name: 'Noa', email: 'noa at shop' } }),
      /^contacts\.client\.email: write an e-mail address$/,
    ],
    [
      'of a name that would be a line of a mail',
      (d) => Object.assign(d.contacts.operator, { name: 'Dana\nBcc: all@shop.example' }),
      /^contacts\.operator\.name: write a name, on one line$/,
    ],
    [
      'of a group that is missing',
      (d) => delete d.templates['order-ready'].texts,
      /^templates.order-ready.sources.woocommerce.statuses.ready-pickup: means ready, of which nothing is told: write its texts in texts, or in updates.ready/,
    ],
    [
      'of what may be a list or a group, and is missing',
      (d) => delete d.templates['order-ready'].sources.woocommerce.statuses,
      /sources\.woocommerce: write statuses: a list of those that mean ready, \['ready-pickup'\], or a group /,
    ],
    [
      'of a locale that is none',
      (d) => Object.assign(d.templates['order-ready'].texts, { hebrew: { body: 'x' } }),
      /texts\.hebrew: write a locale such as he, en or en-GB$/,
    ],
    [
      'of a kind of CRM that there is not',
      (d) => Object.assign(d.crm, { kind: 'hubsport' }),
      /^crm\.kind: .*'hubspot'/,
    ],
    [
      'a type that no message of a person has',
      (d) => Object.assign(d.escalation.rules[0], { when: { types: ['call'] } }),
      /when\.types\.0: write one of text, .*image, .*sticker/,
    ],
    [
      'a type that is written otherwise',
      (d) => Object.assign(d.escalation.rules[0], { when: { types: ['image', 'Image'] } }),
      /when\.types\.1: write one of text, /,
    ],
    ['of a choice', (d) => Object.assign(d.escalation.rules[0], { severity: 'bad' }), /severity: .*"critical"/],
  ])('%s', (_, change, says) => {
    if (typeof says === 'string') expect(said(change)).toBe(says);
    else expect(said(change)).toMatch(says);
  });

  it('is everything that is wrong at once', () => {
    const all = said((draft) => {
      delete draft.lineId;
      draft.templates['order-ready'].usefulFor = '1 day';
      draft.templates['lead-first-touch'].colour = 'red';
    });
    expect(all.split('\n')).toHaveLength(3);
  });
});

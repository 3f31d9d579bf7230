import { expect, it } from 'vitest';
import { clientFile } from '../../cli/init/client-template.ts';
import { namedSecret } from '../../cli/secrets/names.ts';
import { kindNamed, secretMakerOf, sourceNamed } from '../../cli/target/registry.ts';
import { chosen, listed } from '../../cli/trigger/choose.ts';
import { previewOf } from '../../cli/trigger/preview.ts';
import { template } from '../../functions/order-ready/template.ts';
import { kindOf } from '../../functions/shared/door/kinds.ts';
import { withPrefix } from '../../functions/shared/runtime/hashes.ts';
import * as templates from '../../functions/templates.ts';
import { defineClient } from '../../lib/client.ts';
import { endsOf, eventOf, signedEvent } from '../../local/samples/event.ts';
import { withFurtherSources } from '../../local/secrets-file.ts';
import { contacts } from '../contacts.ts';

const client = defineClient({
  name: 'two',
  lineId: 'line-two',
  country: 'IL',
  zone: 'Asia/Jerusalem',
  locale: 'en',
  contacts,
  templates: {
    'order-ready': {
      texts: { en: { body: 'Your order {order} is ready.' } },
      ids: 'separate',
      sources: {
        woocommerce: { statuses: ['ready-pickup'] },
        'woocommerce-haifa': {
          kind: 'woocommerce',
          statuses: ['ready-pickup'],
          idPrefix: 'haifa',
          since: '2026-11-22',
        },
        'custom-erp': { kind: 'custom', idPrefix: 'erp' },
      },
    },
  },
});

it('a name is of the longest kind that it begins with', () => {
  const kinds = { form: 1, 'form-plus': 1, 'cal-com': 1 };
  const names = [
    'form',
    'form-haifa',
    'form-plus',
    'form-plus-haifa',
    'cal-com-2',
    'cal',
    'formhaifa',
    'toString',
    '__proto__',
  ];
  expect(names.map((name) => kindOf(kinds, name))).toEqual([
    'form',
    'form',
    'form-plus',
    'form-plus',
    'cal-com',
    ...Array(4).fill(undefined),
  ]);
});

it('the commands know a further source of a kind by its name: its samples, its secret, how that is made', () => {
  expect(kindNamed('order-ready', 'woocommerce-haifa')).toBe('woocommerce');
  expect(sourceNamed('order-ready', 'woocommerce-haifa')).toBe(sourceNamed('order-ready', 'woocommerce'));
  expect(() => sourceNamed('order-ready', 'haifa')).toThrow(/Choose one of: custom, shopify, woocommerce\./);
  expect(chosen('order-ready', 'woocommerce-haifa', undefined).source).toBe('woocommerce');
  expect(namedSecret('sources.woocommerce-haifa', client)).toEqual({ secret: 'sources', field: 'woocommerce-haifa' });
  expect(() => namedSecret('sources.woocommerce-tel-aviv', client)).toThrow(
    /sources\.woocommerce-haifa, sources\.custom/,
  );
  expect(secretMakerOf('custom-erp')?.()).toMatch(/^whsec_/);
});

it('what will become of an event is told by the settings of its own source, under its own key', () => {
  const source = sourceNamed('order-ready', 'woocommerce-haifa');
  const { sample } = chosen('order-ready', 'woocommerce-haifa', 'ready-pickup');
  const foreseen = (name: string, now: number) => {
    const event = eventOf(sample, { id: '1044', phone: '+972501234567', now });
    const request = signedEvent(event, source, { current: 'demo-secret' }, new Date(now));
    const { sends } = previewOf(client, { name: 'order-ready', template }, { name, source }, request, now);
    return sends.map(({ command: { key, outcome } }) => [key, 'state' in outcome ? outcome.reason : 'goes']);
  };
  const [early, late] = [Date.parse('2026-11-20T10:00:00Z'), Date.parse('2026-11-25T10:00:00Z')];
  expect(foreseen('woocommerce', late)).toEqual([['order:1044:ready', 'goes']]);
  expect(foreseen('woocommerce-haifa', late)).toEqual([['order:haifa::1044:ready', 'goes']]);
  expect(foreseen('woocommerce-haifa', early)).toEqual([['order:haifa::1044:ready', 'before_since']]);
});

it('the key of what must be looked up has the prefix too, before all that the sample writes of an id', () => {
  const { sample } = chosen('order-ready', 'shopify-2', 'prepared-for-pickup');
  const ends = endsOf(sample, { id: '1044', phone: '+972501234567', now: 0 }, (id) => withPrefix('s2', id));
  expect(ends.map(({ key }) => key)).toEqual([expect.stringMatching(/^order:s2::\d*1044:ready$/)]);
});

it('init writes since when each source is on, to the minute', () => {
  const answers = { name: 'cafe', lineId: 'l', country: 'IL', zone: 'Asia/Jerusalem', locale: 'en', contacts };
  const file = clientFile({ ...answers, templates: ['order-ready'] }, './client.ts');
  expect(file).toMatch(/^ {8}custom: \{ since: '20\d\d-\d\d-\d\dT\d\d:\d\dZ' \},$/m);
  expect(file).toContain("With a second source: ids: 'shared'");
});

it('init leaves a source that is not on without a time: whoever turns it on months later is told to write one', () => {
  const answers = { name: 'cafe', lineId: 'l', country: 'IL', zone: 'Asia/Jerusalem', locale: 'en', contacts };
  for (const [name, { sources }] of Object.entries(templates)) {
    const file = clientFile({ ...answers, templates: [name] }, './client.ts');
    const others = Object.values<{ readonly isOurs?: true }>(sources).filter(({ isOurs }) => !isOurs);
    expect(file).not.toMatch(/^ *\/\/.*since: '\d/m);
    expect(file.match(/since: 'the day you turn it on'/g) ?? []).toHaveLength(others.length);
  }
  const woocommerce = { since: 'the day you turn it on', statuses: ['completed'] };
  const texts = { en: { body: 'Your order {order} is ready.' } };
  expect(() =>
    defineClient({
      ...answers,
      templates: { 'order-ready': { texts, sources: { woocommerce } } },
    }),
  ).toThrow(/write a date such as 2026-12-01/);
});

it('init leaves where events come from to whoever turns a source on, where it can tell and nothing else says it', () => {
  const answers = { name: 'cafe', lineId: 'l', country: 'IL', zone: 'Asia/Jerusalem', locale: 'en', contacts };
  const file = clientFile({ ...answers, templates: ['order-ready', 'appointment-reminder'] }, './client.ts');
  expect(file).toContain(
    "woocommerce: {\n        //   since: 'the day you turn it on',\n        //   origin: 'the address of the shop',",
  );
  expect(file).toContain("origin: 'the user who subscribed the webhook'");
  expect(file).toContain("shopify: {\n        //   since: 'the day you turn it on',\n        //   adminApi:");
  expect(file).not.toMatch(/acuity: \{[^}]*origin/);
});

it('the list of samples has further sources of the client', () => {
  const namesOf = (...args: Parameters<typeof listed>) => [
    ...new Set(listed(...args).json.map(({ source }) => source)),
  ];
  expect(namesOf('order-ready', undefined, client)).toEqual(
    expect.arrayContaining(['custom', 'custom-erp', 'shopify', 'woocommerce', 'woocommerce-haifa']),
  );
  expect(namesOf('order-ready', undefined)).not.toContain('woocommerce-haifa');
  expect(namesOf('order-ready', 'woocommerce-haifa')).toEqual(['woocommerce-haifa']);
  expect(namesOf('order-ready', 'woocommerce', client)).toEqual(['woocommerce']);
  expect(namesOf('appointment-reminder', undefined, client)).not.toContain('custom-erp');
});

it('on this machine a further source has a secret of its own, with what else its kind needs', () => {
  const sources = { woocommerce: 'demo-woocommerce-secret', meta: { current: 'one', pageToken: 'page' } };
  const paths = ['/order-ready/woocommerce', '/order-ready/woocommerce-haifa', '/lead-first-touch/meta-2'];
  expect(withFurtherSources({ lineToken: 'x', sources }, paths).sources).toEqual({
    ...sources,
    'woocommerce-haifa': 'demo-woocommerce-haifa-secret',
    'meta-2': { current: 'demo-meta-2-secret', pageToken: 'page' },
  });
});

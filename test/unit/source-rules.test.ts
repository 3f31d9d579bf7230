import { describe, expect, it } from 'vitest';
import demo from '../../clients/demo.ts';
import { type ClientInput, defineClient, slices, warningsOf } from '../../lib/client.ts';
import { contacts } from '../contacts.ts';

const woocommerce = { statuses: ['ready-pickup'] };
const since = '2026-11-22';

type Orders = NonNullable<ClientInput['templates']['order-ready']>;
const shops = (sources: Orders['sources'], more: Partial<Orders> = {}): ClientInput => ({
  name: 'cafe',
  lineId: 'line-1',
  country: 'IL',
  zone: 'Asia/Jerusalem',
  locale: 'en',
  contacts,
  templates: { 'order-ready': { texts: { en: { body: 'Order {order} is ready.' } }, ...more, sources } },
});

const said = (input: unknown): string => {
  try {
    defineClient(input as ClientInput);
    return '';
  } catch (error) {
    return (error as Error).message.replace(/^.*:\n {2}/, '');
  }
};
const warned = (input: ClientInput): string[] =>
  warningsOf(defineClient(input)).map(({ path, message }) => `${path.slice(2).join('.')}: ${message}`);
const sourcesIn = (input: ClientInput) =>
  (slices(defineClient(input))['order-ready'] as { sources: Record<string, object> }).sources;

describe('several sources of one kind', () => {
  it('have names that begin with their kind, and settings of their own', () => {
    const sources: Orders['sources'] = {
      woocommerce,
      'woocommerce-haifa': { kind: 'woocommerce', statuses: ['completed'], pickup: 'any', idPrefix: 'haifa' },
      'custom-erp': { kind: 'custom', idPrefix: 'erp' },
    };
    expect(sourcesIn(shops(sources, { ids: 'separate' }))).toEqual(sources);
  });

  it('are told what to write when something is wrong', () => {
    const all = (more: object) => said(shops({ woocommerce, ...more } as never, { ids: 'shared' }));
    expect(all({ 'woocommerce-haifa': woocommerce })).toMatch(
      /^templates\.order-ready\.sources\.woocommerce-haifa: there is no such source\. There are: custom, shopify, woocommerce\. A further one of a kind is called '<kind>-<anything>' and says which: \{ kind: '<kind>', … \}$/,
    );
    expect(all({ 'woocommerce-haifa': { kind: 'wocommerce' } })).toMatch(
      /woocommerce-haifa\.kind: there is no such so/,
    );
    expect(all({ haifa: { kind: 'woocommerce', ...woocommerce } })).toBe(
      "templates.order-ready.sources.haifa: begin the name with the kind: 'woocommerce-haifa'",
    );
    expect(all({ 'woocommerce-': { kind: 'woocommerce', ...woocommerce } })).toMatch(/woocommerce-: write lower-case/);
    expect(all({ 'woocommerce-Haifa': { kind: 'woocommerce', ...woocommerce } })).toMatch(/write lower-case letters/);
    expect(all({ custom: { kind: 'woocommerce' } })).toBe(
      'templates.order-ready.sources.custom.kind: under this name the kind is custom: leave it out, or write another name',
    );
    expect(all({ 'woocommerce-haifa': { kind: 'woocommerce', status: 'x' } })).toMatch(
      /woocommerce-haifa: write statuses: a list .*\n.*woocommerce-haifa\.status: there is no such setting\. There are: statuses, pickup, .*, storeUrl, restApi, kind, idPrefix/,
    );
    const twins = {
      'woocommerce-a-1': { kind: 'woocommerce', ...woocommerce },
      'woocommerce-a1': { kind: 'woocommerce', ...woocommerce },
    };
    expect(all(twins)).toMatch(/woocommerce-a1: differs from woocommerce-a-1 by hyphens alone/);
  });
});

describe('ids of several sources', () => {
  const haifa = { kind: 'woocommerce', ...woocommerce } as const;

  it('must be stated as shared or separate, and what is missing is explained', () => {
    expect(said(shops({ woocommerce, custom: {} }))).toMatch(
      /^templates\.order-ready\.ids: more than one source is turned on: write .* ids: 'shared' where .* ids: 'separate' where .* idPrefix/,
    );
    expect(said(shops({ woocommerce }))).toBe('');
    expect(said(shops({}))).toBe('');
  });

  it('that are separate have a prefix for all but one, and no two the same', () => {
    const separate = (more: object) => said(shops({ woocommerce, ...more } as never, { ids: 'separate' }));
    expect(separate({ 'woocommerce-haifa': haifa })).toMatch(
      /^templates\.order-ready\.sources\.woocommerce-haifa\.idPrefix: is missing: .* only one source may be without, and woocommerce is\. Write such as idPrefix: 'haifa', idPrefixSince: '2000-01-01' at the newer one; at one that runs already .* the day of the change/,
    );
    expect(separate({ 'woocommerce-haifa': { ...haifa, idPrefix: 'h' }, custom: { idPrefix: 'h' } })).toBe(
      'templates.order-ready.sources.woocommerce-haifa.idPrefix: custom has the same one: write another',
    );
    expect(separate({ 'woocommerce-haifa': { ...haifa, idPrefix: 'h' }, custom: { idPrefix: 'c' } })).toBe('');
    expect(separate({ 'woocommerce-haifa': { ...haifa, idPrefix: 'H_1' } })).toMatch(/idPrefix: write lower-case/);
  });

  it('that are shared may have a source apart', () => {
    expect(
      said(shops({ woocommerce, custom: {}, 'woocommerce-haifa': { ...haifa, idPrefix: 'h' } }, { ids: 'shared' })),
    ).toBe('');
  });
});

describe('when a source was turned on', () => {
  it('is a date at midnight in the client’s zone, or an instant', () => {
    expect(sourcesIn(shops({ custom: { since } })).custom).toEqual({ since: '2026-11-21T22:00:00.000Z' });
    const offset = { since: '2026-11-22T08:30+02:00', idPrefix: 'a' };
    expect(sourcesIn(shops({ custom: offset })).custom).toEqual({
      idPrefix: 'a',
      since: '2026-11-22T06:30:00.000Z',
    });
    // A prefix of a new source stands before all its ids, whenever they began.
    const added = { ...offset, idPrefixSince: '2026-11-23' };
    expect(sourcesIn(shops({ custom: added })).custom).toMatchObject({ idPrefixSince: '2026-11-22T22:00:00.000Z' });
    for (const wrong of ['2026-02-30', '2026-11-22T08:30', 'yesterday', '22.11.2026']) {
      expect(said(shops({ custom: { since: wrong } })), wrong).toMatch(/custom\.since: write a date such as/);
    }
  });

  it('is asked for by a warning that says what to write, as is the date of a prefix', () => {
    expect(warned(shops({ custom: {} }))).toEqual([
      expect.stringMatching(/^sources\.custom: has no since: write .*since: '2026-12-01'/),
    ]);
    expect(warned(shops({ custom: { idPrefix: 'erp' } }))).toEqual([
      expect.stringMatching(/^sources\.custom: has no since/),
      expect.stringMatching(/^sources\.custom\.idPrefix: has no date: write idPrefixSince/),
    ]);
    expect(warned(shops({ custom: { since, idPrefix: 'erp' } }))).toEqual([
      expect.stringMatching(/idPrefix: has no date/),
    ]);
    expect(warned(shops({ custom: { since, idPrefix: 'erp', idPrefixSince: since } }))).toEqual([]);
    expect(warningsOf(demo)).toEqual([]);
  });
});

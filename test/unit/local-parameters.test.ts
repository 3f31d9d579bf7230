import { expect, it } from 'vitest';
import { ParameterStore } from '../../local/parameters/store.ts';
import { createParameters } from '../../local/resources/parameters.ts';
import type { Workshop } from '../../local/resources/resource.ts';

const SALT = { name: '/ezw/demo/contact-salt' };
const ORDERS = { name: '/ezw/demo/sources/order-ready', placeholder: '{}', sources: ['shopify', 'custom'] };

const make = (wanted: unknown, secretValues: object = {}, store = new ParameterStore()): ParameterStore => {
  const assembly = { stackName: 'Ezw-demo', template: { Metadata: { 'ezw:parameters': wanted } } };
  createParameters({ assembly, parameters: { store }, secretValues } as unknown as Workshop);
  return store;
};
const stored = (store: ParameterStore, name: string): string => store.find(name).value;

it('a salt is the same after a restart, so that rows in a data folder are found again, and another one for each client', () => {
  const first = stored(make([SALT]), SALT.name);
  expect(first).toMatch(/^[0-9a-f]{64}$/);
  expect(stored(make([SALT]), SALT.name)).toBe(first);
  const other = { name: '/ezw/other/contact-salt' };
  expect(stored(make([other]), other.name)).not.toBe(first);
});

it('a salt of the secrets file wins', () => {
  expect(stored(make([SALT], { contactSalt: 'a-salt-of-the-file' }), SALT.name)).toBe('a-salt-of-the-file');
});

it('what the secrets file does not name holds its placeholder', () => {
  const crm = { name: '/ezw/demo/crm', placeholder: 'not-set' };
  expect(stored(make([crm]), crm.name)).toBe('not-set');
  expect(stored(make([crm], { crm: { token: 'x' } }), crm.name)).toBe('{"token":"x"}');
});

it('a template knows the secrets of its own sources, and of no other', () => {
  const sources = { shopify: 'a', form: 'b', custom: 'c' };
  expect(JSON.parse(stored(make([ORDERS], { sources }), ORDERS.name))).toEqual({ shopify: 'a', custom: 'c' });
});

it('when a client file changes, what was stored meanwhile stays, and a source that is new gets its secret', () => {
  const sources = { shopify: 'a', custom: 'c' };
  const store = make([{ ...ORDERS, sources: ['shopify'] }, SALT], { sources });
  const salt = stored(store, SALT.name);
  store.put(ORDERS.name, '{"shopify":"rotated"}', 'SecureString', true, 'Standard');
  make([ORDERS, SALT], { sources, contactSalt: 'another-salt-now' }, store);
  expect(JSON.parse(stored(store, ORDERS.name))).toEqual({ shopify: 'rotated', custom: 'c' });
  expect(stored(store, SALT.name)).toBe(salt);
});

it('a template that is new knows the secret of a source as another one knows it by now', () => {
  const custom = { ...ORDERS, sources: ['custom'] };
  const store = make([custom], { sources: { custom: 'of-the-file' } });
  store.put(ORDERS.name, '{"custom":"rotated"}', 'SecureString', true, 'Standard');
  const leads = { name: '/ezw/demo/sources/lead-first-touch', placeholder: '{}', sources: ['custom'] };
  make([leads, custom], { sources: { custom: 'of-the-file' } }, store);
  expect(JSON.parse(stored(store, leads.name))).toEqual({ custom: 'rotated' });
});

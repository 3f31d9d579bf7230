import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Hono } from 'hono';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type FoundStandIn, findStandIns, served } from '../../local/sandbox/stand-ins.ts';

let root: string;
let found: readonly FoundStandIn<unknown>[];

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'ezw-stand-ins-'));
  const write = (path: string, text: string) => {
    mkdirSync(join(root, path), { recursive: true });
    writeFileSync(join(root, path, 'stand-in.ts'), text);
  };
  write('functions/crm-sync/crms/good', "export const standIn = { says: 'good' };");
  write('functions/crm-sync/crms/broken', "throw new Error('half written');");
  write('functions/crm-sync/crms/misnamed', 'export const crm = {};');
  write('functions/order-ready/sources/shop', "export const standIn = { says: 'shop' };");
  write('functions/order-ready/elsewhere/shop', 'export const standIn = {};');
  mkdirSync(join(root, 'functions/crm-sync/crms/without'));
  found = await findStandIns(pathToFileURL(`${root}/`));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

const answer = async (name: string): Promise<Response> => {
  const one = found.find((each) => each.name === name) as FoundStandIn<{ says: string }>;
  return served(one, ({ says }) => new Hono().get('/', (c) => c.text(says)) as never).request('/');
};

test('stand-ins are found by the convention of their folders, of whatever kind', () => {
  expect(found.map(({ kind, name }) => `${kind} ${name}`)).toEqual([
    'crms broken',
    'crms good',
    'crms misnamed',
    'sources shop',
  ]);
});

test('one that does not load is 503 and says why, and the others are served', async () => {
  expect(await (await answer('good')).text()).toBe('good');
  expect((await answer('shop')).status).toBe(200);
  const broken = await answer('broken');
  expect(broken.status).toBe(503);
  expect(await broken.text()).toMatch(
    /functions\/crm-sync\/crms\/broken\/stand-in\.ts cannot be served: .*half written/,
  );
  expect(await (await answer('misnamed')).text()).toContain('exports no standIn');
});

test('one that cannot be made is 503 too', async () => {
  const found: FoundStandIn<object> = { kind: 'crms', name: 'x', path: 'functions/x', standIn: {} };
  const app = served(found, () => {
    throw new Error('no such route');
  });
  const refused = await app.request('/any/path', { method: 'POST' });
  expect(refused.status).toBe(503);
  expect(await refused.text()).toContain('no such route');
});

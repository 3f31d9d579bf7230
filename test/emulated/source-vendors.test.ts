import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { readEntry, writeEntry } from '../../cli/secrets/store.ts';
import { openTarget } from '../../cli/target/target.ts';
import demo from '../../clients/demo.ts';
import type { LocalStack } from '../../local/stack.ts';
import type { Ran } from '../in-process.ts';
import { AwsMode } from './aws-mode.ts';
import { sandboxOf, startDemo } from './demo.ts';
import { ezw } from './ezw.ts';

/** A deployed stack calls vendors where its client file says; that of this test is the sandbox. */
let standIns = '';
/** What a test's client file says otherwise. */
let change = (file: string): string => file;
vi.mock('../../cli/target/project.ts', async (original) => ({
  ...(await original<object>()),
  readClient: async () => JSON.parse(change(JSON.stringify(demo).replaceAll('http://127.0.0.1:8788', standIns))),
}));

let stack: LocalStack;
let aws: AwsMode;
beforeAll(async () => {
  stack = await startDemo();
  standIns = stack.sandboxUrl;
  aws = await AwsMode.start(stack, stack.url);
}, 60_000);
afterAll(async () => {
  await aws.stop();
  await stack.stop();
});
beforeEach(async () => {
  change = (file) => file;
  await sandboxOf(stack).clearFaults();
});

const desk = async <T>(method: string, path: string, body?: object): Promise<T> => {
  const response = await fetch(`${stack.url}/_sandbox/${path}`, {
    method,
    ...(body && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${path}: ${text}`);
  return (text === '' ? undefined : JSON.parse(text)) as T;
};
/** Methods of what a vendor was asked since. */
const askedOf = async (desk_: string, since = 0): Promise<string[]> =>
  (await desk<{ method: string }[]>('GET', `${desk_}/requests`)).slice(since).map(({ method }) => method);

const secretOf = (source: string) => ({
  stored: async () => readEntry(await openTarget('demo', { local: stack.url }), { secret: 'sources', field: source }),
  store: async (entry: string | object) =>
    writeEntry(await openTarget('demo', { local: stack.url }), { secret: 'sources', field: source }, entry as string),
});

const MODES = ['local', 'aws'] as const;
type Mode = (typeof MODES)[number];
/** The command about one source, with what is asked for on standard input. */
const commandOf = (mode: Mode, source: string, login: string) => {
  const run = (args: readonly string[], input = login): Promise<Ran> =>
    mode === 'aws' ? aws.run(args, { input }) : ezw([...args, '--local', stack.url], { input });
  return {
    connect: (...more: string[]) => run(['source', 'connect', 'demo', source, '--yes', ...more]),
    show: (...more: string[]) => run(['source', 'show', 'demo', source, ...more]),
    disconnect: () => run(['source', 'disconnect', 'demo', source, '--yes']),
    /** What doctor says of the source at its vendor. */
    doctor: async () => {
      const { stdout } = await run(['doctor', 'demo', '--json'], '');
      const { findings } = JSON.parse(stdout) as { findings: { about: string; level: string; found: string }[] };
      return findings.find(({ about }) => about.startsWith(`${source} at `));
    },
  };
};

interface WooHook {
  readonly id: number;
  readonly name: string;
  readonly status: string;
  readonly topic: string;
  readonly delivery_url: string;
  readonly secret: string;
  readonly failure_count: number;
}

describe.each(MODES)('WooCommerce, %s', (mode) => {
  const { connect, show, disconnect, doctor } = commandOf(mode, 'woocommerce', 'ck_demo\ncs_demo\n');
  const { store, stored } = secretOf('woocommerce');
  const address = () => `${stack.url}/order-ready/woocommerce`;
  const hooks = () => desk<WooHook[]>('GET', 'woocommerce/webhooks');
  const putHook = (over: object) =>
    desk('PUT', 'woocommerce/webhooks', { topic: 'order.updated', delivery_url: address(), ...over });
  const order = { id: 71, number: '71', status: 'pending' };
  const happens = (body: object = order) =>
    desk<{ id: number; status: number }[]>('POST', 'woocommerce/happens', { topic: 'order.updated', order: body });

  beforeEach(async () => {
    await desk('DELETE', 'woocommerce/webhooks');
    await store('demo-woocommerce-secret');
  });

  it('makes one webhook of each topic that the client file needs, whose events the door takes', async () => {
    expect((await show()).code).toBe(1);
    const { code, stdout, stderr } = await connect();
    expect({ code, stderr }).toMatchObject({ code: 0 });
    expect(stdout).toMatch(/✓ order\.updated: on.*\n✓ order\.deleted: on.*\n✓ order\.created: on/);
    const made = await hooks();
    expect(made.map(({ topic }) => topic).sort()).toEqual(['order.created', 'order.deleted', 'order.updated']);
    for (const one of made) {
      expect(one).toMatchObject({ status: 'active', delivery_url: address(), secret: 'demo-woocommerce-secret' });
    }
    expect(await happens()).toEqual([{ id: expect.any(Number), status: 200 }]);
    const before = (await askedOf('woocommerce')).length;
    expect((await connect()).stdout).toContain('Nothing to do.');
    expect(await askedOf('woocommerce', before)).toEqual(['GET']);
    expect(stdout + stderr).not.toMatch(/cs_demo|demo-woocommerce-secret/);
  });

  it('does without the topic of new orders where no order is told when it is made', async () => {
    change = (file) => file.replace('"processing":"confirmed",', '');
    await connect();
    expect((await hooks()).map(({ topic }) => topic).sort()).toEqual(['order.deleted', 'order.updated']);
  });

  it('replaces what WooCommerce disabled, for switched on again the next failure would disable it', async () => {
    // Its secret is not the door's: six are refused and one more, and nobody at the shop is told.
    await putHook({ secret: 'of yesterday' });
    for (let i = 0; i < 7; i += 1) expect(await happens()).toMatchObject([{ status: 401 }]);
    const broken = (await hooks()).find(({ topic }) => topic === 'order.updated');
    expect(broken).toMatchObject({ status: 'disabled', failure_count: 6 });
    expect(await happens()).toEqual([]);
    const shown = await show();
    expect(shown).toMatchObject({
      code: 1,
      stdout: expect.stringMatching(/✗ order\.updated: it is off \(WooCommerce disabled it: more than five/),
    });
    expect((await connect()).code).toBe(0);
    const mended = (await hooks()).find(({ topic }) => topic === 'order.updated');
    expect(mended).toMatchObject({ status: 'active', failure_count: 0, secret: 'demo-woocommerce-secret' });
    expect(mended?.id).not.toBe(broken?.id);
    expect(await happens()).toMatchObject([{ status: 200 }]);
  });

  it('replaces one that was made by hand, whose API version and secret no call shows', async () => {
    await putHook({ name: 'by hand', api_version: -1, secret: 'demo-woocommerce-secret' });
    expect(await happens()).toMatchObject([{ status: 400 }]);
    expect((await connect()).code).toBe(0);
    expect((await hooks()).map(({ name }) => name)).not.toContain('by hand');
    expect(await happens()).toMatchObject([{ status: 200 }]);
  });

  it('turns on what was paused, keeps one of two, and leaves other people’s webhooks and a shop of many alone', async () => {
    await putHook({ status: 'paused' });
    await putHook({});
    for (let i = 0; i < 105; i += 1)
      await putHook({ topic: 'product.updated', delivery_url: 'https://erp.example/in?key=s3cret' });
    const { code, stdout, stderr } = await connect();
    expect(code).toBe(0);
    const ours = (await hooks()).filter(({ delivery_url }) => delivery_url === address());
    expect(ours.map(({ topic, status }) => [topic, status]).sort()).toEqual([
      ['order.created', 'active'],
      ['order.deleted', 'active'],
      ['order.updated', 'active'],
    ]);
    expect((await hooks()).length).toBe(108);
    expect(stdout + stderr).not.toContain('s3cret');
    expect((await disconnect()).stdout).toMatch(/^3 removed/);
    expect((await hooks()).length).toBe(105);
  });

  it('doctor tells of a kept login that a webhook was switched off, and with which command it is mended', async () => {
    await connect('--keep');
    expect(await stored()).toEqual({
      current: 'demo-woocommerce-secret',
      consumerKey: 'ck_demo',
      consumerSecret: 'cs_demo',
    });
    expect(await doctor()).toMatchObject({ level: 'good' });
    await desk('DELETE', 'woocommerce/webhooks');
    await putHook({ status: 'disabled' });
    expect(await doctor()).toMatchObject({
      level: 'bad',
      found: expect.stringMatching(/order\.updated: it is off .*order\.deleted: there is none/),
      todo: expect.stringContaining('npx ezw source connect demo woocommerce'),
    });
  });

  it.each([
    ['a key that was revoked', 'ck_gone\ncs_gone', /answered 401: the key is wrong.*header Authorization away/],
    ['a wrong secret', 'ck_demo\ncs_other', /401: .*It says: Consumer secret is invalid\./],
    ['a user who may not', 'ck_clerk\ncs_clerk', /answered 403: the user of the key may not manage the shop/],
  ])('%s is one clear line', async (_, input, line) => {
    const { code, stderr, stdout } = await commandOf(mode, 'woocommerce', input).show();
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr.trim()).toMatch(line);
    expect(stderr.trim()).not.toMatch(/\n|cs_other/);
  });

  it('a key for reading only shows, and says that it may not change, with nothing half done', async () => {
    const reader = commandOf(mode, 'woocommerce', 'ck_reader\ncs_reader');
    expect((await reader.show()).stdout).toContain('✗ order.updated: there is none');
    const { code, stderr } = await reader.connect();
    expect(code).toBe(1);
    expect(stderr).toMatch(/401: .*for reading only.*It says: The API key provided does not have write permissions/);
    expect(await hooks()).toEqual([]);
  });

  it('a shop without its REST API, behind a firewall’s page or at another address is one clear line', async () => {
    change = (file) => file.replace('/woocommerce/wp-json', '/woocommerce/elsewhere');
    expect((await show()).stderr).toMatch(/answered 404: no REST API.*permalinks/);
    change = (file) => file;
    await sandboxOf(stack).fault('woocommerce', { kind: 'garbage' });
    expect((await show()).stderr).toMatch(/answered 200 with something that cannot be read/);
    await sandboxOf(stack).fault('woocommerce', {
      kind: 'status',
      status: 301,
      headers: { location: 'https://www.shop.example/' },
    });
    expect((await show()).stderr).toMatch(/answered 301, which is another address/);
    await sandboxOf(stack).fault('woocommerce', { kind: 'status', status: 429, headers: { 'retry-after': '7' } });
    expect((await show()).stderr).toMatch(/too many calls: try again in 7 s/);
  });

  it('takes a key to https alone, where the client file does not say where the shop is', async () => {
    change = (file) => file.replace(/"storeUrl":"[^"]*","restApi":"[^"]*"/, '"pickup":"any"');
    const { code, stderr } = await commandOf(mode, 'woocommerce', 'http://shop.example\nck_demo\ncs_demo').show();
    expect(code).toBe(2);
    expect(stderr).toMatch(/address of the shop begins with https:\/\//);
  });
});

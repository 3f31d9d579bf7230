import { beforeEach, describe, expect, it } from 'vitest';
import { clientFileSays, connecting, MODES, type Mode, settingsOf } from '../connecting.ts';
import { sandboxOf } from '../demo.ts';

const at = connecting('order-ready', 'woocommerce');

const desk = <T>(method: string, path: string, body?: object): Promise<T> => at.desk(method, path, body);
/** Methods of what a vendor was asked since. */
const askedOf = async (vendor: string, since = 0): Promise<string[]> =>
  (await desk<{ method: string }[]>('GET', `${vendor}/requests`)).slice(since).map(({ method }) => method);
const fault = (vendor: string, one: object, times?: number) => sandboxOf(at.stack).fault(vendor, one, times);

const secretOf = (source: string) => ({
  stored: () => at.stored(source),
  store: (entry: Parameters<typeof at.store>[0]) => at.store(entry, source),
});

/** The command about one source, with what is asked for on standard input. */
const commandOf = (mode: Mode, source: string, login: string) => {
  const run = (verb: string, ...more: string[]) => at.run(mode, ['source', verb, 'demo', source, ...more], login);
  return {
    connect: (...more: string[]) => run('connect', '--yes', ...more),
    show: () => run('show'),
    disconnect: () => run('disconnect', '--yes'),
    /** What doctor says of the source at its vendor. */
    doctor: async () => {
      const { stdout } = await at.run(mode, ['doctor', 'demo', '--json'], '');
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
  const address = () => `${at.stack.url}/order-ready/woocommerce`;
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

  if (mode !== 'local') return;

  it('does without the topic of new orders where no order is told when it is made', async () => {
    clientFileSays((file) => file.replace('"processing":"confirmed",', ''));
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

  it('of two that look alike it keeps the one that has our secret', async () => {
    await connect();
    const known = (await hooks()).map(({ id }) => id);
    await putHook({ name: 'by hand', secret: 'of somebody' });
    expect((await connect()).code).toBe(0);
    expect((await hooks()).map(({ id }) => id)).toEqual(known);
  });

  it('removes what is too many only after what is wanted is there', async () => {
    await putHook({ status: 'paused' });
    await putHook({ status: 'disabled' });
    const before = (await askedOf('woocommerce')).length;
    expect((await connect()).code).toBe(0);
    const asked = ['GET', 'POST', 'DELETE', 'POST', 'POST', 'DELETE', 'GET'];
    expect(await askedOf('woocommerce', before)).toEqual(asked);
    expect((await hooks()).map(({ status }) => status)).toEqual(['active', 'active', 'active']);
  });

  it('says that the old one stands beside the new one where it could not be removed, and removes it the next time', async () => {
    await putHook({ status: 'paused' });
    await fault('woocommerce', { kind: 'slow', ms: 1 }, 2);
    await fault('woocommerce', { kind: 'status', status: 403 });
    expect(await connect()).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/403.* The new one is made, the old one stands beside it: run it again\./),
    });
    expect((await hooks()).map(({ status }) => status).sort()).toEqual(['active', 'paused']);
    expect((await connect()).code).toBe(0);
    expect((await hooks()).map(({ status }) => status)).toEqual(['active', 'active', 'active']);
  });

  it('remembers what it made although the list cannot be read back', async () => {
    await fault('woocommerce', { kind: 'slow', ms: 1 }, 4);
    await fault('woocommerce', { kind: 'status', status: 503 });
    expect((await connect()).code).toBe(1);
    expect((await connect()).stdout).toContain('Nothing to do.');
  });

  it('remembers of each what it was given, where it breaks off after a rotation', async () => {
    await connect();
    await store({ current: 'the next secret', previous: 'demo-woocommerce-secret' });
    // The list, one made and its old one removed; the second is refused.
    await fault('woocommerce', { kind: 'slow', ms: 1 }, 3);
    await fault('woocommerce', { kind: 'status', status: 403 });
    expect((await connect()).code).toBe(1);
    const { stdout } = await show();
    expect(stdout.match(/✓/g)).toHaveLength(1);
    expect(stdout.match(/signs with the secret before/g)).toHaveLength(2);
  });

  it('a second shop has webhooks and a secret of its own, and neither touches the other’s', async () => {
    const north = {
      kind: 'woocommerce',
      restApi: `${at.stack.sandboxUrl}/woocommerce/wp-json`,
      statuses: ['ready-pickup'],
    };
    settingsOf('order-ready', 'woocommerce-north', north);
    await at.store('', 'woocommerce-north');
    await connect();
    const second = commandOf(mode, 'woocommerce-north', 'ck_demo\ncs_demo\n');
    expect((await second.connect()).code).toBe(0);
    const of = async (source: string) =>
      (await hooks()).filter((one) => one.delivery_url === `${at.stack.url}/order-ready/${source}`);
    expect((await of('woocommerce')).map(({ secret }) => secret)).toEqual(Array(3).fill('demo-woocommerce-secret'));
    const made = await at.stored('woocommerce-north');
    expect(made).toMatch(/^[0-9a-f]{64}$/);
    expect((await of('woocommerce-north')).map(({ secret }) => secret)).toEqual([made, made]);
    expect((await second.disconnect()).stdout).toMatch(/^2 removed/);
    expect((await of('woocommerce')).length).toBe(3);
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

  it('a kept login that was revoked is given anew by the command that is told, and kept where that is asked', async () => {
    await store({ current: 'demo-woocommerce-secret', consumerKey: 'ck_gone', consumerSecret: 'cs_gone' });
    const anew = /npx ezw source connect demo woocommerce --login --keep --local http:\/\/127\.0\.0\.1:\d+/;
    for (const told of [await connect(), await show(), await disconnect()]) {
      expect(told).toMatchObject({ code: 1, stderr: expect.stringMatching(anew) });
    }
    expect(await doctor()).toMatchObject({ level: 'bad', todo: expect.stringMatching(anew) });
    // Once only it leaves what is stored.
    expect((await connect('--login')).code).toBe(0);
    expect(await stored()).toMatchObject({ consumerKey: 'ck_gone' });
    expect((await connect('--login', '--keep')).code).toBe(0);
    expect(await stored()).toEqual({
      current: 'demo-woocommerce-secret',
      consumerKey: 'ck_demo',
      consumerSecret: 'cs_demo',
    });
    expect(await doctor()).toMatchObject({ level: 'good' });
    // Of one that is typed nothing is stored that could be replaced.
    await store('demo-woocommerce-secret');
    expect((await commandOf(mode, 'woocommerce', 'ck_gone\ncs_gone').show()).stderr).not.toContain('--login');
  });

  it('a page of maintenance passes: doctor warns, and names no command that could mend it', async () => {
    await store({ current: 'demo-woocommerce-secret', consumerKey: 'ck_demo', consumerSecret: 'cs_demo' });
    await fault('woocommerce', { kind: 'garbage' });
    expect(await doctor()).toEqual({
      check: 'source-connections',
      level: 'warning',
      isUnsure: true,
      about: 'woocommerce at WooCommerce',
      found: expect.stringMatching(/answered 200 with .* a page of maintenance, or not the API/),
    });
  });

  it('a secret that it does not sign with yet, or that nobody knows it has, is a warning of doctor’s with the command', async () => {
    const login = { consumerKey: 'ck_demo', consumerSecret: 'cs_demo' };
    await store({ current: 'demo-woocommerce-secret', ...login });
    await connect();
    await store({ current: 'the next secret', previous: 'demo-woocommerce-secret', ...login });
    const todo = expect.stringContaining('npx ezw source connect demo woocommerce');
    expect(await doctor()).toMatchObject({ level: 'warning', found: expect.stringContaining('before the one'), todo });
    await desk('DELETE', 'woocommerce/webhooks');
    for (const topic of ['order.created', 'order.updated', 'order.deleted'])
      await putHook({ topic, secret: 'by hand' });
    expect(await doctor()).toMatchObject({ level: 'warning', found: expect.stringContaining('is not known'), todo });
  });

  it('a login that no header can hold is one finding, with the command for another; the others stand', async () => {
    await store({ current: 'demo-woocommerce-secret', consumerKey: 'ck_\u200fdemo', consumerSecret: 'cs_demo' });
    expect(await doctor()).toMatchObject({
      level: 'bad',
      found: 'The stored consumerKey of woocommerce holds a character that no login has.',
      todo: expect.stringContaining('--login --keep'),
    });
    expect((await show()).stderr).toMatch(/^ezw: The stored consumerKey .*--login --keep/);
    expect((await connect('--login')).code).toBe(0);
  });

  it('of one whose login is not kept, doctor says when it was connected', async () => {
    await disconnect();
    await connect();
    expect(await doctor()).toMatchObject({
      level: 'good',
      found: expect.stringMatching(/connected by this command at 20.* no login is stored/),
    });
  });

  it('what it names to be typed is of the stack that was looked at', async () => {
    await store({ current: 'demo-woocommerce-secret', consumerKey: 'ck_demo', consumerSecret: 'cs_demo' });
    await connect();
    await desk('DELETE', 'woocommerce/webhooks');
    const todo = `npx ezw source connect demo woocommerce --local ${at.stack.url}`;
    expect((await show()).stdout).toContain(`→ ${todo}\n`);
    expect(await doctor()).toMatchObject({ level: 'bad', todo });
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
    clientFileSays((file) => file.replace('/woocommerce/wp-json', '/woocommerce/elsewhere'));
    expect((await show()).stderr).toMatch(/answered 404: no REST API.*permalinks/);
    clientFileSays();
    await fault('woocommerce', { kind: 'garbage' });
    expect((await show()).stderr).toMatch(/answered 200 with something that cannot be read/);
    await fault('woocommerce', {
      kind: 'status',
      status: 301,
      headers: { location: 'https://www.shop.example/' },
    });
    expect((await show()).stderr).toMatch(/answered 301, which is another address/);
    await fault('woocommerce', { kind: 'status', status: 429, headers: { 'retry-after': '7' } });
    expect((await show()).stderr).toMatch(/too many calls: try again in 7 s/);
  });

  it('takes a key to https alone, where the client file does not say where the shop is', async () => {
    clientFileSays((file) => file.replace(/"storeUrl":"[^"]*","restApi":"[^"]*"/, '"pickup":"any"'));
    const { code, stderr } = await commandOf(mode, 'woocommerce', 'http://shop.example\nck_demo\ncs_demo').show();
    expect(code).toBe(2);
    expect(stderr).toMatch(/address of the shop begins with https:\/\//);
  });
});

interface CalHook {
  readonly id: string;
  readonly subscriberUrl: string;
  readonly triggers: readonly string[];
  readonly active: boolean;
  readonly secret?: string;
  readonly payloadTemplate?: string;
  readonly organizationId?: number;
}

describe.each(MODES)('Cal.com, %s', (mode) => {
  const { connect, show, disconnect, doctor } = commandOf(mode, 'cal-com', 'cal_live_demo\n');
  const { store, stored } = secretOf('cal-com');
  const address = () => `${at.stack.url}/appointment-reminder/cal-com`;
  const hooks = () => desk<CalHook[]>('GET', 'cal-com/webhooks');
  const TRIGGERS = [
    'BOOKING_CREATED',
    'BOOKING_RESCHEDULED',
    'BOOKING_REQUESTED',
    'BOOKING_CANCELLED',
    'BOOKING_REJECTED',
  ];
  const putHook = (over: object = {}) =>
    desk('PUT', 'cal-com/webhooks', {
      subscriberUrl: address(),
      triggers: TRIGGERS,
      active: true,
      secret: 'demo-cal-com-secret',
      ...over,
    });
  const happens = () =>
    desk<{ status: number }[]>('POST', 'cal-com/happens', {
      trigger: 'BOOKING_REJECTED',
      payload: { uid: 'of-a-test', attendees: [] },
    });

  beforeEach(async () => {
    await desk('DELETE', 'cal-com/webhooks');
    await store('demo-cal-com-secret');
  });

  it('makes one webhook with all triggers and our secret, whose events the door takes', async () => {
    const { code, stdout, stderr } = await connect();
    expect({ code, stdout }).toMatchObject({ code: 0, stdout: expect.stringMatching(/✓ BOOKING_CREATED, .*: on/) });
    expect(await hooks()).toMatchObject([
      { subscriberUrl: address(), active: true, secret: 'demo-cal-com-secret', triggers: TRIGGERS },
    ]);
    expect(await happens()).toMatchObject([{ status: 200 }]);
    const before = (await askedOf('cal-com')).length;
    expect((await connect()).stdout).toContain('Nothing to do.');
    expect(await askedOf('cal-com', before)).toEqual(['GET']);
    expect(stdout + stderr).not.toMatch(/cal_live_demo|demo-cal-com-secret/);
  });

  if (mode !== 'local') return;

  it.each<[string, object, RegExp, number]>([
    ['has no secret', { secret: null }, /✗ .*/, 401],
    ['has another secret', { secret: 'of yesterday' }, /✗ .*/, 401],
    ['has a payload template', { payloadTemplate: '{"name":"{{title}}"}' }, /a payload template replaces/, 400],
    ['is off', { active: false }, /it is off/, 0],
    ['lacks triggers', { triggers: ['BOOKING_REJECTED'] }, /does not tell of BOOKING_CREATED, BOOKING_RES/, 200],
  ])('mends one that %s', async (_, over, says, told) => {
    await putHook(over);
    expect(await happens()).toMatchObject(told === 0 ? [] : [{ status: told }]);
    expect(await show()).toMatchObject({ code: 1, stdout: expect.stringMatching(says) });
    expect((await connect()).code).toBe(0);
    expect(await hooks()).toMatchObject([{ active: true, secret: 'demo-cal-com-secret', triggers: TRIGGERS }]);
    expect((await hooks())[0]?.payloadTemplate ?? '').toBe('');
    expect(await happens()).toMatchObject([{ status: 200 }]);
  });

  it('subscribes a whole organization where the client file names one, by an admin of it alone', async () => {
    settingsOf('appointment-reminder', 'cal-com', { organization: 77 });
    const other = commandOf(mode, 'cal-com', 'cal_live_other');
    expect(await other.connect()).toMatchObject({
      code: 1,
      stderr: expect.stringMatching('403: the user of the key is no admin of the organization 77'),
    });
    expect((await connect()).code).toBe(0);
    expect(await hooks()).toMatchObject([{ organizationId: 77, subscriberUrl: address() }]);
    expect((await disconnect()).stdout).toMatch(/^1 removed/);
    expect(await hooks()).toEqual([]);
  });

  it('looks through more webhooks than one answer holds, and touches no other', async () => {
    for (let i = 0; i < 60; i += 1) await putHook({ subscriberUrl: `https://other.example/${i}/s3cret` });
    await putHook({ active: false });
    const { stdout, stderr } = await connect();
    expect(stdout + stderr).not.toContain('s3cret');
    expect((await hooks()).length).toBe(61);
    expect((await hooks()).at(-1)).toMatchObject({ active: true });
  });

  it('doctor tells of a kept login that the webhook is gone, and a wrong key is one clear line', async () => {
    await connect('--keep');
    expect(await stored()).toEqual({ current: 'demo-cal-com-secret', apiKey: 'cal_live_demo' });
    expect(await doctor()).toMatchObject({ level: 'good' });
    await desk('DELETE', 'cal-com/webhooks');
    expect(await doctor()).toMatchObject({ level: 'bad', found: expect.stringContaining('no event comes') });
    await store('demo-cal-com-secret');
    const { code, stderr } = await commandOf(mode, 'cal-com', 'cal_live_gone').show();
    expect({ code, stderr }).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^ezw: Cal\.com answered 401: the API key is wrong[^\n]*\n$/),
    });
    expect(stderr).not.toContain('cal_live_gone');
  });
});

interface MetaState {
  readonly app?: { readonly url: string; readonly fields: readonly string[] };
  readonly pages: readonly { readonly id: string; readonly fields?: readonly string[] }[];
}

describe.each(MODES)('Meta, %s', (mode) => {
  const APP = '700000000000001';
  const PAGE = '104512345678901';
  const { connect, show, disconnect, doctor } = commandOf(mode, 'meta', `${APP}\ndemo-page-token\n`);
  const { store, stored } = secretOf('meta');
  const address = () => `${at.stack.url}/lead-first-touch/meta`;
  const state = () => desk<MetaState>('GET', 'graph/subscriptions');
  const putPage = (over: object = {}) => desk('PUT', 'graph/pages', { id: PAGE, token: 'demo-page-token', ...over });
  const putApp = (over: object = {}) => desk('PUT', 'graph/app', over);
  const happens = (leadgen: string) => desk<object>('POST', 'graph/happens', { page: PAGE, leadgen });
  const inDays = (days: number) => Math.floor(Date.now() / 1000) + days * 86_400;
  const login = { current: 'demo-meta-secret', appId: APP, pageToken: 'demo-page-token' };

  beforeEach(async () => {
    await desk('DELETE', 'graph/subscriptions');
    await store('demo-meta-secret');
  });

  it('subscribes the app and the page, without which there is silence, and the door knows Meta by what it was told', async () => {
    expect(await happens('1459076748710001')).toEqual({ told: false });
    const { code, stdout, stderr } = await connect('--keep');
    expect({ code, stderr }).toMatchObject({ code: 0 });
    expect(stdout).toMatch(/✓ app: on\n✓ page: on \(its token has no end\)/);
    expect(await state()).toMatchObject({
      app: { url: address(), fields: ['leadgen'] },
      pages: [{ id: PAGE, fields: ['leadgen'] }],
    });
    expect(await happens('1459076748710002')).toEqual({ status: 200 });
    expect(await stored()).toEqual(login);
    const before = (await askedOf('graph')).length;
    expect((await connect()).stdout).toContain('Nothing to do.');
    expect(new Set(await askedOf('graph', before))).toEqual(new Set(['GET']));
    expect(stdout + stderr).not.toMatch(/demo-page-token|demo-meta-secret/);
    // Nor does Meta hear the app secret as the word by which the door knows it.
    expect(JSON.stringify(await desk('GET', 'graph/requests'))).not.toContain('demo-meta-secret');
  });

  if (mode !== 'local') return;

  it('subscribes the page anew that is gone in silence, and takes nothing from what it is subscribed to besides', async () => {
    await connect('--keep');
    await putPage({ fields: ['messages', 'feed'] });
    expect(await happens('1459076748710003')).toEqual({ told: false });
    expect(await doctor()).toMatchObject({ level: 'bad', found: 'page: it does not tell of leadgen' });
    expect((await connect()).code).toBe(0);
    expect((await state()).pages).toMatchObject([{ fields: ['messages', 'feed', 'leadgen'] }]);
    await putApp({ callback: { url: address(), fields: ['messages'] } });
    expect((await connect()).code).toBe(0);
    expect((await state()).app).toMatchObject({ url: address(), fields: ['messages', 'leadgen'] });
    expect((await disconnect()).stdout).toMatch(/^2 removed/);
    expect(await state()).toMatchObject({ app: { fields: ['messages'] }, pages: [{ fields: ['messages', 'feed'] }] });
  });

  it('never takes the one address of an app away from another client', async () => {
    await putApp({ callback: { url: 'https://other.example/lead-first-touch/meta?k=s3cret', fields: ['leadgen'] } });
    const { code, stderr, stdout } = await connect('--keep');
    expect(code).toBe(1);
    expect(stderr.trim().split('\n').at(-1)).toMatch(
      /ezw: The app 700000000000001 tells other\.example of its pages, and an app has one address/,
    );
    expect((await state()).app).toMatchObject({ url: expect.stringContaining('other.example') });
    expect((await state()).pages[0]?.fields).toBeUndefined();
    expect(stdout + stderr).not.toContain('s3cret');
  });

  it('touches no page of an app that tells another stack of it, neither to connect nor to disconnect', async () => {
    const callback = { url: 'https://other.example/lead-first-touch/meta?k=s3cret', fields: ['leadgen'] };
    await putPage({ fields: ['leadgen', 'feed'] });
    await putApp({ callback });
    const before = await state();
    const shown = await show();
    expect(shown).toMatchObject({ code: 1, stdout: expect.stringMatching(/✗ page: there is none/) });
    expect(await disconnect()).toMatchObject({ code: 0, stdout: expect.stringContaining('Nothing to do') });
    expect((await connect('--keep')).code).toBe(1);
    expect(await state()).toEqual(before);
    // An app that tells nobody is free, and what its page is subscribed to besides stays.
    await desk('DELETE', 'graph/subscriptions');
    await putPage({ fields: ['feed'] });
    expect((await disconnect()).stdout).toContain('Nothing to do');
    expect((await connect('--keep')).code).toBe(0);
    expect((await state()).pages).toMatchObject([{ fields: ['feed', 'leadgen'] }]);
  });

  it('lets go of the page before the app, by which it is known as ours', async () => {
    await connect('--keep');
    await fault('meta', { kind: 'slow', ms: 1 }, 5);
    await fault('meta', { kind: 'status', status: 503 }, 2);
    expect((await disconnect()).code).toBe(1);
    expect((await state()).app).toMatchObject({ url: address() });
    await sandboxOf(at.stack).clearFaults();
    expect((await disconnect()).code).toBe(0);
    const { app, pages } = await state();
    expect([app, pages[0]?.fields ?? []]).toEqual([undefined, []]);
  });

  it('tells before a token ends, and that it has ended', async () => {
    await putPage({ dataAccessExpiresAt: inDays(90), expiresAt: inDays(9) });
    const { code, stdout } = await connect('--keep');
    expect({ code, stdout }).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/! page: on .*leads cannot be looked up after/),
    });
    expect(await doctor()).toMatchObject({ level: 'warning', found: expect.stringContaining('make a new one') });
    await putPage({ expiresAt: inDays(-1) });
    expect(await doctor()).toMatchObject({ level: 'bad', found: expect.stringContaining('has ended or was revoked') });
  });

  it.each<[string, object, RegExp]>([
    [
      'leads that Leads Access keeps back',
      { leadAccess: { can_access_lead: false, failure_resolution: 'Assign the CRM.' } },
      /✗ page: its leads cannot be read .*Leads access\): Assign the CRM\./,
    ],
    [
      'a token that may not look leads up',
      { scopes: ['pages_manage_metadata'] },
      /✗ page: the Page token lacks leads_retrieval/,
    ],
  ])('is not content with %s, though events come', async (_, page, says) => {
    await putPage(page);
    const { code, stdout } = await connect('--keep');
    expect({ code, stdout }).toMatchObject({ code: 1, stdout: expect.stringMatching(says) });
  });

  it('says that a Page token which is not kept looks no lead up', async () => {
    const { code, stdout } = await connect();
    expect({ code, stdout }).toMatchObject({
      code: 1,
      stdout: expect.stringMatching(/no Page token is stored.*--keep stores it/),
    });
  });

  it.each([
    ['a token that was revoked', `${APP}\nEAAgone`, 1, /the token is wrong, has ended or was revoked/],
    [
      'an app that is not the secret’s',
      '700000000000002\ndemo-page-token',
      1,
      /app id and app secret do not belong together/,
    ],
    [
      'a token without the right to subscribe',
      `${APP}\nof-an-editor`,
      1,
      /403: the token lacks a right.*It says: \(#200\) Requires pages_manage_metadata/,
    ],
    ['a token of another app', `${APP}\nof-another-app`, 2, /is of the app 700000000000009, not of 700000000000001/],
    [
      'a token of several pages without a page',
      `${APP}\ndemo-system-user-token`,
      2,
      /write the id of the page as "origin"/,
    ],
  ])('%s is one clear line', async (_, input, exit, line) => {
    await putPage({ id: '104512345678909', token: 'of-an-editor', scopes: ['leads_retrieval'] });
    await putPage({ id: '104512345678908', token: 'of-another-app', appId: '700000000000009' });
    const { code, stdout, stderr } = await commandOf(mode, 'meta', input).show();
    expect({ code, stdout }).toEqual({ code: exit, stdout: '' });
    expect(stderr.trim()).toMatch(line);
    expect(stderr.trim()).not.toMatch(/\n|EAAgone|of-an-editor|demo-meta-secret/);
  });

  it('subscribes several pages by the token of a system user', async () => {
    const SECOND = '104512345678902';
    await putPage({ id: SECOND, token: 'token-of-the-second' });
    settingsOf('lead-first-touch', 'meta', { origin: [PAGE, SECOND] });
    const many = commandOf(mode, 'meta', `${APP}\ndemo-system-user-token`);
    const { code, stdout } = await many.connect('--keep');
    expect({ code, stdout }).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/✓ page 104512345678901: on.*\n✓ page 104512345678902: on/),
    });
    expect((await state()).pages.filter(({ fields }) => fields?.includes('leadgen')).length).toBe(2);
    // One page's own token speaks for no other.
    await store('demo-meta-secret');
    expect(await show()).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/several pages take the token of a system user/),
    });
  });

  it('a door that does not answer Meta’s first question is told as that, and throttling is no fault of ours', async () => {
    // Whether the door has read a secret that changed just now is a matter of minutes: nothing of it is changed here.
    await putApp({ isMistaken: true });
    expect((await connect()).stderr).toMatch(
      /Meta asked our address and was not answered.*Callback verification failed/,
    );
    await fault(
      'meta',
      { kind: 'status', status: 400, body: { error: { code: 4, message: '(#4) Application request limit reached' } } },
      0,
    );
    expect((await show()).stderr).toMatch(/answered 429, too many calls/);
    await store(login);
    expect(await doctor()).toMatchObject({ level: 'warning', found: expect.stringContaining('too many calls') });
  });
});

import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createDoor, type RequestListener } from 'node:http';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { callsOf } from '../../cli/probe/calls.ts';
import type { Evidence, SendFact, SendName } from '../../cli/probe/evidence.ts';
import { echoesOf, itemsOf } from '../../cli/probe/items.ts';
import { type Came, listen } from '../../cli/probe/listener.ts';
import { Listening } from '../../cli/probe/listening.ts';
import { forgetProbe, noteRegistered, openProbe, openProbeOf, putBack, restore } from '../../cli/probe/open-probe.ts';
import type { Person } from '../../cli/probe/person.ts';
import { textOf } from '../../cli/probe/plan.ts';
import { Redactor } from '../../cli/probe/redact.ts';
import type { Report } from '../../cli/probe/report.ts';
import { shapeOf } from '../../cli/probe/shape.ts';
import { until } from '../../cli/probe/until.ts';
import { verdictsOn, withFinding } from '../../cli/probe/verdicts.ts';
import { readSecret, writeSecret } from '../../cli/secrets/store.ts';
import { peopleOf } from '../../cli/sends/person.ts';
import { openTarget } from '../../cli/target/target.ts';
import { webhookToken as webhookTokenOf } from '../../cli/webhook/registration.ts';
import { webhookAt } from '../../functions/shared/ezwhatsapp/webhook-order.ts';
import { LineControl } from '../../functions/shared/ledger/line-control.ts';
import { UnwrittenStops } from '../../functions/shared/people/unwritten-stops.ts';
import { Table } from '../../functions/shared/runtime/table.ts';
import { NAMES } from '../../local/sandbox/contract/assumptions.ts';
import { VARIANTS } from '../../local/sandbox/contract/contract.ts';
import type { LocalStack } from '../../local/stack.ts';
import { contacts } from '../contacts.ts';
import { demoSecrets, sandboxOf, startDemo, withoutIds } from './demo.ts';
import { ezw } from './ezw.ts';

const OWN = contacts.operator.phone;

/** Whoever sits at the terminal, and what else stands in the client file. */
const world = vi.hoisted(() => ({
  person: undefined as Person | undefined,
  over: {} as object,
}));
vi.mock('../../cli/probe/person.ts', () => ({ personHere: () => world.person }));
vi.mock('../../cli/target/project.ts', async (original) => {
  const project = await original<typeof import('../../cli/target/project.ts')>();
  return { ...project, readClient: async (name: string) => ({ ...(await project.readClient(name)), ...world.over }) };
});

let stack: LocalStack;
let port: number;
const folder = mkdtempSync(join(tmpdir(), 'ezw-probes-'));

const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port: free } = server.address() as { port: number };
      server.close(() => resolve(free));
    });
  });

const say = async (method: string, path: string, body?: object) => {
  const init = body === undefined ? {} : { body: JSON.stringify(body) };
  const response = await fetch(`${stack.url}/_sandbox/${path}`, { method, ...init });
  if (!response.ok) throw new Error(`${path} answered ${response.status}: ${await response.text()}`);
  return response.status === 204 ? undefined : response.json();
};
const onPhone = async () => (await say('GET', 'phone')) as { body?: string; at: string }[];
interface Registered {
  readonly id: string;
  readonly events: readonly string[];
  readonly enabled: boolean;
}
const webhooks = async () => (await say('GET', 'webhooks')) as Registered[];

beforeAll(async () => {
  stack = await startDemo();
  port = await freePort();
  await ezw(['webhook', 'register', 'demo', '--local', stack.url]);
  await say('POST', 'webhook-settings', {
    allowOrigins: [`http://127.0.0.1:${port}`],
    retryDelaysMs: [50, 50, 50],
    bulkAfterMs: 200,
  });
});
beforeEach(async () => {
  await say('DELETE', 'messages');
  await say('DELETE', 'spoken');
});
afterEach(async () => {
  world.person = undefined;
  world.over = {};
  await say('PUT', 'contract', { contract: '' });
  await say('POST', 'line', { sendable: true });
});
afterAll(() => stack.stop());

const FAST = ['--pause', '0', '--wait', '1', '--retry-wait', '2'];
const base = (...args: string[]) => ['probe', 'demo', '--local', stack.url, '--out', folder, ...args];
const probe = (...args: string[]) => ezw(base('--to', OWN, '--yes', ...FAST, ...args));
const listening = () => ['--webhook', `http://127.0.0.1:${port}`, '--port', String(port)];
const everything = () => [...listening(), '--media', 'https://media.example/1.jpg', '--skip-inbound'];

type Told = Report & { readonly files: { readonly md: string; readonly json: string } };
const reported = async (...args: string[]) => {
  const { code, stdout, stderr } = await probe('--json', ...args);
  if (stdout === '') throw new Error(stderr);
  return { code, stderr, report: JSON.parse(stdout) as Told };
};
const contradicted = ({ verdicts }: Report) =>
  verdicts
    .filter(({ state }) => state === 'contradicted')
    .map((one) => `${one.assumption}=${one.variant ?? one.found}`);
const inState = ({ verdicts }: Report, state: string) =>
  verdicts.filter((one) => one.state === state).map(({ assumption }) => assumption);

/** Sits at the terminal, with the phone in their hand, and does what they are asked. */
const helpful = (over: Partial<Person> = {}): Person => ({
  does: async (what) => {
    if (/^Unlink/.test(what)) await say('POST', 'line', { sendable: false });
    if (/^Link/.test(what)) await say('POST', 'line', { sendable: true });
    if (/^Rotate/.test(what)) await rotated();
    return true;
  },
  counts: async (question) => {
    const [, marker = ''] = /"(.*)"/.exec(question) ?? [];
    return (await onPhone()).filter(({ body = '' }) => body.startsWith(marker)).length;
  },
  ...over,
});

const rotated = async () => {
  const target = await openTarget('demo', { local: stack.url });
  const post = async (path: string, init: RequestInit) =>
    (await (await fetch(`${target.ezwUrl}${path}`, { method: 'POST', ...init })).json()) as Record<string, string>;
  const login = JSON.stringify({ email: 'owner@demo.example', password: 'demo-password' });
  const { idToken } = await post('/api/auth/login', { body: login });
  const headers = { authorization: `Bearer ${idToken}` };
  const { token = '' } = await post(`/api/lines/${target.client.lineId}/api-token`, { headers });
  await writeSecret(target, 'line-token', token);
};

const skip = async () => false;

/** What a phone sends, by the words with which it is asked for. */
const MESSAGES: readonly (readonly [RegExp, object])[] = [
  [/^Write "hello"/, { text: 'hello' }],
  [/link in it/, { type: 'link_preview', text: 'Look at https://shop.example' }],
  [/caption/, { type: 'image', text: 'My red bicycle' }],
  [/voice/, { type: 'voice' }],
  [/location/, { type: 'location' }],
  [/contact/, { type: 'contact' }],
  [/sticker/, { type: 'sticker' }],
  [/thumb/, { type: 'action' }],
];
const write = async (what: string): Promise<boolean> => {
  const [, message] = MESSAGES.find(([asks]) => asks.test(what)) ?? [];
  if (message) await say('POST', 'customer-messages', { phone: OWN, ...message });
  return message !== undefined;
};

const target = () => openTarget('demo', { local: stack.url });
const NEVER = new AbortController().signal;
const lineCalls = async () => callsOf(await target(), { pauseMs: 0, signal: NEVER });
/** As `--restore` does it in another terminal, while one waits for a probe here. */
const restored = async () => restore(await target(), await lineCalls());

const enabled = async () => (await webhooks()).filter((one) => one.enabled);

it('as assumed: everything that was asked is as assumed, and the line is as it was', async () => {
  const before = await enabled();
  const { code, report } = await reported(...everything());
  expect({ contradicted: contradicted(report), problems: report.problems, code }).toEqual({
    contradicted: [],
    problems: [],
    code: 0,
  });
  expect(inState(report, 'assumed')).toEqual(['old-token', 'unlinked', 'health']);
  expect(await enabled()).toEqual(before);
  expect((await ezw(['doctor', 'demo', '--local', stack.url])).stdout).not.toContain('probe');
  // Each says what rests on it, and what to do.
  expect(report.verdicts.every(({ rests, todo }) => rests.length > 0 && todo !== '')).toBe(true);
});

describe('of each thing that EZWhatsApp may do, it reports that and nothing else', () => {
  /** What must be asked for beside the usual, or the variant cannot be seen. */
  const MORE: Readonly<Record<string, readonly string[]>> = {
    unlinked: ['--unlinked'],
    health: ['--unlinked'],
    'old-token': ['--rotated'],
  };
  const LATER = 'again-after-24h';

  it.each(VARIANTS.filter(([, variant]) => variant !== LATER))('%s=%s', async (name, variant) => {
    await say('PUT', 'contract', { contract: `${name}=${variant}` });
    // From the second message on they may be named otherwise.
    world.person = helpful(
      name === 'people' ? { does: (what) => (/hello|link in/.test(what) ? write(what) : skip()) } : {},
    );
    const usual = name === 'people' ? [...listening(), '--media', 'https://media.example/1.jpg'] : everything();
    // What is refused comes again when it comes: that is waited for where it is looked at.
    const retries = name === 'retries' ? [] : ['--skip-retries'];
    const { code, report } = await reported(...usual, ...retries, ...(MORE[name] ?? []));
    expect(contradicted(report)).toEqual([`${name}=${variant}`]);
    expect(report.verdicts.find(({ assumption }) => assumption === name)).toMatchObject({
      isRight: true,
      todo: 'nothing: the product is right under either',
    });
    expect({ problems: report.problems, code }).toEqual({ problems: [], code: 0 });
    // Whatever it does with registrations: the client's own is told, and the probe's is not.
    const [own, ...more] = await enabled();
    expect({ isThere: own !== undefined, more }).toEqual({ isThere: true, more: [] });
  });

  it(`same-key=${LATER}`, async () => {
    await say('PUT', 'contract', { contract: `same-key=${LATER}` });
    const first = await reported(...everything(), '--skip-retries');
    expect(contradicted(first.report)).toEqual([]);
    expect(inState(first.report, 'assumed')).toContain('retries');
    const file = aDayOld(first.report);
    await say('DELETE', 'keys');
    const { code, report } = await reported('--again', file);
    expect({ contradicted: contradicted(report), code }).toEqual({ contradicted: [`same-key=${LATER}`], code: 0 });
    const marker = first.report.again?.marker ?? '';
    expect((await onPhone()).filter(({ body = '' }) => body.startsWith(marker))).toHaveLength(2);
  });
});

describe('two points that look alike', () => {
  it.each([
    ['deliveries=repeated, status-order=twice', ['status-order=twice', 'deliveries=repeated'], []],
    ['deliveries=repeated-anew, status-order=twice', ['status-order=twice', 'deliveries=repeated-anew'], []],
    [
      'echo=none, status-id=answer, status-order=twice',
      ['echo=none', 'status-id=answer'],
      ['status-order', 'deliveries'],
    ],
    [
      'echo=none, status-id=answer, deliveries=repeated-anew',
      ['echo=none', 'status-id=answer'],
      ['status-order', 'deliveries'],
    ],
    ['echo=none, status-id=answer, deliveries=repeated', ['echo=none', 'status-id=answer', 'deliveries=repeated'], []],
  ])('are told apart, or both are assumed: %s', async (contract, seen, open) => {
    await say('PUT', 'contract', { contract });
    world.person = helpful();
    const { report } = await reported(...everything(), '--skip-retries');
    expect(contradicted(report)).toEqual(seen);
    const found = report.verdicts.filter(({ found }) => found.startsWith('each status came twice'));
    expect(found.map(({ assumption, state }) => [assumption, state])).toEqual(open.map((one) => [one, 'assumed']));
  });
});

/** The report of a probe that began more than a day ago. */
const aDayOld = (report: Told): string => {
  const at = new Date(Date.now() - 25 * 3600_000).toISOString();
  const file = join(folder, `old-${Date.now()}.json`);
  writeFileSync(file, JSON.stringify({ ...report, again: { ...report.again, at } }));
  return file;
};

describe('a day later', () => {
  let report: Told;
  beforeEach(async () => {
    ({ report } = await reported());
  });

  it('it is refused before a day has passed, with the time that is left', async () => {
    const before = (await onPhone()).length;
    const { code, stderr } = await probe('--again', report.files.json);
    expect([code, stderr]).toEqual([1, expect.stringMatching(/less than a day ago: again in 23 h \d+ min, from 20/)]);
    expect(await onPhone()).toHaveLength(before);
  });

  it('the first key with the first answer again is as assumed, and no message comes', async () => {
    world.person = helpful();
    const before = (await onPhone()).length;
    const later = await reported('--again', aDayOld(report));
    expect(contradicted(later.report)).toEqual([]);
    const found = later.report.verdicts.find(({ assumption }) => assumption === 'same-key')?.found;
    expect(found).toContain('a day later answered 202 with the first id; 1 are on the phone');
    expect(await onPhone()).toHaveLength(before);
  });

  it('without a count it shows nothing: what was seen at once stands', async () => {
    const later = await reported('--again', aDayOld(report));
    expect(later.report.verdicts).toEqual(report.verdicts);
  });

  it('no answer turns a key that was worth nothing into a better one', async () => {
    world.person = helpful();
    const found = 'a key that is worth nothing, a second message at once';
    const verdicts = withFinding(report.verdicts, 'same-key', { is: 'other', found });
    const later = await reported('--again', aDayOld({ ...report, verdicts }));
    expect([later.code, contradicted(later.report)]).toEqual([1, [`same-key=none of the known: ${found}`]]);
  });

  it('two on the phone of which nobody counted the first day may have come at once: that is no later message', async () => {
    world.person = helpful({ counts: async () => 2 });
    const later = await reported('--again', aDayOld(report));
    expect([later.code, contradicted(later.report)]).toEqual([
      1,
      [
        expect.stringMatching(
          /^same-key=none of the known: perhaps a key that is worth nothing: a day later .*; 2 are on/,
        ),
      ],
    ]);
  });

  it('another number than the first is refused: under it the bytes would be others', async () => {
    const args = base('--to', '+442079460056', '--yes', ...FAST, '--again', aDayOld(report));
    const { code, stderr } = await ezw(args);
    expect([code, stderr]).toEqual([2, expect.stringContaining('--to is another number than that of this report')]);
  });

  it.each([
    ['none', 'no-such-file.json', 'cannot be read'],
    ['one of something else', 'package.json', 'is no report of a probe'],
  ])('%s is wrong input', async (_, file, message) => {
    const { code, stderr } = await probe('--again', file);
    expect([code, stderr]).toEqual([2, expect.stringContaining(message)]);
  });
});

it('something that nobody thought of is told as such; what rests on it may be wrong, and the exit code says so', async () => {
  await sandboxOf(stack).fault('media', { kind: 'status', status: 451 });
  const { code, report } = await reported('--media', 'https://media.example/1.jpg');
  expect(contradicted(report)).toEqual(['media=none of the known: answered 451']);
  expect(report.verdicts.find(({ assumption }) => assumption === 'media')).toMatchObject({
    isRight: false,
    todo: expect.stringContaining('send this report'),
  });
  expect(code).toBe(1);
});

it('a point in which the product needs nothing is right under whatever is answered', async () => {
  await say('PUT', 'contract', { contract: 'long-text=413' });
  const { code, stdout } = await probe();
  expect(code).toBe(0);
  expect(stdout).toContain('long-text=413: is answered 413 (answered 413); the product is right under either');
});

it('a line that takes no message cannot be asked: exit code 1, and nothing more is sent', async () => {
  await sandboxOf(stack).fault('text', { kind: 'status', status: 402 }, 0);
  const { code, report } = await reported(...listening(), '--skip-inbound');
  await sandboxOf(stack).clearFaults();
  expect({ code, sends: report.sends.map(({ name }) => name) }).toEqual({ code: 1, sends: ['text'] });
  expect(await enabled()).toHaveLength(1);
});

it('a first answer that was lost after its effect leaves verdicts, and a key for the day after', async () => {
  await sandboxOf(stack).fault('text', { kind: 'status', status: 502, after: true });
  world.person = helpful();
  const { report } = await reported();
  expect(report.again?.key).toContain(':text');
  expect(report.verdicts.find(({ assumption }) => assumption === 'same-key')).toMatchObject({
    state: 'seen',
    found: expect.stringContaining('one message came'),
  });
  expect(inState(report, 'seen')).toContain('no-key');
});

it('a step that fails names itself, and the others go on', async () => {
  const taken = createServer().listen(port, '127.0.0.1');
  const { code, report } = await reported(...everything());
  await new Promise((resolve) => taken.close(resolve));
  expect(report.problems).toEqual([{ step: 'listen', why: expect.stringContaining('cannot be listened at') }]);
  expect(inState(report, 'seen')).toContain('media');
  expect({ code, left: report.left }).toEqual({ code: 0, left: 'Nothing was changed at EZWhatsApp.' });
});

it('a question to which no answer comes is assumed, and the others go on', async () => {
  await sandboxOf(stack).fault('media', { kind: 'reset' });
  const { code, report } = await reported(...everything());
  await sandboxOf(stack).clearFaults();
  expect(report.sends.find(({ name }) => name === 'media')?.status).toBe('ECONNRESET');
  expect(report.verdicts.find(({ assumption }) => assumption === 'media')).toMatchObject({
    state: 'assumed',
    found: 'not answered (ECONNRESET)',
  });
  expect({ code, retried: inState(report, 'seen').includes('retries') }).toEqual({ code: 0, retried: true });
});

it('health is told in the words of its documented fields', async () => {
  world.person = helpful();
  const { report } = await reported('--unlinked');
  expect(report.health?.says).toBe('health 4 AUTH · lifecycle connected · send state sendable · sendable true');
  const found = report.verdicts.find(({ assumption }) => assumption === 'health')?.found;
  expect(found).toContain('answered 200: health 3 QR · lifecycle qr_required · send state blocked · sendable false');
});

it('an address that does not lead here is not registered', async () => {
  const before = await webhooks();
  const { report } = await reported('--webhook', stack.url, '--port', String(port), '--skip-inbound');
  expect(report.problems).toEqual([{ step: 'listen', why: expect.stringContaining('is the tunnel open?') }]);
  expect(await webhooks()).toEqual(before);
});

describe('a verdict rests on nothing but answers to what was asked', () => {
  const answer = (status: number, body: object) =>
    ({ kind: 'answer', status, headers: {}, body: JSON.stringify(body) }) as const;
  const sent = (name: SendName, status: number, body: object, marker = name as string): SendFact => ({
    name,
    marker,
    askedAt: 1,
    answeredAt: 2,
    result: answer(status, body),
  });
  const verdictOn = (assumption: string, sends: readonly SendFact[], over: Partial<Evidence> = {}) =>
    verdictsOn({ to: OWN, sends, counted: new Map(), ...over }).find((one) => one.assumption === assumption);
  const first = sent('text', 202, { id: 'one' });

  it('another id under the same key that nobody counted is no tick: the key may be worth nothing', () => {
    const again = sent('same-key', 202, { id: 'two' }, 'text');
    expect(verdictOn('same-key', [first, again])).toMatchObject({
      state: 'contradicted',
      isRight: false,
      found: expect.stringMatching(/perhaps a key that is worth nothing.*run it at a terminal or with --webhook/),
    });
  });

  it('a second message is a key that is worth nothing, and one message is as assumed', () => {
    const again = sent('same-key', 202, { id: 'two' }, 'text');
    const two = verdictOn('same-key', [first, again], { counted: new Map([['text', 2]]) });
    expect(two).toMatchObject({ isRight: false, found: expect.stringContaining('a key that is worth nothing') });
    expect(verdictOn('same-key', [first, again], { counted: new Map([['text', 1]]) })?.state).toBe('seen');
  });

  it('answers without an id that nobody counted are assumed', () => {
    const sends = [sent('text', 202, {}), sent('same-key', 202, {}, 'text')];
    expect(verdictOn('same-key', sends)).toMatchObject({
      state: 'assumed',
      found: expect.stringContaining('run it at a terminal or with --webhook'),
    });
  });

  it.each([402, 408, 425, 429, 500, 503])('%i is no answer to what was asked', (status) => {
    for (const name of ['same-key', 'no-key', 'bad-to', 'long-text', 'media'] as const) {
      const sends = [first, sent(name, status, {}, name === 'same-key' ? 'text' : name)];
      expect(verdictOn(name, sends)).toMatchObject({
        state: 'assumed',
        found: expect.stringContaining(`not asked: answered ${status}`),
      });
      expect(verdictOn('errors', sends)?.state).toBe('assumed');
    }
  });

  it.each([409, 422, 500, 202])('two messages are a key that is worth nothing, whatever was answered: %i', (status) => {
    const again = sent('same-key', status, { id: 'one' }, 'text');
    expect(verdictOn('same-key', [first, again], { counted: new Map([['text', 2]]) })).toMatchObject({
      state: 'contradicted',
      isRight: false,
      found: expect.stringMatching(/a key that is worth nothing.*2 messages came/),
    });
  });

  it.each([
    ['the first id again', 202, { id: 'one' }],
    ['a refusal', 409, {}],
  ])('%s without a count is assumed: how many came was not counted', (_, status, body) => {
    expect(verdictOn('same-key', [first, sent('same-key', status, body, 'text')])).toMatchObject({
      state: 'assumed',
      found: expect.stringContaining('how many messages came was not counted'),
    });
  });

  const heard = (body: object): Came => ({
    at: 3,
    headers: {},
    event: 'messages.post',
    deliveryId: 'd',
    raw: Buffer.from(JSON.stringify(body)),
    isRefused: false,
  });
  const hear = (...bodies: object[]): Partial<Evidence> => ({
    webhooks: { came: bodies.map(heard), attempts: [], stands: 'beside', hasOwn: true },
  });
  const message = (chat: string, id: string, text: string) => ({
    messages: [
      { id, from_me: true, chat_id: chat, text: { body: textOf(text) }, contactPhoneNumber: chat.split('@')[0] },
    ],
  });
  const status = (id: string, word: string) => ({ statuses: [{ id, status: word }] });

  it('a message of a group, and the statuses of others, are evidence for nothing', () => {
    const ours = [message(`${OWN.slice(1)}@s.whatsapp.net`, 'w1', 'text'), status('w1', 'sent')];
    const others = [message('120363000000000000@g.us', 'g1', 'hello'), status('w9', 'read'), status('w9', 'read')];
    const [alone, beside] = [ours, [...others, ...ours, ...others]].map((all) =>
      verdictsOn({ to: OWN, sends: [first], counted: new Map(), ...hear(...all) }),
    );
    expect(beside).toEqual(alone);
    expect(verdictOn('people', [first], hear(...ours, ...others))?.isRight).toBe(true);
  });

  it('one status of another customer’s message is not one of ours under an id that nobody knows', () => {
    const chat = `${OWN.slice(1)}@s.whatsapp.net`;
    const sends = [first, sent('no-key', 202, { id: 'two' })];
    const told = [message(chat, 'w1', 'text'), message(chat, 'w2', 'no-key')];
    const on = (...more: object[]) => verdictOn('status-id', sends, hear(...told, ...more));
    expect(on(status('w9', 'read'))?.state).toBe('assumed');
    expect(on(status('w8', 'sent'), status('w9', 'read'))?.state).toBe('assumed');
    expect(on(status('w8', 'sent'), status('w9', 'sent'))).toMatchObject({ variant: 'other' });
  });

  it('what came again because it was refused shows nothing of how webhooks come', () => {
    const ours = message(`${OWN.slice(1)}@s.whatsapp.net`, 'w1', 'text');
    const told = [heard(ours), { ...heard(ours), deliveryId: 'e' }];
    const on = (came: readonly Came[]) =>
      verdictOn('deliveries', [first], { webhooks: { came, attempts: [], stands: 'unknown', hasOwn: true } });
    expect(on(told)?.variant).toBe('repeated-anew');
    expect(on(told.map((one) => ({ ...one, isRefused: true })))?.state).toBe('assumed');
    expect(on([...told.map((one) => ({ ...one, isRefused: true })), heard({ ...ours })])?.variant).toBe('alone');
  });

  it.each([
    ['that somebody quotes', { from_me: true, text: { body: 'yes' }, context: { quoted_content: { body: 'OURS' } } }],
    ['inside of a longer one', { from_me: true, text: { body: 'did you see "OURS"?' } }],
    ['before what somebody adds', { from_me: true, text: { body: 'OURS Really?' } }],
    ['as a customer copies them', { from_me: false, text: { body: 'OURS' } }],
  ])('the words of a message of ours %s are no message of ours', (_, said) => {
    const chat = { id: 'w2', type: 'text', chat_id: `${OWN.slice(1)}@s.whatsapp.net` };
    const theirs = JSON.parse(JSON.stringify({ messages: [{ ...chat, ...said }] }).replace('OURS', textOf('text')));
    const ours = message(`${OWN.slice(1)}@s.whatsapp.net`, 'w1', 'text');
    const found = (body: object) => echoesOf(itemsOf(heard(body)), 'text').length;
    expect([found(ours), found(theirs)]).toEqual([1, 0]);
    const again = sent('same-key', 202, { id: 'one' }, 'text');
    expect(verdictOn('same-key', [first, again], hear(ours, theirs))?.state).toBe('seen');
  });

  it('a line that takes no more messages midway, or cannot send any more, is asked no more', async () => {
    await sandboxOf(stack).fault('media', { kind: 'status', status: 429, headers: { 'retry-after': '60' } });
    const limited = await reported('--media', 'https://media.example/1.jpg');
    expect([limited.code, contradicted(limited.report)]).toEqual([0, []]);
    expect(limited.report.verdicts.find(({ assumption }) => assumption === 'media')?.found).toMatch(
      /^not asked: .*no more messages now/,
    );
  });
});

describe('a pause and a stop are asked again before each message', () => {
  const phone = '+442079460062';
  const stopBy: Readonly<Record<string, () => Promise<unknown>>> = {
    'a pause': async () => {
      const { dynamodb, tables, client } = await openTarget('demo', { local: stack.url });
      const paused = { by: 'dana', at: Date.now() };
      return new LineControl(tables.sends ?? '', client.lineId, dynamodb).change(() => ({ paused }));
    },
    'a stop': () => say('POST', 'customer-messages', { phone, text: 'STOP' }),
  };
  afterEach(async () => {
    const { dynamodb, tables, client } = await openTarget('demo', { local: stack.url });
    await new LineControl(tables.sends ?? '', client.lineId, dynamodb).change(() => ({}));
  });

  it.each(Object.keys(stopBy))(
    '%s ends the messages, and the rest is assumed',
    async (what) => {
      const told = ezw(base('--to', phone, '--yes', '--json', '--pause', '3', '--wait', '1'));
      await expect.poll(async () => (await onPhone()).length).toBe(1);
      await stopBy[what]?.();
      const { stdout } = await told;
      const report = JSON.parse(stdout) as Told;
      expect(report.sends.length).toBeLessThan(3);
      expect(report.verdicts.find(({ assumption }) => assumption === 'long-text')).toMatchObject({
        state: 'assumed',
        found: expect.stringMatching(/^not asked: (The line is paused|This number is on the stop list)/),
      });
    },
    60_000,
  );
});

describe('messages', () => {
  it('say that they are a test, have keys that no event has, and no more leave than it says', async () => {
    const asked = await ezw(base('--to', OWN, ...FAST, ...everything()));
    expect([asked.code, asked.stderr]).toEqual([
      2,
      expect.stringMatching(/At most 11 real messages leave on the line line-demo to \+972 •• ••• ••67.*--yes/),
    ]);
    expect(await onPhone()).toEqual([]);
    await say('PUT', 'contract', { contract: 'no-key=accepted, long-text=accepted, other-body=sent' });
    await reported(...everything());
    const messages = await onPhone();
    expect(messages.length).toBeGreaterThan(5);
    expect(messages.length).toBeLessThanOrEqual(11);
    const isTest = ({ body = '' }) => /^EZWhatsApp probe \d+ of 11 \([a-z]{6}\): this is a test/.test(body);
    expect(messages.filter((one) => !isTest(one))).toEqual([]);
    const keys = (await sandboxOf(stack).messages()).map(({ key }) => key ?? 'probe:');
    expect(keys.filter((key) => !key.startsWith('probe:'))).toEqual([]);
  });

  it('are paused between', async () => {
    await say('PUT', 'contract', { contract: 'no-key=accepted' });
    const { report } = await reported('--pause', '1');
    const times = (await onPhone()).map(({ at }) => Date.parse(at));
    expect(report.sends.length).toBe(7);
    // Between the two of them is the answer to the repeat and to the other body.
    expect((times[1] ?? 0) - (times[0] ?? 0)).toBeGreaterThanOrEqual(2_900);
  });

  it('leave nothing in the ledger', async () => {
    await reported(...everything());
    expect((await ezw(['sends', 'list', 'demo', '--local', stack.url, '--json'])).stdout).not.toContain('probe');
  });
});

describe('it refuses, and sends nothing,', () => {
  const refused = async (...args: string[]) => {
    const before = (await sandboxOf(stack).requests()).filter(({ method }) => method === 'POST').length;
    const { code, stderr } = await ezw(base('--yes', ...FAST, ...args));
    const after = (await sandboxOf(stack).requests()).filter(({ method }) => method === 'POST').length;
    expect(after).toBe(before);
    expect(stderr.trim().split('\n')).toHaveLength(1);
    return `${code} ${stderr}`;
  };

  it('a number on the stop list', async () => {
    const phone = '+442079460057';
    const people = await peopleOf(await openTarget('demo', { local: stack.url }));
    const who = { person: await people.rowOf(phone), names: [], older: [] };
    await people.hear(who, 'stop', '2026-11-26T10:00:00Z');
    expect(await refused('--to', phone)).toMatch(/^1 .*This number is on the stop list/);
  });

  it('a stop that could not be stored yet', async () => {
    const [phone, target] = ['+442079460058', await openTarget('demo', { local: stack.url })];
    const people = await peopleOf(target);
    const stops = new UnwrittenStops(target.tables.sends ?? '', target.client.lineId, Date.now, target.dynamodb);
    const who = { person: await people.rowOf(phone), names: [], older: [] };
    await stops.keep(who, '2026-11-26T10:00:00Z');
    expect(await refused('--to', phone)).toMatch(/^1 .*This number is on the stop list/);
    await stops.forget(who);
  });

  it('a paused line, and one that is shut out', async () => {
    const { dynamodb, tables, client } = await openTarget('demo', { local: stack.url });
    const line = new LineControl(tables.sends ?? '', client.lineId, dynamodb);
    await line.change(() => ({ paused: { by: 'dana', at: Date.now() } }));
    const paused = await refused('--to', OWN);
    await line.change(() => ({ trouble: { kind: 'banned', at: Date.now() } }));
    const banned = await refused('--to', OWN);
    await line.change(() => ({}));
    expect(paused).toMatch(/^1 .*The line is paused by dana .*npx ezw line resume demo --local/);
    expect(banned).toMatch(/^1 .*has shut the number out/);
  });

  it('a line that cannot send', async () => {
    await sandboxOf(stack).line(false);
    expect(await refused('--to', OWN)).toMatch(/^1 .*The line cannot send \(sendable false/);
  });

  it('a number that is not among those to which a client in trial may write; one of them is written to', async () => {
    world.over = { delivery: { only: ['+972501234560'] } };
    expect(await refused('--to', OWN)).toMatch(/^1 .*delivery\.only in clients\/demo\.ts does not name this number/);
    world.over = { delivery: { only: [OWN] } };
    expect((await probe()).code).toBe(0);
  });

  it('what cannot be', async () => {
    expect(await refused()).toMatch(/^2 .*--to is missing/);
    expect(await refused('--to', '0501234567')).toMatch(/^2 .*--to takes one number/);
    expect(await refused('--to', OWN, '--webhook', 'https://tunnel.example')).toMatch(/^2 .*belong together/);
    expect(await refused('--to', OWN, '--webhook', 'http://tunnel.example')).toMatch(
      /^2 .*https address of your tunnel/,
    );
    expect(await refused('--to', OWN, '--again', 'x.json', ...listening())).toMatch(/^2 .*listens to nothing/);
    expect(await refused('--to', OWN, '--unlinked')).toMatch(/^2 .*run this at a terminal/);
    expect(await refused('--to', OWN, '--media', 'http://media.example/1.jpg')).toMatch(/^2 .*https address/);
  });
});

describe('the line is left as it was found', () => {
  const spawned = (...args: string[]) =>
    spawn(process.execPath, ['bin/ezw.mjs', ...base('--to', OWN, '--yes', '--by', 'dana', ...args)], {
      stdio: 'ignore',
    });
  /** Ends a probe in a process of its own once its webhook is registered and a message left; gives its exit code. */
  const endedMidway = async (signal: 'SIGKILL' | 'SIGINT' | 'SIGHUP') => {
    const child = spawned('--pause', '20', ...listening());
    const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
    await expect.poll(async () => (await onPhone()).length).toBeGreaterThan(0);
    child.kill(signal);
    return ended;
  };

  it.each(['adds', 'replaces'])(
    'also where it is killed, by --restore; doctor says so until then (%s)',
    async (does) => {
      await say('PUT', 'contract', { contract: `registration=${does}` });
      const before = await enabled();
      await endedMidway('SIGKILL');
      expect(await enabled()).not.toEqual(before);
      const sick = await ezw(['doctor', 'demo', '--local', stack.url]);
      expect(sick.stdout).toMatch(
        /probe.*: open since .* by dana: its webhook stands .*\n.*→ .*npx ezw probe demo --restore --local/,
      );
      expect(await ezw(base('--to', OWN, '--yes', ...FAST))).toMatchObject({
        code: 1,
        stderr: expect.stringMatching(/A probe of .* by dana is still open.*: npx ezw probe demo --restore --local/),
      });
      const restored = await ezw(base('--restore'));
      expect([restored.code, restored.stderr]).toEqual([0, '']);
      expect((await enabled()).map(({ events }) => events)).toEqual(before.map(({ events }) => events));
      expect(await isTold()).toBe(true);
      expect((await ezw(['doctor', 'demo', '--local', stack.url])).stdout).not.toContain('probe');
      expect((await ezw(base('--restore'))).stdout).toContain('No probe is open');
    },
    90_000,
  );

  it.each([
    ['by Ctrl-C', 'SIGINT'],
    ['as its terminal is closed', 'SIGHUP'],
  ] as const)(
    'also where it is stopped %s, with a report of what was seen',
    async (_, signal) => {
      const before = await enabled();
      const files = readdirSync(folder).length;
      expect(await endedMidway(signal)).toBe(1);
      expect(await enabled()).toEqual(before);
      expect(readdirSync(folder).length).toBe(files + 2);
    },
    90_000,
  );

  it('where the client’s own is replaced it hears by the probe meanwhile, and by itself in the end', async () => {
    await say('PUT', 'contract', { contract: 'registration=replaces' });
    let heard = false;
    world.person = helpful({
      does: async () => {
        heard = await isTold();
        return false;
      },
    });
    await reported(...listening());
    expect({ heard, after: await isTold() }).toEqual({ heard: true, after: true });
  });

  it('a webhook that cannot be switched off is told, and stays noted', async () => {
    world.person = helpful({
      does: async () => {
        const target = await openTarget('demo', { local: stack.url });
        kept ||= (await readSecret(target, 'line-token'))?.value ?? '';
        await writeSecret(target, 'line-token', 'ezw_line_of_nobody_at_all');
        return false;
      },
    });
    let kept = '';
    const { code, report } = await reported(...listening());
    await writeSecret(await openTarget('demo', { local: stack.url }), 'line-token', kept);
    expect({ code, left: report.left }).toEqual({
      code: 1,
      left: expect.stringMatching(
        /answered 401 when the probe's webhook was to be switched off\. Run "npx ezw probe demo --restore/,
      ),
    });
    expect((await ezw(base('--restore'))).code).toBe(0);
    expect(await enabled()).toHaveLength(1);
  });
});

describe('an answer to the registration of its webhook that is no clear refusal', () => {
  it.each([502, 408])(
    '%i: the webhook may stand in the place of the client’s own, which is registered again; report and exit code say so',
    async (status) => {
      await say('PUT', 'contract', { contract: 'registration=replaces' });
      await sandboxOf(stack).fault('webhooks', { kind: 'status', status, after: true });
      const { code, report } = await reported(...listening(), '--skip-inbound', '--skip-retries');
      expect({ code, problems: report.problems }).toEqual({
        code: 1,
        problems: [
          { step: 'listen', why: expect.stringContaining(`was answered ${status}: it may stand all the same`) },
        ],
      });
      expect(report.left).toMatch(
        new RegExp(
          `was answered ${status}, and the webhook stood all the same.*switched off; the client's own is registered`,
        ),
      );
      expect({ enabled: (await enabled()).length, isTold: await isTold() }).toEqual({ enabled: 1, isTold: true });
      expect((await ezw(base('--restore'))).stdout).toContain('No probe is open');
    },
    60_000,
  );

  it('a clear one leaves nothing to undo', async () => {
    const before = await webhooks();
    await sandboxOf(stack).fault('webhooks', { kind: 'status', status: 422 });
    const { report } = await reported(...listening(), '--skip-inbound');
    expect(report.left).toBe('Nothing was changed at EZWhatsApp.');
    expect(await webhooks()).toEqual(before);
  });

  it('where switching it off is not answered either, the client’s own is registered all the same, and the note stays', async () => {
    await say('PUT', 'contract', { contract: 'registration=replaces' });
    await sandboxOf(stack).fault('webhooks', { kind: 'status', status: 502, after: true }, 3);
    const { code, report } = await reported(...listening(), '--skip-inbound', '--skip-retries');
    expect({ code, left: report.left }).toEqual({ code: 1, left: expect.stringContaining('--restore') });
    expect(await isTold()).toBe(true);
    expect((await ezw(base('--restore'))).code).toBe(0);
  });
});

/** Begins a probe whose webhook is registered when this returns; gives its address. */
const begun = async () => {
  const before = (await webhooks()).map(({ id }) => id);
  const told = reported(...listening(), '--skip-inbound', '--skip-retries');
  const isRegistered = async () => (await enabled()).some(({ id }) => !before.includes(id));
  expect(await until(isRegistered, 20_000, new AbortController().signal)).toBe(true);
  const open = await openProbeOf(await openTarget('demo', { local: stack.url }));
  return { told, address: open?.targetUrl ?? '' };
};

describe('what comes to the probe alone', () => {
  const isStopped = async (phone: string): Promise<boolean> => {
    const people = await peopleOf(await openTarget('demo', { local: stack.url }));
    return until(async () => (await people.read(phone)).said?.word === 'stop', 5_000, new AbortController().signal);
  };
  it.each([
    ['a line that tells nothing of its sends', 'registration=replaces, echo=none, status-order=none', '+442079460060'],
    ['in bulk, later than anybody waits', 'registration=replaces, deliveries=bulk', '+442079460061'],
  ])(
    'reaches the client’s door, and its own is registered again: %s',
    async (_, contract, phone) => {
      await say('PUT', 'contract', { contract });
      const { told } = await begun();
      await say('POST', 'customer-messages', { phone, text: 'STOP' });
      const { report } = await told;
      expect(report.left).toContain("the client's own is registered again");
      expect({ isStopped: await isStopped(phone), isTold: await isTold() }).toEqual({ isStopped: true, isTold: true });
    },
    60_000,
  );

  it('and is about another send proves nothing: an older one was told to the client’s own before', async () => {
    await say('PUT', 'contract', { contract: 'registration=replaces, echo=none' });
    const { dynamodb, tables } = await openTarget('demo', { local: stack.url });
    const pk = `crm-sync#${stack.lineId}#status#older-1#delivered`;
    await new Table(tables.deliveries ?? '', dynamodb).put({ pk });
    const { told, address } = await begun();
    await fetch(address, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-ezw-webhook-event': 'statuses.post' },
      body: JSON.stringify({ statuses: [{ id: 'older-1', status: 'delivered', timestamp: 1 }] }),
    });
    const { report } = await told;
    expect({ stands: report.webhooks?.stands, left: report.left }).toEqual({
      stands: 'unknown',
      left: expect.stringContaining("the client's own is registered again"),
    });
    expect(await isTold()).toBe(true);
  });
});

describe('the listener is a proxy', () => {
  const post = (at: number, body: object, id = 'one') =>
    fetch(`http://127.0.0.1:${at}/secret`, {
      method: 'POST',
      headers: { 'x-ezw-delivery-id': id, 'x-ezw-webhook-event': 'messages.post' },
      body: JSON.stringify(body),
    });
  const chat = `${OWN.slice(1)}@s.whatsapp.net`;
  const ours = { id: 'w1', type: 'text', from_me: true, chat_id: chat, text: { body: textOf('probe') } };
  const theirs = { id: 'w2', type: 'text', from_me: false, chat_id: chat, text: { body: 'STOP' } };

  it('what comes again after an answer that was not 200 is told from what comes twice by itself', async () => {
    const [at, statuses] = [await freePort(), [503, 200, 200, 200]];
    const server = await listen(at, 'secret', async () => statuses.shift() ?? 200);
    const answers = [];
    for (const [one, id] of [
      [ours, 'a'],
      [ours, 'b'],
      [theirs, 'c'],
      [theirs, 'd'],
    ] as const)
      answers.push((await post(at, { messages: [one] }, id)).status);
    await server.close();
    expect(answers).toEqual([503, 200, 200, 200]);
    expect(server.came.map(({ isRefused }) => isRefused)).toEqual([true, true, false, false]);
  });

  it('answers 500 and hangs for our own message alone, and after it was handed on', async () => {
    const [at, seen] = [await freePort(), [] as string[]];
    const server = await listen(at, 'secret', async ({ deliveryId }) => {
      seen.push(deliveryId);
      return 200;
    });
    server.refuseNext('probe', 50);
    const told = async (id: string, ...messages: object[]) =>
      post(at, { messages }, id).then(
        ({ status }) => status,
        () => 'nothing',
      );
    const answers = [await told('mixed', ours, theirs), await told('theirs', theirs)];
    for (const id of ['first', 'second', 'third']) answers.push(await told(id, ours));
    await server.close();
    expect(answers).toEqual([200, 200, 500, 'nothing', 200]);
    expect(seen).toEqual(['mixed', 'theirs', 'first', 'second', 'third']);
    expect(server.attempts.map(({ answered }) => answered)).toEqual([500, 'nothing', 200]);
  });

  /** A webhook of a probe in front of a door of the client's. */
  const inFront = async <T>(
    door: RequestListener,
    does: (post: (body: object) => Promise<Response>, probe: Listening) => Promise<T>,
  ) => {
    const server = createDoor(door);
    const [doorPort, at, run] = [await freePort(), await freePort(), 'abcdef'];
    await new Promise<void>((resolve) => server.listen(doorPort, '127.0.0.1', resolve));
    const there = { ...(await target()), url: `http://127.0.0.1:${doorPort}` };
    const silent = { webhook: async () => ({ kind: 'answer', status: 201, headers: {}, body: '{}' }) as const };
    const stop = new AbortController();
    await openProbe(there, run, 'dana');
    const options = {
      url: `http://127.0.0.1:${at}`,
      port: at,
      secret: 'secret',
      run,
      marker: 'probe',
      stop: stop.signal,
    };
    const probe = new Listening(there, silent as never, options);
    await probe.open();
    // Nothing proves here that the client's own was told.
    stop.abort();
    try {
      return await does((body) => post(at, body), probe);
    } finally {
      await probe.close();
      await forgetProbe(there, run);
      server.closeAllConnections();
      server.close();
    }
  };

  it.each([200, 413, 503])(
    'what stands beside the first message is with the client’s door before it is answered, and as that answers: %i',
    async (status) => {
      const seen: string[] = [];
      const door: RequestListener = async (request, response) => {
        const parts = [];
        for await (const part of request) parts.push(part);
        seen.push(String(Buffer.concat(parts)));
        response.writeHead(status).end();
      };
      const answered = await inFront(door, (tell) => tell({ messages: [ours, theirs] }));
      expect([answered.status, seen]).toEqual([status, [expect.stringContaining('STOP')]]);
    },
  );

  it.each([
    ['before the probe brought it: its own stands beside', 'before', 200, [], 'beside', 0],
    ['by the probe alone: its own is replaced', 'by us', 200, [], 'instead', 1],
    ['of it while it was down for the probe: nobody knows', 'by us', 503, [], 'unknown', 1],
    ['of it at once, for others’ words stood beside it: nobody knows', 'by us', 200, [theirs], 'unknown', 1],
  ] as const)('the client’s door heard %s', async (_, heard, status, more, stands, handedOn) => {
    const id = `w-${heard}-${status}-${more.length}`;
    const { dynamodb, tables } = await target();
    const claims = new Table(tables.deliveries ?? '', dynamodb);
    const hear = () => claims.put({ pk: `crm-sync#${stack.lineId}#message#${id}` });
    if (heard === 'before') await hear();
    let calls = 0;
    const door: RequestListener = async (_, response) => {
      calls += 1;
      await hear();
      response.writeHead(status).end();
    };
    const found = await inFront(door, async (tell, probe) => {
      await tell({ messages: [{ ...ours, id }, ...more] });
      await probe.learn();
      return probe.webhooks.stands;
    });
    expect([found, calls]).toEqual([stands, handedOn]);
  });

  it('a door that is down, or hangs, is 503 within ten seconds', async () => {
    const from = Date.now();
    const hangs = await inFront(
      () => undefined,
      (tell) => tell({ messages: [theirs] }),
    );
    expect([hangs.status, Date.now() - from < 10_000]).toEqual([503, true]);
    const down = await inFront(
      (request) => request.socket.destroy(),
      (tell) => tell({ messages: [theirs] }),
    );
    expect(down.status).toBe(503);
  });
});

describe('the note of a probe', () => {
  const STANDS = { targetUrl: 'https://gone.example/x', stands: 'unknown', hasOwn: true } as const;
  const doctor = async () => (await ezw(['doctor', 'demo', '--local', stack.url])).stdout;
  afterEach(restored);

  it('lets one alone open the line: of two that begin at once the second is refused before anything is sent', async () => {
    const there = await target();
    const opened = await Promise.allSettled(['dana', 'omer'].map((by) => openProbe(there, by, by)));
    expect(opened.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(await probe()).toMatchObject({ code: 1, stderr: expect.stringContaining('is still open') });
    expect(await onPhone()).toEqual([]);
  });

  it('is written by one that sends alone, and gone after it', async () => {
    let during: object | undefined;
    world.person = helpful({
      counts: async () => {
        during = await openProbeOf(await target());
        return undefined;
      },
    });
    const { report } = await reported();
    expect(during).toMatchObject({ run: report.run, expiresAt: expect.any(Number) });
    expect(during).not.toHaveProperty('targetUrl');
    expect(await openProbeOf(await target())).toBeUndefined();
  });

  it('of one that sent alone and was killed is harmless, says doctor and --restore', async () => {
    await openProbe(await target(), 'abcdef', 'dana');
    expect(await doctor()).toMatch(
      /probe: open since .* by dana: it sends messages alone, leaves nothing to undo and is over at/,
    );
    expect(await ezw(base('--restore'))).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('sent messages alone: nothing was changed at EZWhatsApp'),
    });
    expect(await doctor()).not.toContain('probe');
  });

  it('of one that sent alone is over after an hour, and the next one may begin', async () => {
    const there = await target();
    await openProbe(there, 'abcdef', 'dana');
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 3601_000 });
    const left = await openProbeOf(there);
    await openProbe(there, 'ghijkl', 'omer').finally(vi.useRealTimers);
    expect(left).toBeUndefined();
    expect(await openProbeOf(there)).toMatchObject({ run: 'ghijkl' });
    expect(await forgetProbe(there, 'abcdef')).toBe(false);
  });

  it('that --restore took away while its probe runs ends it: it asks and registers no more, and says so', async () => {
    await say('PUT', 'contract', { contract: 'registration=replaces' });
    const { told } = await begun();
    expect(await restored()).toContain("the client's own is registered again");
    const { code, report } = await told;
    expect({ code, left: report.left }).toEqual({
      code: 1,
      left: expect.stringMatching(/^Somebody ended this probe by --restore while it ran/),
    });
    expect(report.sends.map(({ name }) => name)).not.toContain('twice');
    expect({ enabled: (await enabled()).length, isTold: await isTold() }).toEqual({ enabled: 1, isTold: true });
  });

  it('that was taken away as the probe registered is looked for in the end, and the line restored once more', async () => {
    await say('PUT', 'contract', { contract: 'registration=replaces' });
    let isAsked = false;
    world.person = helpful({
      does: async () => {
        if (isAsked) return false;
        isAsked = true;
        const { targetUrl = '' } = (await openProbeOf(await target())) ?? {};
        await restored();
        await (await lineCalls()).webhook(webhookAt(targetUrl, true));
        return false;
      },
    });
    const { code, report } = await reported(...listening(), '--skip-retries');
    expect({ code, left: report.left }).toEqual({ code: 1, left: expect.stringMatching(/^Somebody ended this probe/) });
    expect({ enabled: (await enabled()).length, isTold: await isTold() }).toEqual({ enabled: 1, isTold: true });
  });

  it('stays where --restore cannot register the client’s own, which may stand nowhere then: it says so, exit code 1', async () => {
    const there = await target();
    await openProbe(there, 'abcdef', 'dana');
    await noteRegistered(there, 'abcdef', STANDS);
    await sandboxOf(stack).fault('webhooks', { kind: 'status', status: 502 }, 2);
    const failed = await ezw(base('--restore'));
    expect([failed.code, failed.stderr]).toEqual([
      1,
      expect.stringMatching(
        /refused the webhook with 502\. The client's own may stand nowhere now, and what customers write.*--restore/,
      ),
    ]);
    expect(await openProbeOf(there)).toMatchObject(STANDS);
    await sandboxOf(stack).fault('webhooks', { kind: 'status', status: 502 });
    const off = { webhook: async () => ({ kind: 'answer', status: 200, headers: {}, body: '{}' }) as const };
    await expect(putBack(there, off as never, STANDS)).rejects.toThrow('may stand nowhere now');
    expect((await ezw(base('--restore'))).code).toBe(0);
    expect(await isTold()).toBe(true);
  });
});

/** Whether the client's own functions hear what somebody writes now. */
const isTold = async (): Promise<boolean> => {
  const { id } = (await say('POST', 'customer-messages', { phone: '+972501239871', text: 'hello there' })) as {
    id: string;
  };
  const { dynamodb, tables } = await openTarget('demo', { local: stack.url });
  const claims = new Table(tables.deliveries ?? '', dynamodb);
  const pk = `crm-sync#${stack.lineId}#message#${id}`;
  return until(async () => (await claims.read(pk)) !== undefined, 10_000, new AbortController().signal);
};

describe('what a phone sends', () => {
  it('is told by its shape and by what our reader makes of it, without a word of it', async () => {
    world.person = helpful({ does: write });
    const { report } = await reported(...listening());
    const asked = (type: string) => report.inbound.find((one) => one.asked === type);
    expect(asked('text')).toMatchObject({
      state: 'came',
      deliveries: [
        {
          event: 'messages.post',
          shape: expect.arrayContaining(['messages[].chat_id id (@s.whatsapp.net)', 'messages[].text.body text']),
          read: [{ kind: 'message', type: 'text', hasWords: true, by: 'number', isActedOn: true }],
        },
      ],
    });
    expect(asked('link')?.deliveries[0]?.read).toMatchObject([{ type: 'link_preview', hasWords: true }]);
    expect(asked('voice')?.deliveries[0]?.read).toMatchObject([{ type: 'voice', hasWords: false, isActedOn: true }]);
    expect(asked('reaction')?.deliveries[0]?.read).toMatchObject([{ type: 'action', isActedOn: false }]);
    expect(asked('poll')).toEqual({ asked: 'poll', state: 'skipped', deliveries: [] });
  });

  it('is theirs alone: what somebody else writes meanwhile is not told', async () => {
    world.person = helpful({
      does: async (what) => {
        if (!what.startsWith('Write "hello"')) return false;
        await say('POST', 'customer-messages', { phone: '+972501239872', text: 'a word of somebody else' });
        return true;
      },
    });
    const { report } = await reported(...listening());
    expect(report.inbound[0]).toEqual({ asked: 'text', state: 'did not come', deliveries: [] });
  });
});

describe('the report tells nothing of anybody', () => {
  const NAME = 'Gerald Quince';
  const STREET = '12 Orchard Street';
  const MAIL = 'gerald@mail.example';
  const secretsOf = async (): Promise<readonly string[]> => {
    const target = await openTarget('demo', { local: stack.url });
    const { lineToken = '' } = demoSecrets();
    const webhookToken = await webhookTokenOf(target);
    const digits = OWN.slice(1);
    const phones = [OWN, digits, '050-123-4567', '0501234567', '+972 50 123 4567', encodeURIComponent(OWN)];
    const ids = [`${digits}@s.whatsapp.net`, `${digits}@c.us`, '123456789012345@lid', '123456789012345'];
    const values = [lineToken, webhookToken, NAME, STREET, MAIL, contacts.operator.name, contacts.operator.email];
    return [...phones, ...ids, ...values.flatMap((one) => [one, encodeURIComponent(one)]), btoa(lineToken)];
  };

  it('wherever EZWhatsApp writes it: in words, codes, names of fields, ids, headers and webhooks, also encoded', async () => {
    const secrets = await secretsOf();
    const everywhere = secrets.join(' / ');
    const body = {
      error: { code: secrets[0], message: everywhere, details: { [OWN.slice(1)]: everywhere, [NAME]: 1 } },
      message: everywhere,
      id: `false_${OWN.slice(1)}@c.us_3EB0`,
      [`${OWN.slice(1)}@c.us`]: everywhere,
    };
    const headers = {
      'x-request-id': OWN,
      [`x-for-${OWN.slice(1)}`]: 'yes',
      location: `https://h.example/${encodeURIComponent(OWN)}`,
    };
    const refusal = { kind: 'status', status: 400, body, headers };
    await sandboxOf(stack).fault('media', refusal);
    // What is lost by its answer alone is sent all the same, so the webhooks tell of it.
    await sandboxOf(stack).fault('text', { kind: 'status', status: 202, body, headers, after: true }, 0);
    let isWritten = false;
    const over = { from_name: NAME, chat_name: NAME, street: STREET, mail: MAIL, [OWN.slice(1)]: everywhere };
    world.person = helpful({
      does: async () => {
        if (isWritten) return false;
        isWritten = true;
        await say('POST', 'customer-messages', { phone: OWN, text: everywhere, over });
        return true;
      },
    });
    const { report, stderr } = await reported(...listening(), '--media', 'https://media.example/1.jpg');
    await sandboxOf(stack).clearFaults();
    expect(report.inbound.map(({ state }) => state)).toContain('came');
    const texts = [report.files.md, report.files.json].map((file) => readFileSync(file, 'utf8'));
    for (const text of [...texts, JSON.stringify(report), stderr]) {
      const lower = text.toLowerCase();
      expect(secrets.filter((secret) => lower.includes(secret.toLowerCase()))).toEqual([]);
      expect(withoutIds(lower)).not.toMatch(/gerald|orchard|dana|972501|0501234|3eb0|wamid_|conv_/);
      expect(lower).not.toContain(String(port));
    }
    // It is of use all the same.
    expect(texts[1]).toContain('error.message text');
  });

  it.each([
    ['as it is', (secret: string) => secret],
    ['in capitals', (secret: string) => secret.toUpperCase()],
    ['in an address', encodeURIComponent],
    ['as base64', btoa],
    ['in a page', (secret: string) => [...secret].map((one) => `&#${one.charCodeAt(0)};`).join('')],
  ])('nothing of a name stays of an error: %s', (_, written) => {
    expect(new Redactor().words(`it is ${written('gerald quince')} of orchard street`)).toBe('it is … of … street');
    expect(new Redactor().words(`it is ${written('050-123-4567')} here`)).toMatch(/^it is … …$|^it is …$/);
  });

  it('what was heard and holds something known becomes `…`, by whole words and numbers, and the report is written', () => {
    const redactor = new Redactor();
    redactor.know('Alon Sender', OWN, 'ezw_line_demo');
    const told = ['alone', 'loan', 'sender', 'x-sender-id', 'senders', '972-50-123-4567', '05', 'ezw_line_demo'];
    expect(told.map((one) => redactor.heard(one))).toEqual(['alone', 'loan', '…', '…', 'senders', '…', '05', '…']);
  });

  it('our own words are never touched, whatever people are called: verdicts, commands and times stand', async () => {
    world.over = { contacts: { operator: { ...contacts.operator, name: 'Alone Assumed Privacy Local' } } };
    world.person = helpful();
    await say('PUT', 'contract', { contract: 'people=lid' });
    const { code, report } = await reported(...listening(), '--skip-inbound', '--skip-retries');
    const found = report.verdicts.find(({ assumption }) => assumption === 'people')?.found;
    expect([code, found]).toEqual([0, expect.stringContaining('by a privacy id `…@lid`; the field of the number')]);
    expect(report.verdicts.filter(({ state }) => state === 'assumed').map((one) => one.found)).not.toContain('…');
    expect(readFileSync(report.files.md, 'utf8')).toContain('old-token: assumed, the token was not rotated');
  });

  it('a year, or a word of the report’s own, that a person wrote leaves the report as it is', async () => {
    let isWritten = false;
    world.person = helpful({
      does: async () => {
        if (isWritten) return false;
        isWritten = true;
        for (const text of ['2026', 'conversation', 'registration', 'the same key and body again'])
          await say('POST', 'customer-messages', { phone: '+972501239873', text });
        return false;
      },
    });
    const { code, report } = await reported(...listening(), '--skip-retries');
    expect(code).toBe(0);
    expect(report.verdicts.map(({ assumption }) => assumption)).toEqual(NAMES);
    expect(Date.parse(report.again?.at ?? '')).toBeGreaterThan(0);
    expect(report.sends.map(({ says }) => says)).toContain('a text into the conversation');
    expect(report.sends.map(({ says }) => says)).toContain('the same key and body again');
    expect(readFileSync(report.files.md, 'utf8')).toContain('registration: as assumed');
  });

  it('a folder in which nothing can be written is refused before anything is sent', async () => {
    const file = join(folder, 'a-file');
    writeFileSync(file, '');
    const before = (await onPhone()).length;
    for (const out of [file, join(file, 'deeper'), '/proc/nope'])
      expect(await probe('--out', out)).toMatchObject({
        code: 2,
        stderr: expect.stringContaining('--out is no folder'),
      });
    expect(await onPhone()).toHaveLength(before);
  });

  it('a report that cannot be written in the end is printed, and the exit code says so', async () => {
    const gone = mkdtempSync(join(tmpdir(), 'ezw-gone-'));
    world.person = helpful({ counts: async () => rmSync(gone, { recursive: true, force: true }) ?? 1 });
    const { code, stdout, stderr } = await probe('--json', '--out', gone);
    expect([code, stderr]).toEqual([1, expect.stringContaining('could not be written: it is printed')]);
    expect((JSON.parse(stdout) as Report).again?.key).toContain('probe:');
  });

  it('nor do names of fields and headers, and codes: numbers in any grouping, and words that are nobody’s but a person’s', async () => {
    const number = '972-509-876-543';
    const body = { error: { code: number }, [`peer_${number}`]: 1, yossi_mizrahi: { moshe: 'x' } };
    const headers = { [`x-peer-${number}`]: 'yes', 'x-owner-yossi-mizrahi': 'yes' };
    await sandboxOf(stack).fault('media', { kind: 'status', status: 400, body, headers });
    const { report } = await reported('--media', 'https://media.example/1.jpg');
    const told = JSON.stringify(report) + readFileSync(report.files.md, 'utf8');
    expect(told).not.toMatch(/972\D?509|509\D?876|876\D?543|yossi|mizrahi|moshe/);
    expect(report.sends.find(({ name }) => name === 'media')?.shape).toContain('* number');
  });

  it('fields that are named by somebody are any fields, and ids have a length alone', () => {
    const told = {
      [OWN.slice(1)]: { 'Gerald Quince': 1, Gerald: true },
      'a@b.example': null,
      message_id: 'wamid_1',
      ids: [],
    };
    expect(shapeOf(told)).toEqual([
      '*.* number',
      '*.* boolean',
      '* null',
      'message_id id (7 characters)',
      'ids[] none',
    ]);
  });

  it.each([
    ['a number', 'no such recipient +972501234567', 'no such recipient …'],
    ['a number in parts', 'no such recipient 050-123 45 67', 'no such recipient …'],
    ['a number in an address', 'no such recipient %2B972501234567', 'no such recipient …'],
    ['twice encoded', 'no such recipient %252B972501234567', 'no such recipient …'],
    ['in other digits', 'no such recipient ٠٥٠١٢٣٤٥٦٧', 'no such recipient …'],
    ['an id of WhatsApp', 'not found: 972501234567:12@s.whatsapp.net', 'not found: …'],
    ['a name that stands nowhere else', 'the contact Yehudit is blocked', 'the contact … is blocked'],
    [
      'names in lower case',
      'recipient yossi cohen of herzl street refused, ask rivka katz',
      'recipient … of … street refused, ask …',
    ],
    ['a token', 'bad token ezw_line_demo_0123456789abcdef', 'bad token …'],
    ['something long', `bad key ${'ab1'.repeat(20)}`, 'bad key …'],
    ['an address', 'see https://h.example/x?to=972501234567', 'see …'],
  ])('nor do words of an error: %s', (_, said, told) => {
    expect(new Redactor().words(said)).toBe(told);
  });
});

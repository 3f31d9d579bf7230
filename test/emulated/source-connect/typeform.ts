import { beforeEach, describe, expect, it, vi } from 'vitest';
import { connectionFindings } from '../../../cli/source/findings.ts';
import { openTarget } from '../../../cli/target/target.ts';
import { source } from '../../../functions/lead-first-touch/sources/typeform/source.ts';
import { clientFile, connecting, MODES, settingsOf } from '../connecting.ts';
import { sandboxOf } from '../demo.ts';
import { ezw } from '../ezw.ts';

interface Hook {
  readonly form_id: string;
  readonly tag: string;
  readonly url: string;
  readonly enabled: boolean;
  readonly secret?: string;
}

const FORM = 'lT4Z3j';
const TOKEN = 'tfp_a-token-of-nobody';

const at = connecting('lead-first-touch', 'typeform');

const desk = (method: string, body?: object) => at.desk<Hook[]>(method, 'typeform/webhooks', body);
const hooks = () => desk('GET');
const putHook = (over: object) =>
  desk('PUT', { form_id: FORM, tag: 'theirs', url: at.address, enabled: true, ...over });
const asked = () => at.desk<{ method: string }[]>('GET', 'typeform/requests');

describe.each(MODES)('Typeform, %s', (mode) => {
  const run = (args: readonly string[], input = `${TOKEN}\n`) => at.run(mode, args, input);
  const connect = (...more: string[]) => run(['source', 'connect', 'demo', 'typeform', '--yes', ...more]);
  const show = (...more: string[]) => run(['source', 'show', 'demo', 'typeform', ...more]);

  beforeEach(async () => {
    await desk('DELETE');
    await at.store('demo-typeform-secret');
  });

  it('makes what is missing: on, at our address, with all events and our secret, by which the door knows its events', async () => {
    expect((await show()).code).toBe(1);
    const { code, stdout, stderr } = await connect();
    expect(stderr).toMatch(/make\s+lT4Z3j/);
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: expect.stringContaining(`${at.address} at Typeform\n✓ lT4Z3j: on`),
    });
    const [hook, ...others] = await hooks();
    expect(others).toEqual([]);
    expect(hook).toMatchObject({
      url: at.address,
      enabled: true,
      event_types: { form_response: true },
      verify_ssl: true,
    });
    const event = source.sign('{"event_type":"ping"}', { current: hook?.secret ?? '' }, new Date());
    const answer = await fetch(hook?.url ?? '', { method: 'POST', ...event });
    expect(answer.status).toBe(200);
    expect(await show()).toMatchObject({ code: 0 });
  });

  it('has nothing to do a second time, and changes nothing then', async () => {
    await connect();
    const before = (await asked()).length;
    const { code, stdout } = await connect();
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringContaining('Nothing to do.') });
    expect((await asked()).slice(before).map(({ method }) => method)).toEqual(['GET']);
    expect((await connect('--again')).code).toBe(0);
    expect((await asked()).slice(before).map(({ method }) => method)).toEqual(['GET', 'GET', 'PUT', 'GET']);
  });

  it('turns on what the vendor has switched off, and gives it events that it lacks', async () => {
    await putHook({ enabled: false, event_types: { form_response_partial: true } });
    const { code, stdout } = await show();
    expect(code).toBe(1);
    expect(stdout).toMatch(/✗ lT4Z3j: it is off.*; it does not tell of form_response/);
    expect(stdout).toContain('→ npx ezw source connect demo typeform');
    expect((await connect()).code).toBe(0);
    expect(await hooks()).toMatchObject([{ tag: 'theirs', enabled: true, event_types: { form_response: true } }]);
  });

  it('keeps one of several at its own address, never touches another address, and shows of that the host alone', async () => {
    await putHook({});
    await putHook({ tag: 'again', url: `${at.address}/`, enabled: false });
    await putHook({ tag: 'zap', url: 'https://hooks.vendor.example/catch/s3cret-path' });
    await putHook({ tag: 'old', url: 'https://old.example/lead-first-touch/typeform' });
    const { code, stdout, stderr } = await connect();
    expect(code).toBe(0);
    expect((await hooks()).map(({ tag }) => tag).sort()).toEqual(['old', 'theirs', 'zap']);
    expect(stdout).toContain('hooks.vendor.example (zap)');
    expect(stdout).toMatch(/of another stack, or of this one before it was made anew: old\.example \(old\)/);
    expect(stdout + stderr).not.toMatch(/s3cret-path|tfp_a-token/);
    expect((await run(['source', 'disconnect', 'demo', 'typeform', '--yes'])).stdout).toMatch(/^1 removed/);
    expect((await hooks()).map(({ tag }) => tag).sort()).toEqual(['old', 'zap']);
  });

  it('makes the secret where none is stored, and stores it before the vendor is told', async () => {
    await at.store('');
    const { code } = await connect();
    expect(code).toBe(0);
    const made = await at.stored();
    expect(made).toMatch(/^[0-9a-f]{64}$/);
    expect((await hooks())[0]?.secret).toBe(made);
    // The read-only token lets it look, and then refuses the change.
    await desk('DELETE');
    await at.store('');
    const refused = await run(['source', 'connect', 'demo', 'typeform', '--yes'], 'token-that-may-read');
    expect(refused).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/ezw: Typeform answered 403: the token lacks the scope/),
    });
    expect(await at.stored()).toMatch(/^[0-9a-f]{64}$/);
  });

  it('gives the new secret after a rotation, and says until then that events are refused', async () => {
    await connect();
    await at.store({ current: 'another-secret', previous: 'demo-typeform-secret' });
    expect((await show()).stdout).toMatch(/! lT4Z3j: on.*signs with the secret before/);
    await at.store('another-secret');
    const { code, stdout } = await show();
    expect(code).toBe(1);
    expect(stdout).toMatch(/✗ .*is not the one that it was given: its events are refused/);
    expect((await connect()).code).toBe(0);
    expect((await hooks())[0]?.secret).toBe('another-secret');
  });

  it('a rotation makes the new secret, and connect brings it to the vendor while the one before it is still taken', async () => {
    await connect();
    const { stdout } = await run(['secrets', 'rotate', 'demo', 'sources.typeform', '--generate'], '');
    expect(stdout).toContain('npx ezw source connect demo typeform');
    const { current } = (await at.stored()) as { current: string };
    expect(stdout).not.toContain(current);
    expect((await connect()).code).toBe(0);
    expect((await hooks())[0]?.secret).toBe(current);
    expect((await run(['secrets', 'rotate', 'demo', 'sources.typeform', '--finish'], '')).code).toBe(0);
    expect(await show()).toMatchObject({ code: 0 });
  });

  it('--keep changes nothing that was rotated while it asked, and gives the vendor what is stored then', async () => {
    const before = (await asked()).length;
    await sandboxOf(at.stack).fault('typeform', { kind: 'slow', ms: 3000 });
    const running = connect('--keep');
    await vi.waitFor(async () => expect((await asked()).length).toBeGreaterThan(before), 2500);
    const rotated = { current: 'another-secret', previous: 'demo-typeform-secret' };
    await at.store(rotated);
    expect((await running).code).toBe(0);
    expect(await at.stored()).toEqual({ ...rotated, token: TOKEN });
    expect(await hooks()).toMatchObject([{ secret: 'another-secret' }]);
    expect(await show()).toMatchObject({ code: 0 });
  });

  it('keeps the login where it is asked to, and doctor then tells what is gone or off with the command that mends it', async () => {
    await connect('--keep');
    expect(await at.stored()).toEqual({ current: 'demo-typeform-secret', token: TOKEN });
    const found = async () => {
      const { stdout } = await run(['doctor', 'demo', '--json'], '');
      return JSON.parse(stdout).findings.find((one: { about: string }) => one.about === 'typeform at Typeform');
    };
    expect(await found()).toMatchObject({ level: 'good' });
    await putHook({ tag: (await hooks())[0]?.tag, enabled: false });
    expect(await found()).toMatchObject({
      level: 'bad',
      found: expect.stringContaining('it is off'),
      todo: expect.stringContaining('npx ezw source connect demo typeform'),
    });
    await desk('DELETE');
    expect(await found()).toMatchObject({ level: 'bad', found: expect.stringContaining('no event comes') });
    await sandboxOf(at.stack).fault('typeform', { kind: 'reset' }, 0);
    expect(await found()).toMatchObject({ level: 'warning', found: expect.stringContaining('did not answer') });
    await sandboxOf(at.stack).clearFaults();
    await at.store({ current: 'demo-typeform-secret', token: 'token-that-was-revoked' });
    expect(await found()).toMatchObject({ level: 'bad', found: expect.stringContaining('401') });
  });

  if (mode !== 'local') return;

  it.each([
    [
      401,
      /^ezw: Typeform answered 401: the login is wrong, has expired or was revoked: make a new one there\.[^\n]*\n$/,
    ],
    [403, /^ezw: Typeform answered 403: the token lacks the scope[^\n]*\n$/],
    [404, /^ezw: Typeform answered 404: this login knows no form lT4Z3j[^\n]*\n$/],
    [429, /^ezw: Typeform answered 429, too many calls: try again in 30 s\.[^\n]*\n$/],
    [500, /^ezw: Typeform answered 500, a fault of its own[^\n]*\n$/],
    [302, /^ezw: Typeform answered 302, which is another address[^\n]*\n$/],
    [422, /^ezw: Typeform refused it with 422\. It says: … is odd[^\n]*\n$/],
  ])('a %s of the vendor is one clear line, exit code 1, and the token stands in none', async (status, line) => {
    const body = { description: `${TOKEN} is odd\nindeed` };
    await sandboxOf(at.stack).fault('typeform', { kind: 'status', status, body, headers: { 'retry-after': '30' } });
    const { code, stdout, stderr } = await show();
    expect({ code, stdout, stderr }).toEqual({ code: 1, stdout: '', stderr: expect.stringMatching(line) });
    expect(stderr).not.toContain(TOKEN);
  });

  it('what a vendor says is one line of text, whatever it would do to a terminal', async () => {
    await putHook({ tag: 'od\u001b[2Jd\u202e', url: 'https://other.example/' });
    const { stdout } = await connect();
    expect(stdout).toContain('other.example (od [2Jd )');
    expect(stdout.replaceAll('\n', '')).not.toMatch(/\p{C}/u);
  });

  it('a vendor that says nothing, or no sense, is one clear line too', async () => {
    await sandboxOf(at.stack).fault('typeform', { kind: 'reset' });
    expect(await show()).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^ezw: Typeform did not answer \(\w+\): try again/),
    });
    await sandboxOf(at.stack).fault('typeform', { kind: 'garbage' });
    expect(await show()).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(
        /^ezw: Typeform answered 200 with something that cannot be read: a page of maintenance, or not the API.*\?\n$/,
      ),
    });
  });

  it.each<[string, string[], string, RegExp]>([
    [
      'a source that is not there',
      ['connect', 'demo', 'nothing'],
      TOKEN,
      /has no source "nothing"\. Turned on are: .*typeform/,
    ],
    [
      'a source that is connected by hand',
      ['connect', 'demo', 'acuity'],
      TOKEN,
      /by hand: functions\/appointment-reminder\/sources\/acuity\/README\.md/,
    ],
    ['a name that two templates have', ['connect', 'demo', 'custom'], TOKEN, /say which with --template/],
    ['no login', ['show', 'demo', 'typeform'], '', /personal access token.*line 1 is missing/],
    ['a login of two words', ['show', 'demo', 'typeform'], 'two words', /line 1 holds a space/],
    ['nobody to say yes', ['connect', 'demo', 'typeform'], TOKEN, /say yes with --yes/],
    ['a locale that is none', ['checklist', 'demo', 'typeform', '--locale', 'fr'], '', /Allowed choices are en, he/],
  ])('%s is wrong input: one line, exit code 2', async (_, args, input, line) => {
    const { code, stderr } = await (args[0] === 'checklist'
      ? ezw(['source', ...args, '--local'])
      : run(['source', ...args], input));
    expect(code).toBe(2);
    expect(stderr.trim().split('\n').at(-1)).toMatch(line);
    expect(stderr).not.toContain(TOKEN);
  });

  it('two of a kind are each subscribed at an address of its own, with a secret of its own', async () => {
    const typeform = clientFile().templates['lead-first-touch']?.sources.typeform;
    settingsOf('lead-first-touch', 'typeform-north', { ...typeform, kind: 'typeform' });
    expect((await connect()).code).toBe(0);
    const { code, stdout } = await run(['source', 'connect', 'demo', 'typeform-north', '--yes']);
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringContaining(`${at.address}-north at Typeform`) });
    const made = await hooks();
    expect(made.map(({ url }) => url)).toEqual([at.address, `${at.address}-north`]);
    expect(new Set(made.map(({ secret }) => secret)).size).toBe(2);
    await desk('DELETE');
  });

  it('shows all sources at once, those too that nobody can look at', async () => {
    const { code, stdout } = await run(['source', 'show', 'demo'], '');
    expect(stdout).toMatch(/typeform at Typeform\n {2}not looked at: no login is stored/);
    expect(code).toBeLessThan(2);
  });
});

it('doctor waits for no vendor longer than it says', async () => {
  await at.store({ current: 'demo-typeform-secret', token: TOKEN });
  await sandboxOf(at.stack).fault('typeform', { kind: 'slow', ms: 5_000 });
  const before = Date.now();
  const findings = await connectionFindings(await openTarget('demo', { local: at.stack.url }), 500);
  expect(Date.now() - before).toBeLessThan(4_500);
  expect(findings).toContainEqual({
    level: 'warning',
    about: 'typeform at Typeform',
    found: 'It did not answer within 0.5 s.',
    isUnsure: true,
  });
});

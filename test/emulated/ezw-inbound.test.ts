import { describe, expect, it } from 'vitest';
import { customOrder, demoForAll, post, sandboxOf, signed, untilIdle, untilState } from './demo.ts';
import { ezw } from './ezw.ts';

const demo = demoForAll();

const run = (...args: string[]) => ezw([...args, '--local', demo().url]);
const sandbox = async (path: string, body?: object) => {
  const init = body && { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
  return (await fetch(`${demo().url}/_sandbox/${path}`, init)).json();
};

describe('webhook', () => {
  it('show says that nothing is registered, and what to do', async () => {
    const { code, stdout } = await run('webhook', 'show', 'demo');
    expect(code).toBe(0);
    expect(stdout).toContain('Not registered');
    expect(stdout).toContain('webhook register demo');
  });

  it('register sends the address once with every field, and never shows the token', async () => {
    const first = await run('webhook', 'register', 'demo');
    expect([first.code, first.stderr]).toEqual([0, '']);
    expect(first.stdout).toContain('/ezw/webhook/(token hidden)');
    const second = await run('webhook', 'register', 'demo');
    expect(second.code).toBe(1);
    expect(second.stderr).toMatch(/was registered on .* --again/);
    const shown = await run('webhook', 'show', 'demo', '--json');
    expect(JSON.parse(shown.stdout)).toMatchObject({ registered: true, current: true });
    expect([first.stdout, second.stderr, shown.stdout].join()).not.toMatch(/045cbb83b0e0ef74/);
  });
});

describe('replay', () => {
  it('delivers again under the same id, and what was done stays done', async () => {
    const { deliveries } = (await sandbox('customer-messages', {
      phone: '+972501234567',
      type: 'text',
      text: 'Hello',
    })) as {
      deliveries: string[];
    };
    const entries = async () => ((await sandbox('crm')) as { webhook: { entries: unknown[] } }).webhook.entries.length;
    await expect.poll(entries).toBe(1);
    const seen = async () =>
      demo()
        .logs()
        .filter(({ line }) => line.includes('"outcome":"duplicate"')).length;
    const before = await seen();
    const { code, stdout } = await run('replay', deliveries[0] ?? '', '--client', 'demo');
    expect([code, stdout.trim()]).toEqual([0, expect.stringContaining('What was done stays done.')]);
    await untilIdle(demo());
    await expect.poll(seen).toBe(before + 1);
    expect(await entries()).toBe(1);
  });

  it('of an unknown delivery says so and exits with 1', async () => {
    const { code, stderr } = await run('replay', 'no-such-delivery', '--client', 'demo');
    expect(code).toBe(1);
    expect(stderr).toContain('No dead letter belongs to the delivery no-such-delivery');
  });
});

describe('sends resolve', () => {
  /** A send whose first attempt is uncertain and whose repeat meets a conflict: only a person can know. */
  const parked = async (id: string): Promise<string> => {
    await sandboxOf(demo()).fault('text', { kind: 'status', status: 500 });
    await sandboxOf(demo()).fault('text', { kind: 'status', status: 409 });
    await post(demo(), 'custom', signed('custom', customOrder(id)));
    const key = `order:${id}:ready`;
    await expect.poll(async () => (await untilState(demo(), key, 'UNKNOWN')).parked).toBe(true);
    return key;
  };

  it('as accepted settles the record with who and why, and sends nothing', async () => {
    const key = await parked('resolved-accepted');
    const posts = (await sandboxOf(demo()).posts(key)).length;
    const { code } = await run(
      'sends',
      'resolve',
      'demo',
      key,
      '--as',
      'accepted',
      '--reason',
      'seen in the inbox',
      '--by',
      'Dana',
    );
    expect(code).toBe(0);
    const record = await untilState(demo(), key, 'ACCEPTED');
    expect(record).toMatchObject({ resolved: { by: 'Dana', reason: 'seen in the inbox' } });
    expect(await sandboxOf(demo()).posts(key)).toHaveLength(posts);
  });

  it('as not sent frees the key, so that the same event sends it', async () => {
    const key = await parked('resolved-not-sent');
    const { code, stdout } = await run(
      'sends',
      'resolve',
      'demo',
      key,
      '--as',
      'not-sent',
      '--reason',
      'not in the inbox',
    );
    expect(code).toBe(0);
    expect(stdout).toContain('The key is free');
    await post(demo(), 'custom', signed('custom', customOrder('resolved-not-sent')));
    await untilState(demo(), key, 'ACCEPTED');
    expect((await sandboxOf(demo()).messages()).filter((message) => message.key === key)).toHaveLength(1);
  });
});

// The last one: the sandbox brings everything to both addresses from then on.
describe('a rotated token', () => {
  it('that was not registered is told by doctor, and its rotation does not end before', async () => {
    const doctor = async () => {
      const { findings } = JSON.parse((await run('doctor', 'demo', '--json')).stdout) as {
        findings: { check: string; found: string; todo?: string }[];
      };
      return findings.find(({ check }) => check === 'webhook');
    };
    const set = (input: string) => ezw(['secrets', 'set', 'demo', 'webhook-token', '--local', demo().url], { input });
    const finish = () => run('secrets', 'rotate', 'demo', 'webhook-token', '--finish');
    expect(await doctor()).toMatchObject({ level: 'good', found: 'registered at the sandbox' });
    expect((await run('secrets', 'rotate', 'demo', 'webhook-token')).code).toBe(0);
    const todo = expect.stringContaining('npx ezw webhook register demo');
    expect(await doctor()).toMatchObject({
      level: 'warning',
      found: expect.stringContaining('until its rotation'),
      todo,
    });
    expect(await finish()).toMatchObject({ code: 1, stdout: '', stderr: todo });
    expect((await run('webhook', 'register', 'demo')).code).toBe(0);
    expect(await finish()).toMatchObject({ code: 0, stdout: expect.stringMatching(/is refused from now on[^\n]*\n$/) });
    expect(await doctor()).toMatchObject({ level: 'good' });
    // Whoever stores another one in its place leaves none that is registered.
    expect((await set('e'.repeat(64))).code).toBe(0);
    expect(await doctor()).toMatchObject({ level: 'bad', found: 'registered with an older token', todo });
  });
});

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AwsMode } from './aws-mode.ts';
import { customOrder, demoForAll, post, recordOf, sandboxOf, signed, untilIdle, untilState } from './demo.ts';
import { ezw } from './ezw.ts';

const demo = demoForAll();
const run = (...args: string[]) => ezw(['stats', ...args, '--local', demo().url]);
const order = async (id: string, phone: string): Promise<string> => {
  const sent = await post(demo(), 'custom', signed('custom', customOrder(id, { customer: { name: 'Dana', phone } })));
  expect(sent.status).toBe(200);
  return `order:${id}:ready`;
};

/** Two that were delivered, one that EZWhatsApp refused, one without a number, one that the line holds. */
const someSends = async (): Promise<void> => {
  expect((await ezw(['webhook', 'register', 'demo', '--local', demo().url])).code).toBe(0);
  const sandbox = sandboxOf(demo());
  for (const [id, phone] of [
    ['stats-1', '+972501230001'],
    ['stats-2', '+972501230002'],
  ] as const) {
    const key = await order(id, phone);
    await untilState(demo(), key, 'ACCEPTED');
    await expect.poll(async () => (await recordOf(demo(), key))?.delivery?.status).toBe('delivered');
  }
  await untilState(demo(), await order('stats-3', 'call me'), 'REJECTED');
  await sandbox.fault('text', { kind: 'status', status: 400 });
  await untilState(demo(), await order('stats-4', '+972501230004'), 'REJECTED');
  await untilIdle(demo());
  expect((await ezw(['line', 'pause', 'demo', '--local', demo().url])).code).toBe(0);
  await untilState(demo(), await order('stats-5', '+972501230005'), 'HELD');
};

it('counts the sends of today by state and template, how long they took, and what waits', async () => {
  await someSends();
  const { code, stdout } = await run('demo', '--days', '1', '--json');
  expect(code).toBe(0);
  const figures = JSON.parse(stdout);
  expect(figures).toMatchObject({
    client: 'demo',
    total: { accepted: 2, delivered: 2, refused: 2, waiting: 1, left: { count: 2 }, arrived: { count: 2 } },
    days: [{ known: 'not over', accepted: 2, refused: 2 }],
    templates: [{ name: 'order-ready', accepted: 2 }],
  });
  expect(figures.refused.map(({ count }: { count: number }) => count)).toEqual([1, 1]);
  expect(figures.waiting).toEqual([expect.objectContaining({ state: 'HELD', count: 1, parked: false })]);
  const { left, arrived } = figures.total;
  expect(left.p95).toBeLessThan(60_000);
  expect(arrived.p50).toBeGreaterThanOrEqual(left.p50);
});

it('shows it to people, without a number, a text or a name', async () => {
  const { code, stdout, stderr } = await run('demo');
  expect([code, stderr]).toEqual([0, '']);
  expect(stdout).toMatch(/^demo, 20\d\d-\d\d-\d\d to 20\d\d-\d\d-\d\d, days of \S+, as of/);
  expect(stdout).toMatch(/order-ready +nothing +2 +\d+\.\d s +\d+\.\d s/);
  expect(stdout).toMatch(/WAITS NOW +COUNT +REASON +OLDEST/);
  expect(stdout).not.toMatch(/50123|Dana|pickup/);
});

it('prints CSV, a line for each day and template', async () => {
  const { code, stdout } = await run('demo', '--days', '2', '--csv');
  expect(code).toBe(0);
  const [headings = '', yesterday = '', today = '', ...more] = stdout.split('\r\n');
  expect(more).toEqual(['']);
  expect(headings).toMatch(/^client,day,known,template,accepted,/);
  const width = headings.split(',').length;
  expect([yesterday, today].map((line) => line.split(',').length)).toEqual([width, width]);
  expect(yesterday).toMatch(/^demo,\d{4}-\d\d-\d\d,whole,,0,0,0,0,0,0,0,0,0,0,0,,,/);
  expect(today).toMatch(/^demo,\d{4}-\d\d-\d\d,not over,order-ready,2,2,0,0,0,1,2,0,0,0,2,[\d.]+,[\d.]+,2,/);
});

it('refuses what it cannot count, with what to write', async () => {
  for (const [args, says] of [
    [['demo', '--days', '61'], /kept for 60 days/],
    [['demo', '--csv', '--json'], /not both/],
    [['--all'], /leave out --all/],
    [[], /Which client/],
    [['nobody'], /No client file clients\/nobody\.ts/],
  ] as const)
    expect(await run(...args)).toMatchObject({ code: 2, stdout: '', stderr: expect.stringMatching(says) });
});

describe('of deployed stacks', () => {
  let aws: AwsMode;
  let folder: string;
  beforeAll(async () => {
    aws = await AwsMode.start(demo(), demo().url);
    folder = await mkdtemp(join(tmpdir(), 'ezw-stats-'));
    await writeFile(
      join(folder, 'demo.ts'),
      `export { default } from ${JSON.stringify(join(process.cwd(), 'clients/demo.ts'))};`,
    );
    await writeFile(join(folder, 'broken.ts'), 'export default {};');
  });
  afterAll(async () => {
    await aws.stop();
    await rm(folder, { recursive: true, force: true });
  });
  const all = (...args: string[]) => aws.run(['stats', '--all', ...args], { env: { EZW_CLIENTS: folder } });

  it('counts every client, and one that cannot be counted hides no other', async () => {
    const { code, stdout } = await all('--days', '1', '--json');
    expect(code).toBe(1);
    expect(JSON.parse(stdout).clients).toEqual([
      { client: 'broken', error: expect.stringContaining('clients/broken.ts') },
      expect.objectContaining({ client: 'demo', total: expect.objectContaining({ accepted: 2, refused: 2 }) }),
    ]);
    expect((await all()).stdout).toMatch(/^! broken: .*\n\n\ndemo, /);
    const { stdout: csv, stderr } = await all('--csv', '--days', '1');
    expect(stderr).toContain('! broken: ');
    expect(csv.split('\r\n').map((line) => line.split(',')[0])).toEqual(['client', 'demo', '']);
  });
});

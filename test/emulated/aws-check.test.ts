import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { call } from '../../cli/terminal/call.ts';
import { checkArguments } from '../../scripts/aws-check/arguments.ts';
import { awsIn, placeOf } from '../../scripts/aws-check/aws.ts';
import { inputOf, writeClient } from '../../scripts/aws-check/clients.ts';
import { runCommand } from '../../scripts/aws-check/commands.ts';
import { newSecret } from '../../scripts/aws-check/doors.ts';
import { tableOf } from '../../scripts/aws-check/report.ts';
import { ROWS } from '../../scripts/aws-check/rows.ts';
import { runCheck } from '../../scripts/aws-check/run.ts';
import { ezw } from './ezw.ts';
import { FalseAccount } from './false-account.ts';

/** The check of an account, in one that is none: nothing of it was ever run by us in a real one. */
let account: FalseAccount;
let folder: string;
const before = { ...process.env };

beforeEach(async () => {
  account = await FalseAccount.start();
  folder = mkdtempSync(join(tmpdir(), 'aws-check-test-'));
  Object.assign(process.env, account.env);
});
afterEach(async () => {
  for (const name of Object.keys(process.env)) if (!(name in before)) delete process.env[name];
  Object.assign(process.env, before);
  await account.stop();
  rmSync(folder, { recursive: true, force: true });
});

interface Given {
  readonly rows?: typeof ROWS;
  readonly cli?: (args: readonly string[]) => Promise<{ code: number; stdout: string; stderr: string }>;
}

/** The run in this process, without waiting; so are the commands, but the CDK's. */
const run = async (args: readonly string[] = [], { rows = ROWS, cli }: Given = {}) => {
  const said: string[] = [];
  let report = '';
  const options = checkArguments(['--yes', ...args]);
  const place = await placeOf(undefined);
  const aws = awsIn(place);
  const secret = newSecret();
  const env = { ...account.env, EZW_CLIENTS: folder };
  const { signal } = new AbortController();
  const check = {
    aws,
    place,
    secret,
    call,
    waitMinutes: options.waitMinutes,
    write: (name: string, variant?: object) => writeClient(folder, resolve('.'), inputOf(name, place, variant)),
    ezw: (words: readonly string[], input = '') => ezw(words, { env, input }),
    cdk: (client: string, words: readonly string[]) =>
      runCommand(['npx', 'cdk', ...words], { cwd: '.', env: { ...env, CLIENT: client }, signal }),
    cli: cli ?? (() => Promise.reject(new Error('none'))),
    pause: async () => undefined,
    now: () => new Date(),
  };
  const more = {
    remover: { aws, pause: check.pause },
    signal,
    say: (line: string) => void said.push(line),
    writeReport: (text: string) => {
      report = text;
    },
  };
  const code = await runCheck(rows, { check, ...more }, options);
  return { code, said: said.join('\n'), report, results: resultsIn(report), secret };
};

const resultsIn = (report: string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    [...report.matchAll(/^\| ([^|]+) \|.* (pass|fail|skipped) \|$/gm)].map(([, name, result]) => [name, result]),
  );

const only = (...names: readonly string[]) => ROWS.filter(({ name }) => names.includes(name));

describe('npm run aws-check', () => {
  it('passes where all is as it should be, and leaves nothing', async () => {
    const { code, report, results, secret, said } = await run();
    const skipped = ['idle queues', 'take over tables'];
    const expected = ROWS.map(({ name }) => [name, skipped.includes(name) ? 'skipped' : 'pass']);
    expect([results, code], said).toEqual([Object.fromEntries(expected), 0]);
    expect(account.standing()).toEqual([]);
    expect(report).toContain('## Left in the account\n\nNothing.');
    // Whoever gets the report learns neither.
    expect(report).toContain('more than 4 KB (account 123…012)');
    expect(report).not.toMatch(/123456789012|whsec_/);
    expect(`${report}${said}`).not.toContain(secret);
  });

  it('tells of a row that fails in the report and the exit code, leaves out what hangs on it, and removes all of it all the same', async () => {
    account.faults.refusesOrders = true;
    const { code, results, report } = await run([], { rows: only('deploy', 'protection', 'parameter', 'signature') });
    expect([code, results]).toMatchObject([
      1,
      { deploy: 'pass', protection: 'pass', parameter: 'fail', signature: 'skipped' },
    ]);
    expect(report).toContain('"parameter" did not pass');
    expect(account.standing()).toEqual([]);
  });

  it('deletes nothing to see whether it is refused, where nothing would refuse it', async () => {
    account.faults.neverProtects = true;
    const { results, report } = await run(['--keep'], { rows: only('deploy', 'protection') });
    expect(results).toMatchObject({ deploy: 'pass', protection: 'fail' });
    expect(report).toContain('off: the stack');
    expect(account.stacks.get('Ezw-aws-check')?.status).toBe('CREATE_COMPLETE');
  });

  it('names what it could not remove', async () => {
    account.faults.keepsTables = true;
    const { code, report } = await run([], { rows: only('deploy') });
    expect([code, report]).toEqual([1, expect.stringMatching(/in the account\n\n- .*DynamoDB still deletes tables/)]);
  });

  it('removes with --clean what --keep left, or a run that was killed; before that it begins no other', async () => {
    const { code, report } = await run(['--keep'], { rows: only('deploy') });
    expect([code, report]).toEqual([0, expect.stringContaining('Kept on purpose.')]);
    const stood = account.standing();
    expect(stood).toEqual(expect.arrayContaining(['Ezw-aws-check', 'contact-salt', 'salt-made', 'aws-check']));
    await expect(run()).rejects.toThrow(/An earlier run left this: stack Ezw-aws-check .*--clean/);
    expect(account.standing()).toEqual(stood);
    expect((await run(['--clean'])).code).toBe(0);
    expect(account.standing()).toEqual([]);
  });

  it('removes tables and values that stand without a stack, and of others none', async () => {
    await run(['--keep'], { rows: only('deploy') });
    const others = ['Ezw-aws-check-shop-ContactsTable16C20946-1A', 'Ezw-aws-checked-ContactsTable16C20946-1A', 'mine'];
    for (const name of others) account.tables.set(name, { isProtected: false, rows: 1 });
    account.stacks.delete('Ezw-aws-check');
    expect((await run(['--clean'])).said).toContain('nothing is left');
    expect([...account.tables.keys()]).toEqual(others);
  });

  it('makes nothing where clients run, unless that is wanted, nor where the CDK was never', async () => {
    account.stand('Ezw-bakery');
    await expect(run()).rejects.toThrow('Clients run here: Ezw-bakery.');
    expect((await run(['--yes-this-account'], { rows: only('unprepared') })).results.unprepared).toBe('pass');
    account.stacks.delete('CDKToolkit');
    await expect(run(['--yes-this-account'])).rejects.toThrow('npx cdk bootstrap aws://123456789012/us-east-1');
    expect([...account.stacks.keys()]).toEqual(['Ezw-bakery']);
  });

  it.each([
    [15, 'pass', 'a minute: Ezw-aws-check-SendingSendsQueue1ABCE7D6'],
    [16, 'fail', '16.0'],
  ])('counts what idle queues are asked: %i calls a minute are %s', async (sum, result, said) => {
    const cli = async (args: readonly string[]) => {
      const datapoints = Array.from({ length: 10 }, () => ({ Sum: sum }));
      return { code: 0, stdout: args[0] === '--version' ? '' : JSON.stringify({ Datapoints: datapoints }), stderr: '' };
    };
    const { results, report } = await run(['--wait-minutes', '10'], { rows: only('deploy', 'idle queues'), cli });
    expect([results['idle queues'], report]).toEqual([result, expect.stringContaining(said)]);
  });

  it('leaves idle queues out where there is no AWS CLI', async () => {
    const { code, report } = await run(['--wait-minutes', '10'], { rows: only('deploy', 'idle queues') });
    expect([code, report]).toEqual([0, expect.stringContaining('there is no "aws" command here | skipped')]);
  });

  it('that is ended midway ends the deployment with it, removes what there is, and leaves nothing on this machine', async () => {
    account.isQuick = true;
    account.deploying = new Promise(() => undefined);
    const found = () => [
      readdirSync('clients'),
      readdirSync(tmpdir()).filter((name) => name.startsWith('ezw-aws-check-')),
    ];
    const had = found();
    const env = { ...before, ...account.env };
    const args = ['--import', 'tsx', 'scripts/aws-check/main.ts', '--yes', '--report', join(folder, 'report.md')];
    const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'ignore', 'pipe'] });
    let said = '';
    child.stderr.on('data', (chunk) => {
      said += chunk;
    });
    await expect.poll(() => account.stacks.get('Ezw-aws-check')?.status).toBe('CREATE_IN_PROGRESS');
    child.kill('SIGINT');
    const [code] = await once(child, 'close');
    expect([code, account.standing()], said).toEqual([130, []]);
    const report = readFileSync(join(folder, 'report.md'), 'utf8');
    expect(resultsIn(report)).toMatchObject({ unprepared: 'pass', deploy: 'skipped', 'add again': 'skipped' });
    expect(found()).toEqual(had);
  });

  it('is described by the rows that it has', () => {
    expect(readFileSync('docs/aws-check.md', 'utf8')).toContain(tableOf(ROWS));
  });
});

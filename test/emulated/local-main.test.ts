import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { LocalStack } from '../../local/stack.ts';
import { customOrder, post, signed } from './demo.ts';

/** The repository with sources of its own, which may be written to, and where the process puts what is for a moment. */
let root: string;
let scratch: string;
let data: string;
let child: ChildProcess;
let start: () => void;
let said: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'local-main-'));
  scratch = join(root, 'scratch');
  data = join(root, 'data');
  mkdirSync(scratch);
  for (const folder of ['bin', 'cli', 'clients', 'functions', 'lib', 'local', 'watch'])
    cpSync(folder, join(root, folder), { recursive: true });
  for (const name of ['cdk.json', 'node_modules', 'package.json', 'tsconfig.json'])
    symlinkSync(resolve(name), join(root, name));
  const { CI: _, npm_lifecycle_event: __, ...env } = process.env;
  start = () => {
    child = spawn(process.execPath, ['--import', 'tsx', 'local/main.ts', '--port', '0', '--data', data], {
      cwd: root,
      env: { ...env, TMPDIR: scratch, EZW_CONTRACT: 'people=jid' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    said = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (chunk) => {
        said += chunk;
      });
    }
  };
  start();
});
afterEach(() => {
  child.kill('SIGKILL');
  rmSync(root, { recursive: true, force: true });
});

const untilSaid = (what: RegExp) => expect.poll(() => said, { timeout: 120_000 }).toMatch(what);

/** What is said from now on until this is. */
async function saidAfter(save: () => void, what: RegExp): Promise<string> {
  said = '';
  save();
  await untilSaid(what);
  return said;
}

function moveToLine(from: string, to: string): void {
  const file = join(root, 'clients/demo.ts');
  writeFileSync(file, readFileSync(file, 'utf8').replace(`lineId: '${from}'`, `lineId: '${to}'`));
}

async function expectCleanEnd(): Promise<void> {
  const exit = once(child, 'exit');
  child.kill('SIGTERM');
  expect(await exit).toEqual([0, null]);
  expect(existsSync(join(data, 'pid'))).toBe(false);
  expect(readdirSync(scratch).filter((name) => name.startsWith('ezw-'))).toEqual([]);
}

test('in a pipe lines are JSON, a saved file is taken over, and a signal ends it with 0', async () => {
  await untilSaid(/^Ready in /m);
  const url = /POST (http:\/\/127\.0\.0\.1:\d+)\//.exec(said)?.[1];
  expect(await post({ url } as LocalStack, 'custom', signed('custom', customOrder('SO-1')))).toMatchObject({
    status: 200,
  });
  await untilSaid(/^\{"function":"order-ready","level":"info",.*\}$/m);
  const file = join(root, 'functions/order-ready/handler.ts');
  const touch = () => utimesSync(file, new Date(), new Date());
  const rebuilt = await saidAfter(touch, /^(?:Reb|Not reb)uilt/m);
  expect(rebuilt).toMatch(/^functions\/order-ready\/handler\.ts changed: rebuilding …$/m);
  expect(rebuilt).toMatch(/^Rebuilt in [\d.]+ s: nothing to do\.$/m);
  expect(await saidAfter(() => appendFileSync(file, "throw new Error('mistake');\n"), /^(?:Reb|Not reb)uilt/m)).toMatch(
    /^Rebuilt in [\d.]+ s: order-ready does not load \(its log says why\): the code of before goes on\.$/m,
  );
  expect(await saidAfter(() => moveToLine('line-demo', 'line-other'), /^(?:Reb|Not reb)uilt/m)).toMatch(
    /^Rebuilt in [\d.]+ s: all other functions\. order-ready does not load \(its log says why\)\.$/m,
  );
  // In the middle of a start anew, too, a signal leaves nothing behind.
  await saidAfter(() => moveToLine('line-other', 'line-demo'), /Starting anew/);
  await expectCleanEnd();
}, 400_000);

test('what a customer writes shows up in CRM and alert without a further step, also after a restart with its data', async () => {
  for (const name of ['first', 'after the restart']) {
    await untilSaid(/^Ready in /m);
    expect(said).toMatch(/^ {2}Contract {2}people=jid {3}/m);
    const url = /POST (http:\/\/127\.0\.0\.1:\d+)\//.exec(said)?.[1];
    const shown = async (what: string) => (await fetch(`${url}/_sandbox/${what}`)).text();
    // Another person each time: one conversation rings once in a while.
    const phone = name === 'first' ? '+972501234561' : '+972501234562';
    const message = JSON.stringify({ phone, text: `This is urgent, ${name}!` });
    await fetch(`${url}/_sandbox/customer-messages`, { method: 'POST', body: message });
    await expect.poll(() => shown('notifications')).toContain(phone);
    await expect.poll(() => shown('crm')).toContain(phone);
    const exit = once(child, 'exit');
    child.kill('SIGTERM');
    await exit;
    if (name === 'first') start();
  }
}, 400_000);

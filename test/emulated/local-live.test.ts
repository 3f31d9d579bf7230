import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { LiveStack } from '../../local/live-stack.ts';
import type { LocalStack } from '../../local/stack.ts';
import { StartError } from '../../local/start-error.ts';
import { customOrder, demoSecrets, post, sandboxOf, signed, untilState } from './demo.ts';

/** How many of the next starts fail, as when another process takes the port in between. */
const starts = vi.hoisted(() => ({ failing: 0 }));
vi.mock('../../local/stack.ts', async (original) => {
  const real = await original<typeof import('../../local/stack.ts')>();
  const startLocalStack: typeof real.startLocalStack = async (options) => {
    starts.failing -= 1;
    if (starts.failing >= 0) throw new StartError('Port 1 is in use.');
    return real.startLocalStack(options);
  };
  return { ...real, startLocalStack };
});

/** What a client file of this text was synthesised to: a synthesis takes seconds, and the same files come several times. */
const synthesised = vi.hoisted(() => new Map<string, string>());
vi.mock('../../local/synth.ts', async (original) => {
  const real = await original<typeof import('../../local/synth.ts')>();
  const synthesise: typeof real.synthesise = async (client, from, outdir, ended) => {
    const text = readFileSync(join(from, 'clients', `${client}.ts`), 'utf8');
    const target = resolve(from, outdir);
    const known = synthesised.get(text);
    if (known) {
      cpSync(known, target, { recursive: true });
      return target;
    }
    await real.synthesise(client, from, outdir, ended);
    const kept = mkdtempSync(join(from, 'kept-'));
    cpSync(target, kept, { recursive: true });
    synthesised.set(text, kept);
    return target;
  };
  return { ...real, synthesise };
});

/** The repository with client files of its own, which may be written to. */
const root = mkdtempSync(join(tmpdir(), 'local-live-'));
const clientFile = join(root, 'clients/demo.ts');
const said: string[] = [];
const { signal } = new AbortController();
let live: LiveStack;
let stack: LocalStack;

beforeAll(async () => {
  for (const folder of ['bin', 'clients']) cpSync(folder, join(root, folder), { recursive: true });
  for (const name of ['cdk.json', 'functions', 'lib', 'node_modules', 'package.json', 'tsconfig.json']) {
    symlinkSync(resolve(name), join(root, name));
  }
  for (const method of ['log', 'error'] as const)
    vi.spyOn(console, method).mockImplementation((line) => said.push(line));
  live = new LiveStack(root, { client: 'demo', port: 0, secrets: demoSecrets() });
  stack = await live.start(signal);
});
afterAll(async () => {
  await live.stop();
  vi.restoreAllMocks();
  rmSync(root, { recursive: true });
});

/** What is said when this stands in the client file instead. */
async function rebuilt(what: string, instead: string): Promise<string> {
  const text = readFileSync(clientFile, 'utf8');
  expect(text).toContain(what);
  writeFileSync(clientFile, text.replace(what, instead));
  said.length = 0;
  await live.rebuild(['clients/demo.ts'], signal);
  return said.join('\n').replace(/in [\d.]+ s/, 'in N s');
}

const order = async (id: string) => {
  expect(await post(stack, 'custom', signed('custom', customOrder(id)))).toMatchObject({ status: 200 });
  await untilState(stack, `order:${id}:ready`, 'ACCEPTED');
};

test('a saved client file is taken over, a broken one is shown, and nothing is lost', async () => {
  await order('SO-1');
  expect(await rebuilt('minGapSeconds: 0', 'minGapSeconds: 1')).toBe(
    'clients/demo.ts changed: rebuilding …\nRebuilt in N s: sender.',
  );
  const folder = stack.folders.find((used) => used.includes('ezw-rebuilt-')) as string;
  expect(existsSync(folder)).toBe(true);
  await order('SO-2');

  const broken = await rebuilt("country: 'IL'", "country: 'Israel'");
  expect(broken).toMatch(
    /^clients\/demo\.ts changed.*\n.*cannot be synthesised:\n.*\n {2}clients\/demo\.ts:\d+ {2}country: .*\nNot rebuilt: /,
  );
  await order('SO-3');

  expect(await rebuilt("country: 'Israel'", "country: 'IL'")).toMatch(/\nRebuilt in N s: nothing to do\.$/);
  const messages = await sandboxOf(stack).messages();
  expect(messages.map(({ key }) => key)).toEqual(['order:SO-1:ready', 'order:SO-2:ready', 'order:SO-3:ready']);

  const { url, sandboxUrl } = stack;
  starts.failing = 1;
  expect(await rebuilt("lineId: 'line-demo'", "lineId: 'line-other'")).toMatch(
    /Starting anew.*\nPort 1 is in use\.\nIt did not start\. What ran before was started anew in its place\.\nNot rebuilt: /,
  );
  expect(await (await fetch(`${url}/_local/ready`)).json()).toMatchObject({ lineId: 'line-demo' });
  await rebuilt("lineId: 'line-other'", "lineId: 'line-demo'");

  expect(await rebuilt("lineId: 'line-demo'", "lineId: 'line-other'")).toMatch(
    /\nThe line is another one\. Starting anew\. What is in tables.* is lost\.\nRebuilt in N s: all functions\.$/,
  );
  expect(await (await fetch(`${url}/_local/ready`)).json()).toMatchObject({ lineId: 'line-other' });
  expect(await (await fetch(`${sandboxUrl}/_sandbox/messages`)).json()).toEqual([]);
  expect(existsSync(dirname(folder))).toBe(false);

  starts.failing = 2;
  const exit = vi.spyOn(process, 'exit').mockReturnValue(undefined as never);
  await rebuilt("lineId: 'line-other'", "lineId: 'line-demo'");
  expect(exit.mock.calls).toEqual([[2]]);
});

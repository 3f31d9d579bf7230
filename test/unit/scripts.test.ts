import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Command } from 'commander';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { localStackFor } from '../../cli/handoff/local-stack.ts';
import { program } from '../../cli/program.ts';
import { openTarget } from '../../cli/target/target.ts';
import { call } from '../../cli/terminal/call.ts';
import { readOptions } from '../../local/options.ts';
import { orderArguments } from '../../scripts/order-arguments.ts';
import { ezw } from '../emulated/ezw.ts';
import { inProcess } from '../in-process.ts';

/** What `npm run` starts of ours. */
const SCRIPTS = [
  ...new Set(
    Object.values<string>(JSON.parse(readFileSync('package.json', 'utf8')).scripts)
      .flatMap((command) => command.split(' '))
      .filter((word) => word.endsWith('.ts') && !word.endsWith('.config.ts')),
  ),
];

const run = async (script: string, args: readonly string[], env: Record<string, string> = {}) => {
  const child = spawn(process.execPath, ['--import', 'tsx', script, ...args], {
    env: { PATH: process.env.PATH, AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true', ...env },
  });
  const said = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream].on('data', (chunk) => {
      said[stream] += chunk;
    });
  }
  const [code] = await once(child, 'close');
  return { code, ...said };
};

/** Answers as a local stack does where it is asked whether it is up, and keeps what is posted. */
const posted: string[] = [];
let server: Server;
let port: string;
beforeAll(async () => {
  server = createServer(async (request, response) => {
    const body = String(Buffer.concat(await request.toArray()));
    if (request.method === 'POST') posted.push(`${request.url} ${JSON.parse(body).data.order_id}`);
    response.end('{"client":"demo"}');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  port = String((server.address() as AddressInfo).port);
});
afterAll(() => server.close());

describe('npm run send-order', () => {
  it('posts the order to the port that it was given', async () => {
    expect(await run('scripts/send-order.ts', ['SO-7', '--port', port])).toMatchObject({ code: 0, stderr: '' });
    expect(posted).toEqual(['/order-ready/custom SO-7']);
  });

  it.each<[string[], Record<string, string>, string, string]>([
    [[], {}, 'SO-1044', '8787'],
    [['SO-1', '--port', '8971'], {}, 'SO-1', '8971'],
    [['--port=8971', 'SO-1'], {}, 'SO-1', '8971'],
    [['SO-1'], { PORT: '8971' }, 'SO-1', '8971'],
    [['SO-1', '--port', '8971'], { PORT: '9001' }, 'SO-1', '8971'],
  ])('%j with %j goes with %s to %s', (args, env, id, to) => {
    expect(orderArguments(args, env)).toEqual({ id, url: `http://127.0.0.1:${to}` });
  });

  it.each<[string, string[], Record<string, string>, RegExp]>([
    ['a port that is none', ['--port', 'http'], {}, /whole number .* not "http"/],
    ['a port without a number', ['SO-1', '--port'], {}, /--port.*Usage: npm run send-order/],
    ['a PORT that is none', [], { PORT: '80 80' }, /not "80 80"/],
    ['any free port', [], { PORT: '0' }, /write the port/],
    ['a second order', ['SO-1', '8971'], {}, /not also "8971".*Usage/],
  ])('refuses %s', (_, args, env, message) => {
    expect(() => orderArguments(args, env)).toThrow(message);
  });
});

/** The script's own lines, each time anew. */
const load = (script: string, args: readonly string[], env: Readonly<Record<string, string>> = {}) => {
  const url = new URL(`../../${script}?${args.join()}`, import.meta.url).href;
  return inProcess(args, () => import(/* @vite-ignore */ url), { env });
};

it.each(SCRIPTS)('%s refuses an option that it does not know, with one line', async (script) => {
  const { code, stdout, stderr } = await load(script, ['--no-such-option']);
  expect([code, stdout, stderr.trim().split('\n').length]).toEqual([2, '', 1]);
  expect(stderr).toMatch(/--no-such-option/);
});

it.each(SCRIPTS)('%s says with --help how it goes', async (script) => {
  const { code, stdout, stderr } = await load(script, ['--help']);
  expect([code, stderr]).toEqual([0, '']);
  expect(stdout).toMatch(/^Usage: npm /);
});

describe('npm start -- --help', () => {
  const help = (args: string[]) => {
    try {
      return readOptions(args, { CLIENT: 'nobody', PORT: 'http' }, '.');
    } catch (error) {
      return error as Error;
    }
  };

  it.each([['--help'], ['-h'], ['--port', 'x', '--help']])('comes before whatever else is wrong: %s', (...args) => {
    expect(help(args)).toMatchObject({ name: 'HelpAsked' });
  });

  it('names every option with what counts without it, and examples', () => {
    const { message } = help(['-h']) as Error;
    for (const line of [
      /^ {2}--client NAME .*\(CLIENT, else demo\)$/m,
      /^ {2}--port NUMBER .*\(PORT, else 8787\)$/m,
      /^ {2}--ezw-url URL .*\(EZW_BASE_URL, else the sandbox\)$/m,
      /^ {2}--contract LIST .*\(EZW_CONTRACT, else as assumed\)$/m,
      /^ {2}--secrets FILE .*\(SECRETS_FILE, else local\/demo-secrets\.json\)$/m,
      /^ {2}--data DIR .*\(else in memory\)$/m,
      /^ {2}--json .*\(else .*\)$/m,
      /^ {2}--no-watch .*\(CI, else .*\)$/m,
      /^ {2}-h, --help /m,
    ]) {
      expect(message).toMatch(line);
    }
    expect(message.match(/npm start -- --/g)).toHaveLength(2);
    expect(Math.max(...message.split('\n').map(({ length }) => length))).toBeLessThanOrEqual(100);
  });
});

it('npm start watches unless it was told not to, or nobody is there to save a file', () => {
  const watches = (args: string[], env: Record<string, string> = {}) => readOptions(args, env, '.').watch;
  expect([watches([]), watches(['--no-watch']), watches([], { CI: 'true' })]).toEqual([true, false, false]);
});

it('npm start takes --port before PORT before the usual one', () => {
  const portFor = (args: string[], env: Record<string, string>) => readOptions(args, env, '.').port;
  expect([portFor([], {}), portFor([], { PORT: '8971' })]).toEqual([8787, 8971]);
  expect(portFor(['--port', '9001'], { PORT: '8971' })).toBe(9001);
});

describe('npx ezw … --local', () => {
  const leaves = (command: Command): Command[] => [command, ...command.commands.flatMap(leaves)];
  const local = leaves(program()).flatMap(({ options }) => options.filter(({ long }) => long === '--local'));

  it('takes a port with every command about a stack', () => {
    expect(local.length).toBeGreaterThan(8);
    const origins = local.map(({ parseArg }) => (parseArg as ((text: string) => string) | undefined)?.('8971'));
    expect(new Set(origins)).toEqual(new Set(['http://127.0.0.1:8971']));
  });

  it('goes to PORT when it is given none', async () => {
    vi.stubEnv('PORT', '1');
    await expect(openTarget('demo', { local: true })).rejects.toThrow('Nothing answers at http://127.0.0.1:1.');
    vi.stubEnv('PORT', 'http');
    await expect(openTarget('demo', { local: true })).rejects.toThrow('not "http"');
    vi.stubEnv('PORT', port);
    // The hand-off starts a stack of its own unless one is up there.
    expect(await localStackFor('demo', true, 'no-such-file')).toBeUndefined();
    vi.unstubAllEnvs();
  });

  it('does so as a process, too', async () => {
    expect(await run('bin/ezw.mjs', ['doctor', 'demo', '--local'], { PORT: '1' })).toMatchObject({
      code: 1,
      stderr: 'ezw: Nothing answers at http://127.0.0.1:1. Run "npm start" first and wait for "Ready".\n',
    });
  });
});

describe('a stack that takes the call and never answers, as one that is stopped', () => {
  let mute: Server;
  let mutePort: string;
  beforeAll(async () => {
    mute = createServer().listen(0, '127.0.0.1');
    await once(mute, 'listening');
    mutePort = String((mute.address() as AddressInfo).port);
  });
  afterAll(() => {
    mute.closeAllConnections();
    mute.close();
  });

  it.each<[string, readonly string[], string]>([
    ['ezw', ['sends', 'list', 'demo', '--local'], 'ezw: '],
    ['ezw', ['doctor', 'demo', '--local'], 'ezw: '],
    ['ezw', ['replay', 'a', '--client', 'demo', '--local'], 'ezw: '],
    ['npm run send-order', ['SO-1'], ''],
  ])('is given up by %s %j, which says so in one line', async (program, args, prefix) => {
    // The commands' own limit, in a fiftieth of its time.
    const { timeout } = AbortSignal;
    const hasty = vi.spyOn(AbortSignal, 'timeout').mockImplementation((ms) => timeout.call(AbortSignal, ms / 50));
    const env = { PORT: mutePort };
    const ran = program === 'ezw' ? ezw(args, { env }) : load('scripts/send-order.ts', args, env);
    expect(await ran).toEqual({
      code: 1,
      stdout: '',
      stderr: `${prefix}http://127.0.0.1:${mutePort} takes the call and has not answered within 10 s: it is stopped, or much too busy.\n`,
    });
    hasty.mockRestore();
  });

  it.each<[string, (response: ServerResponse) => void]>([
    ['says nothing', () => {}],
    ['falls silent in the body', (response) => response.writeHead(200).write('{')],
  ])('is given up when it %s', async (_, answer) => {
    mute.once('request', (_request, response) => answer(response));
    await expect(call(`http://127.0.0.1:${mutePort}/x`, {}, 100)).rejects.toThrow('has not answered within 0.1 s');
  });
});

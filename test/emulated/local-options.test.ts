import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { readOptions } from '../../local/options.ts';
import { ASSUMED } from '../../local/sandbox/contract/contract.ts';
import { StartError } from '../../local/start-error.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

async function run(args: string[], env: Record<string, string> = {}): Promise<{ code: number; said: string }> {
  const child = spawn(process.execPath, ['--import', 'tsx', join(root, 'local/main.ts'), ...args], {
    env: { PATH: process.env.PATH, ...env },
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => {
      said += chunk;
    });
  }
  const [code] = await once(child, 'close');
  return { code, said };
}

function file(text: string): string {
  const path = join(mkdtempSync(join(tmpdir(), 'local-options-')), 'secrets.json');
  writeFileSync(path, text);
  return path;
}

describe('what cannot work ends at once with one line and exit code 2', () => {
  test.each<[string, string[], Record<string, string>, RegExp]>([
    ['an unknown option', ['--colour', 'red'], {}, /--colour/],
    ['an unknown client', ['--client', 'nobody'], {}, /no client "nobody".*demo/],
    ['an unknown client in the environment', [], { CLIENT: '../demo' }, /no client/],
    ['a port that is none', ['--port', 'http'], {}, /port.*"http"/i],
    ['an address with a path', ['--ezw-url', 'https://ezw.example/other'], {}, /--ezw-url/],
    ['a contract with an unknown name', ['--contract', 'same-kee=409'], {}, /--contract: .*no "same-kee".*same-key/],
    ['an unknown variant in the environment', [], { EZW_CONTRACT: 'people=lid,echo=late' }, /echo is one of .*"late"/],
    [
      'a contract of another EZWhatsApp',
      ['--contract', 'people=lid', '--ezw-url', 'https://ezw.example'],
      {},
      /--contract is what the sandbox does/,
    ],
    ['a tunnel that is a path', ['--allow-host', 'https://tunnel.example/door'], {}, /--allow-host.*"https:.*door"/],
    ['every name below one', [], { ALLOW_HOST: 'a.example,.tunnel.example' }, /--allow-host.*"\.tunnel\.example"/],
    ['every name', ['--allow-host', '*'], {}, /--allow-host.*"\*"/],
    ['a missing secrets file', ['--secrets', '/nowhere/secrets.json'], {}, /\/nowhere\/secrets\.json/],
    ['a secrets file that is not JSON', [], { SECRETS_FILE: file('{') }, /not JSON/],
    ['a secrets file with an unknown field', ['--secrets', file('{"lineToken":"x","tokn":"y"}')], {}, /tokn/],
    ['a secrets file without the line token', ['--secrets', file('{}')], {}, /lineToken/],
  ])('%s', (_, args, env, message) => {
    const read = () => readOptions(args, env, root);
    // The start says its message, and ends with 2.
    expect(read).toThrow(StartError);
    expect(read).toThrow(message);
    expect(read).not.toThrow(/\n/);
  });

  test('an unknown option points to the help', async () => {
    const { code, said } = await run(['--colour', 'red']);
    expect(said).toBe("Unknown option '--colour'. npm start -- --help lists the options.\n");
    expect(code).toBe(2);
  });

  test('a port in use', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    const { code, said } = await run(['--port', String(port)]);
    other.close();
    expect(said).toBe(`Port ${port} is in use. Stop what listens there, or choose another with --port.\n`);
    expect(code).toBe(2);
  });
});

test('a contract is what differs from what is assumed, of the command line before the environment', () => {
  const contractOf = (args: string[], env: NodeJS.ProcessEnv = {}) => readOptions(args, env, root).contract;
  expect(contractOf([])).toEqual(ASSUMED);
  expect(contractOf(['--contract', 'same-key=409, people=lid'])).toEqual({
    ...ASSUMED,
    'same-key': '409',
    people: 'lid',
  });
  expect(contractOf([], { EZW_CONTRACT: 'echo=none' })).toEqual({ ...ASSUMED, echo: 'none' });
  expect(contractOf(['--contract', 'echo=before'], { EZW_CONTRACT: 'echo=none' }).echo).toBe('before');
});

test('tunnels are names or addresses, of the command line before the environment', () => {
  const hostsOf = (args: string[], env: NodeJS.ProcessEnv = {}) => readOptions(args, env, root).allowedHosts;
  expect(hostsOf([])).toEqual([]);
  expect(hostsOf(['--allow-host', 'https://Tunnel.example/, other.example:443'])).toEqual([
    'tunnel.example',
    'other.example',
  ]);
  expect(hostsOf([], { ALLOW_HOST: 'tunnel.example' })).toEqual(['tunnel.example']);
  expect(hostsOf(['--allow-host', 'one.example'], { ALLOW_HOST: 'tunnel.example' })).toEqual(['one.example']);
});

test('a batch that was killed waits as long as in AWS only where that is said', () => {
  const read = (args: string[], env: NodeJS.ProcessEnv = {}) => readOptions(args, env, root).awsVisibility;
  expect([read([]), read(['--aws-visibility']), read([], { AWS_VISIBILITY: '1' })]).toEqual([false, true, true]);
});

test('--contract list prints every variant and starts nothing', async () => {
  const { code, said } = await run(['--contract', 'list']);
  expect(code).toBe(0);
  expect(said).toMatch(/^same-key: .*\n {2}202 +is answered 202 .*\(assumed\)\n {2}200 /);
  expect(said).toMatch(/^registration: /m);
  expect(said).not.toContain('Synthesising');
});

test.each(['--help', '-h'])('%s prints the usage and starts nothing', async (flag) => {
  const began = Date.now();
  const { code, said } = await run(['--port', '0', flag], { CLIENT: 'nobody' });
  expect(said).toMatch(/^Usage: npm start -- \[options\]\n/);
  expect(said).not.toContain('Synthesising');
  expect([code, Date.now() - began < 10_000]).toEqual([0, true]);
});

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DeleteParametersCommand, GetParameterCommand, PutParameterCommand } from '@aws-sdk/client-ssm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fingerprint } from '../../cli/deploy/salt.ts';
import demo from '../../clients/demo.ts';
import type { LocalStack } from '../../local/stack.ts';
import { KNOWN } from '../infra/assembly.ts';
import { AwsMode } from './aws-mode.ts';
import { startDemo } from './demo.ts';
import { awsClients, saltOf } from './fixtures/clients.ts';

/** The operator's command without `--local`: all that it asks AWS for goes by the protocols of AWS. */
let stack: LocalStack;
let aws: AwsMode;
beforeAll(async () => {
  stack = await startDemo();
  aws = await AwsMode.start(stack, stack.url);
});
afterAll(async () => {
  await aws.stop();
  await stack.stop();
});

const stored = async (template: string): Promise<unknown> => {
  const Name = `/ezw/demo/sources/${template}`;
  const { Parameter } = await awsClients(stack).parameters.send(
    new GetParameterCommand({ Name, WithDecryption: true }),
  );
  return JSON.parse(Parameter?.Value ?? '');
};

describe('of a deployed stack', () => {
  it('a secret of a source is stored for every template that has it, and for whom it is not', async () => {
    const { code, stdout } = await aws.run(['secrets', 'set', 'demo', 'sources.form'], { input: 'of-the-form\n' });
    expect([code, stdout]).toEqual([0, expect.stringMatching(/^sources\.form of demo is stored \(version \d+\)/)]);
    expect(await stored('lead-first-touch')).toMatchObject({ form: 'of-the-form' });
    expect(await stored('order-ready')).not.toHaveProperty('form');
  });

  it.each([
    [['secrets', 'rotate', 'demo', 'webhook-token'], /"accepted": 2/],
    [['sends', 'list', 'demo'], /\[/],
    [['dlq', 'list', 'demo'], /\[/],
    [['line', 'show', 'demo'], /sendable/],
  ])('%j is answered by its tables, queues, parameters and secrets', async (args, said) => {
    const { code, stdout, stderr } = await aws.run([...args, '--json']);
    expect([code, stdout, stderr]).toEqual([0, expect.stringMatching(said), expect.not.stringContaining('Error')]);
  });
});

it('a parameter that is gone, and another salt than was made, are told by doctor, with what they stop', async () => {
  const { parameters } = awsClients(stack);
  const Name = '/ezw/demo/contact-salt';
  const salt = await saltOf(stack);
  const about = async (name: string) => {
    const { stdout } = await aws.run(['doctor', 'demo']);
    return stdout.split('\n').filter((line) => line.includes(`parameter /ezw/demo/${name}`));
  };
  const put = (name: string, Value: string) =>
    parameters.send(
      new PutParameterCommand({
        Name: `/ezw/demo/${name}`,
        Value,
        Type: name === 'salt-made' ? 'String' : 'SecureString',
        Overwrite: true,
      }),
    );
  expect(await about('contact-salt')).toEqual([]);
  await parameters.send(new DeleteParametersCommand({ Names: [Name, '/ezw/demo/notifiers'] }));
  expect(await about('contact-salt')).toEqual([expect.stringMatching(/^✗ .*missing: nobody who said stop is known/)]);
  expect(await about('notifiers')).toEqual([expect.stringMatching(/^✗ .*missing: what needs it waits/)]);
  await put('contact-salt', 'another-one');
  await put('salt-made', fingerprint(salt));
  expect(await about('contact-salt')).toEqual([expect.stringMatching(/^✗ .*not the one that was made/)]);
  await put('contact-salt', salt);
  await put('notifiers', '{}');
  expect([await about('contact-salt'), await about('notifiers')]).toEqual([[], []]);
});

describe('a rotation of a source of several templates that stopped half way', () => {
  const PUT = { Type: 'SecureString', Overwrite: true } as const;
  const half = async (entries: Readonly<Record<string, unknown>>): Promise<void> => {
    for (const [template, custom] of Object.entries(entries)) {
      const Value = JSON.stringify({ ...((await stored(template)) as object), custom });
      await awsClients(stack).parameters.send(
        new PutParameterCommand({ Name: `/ezw/demo/sources/${template}`, Value, ...PUT }),
      );
    }
  };
  const NEXT = { current: 'whsec_bmV4dA==', previous: 'whsec_b2xk' };

  it('is gone on with by its own new value, and not ended before all have it', async () => {
    await half({ 'appointment-reminder': NEXT, 'lead-first-touch': 'whsec_b2xk', 'order-ready': 'whsec_b2xk' });
    const end = await aws.run(['secrets', 'rotate', 'demo', 'sources.custom', '--finish']);
    expect([end.code, end.stderr]).toEqual([2, expect.stringContaining('is not the same for all templates')]);
    const { code, stdout } = await aws.run(['secrets', 'rotate', 'demo', 'sources.custom', '--generate']);
    expect([code, stdout]).toEqual([0, expect.stringContaining('That value: whsec_bmV4dA==')]);
    for (const template of KNOWN) expect(await stored(template)).toMatchObject({ custom: NEXT });
  });

  it('and whose end did, is ended for all', async () => {
    await half({ 'appointment-reminder': NEXT.current, 'lead-first-touch': NEXT, 'order-ready': NEXT });
    expect((await aws.run(['secrets', 'rotate', 'demo', 'sources.custom', '--finish'])).code).toBe(0);
    for (const template of KNOWN) expect(await stored(template)).toMatchObject({ custom: NEXT.current });
  });
});

describe('a service of AWS that cannot be reached', () => {
  it.each([
    ['CLOUDFORMATION', ['doctor', 'demo']],
    ['DYNAMODB', ['sends', 'list', 'demo']],
    ['SQS', ['dlq', 'list', 'demo']],
    ['SECRETS_MANAGER', ['secrets', 'set', 'demo', 'line-token']],
    ['SSM', ['secrets', 'rotate', 'demo', 'webhook-token', '--finish']],
  ])('is named with its host, the region and the profile: %s', async (service, args) => {
    const env = { [`AWS_ENDPOINT_URL_${service}`]: 'http://127.0.0.1:1', AWS_PROFILE: '' };
    const { code, stderr } = await aws.run(args, { env, input: 'ezw_line_0123456789abcdef\n' });
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /^ezw: 127\.0\.0\.1:1 cannot be reached \(ECONNREFUSED\): is this machine online, and is the region right \(AWS_REGION: [\w-]+, profile: \w*\)\?\n$/,
    );
  });
});

describe('doctor --all', () => {
  const folder = mkdtempSync(join(tmpdir(), 'ezw-all-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('looks at every client, tells of each what is not as it should be, and ends with 1 for one that cannot be looked at', async () => {
    writeFileSync(
      join(folder, 'demo.ts'),
      `import demo from ${JSON.stringify(join(process.cwd(), 'clients/demo.ts'))};
       export default { ...demo, aws: { account: '123456789012', region: 'us-east-1' } };`,
    );
    writeFileSync(join(folder, 'broken.ts'), 'export default {};');
    writeFileSync(
      join(folder, 'nowhere.ts'),
      `import demo from ${JSON.stringify(join(process.cwd(), 'clients/demo.ts'))};
       export default { ...demo, name: 'nowhere' };`,
    );
    const { code, stdout } = await aws.run(['doctor', '--all', '--json'], { env: { EZW_CLIENTS: folder } });
    const { healthy, clients } = JSON.parse(stdout);
    expect([code, healthy]).toEqual([1, false]);
    expect(clients.map(({ client }: { client: string }) => client)).toEqual(['broken', 'demo', 'nowhere']);
    expect(clients[2]).toMatchObject({
      healthy: true,
      findings: [{ found: expect.stringMatching(/^deployed nowhere/) }],
    });
    expect(clients[0].findings).toEqual([
      {
        check: 'stack',
        level: 'bad',
        about: 'stack',
        found: expect.stringContaining('clients/broken.ts'),
        isUnknown: true,
      },
    ]);
    expect(clients[1].findings.length).toBeGreaterThan(20);
    const text = await aws.run(['doctor', '--all'], { env: { EZW_CLIENTS: folder } });
    expect(text.stdout).toMatch(/✗ broken: 0 of 1 good\n {2}✗ stack: .*\n✗ demo: \d+ of \d+ good\n/);
    expect(text.stdout).not.toContain('✓ line:');
  });
});

describe('doctor of what was not looked at is not well', () => {
  const folder = mkdtempSync(join(tmpdir(), 'ezw-placeless-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const there = join(folder, 'there');
  const elsewhere = join(folder, 'elsewhere');
  const all = async (clients: string, env: Readonly<Record<string, string>> = {}) => {
    const { code, stdout, stderr } = await aws.run(['doctor', '--all', '--strict', '--json'], {
      env: { EZW_CLIENTS: clients, ...env },
    });
    return {
      code,
      stderr,
      ...(JSON.parse(stdout) as { healthy: boolean; clients: readonly Record<string, unknown>[] }),
    };
  };

  it('where there is no client file', async () => {
    expect(await all(folder)).toEqual({
      code: 2,
      healthy: false,
      clients: [],
      stderr: expect.stringMatching(/^ezw: There is no client file in .*: nothing was looked at\.\n$/),
    });
  });

  it('where a client file names no account: its stack is looked for where the credentials are, or not looked at', async () => {
    const asDeployed = JSON.stringify(demo).replaceAll(/http:\/\/127\.0\.0\.1:\d+/g, 'https://outside.example');
    for (const one of [there, elsewhere]) mkdirSync(one);
    writeFileSync(join(there, 'demo.ts'), `export default ${asDeployed};`);
    const [found] = (await all(there)).clients;
    expect(found).toMatchObject({ client: 'demo', where: 'aws' });
    expect(found).toHaveProperty('findings.20');

    writeFileSync(join(elsewhere, 'elsewhere.ts'), `export default ${asDeployed.replace('"demo"', '"elsewhere"')};`);
    for (const env of [{}, { AWS_ACCESS_KEY_ID: '', AWS_SECRET_ACCESS_KEY: '', HOME: folder }]) {
      const { code, healthy, clients } = await all(elsewhere, env);
      expect([code, healthy]).toEqual([3, true]);
      expect(clients).toEqual([
        {
          client: 'elsewhere',
          where: 'aws',
          healthy: true,
          findings: [
            {
              check: 'stack',
              level: 'warning',
              about: 'stack',
              found: expect.stringMatching(/^not looked at: clients\/elsewhere\.ts does not say where, and /),
              todo: expect.stringContaining('write aws: { account:'),
              isUnknown: true,
            },
          ],
        },
      ]);
    }
  });

  it('and of one that cannot be begun with machines are told as of any other', async () => {
    const { code, stdout, stderr } = await aws.run(['doctor', 'elsewhere', '--json'], {
      env: { EZW_CLIENTS: elsewhere },
    });
    expect([code, stderr]).toEqual([1, expect.stringMatching(/^ezw: Ezw-elsewhere is not deployed/)]);
    expect(JSON.parse(stdout)).toMatchObject({
      client: 'elsewhere',
      where: 'aws',
      healthy: false,
      findings: [{ check: 'stack', level: 'bad', isUnknown: true }],
    });
  });
});

it.each([
  [['doctor'], 'Which client? Write its name, or --all.'],
  [['doctor', 'demo', '--all'], 'Name a client, or write --all: not both.'],
  [['doctor', '--all', '--local'], '--local is one stack, of one client: leave out --all.'],
])('%j is refused with what to write', async (args, said) => {
  expect(await aws.run(args)).toMatchObject({ code: 2, stderr: `ezw: ${said}\n` });
});

import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateTableCommand, type CreateTableCommandInput, DeleteTableCommand } from '@aws-sdk/client-dynamodb';
import { PutParameterCommand } from '@aws-sdk/client-ssm';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { loadClients } from '../../lib/load-clients.ts';
import { readBy } from '../../lib/parameters.ts';
import type { LocalStack } from '../../local/stack.ts';
import { denied, is, refused } from './account.ts';
import { AwsMode } from './aws-mode.ts';
import { startDemo } from './demo.ts';
import { ezw } from './ezw.ts';
import { awsClients } from './fixtures/clients.ts';

/** The operator's command against CloudFormation's and DynamoDB's protocols; `npx`, which is the CDK's own command, is a script that notes how it was called. */
const TABLES = ['sends', 'deliveries', 'contacts', 'appointments'];
let stack: LocalStack;
let aws: AwsMode;
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'ezw-deploy-'));
  stack = await startDemo();
  aws = await AwsMode.start(stack, stack.url);
  // A stack that reads parameters has its salt.
  const salt = { Name: '/ezw/example/contact-salt', Value: 'salt-of-the-example', Type: 'SecureString' } as const;
  await awsClients(stack).parameters.send(new PutParameterCommand(salt));
  writeFileSync(join(folder, 'credentials'), PROFILES);
});
afterAll(async () => {
  await aws.stop();
  await stack.stop();
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(async () => {
  // What a deployment of it makes of the stack.
  const [client] = await loadClients(join(import.meta.dirname, '../../clients'), 'example', () => {});
  if (!client) throw new Error('no example');
  aws.kept.reads = readBy(client);
  aws.account.answers();
  aws.kept.stack = false;
  aws.kept.tables.clear();
});

/** Of a shell that has none. */
const NO_KEYS = { AWS_ACCESS_KEY_ID: '', AWS_SECRET_ACCESS_KEY: '' };
const PROFILES = '[agency]\naws_access_key_id = operator\naws_secret_access_key = local\n';

/** A deployment that ends so, of which CloudFormation stands in its stack's way until it begins. */
const deploy = async (args: readonly string[], end = 'exit 0', env: Readonly<Record<string, string>> = {}) => {
  const called = join(folder, 'called');
  rmSync(called, { force: true });
  writeFileSync(join(folder, 'npx'), `#!/bin/sh\necho "CLIENT=$CLIENT $*" > "${called}"\n${end}\n`);
  chmodSync(join(folder, 'npx'), 0o755);
  const ran = await aws.run(['deploy', ...args], {
    env: { PATH: `${folder}:${process.env.PATH}`, AWS_SHARED_CREDENTIALS_FILE: join(folder, 'credentials'), ...env },
  });
  return { ...ran, called: () => readFileSync(called, 'utf8').trim() };
};
const OWN = ['-c', '@aws-cdk/core:bootstrapQualifier=agency'];
const isAllKept = () => [aws.kept.stack, aws.kept.tables.size];

describe('ezw deploy', () => {
  it('deploys the one client by the CDK, hands on what stands behind --, and protects what stands then', async () => {
    const { code, stdout, stderr, called } = await deploy(['example', '--', '--profile', 'agency'], 'exit 0', NO_KEYS);
    expect([code, called()]).toEqual([
      0,
      'CLIENT=example cdk deploy Ezw-example --exclusively --parameters Prepared=yes --profile agency',
    ]);
    expect(stdout).toContain('Ezw-example is deployed');
    expect(stderr).toMatch(/Made in Parameter Store: webhook-token, crm, notifiers, sources\/appointment-reminder/);
    expect(stderr).toContain('Protected against deletion from now on: the stack, the table');
    expect(isAllKept()).toEqual([true, TABLES.length]);
  });

  it('that fails says so, and protects again what stood before', async () => {
    const { code, stderr } = await deploy(['example'], 'exit 3');
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /"npx cdk deploy Ezw-example" ended with 3\. If CloudFormation had begun, it ends what it does or takes it back/,
    );
    expect(isAllKept()).toEqual([true, TABLES.length]);
  });

  it.each(['ROLLBACK_COMPLETE', 'ROLLBACK_FAILED', 'CREATE_FAILED', 'REVIEW_IN_PROGRESS'])(
    'that fails the first time protects nothing of what is left, %s: it could not be made again',
    async (status) => {
      aws.kept.status = status;
      const { code, stderr } = await deploy(['example'], 'exit 1');
      aws.kept.status = 'UPDATE_ROLLBACK_COMPLETE';
      expect([code, isAllKept()]).toEqual([1, [false, 0]]);
      expect(stderr).toContain(`Ezw-example was never deployed whole, or goes just now (${status})`);
    },
  );

  it('that is ended from outside says by what, and claims nothing of what stands', async () => {
    const { code, stderr } = await deploy(['example'], 'kill -9 $$');
    expect([code, stderr]).toEqual([1, expect.stringMatching(/was ended \(SIGKILL\)\. If CloudFormation had begun/)]);
  });

  it('says where there is no npx', async () => {
    const { code, stderr } = await aws.run(['deploy', 'example'], { env: { PATH: folder.replace(/$/, '-none') } });
    expect([code, stderr]).toEqual([1, expect.stringContaining('There is no "npx" here')]);
  });

  it('goes by the profile that the CDK is given, also before and behind it', async () => {
    const { code, stderr, called } = await deploy(['example', '--', '--profile=nobody']);
    expect([code, stderr]).toEqual([
      1,
      expect.stringMatching(/^ezw: Nothing was deployed\. credentials: .*nobody has none/),
    ]);
    expect(called).toThrow('ENOENT');
  });

  it('deploys nothing where nobody can look whether tables of the client are left', async () => {
    const env = { AWS_ENDPOINT_URL_CLOUDFORMATION: 'http://127.0.0.1:1' };
    const { code, stderr, called } = await deploy(['example'], 'exit 0', env);
    expect([code, stderr]).toEqual([1, expect.stringContaining('127.0.0.1:1 cannot be reached (ECONNREFUSED)')]);
    expect(called).toThrow('ENOENT');
  });

  it('of a client that was removed makes no new tables beside those that are left, but for who says so', async () => {
    const { dynamodb } = awsClients(stack);
    const TableName = 'Ezw-example-ContactsTable16C20946-1ABCDEF';
    const key = { AttributeName: 'pk', KeyType: 'HASH' } as const;
    const made = { TableName, KeySchema: [key], AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }] };
    await dynamodb.send(new CreateTableCommand({ ...made, BillingMode: 'PAY_PER_REQUEST' } as CreateTableCommandInput));
    for (const status of ['ROLLBACK_COMPLETE', 'IMPORT_COMPLETE']) {
      aws.kept.status = status;
      aws.kept.without = 'ContactsTable';
      const { code, stderr, called } = await deploy(['example']);
      expect([code, stderr]).toEqual([
        1,
        expect.stringMatching(/^ezw: Tables of an earlier life .*ContactsTable16C20946/),
      ]);
      expect(called).toThrow('ENOENT');
    }
    const { called } = await deploy(['example', '--without-tables']);
    aws.kept.status = 'UPDATE_COMPLETE';
    aws.kept.without = undefined;
    expect(called()).toContain('cdk deploy Ezw-example');
    // A stack that stands has its own.
    expect((await deploy(['example'])).code).toBe(0);
    await dynamodb.send(new DeleteTableCommand({ TableName }));
  });

  it.each([['--no-execute'], ['--method=prepare-change-set']])(
    'that is only planned (%s) is not told as done',
    async (...planned) => {
      const { code, stdout } = await deploy(['example', '--', ...planned]);
      expect([code, stdout]).toEqual([0, 'Nothing was deployed, as you asked.\n']);
    },
  );

  it('that the CDK ends well on, and that did not come to the stack, has failed, and takes nothing away', async () => {
    aws.kept.reads = [];
    const { code, stdout, stderr } = await deploy(['example', '--', '--execute', 'false']);
    expect([code, stdout, stderr]).toEqual([
      1,
      '',
      expect.stringContaining('Ezw-example is not as clients/example.ts has it'),
    ]);
  });

  it('that the CDK ends well and that left no whole stack has failed', async () => {
    aws.kept.status = 'ROLLBACK_COMPLETE';
    const { code, stdout, stderr } = await deploy(['example']);
    aws.kept.status = 'UPDATE_COMPLETE';
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(/ezw: Ezw-example was never deployed whole/);
  });

  it('writes nothing into an account of which AWS does not say whose it is', async () => {
    aws.account.answers({ GetCallerIdentity: refused('AccessDenied') });
    const { stderr, called } = await deploy(['example']);
    aws.account.answers({});
    expect(called()).toBe('CLIENT=example cdk deploy Ezw-example --exclusively');
    expect(stderr).toMatch(/Not made in Parameter Store, what example needs there/);
  });

  it('is refused by whoever is in another account, and so is every other command', async () => {
    aws.kept.account = '999988887777';
    const { stderr } = await aws.run(['doctor', 'example']);
    aws.kept.account = '123456789012';
    expect(stderr).toBe(
      'ezw: Your credentials are of the account 999988887777, and clients/example.ts says 123456789012: set another AWS_PROFILE. Nothing was done.\n',
    );
  });

  it('deploys nothing whose addresses are of this machine, as the demo’s are', async () => {
    const { code, stderr, called } = await deploy(['demo']);
    expect(code).toBe(2);
    expect(stderr).toMatch(/clients\/demo\.ts names an address of this machine \(http:\/\/127\.0\.0\.1…\)/);
    expect(called).toThrow('ENOENT');
  });
});

describe('before the CDK begins, ezw deploy', () => {
  it.each([
    [
      'the credentials are of another account',
      { GetCallerIdentity: is('<Account>999988887777</Account>') },
      /999988887777/,
    ],
    ['the CDK has no way in', { GetParameter: refused('ParameterNotFound') }, /npx cdk bootstrap aws:\/\/123456789012/],
  ])('stops where %s, with the way out', async (_, answers, words) => {
    aws.account.answers(answers);
    const { code, stderr, called } = await deploy(['example']);
    expect([code, stderr]).toEqual([1, expect.stringMatching(/^ezw: Nothing was deployed\. .* → /)]);
    expect(stderr).toMatch(words);
    expect(called).toThrow('ENOENT');
    expect(isAllKept()).toEqual([false, 0]);
  });

  it('stops where there are two log-ins, unless the CDK is told which', async () => {
    const two = { AWS_PROFILE: 'agency' };
    const { code, stderr, called } = await deploy(['example'], 'exit 0', two);
    expect([code, stderr]).toEqual([
      1,
      expect.stringMatching(/^ezw: Nothing was deployed\. credentials: two log-ins: /),
    ]);
    expect(called).toThrow('ENOENT');
    expect(await deploy(['example', '--', '--profile', 'agency'], 'exit 0', two)).toMatchObject({ code: 0 });
    expect(await deploy(['example', '--', '--profile=agency'], 'exit 0', two)).toMatchObject({ code: 0 });
  });

  it('stops where CloudFormation is at the stack', async () => {
    aws.kept.status = 'UPDATE_IN_PROGRESS';
    const { code, stderr, called } = await deploy(['example']);
    aws.kept.status = 'CREATE_COMPLETE';
    expect([code, stderr]).toEqual([1, expect.stringContaining('stack: CloudFormation is at it just now')]);
    expect(called).toThrow('ENOENT');
  });

  it('asks no more than that', async () => {
    await deploy(['example']);
    expect(aws.account.asked).toEqual(['GetCallerIdentity', 'GetParameter']);
  });

  it.each([
    ['may not be looked at', { GetParameter: denied('ssm:GetParameter') }, {}, []],
    ['cannot be reached', {}, { AWS_ENDPOINT_URL_STS: 'http://127.0.0.1:1' }, []],
    ['is another one, as the CDK is told', { GetParameter: refused('ParameterNotFound') }, {}, OWN],
  ])('goes on where what it asks %s', async (_, answers, env, options) => {
    aws.account.answers(answers);
    const { code, called } = await deploy(['example', '--', ...options], 'exit 0', env);
    expect([code, called()]).toEqual([0, expect.stringContaining('cdk deploy Ezw-example')]);
  });
});

describe('what is protected against deletion', () => {
  it('is told by doctor until all of it is, and switched on and off by protect', async () => {
    const about = async () =>
      /. protection against deletion: .*(?:\n +→ .*)?/.exec((await aws.run(['doctor', 'demo'])).stdout)?.[0];
    expect(await about()).toMatch(
      /^✗ .*off: the stack, the table .* can be deleted by mistake\n +→ npx ezw protect demo$/,
    );
    const { code, stdout } = await aws.run(['protect', 'demo']);
    expect([code, isAllKept()]).toEqual([0, [true, TABLES.length]]);
    for (const name of TABLES) expect(stdout).toContain(`the table ${name}`);
    expect(await about()).toBe('✓ protection against deletion: on, of the stack and of each table');
    expect((await aws.run(['protect', 'demo'])).stdout).toContain('Everything was protected before.');
    aws.kept.tables.delete([...aws.kept.tables][0] ?? '');
    expect(await about()).toMatch(/off: the table \w+ can be deleted/);
    expect((await aws.run(['protect', 'demo', '--off', '--yes'])).code).toBe(0);
    expect(isAllKept()).toEqual([false, 0]);
  });

  it('is not let go without a word', async () => {
    await aws.run(['protect', 'demo']);
    expect((await aws.run(['protect', 'demo', '--off'])).code).not.toBe(0);
    expect(isAllKept()).toEqual([true, TABLES.length]);
  });

  it('is nothing of a stack on this machine: doctor does not ask for it', async () => {
    expect((await ezw(['doctor', 'demo', '--local', stack.url])).stdout).not.toContain('protection against deletion');
  });
});

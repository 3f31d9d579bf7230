import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SSMClient } from '@aws-sdk/client-ssm';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { bootstrapFinding } from '../../cli/doctor/account/bootstrap.ts';
import { beforeDeploy } from '../../cli/doctor/before-deploy.ts';
import type { Finding } from '../../cli/doctor/finding.ts';
import { loadClients } from '../../lib/load-clients.ts';
import { Account, denied, is, refused, stackIn } from './account.ts';
import { ezw } from './ezw.ts';

/** `ezw doctor example --before-deploy` against the protocols of AWS, by the SDK's own clients. */
let account: Account;
let folder: string;
beforeAll(async () => {
  account = await Account.start();
  folder = mkdtempSync(join(tmpdir(), 'ezw-before-'));
  writeFileSync(join(folder, 'config'), CONFIG);
  writeFileSync(join(folder, 'credentials'), KEYS);
});
afterAll(async () => {
  await account.stop();
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(() => account.answers());

const KEYS = '[agency]\naws_access_key_id = operator\naws_secret_access_key = local\n';
const ROLE = 'role_arn = arn:aws:iam::123456789012:role/x\nsource_profile = agency\n';
const CONFIG = `[profile coded]\n${ROLE}mfa_serial = arn:aws:iam::123456789012:mfa/x\n[profile in-role]\n${ROLE}region = us-east-1\n[profile signed-on]\nsso_start_url = https://agency.awsapps.example\nsso_region = us-east-1\nsso_account_id = 123456789012\nsso_role_name = x\n`;

const NO_KEYS = { AWS_ACCESS_KEY_ID: '', AWS_SECRET_ACCESS_KEY: '' };

const run = (args: readonly string[], env: Readonly<Record<string, string>> = {}) =>
  ezw(['doctor', 'example', '--before-deploy', ...args], {
    env: {
      ...account.env,
      AWS_CONFIG_FILE: join(folder, 'config'),
      AWS_SHARED_CREDENTIALS_FILE: join(folder, 'credentials'),
      ...env,
    },
  });

const looked = async (env: Readonly<Record<string, string>> = {}, ...args: readonly string[]) => {
  const { code, stdout, stderr } = await run(['--json', ...args], env);
  expect(stderr).toBe('');
  const { findings, healthy } = JSON.parse(stdout) as { findings: readonly Finding[]; healthy: boolean };
  expect(healthy).toBe(code === 0);
  return { code, findings, of: (about: string) => findings.find((one) => one.about === about) };
};

const refusedFor = async (env: Readonly<Record<string, string>> = {}, ...args: readonly string[]) => {
  const { code, findings } = await looked(env, ...args);
  expect([code, findings.map(({ about }) => about)]).toEqual([1, ['client file', 'credentials']]);
  return findings[1];
};

describe('doctor --before-deploy', () => {
  it('finds an account good that is ready, and a client without a stack', async () => {
    const { code, stdout } = await run([]);
    expect(code).toBe(0);
    expect(stdout).toBe(`✓ client file: clients/example.ts
✓ credentials: of the account 123456789012, by the key in AWS_ACCESS_KEY_ID
✓ CDK bootstrap: version 21
✓ stack: none yet: the first deployment
✓ names: ezw/example/line-token is free
✓ functions at once: 1000
✓ code of functions: 1.0 GB of 75.0 GB
✓ mail from alerts@agency.example: verified
✓ who may be mailed: anybody
`);
  });

  it('is asked of AWS alone: with --local it is refused in words', async () => {
    const { code, stderr } = await run(['--local']);
    expect([code, stderr]).toEqual([
      2,
      'ezw: --before-deploy asks AWS, and --local the stack on this machine, which nobody deploys: leave one of them out.\n',
    ]);
    expect((await ezw(['doctor', 'example', '--local', '--profile', 'x'])).stderr).toMatch(/^ezw: --profile asks AWS/);
  });

  it('asks nothing about a client file that can be deployed nowhere, and says what to write', async () => {
    const { code, stdout } = await ezw(['doctor', 'demo', '--before-deploy'], { env: account.env });
    expect(code).toBe(1);
    expect(stdout).toMatch(
      /^✗ client file: clients\/demo\.ts names an address of this machine \(http:\/\/127\.0\.0\.1…\)/,
    );
    expect((await ezw(['doctor', 'nobody', '--before-deploy'], { env: account.env })).code).toBe(2);
  });

  it('asks the rest side by side', async () => {
    const waits: (() => void)[] = [];
    const together = () =>
      new Promise<ReturnType<typeof is>>((resolve) => {
        waits.push(() => resolve(is({ Parameter: { Value: '21' }, ProductionAccessEnabled: true })));
        if (waits.length === 4) for (const go of waits) go();
      });
    account.answers({
      GetParameter: together,
      GetAccountSettings: together,
      GetAccount: together,
      GetEmailIdentity: together,
    });
    await looked();
    expect(waits.length).toBe(4);
  });
});

describe('an account that does not answer', () => {
  it.each([
    ['GetParameter', 'CDK bootstrap'],
    ['GetCallerIdentity', 'credentials'],
  ])('is waited for no longer than is said, and hides nothing else: %s', async (operation, about) => {
    for (const [name, value] of Object.entries(account.env)) vi.stubEnv(name, value);
    account.answers({ [operation]: () => new Promise<never>(() => undefined) });
    const [client] = await loadClients('clients', 'example');
    const findings = client ? await beforeDeploy(client, { patienceMs: 2_000 }) : [];
    vi.unstubAllEnvs();
    const unknown = findings.filter(({ level }) => level !== 'good');
    expect(unknown).toEqual([
      { level: 'warning', about, found: expect.stringMatching(/^not known.*: AWS did not answer in time$/) },
    ]);
  });
});

describe('credentials', () => {
  it('that are not there are told with the way to get some', async () => {
    const found = await refusedFor(NO_KEYS);
    expect(found?.found).toMatch(/^none are found: the profile default has none/);
    expect(found?.todo).toContain('aws configure sso');
    expect(account.asked).toEqual([]);
  });

  it('of a profile that is not there name it', async () => {
    expect((await refusedFor(NO_KEYS, '--profile', 'nobody'))?.found).toMatch(
      /^none are found: the profile nobody has none/,
    );
  });

  it('are those of --profile, and what is to be typed names it too', async () => {
    account.answers({ GetParameter: refused('ParameterNotFound') });
    const { of } = await looked(NO_KEYS, '--profile', 'agency');
    expect(of('credentials')?.found).toBe('of the account 123456789012, by the profile agency');
    expect(of('CDK bootstrap')?.todo).toMatch(/npx cdk bootstrap aws:\/\/123456789012\/il-central-1 --profile agency$/);
  });

  it.each([
    ['ExpiredToken', /^the session of the key in AWS_ACCESS_KEY_ID is over/],
    ['InvalidClientTokenId', /^AWS does not know the key in AWS_ACCESS_KEY_ID \(InvalidClientTokenId\)/],
    ['SignatureDoesNotMatch', /^the secret of the key in AWS_ACCESS_KEY_ID is not that of its key/],
    ['RegionDisabledException', /^STS is not active in il-central-1/],
  ])('that AWS answers with %s have words of their own', async (code, words) => {
    account.answers({ GetCallerIdentity: refused(code) });
    expect((await refusedFor())?.found).toMatch(words);
  });

  it('of a session that was never begun, or is over, say how to log in', async () => {
    const found = await refusedFor(NO_KEYS, '--profile', 'signed-on');
    expect(found?.found).toBe('the session of the profile signed-on is over');
    expect(found?.todo).toContain('aws sso login --profile signed-on');
  });

  it('of another account say both', async () => {
    account.answers({ GetCallerIdentity: is('<Account>999988887777</Account>') });
    expect((await refusedFor())?.found).toBe(
      'the key in AWS_ACCESS_KEY_ID is of the account 999988887777, and clients/example.ts says 123456789012',
    );
  });

  it('of a role that may not be taken say so', async () => {
    account.answers({ AssumeRole: denied('sts:AssumeRole') });
    expect((await refusedFor(NO_KEYS, '--profile', 'in-role'))?.found).toBe(
      'the profile in-role may not take the role that it names',
    );
  });

  // https://github.com/aws/aws-cdk/issues/32312
  it('that want a code are nothing bad: the CDK asks for it', async () => {
    const { code, findings } = await looked(NO_KEYS, '--profile', 'coded');
    expect([code, findings.length, findings[1]?.level]).toEqual([0, 2, 'warning']);
    expect(findings[1]?.found).toMatch(/^the profile coded wants a code \(MFA\)/);
  });

  it('cannot be looked at where AWS cannot be reached, and that is said', async () => {
    const found = await refusedFor({ AWS_ENDPOINT_URL_STS: 'http://127.0.0.1:1' });
    expect(found?.found).toBe('AWS cannot be reached in il-central-1 (ECONNREFUSED): nothing was looked at');
  });

  it('are one log-in: a profile beside keys is bad, for the CDK would go by the other one', async () => {
    const found = await refusedFor({ AWS_PROFILE: 'agency' });
    expect(found).toMatchObject({ level: 'bad', found: expect.stringMatching(/^two log-ins: .* the profile agency/) });
    expect(found?.todo).toMatch(/^unset one: /);
    expect(account.asked).toEqual([]);
    expect((await looked({ AWS_PROFILE: 'agency', ...NO_KEYS })).code).toBe(0);
    expect((await looked({ AWS_PROFILE: 'agency', AWS_SECRET_ACCESS_KEY: '' })).code).toBe(0);
  });

  it('may be keys beside --profile, which comes first for the CDK too', async () => {
    const { code, of } = await looked({}, '--profile', 'agency');
    expect([code, of('credentials')?.found]).toEqual([0, 'of the account 123456789012, by the profile agency']);
  });

  it('are those of AWS_DEFAULT_PROFILE, as the CDK’s are, where nothing else is said', async () => {
    const by = async (env: Readonly<Record<string, string>>) => (await looked(env)).of('credentials')?.found;
    const agency = { AWS_DEFAULT_PROFILE: 'agency' };
    expect(await by({ ...agency, ...NO_KEYS })).toBe('of the account 123456789012, by the profile agency');
    expect(await by(agency)).toBe('of the account 123456789012, by the key in AWS_ACCESS_KEY_ID');
    const named = { AWS_DEFAULT_PROFILE: 'nobody', AWS_PROFILE: 'agency', ...NO_KEYS };
    expect(await by(named)).toBe('of the account 123456789012, by the profile agency');
  });

  it('about which STS itself is refused hide nothing else', async () => {
    account.answers({ GetCallerIdentity: denied('sts:GetCallerIdentity') });
    const { code, of } = await looked();
    expect([code, of('credentials')?.level, of('stack')?.level]).toEqual([0, 'warning', 'good']);
  });
});

describe('a region that is not switched on', () => {
  const atHome = ({ region }: { readonly region: string }) =>
    region === 'us-east-1' ? is('<Account>123456789012</Account>') : refused('InvalidClientTokenId');

  it('is told from a key that nobody knows', async () => {
    account.answers({ GetCallerIdentity: atHome });
    const { code, findings } = await looked();
    expect([code, findings.map(({ about }) => about)]).toEqual([1, ['client file', 'region']]);
    expect(findings[1]?.todo).toContain('aws account enable-region --region-name il-central-1 --region us-east-1');
  });

  it('is not opened in another account: that is said instead', async () => {
    const elsewhere = is('<Account>999988887777</Account>');
    account.answers({ GetCallerIdentity: (asked) => (asked.region === 'us-east-1' ? elsewhere : atHome(asked)) });
    expect((await refusedFor())?.found).toContain('is of the account 999988887777');
  });

  // https://github.com/aws/aws-sdk-go-v2/issues/2846
  it('is found also where its STS answers all the same, and is said once', async () => {
    const away = refused('UnrecognizedClientException', 'The security token included in the request is invalid');
    account.answers({
      DescribeStacks: refused('InvalidClientTokenId'),
      GetParameter: away,
      GetAccountSettings: away,
      GetAccount: away,
      GetEmailIdentity: away,
    });
    const { code, findings } = await looked();
    expect([code, findings.map(({ about }) => about)]).toEqual([1, ['client file', 'credentials', 'region']]);
  });
});

describe('the CDK’s way into the account', () => {
  it.each([
    ['is missing', refused('ParameterNotFound'), /^the account 123456789012 is not ready for the CDK in il-central-1/],
    ['is too old', is({ Parameter: { Value: '5' } }), /^version 5, and the CDK wants 6 or more$/],
    ['is no number', is({ Parameter: { Value: 'AQICAH' } }), /^version unreadable/],
  ])('that %s is bad, with the command that makes it', async (_, answer, words) => {
    account.answers({ GetParameter: answer });
    const { code, of } = await looked();
    expect([code, of('CDK bootstrap')]).toEqual([
      1,
      {
        level: 'bad',
        about: 'CDK bootstrap',
        found: expect.stringMatching(words),
        todo: 'once for each account and region: npx cdk bootstrap aws://123456789012/il-central-1',
      },
    ]);
  });

  // https://github.com/aws/aws-cdk/issues/30129
  it('is read also where somebody encrypted its version', async () => {
    const read = ({ body }: { readonly body: string }) => JSON.parse(body).WithDecryption === true;
    account.answers({ GetParameter: (asked) => is({ Parameter: { Value: read(asked) ? '21' : 'AQICAH' } }) });
    expect((await looked()).of('CDK bootstrap')?.found).toBe('version 21');
  });

  it('may have a name of one’s own, as cdk.json says', async () => {
    const ofOwn = ({ body }: { readonly body: string }) => JSON.parse(body).Name === '/cdk-bootstrap/agency/version';
    account.answers({
      GetParameter: (asked) => (ofOwn(asked) ? is({ Parameter: { Value: '5' } }) : refused('ParameterNotFound')),
    });
    const credentials = { accessKeyId: 'operator', secretAccessKey: 'local' };
    const ssm = new SSMClient({ region: 'us-east-1', credentials, endpoint: account.env.AWS_ENDPOINT_URL_SSM ?? '' });
    const place = { account: '123456789012', region: 'il-central-1' };
    const cdkJson = JSON.stringify({ context: { '@aws-cdk/core:bootstrapQualifier': 'agency' } });
    const { found, todo } = await bootstrapFinding(ssm, place, cdkJson);
    expect(found).toBe('version 5, and the CDK wants 6 or more');
    expect(todo).toMatch(/npx cdk bootstrap aws:\/\/123456789012\/il-central-1 --qualifier agency$/);
  });

  it('that may not be looked at is not known, and neither is it bad', async () => {
    account.answers({ GetParameter: denied('ssm:GetParameter') });
    const { code, of } = await looked();
    expect([code, of('CDK bootstrap')]).toMatchObject([
      0,
      { level: 'warning', found: 'not known: your role lacks ssm:GetParameter' },
    ]);
  });
});

describe('the stack’s state', () => {
  it.each([
    ['CREATE_COMPLETE', 'good', undefined],
    ['UPDATE_ROLLBACK_COMPLETE', 'good', undefined],
    ['ROLLBACK_COMPLETE', 'good', undefined],
    ['REVIEW_IN_PROGRESS', 'warning', 'deploy'],
    ['IMPORT_COMPLETE', 'good', undefined],
    ['IMPORT_ROLLBACK_COMPLETE', 'warning', 'import again'],
    ['IMPORT_ROLLBACK_FAILED', 'bad', 'an administrator types: aws cloudformation delete-stack'],
    ['IMPORT_IN_PROGRESS', 'bad', 'wait'],
    [
      'ROLLBACK_FAILED',
      'warning',
      'an administrator types: aws cloudformation delete-stack --stack-name Ezw-example --region il-central-1',
    ],
    ['UPDATE_FAILED', 'warning', 'CLIENT=example npx cdk rollback Ezw-example'],
    ['UPDATE_IN_PROGRESS', 'bad', 'wait'],
    ['UPDATE_COMPLETE_CLEANUP_IN_PROGRESS', 'bad', 'wait'],
    ['DELETE_IN_PROGRESS', 'bad', 'wait'],
    ['UPDATE_ROLLBACK_FAILED', 'bad', 'aws cloudformation continue-update-rollback --stack-name Ezw-example'],
    ['DELETE_FAILED', 'bad', '--retain-resources'],
  ] as const)('%s is %s', async (status, level, todo) => {
    account.answers({ DescribeStacks: stackIn(status) });
    const { code, of } = await looked();
    expect([code, of('stack')?.level]).toEqual([level === 'bad' ? 1 : 0, level]);
    if (todo === undefined) expect(of('stack')?.todo).toBeUndefined();
    else expect(of('stack')?.todo).toContain(todo);
  });

  it('that may not be looked at is not known, and the names are not guessed at', async () => {
    account.answers({ DescribeStacks: denied('cloudformation:DescribeStacks'), DescribeSecret: is({}) });
    const { code, of } = await looked();
    expect([code, of('stack')?.level, of('names')]).toEqual([0, 'warning', undefined]);
  });
});

describe('the name of the secret', () => {
  const command =
    'an administrator types: aws secretsmanager delete-secret --secret-id ezw/example/line-token --force-delete-without-recovery --region il-central-1';

  it.each([
    ['is there without a stack', { Name: 'x' }, /is there without its stack/],
    ['is to be deleted in days', { Name: 'x', DeletedDate: 1_795_000_000 }, /is to be deleted, and keeps its name/],
  ])('that %s is bad, with the command that frees it', async (_, secret, words) => {
    account.answers({ DescribeSecret: is(secret) });
    const { code, of } = await looked();
    expect([code, of('names')?.found]).toEqual([1, expect.stringMatching(words)]);
    expect(of('names')?.todo).toContain(command);
  });

  it('must be free also where a first deployment failed, or tables alone came back, and is its own of a stack that stands', async () => {
    account.answers({ DescribeStacks: stackIn('ROLLBACK_COMPLETE'), DescribeSecret: is({}) });
    expect((await looked()).of('names')?.level).toBe('bad');
    account.answers({ DescribeStacks: stackIn('IMPORT_COMPLETE'), DescribeSecret: is({}) });
    expect((await looked()).of('names')?.level).toBe('bad');
    const outputs = '<Outputs><member><OutputKey>ApiUrl</OutputKey><OutputValue>x</OutputValue></member></Outputs>';
    account.answers({ DescribeStacks: stackIn('IMPORT_COMPLETE', outputs), DescribeSecret: is({}) });
    expect((await looked()).of('names')).toBeUndefined();
    account.answers({ DescribeStacks: stackIn('CREATE_COMPLETE'), DescribeSecret: is({}) });
    expect((await looked()).of('names')).toBeUndefined();
  });
});

describe('what the account has room for', () => {
  it('warns of a new account that lets ten functions run at once, with the way to more', async () => {
    account.answers({
      GetAccountSettings: is({
        AccountLimit: { ConcurrentExecutions: 10, TotalCodeSize: 100 },
        AccountUsage: { TotalCodeSize: 95 },
      }),
    });
    const { code, of } = await looked();
    expect([code, of('functions at once')?.level, of('code of functions')?.level]).toEqual([0, 'warning', 'warning']);
    expect(of('functions at once')?.todo).toContain('--quota-code L-B99A9384 --desired-value 1000');
  });

  it('says of a mail’s sender that it is not verified, or not known, and of an account that it is in the sandbox', async () => {
    account.answers({
      GetEmailIdentity: is({ VerifiedForSendingStatus: false }),
      GetAccount: is({ ProductionAccessEnabled: false }),
    });
    const first = await looked();
    expect([first.code, first.of('mail from alerts@agency.example')?.found]).toEqual([
      0,
      'not verified yet: SES refuses every alert',
    ]);
    expect(first.of('who may be mailed')?.found).toMatch(/^verified addresses alone/);
    account.answers({ GetEmailIdentity: refused('NotFoundException') });
    expect((await looked()).of('mail from alerts@agency.example')?.todo).toContain(
      'aws sesv2 create-email-identity --email-identity alerts@agency.example --region il-central-1',
    );
  });

  it('that may not be asked is not known, each by itself', async () => {
    account.answers({ GetAccountSettings: denied('lambda:GetAccountSettings'), GetAccount: denied('ses:GetAccount') });
    const { code, findings } = await looked();
    expect([code, findings.filter(({ level }) => level === 'warning').map(({ found }) => found)]).toEqual([
      0,
      ['not known: your role lacks lambda:GetAccountSettings', 'not known: your role lacks ses:GetAccount'],
    ]);
  });
});

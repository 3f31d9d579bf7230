import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { type Client, defineClient } from '../../lib/client.ts';
import { queryOf, WIDGETS } from '../../lib/dashboard.ts';
import { synthesise } from '../../lib/synthesise.ts';
import { listenersOf, wantsDashboard } from '../../lib/watch-names.ts';
import { watchedOf } from '../../lib/watched.ts';
import { isOn } from '../watch-alarm.ts';
import { byName, DEMO_ASSEMBLY, demoClient, KNOWN, ofType, type Resource, type Template, target } from './assembly.ts';

const BUNDLES = join(DEMO_ASSEMBLY, 'bundles');
const ALL = () => new Map(readdirSync(BUNDLES).map((name) => [name, join(BUNDLES, name)]));

// The bundles are those of the shared assembly; what is in them does not matter here.
vi.mock(import('../../lib/bundle.ts'), () => ({
  bundleFunctions: vi.fn(async () => ALL()),
  bundleWatcher: vi.fn(async () => new Map([['watcher', join(BUNDLES, 'sender')]])),
}));

const TEL_AVIV = { account: '123456789012', region: 'il-central-1' };
const FRANKFURT = { account: '123456789012', region: 'eu-central-1' };

const client = (name: string, email: string, aws: Client['aws']): Client => {
  const demo = demoClient();
  return { ...demo, name, aws, contacts: { operator: { ...demo.contacts.operator, email } } };
};
const north = client('north', 'dana@agency.example', TEL_AVIV);
const south = client('south', 'noa@agency.example', TEL_AVIV);
const west = client('west', 'dana@agency.example', TEL_AVIV);
const far = client('far', 'dana@agency.example', FRANKFURT);

const folders: string[] = [];
const made = async (
  clients: readonly Client[],
  watched: readonly Client[],
  hasDashboard?: boolean,
): Promise<string> => {
  const outdir = await mkdtemp(join(tmpdir(), 'ezw-watch-'));
  folders.push(outdir);
  await synthesise(clients, outdir, KNOWN, watched, hasDashboard);
  return outdir;
};
const read = (outdir: string, id: string): Template =>
  JSON.parse(readFileSync(join(outdir, `${id}.template.json`), 'utf8'));
const only = (template: Template, type: string): [string, Resource] => {
  const all = ofType(template, type);
  expect(all.map(() => type)).toEqual([type]);
  return all[0] as [string, Resource];
};

let template: Template;
let whole: string;
beforeAll(async () => {
  whole = await made([north, south, west], [north, south, west]);
  template = read(whole, 'Ezw-watch');
});
afterAll(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true }))));

/** `action on resource` of each thing that a role may do. */
const rightsOf = (role: Resource): string[] => {
  const [{ PolicyDocument }] = role.Properties.Policies as [{ PolicyDocument: { Statement: Statement[] } }];
  return PolicyDocument.Statement.flatMap(({ Action, Resource: where, Effect }) =>
    [Action].flat().map((action) => `${Effect === 'Allow' ? '' : `${Effect} `}${action} on ${shown(where)}`),
  );
};
interface Statement {
  readonly Action: string | string[];
  readonly Effect: string;
  readonly Principal?: unknown;
  readonly Condition?: unknown;
  readonly Resource: unknown;
}
const shown = (where: unknown): string => {
  const parts = (where as { 'Fn::Join'?: [string, unknown[]] })['Fn::Join']?.[1];
  if (parts) return parts.map((part) => (typeof part === 'string' ? part : '')).join('');
  return typeof where === 'string' ? where : target(where);
};

test('the watcher may read what is of clients, and write its own table and topic alone', () => {
  const [, role] = only(template, 'AWS::IAM::Role');
  const [table] = byName(template, 'AWS::DynamoDB::Table', 'watch');
  const [logs] = only(template, 'AWS::Logs::LogGroup');
  const [told] = ofType(template, 'AWS::SNS::Topic').find(([, one]) => one.Properties.TopicName === 'Ezw-watch') ?? [];
  expect(rightsOf(role).sort()).toEqual(
    [
      `logs:CreateLogStream on ${logs}`,
      `logs:PutLogEvents on ${logs}`,
      'cloudformation:ListStacks on *',
      ...['DescribeStacks', 'GetTemplate', 'ListStackResources'].map(
        (name) => `cloudformation:${name} on arn::cloudformation:::stack/Ezw-*`,
      ),
      ...['DescribeTable', 'GetItem', 'Query'].map((name) => `dynamodb:${name} on arn::dynamodb:::table/Ezw-*`),
      'dynamodb:Query on arn::dynamodb:::table/Ezw-*/index/*',
      'sqs:GetQueueAttributes on arn::sqs:::Ezw-*',
      'ssm:GetParameter on arn::ssm:::parameter/ezw/*',
      'ssm:GetParameters on arn::ssm:::parameter/ezw/*',
      'secretsmanager:GetSecretValue on arn::secretsmanager:::secret:ezw/*',
      ...['GetItem', 'PutItem', 'Scan', 'UpdateItem'].map((name) => `dynamodb:${name} on ${table}`),
      `sns:Publish on ${told}`,
    ].sort(),
  );
});

test('it is called every five minutes, and what failed is not tried again: the next look is as good', () => {
  const [id, { Properties }] = byName(template, 'AWS::Lambda::Function', 'watcher');
  expect(Properties).toMatchObject({ Runtime: 'nodejs24.x', Architectures: ['arm64'], MemorySize: 512, Timeout: 240 });
  expect(Object.keys((Properties.Environment as { Variables: object }).Variables)).toEqual([
    'WATCH_TABLE',
    'WATCH_TOPIC',
  ]);
  expect(Properties.Layers).toBeUndefined();
  const [, rule] = only(template, 'AWS::Events::Rule');
  expect(rule.Properties).toMatchObject({ ScheduleExpression: 'rate(5 minutes)', State: 'ENABLED' });
  const [call] = rule.Properties.Targets as { Arn: unknown }[];
  expect(target(call?.Arn)).toBe(id);
  const [, invoked] = only(template, 'AWS::Lambda::EventInvokeConfig');
  expect(invoked.Properties).toMatchObject({ MaximumRetryAttempts: 0, Qualifier: '$LATEST' });
  expect(target(invoked.Properties.FunctionName)).toBe(id);
});

test('what was told goes with its stack and is forgotten by itself', () => {
  const [, table] = byName(template, 'AWS::DynamoDB::Table', 'watch');
  expect(table.DeletionPolicy).toBe('Delete');
  expect(table.Properties).toMatchObject({
    BillingMode: 'PAY_PER_REQUEST',
    KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
    TimeToLiveSpecification: { AttributeName: 'expiresAt', Enabled: true },
  });
});

describe('the topics', () => {
  const topic = (name: string): string => {
    const found = ofType(template, 'AWS::SNS::Topic').find(([, { Properties }]) => Properties.TopicName === name);
    if (!found) throw new Error(`No topic ${name}`);
    // With the key of SNS alarms could not publish.
    expect(Object.keys(found[1].Properties)).toEqual(['TopicName']);
    return found[0];
  };
  const policyOf = (name: string): readonly Statement[] => {
    const id = topic(name);
    const policies = ofType(template, 'AWS::SNS::TopicPolicy').filter(([, { Properties }]) =>
      (Properties.Topics as unknown[]).some((one) => target(one) === id),
    );
    return policies.flatMap(
      ([, { Properties }]) => (Properties.PolicyDocument as { Statement: readonly Statement[] }).Statement,
    );
  };
  const heardBy = (name: string): Readonly<Record<string, unknown>> => {
    const id = topic(name);
    const all = ofType(template, 'AWS::SNS::Subscription').filter(
      ([, { Properties }]) => target(Properties.TopicArn) === id,
    );
    expect(new Set(all.map(([, { Properties }]) => Properties.Protocol))).toEqual(new Set(['email']));
    return Object.fromEntries(all.map(([, { Properties }]) => [Properties.Endpoint, Properties.FilterPolicy]));
  };

  test('take nothing that comes without TLS', () => {
    for (const name of ['Ezw-watch', 'Ezw-watch-alarms'])
      expect(policyOf(name)).toContainEqual(
        expect.objectContaining({
          Effect: 'Deny',
          Principal: '*',
          Action: 'sns:Publish',
          Condition: { Bool: { 'aws:SecureTransport': 'false' } },
        }),
      );
  });

  test('alarms of this account may publish to theirs', () => {
    const allows = (name: string) => policyOf(name).filter(({ Effect }) => Effect === 'Allow');
    expect(allows('Ezw-watch')).toEqual([]);
    expect(allows('Ezw-watch-alarms')).toEqual([
      expect.objectContaining({
        Principal: { Service: 'cloudwatch.amazonaws.com' },
        Action: 'sns:Publish',
        Condition: { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } },
      }),
    ]);
  });

  test('each operator hears of their own clients and of what is about all', () => {
    expect(heardBy('Ezw-watch')).toEqual({
      'dana@agency.example': { client: ['north', 'west', '*'] },
      'noa@agency.example': { client: ['south', '*'] },
    });
  });

  test('each operator hears every alarm: one says no client, which no filter would let through', () => {
    expect(heardBy('Ezw-watch-alarms')).toEqual({ 'dana@agency.example': undefined, 'noa@agency.example': undefined });
  });

  test('who runs all clients, or more than a filter can name, hears of every one', () => {
    const own = Array.from({ length: 200 }, (_, i) => client(`one-${i}`, 'dana@agency.example', TEL_AVIV));
    expect(listenersOf(own)).toEqual([{ email: 'dana@agency.example' }]);
    expect(listenersOf([...own.slice(0, 150), south])[0]).toEqual({ email: 'dana@agency.example' });
    expect(listenersOf([...own.slice(0, 149), south])[0]?.only).toHaveLength(149);
    expect(listenersOf([...own, south])[1]).toEqual({ email: 'noa@agency.example', only: ['south'] });
  });
});

describe('the alarm on the watcher itself', () => {
  const alarm = () => only(template, 'AWS::CloudWatch::Alarm')[1].Properties;
  const WELL = { Invocations: 1, Errors: 0 };
  const FAILED = { Invocations: 1, Errors: 1 };

  test('is off as long as one look of fifteen minutes ended well', () => {
    expect(isOn(alarm(), [WELL, WELL, WELL])).toBe(false);
    expect(isOn(alarm(), [WELL, {}, {}])).toBe(false);
    expect(isOn(alarm(), [FAILED, FAILED, WELL])).toBe(false);
  });

  test('goes off when it is not called, and when it fails each time', () => {
    expect(isOn(alarm(), [])).toBe(true);
    expect(isOn(alarm(), [WELL, {}, {}, {}])).toBe(true);
    expect(isOn(alarm(), [WELL, FAILED, FAILED, FAILED])).toBe(true);
    expect(isOn(alarm(), [WELL, FAILED, {}, FAILED])).toBe(true);
  });

  test('looks at the watcher over three times five minutes, says what to do, and tells of its end too', () => {
    const { AlarmActions, OKActions, AlarmDescription, Metrics, ...rest } = alarm();
    expect(rest).toMatchObject({ EvaluationPeriods: 3, DatapointsToAlarm: 3, TreatMissingData: 'breaching' });
    expect(AlarmDescription).toContain('npx ezw doctor --all');
    const [topic] =
      ofType(template, 'AWS::SNS::Topic').find(([, one]) => one.Properties.TopicName === 'Ezw-watch-alarms') ?? [];
    expect([AlarmActions, OKActions]).toEqual([[{ Ref: topic }], [{ Ref: topic }]]);
    const [watcher] = byName(template, 'AWS::Lambda::Function', 'watcher');
    for (const { MetricStat } of Metrics as {
      MetricStat?: { Period: number; Stat: string; Metric: { Dimensions: unknown } };
    }[])
      if (MetricStat)
        expect(MetricStat).toMatchObject({
          Period: 300,
          Stat: 'Sum',
          Metric: { Dimensions: [{ Name: 'FunctionName', Value: { Ref: watcher } }] },
        });
  });
});

test('clients of two places have a watcher in each, under one name', async () => {
  const outdir = await made([north, far], [north, far]);
  const { artifacts } = JSON.parse(readFileSync(join(outdir, 'manifest.json'), 'utf8'));
  const stacks = Object.entries<{ environment?: string; properties?: { stackName?: string } }>(artifacts)
    .filter(([id]) => /^Ezw-watch(?!.*\.assets)/.test(id))
    .map(([id, { environment, properties }]) => [id, environment, properties?.stackName]);
  expect(stacks).toEqual([
    ['Ezw-watch-123456789012-il-central-1', 'aws://123456789012/il-central-1', 'Ezw-watch'],
    ['Ezw-watch-123456789012-eu-central-1', 'aws://123456789012/eu-central-1', 'Ezw-watch'],
  ]);
  const emails = (id: string) =>
    new Set(ofType(read(outdir, id), 'AWS::SNS::Subscription').map(([, { Properties }]) => Properties.FilterPolicy));
  for (const [id] of stacks) expect(emails(String(id))).toEqual(new Set([undefined]));
});

describe('the dashboard', () => {
  test('is there for those who ask for it alone, for it costs', () => {
    expect(ofType(template, 'AWS::CloudWatch::Dashboard')).toEqual([]);
    expect(['1', '0', '', undefined].map((EZW_DASHBOARD) => wantsDashboard({ EZW_DASHBOARD }))).toEqual([
      true,
      false,
      false,
      false,
    ]);
  });

  test('is one for each region, for the names of dashboards are of the account; and is JSON', async () => {
    const outdir = await made([north, far], [north, far], true);
    for (const { account, region } of [TEL_AVIV, FRANKFURT]) {
      const [, { Properties }] = only(read(outdir, `Ezw-watch-${account}-${region}`), 'AWS::CloudWatch::Dashboard');
      expect(Properties.DashboardName).toBe(`Ezw-watch-${region}`);
      const { widgets } = JSON.parse(String(Properties.DashboardBody));
      expect(widgets.map((one: { properties: { region: string } }) => one.properties.region)).toEqual(
        WIDGETS.map(() => region),
      );
    }
  });

  test('tells clients apart by the names of their log groups, which CloudFormation makes', () => {
    const [, pattern = ''] =
      /parse @log \/(.*?)\/\n/.exec(WIDGETS.map(queryOf).find((one) => one.includes('parse')) ?? '') ?? [];
    const groups = ofType(read(whole, 'Ezw-south'), 'AWS::Logs::LogGroup').filter(
      ([, { Properties }]) => Properties.LogGroupName === undefined,
    );
    expect(groups.length).toBeGreaterThan(5);
    for (const [id] of groups)
      for (const name of ['south', 'south-2-go'])
        expect(new RegExp(pattern).exec(`123456789012:Ezw-${name}-${id}-aB3dE5`)?.groups?.client).toBe(name);
  });
});

describe('the watcher is synthesised of all client files or not at all', () => {
  const all = { clients: [north, { ...south, aws: undefined }], isWhole: true, isLocal: false };
  const said: string[] = [];
  const warn = (line: string) => said.push(line);

  test('with those that are deployed somewhere', () => {
    expect(watchedOf(all, warn).map(({ name }) => name)).toEqual(['north']);
  });

  test('not for one client alone, whose operator is not the only one', () => {
    expect(watchedOf({ ...all, clients: [north], only: 'north' }, warn)).toEqual([]);
  });

  test('not where a client file was left out, and that is said', () => {
    expect(said).toEqual([]);
    expect(watchedOf({ ...all, isWhole: false }, warn)).toEqual([]);
    expect(said).toEqual(['Warning: Ezw-watch is left out too: it is made of all client files.']);
  });

  test('for the one of a stack on this machine', () => {
    expect(watchedOf({ ...all, clients: [south], only: 'south', isLocal: true }, warn)).toEqual([south]);
  });
});

test('a client is not called as the stack that watches all of them', () => {
  expect(() => defineClient({ ...demoClient(), name: 'watch' })).toThrow(
    /name: write another name: Ezw-watch is the stack that watches all clients/,
  );
});

test('a client’s stack says its whole client file, as it was read', () => {
  expect(read(whole, 'Ezw-south').Metadata['ezw:client']).toEqual(JSON.parse(JSON.stringify(south)));
});

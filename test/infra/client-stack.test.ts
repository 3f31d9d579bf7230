import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { table } from '../../scripts/resource-table.ts';
import { byName, DEMO_ASSEMBLY, demoClient, KNOWN, ofType, type Resource, target, templateOf } from './assembly.ts';
import reviewedResources from './reviewed-resources.json' with { type: 'json' };

const template = templateOf(DEMO_ASSEMBLY, 'demo');

interface Statement {
  readonly Action: string | string[];
  readonly Resource: unknown;
}

const LAMBDA = 'AWS::Lambda::Function';
const QUEUE = 'AWS::SQS::Queue';

function roleOf(lambda: Resource): [string, Resource] {
  const id = target(lambda.Properties.Role);
  const role = template.Resources[id];
  if (!role) throw new Error(`No role ${id}`);
  return [id, role];
}

/** `action logical-id` of everything that a function may do, sorted. */
function permissions(name: string): string[] {
  const [, role] = roleOf(byName(template, LAMBDA, name)[1]);
  const policies = role.Properties.Policies as { PolicyDocument: { Statement: Statement[] } }[];
  return policies
    .flatMap(({ PolicyDocument }) => PolicyDocument.Statement)
    .flatMap(({ Action, Resource }) =>
      [Resource].flat().flatMap((one) => [Action].flat().map((action) => `${action} ${resourceName(one)}`)),
    )
    .sort();
}

/** A resource, or what is under one: `group/*`, `table/index/name`. */
function resourceName(resource: unknown): string {
  const [, parts] = (resource as { 'Fn::Join'?: [string, unknown[]] })['Fn::Join'] ?? [];
  if (!parts) return shortName(target(resource));
  const under = String(parts.at(-1));
  const [, parameter] = /^:parameter\/(.*)$/.exec(under) ?? [];
  if (parameter !== undefined) return parameter;
  expect(under).toMatch(/^\/(\*|index\/\w+)$/);
  return `${shortName(target(parts.at(-2)))}${under}`;
}

/** Short name or secret name of a resource; its type where it has neither. */
function shortName(id: string): string {
  const { Type, Metadata, Properties } = template.Resources[id] ?? { Type: 'missing', Properties: {} };
  return String(Metadata?.['ezw:name'] ?? Properties.Name ?? Type);
}

function stage(): Resource['Properties'] {
  return ofType(template, 'AWS::ApiGatewayV2::Stage')[0]?.[1].Properties ?? {};
}

test('each function’s slice in the layer says its format and whose it is', () => {
  const names = ofType(template, LAMBDA).map(([, { Metadata }]) => String(Metadata?.['ezw:name']));
  for (const name of names) {
    const slice = JSON.parse(readFileSync(join(DEMO_ASSEMBLY, 'layers/demo', `${name}.json`), 'utf8'));
    expect(slice).toMatchObject({ format: 1, function: name, lineId: demoClient().lineId });
  }
  expect(names).toContain('sender');
});

test('whatever no other test looks at stays as it was reviewed, type by type', () => {
  const now = table(template);
  const reviewed: Record<string, string> = reviewedResources;
  const types = [...new Set([...Object.keys(now), ...Object.keys(reviewed)])];
  const changed = types.filter((type) => now[type] !== reviewed[type]);
  expect(
    changed,
    'Resources of these types are not as they were reviewed. `npm run resources -- TYPE` prints those of one type: run it ' +
      'with your change and without (git stash) and compare. `npm run resources -- --accept` writes the table anew.',
  ).toEqual([]);
});

test('a door may change no row of what was told but those of its own sources’ proofs', () => {
  const [deliveries] = byName(template, 'AWS::DynamoDB::Table', 'deliveries');
  for (const name of ['order-ready', 'lead-first-touch', 'appointment-reminder']) {
    const [, { Properties }] = roleOf(byName(template, LAMBDA, name)[1]);
    const policies = Properties.Policies as { PolicyDocument: { Statement: Record<string, unknown>[] } }[];
    const statements = policies.flatMap(({ PolicyDocument }) => PolicyDocument.Statement);
    const about = statements.filter(({ Resource }) => JSON.stringify(Resource).includes(`"${deliveries}"`));
    expect(about.map(({ Action, Condition }) => [Action, Condition])).toEqual([
      ['dynamodb:UpdateItem', { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': [`proofs#${name}#*`] } }],
    ]);
  }
});

test('only the sender may read the line token', () => {
  const [token] = ofType(template, 'AWS::SecretsManager::Secret').find(
    ([, { Properties }]) => Properties.Name === 'ezw/demo/line-token',
  ) ?? ['none'];
  const [senderId] = byName(template, LAMBDA, 'sender');
  const senderRole = roleOf(byName(template, LAMBDA, 'sender')[1])[0];
  const users = Object.entries(template.Resources).filter(
    ([id, resource]) => id !== token && JSON.stringify(resource).includes(`"${token}"`),
  );
  expect(users.map(([id]) => id).sort()).toEqual([senderId, senderRole].sort());
});

test('each function may do what its work needs and nothing else', () => {
  expect(permissions('sender')).toEqual([
    'dynamodb:GetItem appointments',
    'dynamodb:GetItem contacts',
    'dynamodb:GetItem sends',
    'dynamodb:PutItem sends',
    'dynamodb:UpdateItem contacts',
    'dynamodb:UpdateItem sends',
    'logs:CreateLogStream AWS::Logs::LogGroup',
    'logs:PutLogEvents AWS::Logs::LogGroup',
    'secretsmanager:GetSecretValue ezw/demo/line-token',
    'sqs:ChangeMessageVisibility sends',
    'sqs:DeleteMessage sends',
    'sqs:GetQueueAttributes sends',
    'sqs:ReceiveMessage sends',
    'sqs:SendMessage escalation',
    'sqs:SendMessage sends',
    'sqs:SendMessage sends-dlq',
    'ssm:GetParameter ezw/demo/contact-salt',
  ]);
  expect(permissions('order-ready')).toEqual([
    'dynamodb:GetItem sends',
    'dynamodb:PutItem sends',
    'dynamodb:UpdateItem deliveries',
    'dynamodb:UpdateItem sends',
    'iam:PassRole AWS::IAM::Role',
    'logs:CreateLogStream AWS::Logs::LogGroup',
    'logs:PutLogEvents AWS::Logs::LogGroup',
    'scheduler:CreateSchedule AWS::Scheduler::ScheduleGroup/*',
    'scheduler:UpdateSchedule AWS::Scheduler::ScheduleGroup/*',
    'sqs:ChangeMessageVisibility order-ready-work',
    'sqs:DeleteMessage order-ready-work',
    'sqs:GetQueueAttributes order-ready-work',
    'sqs:ReceiveMessage order-ready-work',
    'sqs:SendMessage crm-sync',
    'sqs:SendMessage escalation',
    'sqs:SendMessage order-ready-work',
    'sqs:SendMessage sends',
    'ssm:GetParameter ezw/demo/sources/order-ready',
  ]);
  expect(permissions('lead-first-touch')).toEqual([
    'dynamodb:GetItem contacts',
    'dynamodb:GetItem sends',
    'dynamodb:PutItem contacts',
    'dynamodb:UpdateItem contacts',
    'dynamodb:UpdateItem deliveries',
    'logs:CreateLogStream AWS::Logs::LogGroup',
    'logs:PutLogEvents AWS::Logs::LogGroup',
    'sqs:ChangeMessageVisibility lead-first-touch-work',
    'sqs:DeleteMessage lead-first-touch-work',
    'sqs:GetQueueAttributes lead-first-touch-work',
    'sqs:ReceiveMessage lead-first-touch-work',
    'sqs:SendMessage crm-sync',
    'sqs:SendMessage escalation',
    'sqs:SendMessage lead-first-touch-work',
    'sqs:SendMessage sends',
    'ssm:GetParameter ezw/demo/contact-salt',
    'ssm:GetParameter ezw/demo/sources/lead-first-touch',
  ]);
  expect(permissions('appointment-reminder')).toEqual([
    'dynamodb:GetItem appointments',
    'dynamodb:PutItem appointments',
    'dynamodb:Scan appointments',
    'dynamodb:UpdateItem deliveries',
    'iam:PassRole AWS::IAM::Role',
    'logs:CreateLogStream AWS::Logs::LogGroup',
    'logs:PutLogEvents AWS::Logs::LogGroup',
    'scheduler:CreateSchedule AWS::Scheduler::ScheduleGroup/*',
    'scheduler:DeleteSchedule AWS::Scheduler::ScheduleGroup/*',
    'scheduler:UpdateSchedule AWS::Scheduler::ScheduleGroup/*',
    'sqs:ChangeMessageVisibility appointment-reminder-work',
    'sqs:DeleteMessage appointment-reminder-work',
    'sqs:GetQueueAttributes appointment-reminder-work',
    'sqs:ReceiveMessage appointment-reminder-work',
    'sqs:SendMessage appointment-reminder-work',
    'sqs:SendMessage crm-sync',
    'sqs:SendMessage escalation',
    'sqs:SendMessage sends',
    'ssm:GetParameter ezw/demo/sources/appointment-reminder',
  ]);
  expect(permissions('webhook-receiver')).toEqual([
    'dynamodb:GetItem deliveries',
    'dynamodb:PutItem deliveries',
    'logs:CreateLogStream AWS::Logs::LogGroup',
    'logs:PutLogEvents AWS::Logs::LogGroup',
    'sqs:SendMessage crm-sync',
    'sqs:SendMessage escalation',
    'sqs:SendMessage webhook-dlq',
    'ssm:GetParameter ezw/demo/webhook-token',
  ]);
  expect(permissions('crm-sync')).toEqual([
    'dynamodb:GetItem contacts',
    'dynamodb:GetItem deliveries',
    'dynamodb:GetItem sends',
    'dynamodb:Query sends/index/fingerprint',
    'dynamodb:Query sends/index/providerId',
    'dynamodb:UpdateItem contacts',
    'dynamodb:UpdateItem deliveries',
    'dynamodb:UpdateItem sends',
    'logs:CreateLogStream AWS::Logs::LogGroup',
    'logs:PutLogEvents AWS::Logs::LogGroup',
    'sqs:ChangeMessageVisibility crm-sync',
    'sqs:DeleteMessage crm-sync',
    'sqs:GetQueueAttributes crm-sync',
    'sqs:ReceiveMessage crm-sync',
    'sqs:SendMessage crm-sync-dlq',
    'sqs:SendMessage escalation',
    'ssm:GetParameter ezw/demo/contact-salt',
    'ssm:GetParameter ezw/demo/crm',
  ]);
  expect(permissions('escalation')).toEqual([
    'dynamodb:GetItem contacts',
    'dynamodb:GetItem deliveries',
    'dynamodb:GetItem sends',
    'dynamodb:Query sends/index/fingerprint',
    'dynamodb:Query sends/index/providerId',
    'dynamodb:UpdateItem contacts',
    'dynamodb:UpdateItem deliveries',
    'dynamodb:UpdateItem sends',
    'logs:CreateLogStream AWS::Logs::LogGroup',
    'logs:PutLogEvents AWS::Logs::LogGroup',
    'sqs:ChangeMessageVisibility escalation',
    'sqs:DeleteMessage escalation',
    'sqs:GetQueueAttributes escalation',
    'sqs:ReceiveMessage escalation',
    'sqs:SendMessage escalation',
    'sqs:SendMessage escalation-dlq',
    'sqs:SendMessage sends',
    'ssm:GetParameter ezw/demo/contact-salt',
    'ssm:GetParameter ezw/demo/notifiers',
  ]);
});

test('every function has a role of its own, without managed or attached policies', () => {
  const lambdas = ofType(template, LAMBDA);
  const roles = lambdas.map(([, lambda]) => roleOf(lambda));
  expect(new Set(roles.map(([id]) => id)).size).toBe(lambdas.length);
  // One more for each alarm clock.
  expect(ofType(template, 'AWS::IAM::Role')).toHaveLength(lambdas.length + 2);
  for (const [, role] of roles) expect(role.Properties).not.toHaveProperty('ManagedPolicyArns');
  for (const type of ['AWS::IAM::Policy', 'AWS::IAM::ManagedPolicy']) expect(ofType(template, type)).toEqual([]);
});

test('the functions run on nodejs24.x arm64 and log into a group that forgets', () => {
  const lambdas = ofType(template, LAMBDA);
  expect(lambdas.map(([, { Metadata }]) => Metadata?.['ezw:name']).sort()).toEqual([
    'appointment-reminder',
    'crm-sync',
    'escalation',
    'lead-first-touch',
    'order-ready',
    'sender',
    'webhook-receiver',
  ]);
  for (const [, { Properties }] of lambdas) {
    expect(Properties).toMatchObject({ Runtime: 'nodejs24.x', Architectures: ['arm64'], Handler: 'index.handler' });
    const { LogGroup } = Properties.LoggingConfig as { LogGroup: unknown };
    expect(template.Resources[target(LogGroup)]?.Properties.RetentionInDays).toBe(30);
  }
});

test('each function has the time and the settings that its work needs, half a gigabyte, and no share of the account to itself', () => {
  const tells = ['CRM_SYNC_QUEUE_URL', 'ESCALATION_QUEUE_URL'];
  const own = ['CONFIG_FILE', 'EZW_CLIENT'];
  const door = [...own, ...tells, 'DELIVERIES_TABLE', 'SENDS_QUEUE_URL', 'SOURCES_SECRET', 'WORK_QUEUE_URL'];
  const contacts = ['CONTACTS_TABLE', 'CONTACT_SALT_SECRET'];
  const consumer = [...own, 'DELIVERIES_TABLE', 'SENDS_TABLE', ...contacts];
  const alarms = ['ALARMS_GROUP', 'ALARMS_ROLE_ARN', 'WORK_DLQ_ARN', 'WORK_QUEUE_ARN'];
  const line = ['EZW_BASE_URL', 'LINE_TOKEN_SECRET', 'SENDS_DLQ_URL', 'SENDS_QUEUE_URL', 'SENDS_TABLE'];
  const expected: Record<string, [seconds: number, environment: string[]]> = {
    'appointment-reminder': [30, [...door, ...alarms, 'APPOINTMENTS_TABLE']],
    'crm-sync': [60, [...consumer, 'CRM_SECRET', 'CRM_SYNC_DLQ_URL', 'CRM_SYNC_QUEUE_URL', 'ESCALATION_QUEUE_URL']],
    escalation: [
      60,
      [...consumer, 'ESCALATION_DLQ_URL', 'ESCALATION_QUEUE_URL', 'NOTIFIERS_SECRET', 'SENDS_QUEUE_URL'],
    ],
    'lead-first-touch': [30, [...door, ...contacts, 'SENDS_TABLE']],
    'order-ready': [30, [...door, ...alarms, 'SENDS_TABLE']],
    sender: [90, [...own, ...line, ...contacts, 'APPOINTMENTS_TABLE', 'ESCALATION_QUEUE_URL']],
    'webhook-receiver': [
      15,
      [
        ...own,
        'CRM_SYNC_QUEUE_URL',
        'DELIVERIES_TABLE',
        'ESCALATION_QUEUE_URL',
        'UNREAD_QUEUE_URL',
        'WEBHOOK_TOKEN_SECRET',
      ],
    ],
  };
  for (const [name, [seconds, environment]] of Object.entries(expected)) {
    const { Properties } = byName(template, LAMBDA, name)[1];
    expect(Properties, name).toMatchObject({ MemorySize: 512, Timeout: seconds });
    expect(Properties, name).not.toHaveProperty('ReservedConcurrentExecutions');
    const { Variables } = Properties.Environment as { Variables: Record<string, unknown> };
    expect(Object.keys(Variables).sort(), name).toEqual(environment.sort());
    expect(Variables.CONFIG_FILE).toBe(`/opt/${name}.json`);
    expect(Variables.EZW_CLIENT).toBe('demo');
  }
});

test('every log forgets after a month and goes with its stack', () => {
  const groups = ofType(template, 'AWS::Logs::LogGroup');
  expect(groups).toHaveLength(ofType(template, LAMBDA).length + 1);
  for (const [, { Properties, DeletionPolicy }] of groups) {
    expect([Properties.RetentionInDays, DeletionPolicy]).toEqual([30, 'Delete']);
  }
});

test('every queue that is consumed has a dead-letter queue and hides what it hands out for six timeouts; the line’s for longer than one, and no more than its lease and a minute', () => {
  const feeds = ofType(template, 'AWS::Lambda::EventSourceMapping');
  expect(feeds).toHaveLength(6);
  for (const [, { Properties }] of feeds) {
    const queue = template.Resources[target(Properties.EventSourceArn)]?.Properties ?? {};
    const lambda = template.Resources[target(Properties.FunctionName)]?.Properties ?? {};
    const [least, most] = queue.FifoQueue === true ? [Number(lambda.Timeout) + 30, 120] : [Number(lambda.Timeout) * 6];
    expect(queue.VisibilityTimeout).toBeGreaterThanOrEqual(least ?? 0);
    expect(queue.VisibilityTimeout).toBeLessThanOrEqual(most ?? 12 * 3600);
    expect(queue.RedrivePolicy).toMatchObject({ maxReceiveCount: expect.any(Number) });
  }
});

test('one failed message does not take its batch back', () => {
  for (const [, { Properties }] of ofType(template, 'AWS::Lambda::EventSourceMapping')) {
    expect(Properties).toMatchObject({ BatchSize: 10, FunctionResponseTypes: ['ReportBatchItemFailures'] });
  }
});

test('a burst of one client takes a few functions at a time, and the line one: its queue holds one group', () => {
  const feeds = ofType(template, 'AWS::Lambda::EventSourceMapping').map(([, { Properties }]) => [
    `${shortName(target(Properties.EventSourceArn))} → ${shortName(target(Properties.FunctionName))}`,
    (Properties.ScalingConfig as { MaximumConcurrency: number } | undefined)?.MaximumConcurrency,
  ]);
  expect(Object.fromEntries(feeds)).toEqual({
    'appointment-reminder-work → appointment-reminder': 5,
    'crm-sync → crm-sync': 2,
    // Whose doors let in no more than it can bear, and Lambda asks a queue without a limit less often while it is idle.
    'escalation → escalation': undefined,
    'lead-first-touch-work → lead-first-touch': 5,
    'order-ready-work → order-ready': 5,
    'sends → sender': undefined,
  });
});

test('each queue gives a message its own number of deliveries and days, then hands it to its own dead letters', () => {
  const [day, work] = [24 * 3600, { deliveries: 200, days: 4, hidden: 180 }];
  const consumer = { deliveries: 300, days: 7, hidden: 360 };
  const expected = {
    'appointment-reminder-work': { ...work, dead: 'appointment-reminder-dlq' },
    'lead-first-touch-work': { ...work, dead: 'lead-first-touch-dlq' },
    'order-ready-work': { ...work, dead: 'order-ready-dlq' },
    'crm-sync': { ...consumer, dead: 'crm-sync-dlq' },
    escalation: { ...consumer, dead: 'escalation-dlq' },
    sends: { deliveries: 1000, days: 14, hidden: 120, dead: 'sends-dlq' },
  };
  for (const [name, { deliveries, days, hidden, dead }] of Object.entries(expected)) {
    expect(byName(template, QUEUE, name)[1].Properties, name).toMatchObject({
      VisibilityTimeout: hidden,
      MessageRetentionPeriod: days * day,
      RedrivePolicy: {
        maxReceiveCount: deliveries,
        deadLetterTargetArn: { 'Fn::GetAtt': [byName(template, QUEUE, dead)[0], 'Arn'] },
      },
    });
  }
  const ordered = ofType(template, QUEUE).filter(([, { Properties }]) => Properties.FifoQueue);
  expect(ordered.map(([id]) => shortName(id)).sort()).toEqual(['sends', 'sends-dlq']);
});

test('an outage of a day fills no dead-letter queue', () => {
  // A held message comes back every 15 minutes at most, so 96 times a day.
  const queues = [
    'order-ready-work',
    'appointment-reminder-work',
    'lead-first-touch-work',
    'sends',
    'crm-sync',
    'escalation',
  ];
  for (const name of queues) {
    const { RedrivePolicy } = byName(template, QUEUE, name)[1].Properties;
    expect((RedrivePolicy as { maxReceiveCount: number }).maxReceiveCount).toBeGreaterThan(96 * 1.5);
  }
});

test('dead letters live longer than the messages they were', () => {
  for (const name of ['order-ready', 'appointment-reminder', 'lead-first-touch', 'sends', 'crm-sync', 'escalation']) {
    const { MessageRetentionPeriod } = byName(template, QUEUE, `${name}-dlq`)[1].Properties;
    expect(MessageRetentionPeriod).toBe(14 * 24 * 3600);
  }
});

test('every queue is encrypted and refuses plain HTTP', () => {
  const queues = ofType(template, QUEUE);
  expect(queues).toHaveLength(13);
  const guarded = ofType(template, 'AWS::SQS::QueuePolicy').filter(([, policy]) =>
    JSON.stringify(policy).includes('"aws:SecureTransport":"false"'),
  );
  const guardedQueues = guarded.flatMap(([, { Properties }]) => (Properties.Queues as unknown[]).map(target));
  expect(guardedQueues.sort()).toEqual(queues.map(([id]) => id).sort());
  for (const [, { Properties }] of queues) expect(Properties.SqsManagedSseEnabled).toBe(true);
});

test('sends keep their order and are told apart by explicit ids', () => {
  for (const name of ['sends', 'sends-dlq']) {
    const { Properties } = byName(template, QUEUE, name)[1];
    expect(Properties).toMatchObject({ FifoQueue: true, ContentBasedDeduplication: false });
  }
});

test.each(['sends', 'deliveries', 'contacts', 'appointments'])(
  'the table %s is on demand, encrypted, recoverable, forgets by itself and outlives its stack',
  (name) => {
    const [, table] = byName(template, 'AWS::DynamoDB::Table', name);
    expect(table).toMatchObject({ DeletionPolicy: 'RetainExceptOnCreate', UpdateReplacePolicy: 'Retain' });
    expect(table.Properties).toMatchObject({
      KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
      BillingMode: 'PAY_PER_REQUEST',
      TimeToLiveSpecification: { AttributeName: 'expiresAt', Enabled: true },
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
      SSESpecification: { SSEEnabled: true },
    });
  },
);

test('the ledger alone has indexes: by what was sent, by its id with the provider, with no more than finding a send takes, and of what waits', () => {
  const tables = ofType(template, 'AWS::DynamoDB::Table').map(([id, { Properties }]) => [
    shortName(id),
    Properties.GlobalSecondaryIndexes,
  ]);
  const index = (name: string, NonKeyAttributes = ['createdAt', 'observedId']) => ({
    IndexName: name,
    KeySchema: [{ AttributeName: name, KeyType: 'HASH' }],
    Projection: { ProjectionType: 'INCLUDE', NonKeyAttributes },
  });
  const aboutWaiting = ['key', 'template', 'state', 'reason', 'parked', 'queuedAt', 'usefulUntil', 'createdAt'];
  expect(Object.fromEntries(tables)).toEqual({
    appointments: undefined,
    contacts: undefined,
    deliveries: undefined,
    sends: [index('fingerprint'), index('providerId'), index('waits', [...aboutWaiting, 'updatedAt', 'attempts'])],
  });
  // What waits is for whoever looks after the client.
  const asked = JSON.stringify(template).match(/\/index\/\w+/g);
  expect([...new Set(asked)]).toEqual(['/index/fingerprint', '/index/providerId']);
});

test('the alarm clock may ring into the work queue, set aside what it does not take, and nothing else, for this stack alone; its alarms go with the stack', () => {
  const [group] = ofType(template, 'AWS::Scheduler::ScheduleGroup');
  const lambda = byName(template, LAMBDA, 'appointment-reminder')[1];
  const { ALARMS_ROLE_ARN, ALARMS_GROUP } = (lambda.Properties.Environment as { Variables: Record<string, unknown> })
    .Variables;
  expect(target(ALARMS_GROUP)).toBe(group?.[0]);
  expect(group?.[1].DeletionPolicy).toBeUndefined();
  const role = template.Resources[target(ALARMS_ROLE_ARN)]?.Properties ?? {};
  const [ring, ...others] = role.Policies as { PolicyDocument: { Statement: Statement[] } }[];
  expect(others).toEqual([]);
  const allowed = ring?.PolicyDocument.Statement.flatMap(({ Action, Resource }) =>
    [Resource].flat().map((one) => `${Action} ${shortName(target(one))}`),
  );
  expect(allowed?.sort()).toEqual([
    'sqs:SendMessage appointment-reminder-dlq',
    'sqs:SendMessage appointment-reminder-work',
  ]);
  expect(role.AssumeRolePolicyDocument).toMatchObject({
    Statement: [
      {
        Principal: { Service: 'scheduler.amazonaws.com' },
        Condition: { StringEquals: { 'aws:SourceArn': { 'Fn::GetAtt': [group?.[0], 'Arn'] } } },
      },
    ],
  });
});

test('each night, by the clocks of the client, the alarm clock asks for a walk through the appointments, and what fails is set aside', () => {
  const [[, nightly] = [], ...others] = ofType(template, 'AWS::Scheduler::Schedule');
  expect(others).toEqual([]);
  const {
    Target = {},
    GroupName,
    ...when
  } = (nightly?.Properties ?? {}) as {
    Target?: Readonly<Record<string, unknown>>;
    GroupName?: unknown;
  };
  expect(when).toMatchObject({
    ScheduleExpression: 'cron(30 3 * * ? *)',
    ScheduleExpressionTimezone: demoClient().zone,
    FlexibleTimeWindow: { Mode: 'OFF' },
  });
  expect(shortName(target(Target.Arn))).toBe('appointment-reminder-work');
  expect(shortName(target((Target.DeadLetterConfig as { Arn: unknown }).Arn))).toBe('appointment-reminder-dlq');
  expect(JSON.parse(String(Target.Input))).toEqual({ resync: { at: '<aws.scheduler.scheduled-time>' } });
  // The role may be used for this group alone.
  expect(target(GroupName)).toBe(ofType(template, 'AWS::Scheduler::ScheduleGroup')[0]?.[0]);
});

test('access logs hold the route and never the path, the query or an address', () => {
  const { Format } = stage().AccessLogSettings as { Format: string };
  const variables = Format.match(/\$[\w.]+/g)?.sort();
  expect(variables).toEqual([
    '$context.integrationErrorMessage',
    '$context.requestId',
    '$context.responseLatency',
    '$context.routeKey',
    '$context.status',
  ]);
});

test('a door is throttled above a thousand orders at once, and within what an account has in every region', () => {
  expect(stage().DefaultRouteSettings).toEqual({ ThrottlingRateLimit: 500, ThrottlingBurstLimit: 1000 });
});

test('what browsers and strangers may call has a lower limit of its own, so that a flood of it shuts no webhook out', () => {
  const limits = stage().RouteSettings as Record<string, { ThrottlingRateLimit: number }>;
  const strays = ['appointment-reminder', 'ezw/webhook', 'lead-first-touch', 'order-ready'];
  const routes = [
    ...strays.map((path) => `ANY /${path}/{path+}`),
    'OPTIONS /lead-first-touch/form',
    'POST /lead-first-touch/form',
  ];
  expect(Object.keys(limits).sort()).toEqual(routes);
  const { ThrottlingRateLimit: whole } = stage().DefaultRouteSettings as { ThrottlingRateLimit: number };
  for (const { ThrottlingRateLimit: one } of Object.values(limits)) expect(one).toBeLessThan(whole / 2);
  // CloudFormation refuses a stage that names a route which is not there yet.
  const [, { DependsOn = [] }] = ofType(template, 'AWS::ApiGatewayV2::Stage')[0] as [
    string,
    Resource & { DependsOn?: string[] },
  ];
  const known = ofType(template, 'AWS::ApiGatewayV2::Route').filter(([id]) => DependsOn.includes(id));
  expect(known.map(([, { Properties }]) => Properties.RouteKey).sort()).toEqual(routes);
});

test('every door is a route, and a secret in a path is a parameter', () => {
  const routes = ofType(template, 'AWS::ApiGatewayV2::Route').map(([, { Properties }]) => Properties.RouteKey);
  expect(routes.sort()).toEqual([
    'ANY /appointment-reminder/{path+}',
    'ANY /ezw/webhook/{path+}',
    'ANY /lead-first-touch/{path+}',
    'ANY /order-ready/{path+}',
    'GET /lead-first-touch/meta',
    'OPTIONS /lead-first-touch/form',
    'POST /appointment-reminder/{source}',
    'POST /ezw/webhook/{token}',
    'POST /lead-first-touch/form',
    'POST /lead-first-touch/form/{secret}',
    'POST /lead-first-touch/webflow/{secret}',
    'POST /lead-first-touch/{source}',
    'POST /order-ready/{source}',
  ]);
});

test('each door opens into its own function, which proves the sender itself; the gateway may call it there and nowhere else', () => {
  const [api] = ofType(template, 'AWS::ApiGatewayV2::Api')[0] ?? ['none'];
  const opened = ofType(template, 'AWS::ApiGatewayV2::Route').map(([, { Properties }]) => {
    expect(Properties).toMatchObject({ ApiId: { Ref: api }, AuthorizationType: 'NONE' });
    const [, [, integration]] = (Properties.Target as { 'Fn::Join': [string, unknown[]] })['Fn::Join'];
    const { IntegrationUri } = template.Resources[target(integration)]?.Properties ?? {};
    const [, path = ''] = String(Properties.RouteKey).split(' ');
    const own = path.startsWith('/ezw/') ? 'webhook-receiver' : path.split('/')[1];
    expect(shortName(target(IntegrationUri)), path).toBe(own);
    return `${own} /*/*${path}`;
  });
  const allowed = ofType(template, 'AWS::Lambda::Permission').map(([, { Properties }]) => {
    expect(Properties).toMatchObject({ Action: 'lambda:InvokeFunction', Principal: 'apigateway.amazonaws.com' });
    const [, parts] = (Properties.SourceArn as { 'Fn::Join': [string, unknown[]] })['Fn::Join'];
    expect(parts).toContainEqual({ Ref: api });
    return `${shortName(target(Properties.FunctionName))} ${parts.at(-1)}`;
  });
  expect(allowed.sort()).toEqual(opened.sort());
});

test('the one secret of the stack is the line token: a deployment leaves the real one alone, and it goes with its stack', () => {
  const secrets = ofType(template, 'AWS::SecretsManager::Secret');
  expect(
    secrets.map(([, { Properties, DeletionPolicy }]) => [Properties.Name, Properties.SecretString, DeletionPolicy]),
  ).toEqual([['ezw/demo/line-token', 'not-set', 'Delete']]);
});

test('nothing is deployed for a client whose parameters nobody made: that they are there has to be said', () => {
  expect(template.Parameters.Prepared).toMatchObject({ Type: 'String', Default: 'no' });
  expect(template.Rules).toMatchObject({
    IsPrepared: {
      Assertions: [
        {
          Assert: { 'Fn::Equals': [{ Ref: 'Prepared' }, 'yes'] },
          AssertDescription: expect.stringContaining('made by "npx ezw deploy demo"'),
        },
      ],
    },
  });
});

test('the stack says which parameters its functions read, and no value', () => {
  const read = ['sender', 'webhook-receiver', 'crm-sync', 'escalation', ...KNOWN].flatMap((name) =>
    permissions(name).flatMap((one) => (one.startsWith('ssm:') ? [`/${one.split(' ')[1]}`] : [])),
  );
  const told = template.Metadata['ezw:parameters'] as { name: string; placeholder?: string; sources?: string[] }[];
  expect(told.map(({ name }) => name).sort()).toEqual([...new Set(read)].sort());
  expect(told.map(({ placeholder }) => placeholder ?? 'made up').sort()).toEqual([
    'made up',
    'not-set',
    'not-set',
    '{}',
    '{}',
    '{}',
    '{}',
  ]);
});

test('every source of the client has its address in the outputs, beside what an operator asks for', async () => {
  const { lineId, templates } = demoClient();
  const outputs = Object.entries(template.Outputs).map(([name, { Value }]): [string, unknown] => {
    const [, [origin, path] = []] = (Value as { 'Fn::Join'?: [string, unknown[]] })['Fn::Join'] ?? [];
    if (path) expect(origin).toEqual(template.Outputs.ApiUrl?.Value);
    return [name, path ?? Value];
  });
  const sources = Object.entries(templates).flatMap(([name, settings]) =>
    Object.keys(settings?.sources ?? {}).map((source) => `/${name}/${source}`),
  );
  const { ApiUrl, LineId, LineTokenSecretName, WebhookUrl, ...urls } = Object.fromEntries(outputs);
  expect(target(ApiUrl)).toBe(ofType(template, 'AWS::ApiGatewayV2::Api')[0]?.[0]);
  expect({ LineId, LineTokenSecretName, WebhookUrl }).toEqual({
    LineId: lineId,
    LineTokenSecretName: 'ezw/demo/line-token',
    WebhookUrl: '/ezw/webhook/',
  });
  expect(urls).toMatchObject({
    OrderReadyShopifyUrl: '/order-ready/shopify',
    LeadFirstTouchGoogleAdsUrl: '/lead-first-touch/google-ads',
    AppointmentReminderCalComUrl: '/appointment-reminder/cal-com',
  });
  expect(Object.values(urls).sort()).toEqual(sources.sort());
});

test('everything that can carry a tag names its client', () => {
  const bare = Object.values(template.Resources).filter(
    ({ Properties }) => 'Tags' in Properties && !/"ezw:client"/.test(JSON.stringify(Properties.Tags)),
  );
  expect(bare).toEqual([]);
  for (const type of [LAMBDA, QUEUE, 'AWS::DynamoDB::Table', 'AWS::SecretsManager::Secret', 'AWS::IAM::Role']) {
    for (const [, { Properties }] of ofType(template, type)) expect(Properties).toHaveProperty('Tags');
  }
});

import { DynamoDBClient, GetItemCommand, PutItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { CreateScheduleCommand, DeleteScheduleCommand, SchedulerClient } from '@aws-sdk/client-scheduler';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SESv2Client, SendEmailCommand } from '@aws-sdk/client-sesv2';
import { ReceiveMessageCommand, SendMessageBatchCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LocalStack } from '../../local/stack.ts';
import { localFixture } from './fixtures/local-assembly.ts';

/** A call of AWS's own clients, with the key of one function or another. */
type Resources = Record<string, object>;
const arnOf = (id: string) => ({ 'Fn::GetAtt': [id, 'Arn'] });
const allow = (Action: string | string[], Resource: unknown, more: object = {}) => ({
  Effect: 'Allow',
  Action,
  Resource,
  ...more,
});
const policy = (...Statement: object[]) => ({ Version: '2012-10-17', Statement });
const trusted = (Service: string, more: object = {}) =>
  policy({ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service }, ...more });
const role = (trust: object, ...statements: object[]) => ({
  Type: 'AWS::IAM::Role',
  Properties: {
    AssumeRolePolicyDocument: trust,
    Policies: [{ PolicyName: 'Runtime', PolicyDocument: policy(...statements) }],
  },
});
const FEED = ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'];
const LOGS = allow(['logs:CreateLogStream', 'logs:PutLogEvents'], '*');
const feeds = (...actions: string[]) => ['Work', 'Sends'].map((queue) => allow(actions, arnOf(queue)));
const schedules = { 'Fn::Sub': ['arn:aws:scheduler:us-east-1:000000000000:schedule/$' + '{Alarms}/*', {}] };

const withRoles = (all: Resources): void => {
  Object.assign(all, {
    Alarms: { Type: 'AWS::Scheduler::ScheduleGroup', Properties: {} },
    Ring: role(
      trusted('scheduler.amazonaws.com', { Condition: { StringEquals: { 'aws:SourceArn': arnOf('Alarms') } } }),
      allow('sqs:SendMessage', arnOf('Quiet')),
    ),
    Untrusting: role(trusted('lambda.amazonaws.com')),
    Role: role(
      trusted('lambda.amazonaws.com'),
      LOGS,
      ...feeds(...FEED),
      allow('dynamodb:GetItem', arnOf('Table')),
      allow('dynamodb:UpdateItem', arnOf('Table'), {
        Condition: { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': ['own#*'] } },
      }),
      allow('sqs:SendMessage', arnOf('Quiet')),
      allow('secretsmanager:GetSecretValue', { Ref: 'Token' }),
      allow(['scheduler:CreateSchedule'], schedules),
      allow('iam:PassRole', [arnOf('Ring'), arnOf('Untrusting')], {
        Condition: { StringEquals: { 'iam:PassedToService': 'scheduler.amazonaws.com' } },
      }),
      allow('ses:SendEmail', 'arn:aws:ses:us-east-1:000000000000:identity/agency.example'),
    ),
    More: {
      Type: 'AWS::IAM::Policy',
      Properties: {
        PolicyName: 'More',
        Roles: [{ Ref: 'Role' }],
        PolicyDocument: policy(allow('secretsmanager:GetSecretValue', { Ref: 'Crm' })),
      },
    },
    // Both are allowed by the role, and denied by the resource.
    CrmPolicy: {
      Type: 'AWS::SecretsManager::ResourcePolicy',
      Properties: {
        SecretId: { Ref: 'Crm' },
        ResourcePolicy: policy({ ...allow('secretsmanager:*', '*'), Effect: 'Deny', Principal: '*' }),
      },
    },
    QuietPolicy: {
      Type: 'AWS::SQS::QueuePolicy',
      Properties: {
        Queues: [{ Ref: 'Quiet' }],
        PolicyDocument: policy({
          ...allow('sqs:*', arnOf('Quiet')),
          Effect: 'Deny',
          Principal: { AWS: '*' },
          Condition: { Bool: { 'aws:SecureTransport': 'false' } },
        }),
      },
    },
  });
};

const USER = 'arn:aws:sts::000000000000:assumed-role/Ezw-fixture-Role/Ezw-fixture-Door';
const denied = (action: string, resource: string) =>
  `User: ${USER} is not authorized to perform: ${action} on resource: ${resource} because no identity-based policy allows the ${action} action`;
const TABLE = 'arn:aws:dynamodb:us-east-1:000000000000:table/Ezw-fixture-Table';

let stack: LocalStack;
/** The key of the function `door`, as it has it in its environment. */
let key: string;
const clientsOf = (accessKeyId: string) => {
  const shared = { region: 'us-east-1', credentials: { accessKeyId, secretAccessKey: 'x' }, maxAttempts: 1 };
  const { endpoints, sandboxUrl } = stack;
  return {
    dynamodb: new DynamoDBClient({ ...shared, endpoint: endpoints.dynamodb }),
    sqs: new SQSClient({ ...shared, endpoint: endpoints.sqs, useQueueUrlAsEndpoint: false }),
    secrets: new SecretsManagerClient({ ...shared, endpoint: endpoints.secretsManager }),
    scheduler: new SchedulerClient({ ...shared, endpoint: endpoints.scheduler }),
    ses: new SESv2Client({ ...shared, endpoint: `${sandboxUrl}/notifier/ses` }),
  };
};
let own: ReturnType<typeof clientsOf>;
const queueUrl = (name: string) => stack.resources().queues[name];
const item = { TableName: 'Ezw-fixture-Table', Key: { pk: { S: '1' } } };
const mail = (FromEmailAddress: string) =>
  new SendEmailCommand({
    FromEmailAddress,
    Destination: { ToAddresses: ['team@agency.example'] },
    Content: { Simple: { Subject: { Data: 's' }, Body: { Text: { Data: 't' } } } },
  });
const inYears = (years: number): string => new Date(Date.now() + years * 366 * 86_400_000).toISOString();
const schedule = (over: object = {}, target: object = {}) =>
  new CreateScheduleCommand({
    Name: 'one',
    GroupName: 'Ezw-fixture-Alarms',
    ScheduleExpression: `at(${inYears(5).slice(0, 19)})`,
    FlexibleTimeWindow: { Mode: 'OFF' },
    Target: {
      Arn: 'arn:aws:sqs:us-east-1:000000000000:Ezw-fixture-Quiet',
      RoleArn: 'arn:aws:iam::000000000000:role/Ezw-fixture-Ring',
      ...target,
    },
    ...over,
  });
const refusals = () => stack.logs().filter(({ line }) => line.includes('"not_allowed"'));

beforeAll(async () => {
  stack = await localFixture(withRoles).start();
  const environment = await fetch(`${stack.url}/environment/x`);
  ({ AWS_ACCESS_KEY_ID: key } = (await environment.json()) as { AWS_ACCESS_KEY_ID: string });
  own = clientsOf(key);
});
afterAll(() => stack.stop());

describe('a call of a function that its role', () => {
  it('allows is answered, and the grant is noted', async () => {
    await own.dynamodb.send(new GetItemCommand(item));
    await own.sqs.send(new SendMessageCommand({ QueueUrl: queueUrl('quiet'), MessageBody: 'x' }));
    const Entries = [{ Id: '1', MessageBody: 'x' }];
    await own.sqs.send(new SendMessageBatchCommand({ QueueUrl: queueUrl('quiet'), Entries }));
    await own.secrets.send(new GetSecretValueCommand({ SecretId: 'ezw/fixture/line-token' }));
    await own.scheduler.send(schedule());
    await own.ses.send(mail('alerts@agency.example'));
    const shown = (await (await fetch(`${stack.url}/_local/grants`)).json()) as ReturnType<LocalStack['grants']>;
    const used = shown.filter((grant) => grant.used > 0).map(({ action, on, used: n }) => `${action} ${on} ${n}`);
    expect(used).toEqual(
      expect.arrayContaining([
        'dynamodb:GetItem table sends 1',
        'sqs:SendMessage queue quiet 2',
        'secretsmanager:GetSecretValue secret line-token 1',
        'scheduler:CreateSchedule its alarms 1',
        'iam:PassRole the role of its alarms 1',
        'ses:SendEmail identity agency.example 1',
      ]),
    );
    expect(refusals()).toEqual([]);
  });

  it('does not allow is refused as DynamoDB does, and is one line of the log that says what is missing', async () => {
    const put = new PutItemCommand({ TableName: item.TableName, Item: item.Key });
    await expect(own.dynamodb.send(put)).rejects.toMatchObject({
      name: 'AccessDeniedException',
      message: denied('dynamodb:PutItem', TABLE),
      $metadata: { httpStatusCode: 400 },
    });
    expect(refusals().map(({ function: name, line }) => [name, JSON.parse(line)])).toMatchObject([
      ['door', { level: 'error', action: 'dynamodb:PutItem', resource: TABLE, help: expect.stringContaining('lib/') }],
    ]);
  });

  it('allows of some rows alone is refused of another, whichever of them was asked for before', async () => {
    const update = (pk: string) =>
      own.dynamodb.send(new UpdateItemCommand({ TableName: item.TableName, Key: { pk: { S: pk } } }));
    for (let time = 0; time < 2; time += 1) {
      await update('own#1');
      await expect(update('1')).rejects.toMatchObject({ message: denied('dynamodb:UpdateItem', TABLE) });
    }
  });

  it('does not allow is refused as SQS does', async () => {
    const receive = new ReceiveMessageCommand({ QueueUrl: queueUrl('quiet') });
    await expect(own.sqs.send(receive)).rejects.toMatchObject({
      name: 'AccessDenied',
      message: denied('sqs:receivemessage', 'arn:aws:sqs:us-east-1:000000000000:Ezw-fixture-Quiet'),
      $metadata: { httpStatusCode: 403 },
    });
  });

  it('allows and a secret’s own policy denies is refused as Secrets Manager does', async () => {
    await expect(own.secrets.send(new GetSecretValueCommand({ SecretId: 'ezw/fixture/crm' }))).rejects.toMatchObject({
      name: 'AccessDeniedException',
      message: expect.stringMatching(
        /secret:ezw\/fixture\/crm-\w{6} with an explicit deny in a resource-based policy$/,
      ),
      $metadata: { httpStatusCode: 400 },
    });
  });

  it('does not allow is refused as the Scheduler does, the role that is passed too', async () => {
    const arn = (name: string) => `arn:aws:scheduler:us-east-1:000000000000:schedule/${name}`;
    const remove = new DeleteScheduleCommand({ Name: 'one', GroupName: 'Ezw-fixture-Alarms' });
    await expect(own.scheduler.send(remove)).rejects.toMatchObject({
      name: 'AccessDeniedException',
      message: denied('scheduler:DeleteSchedule', arn('Ezw-fixture-Alarms/one')),
      $metadata: { httpStatusCode: 403 },
    });
    await expect(own.scheduler.send(schedule({ GroupName: 'default' }))).rejects.toThrow(arn('default/one'));
    const passed = 'arn:aws:iam::000000000000:role/Ezw-fixture-Role';
    await expect(own.scheduler.send(schedule({ Name: 'two' }, { RoleArn: passed }))).rejects.toMatchObject({
      name: 'AccessDeniedException',
      message: denied('iam:PassRole', passed),
    });
  });

  it('may pass, and the Scheduler may not be, makes no schedule', async () => {
    const RoleArn = 'arn:aws:iam::000000000000:role/Ezw-fixture-Untrusting';
    await expect(own.scheduler.send(schedule({ Name: 'two' }, { RoleArn }))).rejects.toMatchObject({
      name: 'ValidationException',
      message: 'The execution role you provide must allow AWS EventBridge Scheduler to assume the role.',
    });
  });

  it('does not allow is refused as SES does', async () => {
    await expect(own.ses.send(mail('alerts@other.example'))).rejects.toMatchObject({
      name: 'AccessDeniedException',
      message: `User \`${USER}' is not authorized to perform \`ses:SendEmail' on resource \`arn:aws:ses:us-east-1:000000000000:identity/alerts@other.example'`,
      $metadata: { httpStatusCode: 403 },
    });
  });
});

it('an alarm that its role may not ring with is lost as in AWS, and the log says so', async () => {
  const Arn = 'arn:aws:sqs:us-east-1:000000000000:Ezw-fixture-WorkDead';
  await clientsOf('test').scheduler.send(schedule({ Name: 'elsewhere' }, { Arn }));
  await fetch(`${stack.url}/_local/clock`, { method: 'POST', body: JSON.stringify({ now: inYears(6) }) });
  const { queues, dlqs, alarms } = await stack.state();
  expect([queues.quiet?.ready, dlqs['work-dlq']?.ready, alarms]).toEqual([3, 0, []]);
  const last = refusals().at(-1);
  expect(JSON.parse(last?.line ?? '{}')).toMatchObject({ action: 'sqs:SendMessage', resource: Arn });
});

describe('a key', () => {
  it('that is nobody’s is refused by each service', async () => {
    const nobody = clientsOf('AKIANOBODY');
    const message = 'The security token included in the request is invalid.';
    const unknown = { name: 'UnrecognizedClientException', message };
    await expect(nobody.dynamodb.send(new GetItemCommand(item))).rejects.toMatchObject(unknown);
    const secret = new GetSecretValueCommand({ SecretId: 'ezw/fixture/crm' });
    await expect(nobody.secrets.send(secret)).rejects.toMatchObject(unknown);
    await expect(nobody.scheduler.send(schedule())).rejects.toMatchObject(unknown);
    await expect(nobody.ses.send(mail('alerts@agency.example'))).rejects.toMatchObject(unknown);
    const receive = new ReceiveMessageCommand({ QueueUrl: queueUrl('quiet') });
    await expect(nobody.sqs.send(receive)).rejects.toMatchObject({ name: 'InvalidClientTokenId', message });
  });

  it('that is in the address is none', async () => {
    const { dynamodb } = stack.endpoints;
    const signed =
      'X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=test/x&X-Amz-Date=x&X-Amz-SignedHeaders=host&X-Amz-Signature=x';
    const answer = await fetch(`${dynamodb}/?${signed}`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': 'DynamoDB_20120810.Scan' },
      body: JSON.stringify({ TableName: item.TableName }),
    });
    expect([answer.status, await answer.text()]).toEqual([400, expect.stringContaining('UnrecognizedClientException')]);
  });

  it('may do nothing in another group by naming its own where nobody looks', async () => {
    const { scheduler } = stack.endpoints;
    const authorization = `AWS4-HMAC-SHA256 Credential=${key}/20261128/us-east-1/scheduler/aws4_request`;
    const answer = await fetch(`${scheduler}/schedules/victim?groupName=elsewhere`, {
      method: 'DELETE',
      headers: { authorization, 'content-type': 'application/json' },
      body: JSON.stringify({ GroupName: schedule().input.GroupName }),
    });
    expect(answer.status).toBe(403);
    expect((await fetch(`${scheduler}/schedules/%E0%A4%A`, { headers: { authorization } })).status).toBe(400);
  });

  it.each(['test', 'operator', 'local'])('of the account itself, "%s", may do everything', async (name) => {
    const { dynamodb, sqs, secrets } = clientsOf(name);
    await dynamodb.send(new PutItemCommand({ TableName: item.TableName, Item: item.Key }));
    await sqs.send(new ReceiveMessageCommand({ QueueUrl: queueUrl('sends-dlq') }));
    await secrets.send(new GetSecretValueCommand({ SecretId: 'ezw/fixture/crm' }));
  });
});

/** What a start of the fixture with other roles says. */
const startedWith = (change: (all: Resources) => void): Promise<LocalStack> => localFixture(change).start();
const without = (change: object) => (all: Resources) => {
  withRoles(all);
  Object.assign(all, change);
};

describe('what CloudFormation would not create does not start', () => {
  it.each<[string, object, RegExp]>([
    [
      'a feed of a function that may not read its queue',
      { Role: role(trusted('lambda.amazonaws.com'), LOGS, ...feeds('sqs:DeleteMessage', 'sqs:GetQueueAttributes')) },
      /WorkMapping: The function execution role does not have permissions to call ReceiveMessage on SQS/,
    ],
    [
      'a function whose role Lambda may not be',
      { Role: role(trusted('scheduler.amazonaws.com'), LOGS, ...feeds(...FEED)) },
      /(door|worker): The role defined for the function cannot be assumed by Lambda\./,
    ],
    [
      'a condition that nobody holds anything against',
      { Role: role(trusted('lambda.amazonaws.com'), allow('sqs:*', '*', { Condition: { Null: { a: 'true' } } })) },
      /Role \(AWS::IAM::Role\) cannot be emulated: .*Condition.* Null: this stack knows no such condition/,
    ],
    [
      'a managed policy',
      {
        Role: {
          Type: 'AWS::IAM::Role',
          Properties: { AssumeRolePolicyDocument: trusted('lambda.amazonaws.com'), ManagedPolicyArns: ['arn:x'] },
        },
      },
      /Role \(AWS::IAM::Role\) cannot be emulated: .*ManagedPolicyArns/,
    ],
  ])('%s', async (_, change, message) => {
    await expect(startedWith(without(change))).rejects.toThrow(message);
  });
});

it('a route whose function lets nobody invoke it answers 500, and the log says so', async () => {
  const other = await startedWith((all) => {
    delete all.DoorPermission;
  });
  const response = await fetch(`${other.url}/literal/x`);
  expect([response.status, await response.json()]).toEqual([500, { message: 'Internal Server Error' }]);
  const [refused] = other.logs();
  expect([refused?.function, JSON.parse(refused?.line ?? '{}')]).toMatchObject([
    'door',
    {
      event: 'not_allowed',
      action: 'lambda:InvokeFunction',
      resource: expect.stringMatching(/\/GET\/\{act\}\/\{argument\}$/),
    },
  ]);
  await other.stop();
});

it('a function that may not write its log works without one', async () => {
  const other = await startedWith(without({ Role: role(trusted('lambda.amazonaws.com'), ...feeds(...FEED)) }));
  expect((await fetch(`${other.url}/fail/x`)).status).toBe(500);
  const lines = () => other.logs().map(({ line }) => line);
  await expect.poll(() => lines().length).toBeGreaterThan(0);
  expect(lines().filter((line) => !line.includes('"logs:CreateLogStream"'))).toEqual([]);
  await other.stop();
});

it('another template’s roles count from the moment on that it is taken, and uses of before stay noted', async () => {
  const reads = () => stack.grants().find(({ action }) => action === 'dynamodb:GetItem')?.used;
  const before = reads();
  expect(before).toBeGreaterThan(0);
  const put = new PutItemCommand({ TableName: item.TableName, Item: item.Key });
  await expect(own.dynamodb.send(put)).rejects.toThrow('not authorized');
  const more = (all: Resources) => {
    withRoles(all);
    const { Properties } = all.More as { Properties: { PolicyDocument: { Statement: object[] } } };
    Properties.PolicyDocument.Statement.push(allow('dynamodb:PutItem', arnOf('Table')));
  };
  await stack.reload(localFixture(more).assembly);
  await own.dynamodb.send(put);
  expect(reads()).toBe(before);
  const less = { Role: role(trusted('lambda.amazonaws.com'), LOGS, ...feeds(...FEED)) };
  await stack.reload(localFixture(without(less)).assembly);
  await expect(own.dynamodb.send(new GetItemCommand(item))).rejects.toThrow('not authorized');
});

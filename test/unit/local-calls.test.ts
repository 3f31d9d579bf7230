import { describe, expect, it } from 'vitest';
import { dynamoDbCalls, schedulerCalls, sesCalls, sqsCall } from '../../local/iam/calls.ts';

const AWS = 'us-east-1:000000000000';
const shown = (calls: readonly { action: string; resource: string }[]) =>
  calls.map(({ action, resource }) => `${action} ${resource}`);

describe('DynamoDB', () => {
  const table = (name: string) => `arn:aws:dynamodb:${AWS}:table/${name}`;

  it.each<[string, object, string[]]>([
    ['GetItem', { TableName: 'sends' }, [`dynamodb:GetItem ${table('sends')}`]],
    ['PutItem', { TableName: table('sends') }, [`dynamodb:PutItem ${table('sends')}`]],
    ['Query', { TableName: 'sends', IndexName: 'byId' }, [`dynamodb:Query ${table('sends')}/index/byId`]],
    ['Scan', { TableName: 'sends' }, [`dynamodb:Scan ${table('sends')}`]],
    ['ListTables', {}, ['dynamodb:ListTables *']],
    [
      'BatchGetItem',
      { RequestItems: { a: {}, b: {} } },
      [`dynamodb:BatchGetItem ${table('a')}`, `dynamodb:BatchGetItem ${table('b')}`],
    ],
    [
      'TransactWriteItems',
      { TransactItems: [{ Put: { TableName: 'a' } }, { ConditionCheck: { TableName: 'b' } }] },
      [`dynamodb:PutItem ${table('a')}`, `dynamodb:ConditionCheckItem ${table('b')}`],
    ],
  ])('%s %j', (operation, body, calls) => {
    expect(shown(dynamoDbCalls(operation, body))).toEqual(calls);
  });

  it.each([
    ['UpdateItem', { Key: { pk: { S: 'a#1' } } }],
    ['PutItem', { Item: { pk: { S: 'a#1' }, more: { N: '1' } } }],
  ])('%s says which row it is about', (operation, body) => {
    const [call] = dynamoDbCalls(operation, { TableName: 'sends', ...body });
    expect(call?.context).toEqual({ 'dynamodb:LeadingKeys': 'a#1' });
  });

  it.each([undefined, null, 'text', []])('a body that is none, %j, asks for no table', (body) => {
    expect(shown(dynamoDbCalls('GetItem', body))).toEqual(['dynamodb:GetItem *']);
  });
});

describe('SQS', () => {
  const QueueUrl = 'http://sqs.us-east-1.localhost:1234/000000000000/work.fifo';

  it.each([
    ['SendMessage', 'sqs:SendMessage'],
    ['SendMessageBatch', 'sqs:SendMessage'],
    ['DeleteMessageBatch', 'sqs:DeleteMessage'],
    ['ChangeMessageVisibilityBatch', 'sqs:ChangeMessageVisibility'],
    ['ReceiveMessage', 'sqs:ReceiveMessage'],
  ])('%s is %s of the queue, with TLS', (operation, action) => {
    const context = { 'aws:SecureTransport': 'true' };
    expect(sqsCall(operation, { QueueUrl })).toEqual({ action, resource: `arn:aws:sqs:${AWS}:work.fifo`, context });
  });

  it('GetQueueUrl names the queue, ListQueues none', () => {
    expect(sqsCall('GetQueueUrl', { QueueName: 'work' }).resource).toBe(`arn:aws:sqs:${AWS}:work`);
    expect(sqsCall('ListQueues', {}).resource).toBe('*');
  });
});

describe('the Scheduler', () => {
  const calls = (method: string, path: string, body: object = {}) => {
    const url = new URL(path, 'http://local');
    return shown(schedulerCalls(method, url.pathname, url.searchParams, body));
  };
  const schedule = (name: string) => `arn:aws:scheduler:${AWS}:schedule/${name}`;

  it('to make or change a schedule is also to pass its role', () => {
    const body = { GroupName: 'alarms', Target: { RoleArn: 'arn:role' } };
    for (const [method, action] of [
      ['POST', 'CreateSchedule'],
      ['PUT', 'UpdateSchedule'],
    ] as const)
      expect(calls(method, '/schedules/one', body)).toEqual([
        `scheduler:${action} ${schedule('alarms/one')}`,
        'iam:PassRole arn:role',
      ]);
  });

  it.each([
    ['GET', '/schedules/one?groupName=alarms', `scheduler:GetSchedule ${schedule('alarms/one')}`],
    ['DELETE', '/schedules/one', `scheduler:DeleteSchedule ${schedule('default/one')}`],
    ['GET', '/schedules', 'scheduler:ListSchedules *'],
    ['POST', '/schedule-groups/a', `scheduler:CreateScheduleGroup arn:aws:scheduler:${AWS}:schedule-group/a`],
    ['GET', '/schedule-groups', 'scheduler:ListScheduleGroups *'],
  ])('%s %s', (method, path, call) => {
    expect(calls(method, path)).toEqual([call]);
  });
});

it('a mail may be sent by its address or by the domain of it', () => {
  expect(shown(sesCalls({ FromEmailAddress: 'alerts@agency.example' }))).toEqual([
    `ses:SendEmail arn:aws:ses:${AWS}:identity/alerts@agency.example`,
    `ses:SendEmail arn:aws:ses:${AWS}:identity/agency.example`,
  ]);
});

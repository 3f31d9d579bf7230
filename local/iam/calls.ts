import { accountId, region } from '../account.ts';
import { groupArn, keyOf, partsOf } from '../scheduler/schedule.ts';
import type { Call } from './policy.ts';

type Fields = Readonly<Record<string, unknown>>;

const fieldsOf = (value: unknown): Fields => (typeof value === 'object' && value !== null ? (value as Fields) : {});
const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);
const arnOf = (service: string, name: string): string =>
  name.startsWith('arn:') ? name : `arn:aws:${service}:${region}:${accountId}:${name}`;

/** Parts of a transaction are checked by the names of single operations. */
const TRANSACTED: Readonly<Record<string, string>> = {
  ConditionCheck: 'ConditionCheckItem',
  Delete: 'DeleteItem',
  Get: 'GetItem',
  Put: 'PutItem',
  Update: 'UpdateItem',
};

/** What a request to DynamoDB asks for: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazondynamodb.html */
export function dynamoDbCalls(operation: string, body: unknown): Call[] {
  const { TableName, IndexName, RequestItems, TransactItems, Key, Item } = fieldsOf(body);
  const table = (name: string) => arnOf('dynamodb', name.startsWith('arn:') ? name : `table/${name}`);
  const action = `dynamodb:${operation}`;
  if (RequestItems !== undefined)
    return Object.keys(fieldsOf(RequestItems)).map((name) => ({ action, resource: table(name) }));
  if (Array.isArray(TransactItems)) {
    return TransactItems.flatMap((item) =>
      Object.entries(fieldsOf(item)).map(([kind, part]) => ({
        action: `dynamodb:${TRANSACTED[kind] ?? kind}`,
        resource: table(text(fieldsOf(part).TableName) ?? ''),
      })),
    );
  }
  const name = text(TableName);
  if (name === undefined) return [{ action, resource: '*' }];
  const index = text(IndexName);
  const resource = index === undefined ? table(name) : `${table(name)}/index/${index}`;
  const row = text(fieldsOf(fieldsOf(Key ?? Item).pk).S);
  return [{ action, resource, ...(row !== undefined && { context: { 'dynamodb:LeadingKeys': row } }) }];
}

/**
 * What a request to SQS asks for; a batch goes by the name of the single operation.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-api-permissions-reference.html
 */
export function sqsCall(operation: string, body: unknown): Call {
  const { QueueUrl, QueueName, SourceArn } = fieldsOf(body);
  const queue = text(QueueUrl)?.split('/').at(-1) ?? text(QueueName) ?? text(SourceArn);
  return {
    action: `sqs:${operation.replace(/Batch$/, '')}`,
    resource: queue === undefined ? '*' : arnOf('sqs', queue),
    // The queues' own policies refuse what is not; between processes of one machine there is nobody to listen.
    context: { 'aws:SecureTransport': 'true' },
  };
}

const SCHEDULER_ACTIONS: Readonly<Record<string, string>> = {
  DELETE: 'Delete',
  GET: 'Get',
  POST: 'Create',
  PUT: 'Update',
};

/**
 * What a request to the Scheduler asks for. Whoever makes a schedule also passes it a role.
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoneventbridgescheduler.html
 */
export function schedulerCalls(method: string, path: string, query: URLSearchParams, body: unknown): Call[] {
  const [, kind = '', name = ''] = partsOf(path);
  const verb = name === '' ? 'List' : SCHEDULER_ACTIONS[method];
  const plural = name === '' ? 's' : '';
  if (kind === 'schedule-groups')
    return [{ action: `scheduler:${verb}ScheduleGroup${plural}`, resource: name === '' ? '*' : groupArn(name) }];
  const { GroupName, Target } = fieldsOf(body);
  // Where the operation itself looks for it.
  const isRead = method === 'GET' || method === 'DELETE';
  const group = (isRead ? query.get('groupName') : text(GroupName)) ?? 'default';
  const resource = name === '' ? '*' : arnOf('scheduler', `schedule/${keyOf(group, name)}`);
  const role = text(fieldsOf(Target).RoleArn);
  const passed = role === undefined ? [] : [passRole(role)];
  return [{ action: `scheduler:${verb}Schedule${plural}`, resource }, ...passed];
}

const passRole = (resource: string): Call => ({
  action: 'iam:PassRole',
  resource,
  context: { 'iam:PassedToService': 'scheduler.amazonaws.com' },
});

/**
 * What a request to SES asks for: to send by the identity that is verified, which is the sender's address or its domain. Which of
 * the two is nowhere to be seen here, so either will do.
 */
export function sesCalls(body: unknown): Call[] {
  const address = text(fieldsOf(body).FromEmailAddress) ?? '';
  const names = [address, address.slice(address.indexOf('@') + 1)];
  return names.map((name) => ({ action: 'ses:SendEmail', resource: arnOf('ses', `identity/${name}`) }));
}

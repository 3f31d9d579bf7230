import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { newAccess } from '../../local/iam/access.ts';
import { Guard } from '../../local/iam/guard.ts';
import { SnsServer } from '../../local/sns/server.ts';

const NOW = Date.parse('2026-11-25T10:00:00Z');

const guard = new Guard();
let server: SnsServer;
let told: string;
const clientOf = (accessKeyId: string) =>
  new SNSClient({
    region: 'us-east-1',
    endpoint: server.url,
    credentials: { accessKeyId, secretAccessKey: 'secret' },
    maxAttempts: 1,
  });

beforeAll(async () => {
  server = await SnsServer.start(guard, () => NOW);
});
afterAll(() => server.stop());
beforeEach(() => {
  told = server.store.create('Ezw-watch');
  server.store.subscribe(told, 'noa@agency.example', { client: ['south', '*'] });
  server.store.subscribe(told, 'dana@agency.example', { client: ['north', '*'] });
  server.store.subscribe(told, 'all@agency.example');
});

const client = (name: string) => ({ client: { DataType: 'String', StringValue: name } });
const publish = (input: Partial<PublishCommand['input']>, key = 'test') =>
  clientOf(key).send(new PublishCommand({ TopicArn: told, Message: 'wrong', ...input }));

test('what is published is kept with whose it is, when, and whom it reaches', async () => {
  const text = 'Two messages wait: <see> "sends list" & wait.\nשלום';
  const { MessageId } = await publish({ Message: text, Subject: '[north] 2 wait', MessageAttributes: client('north') });
  expect(MessageId).toMatch(/^[\da-f-]{36}$/);
  expect(server.store.inbox.at(-1)).toEqual({
    at: '2026-11-25T10:00:00.000Z',
    client: 'north',
    subject: '[north] 2 wait',
    message: text,
    to: ['all@agency.example', 'dana@agency.example'],
  });
});

test('what is about all reaches everybody; what says no client, nobody with a filter', async () => {
  await publish({ MessageAttributes: client('*') });
  expect(server.store.inbox.at(-1)?.to).toEqual(['all@agency.example', 'dana@agency.example', 'noa@agency.example']);
  await publish({});
  expect(server.store.inbox.at(-1)?.to).toEqual(['all@agency.example']);
});

test.each([
  ['with a line break', 'two\nlines'],
  ['with more than ASCII', 'שלום'],
  ['that begins with a space', ' one'],
  ['of more than 100 characters', 'x'.repeat(101)],
])('a subject %s is refused, and nothing is told', async (_, Subject) => {
  const before = server.store.inbox.length;
  await expect(publish({ Subject })).rejects.toMatchObject({
    name: 'InvalidParameterException',
    message: 'Invalid parameter: Subject',
  });
  expect(server.store.inbox).toHaveLength(before);
});

test('a subject of 100 characters is taken', async () => {
  await publish({ Subject: 'x'.repeat(100) });
  expect(server.store.inbox.at(-1)?.subject).toHaveLength(100);
});

test('a message of more than 256 kB, in bytes and with its attributes, is refused, and so is an empty one', async () => {
  const most = 256 * 1024;
  await expect(publish({ Message: 'x'.repeat(most) })).resolves.toBeDefined();
  const refused = { name: 'InvalidParameterException', message: /too long/ };
  await expect(publish({ Message: 'x'.repeat(most + 1) })).rejects.toMatchObject({ name: refused.name });
  await expect(publish({ Message: 'א'.repeat(most / 2 + 1) })).rejects.toThrow(refused.message);
  await expect(publish({ Message: 'x'.repeat(most), MessageAttributes: client('north') })).rejects.toThrow(
    refused.message,
  );
  await expect(publish({ Message: '' })).rejects.toThrow('Invalid parameter: Empty message');
});

test('a topic that is not there is not found', async () => {
  await expect(publish({ TopicArn: `${told}-other` })).rejects.toMatchObject({
    name: 'NotFoundException',
    message: 'Topic does not exist',
  });
});

test('whoever may not publish is refused in the words of SNS, and what the role allows is taken', async () => {
  const access = newAccess();
  const role = 'arn:aws:iam::000000000000:role/Role';
  const rule = { effect: 'Allow', action: 'sns:Publish', resource: told, conditions: [] } as const;
  access.roles.set(role, { arn: role, name: 'Role', trust: [], rules: [rule] });
  const identity = { name: 'watcher', functionName: 'Watcher', arn: 'arn:watcher', roleArn: role, logGroup: 'logs' };
  access.functions.set('AKIAWATCHER', identity);
  guard.take(access);
  const other = server.store.create('Other');
  await expect(publish({}, 'AKIAWATCHER')).resolves.toBeDefined();
  await expect(publish({ TopicArn: other }, 'AKIAWATCHER')).rejects.toMatchObject({
    name: 'AuthorizationErrorException',
    message: expect.stringContaining(`is not authorized to perform: sns:Publish on resource: ${other}`),
  });
  await expect(publish({}, 'AKIANOBODY')).rejects.toMatchObject({ name: 'InvalidClientTokenId' });
});

import {
  BatchWriteItemCommand,
  DynamoDBClient,
  PutItemCommand,
  QueryCommand,
  ScanCommand,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { region } from '../../local/account.ts';
import { TableServer } from '../../local/tables/server.ts';

const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
const clientOf = (tables: TableServer, maxAttempts: number) =>
  new DynamoDBClient({ endpoint: tables.url, region, credentials, maxAttempts });

const SENDS = {
  TableName: 'sends',
  BillingMode: 'PAY_PER_REQUEST',
  KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
  AttributeDefinitions: ['pk', 'print', 'at'].map((AttributeName) => ({ AttributeName, AttributeType: 'S' as const })),
  GlobalSecondaryIndexes: [
    {
      IndexName: 'byPrint',
      KeySchema: [
        { AttributeName: 'print', KeyType: 'HASH' as const },
        { AttributeName: 'at', KeyType: 'RANGE' as const },
      ],
      Projection: { ProjectionType: 'KEYS_ONLY' as const },
    },
  ],
} satisfies Parameters<TableServer['create']>[0];

it('a store that stops in the middle of writes finishes those it has taken, and takes no others', async () => {
  const tables = await TableServer.start();
  await tables.create(SENDS);
  const client = clientOf(tables, 1);
  const add = () =>
    client.send(
      new UpdateItemCommand({
        TableName: 'sends',
        Key: { pk: { S: 'one' } },
        UpdateExpression: 'ADD tries :one',
        ExpressionAttributeValues: { ':one': { N: '1' } },
      }),
    );
  await add();
  const first = add();
  const rest = Promise.allSettled(Array.from({ length: 200 }, add));
  await first;
  // Of an error in the server's own steps, which nobody catches, the test run fails.
  await tables.stop();
  expect((await rest).some(({ status }) => status === 'rejected')).toBe(true);
  client.destroy();
});

it.each<[string, object]>([
  ['PutItem', { Item: null }],
  ['PutItem', { Item: { pk: null } }],
  ['PutItem', { Item: { pk: { S: 'z' }, a: { L: [null] } } }],
  ['PutItem', { Item: { pk: { S: 'z' }, a: 'deep' } }],
  ['GetItem', { Key: { pk: null } }],
  [
    'UpdateItem',
    { Key: { pk: { S: 'z' } }, UpdateExpression: 'SET a = :a', ExpressionAttributeValues: { ':a': null } },
  ],
  ['BatchWriteItem', { RequestItems: { sends: [null] } }],
  ['TransactWriteItems', { TransactItems: 5 }],
  ['TransactWriteItems', { TransactItems: [{ Put: null }] }],
])('%s of %j is the caller’s fault, and the tables go on', async (operation, body) => {
  const tables = await TableServer.start();
  await tables.create(SENDS);
  const deep = `${'{"L":['.repeat(20_000)}${']}'.repeat(20_000)}`;
  const answer = await fetch(tables.url, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-target': `DynamoDB_20120810.${operation}`,
      authorization: 'AWS4-HMAC-SHA256 Credential=test/x, SignedHeaders=host, Signature=x',
      'x-amz-date': '20261128T100000Z',
    },
    body: JSON.stringify({ TableName: 'sends', ...body }).replace('"deep"', deep),
  });
  expect(answer.status).toBe(400);
  await clientOf(tables, 1).send(new PutItemCommand({ TableName: 'sends', Item: { pk: { S: 'z' } } }));
  await tables.stop();
});

describe('what DynamoDB refuses', () => {
  let tables: TableServer;
  let client: DynamoDBClient;
  beforeAll(async () => {
    tables = await TableServer.start();
    await tables.create(SENDS);
  });
  beforeEach(() => {
    client = clientOf(tables, 1);
  });
  afterAll(async () => {
    client.destroy();
    await tables.stop();
  });

  const invalid = (message: string | RegExp) => ({
    name: 'ValidationException',
    message: expect.stringMatching(message),
  });
  const put = (Item: PutItemCommand['input']['Item']) => client.send(new PutItemCommand({ TableName: 'sends', Item }));
  const update = (UpdateExpression: string, values: Record<string, string>, names?: Record<string, string>) =>
    client.send(
      new UpdateItemCommand({
        TableName: 'sends',
        Key: { pk: { S: 'one' } },
        UpdateExpression,
        ExpressionAttributeValues: Object.fromEntries(Object.entries(values).map(([name, S]) => [name, { S }])),
        ...(names && { ExpressionAttributeNames: names }),
      }),
    );
  const query = (IndexName: string | undefined, key: string, value: string) =>
    client.send(
      new QueryCommand({
        TableName: 'sends',
        IndexName,
        KeyConditionExpression: '#key = :value',
        ExpressionAttributeNames: { '#key': key },
        ExpressionAttributeValues: { ':value': { S: value } },
      }),
    );

  const withKey = (value: string, key = 'print') => ({ pk: { S: 'one' }, print: { S: 'p' }, [key]: { S: value } });
  const WAYS: [string, (value: string, key?: string) => Promise<unknown>][] = [
    ['put', (value, key) => put(withKey(value, key))],
    ['written in a batch', (value, key) => writeBatch(value, key)],
    ['written in a transaction', (value, key) => transact(value, key)],
    ['updated', (value, key = 'print') => update('SET other = :o, #k = :v', { ':o': 'o', ':v': value }, { '#k': key })],
    ['updated by its own name', (value, key = 'print') => update(`SET ${key}=:v`, { ':v': value })],
    [
      'updated where it is new',
      (value, key = 'print') => update(`SET ${key} = if_not_exists(${key}, :v)`, { ':v': value }),
    ],
  ];
  const writeBatch = (value: string, key?: string) =>
    client.send(
      new BatchWriteItemCommand({ RequestItems: { sends: [{ PutRequest: { Item: withKey(value, key) } }] } }),
    );
  const transact = (value: string, key?: string) =>
    client.send(
      new TransactWriteItemsCommand({ TransactItems: [{ Put: { TableName: 'sends', Item: withKey(value, key) } }] }),
    );

  it.each(WAYS)('an empty key of an index is refused when it is %s', async (_, write) => {
    const said = 'The AttributeValue for a key attribute cannot contain an empty string value.';
    await expect(write('')).rejects.toMatchObject(invalid(`secondary index key.* is not supported. ${said}`));
  });

  it.each(WAYS)('a key of an index that is too long is refused when it is %s', async (_, write) => {
    await expect(write('é'.repeat(1025))).rejects.toMatchObject(invalid('maximum size limit of2048 bytes'));
    await expect(write('a'.repeat(1025), 'at')).rejects.toMatchObject(invalid('size limit of 1024 bytes'));
  });

  it('keys of an index that are just short enough, and empty values elsewhere, are taken', async () => {
    await put({ pk: { S: 'one' }, print: { S: 'é'.repeat(1024) }, at: { S: 'a'.repeat(1024) }, other: { S: '' } });
    await update('SET print = :p, reprint = :e', { ':p': 'p', ':e': '' });
  });

  it('an empty key in a query is refused, of the table and of an index', async () => {
    const said = 'The AttributeValue for a key attribute cannot contain an empty string value. Key: ';
    await expect(query(undefined, 'pk', '')).rejects.toMatchObject(invalid(`${said}pk`));
    await expect(query('byPrint', 'print', '')).rejects.toMatchObject(invalid(`${said}print`));
    expect((await query('byPrint', 'print', 'nobody')).Items).toEqual([]);
  });

  const scan = (FilterExpression: string) =>
    client.send(
      new ScanCommand({ TableName: 'sends', FilterExpression, ExpressionAttributeValues: { ':v': { S: 'v' } } }),
    );

  it('an expression over 4 KB is refused, and one of 4 KB is taken', async () => {
    const filter = (bytes: number) => `${'a'.repeat(200)} = :v${' '.repeat(bytes - 205)}`;
    await scan(filter(4096));
    await expect(scan(filter(4097))).rejects.toMatchObject(
      invalid('Invalid FilterExpression: Expression size has exceeded the maximum allowed size; expression size: 4097'),
    );
  });

  it('more than 300 operators, or 100 values of an IN, are refused', async () => {
    const ors = (terms: number) => Array(terms).fill('a=:v').join(' or ');
    await scan(ors(150));
    await expect(scan(ors(151))).rejects.toMatchObject(
      invalid('Invalid FilterExpression: The expression contains too many operators; operator count: 301'),
    );
    const within = (values: number) => `a IN (${Array(values).fill(':v').join(', ')})`;
    await scan(within(100));
    await expect(scan(within(101))).rejects.toMatchObject(invalid('too many operands; number of operands: 101'));
  });

  it('an update of hundreds of attributes has no operators, and is long before it is too much', async () => {
    const names = Array.from({ length: 180 }, (_, index) => `a${index}`);
    await update(`SET ${names.map((name) => `${name} = :v`).join(', ')}`, { ':v': 'v' });
  });

  it('more than 32 lists and maps within each other are refused', async () => {
    const deep = (levels: number): { L: object[] } => ({ L: levels === 1 ? [] : [deep(levels - 1)] });
    await put({ pk: { S: 'deep' }, deep: deep(32) as never });
    await expect(put({ pk: { S: 'deep' }, deep: deep(33) as never })).rejects.toMatchObject(invalid('Nesting Levels'));
  });

  it.each(['ProvisionedThroughputExceededException', 'ThrottlingException', 'InternalServerError'] as const)(
    'a table says %s as often as it is told to, with no effect, and the SDK gets through when it is over',
    async (name) => {
      tables.refuse(1, name);
      // The stack's own calls are none of these.
      expect((await tables.items('sends')).map(({ pk }) => pk)).not.toContain(name);
      await expect(put({ pk: { S: name } })).rejects.toMatchObject({ name });
      expect((await tables.items('sends')).map(({ pk }) => pk)).not.toContain(name);
      const patient = clientOf(tables, 3);
      tables.refuse(2, name);
      await patient.send(new PutItemCommand({ TableName: 'sends', Item: { pk: { S: name } } }));
      expect((await tables.items('sends')).map(({ pk }) => pk)).toContain(name);
      patient.destroy();
    },
  );
});

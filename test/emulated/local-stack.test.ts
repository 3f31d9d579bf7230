import { once } from 'node:events';
import { createServer } from 'node:http';
import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { LocalStack } from '../../local/stack.ts';
import { awsClients } from './fixtures/clients.ts';
import { localFixture } from './fixtures/local-assembly.ts';

let stack: LocalStack;

beforeAll(async () => {
  stack = await localFixture().start({ ezwUrl: 'http://127.0.0.1:9' });
});
afterAll(() => stack.stop());

const get = async (path: string) => {
  const response = await fetch(stack.url + path);
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
};

describe('a function', () => {
  test('gets the environment of the template and of Lambda, and nothing of the developer', async () => {
    process.env.DEVELOPERS_OWN = 'secret';
    const { body } = await get('/environment/1');
    expect(body).toMatchObject({
      TABLE: 'Ezw-fixture-Table',
      SECRET: expect.stringMatching(/^arn:aws:secretsmanager:us-east-1:000000000000:secret:ezw\/fixture\/line-token-/),
      AWS_REGION: 'us-east-1',
      AWS_LAMBDA_FUNCTION_NAME: 'Ezw-fixture-Door',
      AWS_ENDPOINT_URL_SQS: stack.endpoints.sqs,
      EZW_BASE_URL: 'http://127.0.0.1:9',
    });
    expect(Object.keys(body).filter((name) => !/^(AWS_|EZW_)/.test(name))).toEqual(
      expect.not.arrayContaining(['DEVELOPERS_OWN', 'HOME', 'USER', 'NODE_OPTIONS']),
    );
  });

  test('reads its layer, in which the sandbox has its real address', async () => {
    expect((await get('/config/1')).body).toEqual({ shop: `${stack.sandboxUrl}/shopify` });
  });

  test('has its lines kept', async () => {
    await get('/fail/1');
    await expect.poll(() => stack.logs().map(({ line }) => line)).toContainEqual('RangeError: told to fail');
  });
});

describe('the stack', () => {
  test('says what it serves', async () => {
    const { status, body } = await get('/_local/ready');
    expect(status).toBe(200);
    expect(body).toMatchObject({ client: 'fixture', lineId: 'line-1' });
    expect(body.routes).toContain('POST /{act}/{argument}');
  });

  test('shows tables, queues and processes by their short names', async () => {
    const item = { pk: { S: 'a' }, n: { N: '1' }, deep: { M: { list: { L: [{ BOOL: true }, { NULL: true }] } } } };
    await awsClients(stack).dynamodb.send(new PutItemCommand({ TableName: 'Ezw-fixture-Table', Item: item }));
    const { body } = await get('/_local/state');
    const empty = { ready: 0, inFlight: 0, delayed: 0 };
    expect(body).toMatchObject({
      tables: { sends: [{ pk: 'a', n: 1, deep: { list: [true, null] } }] },
      queues: { work: empty, sends: empty, quiet: empty },
      dlqs: { 'work-dlq': empty, 'sends-dlq': empty },
      alarms: [],
      functions: { door: { pids: stack.functions.door }, worker: { pids: stack.functions.worker } },
    });
  });

  test('serves the sandbox and its page on its own port too', async () => {
    expect((await fetch(`${stack.url}/`)).headers.get('content-type')).toMatch(/text\/html/);
    expect((await get('/_sandbox/messages')).status).toBe(200);
  });

  test('says which port is taken, and leaves nothing behind', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as { port: number };
    await expect(localFixture().start({ port })).rejects.toThrow(`Port ${port} is in use`);
    await expect(localFixture().start({ sandboxPort: port })).rejects.toThrow(`Port ${port} is in use`);
    other.close();
  });

  test('ends all its processes', async () => {
    const other = await localFixture().start();
    const pids = Object.values(other.functions).flat();
    expect(pids.length).toBeGreaterThan(1);
    await other.stop();
    await expect.poll(() => pids.filter(isRunning)).toEqual([]);
    await expect(fetch(other.url)).rejects.toThrow();
  });

  test('starts although a function does not load, and its log says why', async () => {
    const broken = localFixture(({ Door }) => {
      (Door as { Properties: { Handler: string } }).Properties.Handler = 'index.missing';
    });
    const other = await broken.start();
    try {
      expect(other.logs().map(({ line }) => line)).toContainEqual(expect.stringMatching(/does not export .*"missing"/));
      expect((await fetch(`${other.url}/sleep/1`)).status).toBe(500);
    } finally {
      await other.stop();
    }
  });
});

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

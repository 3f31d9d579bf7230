import { once } from 'node:events';
import { request } from 'node:http';
import { type AddressInfo, createServer } from 'node:net';
import { ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { ListQueuesCommand } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { listen } from '../../cli/probe/listener.ts';
import type { LocalStack } from '../../local/stack.ts';
import { awsClients } from './fixtures/clients.ts';
import { localFixture } from './fixtures/local-assembly.ts';

let stack: LocalStack;
let servers: Record<string, string>;

beforeAll(async () => {
  stack = await localFixture().start({ allowedHosts: ['tunnel.example'] });
  const environment = (await (await fetch(`${stack.url}/environment/1`)).json()) as Record<string, string>;
  const runtime = `http://${environment.AWS_LAMBDA_RUNTIME_API}/2018-06-01/runtime/invocation/next`;
  const sandbox = `${stack.sandboxUrl}/_sandbox/messages`;
  servers = { ...stack.endpoints, sandbox, runtime, state: `${stack.url}/_local/state` };
});
afterAll(() => stack.stop());

const ask = (to: string, headers: Readonly<Record<string, string>>, method = 'GET') =>
  new Promise<number | undefined>((done, failed) => {
    const asking = request(to, { method, headers }, (answer) => done(answer.resume().statusCode));
    asking.on('error', failed).end();
  });

describe.each(['dynamodb', 'sqs', 'secretsManager', 'ssm', 'scheduler', 'sandbox', 'runtime', 'state'])(
  'the server of %s',
  (name) => {
    const at = () => servers[name] ?? '';

    test.each(['GET', 'POST', 'OPTIONS'])(
      'answers no name that is not this machine, and no tunnel: %s',
      async (method) => {
        const asked = ['evil.example', `evil.example:${new URL(at()).port}`, 'tunnel.example'];
        for (const host of asked) expect(await ask(at(), { host }, method), host).toBe(403);
      },
    );

    test.each(['GET', 'POST', 'OPTIONS'])('answers no page of somebody else: %s', async (method) => {
      for (const origin of ['https://evil.example', 'null', 'http://127.0.0.1:1'])
        expect(await ask(at(), { host: new URL(at()).host, origin }, method), origin).toBe(403);
    });
  },
);

test('who belongs here is answered as ever, queues by the name that fauxqs gives them', async () => {
  const { dynamodb, sqs } = awsClients(stack);
  expect((await dynamodb.send(new ListTablesCommand({}))).TableNames).toContain('Ezw-fixture-Table');
  const { QueueUrls = [] } = await sqs.send(new ListQueuesCommand({}));
  const [first = ''] = QueueUrls;
  expect(first).toContain('.localhost:');
  const { host } = new URL(first);
  expect(await ask(stack.endpoints.sqs, { host }, 'POST')).not.toBe(403);
  expect(await ask(servers.sandbox ?? '', { host: 'localhost', origin: 'http://localhost' })).toBe(200);
});

test('a door is reached by a tunnel that was allowed, and by no other one', async () => {
  const door = `${stack.url}/echo/literal`;
  expect(await ask(door, { host: 'tunnel.example', origin: 'https://shop.example' }, 'POST')).toBe(200);
  expect(await ask(door, { host: 'other.example' }, 'POST')).toBe(403);
});

test('a probe listens to what its tunnel brings, whatever that is called', async () => {
  const free = createServer().listen(0, '127.0.0.1');
  await once(free, 'listening');
  const { port } = free.address() as AddressInfo;
  await new Promise((done) => free.close(done));
  const probe = await listen(port, 'secret', async () => 200);
  expect(await ask(`http://127.0.0.1:${port}/secret`, { host: 'tunnel.example' }, 'POST')).toBe(200);
  expect(probe.came).toHaveLength(1);
  await probe.close();
});

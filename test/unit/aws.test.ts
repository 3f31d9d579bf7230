import { Agent, createServer as createHttpServer, get, type RequestListener } from 'node:http';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { setImmediate, setTimeout } from 'node:timers/promises';
import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import type { Context } from 'aws-lambda';
import { expect, it, vi } from 'vitest';
import { AWS_CLIENT, bounded, CALL_MS } from '../../functions/shared/runtime/aws.ts';
import { keptFresh } from '../../functions/shared/runtime/fresh-sockets.ts';
import { inTime } from '../../functions/shared/runtime/in-time.ts';

/** The limits of the functions' clients, ten times as short; all that is tested here is that they end a call. */
const TENTH = 0.1;
const { maxAttempts, requestHandler } = AWS_CLIENT;
const settings = {
  maxAttempts,
  requestHandler: {
    ...requestHandler,
    requestTimeout: requestHandler.requestTimeout * TENTH,
    socketTimeout: requestHandler.socketTimeout * TENTH,
  },
  region: 'us-east-1',
  credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
};

/** How a read fails, or that it has not within twice its time. */
const failure = async (server: Server): Promise<Error> => {
  const sockets: Socket[] = [];
  server.on('connection', (socket: Socket) => sockets.push(socket.on('error', () => undefined)));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const client = bounded(new DynamoDBClient({ ...settings, endpoint }), CALL_MS * TENTH);
  const call = client.send(new GetItemCommand({ TableName: 'sends', Key: { pk: { S: 'a' } } })).then(
    () => new Error('answered'),
    (reason: Error) => reason,
  );
  // A timer of the same process: on a busy machine it is as late as the one that is to end the call.
  const error = await Promise.race([call, setTimeout(2 * CALL_MS * TENTH, new Error('goes on'))]);
  client.destroy();
  for (const socket of sockets) socket.destroy();
  server.close();
  return error;
};

const drip = (to: { write(text: string): unknown }, first: string, text = first): void => {
  to.write(first);
  setInterval(() => to.write(text), 30).unref();
};
const http = (answer: RequestListener) => createHttpServer(answer);

it.concurrent.each([
  ['takes the request and says nothing', () => createServer()],
  ['sends headers without end', () => createServer((socket) => drip(socket, 'HTTP/1.1 200 OK\r\n', 'X-More: yes\r\n'))],
  ['falls silent in the middle of a body', () => http((_, response) => response.writeHead(200).write('{'))],
  ['sends a body without end', () => http((_, response) => drip(response.writeHead(200), ' '))],
  [
    'says to come back in two minutes',
    () => http((_, response) => response.writeHead(503, { 'retry-after': '120' }).end()),
  ],
] as const)('a call to a server that %s ends in its time, as a time-out', async (_, make) => {
  expect(await failure(make())).toMatchObject({ name: 'TimeoutError' });
});

it('a call ends before its invocation does', async () => {
  const left = { getRemainingTimeInMillis: () => 300 } as Context;
  expect(await inTime(() => failure(createServer()))(undefined, left)).toMatchObject({ name: 'TimeoutError' });
});

it('of a connection that idled for minutes, as in a freeze, nothing is expected', async () => {
  let opened = 0;
  const server = createHttpServer((_, response) => response.end()).on('connection', () => (opened += 1));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const agent = keptFresh(new Agent({ keepAlive: true }), 60_000);
  const ask = () =>
    new Promise<void>((resolve) =>
      get({ agent, port: (server.address() as AddressInfo).port }, (answer) => answer.resume().on('end', resolve)),
    ).then(() => setImmediate());
  for (const idleMs of [0, 59_000, 61_000]) {
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + idleMs });
    await ask();
  }
  vi.useRealTimers();
  agent.destroy();
  server.close();
  expect(opened).toBe(2);
  expect(AWS_CLIENT.requestHandler.httpsAgent).toHaveProperty('addRequest');
});

it('a door and the shop behind it are told within the five seconds that shops wait', () => {
  expect(CALL_MS).toBeLessThan(5_000);
  expect(maxAttempts * requestHandler.requestTimeout).toBeLessThanOrEqual(CALL_MS);
});

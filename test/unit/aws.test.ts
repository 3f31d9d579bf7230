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
const failure = async (server: Server, callMs = CALL_MS * TENTH, keptMs?: number): Promise<Error> => {
  const sockets: Socket[] = [];
  server.on('connection', (socket: Socket) => sockets.push(socket.on('error', () => undefined)));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const client = bounded(new DynamoDBClient({ ...settings, endpoint }), callMs, keptMs);
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

it('a call after which there is something to do leaves the time for that', async () => {
  const left = { getRemainingTimeInMillis: () => 20_100 } as Context;
  const ended = await inTime(() =>
    failure(
      http((_, response) => drip(response.writeHead(200), ' ')),
      10_000,
      20_000,
    ),
  )(undefined, left);
  expect(ended).toMatchObject({ name: 'TimeoutError' });
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

it('of ten connections that say nothing any more the first that is tried ends the others too, and no other end costs them', async () => {
  let opened = 0;
  let isMute = false;
  const old = new Set<Socket>();
  const server = createHttpServer((request, response) => {
    if (!isMute || !old.has(request.socket)) setTimeout(20).then(() => response.end());
  }).on('connection', (socket) => {
    opened += 1;
    if (!isMute) old.add(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const agent = keptFresh(new Agent({ keepAlive: true }), 60_000);
  const ask = () =>
    new Promise<string>((resolve) => {
      const { port } = server.address() as AddressInfo;
      const request = get({ agent, port, timeout: 100 }, (answer) =>
        answer.resume().on('end', () => resolve('answered')),
      );
      request.on('timeout', () => request.destroy()).on('error', () => resolve('nothing'));
    }).finally(() => setImmediate());
  await Promise.all(Array.from({ length: 10 }, ask));
  // One that the other side closes while it idles says nothing of the others.
  [...old][0]?.destroy();
  await setTimeout(50);
  await Promise.all(Array.from({ length: 9 }, ask));
  expect(opened).toBe(10);
  isMute = true;
  expect([await ask(), await ask(), await ask()]).toEqual(['nothing', 'answered', 'answered']);
  expect(opened).toBe(11);
  agent.destroy();
  server.closeAllConnections();
  server.close();
});

it('a door and the shop behind it are told within the five seconds that shops wait', () => {
  expect(CALL_MS).toBeLessThan(5_000);
  expect(maxAttempts * requestHandler.requestTimeout).toBeLessThanOrEqual(CALL_MS);
});

import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer, type Server, type Socket } from 'node:net';
import type { Context } from 'aws-lambda';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { http, OUTCOME_MS, TIMEOUT_MS } from '../../functions/shared/runtime/http.ts';
import { inTime } from '../../functions/shared/runtime/in-time.ts';

const left = (ms: number) => ({ getRemainingTimeInMillis: () => ms }) as Context;
let server: Server | undefined;
const sockets: Socket[] = [];

/** A raw TCP server: `onRequest` gets the socket and everything one request brought. */
const listen = async (onRequest: (socket: Socket, request: string) => void): Promise<string> => {
  server = createServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => undefined);
    socket.on('data', (data) => onRequest(socket, data.toString('utf8')));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/x`;
};
const reply = (status: string, body: string): string =>
  `HTTP/1.1 ${status}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;

afterEach(() => {
  vi.useRealTimers();
  for (const socket of sockets.splice(0)) socket.destroy();
  server?.close();
});

describe('one HTTP request', () => {
  it('sends the very bytes it was given', async () => {
    let seen = '';
    const url = await listen((socket, request) => {
      seen += request;
      socket.write(reply('202 Accepted', '{"id":"1"}'));
    });
    const result = await http({ method: 'POST', url, headers: { 'idempotency-key': 'k' }, body: '{"b":"שלום"}' });
    expect(result).toMatchObject({ kind: 'answer', status: 202, body: '{"id":"1"}' });
    expect(seen).toMatch(/^POST \/x HTTP\/1\.1\r\n/);
    expect(seen).toContain('idempotency-key: k');
    expect(seen.endsWith('\r\n\r\n{"b":"שלום"}')).toBe(true);
  });

  it('knows that a refused connection carried nothing', async () => {
    const url = await listen(() => undefined);
    server?.close();
    await once(server as Server, 'close');
    expect(await http({ method: 'POST', url, body: '{}' })).toEqual({ kind: 'never-left', code: 'ECONNREFUSED' });
  });

  it('knows that a name that does not resolve carried nothing', async () => {
    const result = await http({ method: 'POST', url: 'https://nobody.invalid/x', body: '{}' });
    expect(result.kind).toBe('never-left');
  });

  it('calls a connection that broke after the bytes left unknown', async () => {
    const url = await listen((socket) => socket.destroy());
    expect(await http({ method: 'POST', url, body: '{}' })).toMatchObject({ kind: 'unknown', code: 'ECONNRESET' });
  });

  it('gives up after ten seconds of silence, and calls it unknown', async () => {
    const url = await listen(() => undefined);
    const startedAt = Date.now();
    expect(await http({ method: 'POST', url, body: '{}' })).toEqual({ kind: 'unknown', code: 'timeout' });
    expect(Date.now() - startedAt).toBeGreaterThan(9_900);
    expect(Date.now() - startedAt).toBeLessThan(12_000);
  });

  it('goes by the status although the body never ends, is too long or breaks off', async () => {
    const url = await listen((socket) => {
      socket.write('HTTP/1.1 202 Accepted\r\nContent-Length: 99999999\r\n\r\n');
      socket.write('x'.repeat(200_000));
    });
    const result = await http({ method: 'POST', url, body: '{}' });
    expect(result).toMatchObject({ kind: 'answer', status: 202 });
    expect(result.kind === 'answer' && result.body.length).toBeLessThanOrEqual(64 * 1024);
  });

  it('reads as much of an answer as its caller looks through', async () => {
    const url = await listen((socket) => {
      socket.end(`HTTP/1.1 200 OK\r\nContent-Length: 200000\r\n\r\n${'x'.repeat(200_000)}`);
    });
    const result = await http({ method: 'GET', url, maxAnswerBytes: 200_000 });
    expect(result.kind === 'answer' && result.body.length).toBe(200_000);
  });

  it('never sends a POST a second time on its own', async () => {
    let requests = 0;
    const url = await listen((socket) => {
      requests += 1;
      if (requests === 1) socket.write(reply('200 OK', '{}'));
      else socket.destroy();
    });
    await http({ method: 'POST', url, body: '{}' });
    expect((await http({ method: 'POST', url, body: '{}' })).kind).toBe('unknown');
    expect(requests).toBe(2);
  });

  it('keeps a connection for the next request', async () => {
    const url = await listen((socket) => socket.write(reply('200 OK', '{}')));
    await http({ method: 'GET', url });
    await http({ method: 'GET', url });
    expect(sockets).toHaveLength(1);
  });

  it('opens a new connection after a freeze instead of posting on a dead one', async () => {
    const url = await listen((socket) => socket.write(reply('200 OK', '{}')));
    await http({ method: 'GET', url });
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 60_000 });
    expect((await http({ method: 'POST', url, body: '{}' })).kind).toBe('answer');
    expect(sockets).toHaveLength(2);
  });

  it('after a freeze opens a new connection to each host and by each agent, not to the first alone', async () => {
    const hosts = [1, 2].map(() => createServer());
    const opened = [0, 0];
    const urls = await Promise.all(
      hosts.map(async (host, i) => {
        host.on('connection', (socket) => {
          opened[i] = (opened[i] ?? 0) + 1;
          sockets.push(socket.on('data', () => socket.write(reply('200 OK', '{}'))));
        });
        host.listen(0, '127.0.0.1');
        await once(host, 'listening');
        return `http://127.0.0.1:${(host.address() as AddressInfo).port}/x`;
      }),
    );
    for (const url of urls) await http({ method: 'GET', url });
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 60_000 });
    for (const url of urls) expect((await http({ method: 'POST', url, body: '{}' })).kind).toBe('answer');
    expect(opened).toEqual([2, 2]);
    for (const host of hosts) host.close();
  });

  it('ends before its invocation does, with the time that writing down its outcome takes', async () => {
    const url = await listen(() => undefined);
    const startedAt = performance.now();
    expect(await inTime(() => http({ method: 'POST', url, body: '{}' }))(undefined, left(OUTCOME_MS + 1_100))).toEqual({
      kind: 'unknown',
      code: 'timeout',
    });
    expect(performance.now() - startedAt).toBeLessThan(TIMEOUT_MS - 1_000);
  });

  it('does not leave where its invocation has no time for an answer', async () => {
    let requests = 0;
    const url = await listen(() => (requests += 1));
    expect(await inTime(() => http({ method: 'POST', url, body: '{}' }))(undefined, left(OUTCOME_MS + 900))).toEqual({
      kind: 'never-left',
      code: 'no_time_left',
    });
    expect(requests).toBe(0);
  });

  it('calls plain http on this machine alone', async () => {
    await expect(http({ method: 'GET', url: 'http://api.example/x' })).rejects.toThrow('Only https');
  });
});

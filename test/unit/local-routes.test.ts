import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { onlyFromHere } from '../../local/callers.ts';
import { Router } from '../../local/gateway/router.ts';
import { publicServer } from '../../local/public-server.ts';

let server: Server;
let url: string;
const heard: string[] = [];

beforeAll(async () => {
  const routes = {
    'POST samples': async (body: string) => {
      heard.push(body);
      return { status: 200, body: { ok: true } };
    },
  };
  server = publicServer({
    router: () => new Router(),
    routes,
    sandbox: (_, response) => {
      heard.push('sandbox');
      response.end();
    },
    allowedHosts: ['tunnel.example'],
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  url = urlOf(server);
});
afterAll(() => server.close());

const urlOf = (of: Server) => `http://127.0.0.1:${(of.address() as AddressInfo).port}`;

interface Asked {
  path?: string;
  method?: string;
  headers: Readonly<Record<string, string>>;
  at?: string;
}

/** As no `fetch` may ask: with a `Host` of its own. */
const ask = ({ path = '/_local/samples', method = 'POST', headers, at = url }: Asked) =>
  new Promise<{ status: number | undefined; body: string; type: string | undefined }>((done, failed) => {
    const asking = request(`${at}${path}`, { method, headers }, async (answer) => {
      const parts: Buffer[] = [];
      for await (const part of answer) parts.push(part);
      done({ status: answer.statusCode, body: String(Buffer.concat(parts)), type: answer.headers['content-type'] });
    });
    asking.on('error', failed).end();
  });

const post = async (origin?: string, path = '/_local/samples') =>
  (await fetch(`${url}${path}`, { method: 'POST', body: '{}', ...(origin !== undefined && { headers: { origin } }) }))
    .status;

it('takes what its own page and a command ask', async () => {
  heard.length = 0;
  expect([await post(), await post(url)]).toEqual([200, 200]);
  expect(heard).toHaveLength(2);
});

it('takes nothing that a page of somebody else asks, which may be open in the same browser', async () => {
  heard.length = 0;
  const others = ['https://evil.example', 'null', 'http://127.0.0.1:1', '', 'http://127.0.0.1', `${url}.evil.example`];
  for (const path of ['/_local/samples', '/_sandbox/line', '/'])
    for (const origin of others) expect(await post(origin, path), `${path} ${origin}`).toBe(403);
  expect(heard).toHaveLength(0);
  expect(await post(url, '/_sandbox/line')).toBe(200);
});

it('takes nothing under a name that its owner lets point here, with or without an origin', async () => {
  heard.length = 0;
  const { port } = new URL(url);
  const host = `evil.example:${port}`;
  for (const headers of [{ host }, { host, origin: `http://${host}` }, { host, 'x-forwarded-host': '127.0.0.1' }])
    for (const path of ['/_local/samples', '/_sandbox/line', '/', '/order-ready/custom'])
      for (const method of ['GET', 'POST', 'OPTIONS'])
        expect(await ask({ path, method, headers }), `${method} ${path}`).toMatchObject({ status: 403 });
  expect(heard).toHaveLength(0);
});

describe('by its name', () => {
  const door = async (host: string) => (await ask({ path: '/order-ready/custom', headers: { host } })).status;

  it.each(['127.0.0.1', '127.0.0.1:1', 'localhost', 'LocalHost:8787', '[::1]:80', 'shop.localhost', 'a.b.localhost:1'])(
    'this machine is called: %s',
    async (host) => expect(await door(host)).toBe(404),
  );

  it.each([
    ['evil.example', ''],
    ['ends like it', 'evillocalhost'],
    ['begins like it', 'localhost.evil.example'],
    ['begins like the number', '127.0.0.1.evil.example'],
    ['a number of another one', '192.168.1.20:8787'],
    ['every number', '0.0.0.0'],
    ['a port alone', ':8787'],
    ['a name before it', 'localhost@evil.example'],
    ['a path', 'localhost/evil.example'],
    ['a port that is none', 'localhost:evil.example'],
    ['below an allowed one', 'a.tunnel.example'],
    ['above an allowed one', 'example'],
  ])('it is not called: %s', async (name, host) => expect(await door(host || name)).toBe(403));

  it('a door is called by a tunnel that is allowed, with its own port and capitals, and nothing else is', async () => {
    heard.length = 0;
    expect([await door('tunnel.example'), await door('Tunnel.Example:443')]).toEqual([404, 404]);
    for (const path of ['/_local/samples', '/_sandbox/line', '/'])
      expect((await ask({ path, headers: { host: 'tunnel.example' } })).status).toBe(403);
    const origin = { host: 'tunnel.example', origin: 'https://tunnel.example' };
    expect((await ask({ headers: origin })).status).toBe(403);
    expect(heard).toHaveLength(0);
  });

  it('says what to do', async () => {
    const { body, type } = await ask({ path: '/order-ready/custom', headers: { host: 'other.example' } });
    expect(type).toBe('application/json');
    expect(JSON.parse(body)).toEqual({
      message: expect.stringMatching(/"other\.example".*127\.0\.0\.1.*--allow-host/),
    });
  });
});

it('lets doors be asked by pages of everybody, as forms are', async () => {
  const headers = { host: new URL(url).host, origin: 'https://agency.example' };
  for (const method of ['POST', 'OPTIONS'])
    expect((await ask({ path: '/lead-first-touch/form', method, headers })).status).toBe(404);
});

it('keeps a server of a library to this machine, and its own page', async () => {
  const of = onlyFromHere(createServer((_, response) => response.end('table')));
  await new Promise<void>((done) => of.listen(0, '127.0.0.1', done));
  const at = urlOf(of);
  const { host } = new URL(at);
  const status = async (headers: Record<string, string>) => (await ask({ at, headers })).status;
  expect([await status({ host }), await status({ host, origin: at })]).toEqual([200, 200]);
  expect([await status({ host: 'evil.example' }), await status({ host, origin: 'https://evil.example' })]).toEqual([
    403, 403,
  ]);
  of.close();
});

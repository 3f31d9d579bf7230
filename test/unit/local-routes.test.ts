import { request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
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
  server = publicServer(
    () => undefined,
    routes,
    (_, response) => {
      heard.push('sandbox');
      response.end();
    },
  );
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => server.close());

const post = async (origin?: string, path = '/_local/samples') =>
  (await fetch(`${url}${path}`, { method: 'POST', body: '{}', ...(origin !== undefined && { headers: { origin } }) }))
    .status;

it('takes what its own page and a command ask', async () => {
  expect([await post(), await post(url)]).toEqual([200, 200]);
  expect(heard).toHaveLength(2);
});

it('takes nothing that a page of somebody else asks, which may be open in the same browser', async () => {
  expect([await post('https://evil.example'), await post('null'), await post('http://127.0.0.1:1')]).toEqual([
    403, 403, 403,
  ]);
  expect(heard).toHaveLength(2);
});

it('takes nothing of such a page by the sandbox either, nor under a name that its owner lets point here', async () => {
  expect(await post('https://evil.example', '/_sandbox/line')).toBe(403);
  const { host } = new URL(url);
  const headers = { host: host.replace('127.0.0.1', 'evil.example'), origin: url.replace('127.0.0.1', 'evil.example') };
  const rebound = await new Promise<number | undefined>((done) => {
    request(`${url}/_local/samples`, { method: 'POST', headers }, (answer) => done(answer.resume().statusCode)).end();
  });
  expect(rebound).toBe(403);
  expect(heard).toHaveLength(2);
  expect(await post(url, '/_sandbox/line')).toBe(200);
});

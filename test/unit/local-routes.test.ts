import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { serveLocal } from '../../local/local-routes.ts';

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
  server = createServer((request, response) => void serveLocal(request, request.url ?? '', routes, response));
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/_local/samples`;
});
afterAll(() => server.close());

const post = async (origin?: string) =>
  (await fetch(url, { method: 'POST', body: '{}', ...(origin !== undefined && { headers: { origin } }) })).status;

it('takes what its own page and a command ask', async () => {
  expect([await post(), await post(new URL(url).origin)]).toEqual([200, 200]);
  expect(heard).toHaveLength(2);
});

it('takes nothing that a page of somebody else asks, which may be open in the same browser', async () => {
  expect([await post('https://evil.example'), await post('null'), await post('http://127.0.0.1:1')]).toEqual([
    403, 403, 403,
  ]);
  expect(heard).toHaveLength(2);
});

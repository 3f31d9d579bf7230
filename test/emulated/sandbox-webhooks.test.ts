import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { createSandbox } from '../../local/sandbox/sandbox.ts';
import { LINE_TOKEN } from './sandbox-calls.ts';

let closeAll: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closeAll) await close();
  closeAll = [];
});

interface Got {
  headers: IncomingMessage['headers'];
  body: { messages?: Record<string, unknown>[]; statuses?: Record<string, unknown>[] };
}

/** A sandbox with one webhook registered at a server that answers with these statuses in turn, then with 200. */
async function registered(...statuses: number[]) {
  const got: Got[] = [];
  const server = createServer(async (request, response) => {
    let text = '';
    for await (const chunk of request) text += chunk;
    got.push({ headers: request.headers, body: JSON.parse(text) });
    response.writeHead(statuses.shift() ?? 200).end('{}');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const sandbox = createSandbox({ lineToken: LINE_TOKEN, lineId: 'line-test', ownOrigins: () => [origin] });
  const { url, close } = await sandbox.listen(0);
  closeAll.push(close, () => server.close());
  const post = (path: string, body: object, headers: Record<string, string> = {}) =>
    fetch(url + path, { method: 'POST', headers, body: JSON.stringify(body) });
  const authorization = `Bearer ${LINE_TOKEN}`;
  const register = (body: object, headers: Record<string, string> = { authorization }) =>
    post('/api/v1/webhooks', body, headers);
  expect((await register({ targetUrl: `${origin}/hook` })).status).toBe(201);
  await post('/_sandbox/webhook-settings', { retryDelaysMs: [10, 10, 10] });
  return { got, post, register, origin, authorization };
}

test('a delivery is repeated under its id until it is answered with exactly 200', async () => {
  const { got, post } = await registered(500, 202, 301);
  await post('/_sandbox/statuses', { id: 'wamid-1', status: 'read' });
  await expect.poll(() => got.length).toBe(4);
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(got).toHaveLength(4);
  expect(new Set(got.map(({ headers }) => headers['x-ezw-delivery-id'])).size).toBe(1);
  expect(got[0]?.headers).toMatchObject({ 'x-ezw-webhook-event': 'statuses.post', 'x-ezw-line-id': 'line-test' });
  expect(got[0]?.body.statuses).toEqual([
    { id: 'wamid-1', message_id: 'wamid-1', status: 'read', timestamp: expect.any(Number) },
  ]);
});

test('an accepted send is observed on the line once, with its statuses; a replay of its key is not', async () => {
  const { got, post, authorization } = await registered();
  const headers = { authorization, 'content-type': 'application/json', 'idempotency-key': 'order:1:ready' };
  for (let i = 0; i < 3; i += 1) {
    await post('/api/v1/messages/text', { to: '+972501234567', body: 'Ready.' }, headers);
  }
  await expect.poll(() => got.length).toBe(4);
  const echoes = got.flatMap(({ body }) => body.messages ?? []);
  expect(echoes).toEqual([
    expect.objectContaining({
      from_me: true,
      type: 'text',
      body: 'Ready.',
      contactPhoneNumber: '+972501234567',
      conversationId: expect.stringMatching(/^conv_/),
      text: { body: 'Ready.' },
    }),
  ]);
  const statuses = got.flatMap(({ body }) => body.statuses ?? []).map(({ id, status }) => [id, status]);
  expect(statuses.sort()).toEqual([
    [echoes[0]?.id, 'delivered'],
    [echoes[0]?.id, 'sent'],
  ]);
});

test.each(['text', 'link_preview', 'reply', 'image', 'voice', 'document', 'location', 'contact', 'action', 'system'])(
  'the customer can send a %s',
  async (type) => {
    const { got, post } = await registered();
    await post('/_sandbox/customer-messages', { phone: '+972501234567', type, text: 'Hello' });
    await expect.poll(() => got.length).toBe(2);
    const message = got.flatMap(({ body }) => body.messages ?? [])[0];
    expect(message).toMatchObject({ type, from_me: false, contact_phone_number: '+972501234567' });
    if (type !== 'system') expect(message).toHaveProperty(type);
  },
);

test('registration needs the line token and takes nothing that the contract does not name', async () => {
  const { register, origin } = await registered();
  const targetUrl = `${origin}/hook`;
  expect((await register({ targetUrl }, {})).status).toBe(401);
  for (const wrong of [
    {},
    { targetUrl, url: targetUrl },
    { targetUrl: 'ftp://agency.example/x' },
    { targetUrl, payloadFormat: 'meta' },
    { targetUrl, events: [] },
    { targetUrl, headers: {} },
    { targetUrl: 'http://[::1]/x' },
    { targetUrl: 'http://192.168.1.1/x' },
    { targetUrl: 'http://169.254.169.254/x' },
  ]) {
    expect((await register(wrong)).status).toBe(400);
  }
  expect((await register({ url: 'https://agency.example/ezw/webhook' })).status).toBe(201);
});

import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { expect, it } from 'vitest';
import { type ReceiverTools, receiver } from '../../functions/webhook-receiver/receive.ts';

const TOKEN = 'a'.repeat(64);

/** What the receiver does for a delivery, in order, and what it answers. */
const done = async (
  known: 'new' | 'same' | 'other',
  { headers = {}, token = TOKEN, ...over }: Partial<ReceiverTools> & { headers?: object; token?: string } = {},
) => {
  const steps: string[] = [];
  const step = (name: string) => async () => void steps.push(name);
  const receive = receiver({
    lineId: 'line',
    keysOf: 'line',
    secret: { get: async () => TOKEN, refreshAfterMismatch: async () => false },
    deliveries: { known: async () => known, record: step('recorded') },
    heard: { note: step('heard') },
    enqueue: { crmSync: step('queued'), escalation: async () => undefined, unread: async () => undefined },
    log: () => undefined,
    now: Date.now,
    ...over,
  });
  const { statusCode } = await receive({
    routeKey: 'POST /ezw/webhook/{token}',
    pathParameters: { token },
    headers: {
      'x-ezw-delivery-id': 'd1',
      'x-ezw-webhook-event': 'messages.post',
      'x-ezw-line-id': 'line',
      ...headers,
    },
    requestContext: { http: { method: 'POST' } },
    body: JSON.stringify({ messages: [] }),
  } as unknown as APIGatewayProxyEventV2);
  return [statusCode, ...steps];
};

it('a delivery is heard once it is stored, one that says something else under a known id too', async () => {
  expect(await done('new')).toEqual([200, 'queued', 'recorded', 'heard']);
  expect(await done('other')).toEqual([200, 'queued', 'recorded', 'heard']);
});

it('a repeat is not heard, and neither is what the operator takes up from what was kept', async () => {
  expect(await done('same')).toEqual([200]);
  expect(await done('new', { headers: { 'x-ezw-replay': 'true' } })).toEqual([200, 'queued', 'recorded']);
});

it('nothing is heard of what is refused or not stored', async () => {
  const deliveries = { known: async () => 'new' as const, record: () => Promise.reject(new Error('down')) };
  expect(await done('new', { deliveries })).toEqual([503, 'queued']);
  expect(await done('new', { token: 'b'.repeat(64) })).toEqual([401]);
  expect(await done('new', { headers: { 'x-ezw-line-id': 'another' } })).toEqual([403]);
});

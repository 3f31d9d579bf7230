import { SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it } from 'vitest';
import { sources } from '../../functions/order-ready/sources.ts';
import { openDoor } from '../../functions/shared/door.ts';
import type { CachedSecret } from '../../functions/shared/secrets.ts';
import { signStandardWebhook } from '../../functions/shared/standard-webhooks.ts';

const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const sqs = mockClient(SQSClient);
let logs: string[] = [];
let stored = JSON.stringify({ custom: SECRET });
let fresher: string | undefined;

const secrets = {
  get: async () => stored,
  refreshAfterMismatch: async () => {
    if (fresher === undefined) return false;
    [stored, fresher] = [fresher, undefined];
    return true;
  },
} as unknown as CachedSecret;

const door = openDoor({
  template: 'order-ready',
  sources,
  settings: { custom: {} },
  secrets,
  workQueueUrl: 'https://queue.example/1/work',
  log: (level, fields) => logs.push(JSON.stringify({ level, ...fields })),
});

const order = JSON.stringify({
  type: 'order.ready_for_pickup',
  timestamp: new Date().toISOString(),
  data: { order_id: 'SO-1', customer: { name: 'Dana', phone: '+972501234567' } },
});

const event = (over: Partial<APIGatewayProxyEventV2> = {}, secret = SECRET): APIGatewayProxyEventV2 =>
  ({
    pathParameters: { source: 'custom' },
    headers: signStandardWebhook(order, { current: secret }, new Date()).headers,
    requestContext: { http: { method: 'POST' } },
    body: order,
    isBase64Encoded: false,
    ...over,
  }) as unknown as APIGatewayProxyEventV2;

beforeEach(() => {
  [logs, stored, fresher] = [[], JSON.stringify({ custom: SECRET }), undefined];
  sqs.reset();
  sqs.on(SendMessageBatchCommand).resolves({ Failed: [] });
});

describe('the door', () => {
  it('answers 200 only after the queue took the event', async () => {
    expect(await door(event())).toMatchObject({ statusCode: 200 });
    expect(sqs.commandCalls(SendMessageBatchCommand)).toHaveLength(1);
  });

  it('answers 503 when the queue is down, and says nothing of why', async () => {
    sqs.on(SendMessageBatchCommand).rejects(new Error('connect ECONNREFUSED https://queue.example/1/work'));
    const { statusCode, body } = await door(event());
    expect(statusCode).toBe(503);
    expect(body).not.toMatch(/queue\.example|ECONN/);
    expect(logs.join()).not.toMatch(/queue\.example/);
  });

  it('answers 503 when the queue took only some of a batch', async () => {
    sqs.on(SendMessageBatchCommand).resolves({ Failed: [{ Id: '0', SenderFault: false, Code: 'InternalError' }] });
    expect(await door(event())).toMatchObject({ statusCode: 503 });
  });

  it('answers 503, never 200, when no secret is stored for the source', async () => {
    stored = '{}';
    expect(await door(event())).toMatchObject({ statusCode: 503 });
    expect(logs.join()).toContain('secret_not_set');
    expect(sqs.calls()).toHaveLength(0);
  });

  it('reads the secret again before it refuses, so a rotation a moment ago breaks nothing', async () => {
    const next = 'whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD';
    fresher = JSON.stringify({ custom: next });
    expect(await door(event({}, next))).toMatchObject({ statusCode: 200 });
    expect(await door(event())).toMatchObject({ statusCode: 401 });
  });

  it('proves the decoded bytes of a base64 body', async () => {
    const encoded = { body: Buffer.from(order).toString('base64'), isBase64Encoded: true };
    expect(await door(event(encoded))).toMatchObject({ statusCode: 200 });
    expect(await door(event({ ...encoded, isBase64Encoded: false }))).toMatchObject({ statusCode: 401 });
  });

  it.each(['toString', '__proto__', 'constructor', '', 'shopify'])(
    'answers 404 to the source %j, which is not turned on',
    async (source) => {
      expect(await door(event({ pathParameters: { source } }))).toMatchObject({ statusCode: 404 });
      expect(sqs.calls()).toHaveLength(0);
    },
  );
});

import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { mockClient } from 'aws-sdk-client-mock';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import * as leadSources from '../../functions/lead-first-touch/sources.ts';
import * as sources from '../../functions/order-ready/sources.ts';
import { openDoor } from '../../functions/shared/door/open-door.ts';
import { signStandardWebhook } from '../../functions/shared/door/standard-webhooks.ts';
import type { CachedSecret } from '../../functions/shared/runtime/cached-secret.ts';

const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const sqs = mockClient(SQSClient);
afterAll(() => sqs.restore());
let logs: string[] = [];
let stored = JSON.stringify({ custom: SECRET });
let fresher: string | undefined;
/** What was noted of proofs, and how much was queued by then. */
let proofs: string[] = [];

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
  proofs: {
    good: async (source) => void proofs.push(`good ${source} ${sqs.calls().length}`),
    refused: async (source) => void proofs.push(`refused ${source} ${sqs.calls().length}`),
  },
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
  [logs, stored, fresher, proofs] = [[], JSON.stringify({ custom: SECRET }), undefined, []];
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

  it.each(['toString', '__proto__', 'constructor', '', '{path+}', 'Custom'])(
    'answers 404 to the source %j, which there is not, and names those that there are',
    async (source) => {
      const { statusCode, body } = await door(event({ pathParameters: { source } }));
      expect([statusCode, body]).toEqual([404, expect.stringContaining(Object.keys(sources).join(', '))]);
      expect(sqs.calls()).toHaveLength(0);
    },
  );

  it('answers 503 to a source that is off, for a vendor may drop its webhook for good at a 404, and wakes nobody', async () => {
    const { statusCode, body } = await door(event({ pathParameters: { source: 'shopify' } }));
    expect([statusCode, JSON.parse(body)]).toEqual([503, expect.objectContaining({ reason: 'source_off' })]);
    expect(logs).toEqual([expect.stringContaining('"level":"warn"')]);
    expect(sqs.calls()).toHaveLength(0);
  });
});

describe('of proofs the door', () => {
  const other = 'whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD';

  it('notes a good one after the event is stored, and a good one of what it cannot read', async () => {
    await door(event());
    expect(proofs).toEqual(['good custom 1']);
    const body = '{"type":"order.ready_for_pickup"}';
    const { headers } = signStandardWebhook(body, { current: SECRET }, new Date());
    expect(await door(event({ body, headers } as never))).toMatchObject({ statusCode: 400 });
    expect(proofs).toEqual(['good custom 1', 'good custom 1']);
  });

  it('notes one that is there and wrong, once the stored secret was read anew', async () => {
    fresher = JSON.stringify({ custom: SECRET });
    stored = JSON.stringify({ custom: other });
    await door(event());
    expect(proofs).toEqual(['good custom 1']);
    expect(await door(event({}, other))).toMatchObject({ statusCode: 401 });
    expect(proofs).toEqual(['good custom 1', 'refused custom 1']);
  });

  it.each<[string, Partial<APIGatewayProxyEventV2>]>([
    ['a bare post', { headers: {} }],
    ['a source that is off', { pathParameters: { source: 'shopify' } }],
    ['a source that there is not', { pathParameters: { source: 'shopfy' } }],
    ['another method', { requestContext: { http: { method: 'GET' } } as never }],
    ['a body that is too large', { body: 'x'.repeat(2_000_000) }],
  ])('notes nothing of %s', async (_, over) => {
    expect((await door(event(over))).statusCode).toBeGreaterThan(399);
    expect(proofs).toEqual([]);
  });

  it('notes nothing of a page’s post that brings no secret, and a good one of a form that brings it', async () => {
    const form = openDoor({
      template: 'lead-first-touch',
      sources: leadSources,
      settings: {
        form: leadSources.form.settings.parse({
          consent: { fields: ['agree'] },
          browser: { origins: ['https://shop.example'] },
        }),
      },
      secrets: { ...secrets, get: async () => '{"form":"secret-of-the-form"}' } as unknown as CachedSecret,
      workQueueUrl: 'https://queue.example/1/work',
      log: (level, fields) => logs.push(JSON.stringify({ level, ...fields })),
      proofs: {
        good: async (source) => void proofs.push(`good ${source}`),
        refused: async (source) => void proofs.push(`refused ${source}`),
      },
    });
    const post = (headers: Record<string, string>) =>
      form(
        event({
          pathParameters: { source: 'form' },
          headers: { 'content-type': 'application/json', ...headers },
          body: JSON.stringify({ name: 'Dana', phone: '+972501234567', agree: 'yes' }),
        }),
      );
    expect(await post({ origin: 'https://shop.example' })).toMatchObject({ statusCode: 200 });
    expect(proofs).toEqual([]);
    expect(await post({ 'x-ezw-secret': 'secret-of-the-form' })).toMatchObject({ statusCode: 200 });
    expect(await post({ 'x-ezw-secret': 'another' })).toMatchObject({ statusCode: 401 });
    expect(proofs).toEqual(['good form', 'refused form']);
  });

  it('notes nothing of one that is right and old, nor where no secret is stored', async () => {
    const headers = signStandardWebhook(order, { current: SECRET }, new Date(Date.now() - 3600_000)).headers;
    expect(await door(event({ headers } as never))).toMatchObject({ statusCode: 401 });
    stored = '{}';
    expect(await door(event())).toMatchObject({ statusCode: 503 });
    expect(proofs).toEqual([]);
  });
});

const withMethod = (method: string, over: Partial<APIGatewayProxyEventV2> = {}) =>
  event({ requestContext: { http: { method } } as never, body: '', ...over });

describe('a method that the door does not take', () => {
  it.each(['GET', 'HEAD', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])('%s is 405, with what it does take', async (method) => {
    const given = await door(withMethod(method));
    expect([given.statusCode, given.headers.allow]).toEqual([405, 'POST']);
    expect(given.body).toEqual(method === 'HEAD' ? '' : expect.stringContaining('method_not_allowed'));
    expect(logs).toEqual([expect.stringContaining('"level":"info"')]);
  });

  it('is 405 at a source that is off too, and 404 at one that there is not', async () => {
    expect(await door(withMethod('GET', { pathParameters: { source: 'shopify' } }))).toMatchObject({ statusCode: 405 });
    expect(await door(withMethod('HEAD', { pathParameters: { source: 'shopfy' } }))).toMatchObject({
      statusCode: 404,
      body: '',
    });
  });
});

describe('a path that is not quite the one', () => {
  it.each(['custom/', '/custom', '//custom//', 'custom/more'])('%j is the door all the same', async (path) => {
    expect(await door(event({ pathParameters: { path } }))).toMatchObject({ statusCode: 200 });
  });

  it.each(['', '/', 'shopfy/custom'])('%j is none', async (path) => {
    const routeKey = 'ANY /order-ready/{path+}';
    expect(await door(event({ routeKey, pathParameters: { path } }))).toMatchObject({ statusCode: 404 });
  });
});

describe('a compressed body', () => {
  const CODINGS: [string, (text: string | Buffer) => Buffer][] = [
    ['gzip', gzipSync],
    ['GZIP', gzipSync],
    [' x-gzip ', gzipSync],
    ['deflate', deflateSync],
    // Against the letter of the RFC, and what some senders do.
    ['deflate', deflateRawSync],
    ['br', brotliCompressSync],
    ['gzip;q=1', gzipSync],
    ['gzip, identity', gzipSync],
  ];
  const sent = (encoding: string, raw: Buffer, signed: Buffer | string = order) => {
    const { headers } = signStandardWebhook(String(signed), { current: SECRET }, new Date());
    const encoded = { 'Content-Encoding': encoding, 'content-type': 'application/json' };
    return event({ headers: { ...headers, ...encoded }, body: raw.toString('base64'), isBase64Encoded: true });
  };
  const queued = () =>
    sqs
      .commandCalls(SendMessageBatchCommand)
      .flatMap(({ args }) => args[0].input.Entries?.map((one) => one.MessageBody));

  it.each(CODINGS)('in %s is read as what it was', async (encoding, compress) => {
    await door(event());
    expect(await door(sent(encoding, compress(order)))).toMatchObject({ statusCode: 200 });
    const [plain, compressed] = queued();
    expect(compressed).toBe(plain);
  });

  it('is proved by a signature over what was sent, too, and by nothing else', async () => {
    const raw = gzipSync(order);
    const { createHmac } = await import('node:crypto');
    const headers = signStandardWebhook(order, { current: SECRET }, new Date()).headers;
    const key = Buffer.from(SECRET.replace('whsec_', ''), 'base64');
    const text = Buffer.concat([Buffer.from(`${headers['webhook-id']}.${headers['webhook-timestamp']}.`), raw]);
    const signature = `v1,${createHmac('sha256', key).update(text).digest('base64')}`;
    const overBytes = { ...headers, 'webhook-signature': signature, 'content-encoding': 'gzip' };
    const request = { body: raw.toString('base64'), isBase64Encoded: true };
    expect(await door(event({ ...request, headers: overBytes }))).toMatchObject({ statusCode: 200 });
    expect(await door(sent('gzip', gzipSync(`${order} `)))).toMatchObject({ statusCode: 401 });
    expect(queued()).toHaveLength(1);
  });

  it.each([
    ['zstd', 'unsupported_encoding'],
    ['compress', 'unsupported_encoding'],
    ['gzip, br', 'unsupported_encoding'],
    ['gzip', 'wrong_encoding'],
    ['deflate', 'wrong_encoding'],
    ['br', 'wrong_encoding'],
  ])('that says %s and cannot be read so is 415 (%s), which names it and what can be', async (encoding, reason) => {
    const given = await door(sent(encoding, Buffer.from('28b52ffd0401', 'hex'), order));
    expect([given.statusCode, given.headers['accept-encoding']]).toEqual([415, 'gzip, deflate, br']);
    expect(JSON.parse(given.body)).toMatchObject({ reason, message: expect.stringContaining(encoding) });
  });

  it('that breaks off, or was taken for text on its way, or says nothing of gzip is 415', async () => {
    const raw = gzipSync(order);
    const asText = { ...sent('gzip', raw), body: raw.toString('utf8'), isBase64Encoded: false };
    for (const broken of [sent('gzip', raw.subarray(0, -9)), asText, sent('', raw), { ...asText, headers: {} }]) {
      expect(await door(broken)).toMatchObject({
        statusCode: 415,
        body: expect.stringContaining('wrong_encoding'),
      });
    }
  });

  it.each([
    'utf-8',
    'UTF8',
    'utf-8; q=1',
    'UTF-8, UTF-8',
    'identity',
    'none',
    'binary',
    'iso-8859-1',
    'base64',
    'chunked',
    '',
    'application/json',
    'en',
    'null',
    '*',
    '__proto__',
    'identity, identity',
    // What unpacked it on its way left the header as it was.
    'gzip',
    'deflate',
    'br',
    'zstd',
    'gzip, br',
  ])('is not one that says %j of a text that stands there as it is', async (encoding) => {
    expect(await door(sent(encoding, Buffer.from(order)))).toMatchObject({ statusCode: 200 });
  });

  it.each(CODINGS)(
    'in %s that swells beyond the limit is 413, and never swells further',
    async (encoding, compress) => {
      const bomb = compress(Buffer.alloc(8 * 1024 * 1024, 'a'));
      const before = process.memoryUsage().arrayBuffers;
      expect(await door(sent(encoding, bomb))).toMatchObject({ statusCode: 413 });
      expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(4 * 1024 * 1024);
    },
  );
});

import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Throttle } from '../../local/gateway/throttle.ts';
import type { LocalStack } from '../../local/stack.ts';
import { localFixture } from './fixtures/local-assembly.ts';

let stack: LocalStack;

beforeAll(async () => {
  stack = await localFixture().start();
});
afterAll(() => stack.stop());

interface Echo {
  event: Record<string, unknown> & { requestContext: { http: object; routeKey: string; time: string } };
  context: Record<string, unknown>;
}

async function echo(path: string, init: RequestInit): Promise<Echo> {
  const response = await fetch(stack.url + path, init);
  expect(response.status).toBe(200);
  return (await response.json()) as Echo;
}

const post = (path: string, body: string | Uint8Array<ArrayBuffer>, headers: Record<string, string> = {}) =>
  fetch(stack.url + path, { method: 'POST', body, headers });

describe('the event', () => {
  test('has the fields that API Gateway sends', async () => {
    const { event } = await echo('/echo/a%20b?x=1&y=2&x=3', {
      method: 'POST',
      body: '{"a": "é"}',
      headers: { 'content-type': 'application/json; charset=utf-8', 'X-Shop': 'One', cookie: 'a=1; b=2' },
    });
    expect(event).toMatchObject({
      version: '2.0',
      routeKey: 'POST /{act}/{argument}',
      rawPath: '/echo/a b',
      rawQueryString: 'x=1&y=2&x=3',
      queryStringParameters: { x: '1,3', y: '2' },
      cookies: ['a=1', 'b=2'],
      pathParameters: { act: 'echo', argument: 'a b' },
      body: '{"a": "é"}',
      isBase64Encoded: false,
      headers: { 'x-shop': 'One', 'x-forwarded-for': '127.0.0.1', host: new URL(stack.url).host },
      requestContext: { http: { method: 'POST', path: '/echo/a b', protocol: 'HTTP/1.1' }, stage: '$default' },
    });
    expect(event.requestContext.time).toMatch(/^\d\d\/[A-Z][a-z]{2}\/\d{4}:\d\d:\d\d:\d\d \+0000$/);
    expect(event.headers).not.toHaveProperty('cookie');
  });

  test('has its path decoded, and a slash or question mark that was encoded in a secret stays in its parameter', async () => {
    const { event } = await echo('/echo/a%2Fb%3Fc%25?x=%2F', { method: 'GET' });
    expect(event).toMatchObject({
      rawPath: '/echo/a/b',
      rawQueryString: 'x=%2F',
      pathParameters: { act: 'echo', argument: 'a/b?c%' },
      requestContext: { http: { path: '/echo/a/b' } },
    });
    expect((await echo('/echo/%zz', { method: 'GET' })).event).toMatchObject({
      rawPath: '/echo/%zz',
      pathParameters: { argument: '%zz' },
    });
  });

  test('joins a header that came twice', async () => {
    const event = await new Promise<Echo['event']>((resolve, reject) => {
      const outgoing = request(`${stack.url}/echo/1`, { headers: { 'X-Twice': ['a', 'b'] } }, async (incoming) => {
        resolve((JSON.parse(String(Buffer.concat(await incoming.toArray()))) as Echo).event);
      });
      outgoing.on('error', reject).end();
    });
    expect(event.headers).toMatchObject({ 'x-twice': 'a,b' });
  });

  test('has no body when the request has none', async () => {
    const { event } = await echo('/echo/1', { method: 'GET' });
    expect(event).not.toHaveProperty('body');
    expect(event.isBase64Encoded).toBe(false);
  });

  test.each([
    ['application/json', false],
    ['application/vnd.shop+json; charset=utf-8', false],
    ['text/plain', false],
    ['application/xml', false],
    ['application/javascript', false],
    ['application/x-www-form-urlencoded', true],
    ['multipart/form-data; boundary=x', true],
    ['application/octet-stream', true],
    ['image/png', true],
  ])('a body of type %s is base64: %s', async (type, expected) => {
    const body = 'a=1&b=%20';
    const { event } = await echo('/echo/1', { method: 'POST', body, headers: { 'content-type': type } });
    expect(event.isBase64Encoded).toBe(expected);
    expect(Buffer.from(String(event.body), expected ? 'base64' : 'utf8').toString()).toBe(body);
  });

  test('keeps every byte of a body that is not text', async () => {
    const bytes = new Uint8Array(256).map((_, index) => index);
    const answer = await post('/echo/1', bytes);
    const { event } = (await answer.json()) as Echo;
    expect(Buffer.from(String(event.body), 'base64').equals(bytes)).toBe(true);
  });

  test('comes with a context that counts down', async () => {
    const { context } = await echo('/echo/1', { method: 'GET' });
    expect(context).toMatchObject({ functionName: 'Ezw-fixture-Door', memoryLimitInMB: '512' });
    expect(context.awsRequestId).toMatch(/^[0-9a-f-]{36}$/);
    expect(context.left).toBeGreaterThan(1000);
    expect(context.left).toBeLessThanOrEqual(2000);
  });
});

describe('the answer', () => {
  const answered = (result: unknown) => post('/answer/1', JSON.stringify(result), { 'content-type': 'text/plain' });

  test('takes status, headers, cookies and a base64 body from the result', async () => {
    const response = await answered({
      statusCode: 201,
      headers: { 'X-Kind': 'made', 'Content-Type': 'image/gif' },
      cookies: ['a=1', 'b=2'],
      body: Buffer.from([0, 255]).toString('base64'),
      isBase64Encoded: true,
    });
    expect(response.status).toBe(201);
    expect(response.headers.get('x-kind')).toBe('made');
    expect(response.headers.get('content-type')).toBe('image/gif');
    expect(response.headers.getSetCookie()).toEqual(['a=1', 'b=2']);
    expect([...new Uint8Array(await response.arrayBuffer())]).toEqual([0, 255]);
  });

  test('is a 200 with the whole value when it has no status', async () => {
    const response = await answered({ ok: true });
    expect([response.status, await response.json()]).toEqual([200, { ok: true }]);
    expect(response.headers.get('content-type')).toBe('application/json');
    expect(await (await answered('text')).text()).toBe('text');
    expect((await post('/answerEmpty/1', '')).status).toBe(200);
  });

  test.each([[{ statusCode: 'many' }], [{ statusCode: 200, body: { not: 'text' } }]])(
    'is a 500 when the result is %j',
    async (result) => {
      const response = await answered(result);
      expect([response.status, await response.json()]).toEqual([500, { message: 'Internal Server Error' }]);
    },
  );
});

describe('the gateway', () => {
  test('answers 404 where there is no route', async () => {
    for (const [method, path] of [
      ['GET', '/nothing'],
      ['PUT', '/echo/1'],
      ['POST', '/echo/1/2'],
      ['POST', '/echo/'],
    ]) {
      const response = await fetch(`${stack.url}${path}`, { method: String(method) });
      expect([response.status, await response.json()]).toEqual([404, { message: 'Not Found' }]);
    }
  });

  test('answers 500 for a header that holds a line break, and stays usable', async () => {
    for (const result of [
      { statusCode: 302, headers: { location: 'https://shop.example/\r\nset-cookie: a=1' } },
      { statusCode: 200, headers: { 'a b': 'c' } },
      { statusCode: 200, cookies: ['a=1\nb=2'] },
    ]) {
      const response = await post('/answer/1', JSON.stringify(result), { 'content-type': 'text/plain' });
      expect([response.status, await response.json()]).toEqual([500, { message: 'Internal Server Error' }]);
    }
    expect((await post('/sleep/1', '')).status).toBe(200);
  });

  test('refuses an event over 6 MB, counted in bytes, and takes one below', async () => {
    const type = { 'content-type': 'text/plain' };
    const response = await post('/sleep/1', 'é'.repeat(3.1 * 1024 * 1024), type);
    expect([response.status, await response.json()]).toEqual([413, { message: 'Request Entity Too Large' }]);
    expect((await post('/sleep/1', 'é'.repeat(2.9 * 1024 * 1024), type)).status).toBe(200);
    // As base64 it is a third longer.
    expect((await post('/sleep/1', new Uint8Array(4.6 * 1024 * 1024))).status).toBe(413);
  });

  test('answers 500 for an answer over 6 MB, counted in bytes', async () => {
    const [small, large] = [await post('/large/2900000', ''), await post('/large/3150000', '')];
    expect(small.status).toBe(200);
    expect((await small.arrayBuffer()).byteLength).toBe(5_800_000);
    expect([large.status, await large.json()]).toEqual([500, { message: 'Internal Server Error' }]);
    const lines = stack.logs().map(({ line }) => line);
    expect(lines).toContainEqual(expect.stringMatching(/^Function.ResponseSizeTooLarge: .*6291556 bytes/));
  });

  test('refuses a request line and header values of more than 10,240 bytes', async () => {
    const status = async (path: string, headers = {}) => (await fetch(stack.url + path, { headers })).status;
    const filled = (bytes: number) => 'a'.repeat(bytes);
    expect(await status('/sleep/1', { 'x-filled': filled(9_900) })).toBe(200);
    expect(await status('/sleep/1', { 'x-filled': filled(10_300) })).toBe(431);
    expect(await status(`/sleep/1?${filled(9_900)}`)).toBe(200);
    expect(await status(`/sleep/1?${filled(10_300)}`)).toBe(431);
    // Names do not count.
    expect(await status('/sleep/1', { [filled(5_000)]: '1', 'x-filled': filled(9_900) })).toBe(200);
  });

  test('answers 429 to what is more than the stage lets through by a route, and other routes stay open', async () => {
    const answers = [await post('/limited', ''), await post('/limited', ''), await post('/limited', '')];
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 429]);
    expect(await answers[2]?.json()).toEqual({ message: 'Too Many Requests' });
    expect((await post('/echo/literal', '')).status).toBe(200);
  });

  test('prefers the literal route', async () => {
    expect(await (await post('/echo/literal', '')).text()).toBe('literal');
  });

  test('refuses more than 10 MB, and stays usable', async () => {
    const response = await post('/sleep/1', new Uint8Array(10 * 1024 * 1024 + 1));
    expect([response.status, await response.json()]).toEqual([413, { message: 'Request Entity Too Large' }]);
    // As soon as it is more: one that never ends is answered too.
    const status = await new Promise((resolve, reject) => {
      const outgoing = request(`${stack.url}/sleep/1`, { method: 'POST' }, ({ statusCode }) => {
        resolve(statusCode);
        outgoing.destroy();
      });
      outgoing.on('error', reject).write(Buffer.alloc(10 * 1024 * 1024 + 1));
    });
    expect(status).toBe(413);
    expect((await post('/sleep/1', '')).status).toBe(200);
  });

  test('answers 503 when the function takes longer than the gateway waits', async () => {
    const response = await post('/hang/1', '');
    expect([response.status, await response.json()]).toEqual([503, { message: 'Service Unavailable' }]);
  });

  test.each(['fail', 'crash'])('answers 500 when the function does this: %s – and serves the next', async (act) => {
    const response = await post(`/${act}/1`, '');
    expect([response.status, await response.json()]).toEqual([500, { message: 'Internal Server Error' }]);
    expect((await post('/sleep/1', '')).status).toBe(200);
  });

  test('serves many requests at once', async () => {
    await Promise.all([1, 2, 3].map(() => post('/sleep/300', '')));
    const began = Date.now();
    const answers = await Promise.all(Array.from({ length: 12 }, () => post('/sleep/250', '')));
    expect(answers.map(({ status }) => status)).toEqual(Array(12).fill(200));
    // Twelve waits over three processes are four waits long; one process would need twelve.
    expect(Date.now() - began).toBeLessThan(2000);
    expect(stack.functions.door).toHaveLength(3);
  });

  test('replaces a process that was killed while idle', async () => {
    const before = stack.functions.door ?? [];
    for (const pid of before) process.kill(pid, 'SIGKILL');
    await expect
      .poll(() => (stack.functions.door ?? []).filter((pid) => !before.includes(pid)).length)
      .toBe(before.length);
    expect((await post('/sleep/1', '')).status).toBe(200);
  });
});

describe('a route that is throttled', () => {
  let now = 0;
  const admitted = (throttle: Throttle, requests: number, route = 'POST /door') =>
    Array.from({ length: requests }, () => throttle.admits(route)).filter(Boolean).length;

  test('takes a burst, then so many a second, and a burst again after it was quiet', () => {
    const throttle = new Throttle(() => now);
    throttle.take({ perSecond: 100, burst: 500 }, { 'GET /rare': { perSecond: 10, burst: 40 } });
    expect(admitted(throttle, 1000)).toBe(500);
    expect([admitted(throttle, 1000, 'POST /other'), admitted(throttle, 1000, 'GET /rare')]).toEqual([500, 40]);
    now += 1000;
    expect([admitted(throttle, 1000), admitted(throttle, 1000, 'GET /rare')]).toEqual([100, 10]);
    now += 3_600_000;
    expect(admitted(throttle, 1000)).toBe(500);
  });

  test('has what an account has where the stage says nothing', () => {
    expect(admitted(new Throttle(() => now), 6000)).toBe(5000);
  });
});

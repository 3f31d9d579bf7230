import { describe, expect, test } from 'vitest';
import { KEY, LINE_TOKEN, openSandbox, TEXT } from './sandbox-calls.ts';

describe('the token', () => {
  const cases: [string, string | undefined, RegExp][] = [
    ['missing', undefined, /no Authorization header/],
    ['of another scheme', `Basic ${LINE_TOKEN}`, /malformed/],
    ['followed by more', `Bearer ${LINE_TOKEN} x`, /malformed/],
    ['of another line', 'Bearer ezw_line_other', /unknown line token/],
    ['of another family', 'Bearer sk_live_1', /start with ezw_line_/],
    ['a JWT', 'Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.c2ln', /workspace token/],
  ];
  test.each(cases)('a token that is %s is refused with 401 and the reason', async (_, authorization, reason) => {
    const { call, sandbox } = await openSandbox();
    const headers = authorization === undefined ? {} : { authorization };
    const health = await call('GET', '/api/v1/health?wakeup=false', undefined, headers);
    const text = await call('POST', '/api/v1/messages/text', JSON.stringify(TEXT), {
      'content-type': 'application/json',
      'idempotency-key': KEY,
      ...headers,
    });
    for (const answer of [health, text]) {
      expect(answer.status).toBe(401);
      expect(answer.json).toEqual({ error: { code: 'unauthorized', message: expect.stringMatching(reason) } });
    }
    expect(sandbox.messages()).toEqual([]);
    expect(sandbox.requests().map(({ status }) => status)).toEqual([401, 401]);
  });
});

describe('health', () => {
  test('a line that is on answers as the contract words it', async () => {
    const { health } = await openSandbox();
    const answer = await health();
    expect(answer.status).toBe(200);
    expect(answer.json).toEqual({
      health: { status: { code: 4, text: 'AUTH' } },
      line: { lifecycleState: 'connected', effectiveSendState: 'sendable', sendable: true },
    });
  });

  test('a line that is off is still a 200, with every state saying so', async () => {
    const { health, control } = await openSandbox();
    await control('POST', '/_sandbox/line', { sendable: false });
    const answer = await health();
    expect(answer.status).toBe(200);
    expect(answer.json).toEqual({
      health: { status: { code: 3, text: 'QR' } },
      line: { lifecycleState: 'qr_required', effectiveSendState: 'blocked', sendable: false },
    });
    expect((await control('GET', '/_sandbox/line')).json).toEqual({ lineId: 'line-test', sendable: false });
  });

  test('every health call is on record with its query', async () => {
    const { health, control } = await openSandbox();
    await health();
    await health('?wakeup=true');
    const { json } = await control('GET', '/_sandbox/requests');
    expect(json).toMatchObject([
      { method: 'GET', path: '/api/v1/health', query: { wakeup: 'false', channel_type: 'web' }, status: 200 },
      { method: 'GET', path: '/api/v1/health', query: { wakeup: 'true' }, status: 200 },
    ]);
  });

  test.each(['?wakeup=0', '?channel_type=fax', '?wake=true'])('the query %s is refused', async (query) => {
    const { health } = await openSandbox();
    expect((await health(query)).status).toBe(400);
  });
});

describe('a send', () => {
  test('is answered 202 with an id and shows up with its exact bytes and headers', async () => {
    const { send, control } = await openSandbox(() => Date.UTC(2026, 10, 22, 10));
    const raw =
      '{ "to":"+972501234567",  "body":"ההזמנה מוכנה ✓", "ctaUrlButton":{"displayText":"Open order","url":"https://shop.example/o/1"} }';
    const answer = await send('text', raw);
    expect(answer.status).toBe(202);
    expect(answer.json).toEqual({ id: expect.any(String), status: 'queued' });
    expect((await control('GET', '/_sandbox/messages')).json).toEqual([
      {
        id: answer.json.id,
        key: KEY,
        path: '/api/v1/messages/text',
        to: '+972501234567',
        body: 'ההזמנה מוכנה ✓',
        ctaUrlButton: { displayText: 'Open order', url: 'https://shop.example/o/1' },
        raw,
        headers: expect.objectContaining({
          authorization: `Bearer ${LINE_TOKEN}`,
          'content-type': 'application/json',
          'idempotency-key': KEY,
        }),
        receivedAt: '2026-11-22T10:00:00.000Z',
        attempts: 1,
      },
    ]);
  });

  test('may go to a conversation in place of a number', async () => {
    const { sendText, sandbox } = await openSandbox();
    expect((await sendText({ conversationId: 'conv-7', body: 'Hello' })).status).toBe(202);
    expect(sandbox.messages()).toMatchObject([{ conversationId: 'conv-7', body: 'Hello' }]);
  });

  test('of media takes an https URL and a caption', async () => {
    const { send, sandbox } = await openSandbox();
    const media = { to: '+972501234567', media: 'https://shop.example/a.jpg', caption: 'Ready' };
    expect((await send('media', JSON.stringify(media))).status).toBe(202);
    expect(sandbox.messages()).toMatchObject([{ path: '/api/v1/messages/media', ...media }]);
  });

  const button = { displayText: 'Open order', url: 'https://shop.example/o/1' };
  const wrong: [string, 'text' | 'media', unknown, RegExp][] = [
    ['an unknown field', 'text', { ...TEXT, text: 'x' }, /"text"/],
    ['no recipient', 'text', { body: 'x' }, /exactly one of "to" and "conversationId"/],
    ['two recipients', 'text', { ...TEXT, conversationId: 'c' }, /exactly one/],
    ['a local number', 'text', { ...TEXT, to: '0501234567' }, /^to: must be E\.164/],
    ['a number without its +', 'text', { ...TEXT, to: '972501234567' }, /^to:/],
    ['a number with dashes', 'text', { ...TEXT, to: '+972-501234567' }, /^to:/],
    ['a chat id', 'text', { ...TEXT, to: '972501234567@s.whatsapp.net' }, /^to:/],
    ['no text', 'text', { to: TEXT.to }, /^body:/],
    ['an empty text', 'text', { ...TEXT, body: ' \n' }, /^body: must not be empty/],
    ['a text of 4097 characters', 'text', { ...TEXT, body: 'x'.repeat(4097) }, /^body: must be at most 4096/],
    ['a label of 21 characters', 'text', { ...TEXT, ctaUrlButton: { ...button, displayText: 'x'.repeat(21) } }, /20/],
    ['a button with an http link', 'text', { ...TEXT, ctaUrlButton: { ...button, url: 'http://a.example' } }, /https/],
    ['a button with more fields', 'text', { ...TEXT, ctaUrlButton: { ...button, id: '1' } }, /"id"/],
    ['media by http', 'media', { to: TEXT.to, media: 'http://shop.example/a.jpg' }, /^media: must be an https URL/],
    ['media with a body', 'media', { ...TEXT, media: 'https://shop.example/a.jpg' }, /"body"/],
    ['a list', 'text', [TEXT], /expected object/],
  ];
  test.each(wrong)('with %s is refused with 400 and a message that names it', async (_, path, body, reason) => {
    const { send, sandbox } = await openSandbox();
    const answer = await send(path, JSON.stringify(body));
    expect(answer.status).toBe(400);
    expect(answer.json.error).toEqual({ code: 'invalid_body', message: expect.stringMatching(reason) });
    expect(sandbox.messages()).toEqual([]);
  });

  test('that is not JSON, or not labelled as JSON, is refused', async () => {
    const { send } = await openSandbox();
    expect((await send('text', '{"to":')).json.error.message).toBe('the body is not valid JSON');
    expect((await send('text', JSON.stringify(TEXT), { 'content-type': 'text/plain' })).status).toBe(415);
    const charset = { 'content-type': 'application/json; charset=utf-8' };
    expect((await send('text', JSON.stringify(TEXT), charset)).status).toBe(202);
  });

  test('to an unknown path or by a wrong method says "not here"', async () => {
    const { call } = await openSandbox();
    const headers = { authorization: `Bearer ${LINE_TOKEN}` };
    expect((await call('POST', '/api/v1/messages/video', '{}', headers)).status).toBe(404);
    expect((await call('GET', '/api/v1/messages/text', undefined, headers)).status).toBe(405);
  });

  test('while the line is off is a 503, makes no message and leaves its key free', async () => {
    const { sendText, control, sandbox } = await openSandbox();
    await control('POST', '/_sandbox/line', { sendable: false });
    expect((await sendText()).status).toBe(503);
    expect(sandbox.messages()).toEqual([]);
    await control('POST', '/_sandbox/line', { sendable: true });
    expect((await sendText()).status).toBe(202);
    expect(sandbox.messages()).toMatchObject([{ attempts: 1 }]);
  });
});

describe('the Idempotency-Key', () => {
  test('is required, and of a form that is known to be safe', async () => {
    const { call, send } = await openSandbox();
    const headers = { authorization: `Bearer ${LINE_TOKEN}`, 'content-type': 'application/json' };
    const missing = await call('POST', '/api/v1/messages/text', JSON.stringify(TEXT), headers);
    expect(missing.status).toBe(400);
    expect(missing.json.error.code).toBe('idempotency_key_missing');
    for (const key of ['a b', 'order/1', 'x'.repeat(65)]) {
      expect((await send('text', JSON.stringify(TEXT), { 'idempotency-key': key })).json.error.code).toBe(
        'idempotency_key_invalid',
      );
    }
  });

  test('with the same bytes gives the same answer and one message, however many come at once', async () => {
    const { sendText, sandbox } = await openSandbox();
    const answers = await Promise.all(Array.from({ length: 20 }, () => sendText()));
    expect(new Set(answers.map(({ status, text }) => `${status} ${text}`)).size).toBe(1);
    expect(answers[0]?.status).toBe(202);
    expect(sandbox.messages()).toMatchObject([{ attempts: 20 }]);
  });

  test.each([
    ['another text', 'text', JSON.stringify({ ...TEXT, body: 'Another text' })],
    ['the same fields in other bytes', 'text', JSON.stringify(TEXT, null, 1)],
    ['another endpoint', 'media', JSON.stringify({ to: TEXT.to, media: 'https://shop.example/a.jpg' })],
  ])('with %s is a 409 and no second message', async (_, path, raw) => {
    const { sendText, send, sandbox } = await openSandbox();
    await sendText();
    const answer = await send(path, raw);
    expect(answer.status).toBe(409);
    expect(answer.json.error.code).toBe('idempotency_conflict');
    expect(sandbox.messages()).toMatchObject([{ body: TEXT.body, attempts: 1 }]);
  });

  test('is forgotten with the messages', async () => {
    const { sendText, control, sandbox } = await openSandbox();
    await sendText();
    expect((await control('DELETE', '/_sandbox/messages')).status).toBe(204);
    expect(sandbox.messages()).toEqual([]);
    expect(sandbox.requests()).toEqual([]);
    expect((await sendText({ ...TEXT, body: 'Another text' })).status).toBe(202);
  });
});

test('messages and calls are listed oldest first, or the newest n of them', async () => {
  const { sendText, control } = await openSandbox();
  for (const n of [1, 2, 3]) await sendText(TEXT, `k${n}`);
  const keys = async (path: string) => {
    const list = JSON.parse((await control('GET', path)).text) as { key: string }[];
    return list.map(({ key }) => key);
  };
  expect(await keys('/_sandbox/messages')).toEqual(['k1', 'k2', 'k3']);
  expect(await keys('/_sandbox/messages?last=2')).toEqual(['k2', 'k3']);
  expect(await keys('/_sandbox/requests?last=1')).toEqual(['k3']);
});

test.each([{}, { sendable: 'no' }, { sendable: true, line: 1 }])('the line switch refuses %o', async (body) => {
  const { control } = await openSandbox();
  expect((await control('POST', '/_sandbox/line', body)).status).toBe(400);
});

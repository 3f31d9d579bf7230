import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { openSandbox, TEXT } from './sandbox-calls.ts';

const RAW = JSON.stringify(TEXT);

/** The network error's code, or the status when there was an answer after all. */
async function codeOf(call: Promise<{ status: number }>): Promise<unknown> {
  try {
    return (await call).status;
  } catch (error) {
    return ((error as Error).cause as { code?: string } | undefined)?.code;
  }
}

describe('a status fault', () => {
  test('strikes before the message is taken, once, with its headers and body', async () => {
    const { fault, sendText, sandbox } = await openSandbox();
    await fault({ kind: 'status', status: 429, headers: { 'Retry-After': '7' }, body: { error: 'slow down' } });
    const struck = await sendText();
    expect(struck.status).toBe(429);
    expect(struck.headers.get('retry-after')).toBe('7');
    expect(struck.json).toEqual({ error: 'slow down' });
    expect(sandbox.messages()).toEqual([]);
    expect((await sendText()).status).toBe(202);
    expect(sandbox.requests()).toMatchObject([
      { status: 429, raw: RAW, key: 'order:1044:ready' },
      { status: 202, raw: RAW, key: 'order:1044:ready' },
    ]);
  });

  test('with "after" takes the message first, so that the retry is a replay', async () => {
    const { fault, sendText, sandbox } = await openSandbox();
    await fault({ kind: 'status', status: 500, body: 'oops', after: true });
    const struck = await sendText();
    expect([struck.status, struck.text]).toEqual([500, 'oops']);
    expect(sandbox.messages()).toHaveLength(1);
    expect((await sendText()).status).toBe(202);
    expect(sandbox.messages()).toMatchObject([{ attempts: 2 }]);
  });

  test('strikes as often as asked, 0 meaning until cleared', async () => {
    const { fault, sendText, control } = await openSandbox();
    await fault({ kind: 'status', status: 500 }, 'text', 2);
    expect([(await sendText()).status, (await sendText()).status, (await sendText()).status]).toEqual([500, 500, 202]);
    await fault({ kind: 'status', status: 500 }, 'text', 0);
    for (let i = 0; i < 5; i++) expect((await sendText()).status).toBe(500);
    await control('DELETE', '/_sandbox/faults');
    expect((await sendText()).status).toBe(202);
  });

  test('strikes only the call it names; * is any call of the API', async () => {
    const { fault, sendText, health, send, control } = await openSandbox();
    await fault({ kind: 'status', status: 500 }, 'health');
    expect((await sendText()).status).toBe(202);
    expect((await health()).status).toBe(500);
    await fault({ kind: 'status', status: 500 }, '*', 2);
    expect((await health()).status).toBe(500);
    expect((await send('media', '{}')).status).toBe(500);
    expect((await control('GET', '/_sandbox/faults')).json).toEqual([]);
  });

  test('may carry no body at all', async () => {
    const { fault, sendText } = await openSandbox();
    await fault({ kind: 'status', status: 204 });
    expect((await sendText()).status).toBe(204);
  });
});

describe('a timeout', () => {
  test.each([
    ['before', false, 0],
    ['after', true, 1],
  ])('%s the message was taken gives no answer, until the caller hangs up', async (_, after, messages) => {
    const { fault, url, sandbox, sendText } = await openSandbox();
    await fault({ kind: 'timeout', after });
    const headers = {
      authorization: 'Bearer ezw_line_test_4f1c',
      'content-type': 'application/json',
      'idempotency-key': 'order:1044:ready',
    };
    const signal = AbortSignal.timeout(300);
    const hung = fetch(`${url}/api/v1/messages/text`, { method: 'POST', body: RAW, headers, signal });
    await expect(hung).rejects.toThrow(/timeout/);
    expect(sandbox.messages()).toHaveLength(messages);
    expect(sandbox.requests()).toMatchObject([{ status: 'hung', raw: RAW }]);
    expect((await sendText()).status).toBe(202);
    expect(sandbox.messages()).toMatchObject([{ attempts: messages + 1 }]);
  });

  test('of a given length ends with a cut connection', async () => {
    const { fault, sendText } = await openSandbox();
    await fault({ kind: 'timeout', seconds: 0.2 });
    const start = performance.now();
    expect(await codeOf(sendText())).toBe('UND_ERR_SOCKET');
    expect(performance.now() - start).toBeGreaterThan(190);
  });

  test('is ended by clearing the faults', async () => {
    const { fault, sendText, control, sandbox } = await openSandbox();
    await fault({ kind: 'timeout' });
    const hung = codeOf(sendText());
    while (sandbox.requests()[0]?.status !== 'hung') await sleep(5);
    await control('DELETE', '/_sandbox/faults');
    expect(await hung).toBe('UND_ERR_SOCKET');
  });

  test('does not keep the sandbox from closing', async () => {
    const { fault, sendText, close, sandbox } = await openSandbox();
    await fault({ kind: 'timeout' });
    const hung = codeOf(sendText());
    while (sandbox.requests()[0]?.status !== 'hung') await sleep(5);
    await close();
    expect(await hung).toBe('UND_ERR_SOCKET');
  });
});

describe('a reset', () => {
  test.each([
    [false, 0],
    [true, 1],
  ])('with after=%s cuts the connection once the bytes were read', async (after, messages) => {
    const { fault, sendText, sandbox } = await openSandbox();
    await fault({ kind: 'reset', after });
    expect(await codeOf(sendText())).toBe('ECONNRESET');
    expect(sandbox.requests()).toMatchObject([{ status: 'dropped', raw: RAW }]);
    expect(sandbox.messages()).toHaveLength(messages);
  });
});

describe('a refusal', () => {
  test('really closes the port for its time, while the control of another port goes on', async () => {
    const { control, sendText, sandbox } = await openSandbox();
    await sendText();
    const injected = await control('POST', '/_sandbox/faults', { on: '*', fault: { kind: 'refuse', seconds: 0.4 } });
    expect(injected.status).toBe(201);
    await sleep(20);
    expect(await codeOf(sendText())).toBe('ECONNREFUSED');
    expect((await control('GET', '/_sandbox/faults')).json).toMatchObject([
      { fault: { kind: 'refuse', seconds: 0.4 } },
    ]);
    expect(sandbox.requests()).toHaveLength(1);
    await sleep(500);
    expect((await sendText()).status).toBe(202);
    expect((await control('GET', '/_sandbox/faults')).json).toEqual([]);
  });

  test('asked for through the very port still gets its answer, and is ended by clearing', async () => {
    const { fault, control, sendText } = await openSandbox();
    expect((await fault({ kind: 'refuse', seconds: 60 }, '*')).status).toBe(201);
    await sleep(20);
    expect(await codeOf(sendText())).toBe('ECONNREFUSED');
    await control('DELETE', '/_sandbox/faults');
    expect((await sendText()).status).toBe(202);
  });

  test('does not keep the sandbox from closing, nor open the port again afterwards', async () => {
    const { fault, close, sendText, control } = await openSandbox();
    await fault({ kind: 'refuse', seconds: 0.2 }, '*');
    await close();
    expect((await control('GET', '/_sandbox/faults')).json).toEqual([]);
    await sleep(300);
    expect(await codeOf(sendText())).toBe('ECONNREFUSED');
  });
});

describe('an odd answer', () => {
  test('"slow" waits and then answers as usual', async () => {
    const { fault, sendText } = await openSandbox();
    await fault({ kind: 'slow', ms: 200 });
    const start = performance.now();
    expect((await sendText()).status).toBe(202);
    expect(performance.now() - start).toBeGreaterThan(190);
  });

  test('"huge" is a valid answer of several megabytes', async () => {
    const { fault, sendText, health } = await openSandbox();
    await fault({ kind: 'huge' });
    const answer = await sendText();
    expect([answer.status, answer.json.status]).toEqual([202, 'queued']);
    expect(answer.text.length).toBeGreaterThan(4_000_000);
    await fault({ kind: 'huge' }, 'health');
    expect((await health()).json.line.sendable).toBe(true);
  });

  test('"garbage" takes the message and answers 202 with HTML', async () => {
    const { fault, sendText, sandbox } = await openSandbox();
    await fault({ kind: 'garbage' });
    const answer = await sendText();
    expect(answer.status).toBe(202);
    expect(answer.headers.get('content-type')).toBe('text/html');
    expect(answer.text).toContain('<html>');
    expect(sandbox.messages()).toHaveLength(1);
  });
});

test('faults are listed with what is left of them', async () => {
  const { fault, sendText, control } = await openSandbox();
  await fault({ kind: 'status', status: 500 }, 'text', 3);
  await fault({ kind: 'reset' }, 'media', 0);
  await sendText();
  expect((await control('GET', '/_sandbox/faults')).json).toEqual([
    { id: expect.any(String), on: 'text', fault: { kind: 'status', status: 500 }, left: 2 },
    { id: expect.any(String), on: 'media', fault: { kind: 'reset' }, left: 0 },
  ]);
});

test.each([
  ['an unknown kind', { on: 'text', fault: { kind: 'explode' } }, /fault\.kind/],
  ['an unknown call', { on: 'video', fault: { kind: 'reset' } }, /^on:/],
  ['no fault', { on: 'text' }, /^fault/],
  ['an unknown field', { on: 'text', fault: { kind: 'reset', seconds: 1 } }, /"seconds"/],
  ['an impossible status', { on: 'text', fault: { kind: 'status', status: 99 } }, /fault\.status: must be 200 to 599/],
  ['an impossible header', { on: 'text', fault: { kind: 'status', status: 500, headers: { 'a b': '1' } } }, /headers/],
  ['a refusal without a length', { on: '*', fault: { kind: 'refuse' } }, /fault\.seconds/],
  ['a negative count', { on: 'text', fault: { kind: 'reset' }, times: -1 }, /^times: must be 0 or more/],
])('a fault order with %s is refused with the reason', async (_, order, reason) => {
  const { control } = await openSandbox();
  const answer = await control('POST', '/_sandbox/faults', order);
  expect(answer.status).toBe(400);
  expect(answer.json.error.message).toMatch(reason);
  expect((await control('GET', '/_sandbox/faults')).json).toEqual([]);
});

import { afterEach } from 'vitest';
import { createSandbox } from '../../local/sandbox/sandbox.ts';

export const LINE_TOKEN = 'ezw_line_test_4f1c';
export const KEY = 'order:1044:ready';
export const TEXT = { to: '+972501234567', body: 'Your order is ready.' };

type Json = Record<string, unknown>;
/** The fields that tests read from one answer or another. */
interface Fields {
  id: string;
  status: string;
  error: { code: string; message: string };
  line: { sendable: boolean };
  access_token: string;
  data?: { fulfillmentOrder: unknown };
  errors: [{ message: string }];
}

interface Answer {
  status: number;
  headers: Headers;
  text: string;
  json: Fields;
}

let closeAll: (() => Promise<void>)[] = [];
afterEach(async () => {
  await Promise.all(closeAll.map((close) => close()));
  closeAll = [];
});

/** A sandbox on a random port, with the calls that the tests make. It is closed after the test. */
export async function openSandbox(now?: () => number) {
  const sandbox = createSandbox({ lineToken: LINE_TOKEN, lineId: 'line-test', ...(now && { now }) });
  const { url, close } = await sandbox.listen(0);
  closeAll.push(close);

  const call = async (method: string, path: string, body?: string, headers: Record<string, string> = {}) => {
    const response = await fetch(url + path, { method, headers, ...(body === undefined ? {} : { body }) });
    return answerOf(response);
  };
  const authorization = `Bearer ${LINE_TOKEN}`;
  const send = (path: string, body: string, headers: Record<string, string> = {}) =>
    call('POST', `/api/v1/messages/${path}`, body, {
      authorization,
      'content-type': 'application/json',
      'idempotency-key': KEY,
      ...headers,
    });
  return {
    sandbox,
    url,
    close,
    call,
    send,
    sendText: (body: Json = TEXT, key = KEY) => send('text', JSON.stringify(body), { 'idempotency-key': key }),
    health: (query = '?wakeup=false&channel_type=web') =>
      call('GET', `/api/v1/health${query}`, undefined, { authorization }),
    fault: (fault: Json, on = 'text', times = 1) =>
      call('POST', '/_sandbox/faults', JSON.stringify({ on, fault, times })),
    /** Through the app itself, as the public port of the local stack does: reachable while the listener is closed. */
    control: async (method: string, path: string, body?: Json) =>
      answerOf(
        await sandbox.app.request(path, { method, ...(body === undefined ? {} : { body: JSON.stringify(body) }) }),
      ),
  };
}

async function answerOf(response: Response): Promise<Answer> {
  const text = await response.text();
  const isJson = response.headers.get('content-type')?.startsWith('application/json');
  return { status: response.status, headers: response.headers, text, json: isJson ? JSON.parse(text) : undefined };
}

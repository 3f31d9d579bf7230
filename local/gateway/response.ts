import { validateHeaderName, validateHeaderValue } from 'node:http';

/** An HTTP answer, ready to write. */
export interface Answer {
  status: number;
  headers: Record<string, string | string[]>;
  body: Buffer;
}

/** An answer of API Gateway's own. */
export function gatewayAnswer(status: number, message: string): Answer {
  return {
    status,
    headers: { 'content-type': 'application/json' },
    body: Buffer.from(JSON.stringify({ message })),
  };
}

/**
 * What API Gateway makes of a function's result (JSON) in payload format 2.0: the fields when there is a `statusCode`,
 * else the whole value as the JSON body of a 200. A result it cannot use becomes its 500.
 */
export function toAnswer(result: string): Answer {
  const value: unknown = JSON.parse(result);
  if (value === null || typeof value !== 'object' || !('statusCode' in value)) {
    const body = Buffer.from(typeof value === 'string' ? value : result);
    return { status: 200, headers: { 'content-type': 'application/json' }, body };
  }
  const { statusCode, headers = {}, body = '', isBase64Encoded = false, cookies = [] } = value as Fields;
  const status = Number(statusCode);
  if (!Number.isInteger(status) || status < 100 || status > 599 || typeof body !== 'string') return unusable();
  const lowerCased = Object.entries(headers ?? {}).map(
    ([name, content]) => [name.toLowerCase(), String(content)] as const,
  );
  if (!writable([...lowerCased, ...cookies.map((cookie) => ['set-cookie', cookie] as const)])) return unusable();
  return {
    status,
    headers: {
      'content-type': 'text/plain;charset=UTF-8',
      ...Object.fromEntries(lowerCased),
      ...(cookies.length === 0 ? {} : { 'set-cookie': cookies }),
    },
    body: Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8'),
  };
}

/** Whether these can be sent at all: with a line break in it a header would be two. */
function writable(headers: readonly (readonly [string, string])[]): boolean {
  try {
    for (const [name, value] of headers) {
      validateHeaderName(name);
      validateHeaderValue(name, value);
    }
    return true;
  } catch {
    return false;
  }
}

export function unusable(): Answer {
  return gatewayAnswer(500, 'Internal Server Error');
}

interface Fields {
  statusCode: unknown;
  headers?: Record<string, unknown> | null;
  body?: unknown;
  isBase64Encoded?: boolean;
  cookies?: string[];
}

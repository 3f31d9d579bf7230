import { isUtf8 } from 'node:buffer';
import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { accountId } from '../account.ts';
import { decode, type Match } from './router.ts';

/** API Gateway passes these on as text and everything else – forms, multipart, images – in base64. */
const textTypes = /^(text\/.*|application\/(.*\+)?(json|xml|javascript))$/;

/** The event (payload format 2.0) of a request, as API Gateway's HTTP API makes it. */
export function toEvent(request: IncomingMessage, body: Buffer, match: Match): object {
  const [path = '/', rawQueryString = ''] = splitOnce(request.url ?? '/', '?');
  // Raw is only its name: it comes decoded, and a question mark that was in it ends it (https://github.com/honojs/hono/issues/2156).
  const [rawPath = '/'] = decode(path).split('?');
  const { cookie, ...headers } = joined(request);
  const now = new Date();
  // What AWS makes of bytes that are no UTF-8 is not documented; here they arrive as they were sent.
  const isText = isTextBody(headers) && isUtf8(body);
  const query = [...new URLSearchParams(rawQueryString)];
  return {
    version: '2.0',
    routeKey: match.route.routeKey,
    rawPath,
    rawQueryString,
    ...(cookie === undefined ? {} : { cookies: cookie.split(/; */) }),
    headers: {
      ...headers,
      'x-amzn-trace-id': `Root=1-${Math.floor(now.getTime() / 1000).toString(16)}-${randomUUID().replaceAll('-', '').slice(0, 24)}`,
      'x-forwarded-for': [headers['x-forwarded-for'], request.socket.remoteAddress].filter(Boolean).join(', '),
      'x-forwarded-port': String(request.socket.localPort),
      'x-forwarded-proto': 'http',
    },
    ...(query.length === 0 ? {} : { queryStringParameters: commaJoined(query) }),
    requestContext: {
      accountId,
      apiId: 'local',
      domainName: headers.host,
      domainPrefix: 'local',
      http: {
        method: request.method,
        path: rawPath,
        protocol: `HTTP/${request.httpVersion}`,
        sourceIp: request.socket.remoteAddress,
        userAgent: headers['user-agent'] ?? '',
      },
      requestId: randomUUID(),
      routeKey: match.route.routeKey,
      stage: '$default',
      time: clfTime(now),
      timeEpoch: now.getTime(),
    },
    ...(Object.keys(match.pathParameters).length === 0 ? {} : { pathParameters: match.pathParameters }),
    ...(body.length === 0 ? {} : { body: body.toString(isText ? 'utf8' : 'base64') }),
    isBase64Encoded: body.length > 0 && !isText,
  };
}

function isTextBody(headers: Record<string, string>): boolean {
  if ((headers['content-encoding'] ?? 'identity') !== 'identity') return false;
  const [type = ''] = (headers['content-type'] ?? '').split(';');
  return textTypes.test(type.trim().toLowerCase());
}

/** Lower-case names; a header sent twice becomes one, joined by commas. */
function joined(request: IncomingMessage): Record<string, string> {
  const { rawHeaders } = request;
  const pairs: [string, string][] = [];
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    pairs.push([String(rawHeaders[i]).toLowerCase(), String(rawHeaders[i + 1])]);
  }
  return commaJoined(pairs);
}

function commaJoined(pairs: [string, string][]): Record<string, string> {
  const found = new Map<string, string>();
  for (const [name, value] of pairs) {
    const before = found.get(name);
    found.set(name, before === undefined ? value : `${before},${value}`);
  }
  return Object.fromEntries(found);
}

function splitOnce(text: string, separator: string): string[] {
  const place = text.indexOf(separator);
  return place < 0 ? [text] : [text.slice(0, place), text.slice(place + 1)];
}

/** Such as `12/Mar/2026:19:03:58 +0000`. */
function clfTime(time: Date): string {
  const [, day, month, year, clock] = time.toUTCString().split(/,? /);
  return `${day}/${month}/${year}:${clock} +0000`;
}

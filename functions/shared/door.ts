import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { asUtf8, isForm } from './charset.ts';
import { type Answer, answer, answerFor, Invalid, reasonOf } from './errors.ts';
import { toJson } from './json.ts';
import { sha256 } from './key.ts';
import type { Log } from './log.ts';
import { isCampaign } from './one-recipient.ts';
import { enqueue } from './queue.ts';
import { type CachedSecret, sourceSecret } from './secrets.ts';
import type { SourceSecret } from './signature.ts';
import type { Source, SourceRequest } from './source.ts';

/** SQS and API Gateway would take more; few sources come near it. */
const MAX_BODY_BYTES = 256 * 1024;

export interface Door {
  readonly template: string;
  // biome-ignore lint/suspicious/noExplicitAny: the registry holds sources of different event types; each parses for itself
  readonly sources: Readonly<Record<string, Source<any, any, any>>>;
  /** Settings of the sources that the client has turned on. */
  readonly settings: Readonly<Record<string, unknown>>;
  readonly secrets: CachedSecret;
  readonly workQueueUrl: string;
  readonly log: Log;
  /** A last look at a request that is proved; what it throws is the answer. */
  readonly guard?: (request: SourceRequest, source: string) => Promise<void>;
}

/** Bytes as they were sent: API Gateway hands form-encoded and multipart bodies over in base64. */
const requestOf = (event: APIGatewayProxyEventV2, maxBytes = MAX_BODY_BYTES): SourceRequest => {
  const raw = Buffer.from(event.body ?? '', event.isBase64Encoded ? 'base64' : 'utf8');
  if (raw.length > maxBytes) throw new Invalid('too_large', `The body is larger than ${maxBytes} bytes.`);
  return {
    method: event.requestContext.http.method,
    headers: Object.fromEntries(Object.entries(event.headers).map(([name, value]) => [name.toLowerCase(), value])),
    query: event.queryStringParameters ?? {},
    raw,
    receivedAt: Date.now(),
    pathSecret: event.pathParameters?.secret,
    address: event.requestContext.http.sourceIp,
  };
};

/** As `parse` may read it. A form says by itself what its percent signs and parts are encoded in. */
const readable = (request: SourceRequest): SourceRequest => {
  const type = request.headers['content-type'];
  return isForm(type) ? request : { ...request, raw: asUtf8(request.raw, type) };
};

/** A route names its source in a parameter, or is the source's own. */
const sourceName = (event: APIGatewayProxyEventV2): string =>
  event.pathParameters?.source ?? event.routeKey.split('/')[2] ?? '';

/** Does it with the secret in memory and, if that is refused, once more with the stored one if it is newer. */
const withSecret = async <T>(door: Door, name: string, attempt: (secret: SourceSecret) => T): Promise<T> => {
  try {
    return attempt(sourceSecret(await door.secrets.get(), name));
  } catch (error) {
    if (!(await door.secrets.refreshAfterMismatch())) throw error;
    return attempt(sourceSecret(await door.secrets.get(), name));
  }
};

/** A refused list leaves a trace that a person can find, made by the worker: the door itself writes no records. */
const noteRefusal = (
  door: Door,
  source: string,
  { raw, receivedAt }: SourceRequest,
  refused: string,
): Promise<void> => {
  const id = `refused-${sha256(Buffer.from(raw).toString('latin1')).slice(0, 16)}`;
  const occurredAt = new Date(receivedAt).toISOString();
  return enqueue(door.workQueueUrl, [toJson({ source, refused, id, occurredAt })]);
};

interface Admitted {
  readonly answer: Answer;
  readonly queued: number;
  readonly skipped?: number;
  readonly reason?: string | undefined;
}

const plainText = (body: string): Admitted => ({
  answer: { ...answer(200, {}), headers: { 'content-type': 'text/plain' }, body },
  queued: 0,
});

const admit = async (door: Door, name: string, event: APIGatewayProxyEventV2): Promise<Admitted> => {
  const source = Object.hasOwn(door.settings, name) ? door.sources[name] : undefined;
  if (!source) throw new Invalid('unknown_source', 'This source is not turned on for this client.');
  const settings = door.settings[name];
  const { origin } = event.headers;
  const fromOwnPage = origin !== undefined && source.cors?.(origin, settings) !== undefined;
  const request = { ...requestOf(event, source.maxBytes), fromOwnPage };
  // A browser asks before it posts; whether it may is in the headers of every answer.
  if (request.method === 'OPTIONS') return plainText('');
  if (request.method === 'GET') {
    const { handshake } = source;
    if (!handshake) throw new Invalid('unknown_source', 'This source has no handshake.');
    return plainText(await withSecret(door, name, (secret) => handshake(request, secret)));
  }
  const greeting = source.greet?.(request, settings);
  if (greeting !== undefined) return plainText(greeting);
  await withSecret(door, name, (secret) => source.authenticate(request, secret));
  await door.guard?.(request, name);
  let parsed: ReturnType<typeof source.parse>;
  try {
    parsed = source.parse(readable(request), settings);
  } catch (error) {
    if (isCampaign(reasonOf(error))) await noteRefusal(door, name, request, reasonOf(error));
    throw error;
  }
  const items = parsed.filter((item) => !('skipped' in item));
  const bodies = items.map((item) => toJson({ source: name, ...item }));
  await enqueue(door.workQueueUrl, bodies);
  const queued = items.length;
  const skipped = parsed.length - queued;
  const [reason] = parsed.flatMap((item) => ('skipped' in item ? [item.skipped] : []));
  const counts = { queued, ...(skipped > 0 && { skipped }) };
  return { answer: answer(200, { ok: true, ...counts }), ...counts, reason };
};

/** The same answer, readable for a page of the caller's origin if the source lets it. */
const forOrigin = (door: Door, name: string, event: APIGatewayProxyEventV2, given: Answer): Answer => {
  const { origin } = event.headers;
  if (origin === undefined || !Object.hasOwn(door.settings, name)) return given;
  const cors = door.sources[name]?.cors?.(origin, door.settings[name]);
  return cors ? { ...given, headers: { ...given.headers, ...cors } } : given;
};

/** Prove the sender, parse, queue, answer 200. Whatever was not stored is answered with anything but 200. */
export const openDoor =
  (door: Door) =>
  async (event: APIGatewayProxyEventV2): Promise<Answer> => {
    const startedAt = Date.now();
    const name = sourceName(event);
    // Only names of our own stand in the log: the path is the caller's.
    const source = Object.hasOwn(door.sources, name) ? name : 'unknown';
    const line = { event: 'door', template: door.template, source };
    try {
      const { answer: given, ...counts } = await admit(door, name, event);
      door.log('info', { ...line, status: 200, ...counts, ms: Date.now() - startedAt });
      return forOrigin(door, name, event, given);
    } catch (error) {
      const refusal = answerFor(error);
      const level = refusal.statusCode === 503 ? 'error' : 'warn';
      door.log(level, { ...line, status: refusal.statusCode, reason: reasonOf(error), ms: Date.now() - startedAt });
      return forOrigin(door, name, event, refusal);
    }
  };

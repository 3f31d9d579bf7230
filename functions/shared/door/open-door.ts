import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import type { CachedSecret } from '../runtime/cached-secret.ts';
import { asUtf8, isForm, withoutMarks } from '../runtime/charset.ts';
import { type Answer, answer, answerFor, Invalid, quietLevel, reasonOf, Shut } from '../runtime/errors.ts';
import { sha256 } from '../runtime/hashes.ts';
import { toJson } from '../runtime/json.ts';
import type { Log } from '../runtime/log.ts';
import { enqueue } from '../runtime/queue.ts';
import { decompress } from './decompress.ts';
import { assertMethod, bytesOf, fitting, headersOf, looseParts, MAX_BODY_BYTES, methodOf } from './gateway-event.ts';
import { sourceBy } from './kinds.ts';
import { isCampaign } from './one-recipient.ts';
import type { SourceSecret } from './signatures.ts';
import type { SourceRequest, Sources } from './source.ts';
import { sourceSecret } from './source-secret.ts';

type AnySource = Sources<unknown>[string];

export interface Door {
  readonly template: string;
  readonly sources: Sources<unknown>;
  /** Settings of the sources that the client has turned on, by the names that they have there. */
  readonly settings: Readonly<Record<string, unknown>>;
  readonly secrets: CachedSecret;
  readonly workQueueUrl: string;
  readonly log: Log;
  /** A last look at a request that is proved; what it throws is the answer. */
  readonly guard?: (request: SourceRequest, source: string) => Promise<void>;
  /** Throws `Invalid` for an event of our own that the client file knows nothing of. */
  readonly assertMeant?: (event: never) => void;
}

/** Where a request came in. */
interface Place {
  readonly name: string;
  readonly pathSecret: string | undefined;
}

/** A route names its source in a parameter, or is the source's own, or takes what is no door to the letter. */
const placeOf = (event: APIGatewayProxyEventV2): Place => {
  const { source, secret } = event.pathParameters ?? {};
  const [name, ...others] = looseParts(event) ?? [];
  if (name !== undefined) return { name, pathSecret: others.length > 0 ? others.join('/') : undefined };
  return { name: source ?? event.routeKey.split('/')[2] ?? '', pathSecret: secret };
};

const requestOf = (event: APIGatewayProxyEventV2, place: Place, sent: Uint8Array, maxBytes: number): SourceRequest => {
  const headers = headersOf(event);
  return {
    method: methodOf(event),
    headers,
    query: event.queryStringParameters ?? {},
    raw: decompress(sent, headers['content-encoding'], maxBytes),
    receivedAt: Date.now(),
    pathSecret: place.pathSecret,
    address: event.requestContext.http.sourceIp,
  };
};

/** As `parse` may read it, without byte order marks. A form says by itself what its percent signs and parts are encoded in. */
const readable = (request: SourceRequest): SourceRequest => {
  const type = request.headers['content-type'];
  return { ...request, raw: isForm(type) ? withoutMarks(request.raw) : asUtf8(request.raw, type) };
};

/** Does it with the secret in memory and, if that is refused, once more with the stored one if it is newer. */
const withSecret = async <T>(door: Door, name: string, attempt: (secret: SourceSecret) => T): Promise<T> => {
  try {
    return attempt(sourceSecret(await door.secrets.get(), name));
  } catch (error) {
    if (!(await door.secrets.refreshAfterMismatch())) throw error;
    return attempt(sourceSecret(await door.secrets.get(), name));
  }
};

/** Most senders sign the text and compress it then; some sign what leaves them. */
const prove = (source: AnySource, request: SourceRequest, sent: Uint8Array, secret: SourceSecret): void => {
  try {
    source.authenticate(request, secret);
  } catch (error) {
    if (sent === request.raw) throw error;
    source.authenticate({ ...request, raw: sent }, secret);
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

const DAY_SECONDS = 24 * 3600;

/** The origin that a browser names, if it is that of a page which may post here. */
const ownPage = (
  { headers }: APIGatewayProxyEventV2,
  source: AnySource | undefined,
  settings: unknown,
): string | undefined => {
  const { origin } = headers;
  return origin !== undefined && source?.browser?.rules(settings)?.origins.includes(origin) ? origin : undefined;
};

/** The source at this place, if it is one that takes this request. A further one of a kind that is not there may have been, or will be. */
const sourceAt = (door: Door, name: string, event: APIGatewayProxyEventV2): AnySource => {
  const source = sourceBy(door.sources, name);
  if (!source) {
    const names = [...new Set([...Object.keys(door.sources), ...Object.keys(door.settings)])].join(', ');
    throw new Invalid('unknown_source', `There is no such source. There are: ${names}.`);
  }
  assertMethod(event, ['POST', ...(source.handshake ? ['GET'] : []), ...(source.browser ? ['OPTIONS'] : [])]);
  if (!Object.hasOwn(door.settings, name)) {
    throw new Shut('source_off', 'The source of this name is not turned on for this client.');
  }
  return source;
};

const admit = async (door: Door, place: Place, event: APIGatewayProxyEventV2): Promise<Admitted> => {
  const { name } = place;
  const source = sourceAt(door, name, event);
  const settings = door.settings[name];
  const fromOwnPage = ownPage(event, source, settings) !== undefined;
  const maxBytes = source.maxBytes ?? MAX_BODY_BYTES;
  const sent = bytesOf(event, maxBytes);
  const request = { ...requestOf(event, place, sent, maxBytes), fromOwnPage };
  // A browser asks before it posts; whether it may is in the headers of every answer.
  if (request.method === 'OPTIONS') return plainText('');
  const { handshake } = source;
  if (request.method === 'GET' && handshake) {
    return plainText(await withSecret(door, name, (secret) => handshake(request, secret)));
  }
  const greeting = source.greet?.(request, settings);
  if (greeting !== undefined) return plainText(greeting);
  await withSecret(door, name, (secret) => prove(source, request, sent, secret));
  await door.guard?.(request, name);
  let parsed: ReturnType<typeof source.parse>;
  try {
    parsed = source.parse(readable(request), settings);
  } catch (error) {
    if (isCampaign(reasonOf(error))) await noteRefusal(door, name, request, reasonOf(error));
    throw error;
  }
  if (source.isOurs) for (const item of parsed) if ('event' in item) door.assertMeant?.(item.event as never);
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
  if (!Object.hasOwn(door.settings, name)) return given;
  const origin = ownPage(event, sourceBy(door.sources, name), door.settings[name]);
  if (origin === undefined) return given;
  const cors = {
    'access-control-allow-origin': origin,
    'access-control-allow-methods': 'POST',
    'access-control-allow-headers': 'content-type',
    'access-control-max-age': String(DAY_SECONDS),
    vary: 'origin',
  };
  return { ...given, headers: { ...given.headers, ...cors } };
};

/** Prove the sender, parse, queue, answer 200. Whatever was not stored is answered with anything but 200. */
export const openDoor =
  (door: Door) =>
  async (event: APIGatewayProxyEventV2): Promise<Answer> => {
    const startedAt = Date.now();
    const place = placeOf(event);
    const { name } = place;
    // Only names of our own stand in the log: the path is the caller's.
    const isOurs = Object.hasOwn(door.sources, name) || Object.hasOwn(door.settings, name);
    const source = isOurs ? name : 'unknown';
    const line = { event: 'door', template: door.template, source };
    try {
      const { answer: given, ...counts } = await admit(door, place, event);
      door.log('info', { ...line, status: 200, ...counts, ms: Date.now() - startedAt });
      return forOrigin(door, name, event, given);
    } catch (error) {
      const refusal = answerFor(error);
      const { statusCode: status } = refusal;
      const level = quietLevel(error) ?? (status === 503 ? 'error' : 'warn');
      door.log(level, { ...line, status, reason: reasonOf(error), ms: Date.now() - startedAt });
      return fitting(event, forOrigin(door, name, event, refusal));
    }
  };

import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import type { CachedSecret } from '../runtime/cached-secret.ts';
import { asUtf8, isForm, withoutMarks } from '../runtime/charset.ts';
import { type Answer, answer, answerFor, Invalid, quietLevel, reasonOf, Shut } from '../runtime/errors.ts';
import { sha256 } from '../runtime/hashes.ts';
import { toJson } from '../runtime/json.ts';
import type { Log } from '../runtime/log.ts';
import { marked, traced } from '../runtime/marks.ts';
import { enqueue } from '../runtime/queue.ts';
import { decompress } from './decompress.ts';
import { assertMethod, bytesOf, fitting, headersOf, looseParts, MAX_BODY_BYTES, methodOf } from './gateway-event.ts';
import { sourceBy } from './kinds.ts';
import { isCampaign } from './one-recipient.ts';
import { elsewhere, originOf, otherShop, tellOther } from './origin.ts';
import { isWrongProof, type Proofs } from './proofs.ts';
import type { SourceSecret } from './signatures.ts';
import type { SourceRequest, Sources } from './source.ts';
import { sourceSecret } from './source-secret.ts';
import { idInKeys, type OwnSettings, type SourceEvent } from './whose.ts';

type AnySource = Sources<unknown>[string];

export interface Door {
  readonly template: string;
  readonly sources: Sources<unknown>;
  /** Settings of the sources that the client has turned on, by the names that they have there. */
  readonly settings: Readonly<Record<string, unknown>>;
  readonly secrets: CachedSecret;
  readonly workQueueUrl: string;
  readonly log: Log;
  /** Another one for each event: by it all that becomes of that is found. */
  readonly newTrace?: () => string;
  /** Where it is noted for whoever looks whether events of a source are proved. */
  readonly proofs?: Pick<Proofs, 'good' | 'refused'>;
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

/** What is refused leaves a trace that a person can find, made by the worker: the door itself writes no records. The same again makes one. */
const refusal = (source: string, receivedAt: number, refused: string, about: string) => {
  const id = `refused-${sha256(about).slice(0, 16)}`;
  return { source, refused, id, occurredAt: new Date(receivedAt).toISOString() };
};

const textOf = (raw: Uint8Array): string => Buffer.from(raw).toString('latin1');

/** Something of another shop: where it comes from, and what tells it from others. */
interface Other {
  readonly place: string;
  readonly about: string;
}

type Item = ReturnType<AnySource['parse']>[number];

/** What says that it comes from elsewhere, if it does. */
const otherIn = (item: Item, from: (said: string | undefined) => string | undefined): Other | undefined => {
  const place = 'origin' in item ? from(item.origin) : undefined;
  return place === undefined ? undefined : { place, about: idOf(item) };
};

const idOf = (item: Item): string => ('event' in item ? (item.event as SourceEvent).id : 'id' in item ? item.id : '');

interface Admitted {
  readonly answer: Answer;
  readonly queued: number;
  readonly skipped?: number;
  readonly reason?: string | undefined;
  /** Of one event its id; several are told apart by whoever works on them. */
  readonly id?: string | undefined;
}

/** Queues what is to be worked on, a record of each thing from elsewhere, and once for each place what people are told. */
const store = async (
  door: Door,
  name: string,
  receivedAt: number,
  { items = [], others = [], skips = [] }: { items?: readonly Item[]; others?: readonly Other[]; skips?: string[] },
): Promise<Admitted> => {
  const origin = sourceBy(door.sources, name)?.origin;
  const records = others.map(({ place, about }) =>
    refusal(name, receivedAt, otherShop(name, place), `${name} ${place} ${about}`),
  );
  const notices = [...new Set(others.map(({ place }) => place))].flatMap((place) =>
    origin ? [{ source: name, forPeople: tellOther(origin, place, receivedAt) }] : [],
  );
  const bodies = [
    ...items.map((item) => ({ source: name, ...item, origin: undefined })),
    ...new Map(records.map((one) => [one.id, one])).values(),
    ...notices,
  ];
  await enqueue(
    door.workQueueUrl,
    bodies.map((body) => toJson(traced(body))),
  );
  const skipped = others.length + skips.length;
  const counts = { queued: items.length, ...(skipped > 0 && { skipped }) };
  const [one, ...more] = items.map(idOf);
  const id = one && more.length === 0 ? idInKeys(one, door.settings[name]) : undefined;
  return { answer: answer(200, { ok: true, ...counts }), ...counts, reason: records[0]?.refused ?? skips[0], id };
};

type Proof = 'good' | 'refused';

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

/** @param onProof hears whether an event's proof was right, if it brought one */
const admit = async (
  door: Door,
  place: Place,
  event: APIGatewayProxyEventV2,
  onProof: (seen: Proof) => void,
): Promise<Admitted> => {
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
  try {
    await withSecret(door, name, (secret) => prove(source, request, sent, secret));
  } catch (error) {
    if (isWrongProof(error)) onProof('refused');
    throw error;
  }
  if (!source.browser?.isUnproven(request)) onProof('good');
  await door.guard?.(request, name);
  const { receivedAt, raw } = request;
  const from = (said: string | undefined) => elsewhere(source.origin, (settings ?? {}) as OwnSettings, said);
  const other = from(originOf(source.origin, request));
  if (other !== undefined) return store(door, name, receivedAt, { others: [{ place: other, about: textOf(raw) }] });
  let parsed: readonly Item[];
  try {
    parsed = source.parse(readable(request), settings);
  } catch (error) {
    const reason = reasonOf(error);
    if (isCampaign(reason))
      await enqueue(door.workQueueUrl, [toJson(traced(refusal(name, receivedAt, reason, textOf(raw))))]);
    throw error;
  }
  if (source.isOurs) for (const item of parsed) if ('event' in item) door.assertMeant?.(item.event as never);
  const judged = parsed.map((item) => ({ item, other: otherIn(item, from) }));
  const others = judged.flatMap(({ other }) => other ?? []);
  const items = judged.flatMap(({ item, other }) => (other || 'skipped' in item ? [] : [item]));
  const skips = parsed.flatMap((item) => ('skipped' in item ? [item.skipped] : []));
  const stored = await store(door, name, receivedAt, { items, others, skips });
  // Of a kind that means nothing here, and about something all the same.
  const about = parsed.length === 0 ? source.about?.(raw) : undefined;
  return { ...stored, ...(about !== undefined && { id: idInKeys(about, settings) }) };
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
    const trace = door.newTrace?.();
    const line = { event: 'door', template: door.template, source, trace, request: event.requestContext.requestId };
    let proof: Proof | undefined;
    try {
      const { answer: given, ...counts } = await marked({ trace }, () =>
        admit(door, place, event, (seen) => {
          proof = seen;
        }),
      );
      door.log('info', { ...line, status: 200, ...counts, ms: Date.now() - startedAt });
      return forOrigin(door, name, event, given);
    } catch (error) {
      const refusal = answerFor(error);
      const { statusCode: status } = refusal;
      const level = quietLevel(error) ?? (status === 503 ? 'error' : 'warn');
      door.log(level, { ...line, status, reason: reasonOf(error), ms: Date.now() - startedAt });
      return fitting(event, forOrigin(door, name, event, refusal));
    } finally {
      // What is to be stored is stored by now.
      if (proof) await door.proofs?.[proof](name);
    }
  };

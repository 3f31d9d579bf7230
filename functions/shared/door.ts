import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { type Answer, answer, answerFor, Invalid, reasonOf } from './errors.ts';
import { sha256 } from './key.ts';
import type { Log } from './log.ts';
import { isCampaign } from './one-recipient.ts';
import { enqueue } from './queue.ts';
import { type CachedSecret, sourceSecret } from './secrets.ts';
import type { Source, SourceRequest } from './source.ts';

/** SQS and API Gateway would take more; no event of any source comes near it. */
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
}

/** Bytes as they were sent: API Gateway hands form-encoded and multipart bodies over in base64. */
const requestOf = (event: APIGatewayProxyEventV2): SourceRequest => {
  const raw = Buffer.from(event.body ?? '', event.isBase64Encoded ? 'base64' : 'utf8');
  if (raw.length > MAX_BODY_BYTES) throw new Invalid('too_large', `The body is larger than ${MAX_BODY_BYTES} bytes.`);
  return {
    method: event.requestContext.http.method,
    headers: Object.fromEntries(Object.entries(event.headers).map(([name, value]) => [name.toLowerCase(), value])),
    query: event.queryStringParameters ?? {},
    raw,
    receivedAt: Date.now(),
  };
};

const prove = async (
  door: Door,
  name: string,
  source: Door['sources'][string],
  request: SourceRequest,
): Promise<void> => {
  try {
    source.authenticate(request, sourceSecret(await door.secrets.get(), name));
  } catch (error) {
    if (!(await door.secrets.refreshAfterMismatch())) throw error;
    source.authenticate(request, sourceSecret(await door.secrets.get(), name));
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
  return enqueue(door.workQueueUrl, [JSON.stringify({ source, refused, id, occurredAt })]);
};

const admit = async (
  door: Door,
  name: string,
  event: APIGatewayProxyEventV2,
): Promise<{ answer: Answer; queued: number }> => {
  const source = Object.hasOwn(door.settings, name) ? door.sources[name] : undefined;
  if (!source) throw new Invalid('unknown_source', 'This source is not turned on for this client.');
  const request = requestOf(event);
  const greeting = source.greet?.(request, door.settings[name]);
  if (greeting !== undefined)
    return { answer: { ...answer(200, {}), headers: { 'content-type': 'text/plain' }, body: greeting }, queued: 0 };
  await prove(door, name, source, request);
  let parsed: ReturnType<typeof source.parse>;
  try {
    parsed = source.parse(request, door.settings[name]);
  } catch (error) {
    if (isCampaign(reasonOf(error))) await noteRefusal(door, name, request, reasonOf(error));
    throw error;
  }
  await enqueue(
    door.workQueueUrl,
    parsed.map((item) => JSON.stringify({ source: name, ...item })),
  );
  return { answer: answer(200, { ok: true, queued: parsed.length }), queued: parsed.length };
};

/** Prove the sender, parse, queue, answer 200. Whatever was not stored is answered with anything but 200. */
export const openDoor =
  (door: Door) =>
  async (event: APIGatewayProxyEventV2): Promise<Answer> => {
    const startedAt = Date.now();
    const name = event.pathParameters?.source ?? '';
    // Only names of our own stand in the log: the path is the caller's.
    const source = Object.hasOwn(door.sources, name) ? name : 'unknown';
    try {
      const admitted = await admit(door, name, event);
      const ms = Date.now() - startedAt;
      door.log('info', { event: 'door', template: door.template, source, status: 200, queued: admitted.queued, ms });
      return admitted.answer;
    } catch (error) {
      const refusal = answerFor(error);
      const level = refusal.statusCode === 503 ? 'error' : 'warn';
      const ms = Date.now() - startedAt;
      door.log(level, {
        event: 'door',
        template: door.template,
        source,
        status: refusal.statusCode,
        reason: reasonOf(error),
        ms,
      });
      return refusal;
    }
  };

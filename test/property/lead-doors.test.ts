import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import fc from 'fast-check';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import client from '../../clients/demo.ts';
import type { LeadFirstTouchConfig } from '../../functions/lead-first-touch/config.ts';
import type { Lead } from '../../functions/lead-first-touch/schema.ts';
import * as registry from '../../functions/lead-first-touch/sources.ts';
import { commandFor, qualify } from '../../functions/lead-first-touch/workflow.ts';
import { openDoor } from '../../functions/shared/door/open-door.ts';
import type { SourceSecret } from '../../functions/shared/door/signatures.ts';
import type { Sources } from '../../functions/shared/door/source.ts';
import type { CachedSecret } from '../../functions/shared/runtime/cached-secret.ts';
import { hmac } from '../../functions/shared/runtime/hashes.ts';
import { slices } from '../../lib/client.ts';
import { eventOf } from '../../local/samples/event.ts';
import { sampleNamed, sampleNames } from '../../local/samples/library.ts';

/** Bodies of each kind for each door. `LEAD_BODIES=10000` takes a minute and a half. */
const RUNS = Number(process.env.LEAD_BODIES ?? 500);

const queued: string[] = [];
vi.mock('../../functions/shared/runtime/queue.ts', () => ({
  enqueue: async (_: string, bodies: readonly string[]) => {
    // What a queue refuses could never be stored, however often it is sent; SQS takes more than its stand-in does.
    for (const body of bodies) if (/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD]/.test(body)) throw new Error();
    queued.push(...bodies);
  },
}));

const config = slices(client)['lead-first-touch'] as LeadFirstTouchConfig;
const sources: Sources<Lead> = registry;

const secretOf = (source: string): SourceSecret => ({
  current: sources[source]?.newSecret?.() ?? `${source}-secret-current`,
  previous: `${source}-secret-previous`,
});

const doorOf = (source: string, secret: SourceSecret) => {
  const text = JSON.stringify({ [source]: secret });
  const secrets = { get: async () => text, refreshAfterMismatch: async () => false } as unknown as CachedSecret;
  return openDoor({
    template: 'lead-first-touch',
    sources,
    settings: config.sources,
    secrets,
    workQueueUrl: 'queue',
    log: () => {},
  });
};

type Sent = { readonly headers: Readonly<Record<string, string>>; readonly raw: Buffer };

const gatewayEvent = (source: string, { headers, raw }: Sent, over: Partial<APIGatewayProxyEventV2> = {}) =>
  ({
    routeKey: 'POST /lead-first-touch/{source}',
    pathParameters: { source },
    headers,
    body: raw.toString('base64'),
    isBase64Encoded: true,
    requestContext: { http: { method: 'POST', sourceIp: '192.0.2.1' } },
    ...over,
  }) as unknown as APIGatewayProxyEventV2;

/** Everything that was let in can be decided on: no lead, however odd, may come back to its queue for ever. */
const expectDecidable = (): void => {
  for (const body of queued.splice(0)) {
    const item = JSON.parse(body) as { event?: Lead; id?: string; occurredAt?: string };
    const lead = item.event ?? { id: item.id ?? '', submittedAt: item.occurredAt ?? '' };
    const verdict = item.event ? qualify(item.event, config, Date.now()) : { state: 'EXPIRED' as const, reason: 'x' };
    const { key, usefulUntil } = commandFor(lead, config, 'phone' in verdict ? verdict.request : verdict);
    expect(key).toMatch(/^[A-Za-z0-9:_-]{1,64}$/);
    expect(Number.isNaN(Date.parse(usefulUntil))).toBe(false);
  }
};

beforeEach(() => {
  queued.length = 0;
});

/** The bodies of a source's samples, or of those in one folder of them, as they are sent now. */
const textsOf = (source: string, folder = ''): readonly string[] =>
  sampleNames('lead-first-touch', source)
    .filter((name) => name.startsWith(folder))
    .map((name) => {
      const { sample } = sampleNamed('lead-first-touch', source, name);
      return eventOf(sample, { id: sample.id, phone: '+972501234567', now: Date.now() }).body;
    });

/** JSON that no `String()`, `Number()` or template makes anything of: they throw. */
const UNSPEAKABLE = fc.constant({ toString: null, valueOf: null, toJSON: null });

/** A body of this source with some values replaced by anything at all, or cut, or any text, or any bytes. */
const bodies = (source: string): fc.Arbitrary<Buffer> => {
  const texts = textsOf(source);
  const replaced = fc
    .tuple(
      fc.constantFrom(...texts),
      fc.nat(),
      fc.oneof(fc.jsonValue({ maxDepth: 2 }), fc.string({ unit: 'binary' }), UNSPEAKABLE),
    )
    .map(([text, n, value]) => {
      // Every value of the JSON is one place; the n-th of them becomes something else.
      const places = [...text.matchAll(/(?<=":)("(?:[^"\\]|\\.)*"|-?\d+|true|false|null|\{|\[)/g)];
      const place = places[n % Math.max(1, places.length)];
      if (!place || /^[{[]$/.test(place[0]))
        return text.replace(/"[a-z_]+":/i, `${JSON.stringify(JSON.stringify(value))}:`);
      return text.slice(0, place.index) + JSON.stringify(value) + text.slice(place.index + place[0].length);
    });
  const spliced = fc
    .tuple(fc.constantFrom(...texts), fc.nat(), fc.nat(), fc.string({ unit: 'binary', maxLength: 8 }))
    .map(([text, at, length, put]) => {
      const start = at % (text.length + 1);
      return text.slice(0, start) + put + text.slice(start + (length % 20));
    });
  return fc.oneof(
    { weight: 5, arbitrary: fc.oneof(replaced, spliced).map((text) => Buffer.from(text)) },
    { weight: 1, arbitrary: fc.json({ maxDepth: 4 }).map((text) => Buffer.from(text)) },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)) },
  );
};

const CONTENT_TYPES = [
  'application/json',
  'application/x-www-form-urlencoded',
  // Of the samples of Jotform.
  'multipart/form-data; boundary=------------------------J1JNT4vbVO4FCC1qLG4HSv',
  'multipart/form-data',
  'text/plain',
  '',
];

describe.each(Object.keys(sources))('the door for %s', (source) => {
  const secret = secretOf(source);
  const door = doorOf(source, secret);
  const signedBytes = (bytes: Buffer): Sent => {
    const request = sources[source]?.sign(bytes.toString('utf8'), secret, new Date());
    if (!request) throw new Error(`no source ${source}`);
    return { headers: request.headers, raw: Buffer.from(request.body) };
  };

  it('never answers an error of its own, whatever a sender with the right secret sends', async () => {
    const seen = new Map<number, number>();
    await fc.assert(
      fc.asyncProperty(bodies(source), fc.constantFrom(...CONTENT_TYPES), async (bytes, contentType) => {
        const { headers, raw } = signedBytes(bytes);
        const typed = source === 'form' ? { ...headers, 'content-type': contentType } : headers;
        const { statusCode } = await door(gatewayEvent(source, { headers: typed, raw }));
        seen.set(statusCode, (seen.get(statusCode) ?? 0) + 1);
        expect([200, 400, 401, 413, 415]).toContain(statusCode);
        expectDecidable();
      }),
      { numRuns: RUNS },
    );
    // A fuzz that gets past no check, or through all of them, would prove nothing.
    expect(seen.get(200)).toBeGreaterThan(RUNS / 50);
    expect(seen.get(400)).toBeGreaterThan(RUNS / 50);
  });

  it('never answers an error of its own, and lets nothing in, whatever a stranger sends', async () => {
    const names = ['authorization', 'origin', 'x-ezw-secret', 'tally-signature', 'x-wpforms-webhook-signature'];
    const other = [
      'x-hub-signature-256',
      'typeform-signature',
      'x-webflow-signature',
      'x-webflow-timestamp',
      'webhook-id',
    ];
    const headers = fc.dictionary(
      fc.constantFrom(...names, ...other, 'webhook-timestamp', 'webhook-signature'),
      fc.string(),
    );
    await fc.assert(
      fc.asyncProperty(bodies(source), headers, fc.constantFrom('POST', 'GET'), async (raw, given, method) => {
        const requestContext = { http: { method, sourceIp: '192.0.2.1' } } as never;
        const { statusCode } = await door(gatewayEvent(source, { headers: given, raw }, { requestContext }));
        expect([401, 405, 415]).toContain(statusCode);
        expect(queued).toEqual([]);
      }),
      { numRuns: RUNS },
    );
  });
});

/** Where the sender signs: the body and all of what it signs. */
const SIGNED: Readonly<Record<string, (text: string, secret: SourceSecret) => Readonly<Record<string, string>>>> = {
  custom: (text, secret) => signatureOf('custom', text, secret),
  meta: (text, secret) => signatureOf('meta', text, secret),
  typeform: (text, secret) => signatureOf('typeform', text, secret),
  webflow: (text, secret) => signatureOf('webflow', text, secret),
  'form of WPForms': (text, { current }) => {
    const seconds = Math.floor(Date.now() / 1000);
    return { 'x-wpforms-webhook-signature': `t=${seconds},v=${hmac(current, 'hex', `${seconds}.${text}`)}` };
  },
  'form of Tally': (text, { current }) => ({ 'tally-signature': hmac(current, 'base64', text) }),
};

function signatureOf(source: string, text: string, secret: SourceSecret): Readonly<Record<string, string>> {
  return sources[source]?.sign(text, secret, new Date()).headers ?? {};
}

describe.each(Object.entries(SIGNED))('what a %s signs', (name, sign) => {
  const [source = '', plugin] = name.split(' of ');
  const secret = secretOf(source);
  const door = doorOf(source, secret);
  const texts = textsOf(source, plugin && `${plugin.toLowerCase()}/`);

  it('is accepted as it was signed, and with no single bit of body or signature changed', async () => {
    for (const text of texts) {
      const { statusCode } = await door(gatewayEvent(source, { headers: sign(text, secret), raw: Buffer.from(text) }));
      expect(statusCode).toBe(200);
    }
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...texts), fc.nat(), fc.boolean(), async (text, at, inHeader) => {
        const headers = { ...sign(text, secret) };
        const raw = Buffer.from(text);
        const names = Object.keys(headers).filter((header) => header !== 'content-type');
        const header = names[at % names.length] ?? '';
        if (inHeader) headers[header] = flipped(Buffer.from(headers[header] ?? ''), at).toString('latin1');
        else flipped(raw, at);
        const { statusCode } = await door(gatewayEvent(source, { headers, raw }));
        expect(statusCode).toBe(401);
      }),
      { numRuns: RUNS },
    );
  });
});

function flipped(bytes: Buffer, at: number): Buffer {
  const bit = at % (bytes.length * 8);
  bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));
  return bytes;
}

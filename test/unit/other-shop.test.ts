import { SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { mockClient } from 'aws-sdk-client-mock';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { openDoor } from '../../functions/shared/door/open-door.ts';
import type { Templates } from '../../functions/shared/door/template.ts';
import type { CachedSecret } from '../../functions/shared/runtime/cached-secret.ts';
import * as templates from '../../functions/templates.ts';
import { type ClientInput, defineClient, slices, warningsOf } from '../../lib/client.ts';
import { eventOf, signedEvent } from '../../local/samples/event.ts';
import { sampleNamed } from '../../local/samples/library.ts';
import { contacts } from '../contacts.ts';

const SECRET = { current: 'demo-secret', userId: '1' };
const PHONE = '+972501234567';
const sqs = mockClient(SQSClient);
afterAll(() => sqs.restore());
let logs: string[] = [];

beforeEach(() => {
  logs = [];
  sqs.reset();
  sqs.on(SendMessageBatchCommand).resolves({ Failed: [] });
});

const queued = (): Record<string, unknown>[] =>
  sqs
    .commandCalls(SendMessageBatchCommand)
    .flatMap(({ args: [{ input }] }) => (input.Entries ?? []).map((one) => JSON.parse(one.MessageBody ?? '')));

type Template = keyof typeof templates;
const ALL: Templates = templates;
const declared = (template: Template): Templates[string] => ALL[template] as Templates[string];

const client = (template: Template, sources: object): ClientInput =>
  ({
    name: 'cafe',
    lineId: 'line-1',
    country: 'IL',
    zone: 'Asia/Jerusalem',
    locale: 'en',
    contacts,
    templates: { [template]: { ...declared(template).example('en'), ids: 'shared', sources } },
  }) as ClientInput;

/** What a kind's example says, with this origin. */
const on = (template: Template, source: string, more: object = {}): object => {
  return { since: '2020-01-01', ...declared(template).sources[source]?.example(), ...more };
};

const said = (input: ClientInput): string => {
  try {
    defineClient(input);
    return '';
  } catch (error) {
    return (error as Error).message.replace(/^.*:\n {2}/, '');
  }
};

const doorOf = (template: Template, sources: object) =>
  openDoor({
    template,
    sources: declared(template).sources,
    settings: (slices(defineClient(client(template, sources)))[template] as { sources: Record<string, unknown> })
      .sources,
    secrets: {
      get: async () => JSON.stringify(Object.fromEntries(Object.keys(sources).map((name) => [name, SECRET]))),
      refreshAfterMismatch: async () => false,
    } as unknown as CachedSecret,
    workQueueUrl: 'https://queue.example/1/work',
    log: (level, fields) => logs.push(JSON.stringify({ level, ...fields })),
  });

interface Changed {
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: (body: string) => string;
}

/** A sample's request, with other headers or another body, at the door of a client that has this source on. */
const come = async (template: Template, source: string, sample: string, settings: object, changed: Changed = {}) => {
  const kind = declared(template).sources[source];
  if (!kind) throw new Error(`no source ${source}`);
  const { sample: found } = sampleNamed(template, source, sample);
  const event = eventOf(found, { id: found.id, phone: PHONE, now: Date.now() });
  const of = {
    headers: { ...event.headers, ...changed.headers },
    body: changed.body?.(event.body) ?? event.body,
  };
  const { headers, body } = signedEvent(of, kind, SECRET, new Date());
  const { statusCode, body: answer } = await doorOf(template, { [source]: on(template, source, settings) })({
    pathParameters: { source },
    headers,
    requestContext: { http: { method: 'POST', sourceIp: '192.0.2.1' } },
    body,
    isBase64Encoded: false,
  } as unknown as APIGatewayProxyEventV2);
  return { status: statusCode, ...(JSON.parse(answer) as { queued?: number; skipped?: number }) };
};

const from = (address: string): Changed => ({ headers: { 'x-wc-webhook-source': address } });
const woo = (origin: unknown, address: string) =>
  come('order-ready', 'woocommerce', 'ready-pickup', { origin, statuses: ['ready-pickup'] }, from(address));

const TAKEN = { status: 200, queued: 1 };
const ASIDE = { status: 200, queued: 0, skipped: 1 };

describe('an event of another shop', () => {
  it('is answered 200, is not worked on, and is recorded under an id of its own, with the source and the place', async () => {
    expect(await woo('shop.example', 'https://staging.shop.example/')).toMatchObject({ ...ASIDE, ok: true });
    expect(queued()).toEqual([
      {
        source: 'woocommerce',
        refused: 'other_shop:woocommerce:staging.shop.example',
        id: expect.stringMatching(/^refused-[0-9a-f]{16}$/),
        occurredAt: expect.any(String),
      },
      {
        source: 'woocommerce',
        forPeople: expect.objectContaining({
          id: `other_shop#staging.shop.example#${new Date().toISOString().slice(0, 10)}`,
          code: 'other_shop',
          says: expect.stringMatching(
            /^Events of another shop come in under this client's secret: staging\.shop\.exam/,
          ),
        }),
      },
    ]);
    expect(logs).toEqual([expect.stringMatching(/"info".*"source":"woocommerce".*"skipped":1.*other_shop:woocomm/)]);
  });

  it('makes one record however often the same body comes, and another one for another body', async () => {
    const ids = () => queued().flatMap(({ refused, id }) => (refused ? [id] : []));
    for (let i = 0; i < 2; i += 1) {
      await come('order-ready', 'woocommerce', 'minimal', { origin: 'a.example' }, from('b.example'));
    }
    expect(new Set(ids()).size).toBe(1);
    const other = { ...from('b.example'), body: (body: string) => body.replace('{', '{"a":1,') };
    await come('order-ready', 'woocommerce', 'minimal', { origin: 'a.example' }, other);
    expect(new Set(ids()).size).toBe(2);
  });

  it('is not even read: what would be refused with 400 is answered 200, for a vendor ends its webhooks for that', async () => {
    const broken = { ...from('b.example'), body: () => '{"id":' };
    expect(await come('order-ready', 'woocommerce', 'minimal', { origin: 'a.example' }, broken)).toMatchObject(ASIDE);
    expect(await come('order-ready', 'woocommerce', 'minimal', {}, broken)).toMatchObject({ status: 400 });
  });

  it('must be proved all the same', async () => {
    const door = doorOf('order-ready', { woocommerce: on('order-ready', 'woocommerce', { origin: 'a.example' }) });
    const headers = { 'x-wc-webhook-source': 'b.example', 'x-wc-webhook-signature': 'x' };
    const request = { pathParameters: { source: 'woocommerce' }, headers, body: '{}', isBase64Encoded: false };
    const http = { method: 'POST', sourceIp: '192.0.2.1' };
    const event = { ...request, requestContext: { http } } as unknown as APIGatewayProxyEventV2;
    expect(await door(event)).toMatchObject({ statusCode: 401 });
    expect(queued()).toEqual([]);
  });

  it('is answered 503 while it cannot be recorded', async () => {
    sqs.on(SendMessageBatchCommand).rejects(new Error('down'));
    expect(await woo('shop.example', 'https://staging.shop.example/')).toMatchObject({ status: 503 });
  });

  it('is worked on where the client file names no origin, or any, or the request does not say its own', async () => {
    expect(await woo(undefined, 'https://staging.shop.example/')).toMatchObject(TAKEN);
    expect(await woo('any', 'https://staging.shop.example/')).toMatchObject(TAKEN);
    expect(await woo('shop.example', '')).toMatchObject(TAKEN);
    expect(await woo('shop.example', 'no address')).toMatchObject(TAKEN);
    expect(queued().filter((one) => 'refused' in one || 'forPeople' in one)).toEqual([]);
  });
});

describe('a shop of WooCommerce', () => {
  it.each([
    ['shop.example', 'https://shop.example/'],
    ['https://shop.example', 'http://www.Shop.example'],
    ['www.shop.example/', 'https://shop.example/?lang=he'],
    ['shop.example', 'https://shop.example/he/'],
    ['shop.example', 'https://shop.example/pt-br/'],
    ['shop.example/uk', 'https://shop.example/uk/'],
    ['shop.example/store', 'https://shop.example/store/en/'],
    ['localhost:8080', 'http://localhost:8080/'],
    [['a.example', 'b.example'], 'https://b.example/'],
  ])('%j takes %s', async (origin, address) => {
    expect(await woo(origin, address)).toMatchObject(TAKEN);
  });

  it.each([
    ['shop.example', 'https://shop.example/staging/'],
    ['shop.example/staging', 'https://shop.example/'],
    ['shop.example/uk', 'https://shop.example/de/'],
    ['shop.example', 'https://staging.shop.example/'],
    ['shop.example', 'https://shop.example.evil.example/'],
    ['localhost:8080', 'http://localhost:8081/'],
    [['a.example', 'b.example'], 'https://c.example/'],
  ])('%j does not take %s', async (origin, address) => {
    expect(await woo(origin, address)).toMatchObject(ASIDE);
  });
});

describe('a shop of Shopify', () => {
  const shopify = (settings: object, domain: string, header = 'x-shopify-shop-domain') =>
    come(
      'order-ready',
      'shopify',
      'fulfilled',
      { topics: ['orders/*'], ...settings },
      {
        headers: { 'x-shopify-shop-domain': '', [header]: domain },
      },
    );

  it('is that of adminApi without a word, and goes by its name, its domain or its address', async () => {
    const adminApi = 'https://Flowers.myshopify.com';
    expect(await shopify({ adminApi }, 'flowers.myshopify.com')).toMatchObject(TAKEN);
    expect(await shopify({ adminApi }, 'flowers-dev.myshopify.com')).toMatchObject(ASIDE);
    expect(await shopify({ adminApi: 'https://api.shop.example' }, 'flowers-dev.myshopify.com')).toMatchObject(TAKEN);
    for (const origin of ['other', 'Other.myshopify.com', 'https://other.myshopify.com/admin', ['x', 'other']]) {
      expect(await shopify({ adminApi, origin }, 'other.myshopify.com')).toMatchObject(TAKEN);
      expect(await shopify({ adminApi, origin }, 'flowers.myshopify.com')).toMatchObject(ASIDE);
    }
    expect(await shopify({ adminApi, origin: 'any' }, 'other.myshopify.com')).toMatchObject(TAKEN);
  });

  it('is read in the newer header too', async () => {
    const adminApi = 'https://flowers.myshopify.com';
    expect(await shopify({ adminApi }, 'dev.myshopify.com', 'shopify-shop-domain')).toMatchObject(ASIDE);
  });

  it('that is another one and loses its app is not told as the client’s', async () => {
    const adminApi = 'https://flowers.myshopify.com';
    expect(await come('order-ready', 'shopify', 'app-uninstalled', { adminApi })).toMatchObject(ASIDE);
    expect(queued().map(({ forPeople }) => (forPeople as { code: string })?.code)).toEqual([undefined, 'other_shop']);
  });
});

describe('pages of Meta', () => {
  const [OURS, OTHERS] = ['112464600187557', '998877665544332'];
  const lead = (page: string, id: string) => ({
    id: page,
    time: 1,
    changes: [{ field: 'leadgen', value: { leadgen_id: id, form_id: '7' } }],
  });
  const batch = (...entry: object[]): Changed => ({ body: () => JSON.stringify({ object: 'page', entry }) });
  const meta = (changed: Changed) => come('lead-first-touch', 'meta', 'lead', { origin: OURS }, changed);

  it('are judged one by one in a batch: the leads of the client’s are worked on, each of another’s is recorded', async () => {
    const sent = batch(lead(OTHERS, '2'), lead(OURS, '1'), lead(OTHERS, '3'), lead(OURS, '2'));
    expect(await meta(sent)).toMatchObject({ status: 200, queued: 2, skipped: 2 });
    const all = queued();
    expect(all.filter((one) => 'reference' in one).map(({ id }) => id)).toEqual(['1', '2']);
    expect(all.filter((one) => 'refused' in one).map(({ refused }) => refused)).toEqual(
      Array(2).fill(`other_shop:meta:${OTHERS}`),
    );
    expect(all.filter((one) => 'forPeople' in one)).toHaveLength(1);
    expect(all.filter((one) => 'origin' in one)).toEqual([]);
  });

  it('make one record of a lead, in whichever batch it comes again', async () => {
    await meta(batch(lead(OTHERS, '2'), lead(OTHERS, '3')));
    await meta(batch(lead(OTHERS, '2'), lead(OURS, '9')));
    expect(new Set(queued().flatMap(({ refused, id }) => (refused ? [id] : []))).size).toBe(2);
  });

  it('are none for what the dashboard’s button sends', async () => {
    expect(await come('lead-first-touch', 'meta', 'dashboard-test', { origin: OURS })).toMatchObject({ queued: 1 });
  });
});

describe('what the body says', () => {
  it.each<[Template, string, string, unknown, unknown]>([
    ['appointment-reminder', 'calendly', 'created', 'https://api.calendly.com/users/AAAAAAAAAAAAAAAA', 'BBBB'],
    ['appointment-reminder', 'calendly', 'canceled', 'AAAAAAAAAAAAAAAA', 'https://api.calendly.com/users/BBBB'],
    ['appointment-reminder', 'calendly', 'created-without-its-meeting', ['x', 'AAAAAAAAAAAAAAAA'], 'x'],
    ['appointment-reminder', 'acuity', 'scheduled', '5', '6'],
    ['appointment-reminder', 'acuity', 'canceled', '5', '6'],
    ['lead-first-touch', 'typeform', 'groups', 'lT4Z3j', 'other'],
    ['lead-first-touch', 'webflow', 'submission', '65427cf400e02b306eaa049c', 'other'],
    ['lead-first-touch', 'webflow', 'submission-v1', '65427cf400e02b306eaa049c', 'other'],
    ['lead-first-touch', 'form', 'own/page', 'landing', 'other'],
    ['lead-first-touch', 'form', 'jotform/submission', '243231271343446', 'other'],
  ])('%s %s %s is of the client with %j, and of another with %j', async (template, source, sample, own, other) => {
    const changed = { headers: source === 'form' ? { 'x-ezw-secret': SECRET.current } : {} };
    expect(await come(template, source, sample, { origin: own }, changed)).toMatchObject({ status: 200, queued: 1 });
    expect(await come(template, source, sample, { origin: other }, changed)).toMatchObject(ASIDE);
    expect(queued().filter((one) => 'refused' in one)).toHaveLength(1);
  });

  it('of a Cal.com of one’s own is its address, which older ones do not say', async () => {
    const at = (address: string): Changed => ({
      body: (body) => body.replace('"payload":{', `"payload":{"bookerUrl":"${address}",`),
    });
    const cal = (changed?: Changed) =>
      come('appointment-reminder', 'cal-com', 'minimal', { origin: 'cal.shop.example' }, changed);
    expect(await cal()).toMatchObject(TAKEN);
    expect(await cal(at('https://cal.shop.example'))).toMatchObject(TAKEN);
    expect(await cal(at('https://cal-staging.shop.example'))).toMatchObject(ASIDE);
  });

  it('in a browser’s post without a secret, which a stranger may have written, is told to nobody', async () => {
    const settings = { origin: 'landing', browser: { origins: ['https://shop.example'] } };
    const body = () => JSON.stringify({ form_id: '+972501234567', phone: PHONE, name: 'Dana' });
    const door = doorOf('lead-first-touch', { form: on('lead-first-touch', 'form', settings) });
    const headers = { origin: 'https://shop.example', 'content-type': 'application/json' };
    const request = { pathParameters: { source: 'form' }, headers, body: body(), isBase64Encoded: false };
    const http = { method: 'POST', sourceIp: '192.0.2.1' };
    const event = { ...request, requestContext: { http } } as unknown as APIGatewayProxyEventV2;
    expect(await door(event)).toMatchObject({ statusCode: 200 });
    expect(queued()).toEqual([expect.objectContaining({ event: expect.anything() })]);
  });
});

it('what a new client file has in place of an origin is refused until somebody writes one, such as the one that it is told', () => {
  for (const template of ['order-ready', 'lead-first-touch', 'appointment-reminder'] as const) {
    for (const [name, { origin }] of Object.entries(declared(template).sources)) {
      if (!origin) continue;
      const withOrigin = (one: string) => said(client(template, { [name]: on(template, name, { origin: one }) }));
      expect(withOrigin(origin.write)).toMatch(/origin: '.*' is none: write .*, such as origin: '/);
      expect(withOrigin(origin.such)).toBe('');
    }
  }
});

describe('a client file', () => {
  const warned = (template: Template, source: string, settings: object) =>
    warningsOf(defineClient(client(template, { [source]: on(template, source, settings) })))
      .map(({ path, message }) => `${path.slice(2).join('.')}: ${message}`)
      .filter((one) => one.includes('origin'));

  it('is warned where a source could tell and nobody has written, with what to write', () => {
    expect(warned('order-ready', 'woocommerce', {})).toEqual([
      expect.stringMatching(
        /^sources\.woocommerce: has no origin: write the address of the shop, such as origin: 'shop\.example', a list of several, or 'any' for any\. Without it/,
      ),
    ]);
    for (const origin of ['shop.example', ['a.example', 'b.example'], 'any']) {
      expect(warned('order-ready', 'woocommerce', { origin })).toEqual([]);
    }
    expect(warned('lead-first-touch', 'meta', {})).toHaveLength(1);
    expect(warned('lead-first-touch', 'webflow', {})).toHaveLength(1);
    expect(warned('appointment-reminder', 'calendly', {})).toHaveLength(1);
  });

  it('is not warned where another setting says it, or the secret is one account’s alone', () => {
    expect(warned('order-ready', 'shopify', { adminApi: 'https://shop.myshopify.com' })).toEqual([]);
    expect(warned('order-ready', 'shopify', { adminApi: 'https://api.shop.example' })).toHaveLength(1);
    for (const source of ['typeform', 'google-ads']) {
      expect(warned('lead-first-touch', source, {})).toHaveLength(1);
      expect(warned('lead-first-touch', source, { forms: ['a'] })).toEqual([]);
    }
    expect(warned('lead-first-touch', 'form', {})).toEqual([]);
    expect(warned('lead-first-touch', 'custom', {})).toEqual([]);
    expect(warned('appointment-reminder', 'acuity', {})).toEqual([]);
    expect(warned('appointment-reminder', 'cal-com', {})).toEqual([]);
  });

  it.each<[string, unknown, RegExp]>([
    ['woocommerce', 'the address of the shop', /origin: 'the address of the shop' is none: write the address of the s/],
    ['woocommerce', ['shop.example', 'any'], /origin: 'any' is none/],
    ['woocommerce', 'my shop', /origin: 'my shop' is none/],
    ['woocommerce', ' ', /origin: write where its events come from|origin: /],
    ['woocommerce', [], /origin/],
    ['woocommerce', 7, /origin: write where its events come from as text in quotes, a list of several, or 'any'/],
    ['shopify', 'shop.example', /origin: 'shop\.example' is none: write the shop's own domain, such as .*myshopify/],
    ['custom', 'shop.example', /origin: custom does not say where its events come from: leave it out/],
  ])('of %s with %j is refused, with what to write', (source, origin, message) => {
    expect(said(client('order-ready', { [source]: on('order-ready', source, { origin }) }))).toMatch(message);
  });
});

import { SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { mockClient } from 'aws-sdk-client-mock';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import * as appointments from '../../functions/appointment-reminder/sources.ts';
import * as leads from '../../functions/lead-first-touch/sources.ts';
import * as orders from '../../functions/order-ready/sources.ts';
import { openDoor } from '../../functions/shared/door/open-door.ts';
import type { Sources } from '../../functions/shared/door/source.ts';
import type { CachedSecret } from '../../functions/shared/runtime/cached-secret.ts';
import { eventOf } from '../../local/samples/event.ts';
import { sampleNamed } from '../../local/samples/library.ts';

const SECRET = { current: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw' };
const sqs = mockClient(SQSClient);
afterAll(() => sqs.restore());
beforeEach(() => {
  sqs.reset();
  sqs.on(SendMessageBatchCommand).resolves({ Failed: [] });
});

const SOURCES: Readonly<Record<string, Sources<unknown>>> = {
  'order-ready': orders as Sources<unknown>,
  'appointment-reminder': appointments as Sources<unknown>,
  'lead-first-touch': leads as Sources<unknown>,
};
const SECRETS = { get: async () => '', refreshAfterMismatch: async () => false } as unknown as CachedSecret;

/** What the door answers to a sample whose body is changed before it is signed, and what it queues. */
const post = async (
  template: string,
  name: string,
  sampleName: string,
  change: (body: string) => string,
  label?: string,
) => {
  const sources = SOURCES[template] ?? {};
  const source = sources[name];
  if (!source) throw new Error(`no source ${name}`);
  const { sample } = sampleNamed(template, name, sampleName);
  const now = Date.now();
  const { headers, body } = eventOf(sample, { id: sample.id, phone: '+972501234567', now });
  const signed = source.sign(change(body), SECRET, new Date(now), headers);
  const door = openDoor({
    template,
    sources,
    settings: { [name]: source.settings.parse(source.example()) },
    secrets: { ...SECRETS, get: async () => JSON.stringify({ [name]: SECRET }) } as unknown as CachedSecret,
    workQueueUrl: 'https://queue.example/1/work',
    log: () => undefined,
  });
  const given = Object.fromEntries(Object.entries(headers).filter(([, value]) => value !== ''));
  const answer = await door({
    pathParameters: { source: name },
    headers: { ...given, ...signed.headers, 'content-type': label ?? headers['content-type'] },
    requestContext: { http: { method: 'POST', sourceIp: '192.0.2.1' } },
    body: Buffer.from(signed.body).toString('base64'),
    isBase64Encoded: true,
  } as unknown as APIGatewayProxyEventV2);
  const queued = sqs.commandCalls(SendMessageBatchCommand).flatMap(({ args: [{ input }] }) => input.Entries ?? []);
  return { status: answer.statusCode, ...JSON.parse(answer.body), bodies: queued.map((one) => one.MessageBody) };
};

const WHOLE = [
  ['order-ready', 'shopify', 'prepared-for-pickup'],
  ['order-ready', 'woocommerce', 'completed'],
  ['order-ready', 'custom', 'ready'],
  ['appointment-reminder', 'calendly', 'created'],
  ['appointment-reminder', 'cal-com', 'created'],
  ['appointment-reminder', 'custom', 'booked'],
  ['lead-first-touch', 'meta', 'lead'],
  ['lead-first-touch', 'typeform', 'response'],
  ['lead-first-touch', 'webflow', 'submission'],
  ['lead-first-touch', 'form', 'own/page'],
  ['lead-first-touch', 'custom', 'created'],
] as const;

describe.each(WHOLE)('%s %s', (template, source, sample) => {
  it.each(['\ufeff', '\ufeff\ufeff'])('reads a body behind the marks %j, and proves it with them', async (marks) => {
    expect(await post(template, source, sample, (body) => marks + body)).toMatchObject({ status: 200, queued: 1 });
  });

  it('reads a list of one, and refuses one of several with a reason', async () => {
    expect(await post(template, source, sample, (body) => `[${body}]`)).toMatchObject({ status: 200, queued: 1 });
    const reason = source === 'custom' ? 'recipients_list' : 'several_events';
    expect(await post(template, source, sample, (body) => `[${body},${body}]`)).toMatchObject({ status: 400, reason });
  });
});

describe('google-ads, whose proof is in the body,', () => {
  const lead = (body: string, change: (text: string) => string) =>
    change(body.replace(/\}\s*$/, `,"google_key":"${SECRET.current}"}`));
  it.each([
    ['behind two marks', (text: string) => `\ufeff\ufeff${text}`],
    ['in a list of one', (text: string) => `[${text}]`],
  ])('is read %s', async (_, change) => {
    expect(await post('lead-first-touch', 'google-ads', 'lead', (body) => lead(body, change))).toMatchObject({
      status: 200,
      queued: 1,
    });
  });
});

it.each(['\ufeff', '\ufeff\ufeff'])('acuity reads a form behind the marks %j', async (marks) => {
  expect(await post('appointment-reminder', 'acuity', 'scheduled', (body) => marks + body)).toMatchObject({
    status: 200,
    queued: 1,
  });
});

it("a webhook of Calendly's first API is refused with what to do, whatever it tells", async () => {
  for (const event of ['invitee.created', 'invitee.canceled']) {
    const legacy = {
      event,
      time: '2026-11-22T10:00:00Z',
      payload: {
        event_type: { uuid: 'CCCCCCCCCCCCCCCC', kind: 'One-on-One', slug: 'haircut', name: 'Haircut', duration: 60 },
        event: { uuid: 'BBBBBBBBBBBBBBBB', start_time: '2026-11-25T14:15:00+02:00', canceled: false },
        invitee: { uuid: 'AAAAAAAAAAAAAAAA', first_name: 'Dana', text_reminder_number: '+972501234567' },
        questions_and_answers: [],
      },
    };
    const answer = await post('appointment-reminder', 'calendly', 'created', () => JSON.stringify(legacy));
    expect(answer).toMatchObject({ status: 400, reason: 'legacy_webhook', message: expect.stringContaining('API v2') });
  }
});

const FORM = 'application/x-www-form-urlencoded';
it.each([
  ['own/encoded', ''],
  ['own/encoded', 'text/plain;charset=UTF-8'],
  ['own/encoded', 'application/json'],
  ['own/minimal', FORM],
  ['own/json-in-payload', FORM],
])('the form %s is read under the label %j, behind a mark too', async (sample, label) => {
  for (const mark of ['', '\ufeff']) {
    const { bodies, ...answer } = await post('lead-first-touch', 'form', sample, (body) => mark + body, label);
    expect(answer).toMatchObject({ status: 200, queued: 1 });
    const { event } = JSON.parse(bodies.at(-1) ?? '');
    expect([event.id, event.phones[0].raw.replace(/\D/g, '').slice(-7)]).toEqual([
      expect.stringContaining('S-77'),
      '1234567',
    ]);
  }
});

it('a body that is no form is refused with what it should be', async () => {
  expect(await post('lead-first-touch', 'form', 'own/page', () => 'Hello, I am Dana', 'text/plain')).toMatchObject({
    status: 400,
    reason: 'not_json',
  });
});

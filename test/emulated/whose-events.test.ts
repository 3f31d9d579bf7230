import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { StoredRow } from '../../functions/appointment-reminder/schema.ts';
import * as appointmentReminder from '../../functions/appointment-reminder/sources.ts';
import * as leadFirstTouch from '../../functions/lead-first-touch/sources.ts';
import * as orderReady from '../../functions/order-ready/sources.ts';
import { sourceBy } from '../../functions/shared/door/kinds.ts';
import type { Sources } from '../../functions/shared/door/source.ts';
import { Table } from '../../functions/shared/runtime/table.ts';
import { defineClient } from '../../lib/client.ts';
import { synthesise } from '../../lib/synthesise.ts';
import { type LocalStack, startLocalStack } from '../../local/stack.ts';
import { contacts } from '../contacts.ts';
import { customAppointment, DAY, daysAhead, HOUR, iso } from './appointments.ts';
import { customOrder, demoSecrets, expectCleanLogs, recordOf, sandboxOf, untilIdle, untilState } from './demo.ts';
import { worldOf } from './inbound.ts';
import { newPhone } from './leads.ts';

const now = Date.now();
const since = iso(now - HOUR);
/** The day on which the second of two running sources got its prefix. */
const idPrefixSince = iso(now - 2 * DAY);
const consent = (field: string) => ({ fields: [field], values: ['yes'] });
const en = (body: string) => ({ en: { body } });

/** Two shops, two sites and two calendars of one client. */
const client = defineClient({
  name: 'two',
  lineId: 'line-two',
  country: 'IL',
  zone: 'Asia/Jerusalem',
  locale: 'en',
  contacts,
  sender: { minGapSeconds: 0, perPersonPerDay: 'off' },
  escalation: { notifiers: { webhook: { url: 'http://127.0.0.1:8788/notifier/webhook' } } },
  templates: {
    'order-ready': {
      texts: en('Your order {order} is ready for pickup.'),
      ids: 'separate',
      sources: {
        woocommerce: { statuses: ['ready-pickup'], since, origin: 'shop.example' },
        'woocommerce-haifa': { kind: 'woocommerce', statuses: ['ready-pickup'], idPrefix: 'haifa', idPrefixSince },
        custom: { idPrefix: 'erp' },
      },
    },
    'lead-first-touch': {
      texts: en('Thank you. Reply STOP to hear no more.'),
      ids: 'separate',
      sources: {
        form: { consent: consent('agreed') },
        'form-haifa': { kind: 'form', consent: consent('whatsapp_ok'), forms: ['1'], idPrefix: 'haifa', since },
      },
    },
    'appointment-reminder': {
      stages: { '24h': { texts: en('See you at {time}.') } },
      ids: 'separate',
      sources: { custom: {}, 'custom-haifa': { kind: 'custom', idPrefix: 'haifa', idPrefixSince } },
    },
  },
});

const REGISTRIES = {
  'order-ready': orderReady as Sources<unknown>,
  'lead-first-touch': leadFirstTouch as Sources<unknown>,
  'appointment-reminder': appointmentReminder as Sources<unknown>,
};
const SECRETS: Readonly<Record<string, string>> = {
  woocommerce: 'demo-one-secret',
  'woocommerce-haifa': 'demo-two-secret',
  form: 'demo-three-secret',
  'form-haifa': 'demo-four-secret',
  custom: 'whsec_Z39yt9ZV02JWLdEM2UaU10v7bHAYjbAeZ0Cj9pAryNM=',
  'custom-haifa': 'whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD',
};

const folder = mkdtempSync(join(tmpdir(), 'ezw-two-'));
let stack: LocalStack;
let rows: Table<StoredRow>;

beforeAll(async () => {
  process.env.CDK_VALIDATION = 'false';
  await synthesise([client], folder);
  const secrets = { ...demoSecrets(), sources: SECRETS };
  stack = await startLocalStack({ assembly: folder, client: 'two', port: 0, secrets });
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  const dynamo = new DynamoDBClient({ endpoint: stack.endpoints.dynamodb, region: 'us-east-1', credentials });
  rows = new Table(stack.resources().tables.appointments ?? '', dynamo);
});
afterAll(async () => {
  expectCleanLogs(stack);
  await stack.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** Signs with the source's own secret, unless another one's is named, and sends it to the door. */
const tell = async (
  template: keyof typeof REGISTRIES,
  name: string,
  body: unknown,
  signer = name,
  more: Readonly<Record<string, string>> = {},
) => {
  const source = sourceBy(REGISTRIES[template], name);
  if (!source) throw new Error(`no source ${name}`);
  const request = source.sign(JSON.stringify(body), { current: SECRETS[signer] ?? '' }, new Date());
  const headers = { ...request.headers, ...more };
  const response = await fetch(`${stack.url}/${template}/${name}`, { method: 'POST', ...request, headers });
  return { status: response.status, ...((await response.json()) as { queued?: number; reason?: string }) };
};

const gmt = (at: number): string => iso(at).slice(0, 19);
/** An order of the plug-in's status, saved at this moment. */
const wooOrder = (id: number, placed = now - 60_000) => ({
  id,
  number: String(id),
  status: 'ready-pickup',
  date_created_gmt: gmt(placed),
  date_modified_gmt: gmt(Date.now()),
  billing: { first_name: 'Dana', phone: '050-123-4567', country: 'IL' },
});

const saidUnder = async (key: string): Promise<Record<string, string>> => {
  await untilState(stack, key, 'ACCEPTED');
  const [found] = (await sandboxOf(stack).messages()).filter((one) => one.key === key);
  return JSON.parse(found?.raw ?? '{}');
};

describe('two shops', () => {
  it('each tell of their own order 1044, and both people are written to', async () => {
    expect(await tell('order-ready', 'woocommerce', wooOrder(1044))).toMatchObject({ status: 200, queued: 1 });
    const other = { ...wooOrder(1044), billing: { phone: '050-123-4568', country: 'IL' } };
    expect(await tell('order-ready', 'woocommerce-haifa', other)).toMatchObject({ status: 200, queued: 1 });
    const body = 'Your order 1044 is ready for pickup.';
    expect(await saidUnder('order:1044:ready')).toEqual({ to: '+972501234567', body });
    expect(await saidUnder('order:haifa::1044:ready')).toEqual({ to: '+972501234568', body });
  });

  it('have secrets of their own: the other’s is refused', async () => {
    const refused = { status: 401, reason: 'signature_mismatch' };
    expect(await tell('order-ready', 'woocommerce-haifa', wooOrder(7), 'woocommerce')).toMatchObject(refused);
    expect(await tell('order-ready', 'woocommerce', wooOrder(7), 'woocommerce-haifa')).toMatchObject(refused);
  });

  it('say a number that falls back to the id as the shop has it', async () => {
    const { data, ...order } = customOrder('SO-9');
    const { order_number: _, status_url: __, ...rest } = data as Record<string, unknown>;
    await tell('order-ready', 'custom', { ...order, data: rest });
    expect((await saidUnder('order:erp::SO-9:ready')).body).toBe('Your order SO-9 is ready for pickup.');
  });

  it('keep the plain key of what was placed before the prefix, so that it is told once', async () => {
    await tell('order-ready', 'woocommerce-haifa', wooOrder(500, now - 3 * DAY));
    expect((await saidUnder('order:500:ready')).body).toBe('Your order 500 is ready for pickup.');
    expect(await recordOf(stack, 'order:haifa::500:ready')).toBeUndefined();
  });

  it('are named in the log as the client file names them, and what a caller made up is not', async () => {
    const made = await fetch(`${stack.url}/order-ready/woocommerce-nowhere`, { method: 'POST', body: '{}' });
    expect([made.status, ((await made.json()) as { reason: string }).reason]).toEqual([503, 'source_off']);
    const nothing = await fetch(`${stack.url}/order-ready/haifa`, { method: 'POST', body: '{}' });
    expect([nothing.status, ((await nothing.json()) as { message: string }).message]).toEqual([
      404,
      expect.stringContaining('custom, shopify, woocommerce, woocommerce-haifa'),
    ]);
    const sources = stack.logs().flatMap(({ line }) => JSON.parse(line).source ?? []);
    expect(sources).toContain('woocommerce-haifa');
    expect(sources).not.toContain('woocommerce-nowhere');
  });
});

describe('a copy of a shop that kept its webhook and its secret', () => {
  const from = (address: string, order: object) =>
    tell('order-ready', 'woocommerce', order, 'woocommerce', { 'x-wc-webhook-source': address });
  const copied = async () =>
    ((await stack.state()).tables.sends ?? []).filter(
      ({ reason }) => reason === 'other_shop:woocommerce:staging.shop.example',
    );

  it('writes to nobody: its order is recorded, people are told once, and the live order of the same number is sent', async () => {
    const staging = { ...wooOrder(3001), billing: { phone: '050-123-4569', country: 'IL' } };
    for (let i = 0; i < 3; i += 1) {
      const answer = await from('https://staging.shop.example/', staging);
      expect(answer).toMatchObject({ status: 200, queued: 0, skipped: 1 });
    }
    await untilIdle(stack);
    expect(await recordOf(stack, 'order:3001:ready')).toBeUndefined();
    expect(await copied()).toMatchObject([{ state: 'REJECTED', template: 'order-ready' }]);
    expect(await from('https://shop.example/', wooOrder(3001))).toMatchObject({ status: 200, queued: 1 });
    expect(await saidUnder('order:3001:ready')).toMatchObject({ to: '+972501234567' });
    const told = (await worldOf(stack).notifications()).filter(({ body }) => body.data.rule === 'other_shop');
    expect(told).toMatchObject([{ body: { data: { source: 'order-ready/woocommerce', severity: 'warning' } } }]);
    const to = (await sandboxOf(stack).messages()).map(({ raw }) => JSON.parse(raw).to);
    expect(to).not.toContain('+972501234569');
  });
});

it('300 old orders that are saved again tell nobody, and each is recorded as of before the source was turned on', async () => {
  const before = (await sandboxOf(stack).messages()).length;
  const ids = Array.from({ length: 300 }, (_, i) => 20_000 + i);
  for (let from = 0; from < ids.length; from += 30) {
    const some = ids.slice(from, from + 30);
    const answers = await Promise.all(
      some.map((id) => tell('order-ready', 'woocommerce', wooOrder(id, now - 2 * DAY))),
    );
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
  }
  await untilIdle(stack);
  const records = await Promise.all(ids.map((id) => recordOf(stack, `order:${id}:ready`)));
  expect(new Set(records.map((one) => `${one?.state} ${one?.reason}`))).toEqual(new Set(['EXPIRED before_since']));
  expect(await sandboxOf(stack).messages()).toHaveLength(before);
});

describe('two sites', () => {
  const entry = (phone: string, agreed: object, over: object = {}) => ({
    form_id: '1',
    entry_id: '5',
    phone,
    name: 'Dana',
    ...agreed,
    ...over,
  });

  it('each have a form 1 with an entry 5, and both people are written to, each by the rules of their own site', async () => {
    await tell('lead-first-touch', 'form', entry(newPhone(), { agreed: 'yes' }));
    await tell('lead-first-touch', 'form-haifa', entry(newPhone(), { whatsapp_ok: 'yes' }));
    await saidUnder('lead:1-5:first-touch');
    await saidUnder('lead:haifa::1-5:first-touch');
    const agreedElsewhere = entry(newPhone(), { agreed: 'yes' }, { entry_id: '6' });
    await tell('lead-first-touch', 'form-haifa', agreedElsewhere);
    expect(await untilState(stack, 'lead:haifa::1-6:first-touch', 'REJECTED')).toMatchObject({ reason: 'no_consent' });
    await tell('lead-first-touch', 'form-haifa', entry(newPhone(), { whatsapp_ok: 'yes' }, { form_id: '2' }));
    const otherForm = await untilState(stack, 'lead:haifa::2-5:first-touch', 'REJECTED');
    expect(otherForm.reason).toBe('form_not_allowed');
  });

  it('take the secret in the path, each its own', async () => {
    const body = JSON.stringify(entry(newPhone(), { whatsapp_ok: 'yes' }, { entry_id: '7' }));
    const at = (secret: string) =>
      fetch(`${stack.url}/lead-first-touch/form-haifa/${secret}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body,
      });
    expect((await at('demo-three-secret')).status).toBe(401);
    expect((await at('demo-four-secret')).status).toBe(200);
    await saidUnder('lead:haifa::1-7:first-touch');
  });

  it('and a form that was sent before its site was turned on is recorded and not sent', async () => {
    const old = { entry_id: '8', submitted_at: iso(now - 90 * 60_000) };
    await tell('lead-first-touch', 'form-haifa', entry(newPhone(), { whatsapp_ok: 'yes' }, old));
    expect((await untilState(stack, 'lead:haifa::1-8:first-touch', 'EXPIRED')).reason).toBe('before_since');
  });
});

describe('two calendars', () => {
  const booking = (type: string, id: string, at: number) =>
    customAppointment(type, id, daysAhead(3), { updated_at: iso(at) });
  const rowOf = async (part: string) => {
    await untilIdle(stack);
    return rows.read(`line-two#${part}`);
  };
  const old = now - 5 * DAY;

  it('each have a booking 7, and the cancellation of one ends that alone', async () => {
    await tell('appointment-reminder', 'custom', booking('booked', '7', now));
    await tell('appointment-reminder', 'custom-haifa', booking('booked', '7', now));
    expect(await rowOf('haifa::7')).toMatchObject({ status: 'booked' });
    await tell('appointment-reminder', 'custom-haifa', booking('cancelled', '7', Date.now()));
    expect(await rowOf('haifa::7')).toMatchObject({ status: 'cancelled' });
    expect(await rowOf('7')).toMatchObject({ status: 'booked' });
  });

  it('find what was booked before the prefix under the id that it has, whenever it is moved or cancelled', async () => {
    await tell('appointment-reminder', 'custom-haifa', booking('booked', '8', old));
    expect(await rowOf('8')).toMatchObject({ status: 'booked' });
    await tell('appointment-reminder', 'custom-haifa', booking('moved', '8', now));
    expect(await rowOf('8')).toMatchObject({ status: 'moved' });
    await tell('appointment-reminder', 'custom-haifa', booking('cancelled', '8', Date.now()));
    expect(await rowOf('8')).toMatchObject({ status: 'cancelled' });
    expect(await rowOf('haifa::8')).toBeUndefined();
  });

  it('leave alone what the other booked since: a cancellation that comes first waits under its own id', async () => {
    await tell('appointment-reminder', 'custom', booking('booked', '9', now));
    await rowOf('9');
    await tell('appointment-reminder', 'custom-haifa', booking('cancelled', '9', Date.now()));
    expect(await rowOf('9')).toMatchObject({ status: 'booked' });
    expect(await rowOf('haifa::9')).toMatchObject({ status: 'cancelled' });
  });
});

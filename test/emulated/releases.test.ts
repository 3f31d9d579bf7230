import { randomInt, randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { asOwn } from '../../cli/trigger/own-origin.ts';
import { settingsIn } from '../../cli/trigger/preview.ts';
import { written } from '../../clients/demo.ts';
import type { Templates } from '../../functions/shared/door/template.ts';
import { LedgerByHand } from '../../functions/shared/ledger/by-hand.ts';
import { LineControl } from '../../functions/shared/ledger/line-control.ts';
import type { SendRecord } from '../../functions/shared/ledger/rules.ts';
import * as templates from '../../functions/templates.ts';
import { defineClient } from '../../lib/client.ts';
import { type Event, eventOf, signedEvent } from '../../local/samples/event.ts';
import { library, type Placed } from '../../local/samples/library.ts';
import { idLike } from '../../local/samples/render.ts';
import { type End, isSaid } from '../../local/samples/sample.ts';
import { customOrder, demoSecrets, signed } from './demo.ts';
import { customerSays } from './inbound.ts';
import { type Both, lastRelease, type Release, startBoth } from './releases.ts';

/** What waits while a release takes the place of another, and when it is taken back: each reads what the other wrote. */
let both: Both;
beforeAll(async () => {
  both = await startBoth();
});
afterAll(() => both.stop());

const client = defineClient(written);
/** One sample of a source for each way in which they end; `SAMPLES=all` takes a minute. */
const samples = library().filter((one, i, all) => {
  const howOf = ({ template, source, sample: { ends } }: Placed): string =>
    JSON.stringify([template, source, ends.map(({ state, reason }) => [state, reason])]);
  return process.env.SAMPLES === 'all' || all.findIndex((other) => howOf(other) === howOf(one)) === i;
});
const DAY_MS = 24 * 3600_000;
let next = randomInt(1000);
const newPhone = (): string => `+97250123${String(next++ % 10_000).padStart(4, '0')}`;

const other = (release: Release): Release => (release === 'last' ? 'this' : 'last');

interface Told {
  readonly placed: Placed;
  readonly event: Event;
}

const eventFor = (placed: Placed): Told => {
  const id = idLike(placed.sample.id, () => randomInt(1_000_000) / 1_000_000);
  const event = eventOf(placed.sample, { id, phone: newPhone(), now: Date.now() });
  const { settings } = settingsIn(client, placed.template, placed.source);
  return { placed, event: asOwn(event, sourceOf(placed), settings) };
};

const sourceOf = ({ template, source }: Placed) => {
  const found = (templates as Templates)[template]?.sources[source];
  if (!found) throw new Error(`no source ${source}`);
  return found;
};

const tell = async ({ placed, event }: Told): Promise<number> => {
  for (const { path, body } of event.held) await fetch(`${both.sandboxUrl}${path}`, { method: 'PUT', body });
  const entry = demoSecrets().sources?.[placed.source];
  const secret = typeof entry === 'string' ? { current: entry } : (entry as { current: string });
  const { headers, body } = signedEvent(event, sourceOf(placed), secret, new Date());
  const init: RequestInit = { method: 'POST', headers, body, redirect: 'manual' };
  return (await fetch(`${both.url}/${placed.template}/${placed.source}`, init)).status;
};

/** From now on each release reads what the other wrote, until nothing waits any more. */
const untilRead = async (reader: Release): Promise<void> => {
  let turn = reader;
  await expect
    .poll(
      async () => {
        while ((await both.round(turn)) > 0) turn = other(turn);
        return both.waiting();
      },
      { timeout: 90_000 },
    )
    .toEqual({});
};

const records = async (): Promise<SendRecord[]> => {
  const all: SendRecord[] = [];
  for await (const one of new LedgerByHand(both.dynamodb, both.sendsTable, both.lineId, Date.now).all()) all.push(one);
  return all;
};

const control = async (path: string, body?: object, method = 'POST'): Promise<unknown> => {
  const init = body === undefined ? { method } : { method, body: JSON.stringify(body) };
  const response = await fetch(`${both.sandboxUrl}/_sandbox/${path}`, {
    ...init,
    headers: { 'content-type': 'application/json' },
  });
  expect(response.ok).toBe(true);
  return response.status === 204 ? undefined : response.json();
};

const keyOf = (id: string): string => `order:${id}:ready`;
const recordOf = async (id: string): Promise<SendRecord | undefined> =>
  (await records()).find(({ key }) => key === keyOf(id));
/** Bodies that met a key which had left with another one. */
const conflicts = async () => (await records()).filter((one) => one.conflicts !== undefined);

const orders = new Map<string, ReturnType<typeof customOrder>>();
/** The same id again is the same event. */
const order = async (id: string, phone = newPhone()): Promise<void> => {
  const event = orders.get(id) ?? customOrder(id, { customer: { name: 'Dana', phone } });
  orders.set(id, event);
  const { headers, body } = signed('custom', event);
  const { status } = await fetch(`${both.url}/order-ready/custom`, { method: 'POST', headers, body });
  expect(status).toBe(200);
};

describe.each<[Release, Release]>([
  ['last', 'this'],
  ['this', 'last'],
])('what the functions of the %s release wrote, those of %s read', (writer, reader) => {
  const told: Told[] = [];

  it('every sample ends as it says: at the door, in the queues, in tables, by an alarm', async () => {
    both.door = writer;
    for (const placed of samples) {
      const one = eventFor(placed);
      expect([placed.file, await tell(one)]).toEqual([placed.file, 200]);
      told.push(one);
    }
    await both.round(reader);
    both.ring(Date.now() + 40 * DAY_MS);
    await untilRead(writer);
    const all = await records();
    const isThere = ({ key, state, reason }: End): boolean =>
      all.some((one) => isSaid(key, one.key) && one.state === state && (reason ?? one.reason) === one.reason);
    expect(
      told.flatMap(({ placed, event }) =>
        event.ends
          .filter((end) => !isThere(end))
          .map((end) => [placed.file, end, all.find((one) => isSaid(end.key, one.key))]),
      ),
    ).toEqual([]);
  });

  it('and the same events once more, at the other door, send nothing again', async () => {
    const before = both.sandbox.messages().length;
    const stood = new Map((await records()).map((one) => [one.key, one.state]));
    both.door = reader;
    for (const one of told) expect(await tell(one)).toBe(200);
    await both.round(writer);
    both.ring(Date.now() + 40 * DAY_MS);
    await untilRead(reader);
    expect(
      both.sandbox
        .messages()
        .slice(before)
        .map(({ key }) => key),
    ).toEqual([]);
    expect((await records()).filter((one) => stood.get(one.key) !== one.state)).toEqual([]);
  });

  it('a message that the line held, and one whose answer was lost, go out once, as the same bytes', async () => {
    both.door = writer;
    const [held, lost] = [`held-${writer}`, `lost-${writer}`];
    await order(held);
    await both.round(writer);
    await control('faults', { on: 'text', fault: { kind: 'status', status: 429 }, times: 1 });
    await both.round(writer);
    expect((await recordOf(held))?.state).toBe('HELD');
    await untilRead(reader);
    await order(lost);
    await both.round(writer);
    await control('faults', { on: 'text', fault: { kind: 'reset', after: true }, times: 1 });
    await both.round(writer);
    expect((await recordOf(lost))?.state).toBe('UNKNOWN');
    await untilRead(reader);
    for (const id of [held, lost]) {
      expect((await recordOf(id))?.state).toBe('ACCEPTED');
      expect(both.sandbox.messages().filter((one) => one.key === keyOf(id))).toHaveLength(1);
    }
    expect(await conflicts()).toEqual([]);
  });

  it('customers, their stop, the CRM and the team: each is told once, and who said stop is not written to', async () => {
    both.door = writer;
    await control('notifications', undefined, 'DELETE');
    await control('crm', undefined, 'DELETE');
    const phone = newPhone();
    const about = {
      contactPhoneNumber: phone,
      contact_phone_number: phone,
      conversationId: phone,
      conversation_id: phone,
    };
    const chat = { ...about, chat_id: `${phone.slice(1)}@s.whatsapp.net`, from: `${phone.slice(1)}@s.whatsapp.net` };
    for (const text of ['It is urgent', 'stop']) {
      const headers = {
        'content-type': 'application/json',
        'x-ezw-delivery-id': randomUUID(),
        'x-ezw-webhook-event': 'messages.post',
        'x-ezw-line-id': both.lineId,
      };
      const body = JSON.stringify(customerSays(randomUUID(), text, chat));
      const door = `${both.url}/ezw/webhook/${demoSecrets().webhookToken}`;
      expect((await fetch(door, { method: 'POST', headers, body })).status).toBe(200);
    }
    await both.round(reader);
    const id = `stopped-${writer}`;
    await order(id, phone);
    await untilRead(writer);
    expect((await recordOf(id))?.state).toBe('SUPPRESSED');
    const { webhook } = (await control('crm', undefined, 'GET')) as { webhook: { entries: unknown[] } };
    // Two messages, and that they said stop.
    expect(webhook.entries).toHaveLength(3);
    const notified = (await control('notifications', undefined, 'GET')) as { body: { data: { rule: string } } }[];
    expect(notified.map(({ body }) => body.data.rule)).toEqual(['urgent']);
  });
});

/** Releases that read no word of people about the line: what was held, taken back or only tried, they send. docs/upgrades.md says what to do. */
const HEEDS_NOBODY = ['2026-11-27'];

it.each(['the line', 'a template'])('what a pause of %s holds leaves once at most, whoever reads it', async (what) => {
  both.door = 'this';
  const id = `paused-${what.replace(' ', '-')}`;
  const pause = { by: 'Dana', at: Date.now() };
  const row = new LineControl(both.sendsTable, both.lineId, both.dynamodb);
  await row.change(() => (what === 'the line' ? { paused: pause } : { templates: { 'order-ready': pause } }));
  await order(id);
  await both.round('last');
  // For a second a sender goes by what it has read.
  await sleep(1_100);
  await both.round('this');
  expect(await recordOf(id)).toMatchObject({ state: 'HELD', reason: 'paused' });
  // It is hidden for a moment, but where it waits beside the line.
  await expect.poll(() => both.round('last')).toBeGreaterThan(0);
  const sent = () => both.sandbox.messages().filter((one) => one.key === keyOf(id)).length;
  expect(sent()).toBe(HEEDS_NOBODY.includes(lastRelease()) ? 1 : 0);
  await row.change(() => ({}));
  await untilRead('this');
  await order(id);
  await untilRead('this');
  expect(sent()).toBe(1);
  expect(await conflicts()).toEqual([]);
});

it('what people are told of the line is told by the last release too, and by code whose settings come a moment later', async () => {
  await control('notifications', undefined, 'DELETE');
  const notice = (id: string) => ({
    item: {
      kind: 'notice',
      id,
      code: 'line_unlinked',
      says: 'The line must be linked again.',
      source: 'sender',
      severity: 'critical',
      at: new Date().toISOString(),
    },
  });
  for (const release of ['last', 'moving', 'behind', 'this'] as const) {
    both.put('escalation', notice(`unlinked-${release}`));
    await both.round(release);
  }
  expect(both.waiting()).toEqual({});
  const notified = (await control('notifications', undefined, 'GET')) as { body: { data: { rule: string } } }[];
  expect(notified.map(({ body }) => body.data.rule)).toEqual(Array(4).fill('line_unlinked'));
});

// Last, for what it puts into the queues stays there.
it('what is of a kind that only a later release knows stays in its queue for that one, and nothing is made of it', async () => {
  await control('notifications', undefined, 'DELETE');
  const later = { kind: 'later', id: '1', individual: true, at: new Date().toISOString() };
  both.put('crm-sync', { deliveryId: 'later', index: 0, item: later });
  both.put('escalation', { item: later });
  both.put('order-ready-work', { source: 'custom', later });
  const from = both.lines.length;
  await both.round('this');
  expect(both.waiting()).toEqual({ 'crm-sync': 1, escalation: 1, 'order-ready-work': 1 });
  expect(both.lines.slice(from).filter(({ line }) => line.includes('unknown_item'))).toHaveLength(3);
  expect(await control('notifications', undefined, 'GET')).toEqual([]);
});

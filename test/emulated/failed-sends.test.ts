import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import demo from '../../clients/demo.ts';
import { defineClient } from '../../lib/client.ts';
import { synthesise } from '../../lib/synthesise.ts';
import { type LocalStack, startLocalStack } from '../../local/stack.ts';
import {
  customOrder,
  demoSecrets,
  expectCleanLogs,
  post,
  recordOf,
  sandboxOf,
  signed,
  untilIdle,
  untilState,
} from './demo.ts';
import { ezw } from './ezw.ts';
import { awsClients } from './fixtures/clients.ts';
import { customerSays, deliver, type NotificationShown, worldOf } from './inbound.ts';

/** A client that speaks Hebrew, and whose windows are two seconds long. */
const WINDOW_MS = 2_000;
const STAND_INS = 'http://127.0.0.1:8788';
const UNREACHABLE = [{ code: 131026, title: 'Message undeliverable', error_data: { details: 'No +972 50-123-4567.' } }];
let outdir: string;
let stack: LocalStack;
let world: ReturnType<typeof worldOf>;

beforeAll(async () => {
  outdir = await mkdtemp(join(tmpdir(), 'ezw-failed-'));
  const { contacts, decisions, ezwBaseUrl, lineId, templates } = demo;
  const client = defineClient({
    name: 'demo',
    lineId,
    country: 'IL',
    zone: 'Asia/Jerusalem',
    locale: 'he',
    contacts,
    ezwBaseUrl,
    sender: { minGapSeconds: 0, perPersonPerDay: 'off' },
    templates,
    crm: { kind: 'webhook', url: `${STAND_INS}/crm/webhook` },
    escalation: { notifiers: { webhook: { url: `${STAND_INS}/notifier/webhook` } }, window: `PT${WINDOW_MS / 1000}S` },
    decisions,
  });
  await synthesise([client], outdir);
  stack = await startLocalStack({ assembly: outdir, client: 'demo', port: 0, secrets: demoSecrets() });
  world = worldOf(stack);
  await world.register();
  await world.settings({ statuses: ['sent'] });
});
afterAll(async () => {
  expectCleanLogs(stack);
  await stack.stop();
  await rm(outdir, { recursive: true, force: true });
});

let phones = 0;
/** An order that was announced and seen on the line. @returns its key */
const announced = async (): Promise<string> => {
  phones += 1;
  const id = randomUUID().slice(0, 8);
  const customer = { name: 'Dana', phone: `+97250123${String(4000 + phones)}` };
  expect((await post(stack, 'custom', signed('custom', customOrder(id, { customer })))).status).toBe(200);
  const key = `order:${id}:ready`;
  await untilState(stack, key, 'ACCEPTED');
  await expect.poll(async () => (await recordOf(stack, key))?.observedId).toBeDefined();
  return key;
};
const failed = (key: string, errors: object[] = UNREACHABLE) => world.status({ key, status: 'failed', errors });
const deliveryOf = async (key: string) => (await recordOf(stack, key))?.delivery?.status;
const alerts = async (rule: string): Promise<NotificationShown[]> =>
  (await world.notifications()).filter(({ body }) => body.data.rule === rule);
const aboutKey = async (key: string) =>
  (await alerts('send_failed')).filter(({ body }) => String(body.data.hand_on).includes(key));
const run = (...args: string[]) => ezw([...args, '--local', stack.url]);
/** Past all windows in which something was told. */
const quiet = async (): Promise<void> => {
  await untilIdle(stack);
  await new Promise((resolve) => setTimeout(resolve, 2 * WINDOW_MS));
  await untilIdle(stack);
};
const posted = async (key: string): Promise<number> => (await sandboxOf(stack).posts(key)).length;

describe('an accepted send whose status becomes failed', () => {
  it('is told at once, with its template, the reason in words, the link and what to do; and the list, show and doctor have it', async () => {
    const key = await announced();
    await failed(key);
    await expect.poll(() => aboutKey(key)).toHaveLength(1);
    const [{ body }] = (await aboutKey(key)) as [NotificationShown];
    const { conversationId } = (await recordOf(stack, key)) ?? {};
    expect(body.data).toMatchObject({
      title: 'demo: הודעה שהתקבלה לשליחה לא הגיעה',
      source: 'order-ready/custom',
      about: expect.stringContaining(`שלחנו: order-ready ${key.split(':')[1]}`),
      url: expect.stringMatching(new RegExp(`/${conversationId}$`)),
    });
    expect(body.data.hand_on).toContain('WhatsApp לא מצליח להגיע למספר');
    expect(body.data.hand_on).toContain('(131026)');
    expect(body.data.hand_on).toContain(`npx ezw sends show demo ${key}`);
    const list = await run('sends', 'list', 'demo', '--failed');
    expect(list.stdout).toContain(key);
    expect(list.stdout).toContain('No …. (131026)');
    const shown = await run('sends', 'show', 'demo', key);
    expect(shown.stdout).toMatch(/failed at .*2026|delivery +failed/);
    expect(shown.stdout).toContain('Reach them another way');
    const doctor = await run('doctor', 'demo');
    expect(doctor.stdout).toMatch(/sends that did not arrive.*1 in 24 hours, 1 in 7 days, the oldest at/);
    expect(doctor.stdout).toContain('sends list demo');
    expect(JSON.stringify([body, list.stdout, shown.stdout, await recordOf(stack, key)])).not.toContain('123-4567');
  });

  it('is told once however often it is said, and is never sent again by itself', async () => {
    await quiet();
    const key = await announced();
    const { observedId } = (await recordOf(stack, key)) ?? {};
    const recipient_id = '972501233998@s.whatsapp.net';
    const body = { event: 'statuses.post', statuses: [{ id: observedId, status: 'failed', recipient_id }] };
    for (let i = 0; i < 3; i += 1) await deliver(stack, body, { event: 'statuses.post' });
    await quiet();
    expect(await aboutKey(key)).toHaveLength(1);
    expect(await alerts('more_sends_failed')).toEqual([]);
    expect((await aboutKey(key))[0]?.body.data.hand_on).toContain('WhatsApp לא נתן סיבה');
    // Whom it was for, without their number.
    expect((await aboutKey(key))[0]?.body.data.source).toBe('order-ready/custom, +972 •• ••• ••98');
    expect(JSON.stringify(await aboutKey(key))).not.toContain('972501233998');
    expect(await posted(key)).toBe(1);
    expect(await recordOf(stack, key)).toMatchObject({ state: 'ACCEPTED', attempts: 1 });
  });

  it('that was delivered did not fail, whichever is said first', async () => {
    const [before, after, together] = [await announced(), await announced(), await announced()];
    const had = (await alerts('send_failed')).length;
    await world.status({ key: before, status: 'delivered' });
    await expect.poll(() => deliveryOf(before)).toBe('delivered');
    await failed(before);
    await failed(after);
    await world.status({ key: after, status: 'read' });
    const { observedId: id } = (await recordOf(stack, together)) ?? {};
    const statuses = ['failed', 'delivered'].map((status) => ({ id, status }));
    await deliver(stack, { event: 'statuses.post', statuses }, { event: 'statuses.post' });
    await untilIdle(stack);
    expect([await deliveryOf(before), await deliveryOf(after), await deliveryOf(together)]).toEqual([
      'delivered',
      'read',
      'delivered',
    ]);
    expect(await alerts('send_failed')).toHaveLength(had);
  });

  it('of a person’s own message, or of another tool’s, wakes nobody', async () => {
    await quiet();
    const had = (await world.notifications()).length;
    await deliver(
      stack,
      customerSays('typed', 'On my way', { from_me: true, timestamp: Math.floor(Date.now() / 1000) }),
    );
    await untilIdle(stack);
    for (const id of ['typed', 'of-another-tool'])
      await deliver(
        stack,
        {
          event: 'statuses.post',
          statuses: [{ id, status: 'failed', timestamp: Math.floor(Date.now() / 1000) - 7200 }],
        },
        { event: 'statuses.post' },
      );
    await untilIdle(stack);
    expect(await world.notifications()).toHaveLength(had);
    expect((await run('sends', 'list', 'demo', '--failed')).stdout).not.toContain('typed');
  });

  it('more than a day after it left stands in the list and wakes nobody', async () => {
    const key = await announced();
    const { dynamodb } = awsClients(stack);
    const old = String(Date.now() - 25 * 3600_000);
    await dynamodb.send(
      new UpdateItemCommand({
        TableName: stack.resources().tables.sends,
        Key: { pk: { S: `${stack.lineId}#${key}` } },
        UpdateExpression: 'SET firstAttemptAt = :old, createdAt = :old',
        ExpressionAttributeValues: { ':old': { N: old } },
      }),
    );
    await failed(key);
    await expect.poll(() => deliveryOf(key)).toBe('failed');
    await quiet();
    expect(await aboutKey(key)).toEqual([]);
    expect((await run('sends', 'list', 'demo', '--failed')).stdout).toContain(key);
  });

  it('is told when the echo comes behind the status, as it may', async () => {
    await quiet();
    await world.settings({ echoes: false });
    const id = randomUUID().slice(0, 8);
    const phone = '+972501233999';
    await post(stack, 'custom', signed('custom', customOrder(id, { customer: { name: 'Dana', phone } })));
    const key = `order:${id}:ready`;
    await untilState(stack, key, 'ACCEPTED');
    await world.settings({ echoes: true });
    const sent = (await sandboxOf(stack).messages()).find((message) => message.key === key);
    const { body: text } = JSON.parse(sent?.raw ?? '{}') as { body: string };
    const status = { id: 'early', status: 'failed', timestamp: Math.floor(Date.now() / 1000) - 7200 };
    await deliver(stack, { event: 'statuses.post', statuses: [status] }, { event: 'statuses.post' });
    await untilIdle(stack);
    const chat = '972501233999@s.whatsapp.net';
    const ours = { from_me: true, contactPhoneNumber: phone, chat_id: chat, from: chat, conversationId: 'conv-early' };
    await deliver(stack, customerSays('early', text, ours));
    await expect.poll(() => aboutKey(key)).toHaveLength(1);
    expect((await aboutKey(key))[0]?.body.data.url).toMatch(/conv-early$/);
  });

  it('twenty of one outage are one alert at once and then a number for each window, with every one in it', async () => {
    await quiet();
    await world.forget();
    const keys = await Promise.all(Array.from({ length: 20 }, announced));
    await Promise.all(keys.map((key) => failed(key)));
    await quiet();
    expect(await alerts('send_failed')).toHaveLength(1);
    const more = await alerts('more_sends_failed');
    const numbers = more.map(({ body }) => Number(/(\d+)$/.exec(String(body.data.title))?.[1]));
    expect(numbers.reduce((sum, n) => sum + n, 0)).toBe(19);
    expect(more[0]?.body.data.hand_on).toContain('npx ezw sends list demo --failed');
    for (const key of keys) expect(await posted(key)).toBe(1);
  });
});

import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateTableCommand, DeleteTableCommand, DescribeTableCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import demo from '../../clients/demo.ts';
import { defineClient } from '../../lib/client.ts';
import { synthesise } from '../../lib/synthesise.ts';
import { type LocalStack, startLocalStack } from '../../local/stack.ts';
import { customOrder, demoSecrets, post, recordOf, sandboxOf, signed, untilState } from './demo.ts';
import { ezw } from './ezw.ts';
import { awsClients } from './fixtures/clients.ts';
import { customerSays, deliver, type NotificationShown, rowOfPerson, worldOf } from './inbound.ts';

/** A client that speaks Hebrew, two notifiers, and a table of people that goes away. */
const STAND_INS = 'http://127.0.0.1:8788';
let outdir: string;
let stack: LocalStack;
let world: ReturnType<typeof worldOf>;

beforeAll(async () => {
  outdir = await mkdtemp(join(tmpdir(), 'ezw-stops-'));
  const { contacts, decisions, ezwBaseUrl, lineId, templates } = demo;
  const client = defineClient({
    name: 'demo',
    lineId,
    country: 'IL',
    zone: 'Asia/Jerusalem',
    locale: 'he',
    contacts,
    ezwBaseUrl,
    sender: { minGapSeconds: 0, hold: { from: 1, to: 2 } },
    templates,
    crm: { kind: 'webhook', url: `${STAND_INS}/crm/webhook` },
    escalation: {
      notifiers: {
        webhook: { url: `${STAND_INS}/notifier/webhook` },
        email: { from: 'alerts@agency.example', to: ['team@agency.example'] },
      },
      window: 'PT5S',
    },
    decisions,
  });
  await synthesise([client], outdir);
  stack = await startLocalStack({ assembly: outdir, client: 'demo', port: 0, secrets: demoSecrets() });
  world = worldOf(stack);
});
afterAll(async () => {
  await stack.stop();
  await rm(outdir, { recursive: true, force: true });
});

const alerts = async (rule: string): Promise<NotificationShown[]> =>
  (await world.notifications()).filter(({ notifier, body }) => notifier === 'webhook' && body.data.rule === rule);
const run = (...args: string[]) => ezw([...args, '--local', stack.url]);
const ordered = async (phone: string): Promise<string> => {
  const id = randomUUID().slice(0, 8);
  await post(stack, 'custom', signed('custom', customOrder(id, { customer: { name: 'Dana', phone } })));
  return `order:${id}:ready`;
};
const says = (phone: string, id: string, text: string) => {
  const chat = `${phone.slice(1)}@s.whatsapp.net`;
  const whose = { chat_id: chat, from: chat, contactPhoneNumber: phone, contact_phone_number: phone };
  const conversation = { conversationId: `conv-${id}`, conversation_id: `conv-${id}` };
  return deliver(stack, customerSays(id, text, { ...whose, ...conversation }));
};
const table = () => ({ TableName: stack.resources().tables.contacts as string });
const takeAway = () => awsClients(stack).dynamodb.send(new DeleteTableCommand(table()));
const bringBack = () =>
  awsClients(stack).dynamodb.send(
    new CreateTableCommand({
      ...table(),
      BillingMode: 'PAY_PER_REQUEST',
      KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
      AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
    }),
  );
const logs = (): string =>
  stack
    .logs()
    .map(({ line }) => line)
    .join('\n');

describe('a CRM that refuses to show a stop', () => {
  it('is told to people, and the stop counts all the same', async () => {
    const phone = '+972501234881';
    await sandboxOf(stack).fault('crm', { kind: 'status', status: 422 }, 0);
    await says(phone, 'refused', 'STOP');
    await expect.poll(() => alerts('stop_not_shown')).toHaveLength(1);
    await sandboxOf(stack).clearFaults();
    const [alert] = await alerts('stop_not_shown');
    expect(alert?.body.data).toMatchObject({
      title: 'demo: מישהו ביקש הסרה, וה־CRM לא מראה זאת',
      source: 'crm-sync/webhook, +972 •• ••• ••81',
      url: expect.stringMatching(/conv-refused$/),
    });
    expect(alert?.body.data.hand_on).toContain('npx ezw dlq redrive demo crm-sync-dlq');
    expect(await rowOfPerson(stack, phone)).toMatchObject({ said: 'stop' });
    const key = await ordered(phone);
    await untilState(stack, key, 'SUPPRESSED');
  });
});

describe('a table of people that is away', () => {
  const phone = '+972501234882';

  it('lets nothing leave, and people are told of the list once, in their language', async () => {
    await takeAway();
    const before = await ordered('+972501234883');
    await untilState(stack, before, 'HELD');
    expect(await recordOf(stack, before)).toMatchObject({ reason: 'suppression_list_unreadable' });
    await expect.poll(() => alerts('stop_list_unreadable')).toHaveLength(1);
    const [alert] = await alerts('stop_list_unreadable');
    expect(alert?.body.data.title).toContain('אי אפשר לקרוא מי ביקש הסרה');
    expect(alert?.body.data.hand_on).toContain('npx ezw doctor demo');
    const { stdout, code } = await run('doctor', 'demo');
    expect(stdout).toMatch(/stops.*cannot be read/);
    expect(code).toBe(1);
    const shown = async () => (await run('sends', 'show', 'demo', before)).stdout;
    await expect.poll(shown).toContain('who said stop cannot be read');
  });

  it('and a stop that it cannot take is told to people by every notifier, once, without the number', async () => {
    await says(phone, 'lost', 'STOP');
    await expect.poll(() => alerts('stop_not_applied')).toHaveLength(1);
    const [alert] = await alerts('stop_not_applied');
    expect(alert?.body.data).toMatchObject({
      title: 'demo: מישהו ביקש הסרה, ואי אפשר לשמור את זה',
      source: 'escalation, +972 •• ••• ••82',
      url: expect.stringMatching(/conv-lost$/),
    });
    expect(JSON.stringify(await world.notifications())).not.toContain(phone.slice(1));
    const mails = (await world.notifications()).filter(({ notifier }) => notifier !== 'webhook');
    expect(JSON.stringify(mails)).toContain('ואי אפשר לשמור את זה');
    expect(logs()).not.toContain(phone.slice(1));
  });

  it('and nobody writes to them once the list can be read again, though the stop is not on it yet', async () => {
    const key = await ordered(phone);
    await bringBack();
    await untilState(stack, key, 'SUPPRESSED');
    expect(await rowOfPerson(stack, phone)).not.toMatchObject({ said: 'stop' });
    expect(await sandboxOf(stack).posts(key)).toEqual([]);
    const { stdout } = await run('doctor', 'demo');
    expect(stdout).toMatch(/stops.*1 that could not be stored/);
    // Nothing is a dead letter yet: a redrive would move nothing.
    expect(stdout).toContain('stored by themselves');
    expect(stdout).not.toContain('dlq redrive demo escalation-dlq');
    expect(await alerts('stop_not_applied')).toHaveLength(1);
    expect(await alerts('stop_list_unreadable')).toHaveLength(1);
  });

  it('and a later start outweighs what was kept of the stop', async () => {
    await new Promise((resolve) => setTimeout(resolve, 1000));
    await says(phone, 'again', 'START');
    await expect.poll(async () => (await rowOfPerson(stack, phone))?.said).toBe('start');
    await untilState(stack, await ordered(phone), 'ACCEPTED');
  });
});

describe('both tables away that could hold a stop', () => {
  const phones = Array.from({ length: 12 }, (_, i) => `+97250123${4900 + i}`);

  it('twelve stops are one alarm and a number, the commands say what helps, and all are stored seconds after the tables are back', async () => {
    const { dynamodb } = awsClients(stack);
    const TableName = stack.resources().tables.sends as string;
    const { Table } = await dynamodb.send(new DescribeTableCommand({ TableName }));
    await takeAway();
    await dynamodb.send(new DeleteTableCommand({ TableName }));
    await Promise.all(phones.map((phone, i) => says(phone, `both-${i}`, 'STOP')));
    const told = async () => {
      const more = await alerts('more_stops_not_held');
      const numbers = more.map(({ body }) => Number(/(\d+)$/.exec(String(body.data.title))?.[1]));
      return (await alerts('stop_not_held')).length + numbers.reduce((sum, n) => sum + n, 0);
    };
    await expect.poll(told).toBe(12);
    // Once the tries of what is held would be minutes apart.
    await expect.poll(logs).toMatch(/"attempt":5,"outcome":"not_held"/);
    const [alert] = await alerts('stop_not_held');
    expect(await alerts('stop_not_held')).toHaveLength(1);
    expect(alert?.body.data).toMatchObject({ severity: 'critical' });
    expect(alert?.body.data.hand_on).toContain('npx ezw line pause demo');
    const pause = await run('line', 'pause', 'demo');
    expect([pause.code, pause.stderr]).toEqual([1, expect.stringMatching(/table sends .* cannot be used.*npm start/)]);
    const doctor = await run('doctor', 'demo');
    expect(doctor.code).toBe(1);
    expect(doctor.stdout).toMatch(/stops: who said stop cannot be read/);
    expect(doctor.stdout).toMatch(/sends: cannot be looked at, it reads the table sends/);
    expect(doctor.stdout).toMatch(/✓ line token: stored/);
    const { KeySchema, AttributeDefinitions, GlobalSecondaryIndexes = [] } = Table ?? {};
    const indexes = GlobalSecondaryIndexes.map(({ IndexName, KeySchema: keys, Projection }) => ({
      IndexName,
      KeySchema: keys,
      Projection,
    }));
    await dynamodb.send(
      new CreateTableCommand({
        TableName,
        BillingMode: 'PAY_PER_REQUEST',
        KeySchema,
        AttributeDefinitions,
        GlobalSecondaryIndexes: indexes,
      }),
    );
    await bringBack();
    const said = async () =>
      (await Promise.all(phones.map((phone) => rowOfPerson(stack, phone)))).map((row) => row?.said);
    await expect.poll(said).toEqual(phones.map(() => 'stop'));
  }, 180_000);
});

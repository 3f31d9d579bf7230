import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import demo from '../../clients/demo.ts';
import { defineClient } from '../../lib/client.ts';
import { synthesise } from '../../lib/synthesise.ts';
import { type LocalStack, startLocalStack } from '../../local/stack.ts';
import { demoSecrets, expectCleanLogs, sandboxOf, untilIdle } from './demo.ts';
import { customerSays, deliver, rowOfPerson, worldOf } from './inbound.ts';

/** What the vendor kept and tells days later, through the door; a burst is over here after three seconds. */
const STAND_INS = 'http://127.0.0.1:8788';
const HOUR = 3600;
const DAY = 24 * HOUR;
let outdir: string;
let stack: LocalStack;
let world: ReturnType<typeof worldOf>;

beforeAll(async () => {
  outdir = await mkdtemp(join(tmpdir(), 'ezw-late-'));
  const { contacts, decisions, ezwBaseUrl, lineId, sender, templates } = demo;
  const client = defineClient({
    name: 'late',
    lineId,
    country: 'IL',
    zone: 'Asia/Jerusalem',
    locale: 'he',
    contacts,
    ezwBaseUrl,
    sender,
    templates,
    crm: { kind: 'webhook', url: `${STAND_INS}/crm/webhook` },
    escalation: {
      notifiers: { webhook: { url: `${STAND_INS}/notifier/webhook` } },
      rules: [
        { name: 'unanswered', when: { unanswered: 'PT1S' }, severity: 'warning', notify: ['webhook'] },
        { name: 'urgent', when: { keywords: ['urgent'] }, severity: 'critical', notify: ['webhook'] },
      ],
      digestAfter: 'PT3S',
      autoReply: { texts: { he: 'נענה בקרוב.' }, when: 'always', maxAge: 'P9D' },
    },
    decisions: [
      ...decisions,
      { ask: 'bots', decision: 'one fixed answer', reason: 'asked for', decidedBy: 'The owner', on: '2026-11-01' },
    ],
  });
  await synthesise([client], outdir);
  stack = await startLocalStack({ assembly: outdir, client: 'late', port: 0, secrets: demoSecrets() });
  world = worldOf(stack);
});
afterAll(async () => {
  expectCleanLogs(stack);
  await stack.stop();
  await rm(outdir, { recursive: true, force: true });
});
beforeEach(() => world.forget());

const seconds = (): number => Math.floor(Date.now() / 1000);
const from = (n: number, over: Record<string, unknown> = {}) => {
  const [digits, conv] = [`9725012302${String(n).padStart(2, '0')}`, `conv-late-${n}`];
  const id = `${digits}@s.whatsapp.net`;
  const phone = { contactPhoneNumber: `+${digits}`, contact_phone_number: `+${digits}` };
  return { chat_id: id, from: id, ...phone, conversationId: conv, conversation_id: conv, ...over };
};
const alerts = async () => (await world.notifications()).map(({ body }) => body.data);
const rang = async (rule: string) => (await alerts()).filter((data) => data.rule === rule);

// The only one with a digest: the next is told an hour later.
it('fifty urgent messages of days ago, each delivered twice, page nobody, are not answered, and are one digest', async () => {
  const since = seconds() - 3 * DAY;
  const messages = Array.from({ length: 50 }, (_, i) => {
    const old = from(i % 22, { timestamp: since + i });
    return customerSays(`old-${i}`, i < 40 ? 'urgent' : 'Hello?', old).messages[0];
  });
  for (let first = 0; first < 50; first += 10) {
    const body = { event: 'messages.post', messages: messages.slice(first, first + 10) };
    for (const nth of ['first', 'again']) {
      expect((await deliver(stack, body, { deliveryId: `${nth}-${first}` })).status).toBe(200);
    }
  }
  await expect.poll(() => rang('messages-came-late')).toHaveLength(1);
  await untilIdle(stack);
  const [digest, ...more] = await alerts();
  expect(more).toEqual([]);
  expect(digest).toMatchObject({ severity: 'warning', client: 'late' });
  expect(digest?.title).toBe('late: הודעות שהגיעו באיחור: 50, בשיחות: 22');
  expect(String(digest?.about)).toMatch(/כלל חל על: 40$/);
  const links = digest?.links as { says: string; url: string }[];
  expect(links).toHaveLength(11);
  for (const { says, url } of links.slice(0, 10)) {
    expect(says).toBe('לשיחה: urgent');
    expect(url).toMatch(/\/conv-late-\d+$/);
  }
  expect(links[10]?.says).toBe('ועוד 12');
  expect((await sandboxOf(stack).messages()).filter(({ key }) => key.endsWith(':auto-reply'))).toEqual([]);
  const { entries } = await world.crm();
  const written = entries.map(({ message: { id, at } }) => [id, Date.parse(String(at)) / 1000]);
  expect(written.sort()).toEqual(messages.map((_, i) => [`line-demo:old-${i}`, since + i]).sort());
});

it('an old stop still stops, and never beats a newer start', async () => {
  await deliver(stack, customerSays('stop-old', 'STOP', from(60, { timestamp: seconds() - 5 * DAY })));
  await deliver(stack, customerSays('start-new', 'START', from(61)));
  await untilIdleButDigest();
  await deliver(stack, customerSays('stop-older', 'STOP', from(61, { timestamp: seconds() - 5 * DAY })));
  await expect.poll(async () => (await rowOfPerson(stack, '+972501230260', 'late'))?.said).toBe('stop');
  await untilIdleButDigest();
  expect((await rowOfPerson(stack, '+972501230261', 'late'))?.said).toBe('start');
});

it('a message of some hours ago rings as it does today, and the alert says how late it came', async () => {
  await deliver(stack, customerSays('hours', 'urgent', from(62, { timestamp: seconds() - 5 * HOUR })));
  await deliver(stack, customerSays('now', 'urgent', from(63)));
  await expect.poll(() => rang('urgent')).toHaveLength(2);
  const late = new Map((await rang('urgent')).map((data) => [data.conversation_id, data.late]));
  expect(late.get('conv-late-62')).toBe('ההודעה הגיעה באיחור של 5 שעות');
  expect(late.get('conv-late-63')).toBeUndefined();
});

it.each([
  ['without a time', 64, undefined],
  ['dated ahead', 65, 4_000_000_000],
])('a message %s is of now', async (_, n, timestamp) => {
  await deliver(stack, customerSays(`time-${n}`, 'urgent', from(n, { timestamp })));
  await expect.poll(() => rang('urgent')).toHaveLength(1);
});

it.each([
  ['under its own id', 66, (id: string) => ({ id: `${id}-edit`, message_id: `${id}-edit`, editedMessageId: id })],
  [
    'under its own id, a minute later',
    67,
    (id: string) => ({ id: `${id}-edit`, editedMessageId: id, timestamp: seconds() - 2 * DAY + 60 }),
  ],
  ['under the same id', 68, () => ({})],
])(
  'an old message that was changed, %s, is old news: it rings nothing, and nobody waits for it',
  async (_, n, over) => {
    const old = { timestamp: seconds() - 2 * DAY };
    await deliver(stack, customerSays(`edit-${n}`, 'Hello', from(n, old)));
    await untilIdleButDigest();
    await deliver(stack, customerSays(`edit-${n}`, 'urgent?', from(n, { ...old, ...over(`edit-${n}`) })));
    // Whatever waits for a second has rung before this, which came behind it.
    await deliver(stack, customerSays(`behind-${n}`, 'Please?', from(n + 10)));
    const heardOf = async () => (await alerts()).map((data) => data.conversation_id);
    await expect.poll(heardOf).toContain(`conv-late-${n + 10}`);
    await untilIdleButDigest();
    expect(await heardOf()).not.toContain(`conv-late-${n}`);
  },
);

it('an old edit to STOP of what was never told never beats a newer START', async () => {
  await deliver(stack, customerSays('start-before', 'START', from(69, { timestamp: seconds() - 23 * HOUR })));
  await untilIdleButDigest();
  const edited = { action: { type: 'edit', target: 'never-told', edited_content: { body: 'STOP' } } };
  const old = from(69, {
    timestamp: seconds() - 30 * DAY,
    type: 'action',
    text: undefined,
    body: undefined,
    ...edited,
  });
  await deliver(stack, customerSays('old-edit', '', old));
  await untilIdleButDigest();
  expect((await rowOfPerson(stack, '+972501230269', 'late'))?.said).toBe('start');
});

/** Of what came late after the digest the next one waits for its hour, in the queue, and the question of hours ago for its answer. */
const untilIdleButDigest = (): Promise<void> =>
  expect
    .poll(() => {
      const depths = Object.values(stack.depths().queues);
      return depths.reduce((sum, { ready, inFlight, delayed }) => sum + ready + inFlight + delayed, 0);
    })
    .toBeLessThanOrEqual(2);

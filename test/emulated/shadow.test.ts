import { randomInt } from 'node:crypto';
import { existsSync } from 'node:fs';
import { cp, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { diagnose } from '../../cli/doctor/diagnosis.ts';
import { openTarget } from '../../cli/target/target.ts';
import demo from '../../clients/demo.ts';
import { sourceBy } from '../../functions/shared/door/kinds.ts';
import type { SourceSecret } from '../../functions/shared/door/signatures.ts';
import type { Templates } from '../../functions/shared/door/template.ts';
import * as templates from '../../functions/templates.ts';
import { defineClient, slices } from '../../lib/client.ts';
import { eventOf, signedEvent } from '../../local/samples/event.ts';
import { library } from '../../local/samples/library.ts';
import type { LocalStack } from '../../local/stack.ts';
import {
  customOrder,
  demoSecrets,
  expectCleanLogs,
  post,
  recordOf,
  sandboxOf,
  signed,
  startDemo,
  untilIdle,
  untilState,
} from './demo.ts';
import { ezw } from './ezw.ts';
import { customerSays, deliver, worldOf } from './inbound.ts';

/** The demo while it is tried: one phone alone is written to. */
const OWN = '+972501230000';
const client = defineClient({
  ...demo,
  delivery: { only: [OWN] },
  sendWindow: undefined,
  escalation: {
    ...demo.escalation,
    autoReply: { texts: { en: 'A person will answer soon.' }, when: 'always', window: 'PT1S' },
  },
  decisions: [
    ...demo.decisions,
    { ask: 'bots', decision: 'one fixed answer', reason: 'asked for', decidedBy: 'The owner', on: '2026-11-01' },
  ],
});
let folder: string;
let stack: LocalStack;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ezw-shadow-'));
  await cp(process.env.EZW_ASSEMBLY ?? '', folder, { recursive: true });
  // What the functions read of the client file: all that the demo's stack does otherwise.
  const read = Object.entries(slices(client));
  const layers = (await readdir(folder)).filter((name) => existsSync(join(folder, name, 'sender.json')));
  for (const layer of layers)
    for (const [name, slice] of read) await writeFile(join(folder, layer, `${name}.json`), JSON.stringify(slice));
  stack = await startDemo({ assembly: folder });
});
afterAll(async () => {
  expectCleanLogs(stack);
  await stack.stop();
  await rm(folder, { recursive: true, force: true });
});

const secretOf = (source: string): SourceSecret => {
  const entry = demoSecrets().sources?.[source];
  return typeof entry === 'string' ? { current: entry } : (entry as SourceSecret);
};
let nth = randomInt(1000);
const somebody = (): string => `+97250124${String(nth++ % 10_000).padStart(4, '0')}`;

/** Every event that becomes a message, about people who are not named; what is known at the vendor alone is put there first. */
const sendEverything = async (): Promise<number> => {
  let taken = 0;
  for (const { template, source: kind, sample } of library()) {
    const name = Object.keys(client.templates[template as keyof typeof client.templates]?.sources ?? {}).find(
      (one) => one === kind,
    );
    const source = name && sourceBy((templates as Templates)[template]?.sources ?? {}, name);
    if (!name || !source || !sample.ends.some(({ state }) => state === 'ACCEPTED')) continue;
    const now = Date.now();
    const event = eventOf(sample, { id: String(100_000 + nth), phone: somebody(), now });
    for (const { path, body } of event.held) {
      await fetch(`${stack.url}${path}`, {
        method: 'PUT',
        headers: { 'content-type': 'application/json' },
        body,
      });
    }
    const { headers, body } = signedEvent(event, source, secretOf(kind), new Date(now));
    const { status } = await fetch(`${stack.url}/${template}/${name}`, { method: 'POST', headers, body });
    if (status === 200) taken += 1;
  }
  return taken;
};

const shadows = async () => ((await stack.state()).tables.sends ?? []).filter(({ reason }) => reason === 'shadow');

it('while a client is tried no other number than a named one is ever in a POST: whatever is told, by whatever road', async () => {
  expect(await sendEverything()).toBeGreaterThan(60);
  await untilIdle(stack);
  // The reminders, which are decided when they ring.
  for (const { at } of (await stack.state()).alarms.slice(0, 1))
    await fetch(`${stack.url}/_local/clock`, { method: 'POST', body: JSON.stringify({ now: at }) });
  const last = (await stack.state()).alarms.at(-1)?.at;
  if (last) await fetch(`${stack.url}/_local/clock`, { method: 'POST', body: JSON.stringify({ now: last }) });
  // An automatic answer, to a number and into a conversation.
  const world = worldOf(stack);
  await world.register();
  await deliver(stack, customerSays('shadow-1', 'Hello?'));
  await untilIdle(stack);
  // A message by hand, and a corrected event.
  await post(
    stack,
    'custom',
    signed('custom', customOrder('by-hand', { customer: { name: 'Noa', phone: somebody() } })),
  );
  await untilState(stack, 'order:by-hand:ready', 'REJECTED');
  const message = JSON.stringify({ to: somebody(), body: 'Sorry, once more.' });
  const again = ['sends', 'resend', 'demo', 'order:by-hand:ready', '--reason', 'asked', '--body', '-', '--yes'];
  expect((await ezw([...again, '--local', stack.url], { input: message })).code).toBe(0);
  await untilState(stack, 'order:by-hand:ready:resend:1', 'REJECTED');

  await post(stack, 'custom', signed('custom', customOrder('mine', { customer: { name: 'Dana', phone: OWN } })));
  await untilState(stack, 'order:mine:ready', 'ACCEPTED');
  await untilIdle(stack);
  const posts = (await sandboxOf(stack).requests()).filter(
    ({ method, path }) => method === 'POST' && path.includes('/messages'),
  );
  expect(posts.map(({ raw = '{}' }) => JSON.parse(raw).to)).toEqual([OWN]);

  const found = await shadows();
  const byTemplate = new Set(found.map(({ template }) => template));
  expect([...byTemplate].toSorted()).toEqual(['appointment-reminder', 'auto-reply', 'lead-first-touch', 'order-ready']);
  expect(found.length).toBeGreaterThan(50);
}, 300_000);

it('what the others would have had is read by the operator, and doctor counts it', async () => {
  const { stdout } = await ezw([
    'sends',
    'list',
    'demo',
    '--shadow',
    '--json',
    '--limit',
    '1000',
    '--local',
    stack.url,
  ]);
  const { sends } = JSON.parse(stdout) as { sends: { key: string; text?: string; to?: string }[] };
  expect(sends.length).toBe((await shadows()).length);
  expect(sends.filter(({ text }) => !text)).toEqual([]);
  expect(sends.find(({ key }) => key === 'order:by-hand:ready')).toMatchObject({
    text: 'Hi Noa, your order by-hand is ready for pickup.',
    to: expect.stringMatching(/^\+972•+\d\d$/),
  });
  const target = { ...(await openTarget('demo', { local: stack.url })), client };
  expect(await diagnose(target)).toContainEqual(
    expect.objectContaining({
      about: 'delivery',
      level: 'warning',
      found: expect.stringContaining(`${sends.length} messages would have gone`),
    }),
  );
});

it('an order that was told of in shadow is not told of anew, and its next step is', async () => {
  const to = somebody();
  const about = { customer: { name: 'Noa', phone: to } };
  await post(stack, 'custom', signed('custom', customOrder('steps', about)));
  await untilState(stack, 'order:steps:ready', 'REJECTED');
  await post(stack, 'custom', signed('custom', customOrder('steps', { ...about, order_number: 'SO-steps' })));
  const { type: _, data, ...rest } = customOrder('steps', about);
  const delivered = { ...rest, type: 'order.updated', data: { ...data, update: 'delivered' } };
  await post(stack, 'custom', signed('custom', delivered));
  await untilState(stack, 'order:steps:delivered', 'REJECTED');
  await untilIdle(stack);
  expect(await recordOf(stack, 'order:steps:ready')).toMatchObject({ reason: 'shadow', ended: true });
  expect(await recordOf(stack, 'order:steps:delivered')).toMatchObject({ reason: 'shadow' });
});

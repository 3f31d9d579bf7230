import type { Context } from 'aws-lambda';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import * as z from 'zod/mini';
import { type Alert, alertOf, alertOfNotice } from '../../functions/escalation/alert.ts';
import type { EscalationConfig } from '../../functions/escalation/config.ts';
import type { Letter } from '../../functions/escalation/letter.ts';
import type { Notifier } from '../../functions/escalation/notifier.ts';
import { Unavailable } from '../../functions/shared/runtime/errors.ts';
import { http, LEAST_MS, OUTCOME_MS } from '../../functions/shared/runtime/http.ts';
import { inTime } from '../../functions/shared/runtime/in-time.ts';
import type { Notification, NotifierStandIn } from '../../local/sandbox/notifier.ts';
import { createSandbox } from '../../local/sandbox/sandbox.ts';
import { type Extensions, lacks, load, namesOf, strays } from './folders.ts';

/** Every notifier must pass all of this against a stand-in that answers as the vendor does. */
const NOTIFIERS: Extensions = { folder: 'functions/escalation/notifiers', main: 'notifier' };
const LINK = 'https://app.example/c/conv-1';
const LETTER: Letter = {
  id: 'letter_1',
  to: { name: 'Noa', email: 'noa@shop.example' },
  replyTo: 'dana@agency.example',
  subject: 'demo: צריך לקשר מחדש\r\nBcc: all@shop.example',
  text: 'שלום Noa,\n1. סרקו את הקוד',
};

it('no line of the registry is without a folder', () => {
  expect(strays(NOTIFIERS)).toEqual([]);
});

let url: string;
let close: () => Promise<void>;
let alert: Alert;

beforeAll(async () => {
  const sandbox = createSandbox({ lineToken: 'ezw_line_test_1', lineId: 'line' });
  ({ url, close } = await sandbox.listen(0));
  // The stand-ins are on this machine, as in the local stack.
  process.env.AWS_ENDPOINT_URL_SQS = 'http://127.0.0.1:1';
  process.env.AWS_REGION = 'us-east-1';
  process.env.AWS_ACCESS_KEY_ID = 'test';
  process.env.AWS_SECRET_ACCESS_KEY = 'test';
});
afterAll(() => close());

const config = { lineId: 'line', keysOf: 'line', client: 'demo', conversationUrl: 'https://app.example/c', text: true };
beforeEach(async () => {
  await fetch(`${url}/_sandbox/notifications`, { method: 'DELETE' });
  alert = alertOf(
    { name: 'urgent', severity: 'critical', notify: [], when: { keywords: ['urgent'] } },
    {
      kind: 'message',
      id: 'm1',
      conversation: 'conv-1',
      conversationId: 'conv-1',
      phone: '+972501234567',
      fromMe: false,
      individual: true,
      type: 'text',
      at: '2026-11-22T10:00:00.000Z',
      name: 'Dana',
      text: 'urgent <!channel> <https://bad.example|click> [x](https://bad.example) & *bold*',
    },
    config as EscalationConfig,
  );
});

const taken = async () => (await (await fetch(`${url}/_sandbox/notifications`)).json()) as Notification[];

describe.each(namesOf(NOTIFIERS))('%s', (name) => {
  it('has all that belongs to it', () => {
    expect(lacks(NOTIFIERS, name)).toEqual([]);
  });
  // What is begun keeps its promises when it is finished; until then the list above is what there is to do.
  if (lacks(NOTIFIERS, name).length > 0) return;

  let notifier: Notifier;
  let standIn: NotifierStandIn;
  let send: () => Promise<void>;
  let write: () => Promise<void>;

  beforeAll(async () => {
    ({ standIn } = await load<{ standIn: NotifierStandIn }>(NOTIFIERS, name, 'stand-in.ts'));
    const { settings, secret, environment } = standIn.connection(`${url}/notifier/${standIn.at ?? name}`);
    Object.assign(process.env, environment);
    ({ notifier } = await load<{ notifier: Notifier }>(NOTIFIERS, name, 'notifier.ts'));
    const stored = async () => {
      if (secret === undefined) throw new Unavailable('notifier_secret_not_set', 'Nothing was said of a secret.');
      return secret;
    };
    const [own, tools] = [z.parse(notifier.settings, settings), { secret: stored, http, now: Date.now }];
    send = () => notifier.send(alert, own, tools);
    write = async () => notifier.write?.(LETTER, own, tools);
  });

  it('takes the settings that it gives as an example, and no others', () => {
    expect(z.safeParse(notifier.settings, notifier.example).error).toBeUndefined();
    expect(z.safeParse(notifier.settings, { ...notifier.example, misspelt: 1 }).success).toBe(false);
  });

  it('tells who, what and how bad, with a link to the conversation', async () => {
    await send();
    const [call, ...more] = await taken();
    expect(more).toEqual([]);
    const written = JSON.stringify(call?.body);
    for (const fact of [LINK, 'critical', 'demo', 'Dana', '972501234567']) expect(written).toContain(fact);
  });

  it('tells what is wrong with a source, where there is no person', async () => {
    const notice = { id: 'n1', code: 'app_uninstalled', says: 'The app is gone.', source: 'order-ready/shopify' };
    const told = { ...notice, kind: 'notice', severity: 'critical', at: '2026-11-22T10:00:00.000Z' } as const;
    alert = alertOfNotice(told, config as EscalationConfig);
    await send();
    const [call] = await taken();
    // Signs between the letters may be escaped.
    const written = JSON.stringify(call?.body).replaceAll('\\', '');
    for (const fact of ['critical', 'demo: The app is gone.', 'order-ready/shopify']) expect(written).toContain(fact);
    expect(written.toLowerCase()).not.toContain('unknown sender');
  });

  it('is the same alert when it is sent again, where the sink keeps each once', async () => {
    await send();
    await send();
    const [first, second] = await taken();
    if (standIn.onceBy && first && second) {
      expect(standIn.onceBy(first)).toEqual(expect.any(String));
      expect(standIn.onceBy(first)).toBe(standIn.onceBy(second));
    }
    expect(JSON.stringify(first?.body)).toBe(JSON.stringify(second?.body));
  });

  it('closes by the same key what it opened, and no other, where it keeps such a thing', async () => {
    if (!notifier.resolve) return;
    const { settings, secret } = standIn.connection(`${url}/notifier/${standIn.at ?? name}`);
    const tools = { secret: async () => secret ?? '', http, now: Date.now };
    expect(alert.incident).toMatch(/^escalation_[0-9a-f]{40}$/);
    await send();
    alert = { ...alert, id: 'escalation_other', text: 'And another word' };
    await send();
    await notifier.resolve(alert.incident ?? '', z.parse(notifier.settings, settings), tools);
    const calls = await taken();
    expect(new Set(calls.map((call) => standIn.onceBy?.(call)))).toEqual(new Set([alert.incident]));
    expect(JSON.stringify(calls[1]?.body)).toContain('And another word');
    alert = { ...alert, incident: undefined };
    await send();
    expect(standIn.onceBy?.((await taken()).at(-1) as Notification)).toBe('escalation_other');
  });

  it('whose message is a long one with an emoji at every place is well-formed', async () => {
    for (const letters of ['', 'x']) {
      alert = { ...alert, name: `${letters}${'🎂'.repeat(299)}`, text: `${letters}${'👨‍👩‍👧'.repeat(800)}` };
      await send();
    }
    const calls = await taken();
    expect(calls).toHaveLength(2);
    for (const { body } of calls) {
      const written = JSON.stringify(body);
      expect(written).toContain('🎂');
      expect(written).not.toMatch(/\p{Cs}|\\ud[89a-f]|\ufffd|\u200d(?!\p{Emoji})/u);
    }
  });

  it('a refusal is no success', async () => {
    for (const status of [404, 429, 500]) {
      const order = { on: standIn.fault ?? 'notifier', fault: { kind: 'status', status } };
      await fetch(`${url}/_sandbox/faults`, { method: 'POST', body: JSON.stringify(order) });
      const isFinal = status === 404;
      const name = isFinal ? 'Permanent' : expect.not.stringMatching('Permanent');
      await expect(send()).rejects.toMatchObject({ name });
    }
    expect(await taken()).toEqual([]);
  });

  it('says in plain text what is refused in another form, where it has two', async () => {
    if (name !== 'slack') return;
    const order = { on: 'notifier', fault: { kind: 'status', status: 400 }, times: 1 };
    await fetch(`${url}/_sandbox/faults`, { method: 'POST', body: JSON.stringify(order) });
    await send();
    const [call] = await taken();
    expect(call?.body).not.toHaveProperty('blocks');
    for (const fact of [LINK, 'critical', 'Dana']) expect(call?.body.text).toContain(fact);
    expect(call && standIn.formatsIn(call)).toEqual([]);
  });

  it('fits what it takes, however many lines it is asked to hand on', async () => {
    alert = { ...alert, handOn: Array.from({ length: 20 }, () => 'x'.repeat(499)) };
    await send();
    const [call] = await taken();
    const blocks = (call?.body.blocks ?? []) as { type: string; text?: { text: string } }[];
    for (const { text } of blocks) expect(text?.text.length ?? 0).toBeLessThanOrEqual(3000);
  });

  it('tells the team what it is asked to hand on, line by line', async () => {
    alert = { ...alert, handOn: ['Hand this on:', '1. סרקו את הקוד', '2. Wait.'] };
    await send();
    const written = JSON.stringify((await taken())[0]?.body);
    for (const line of alert.handOn ?? []) expect(written.replaceAll('\\', '')).toContain(line);
  });

  it.each([10_900, 12_000])(
    'ends before its invocation does, of which %i ms are left, and does not begin too late',
    async (left) => {
      const isLate = left < OUTCOME_MS + LEAST_MS;
      const context = { getRemainingTimeInMillis: () => left } as Context;
      const sent = inTime(() => send())(undefined, context);
      if (isLate)
        await expect(sent).rejects.toMatchObject({
          name: 'Unavailable',
          reason: expect.stringMatching(/no_time_left$/),
        });
      else await sent;
      expect(await taken()).toHaveLength(isLate ? 0 : 1);
    },
  );

  it('links to every conversation of a digest, and says how late a message came', async () => {
    const links = Array.from({ length: 33 }, (_, i) => ({ says: `Open: urgent ${i}`, url: `${LINK}${i}` }));
    alert = { ...alert, links, late: 'it came late, by 3 hours' };
    await send();
    const [call, ...more] = await taken();
    expect(more).toEqual([]);
    const written = JSON.stringify(call?.body).replaceAll('\\', '');
    for (const { says, url } of links) for (const part of [says, url]) expect(written).toContain(part);
    expect(written).toContain('it came late, by 3 hours');
  });

  it('says why it refuses, without what was sent and without its secret', async () => {
    const { secret = 'It' } = standIn.connection(`${url}/notifier/${standIn.at ?? name}`);
    const body = { code: 'invalid_blocks', message: `Dana, +972501234567: ${secret} has no channel` };
    const fault = { kind: 'status', status: 400, body: JSON.stringify(body) };
    const order = { on: standIn.fault ?? 'notifier', fault, times: name === 'slack' ? 2 : 1 };
    await fetch(`${url}/_sandbox/faults`, { method: 'POST', body: JSON.stringify(order) });
    const error = await send().then(
      () => undefined,
      (thrown: Error) => thrown,
    );
    expect(error?.name).toBe('Permanent');
    expect(error?.message).not.toMatch(/Dana|97250/);
    if (secret !== 'It') expect(error?.message).not.toContain(secret);
    // SES says it in its own form, which the SDK reads.
    if (name !== 'email') expect(error?.message).toMatch(/^invalid_blocks, .* has no channel$/);
  });

  it('writes a letter to the one person, by whom they may answer to, if it writes letters', async () => {
    if (!notifier.write) return;
    await write();
    const [call, ...more] = await taken();
    expect(more).toEqual([]);
    const written = JSON.stringify(call?.body);
    for (const fact of ['noa@shop.example', 'dana@agency.example', 'צריך לקשר', 'letter_1'])
      expect(written).toContain(fact);
    expect(written).not.toContain('team@agency.example');
    expect(call && standIn.formatsIn(call)).toEqual([]);
  });

  it('knows a refusal of a letter for good from one that may pass', async () => {
    if (!notifier.write) return;
    for (const [status, name] of [
      [400, 'Permanent'],
      [403, 'Permanent'],
      [404, 'Permanent'],
      [429, expect.not.stringContaining('Permanent')],
      [500, expect.not.stringContaining('Permanent')],
    ]) {
      const order = { on: standIn.fault ?? 'notifier', fault: { kind: 'status', status } };
      await fetch(`${url}/_sandbox/faults`, { method: 'POST', body: JSON.stringify(order) });
      await expect(write()).rejects.toMatchObject({ name });
    }
    expect(await taken()).toEqual([]);
  });

  it('makes no mention, link or format of what a customer wrote', async () => {
    await send();
    const [call] = await taken();
    expect(JSON.stringify(call?.body)).toContain('channel');
    expect(call && standIn.formatsIn(call)).toEqual([]);
  });
});

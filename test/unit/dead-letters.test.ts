import { mkdtempSync, readFileSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Message } from '@aws-sdk/client-sqs';
import { Command } from 'commander';
import { describe, expect, it, vi } from 'vitest';
import { becauseOf } from '../../cli/dead-letters/because.ts';
import { afterDrop } from '../../cli/dead-letters/dlq.ts';
import type { Dropped } from '../../cli/dead-letters/drop.ts';
import { hiddenSeconds, INTERRUPTED, interruptible } from '../../cli/dead-letters/hold.ts';
import type { Standing } from '../../cli/dead-letters/in-ledger.ts';
import { grouped, isMeant, isNamed, type Letter, letterOf } from '../../cli/dead-letters/letter.ts';
import { writeBytes } from '../../cli/dead-letters/unread.ts';
import { commandsFor, ifRedriven, rowsOf, whyOf } from '../../cli/dead-letters/words.ts';
import { run } from '../../cli/run.ts';
import type { Target } from '../../cli/target/target.ts';
import { Failed } from '../../cli/terminal/errors.ts';

const PHONE = '+972501234567';
const TEXT = 'Dana, your cake is ready';
const TOKEN = 'whsec_c2VjcmV0';
const AT = '2026-11-22T10:00:00.000Z';

const message = (body: unknown, attributes: Readonly<Record<string, string>> = {}, more: Message = {}): Message => ({
  MessageId: 'id-1',
  Body: typeof body === 'string' ? body : JSON.stringify(body),
  Attributes: { SentTimestamp: String(Date.parse(AT)) },
  MessageAttributes: Object.fromEntries(
    Object.entries(attributes).map(([name, StringValue]) => [name, { DataType: 'String', StringValue }]),
  ),
  ...more,
});

const command = {
  key: 'order:1044:ready',
  template: 'order-ready',
  asOf: AT,
  usefulUntil: '2026-11-22T12:00:00Z',
  queuedAt: AT,
  to: PHONE,
  because: { source: 'shopify', told: 'ready', id: '1044', at: AT },
  outcome: { path: '/messages/text', body: JSON.stringify({ to: PHONE, body: TEXT, token: TOKEN }) },
};
const item = { kind: 'message', id: `true_${PHONE}@c.us_1`, text: TEXT, phone: PHONE, conversation: PHONE, at: AT };
const note = {
  kind: 'note',
  key: 'lead:N-1:first-touch',
  template: 'lead-first-touch',
  phone: PHONE,
  name: TEXT,
  from: TEXT,
  answers: [{ question: TEXT, answer: PHONE }],
  at: AT,
};
const person = { name: TEXT, phone: PHONE, secret: TOKEN };

const BODIES: readonly (readonly [string, unknown, Partial<Letter>])[] = [
  ['sends-dlq', command, { about: 'order:1044:ready', what: 'message of order-ready' }],
  ['sends-dlq', { nonsense: PHONE }, { about: 'no send command', code: 'not_noted' }],
  [
    'order-ready-dlq',
    { source: 'shopify', event: { id: '1044', customer: person, note: TEXT } },
    { about: 'event of shopify: 1044', what: 'event of shopify', code: 'failed_too_often' },
  ],
  [
    'order-ready-dlq',
    { source: 'shopify', reference: person, id: '1044', occurredAt: AT },
    { what: 'event to be looked up of shopify' },
  ],
  ['order-ready-dlq', { source: 'custom', refused: 'no_usable_phone', id: '7', occurredAt: AT, ...person }, {}],
  ['lead-first-touch-dlq', { source: 'form', forPeople: { code: 'scope_missing', says: TEXT } }, {}],
  [
    'appointment-reminder-dlq',
    { alarm: { appointmentId: PHONE, version: 1, stage: 'day-before', scheduledFor: AT, ...person } },
    { about: 'alarm' },
  ],
  ['order-ready-dlq', { alarm: { orderId: '1044', name: 'ready', scheduledFor: AT, command } }, { about: 'alarm' }],
  [
    'order-ready-dlq',
    { MessageBody: JSON.stringify({ alarm: { orderId: '1', name: 'ready', command } }), QueueUrl: PHONE },
    { about: 'alarm', byScheduler: true },
  ],
  ['appointment-reminder-dlq', { resync: { page: 2 } }, { about: 'resync' }],
  ['crm-sync-dlq', { deliveryId: 'd1', receivedAt: AT, index: 0, item }, { about: 'delivery d1' }],
  ['crm-sync-dlq', { deliveryId: 'd1', receivedAt: AT, item: { kind: 'for-crm', crm: 'hubspot', of: item } }, {}],
  ['crm-sync-dlq', { item: note }, { about: note.key, what: 'note of an event' }],
  [
    'crm-sync-dlq',
    { trace: 't3kd81ms0qpc', item: { kind: 'for-crm', crm: 'hubspot', of: note } },
    { about: note.key, what: 'note of an event for hubspot' },
  ],
  ['escalation-dlq', { rule: 'unanswered', due: AT, item }, { what: 'wait for an answer' }],
  ['escalation-dlq', { item: { kind: 'notice', code: 'webhook_unread', says: TEXT, who: PHONE, at: AT } }, {}],
  ['escalation-dlq', { item: { kind: 'failed-send', key: 'order:1044:ready', who: PHONE } }, {}],
  ['escalation-dlq', { digest: PHONE }, {}],
  [
    'webhook-dlq',
    {
      deliveryId: 'd2',
      event: 'messages.post',
      reason: 'unknown_type',
      raw: btoa(TEXT),
      bytes: 5,
      sha256: 'a'.repeat(64),
    },
    { about: 'delivery d2 (unknown_type)', code: 'unknown_type' },
  ],
  ['webhook-dlq', TEXT, { about: 'unreadable' }],
  ['order-ready-dlq', { source: `${PHONE} ${TEXT}`, event: { id: PHONE } }, {}],
  ['order-ready-dlq', `${TEXT} ${PHONE}`, { about: 'unreadable' }],
];

describe('what is shown of a dead letter', () => {
  it.each(BODIES)('is never a phone number, a text or a token: %s, body %#', (queue, body, expected) => {
    const letter = letterOf(queue, message(body));
    expect(letter).toMatchObject(expected);
    const shown = JSON.stringify(letter);
    for (const secret of [TEXT, TOKEN, btoa(TEXT)]) expect(shown).not.toContain(secret);
    expect(shown).not.toMatch(/501234567/);
  });

  it('is why it was set aside at once, with the other system’s words and none of its numbers', () => {
    const letter = letterOf('crm-sync-dlq', message('{}', { reason: `sink_400: no such field, see ${PHONE}` }));
    expect(letter).toMatchObject({ code: 'sink_400', reason: 'sink_400: no such field, see [number]' });
  });

  it.each([
    ['ask dana.levi+shop@mail.example', 'dana'],
    ['see https://crm.example/contacts/dana', 'crm.example'],
    ['refused: token=abc', 'abc'],
    ['{"access_token": "a1c"} is over', 'a1c'],
    ['Authorization: Bearer abc.def', 'abc'],
    ['bad api_key=abc&x=1', 'abc'],
    [`no such person ${PHONE}`, '501234567'],
    ['no such person ٠٥٠١٢٣٤٥٦٧', '٠٥٠'],
  ])('is of another system’s words no address, link, number or token: %s', (words, hidden) => {
    const { code, reason = '' } = letterOf('crm-sync-dlq', message('{}', { reason: `sink_400: ${words}` }));
    expect([code, reason]).toEqual(['sink_400', expect.stringMatching(/^sink_400: .*(?:…|\[number\])/)]);
    expect(reason).not.toContain(hidden);
  });

  it.each(['the token is over', 'no such field: email_2', 'Invalid token: expired'])(
    'is of another system’s words all that tells what to mend: %s',
    (words) => {
      const { reason } = letterOf('crm-sync-dlq', message('{}', { reason: `sink_400: ${words}` }));
      expect(reason).toBe(`sink_400: ${words}`);
    },
  );

  it.each(['', ' ', '\u0000\u200b'])('is not noted, where the reason that was noted is empty: %j', (empty) => {
    const letter = letterOf('crm-sync-dlq', message('{}', { reason: empty }));
    expect([letter.code, letter.reason]).toEqual(['not_noted', undefined]);
    const target = { queues: {}, template: { Resources: {} } } as unknown as Target;
    expect(whyOf(target, letter)).toMatch(/^nobody noted it/);
  });

  it('holds nothing that a terminal obeys, and no second line', () => {
    const key = 'order:1\u001b[31m\r\nsends-dlq: 0\u009b2J';
    const letter = letterOf('sends-dlq', message({ ...command, key }));
    expect(letter.about).toBe('order:1 [31m sends-dlq: 0 2J');
    expect(Object.values(letter.fields).join()).not.toMatch(/\p{C}/u);
    expect(isMeant(letter.about)(letter)).toBe(true);
  });

  it('is of a time no more than a time: what a lenient reader takes for a remark is not shown', () => {
    const shown = letterOf('crm-sync-dlq', message({ deliveryId: 'd', receivedAt: `1 (${PHONE} \u001b[31m)` }));
    expect(shown.fields).toEqual({ delivery: 'd' });
  });

  it('is the Scheduler’s code, where that could not put an alarm into its queue', () => {
    const body = { MessageBody: JSON.stringify({ alarm: { stage: 'hour-before' } }), QueueUrl: 'q' };
    const letter = letterOf(
      'appointment-reminder-dlq',
      message(body, { ERROR_CODE: 'AWS.SimpleQueueService.NonExistentQueue', RETRY_ATTEMPTS: '60' }),
    );
    expect(letter).toMatchObject({
      byScheduler: true,
      fields: { alarm: 'hour-before', 'tried again': 60 },
      code: 'AWS.SimpleQueueService.NonExistentQueue',
      about: 'alarm',
    });
  });

  it('says of a message for the line that SQS moved it, where it did', () => {
    const moved = { Attributes: { SentTimestamp: '1', DeadLetterQueueSourceArn: 'arn:sends' } };
    expect(letterOf('sends-dlq', message(command, {}, moved)).code).toBe('failed_too_often');
  });
});

describe('a letter of an event or a delivery', () => {
  const event = (id: string) => letterOf('order-ready-dlq', message({ source: 'custom', event: { id } }));
  const unread = letterOf('webhook-dlq', message({ deliveryId: 'u1', event: 'messages.post', reason: 'no_time' }));

  it('is told from others of its kind by its id, and counted with them', () => {
    const letters = ['L-2900', 'L-2901'].map(event);
    expect(letters.map(({ about }) => about)).toEqual(['event of custom: L-2900', 'event of custom: L-2901']);
    expect(grouped(letters)).toMatchObject([{ what: 'event of custom', count: 2, about: 'event of custom: L-2900' }]);
    const rows = rowsOf({ queues: {}, template: { Resources: {} } } as unknown as Target, event('L-2900'), {}, 0);
    expect(rows).toContainEqual(['what', 'event of custom: L-2900']);
  });

  it.each([
    ['L-2900', event('L-2900')],
    ['event of custom: L-2900', event('L-2900')],
    // As its source has it, and as it is shown.
    ['gid://shop/1', event('gid://shop/1')],
    [String(event('gid://shop/1').fields.event), event('gid://shop/1')],
    ['u1', unread],
    ['delivery u1', unread],
    ['d1', letterOf('crm-sync-dlq', message({ deliveryId: 'd1', item: { kind: 'status' } }))],
    ['id-1', unread],
  ])('is found by what a person calls it: %s', (words, letter) => {
    expect([isNamed(words)(letter), isMeant(words)(letter)]).toEqual([true, true]);
    expect(isNamed(words)(event('L-1'))).toBe(words === 'id-1');
  });

  it('is a note for the CRM, known by the key of its event’s message, and a redrive is worth it', () => {
    const letter = letterOf('crm-sync-dlq', message({ item: note }, { reason: 'sink_400: no such field' }));
    const { key, template } = note;
    expect(letter.fields).toEqual({ key, kind: 'note', template, 'happened at': AT });
    expect([isNamed(key)(letter), isMeant(key)(letter), isNamed('lead:N-2:first-touch')(letter)]).toEqual([
      true,
      true,
      false,
    ]);
    const target = { queues: {}, template: { Resources: {} } } as unknown as Target;
    expect(ifRedriven(target, letter, {}, 0)).toMatch(/^It goes back to .* Mend the reason first/);
  });

  it('is not found by what it only shares with others: its reason, or the kind of its event', () => {
    for (const words of ['no_time', 'messages.post', '', 'event of custom']) expect(isNamed(words)(unread)).toBe(false);
    expect([isMeant('no_time')(unread), isNamed('event of custom')(event('1'))]).toEqual([true, false]);
  });
});

it('letters are counted by reason and kind, the most first, with the oldest and the newest of them', () => {
  const of = (n: number, code: string) =>
    letterOf('crm-sync-dlq', {
      ...message({ deliveryId: `d${n}`, item: { kind: 'status' } }, { reason: `${code}: words` }),
      MessageId: `m${n}`,
      Attributes: { SentTimestamp: String(n) },
    });
  expect(grouped([of(5, 'a'), of(3, 'b'), of(9, 'b')])).toMatchObject([
    { code: 'b', what: 'status of a delivery', count: 2, oldest: 3, newest: 9, example: 'm3', about: 'delivery d3' },
    { code: 'a', count: 1, oldest: 5, newest: 5 },
  ]);
});

it('a look hides no letter for longer than a look of that many may take, and never for more than half a minute', () => {
  expect([0, 100, 2000, 50_000].map(hiddenSeconds)).toEqual([5, 6, 25, 30]);
});

it('whoever interrupts a command ends it where it is, with the exit code of shells', async () => {
  const before = process.exitCode;
  const listeners = process.listenerCount('SIGINT');
  const isStopped = await interruptible(async (signal) => {
    process.emit('SIGINT');
    return signal.aborted;
  });
  const after = process.exitCode;
  process.exitCode = before;
  expect([isStopped, after, process.listenerCount('SIGINT')]).toEqual([true, INTERRUPTED, listeners]);
});

it('whoever interrupts a command ends it so, also where it says that nothing was done', async () => {
  const quiet = vi.spyOn(console, 'error').mockReturnValue();
  const interrupted = new Command().action(() =>
    interruptible(async () => {
      process.emit('SIGINT');
      throw new Failed('Interrupted. Nothing was dropped.');
    }),
  );
  const before = process.exitCode;
  const codes = [await run(interrupted, ['node', 'ezw'])];
  process.exitCode = before;
  const failing = new Command().action(() => Promise.reject(new Failed('no')));
  codes.push(await run(failing, ['node', 'ezw']));
  quiet.mockRestore();
  expect(codes).toEqual([INTERRUPTED, 1]);
});

describe('in words', () => {
  const Resources = {
    Q: {
      Type: 'AWS::SQS::Queue',
      Metadata: { 'ezw:name': 'order-ready-work' },
      Properties: { RedrivePolicy: { maxReceiveCount: 200 } },
    },
  };
  const target = { template: { Resources }, queues: { 'order-ready-work': 'u' } } as unknown as Target;
  const inWords = (queue: string, body: unknown, now = Date.parse(AT)) => {
    const letter = letterOf(queue, message(body));
    return `${whyOf(target, letter)} | ${ifRedriven(target, letter, {}, now)}`;
  };

  it.each([
    [
      'order-ready-dlq',
      { source: 'shopify', event: { id: '1' } },
      /it failed 200 times.*goes back to order-ready-work/,
    ],
    ['sends-dlq', command, /leaves in its turn, under the same limits, until 2026-11-22 12:00:00Z/],
    ['sends-dlq', {}, /no message that this release can send.*it stays/],
    ['order-ready-dlq', 'x', /dies again unless the release that is deployed can read it/],
    [
      'webhook-dlq',
      { deliveryId: 'd', reason: 'no_time', raw: '' },
      /could not be read \(no_time\).*handed to the door again/,
    ],
    ['order-ready-dlq', { MessageBody: '{"alarm":{}}' }, /the Scheduler could not.*What it was to say goes back/],
  ])('it is said why a letter is there and what a redrive would do: %s, body %#', (queue, body, said) => {
    expect(inWords(queue, body)).toMatch(said);
  });

  it('a message above a limit is not said to fail each time, and what is no message is said to be none', () => {
    const said = (body: unknown, reason: string) => whyOf(target, letterOf('sends-dlq', message(body, { reason })));
    expect(said(command, 'burst_guard')).toBe('the sender set it aside: burst_guard');
    expect(said({}, 'not_a_send_command')).toBe('it is no message that this release can send');
  });

  it('a delivery of which no bytes are kept is not said to be handed to its door, nor are its bytes offered', () => {
    const letter = letterOf('webhook-dlq', message({ deliveryId: 'd', reason: 'unknown_type', bytes: 3_000_000 }));
    expect(ifRedriven(target, letter, {}, 0)).toMatch(/^Nothing: it stays\. None of its bytes are kept/);
    const place = { ...target, where: 'aws', client: { name: 'bakery' } } as unknown as Target;
    expect(commandsFor(place, letter)).toEqual(['npx ezw dlq drop bakery webhook-dlq --only id-1 --because "…"']);
    const kept = letterOf('webhook-dlq', message({ deliveryId: 'd', reason: 'unknown_type', gzip: 'x' }));
    expect(commandsFor(place, kept)).toHaveLength(3);
  });

  it.each([
    ['done', 'REJECTED', 'dropped', /ends there: nothing leaves.*REJECTED \(dropped\)/],
    ['conflict', 'ACCEPTED', undefined, /ends there: nothing leaves.*ACCEPTED\.$/],
    ['claim', 'HELD', 'burst_guard', /leaves in its turn/],
  ])('a message goes by what the ledger makes of it when it comes again: %s', (verdict, state, reason, said) => {
    const standing = { record: { state, reason }, verdict } as unknown as Standing;
    expect(ifRedriven(target, letterOf('sends-dlq', message(command)), { standing }, Date.parse(AT))).toMatch(said);
  });

  it('a message whose template was taken back is not said to leave', () => {
    const words = ifRedriven(target, letterOf('sends-dlq', message(command)), { isTakenBack: true }, Date.parse(AT));
    expect(words).toMatch(/ends there: what was queued so early of its template was taken back/);
  });

  it('a message that is too late ends as EXPIRED, and one that died three times is put back only by name', () => {
    expect(inWords('sends-dlq', command, Date.parse('2026-11-23T00:00:00Z'))).toMatch(/ends there as EXPIRED/);
    const letter = letterOf('order-ready-dlq', message({ source: 's' }, { redriven: '3' }));
    expect(ifRedriven(target, letter, {}, 0)).toMatch(
      /^It was put back 3 times and died each time: only "redrive --only"/,
    );
  });
});

describe('what became of a drop', () => {
  const all = { seen: 10, more: 0, held: 0 };
  const dropped = (over: object) => ({ ...all, dropped: 10, left: [], takenBack: 0, ...over }) as unknown as Dropped;

  it('counts what somebody else dropped meanwhile as gone, and not as where it was', () => {
    // Two at once: neither leaves anything.
    const other = { seen: 4, more: 6, held: 6 };
    const none = { left: 0, held: 0, more: 0 };
    expect(afterDrop(10, false, all, dropped({ dropped: 0, seen: 0 }))).toEqual({ ...none, gone: 10 });
    expect(afterDrop(4, false, other, dropped({ dropped: 4, seen: 4 }))).toEqual({ ...none, gone: 0 });
    expect(afterDrop(10, false, all, dropped({ dropped: 4, seen: 4, more: 3, held: 3 }))).toMatchObject({
      left: 3,
      gone: 3,
      held: 3,
    });
  });

  it('is not whole while what was not reached may be meant, unless one was named by its own id', () => {
    const behind = { seen: 10, more: 13, held: 0 };
    expect(afterDrop(10, false, behind, dropped(behind))).toEqual({ left: 0, gone: 0, held: 0, more: 13 });
    expect(afterDrop(10, false, behind, dropped({ seen: 20, more: 3 }))).toMatchObject({ more: 13 });
    expect(afterDrop(10, true, behind, dropped(behind))).toMatchObject({ held: 0, more: 0 });
    // What came after the question was not asked about.
    expect(afterDrop(10, false, all, dropped({ more: 2 }))).toMatchObject({ more: 0 });
  });
});

describe('why letters are dropped', () => {
  it.each(['', ' ', '…', '"…"', '?!', 'dana@mail.example', PHONE])('has to be said in words: %j', (said) => {
    expect(() => becauseOf(said)).toThrow(expect.objectContaining({ name: 'WrongInput' }));
  });

  it.each(['a', 'בדיקה', '测试', '7'])('may be short, and in any language: %s', (said) => {
    expect(becauseOf(said)).toBe(said);
  });

  it('is kept whole, or refused with how much is kept and how long it is', () => {
    expect(becauseOf(` a\n${'b'.repeat(198)} `)).toBe(`a ${'b'.repeat(198)}`);
    expect(() => becauseOf('b'.repeat(201))).toThrow('200 characters of --because are kept, and this one has 201');
    expect(() => becauseOf(`${PHONE} ${'b'.repeat(195)}`)).toThrow('200 characters');
    // What stands for a number is longer than a short one.
    expect(() => becauseOf(`1234567 ${'b'.repeat(192)}`)).toThrow('200 characters');
  });

  it('is kept without numbers and addresses of people', () => {
    expect(becauseOf(`Dana asked, ${PHONE}, dana@mail.example`)).toBe('Dana asked, [number], …');
  });
});

describe('the bytes of a delivery that could not be read', () => {
  const folder = mkdtempSync(join(tmpdir(), 'ezw-bytes-'));
  const bytes = Buffer.from([0, 255, 10, 65]);

  it.each([
    ['raw', { raw: bytes.toString('base64') }],
    ['gzip', { gzip: gzipSync(bytes).toString('base64') }],
  ])('go into a file that the operator alone reads, as they came: %s', async (name, kept) => {
    const file = join(folder, name);
    expect(await writeBytes(JSON.stringify(kept), file)).toBe(4);
    expect(readFileSync(file)).toEqual(bytes);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    await expect(writeBytes(JSON.stringify(kept), file)).rejects.toMatchObject({
      name: 'WrongInput',
      message: expect.stringContaining('is there already'),
    });
  });

  it('are none where they were too many to be kept, or what was kept is broken: no file is written', async () => {
    const file = join(folder, 'none');
    await expect(writeBytes('{}', file)).rejects.toThrow('too many to be kept');
    await expect(writeBytes('{"gzip":"AAAA"}', file)).rejects.toThrow('is broken');
    await expect(writeBytes('no json', file)).rejects.toThrow('is broken');
    expect(() => statSync(file)).toThrow();
  });
});

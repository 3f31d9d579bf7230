import { randomUUID } from 'node:crypto';
import type { SQSRecord } from 'aws-lambda';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { Sender, type SenderTools } from '../../functions/sender/send.ts';
import type { Health } from '../../functions/shared/ezwhatsapp/line-api.ts';
import { DAYS } from '../../functions/shared/hours/opening-hours.ts';
import { fingerprintOf } from '../../functions/shared/ledger/fingerprint.ts';
import type { KeysNote } from '../../functions/shared/ledger/keys-note.ts';
import type { Ledger } from '../../functions/shared/ledger/ledger.ts';
import type { LineControl } from '../../functions/shared/ledger/line-control.ts';
import type { LinePace } from '../../functions/shared/ledger/line-pace.ts';
import type { ObservedSends } from '../../functions/shared/ledger/observed-sends.ts';
import { type SendRecord, sendPk } from '../../functions/shared/ledger/rules.ts';
import {
  besideGroup,
  pausedGroup,
  type SendCommand,
  usefulUntil,
  waitingGroup,
} from '../../functions/shared/ledger/send-command.ts';
import type { ShadowTexts } from '../../functions/shared/ledger/shadow-texts.ts';
import type { Notice } from '../../functions/shared/people/notice.ts';
import type { People, Person } from '../../functions/shared/people/people.ts';
import type { UnwrittenStops } from '../../functions/shared/people/unwritten-stops.ts';
import { sha256 } from '../../functions/shared/runtime/hashes.ts';
import type { HttpResult } from '../../functions/shared/runtime/http.ts';
import type { Table } from '../../functions/shared/runtime/table.ts';
import { startDynamo } from './dynamo.ts';

/** The sender with the real ledger on a real table; the clock and the API are ours. */
const START = Date.parse('2026-11-22T10:00:00Z');
let stop: () => Promise<void>;
let ledger: Ledger;
let observed: ObservedSends;
let pace: LinePace;
let keysNote: KeysNote;
let control: LineControl;
let turns: Table<object>;
let markHidesNumbers: typeof import('../../functions/shared/ledger/line-control.ts').markHidesNumbers;
let told: Omit<Notice, 'kind'>[] = [];
let unwritten: UnwrittenStops;
let shadows: ShadowTexts;
let clock = START;
let posts: { key: string; body: string }[] = [];
let requeued: { command: SendCommand; group: string; id: string }[] = [];
let hidden: { handles: readonly string[]; seconds: number }[] = [];
let aside: string[] = [];
let asideFor: string[] = [];
let noted: string[] = [];
/** How often it was noted that EZWhatsApp took a message. */
let taken = 0;
let logs: string[] = [];
let healthCalls = 0;
let health: Health = { sendable: true };
/** What stands of a person, over what the table has. */
let known: () => Partial<Person> | Promise<Partial<Person>> = () => ({});
let people: People;
let premiseHolds = true;
let onPost: (key: string, body: string) => HttpResult | Promise<HttpResult>;

const accepted: HttpResult = { kind: 'answer', status: 202, headers: {}, body: '{"id":"q"}' };

beforeAll(async () => {
  ({ stop } = await startDynamo());
  const { Ledger } = await import('../../functions/shared/ledger/ledger.ts');
  const { LinePace } = await import('../../functions/shared/ledger/line-pace.ts');
  const { People } = await import('../../functions/shared/people/people.ts');
  people = new People({ table: 'contacts', salt: async () => 'salt', now: () => clock });
  pace = new LinePace('sends', () => clock);
  turns = new (await import('../../functions/shared/runtime/table.ts')).Table('sends');
  const { KeysNote } = await import('../../functions/shared/ledger/keys-note.ts');
  keysNote = new KeysNote('sends');
  const lineControl = await import('../../functions/shared/ledger/line-control.ts');
  const { LineControl } = lineControl;
  markHidesNumbers = lineControl.markHidesNumbers;
  control = new LineControl('sends', 'line');
  const { UnwrittenStops } = await import('../../functions/shared/people/unwritten-stops.ts');
  unwritten = new UnwrittenStops('sends', 'line', () => clock);
  const { ShadowTexts } = await import('../../functions/shared/ledger/shadow-texts.ts');
  shadows = new ShadowTexts('sends', 'line', () => clock);
  ledger = new Ledger('sends', { now: () => clock, newOwner: randomUUID });
  const { ObservedSends } = await import('../../functions/shared/ledger/observed-sends.ts');
  observed = new ObservedSends('sends', () => clock);
});
afterAll(() => stop());
beforeEach(async () => {
  await control.change(() => ({}));
  await turns.put({ pk: 'line#turn' });
  told = [];
  [posts, hidden, aside, logs, healthCalls, health, clock] = [[], [], [], [], 0, { sendable: true }, START];
  asideFor = [];
  [requeued, noted, taken] = [[], [], 0];
  premiseHolds = true;
  onPost = () => accepted;
  known = () => ({});
});

const tools = (over: Partial<SenderTools['config']> = {}): SenderTools => ({
  config: {
    lineId: 'line',
    keysOf: 'line',
    zone: 'Asia/Jerusalem',
    minGapSeconds: 0,
    hold: { from: 30, to: 900 },
    burstPerHour: 5000,
    perPersonPerDay: 'off',
    browserPostsPerHour: 'off',
    ...over,
  },
  ledger,
  pace,
  log: (level, fields) => logs.push(JSON.stringify({ level, ...fields })),
  api: {
    health: async () => {
      healthCalls += 1;
      return health;
    },
    post: async (_, body, key) => {
      posts.push({ key, body });
      return onPost(key, body);
    },
  },
  now: () => clock,
  sleep: async (ms) => {
    clock += ms;
  },
  newTurn: randomUUID,
  random: () => 0.5,
  people: {
    read: async (recipient) => ({ ...(await people.read(recipient)), ...(await known()) }),
    count: (...args) => people.count(...args),
    noteSent: (...args) => people.noteSent(...args),
    isOf: (...args) => people.isOf(...args),
    rowOf: (phone) => people.rowOf(phone),
  },
  unwritten,
  words: {
    note: async (sendPk) => {
      noted.push(sendPk);
    },
  },
  hide: async (handles, seconds) => {
    hidden.push({ handles, seconds });
  },
  control,
  accepted: {
    note: async () => {
      taken += 1;
    },
  },
  tell: async (notice) => {
    told.push(notice);
  },
  keepShadow: (key, body) => shadows.keep(key, body),
  holds: async () => premiseHolds,
  keysLine: async () => over.keysOf ?? 'line',
  requeue: async (command, group, id) => {
    requeued.push({ command, group, id });
  },
  setAside: async (body, reason) => {
    aside.push(body);
    asideFor.push(reason);
  },
});

const command = (over: Partial<SendCommand> = {}): SendCommand => ({
  key: `order:${randomUUID()}:ready`,
  template: 'order-ready',
  asOf: new Date(START).toISOString(),
  usefulUntil: new Date(START + 24 * 3600_000).toISOString(),
  outcome: { path: '/messages/text', body: '{"to":"+972501234567","body":"secret text"}' },
  ...over,
});

const record = (body: string, receives = 1, sentAt = START): SQSRecord =>
  ({
    messageId: randomUUID(),
    receiptHandle: randomUUID(),
    body,
    attributes: { ApproximateReceiveCount: String(receives), SentTimestamp: String(sentAt) },
  }) as SQSRecord;
const records = (...commands: SendCommand[]): SQSRecord[] => commands.map((one) => record(JSON.stringify(one)));
const plenty = (): number => 120_000;
const stateOf = async ({ key }: SendCommand): Promise<SendRecord | undefined> => ledger.read('line', key);

describe('a batch', () => {
  it('is sent in order, one health check for all', async () => {
    const commands = [command(), command(), command()];
    expect(await new Sender(tools()).run(records(...commands), plenty)).toEqual({ batchItemFailures: [] });
    expect(posts.map(({ key }) => key)).toEqual(commands.map(({ key }) => key));
    expect(healthCalls).toBe(1);
  });

  it('notes of a message that EZWhatsApp took that it did, once it is written, and of no other', async () => {
    const answers: readonly HttpResult[] = [
      accepted,
      { kind: 'unknown', code: 'timeout' },
      { kind: 'answer', status: 400, headers: {}, body: '' },
      { kind: 'answer', status: 503, headers: {}, body: '' },
    ];
    const seen: unknown[] = [];
    for (const answer of answers) {
      const one = command();
      onPost = () => answer;
      const note = async (): Promise<void> => void seen.push((await stateOf(one))?.state);
      await new Sender({ ...tools(), accepted: { note } }).run(records(one), plenty);
    }
    expect(seen).toEqual(['ACCEPTED']);
  });

  it('keeps the gap between two messages, with jitter', async () => {
    const times: number[] = [];
    onPost = () => {
      times.push(clock);
      return accepted;
    };
    await new Sender(tools({ minGapSeconds: 3 })).run(records(command(), command(), command()), plenty);
    expect(times.map((time) => time - START)).toEqual([0, 3750, 7500]);
  });

  it('stops while there is still time to finish what it began', async () => {
    let left = 61_000;
    const batch = records(command(), command());
    const result = await new Sender(tools()).run(batch, () => (left -= 600));
    expect(posts).toHaveLength(1);
    expect(result.batchItemFailures).toEqual([{ itemIdentifier: batch[1]?.messageId }]);
    expect(hidden[0]?.seconds).toBe(0);
  });

  it('a message that is none of ours is put aside and holds back no other', async () => {
    const good = command();
    const batch = [record('{"nonsense":true}'), record('not json'), ...records(good)];
    expect(await new Sender(tools()).run(batch, plenty)).toEqual({ batchItemFailures: [] });
    expect(aside).toEqual(['{"nonsense":true}', 'not json']);
    expect(asideFor).toEqual(['not_a_send_command', 'not_a_send_command']);
    expect(posts).toHaveLength(1);
  });
});

describe('a record', () => {
  const because = { source: 'shopify', told: 'ready', id: '1044', at: new Date(START).toISOString() };
  const to = (phone: string, over: Partial<SendCommand> = {}) =>
    command({
      because,
      outcome: { path: '/messages/text', body: JSON.stringify({ to: phone, body: 'secret text' }) },
      ...over,
    });

  it('says whom it is for by the row that People has for the number, however that is written, and why; no number stands in it', async () => {
    const [one, other] = [to('+5511987654321'), to('+551187654321')];
    await new Sender(tools()).run(records(one, other), plenty);
    const [first, second] = [await stateOf(one), await stateOf(other)];
    expect(first).toMatchObject({ state: 'ACCEPTED', because, person: (await people.read('+5511987654321')).pk });
    expect(second?.person).toBe(first?.person);
    expect(JSON.stringify([first, second])).not.toMatch(/87654321|secret text/);
  });

  it('of what became no message says so too, by the number that would have got it; nobody where there was none', async () => {
    const outcome = { state: 'REJECTED', reason: 'no_consent' } as const;
    const [one, nobodys] = [command({ because, outcome, to: '+972501234567' }), command({ because, outcome })];
    await new Sender(tools()).run(records(one, nobodys), plenty);
    expect(await stateOf(one)).toMatchObject({ because, person: await people.rowOf('+972501234567') });
    expect(await stateOf(nobodys)).not.toHaveProperty('person');
  });

  it('of a message into a conversation is the person’s as far as the conversation is known to be theirs', async () => {
    const said = (id: string) =>
      command({ outcome: { path: '/messages/text', body: JSON.stringify({ conversationId: id, body: 'Hi' }) } });
    const item = { kind: 'chat', id: 'c-known', individual: true, phone: '+972501234599', at: because.at } as const;
    await people.meet('line', item);
    const [known, unknown] = [said('c-known'), said('c-unknown')];
    await new Sender(tools()).run(records(known, unknown), plenty);
    expect((await stateOf(known))?.person).toBe(await people.rowOf('+972501234599'));
    expect((await stateOf(unknown))?.person).toBe((await people.read('line:c-unknown')).pk);
  });

  it('that a corrected body takes over is the new person’s, and the old one’s no more', async () => {
    health = { sendable: false };
    const first = to('+972501234567');
    await new Sender(tools()).run(records(first), plenty);
    health = { sendable: true };
    const later = new Date(START + 1).toISOString();
    const corrected = { ...to('+972501234568'), key: first.key, asOf: later, because: { ...because, at: later } };
    await new Sender(tools()).run(records(corrected), plenty);
    const rowOfNew = await people.rowOf('+972501234568');
    expect(await stateOf(first)).toMatchObject({ state: 'ACCEPTED', person: rowOfNew, because: { at: later } });
  });

  it('keeps nobody and no reason of a body that an unsendable one took the place of', async () => {
    health = { sendable: false };
    const first = to('+972501234567');
    await new Sender(tools()).run(records(first), plenty);
    const asOf = new Date(START + 1).toISOString();
    const outcome = { state: 'REJECTED', reason: 'no_usable_phone' } as const;
    await new Sender(tools()).run(records(command({ key: first.key, asOf, outcome })), plenty);
    const record = await stateOf(first);
    expect(record).toMatchObject({ state: 'REJECTED' });
    expect(record).not.toHaveProperty('person');
    expect(record).not.toHaveProperty('because');
  });

  it('is made and sent all the same when nobody can be read just then', async () => {
    const one = to('+972501234567');
    const rowOf = () => Promise.reject(new Error('no salt'));
    const base = tools();
    await new Sender({ ...base, people: { ...base.people, rowOf } }).run(records(one), plenty);
    expect(await stateOf(one)).toMatchObject({ state: 'ACCEPTED', because });
  });
});

describe('a line that cannot send', () => {
  it('gets nothing, keeps everything, and takes one probe per hold', async () => {
    health = { sendable: false, lifecycleState: 'qr_required' };
    const commands = [command(), command(), command()];
    const batch = records(...commands);
    const result = await new Sender(tools()).run(batch, plenty);
    expect(result.batchItemFailures).toHaveLength(3);
    expect([posts.length, healthCalls]).toEqual([0, 1]);
    expect(hidden).toEqual([{ handles: batch.map(({ receiptHandle }) => receiptHandle), seconds: 30 }]);
    expect(await stateOf(commands[0] as SendCommand)).toMatchObject({
      state: 'HELD',
      reason: 'line_not_sendable',
      attempts: 0,
    });
    expect(logs.join()).toContain('"sendable":false,"lifecycleState":"qr_required"');
    health = { sendable: true };
    await new Sender(tools()).run(batch, plenty);
    expect(posts).toHaveLength(3);
  });

  it('backs off from 30 seconds to 15 minutes by its own failures in a row, whoever saw them and however often the queue handed out what waits', async () => {
    health = { sendable: false };
    const one = command();
    for (const receives of [1, 1, 50, 2, 3, 4, 5]) {
      await new Sender(tools()).run([record(JSON.stringify(one), receives)], plenty);
      clock += 60_000;
    }
    expect(hidden.map(({ seconds }) => seconds)).toEqual([30, 60, 120, 240, 480, 900, 900]);
    health = { sendable: true };
    await new Sender(tools()).run(records(one), plenty);
    health = { sendable: false };
    await new Sender(tools()).run([record(JSON.stringify(command()), 50)], plenty);
    expect(hidden.at(-1)?.seconds).toBe(30);
  });

  it('after an outage is held for no longer than at first when the second message fails', async () => {
    health = { sendable: false };
    const waited = [command(), command(), command()].map((one) => record(JSON.stringify(one), 9));
    const sender = new Sender(tools());
    for (let tries = 0; tries < 8; tries += 1) {
      await sender.run(waited, plenty);
      clock += 900_000;
    }
    health = { sendable: true };
    onPost = () => (posts.length === 1 ? accepted : { kind: 'never-left', code: 'ECONNREFUSED' });
    await sender.run(waited, plenty);
    expect(hidden.at(-1)).toMatchObject({ seconds: 30, handles: { length: 2 } });
  });

  it('that cannot be noted as failing is held all the same', async () => {
    health = { sendable: false };
    const blind = { ...tools(), control: { read: () => control.read(), change: () => Promise.reject(new Error('x')) } };
    const { batchItemFailures } = await new Sender(blind).run(records(command()), plenty);
    expect([batchItemFailures.length, hidden[0]?.seconds]).toEqual([1, 30]);
  });

  it('is asked again right after a failure, although it could send a moment ago', async () => {
    const sender = new Sender(tools());
    onPost = () => ({ kind: 'answer', status: 503, headers: {}, body: '' });
    await sender.run(records(command()), plenty);
    await sender.run(records(command()), plenty);
    expect(healthCalls).toBe(2);
  });

  it('lets a message expire when it comes back too late', async () => {
    const late = command({ usefulUntil: new Date(START - 1).toISOString() });
    expect(await new Sender(tools()).run(records(late), plenty)).toEqual({ batchItemFailures: [] });
    expect(await stateOf(late)).toMatchObject({ state: 'EXPIRED', reason: 'useful_until_passed', attempts: 0 });
    expect(posts).toHaveLength(0);
  });
});

describe('a message that the API fails on', () => {
  const failed: HttpResult = { kind: 'answer', status: 500, headers: {}, body: '' };
  const inGroup = (sent: SendCommand, MessageGroupId: string, sentAt = clock): SQSRecord => {
    const made = record(JSON.stringify(sent), 1, sentAt);
    return { ...made, attributes: { ...made.attributes, MessageGroupId } };
  };
  const onceMore = (one: SQSRecord): SQSRecord => {
    const ApproximateReceiveCount = String(Number(one.attributes.ApproximateReceiveCount) + 1);
    return { ...one, attributes: { ...one.attributes, ApproximateReceiveCount } };
  };

  it('alone holds up no other: it waits beside the line, comes again behind them with its key and bytes, and is left to a person after 15 minutes', async () => {
    const [bad, next] = [command(), command()];
    onPost = (key) => (key === bad.key ? failed : accepted);
    const sender = new Sender(tools());
    expect(await sender.run(records(bad, next), plenty)).toEqual({ batchItemFailures: [] });
    expect(await stateOf(bad)).toMatchObject({ state: 'UNKNOWN', reason: 'api_500', attempts: 1 });
    expect(await stateOf(next)).toMatchObject({ state: 'ACCEPTED' });
    const waits: number[] = [];
    while ((await stateOf(bad))?.parked !== true) {
      const { command: again, group } = requeued.at(-1) ?? {};
      const beside = inGroup(again as SendCommand, group ?? '');
      expect(group).toMatch(besideGroup('line', ''));
      await new Sender(tools()).run([beside], plenty);
      waits.push(hidden.at(-1)?.seconds ?? 0);
      clock += (hidden.at(-1)?.seconds ?? 0) * 1000;
      expect(await new Sender(tools()).run([beside], plenty)).toEqual({ batchItemFailures: [] });
      expect(requeued.at(-1)?.group).toBe('line');
      await sender.run([inGroup(requeued.at(-1)?.command as SendCommand, 'line'), ...records(command())], plenty);
    }
    expect(waits).toEqual([30, 60, 120, 240, 480]);
    expect(await stateOf(bad)).toMatchObject({ reason: 'unknown_for_15_minutes', attempts: 5 });
    const own = posts.filter(({ key }) => key === bad.key);
    expect([own.length, new Set(own.map(({ body }) => body)).size]).toEqual([5, 1]);
  });

  it('is the line where the next one fails too: nothing else is tried until a hold is over, and then another one', async () => {
    onPost = () => failed;
    const [first, second, third] = [command(), command(), command()];
    const batch = records(first, second, third);
    const { batchItemFailures } = await new Sender(tools()).run(batch, plenty);
    expect(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier)).toEqual([
      batch[1]?.messageId,
      batch[2]?.messageId,
    ]);
    expect(posts.map(({ key }) => key)).toEqual([first.key, second.key]);
    expect(hidden).toMatchObject([{ seconds: 30 }]);
    clock += 30_000;
    await new Sender(tools()).run(batch.slice(1).map(onceMore), plenty);
    expect(requeued.at(-1)).toMatchObject({ command: second, group: besideGroup('line', sha256(second.key)) });
    expect(posts.at(-1)?.key).toBe(third.key);
    expect(hidden.at(-1)).toMatchObject({ seconds: 60, handles: { length: 1 } });
    onPost = () => accepted;
    clock += 60_000;
    // With nothing behind it, it is tried itself.
    await new Sender(tools()).run(batch.slice(2).map(onceMore), plenty);
    expect(await stateOf(third)).toMatchObject({ state: 'ACCEPTED' });
    expect(posts.filter(({ key }) => key === third.key)).toHaveLength(2);
  });

  it('and others behind it that it fails on too hold up those that are good for a hold each, and not for their 15 minutes', async () => {
    const [bad, good] = [
      [command(), command(), command()],
      [command(), command()],
    ];
    onPost = (key) => (bad.some((one) => one.key === key) ? failed : accepted);
    let waiting = records(...bad, ...good);
    const began = clock;
    while (waiting.length > 0) {
      const { batchItemFailures } = await new Sender(tools()).run(waiting, plenty);
      const left = new Set(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
      waiting = waiting.filter(({ messageId }) => left.has(messageId)).map(onceMore);
      clock += waiting.length > 0 ? (hidden.at(-1)?.seconds ?? 0) * 1000 : 0;
    }
    expect(clock - began).toBe(90_000);
    for (const one of good) expect(await stateOf(one)).toMatchObject({ state: 'ACCEPTED', attempts: 1 });
    expect(requeued.map((one) => one.command.key)).toEqual(bad.map(({ key }) => key));
    expect(posts.map(({ key }) => key)).toEqual([...bad, ...good].map(({ key }) => key));
  });

  it('a further time holds up nobody who came later: that says nothing new of the line', async () => {
    const [first, second, later] = [command(), command(), command()];
    onPost = (key) => (key === later.key ? accepted : failed);
    const batch = records(first, second);
    await new Sender(tools()).run(batch, plenty);
    clock += 30_000;
    // With nothing behind it, it is tried itself, and then waits beside the line.
    expect(await new Sender(tools()).run(batch.slice(1).map(onceMore), plenty)).toEqual({ batchItemFailures: [] });
    expect(requeued.at(-1)).toMatchObject({ command: second, group: besideGroup('line', sha256(second.key)) });
    clock += 1_000;
    const back = inGroup(requeued[0]?.command as SendCommand, 'line');
    expect(await new Sender(tools()).run([back, ...records(later)], plenty)).toEqual({ batchItemFailures: [] });
    expect(await stateOf(later)).toMatchObject({ state: 'ACCEPTED', attempts: 1 });
  });

  it('and came back from beside the line has its turn, however often it was received behind others', async () => {
    const [bad, other, good] = [command(), command(), command()];
    onPost = (key) => (key === good.key ? accepted : failed);
    await new Sender(tools()).run(records(bad, other), plenty);
    clock += 60_000;
    const back = inGroup(requeued[0]?.command as SendCommand, 'line');
    posts = [];
    await new Sender(tools()).run([onceMore(onceMore(back)), ...records(good)], plenty);
    expect(posts.map(({ key }) => key)).toEqual([bad.key, good.key]);
  });

  it('with a time at which to come again makes way too, after three times', async () => {
    const [bad, good] = [command(), command()];
    const later: HttpResult = { ...failed, status: 503, headers: { 'retry-after': '4' } } as HttpResult;
    onPost = (key) => (key === bad.key ? later : accepted);
    let waiting = records(bad, good);
    for (let times = 0; times < 3; times += 1) {
      expect((await new Sender(tools()).run(waiting, plenty)).batchItemFailures).toHaveLength(2);
      waiting = waiting.map(onceMore);
      clock += 4_000;
    }
    expect(await new Sender(tools()).run(waiting, plenty)).toEqual({ batchItemFailures: [] });
    expect(posts.map(({ key }) => key)).toEqual([bad.key, bad.key, bad.key, good.key]);
    expect(requeued.at(-1)?.group).toBe(besideGroup('line', sha256(bad.key)));
  });

  it('with the time at which to come again is the line: nothing is tried before that', async () => {
    onPost = () => ({ ...failed, status: 503, headers: { 'retry-after': '45' } });
    await new Sender(tools()).run(records(command(), command()), plenty);
    expect([posts.length, hidden[0]?.seconds, requeued]).toEqual([1, 45, []]);
  });

  it('and is seen on the line meanwhile, or has no record, goes back at once', async () => {
    const one = command();
    await new Sender(tools()).run([inGroup(one, besideGroup('line', 'x'))], plenty);
    expect(requeued).toMatchObject([{ command: one, group: 'line' }]);
  });
});

describe('time', () => {
  it('that is left is enough for whatever is begun, also where the gap is longer than a function runs', async () => {
    const began: number[] = [];
    const until = START + 90_000;
    onPost = () => {
      began.push(until - clock);
      clock += 10_000;
      return accepted;
    };
    const sender = new Sender(tools({ minGapSeconds: 60 }));
    const batch = records(command(), command(), command());
    const { batchItemFailures } = await sender.run(batch, () => until - clock);
    expect(batchItemFailures).toHaveLength(2);
    expect(Math.min(...began)).toBeGreaterThanOrEqual(60_000);
    // The gap is waited for in the queue, and then nothing more of it is left.
    expect(hidden).toMatchObject([{ seconds: 75, handles: { length: 2 } }]);
    clock += 75_000;
    await sender.run(batch.slice(1), () => 90_000);
    expect(posts).toHaveLength(2);
  });

  it('that a twin’s turn would take beyond the lease is waited for in the queue, and nothing of it leaves', async () => {
    const hours = [{ days: DAYS, from: '00:00', to: '24:00' }];
    const twin = tools({ minGapSeconds: 60, sendWindow: { zone: 'Asia/Jerusalem', hours, closed: [] } });
    const [first, late] = [command(), command()];
    await new Sender(twin).run(records(first), plenty);
    await new Sender(twin).run(records(late), plenty);
    expect(posts).toHaveLength(1);
    expect(hidden).toMatchObject([{ seconds: 75 }]);
    expect(await stateOf(late)).toMatchObject({ state: 'HELD', reason: 'no_time_left', attempts: 0 });
    clock += 75_000;
    await new Sender(twin).run(records(late), plenty);
    expect(await stateOf(late)).toMatchObject({ state: 'ACCEPTED' });
  });

  it('that reading took leaves no POST whose answer another could not await', async () => {
    const one = command();
    known = () => {
      clock += 23_000;
      return {};
    };
    await new Sender(tools()).run(records(one), plenty);
    expect([posts.length, hidden[0]?.seconds]).toEqual([0, 0]);
    expect(await stateOf(one)).toMatchObject({ state: 'HELD', reason: 'no_time_left' });
    known = () => ({});
    await new Sender(tools()).run(records(one), plenty);
    expect(await stateOf(one)).toMatchObject({ state: 'ACCEPTED', attempts: 1 });
  });
});

describe('an uncertain send', () => {
  it('is repeated with the same key and identical bytes, then known', async () => {
    const one = command();
    const batch = records(one);
    onPost = () => ({ kind: 'unknown', code: 'timeout' });
    expect((await new Sender(tools()).run(batch, plenty)).batchItemFailures).toHaveLength(1);
    expect(await stateOf(one)).toMatchObject({ state: 'UNKNOWN', reason: 'timeout', attempts: 1 });
    onPost = () => accepted;
    clock += 30_000;
    await new Sender(tools()).run(batch, plenty);
    expect(new Set(posts.map((post) => JSON.stringify(post))).size).toBe(1);
    expect(await stateOf(one)).toMatchObject({ state: 'ACCEPTED', attempts: 2 });
  });

  it('is left to a person after 15 minutes, and the next message goes on', async () => {
    const [stuck, next] = [command(), command()];
    onPost = (key) => (key === stuck.key ? { kind: 'unknown', code: 'timeout' } : accepted);
    await new Sender(tools()).run(records(stuck), plenty);
    clock += 15 * 60_000;
    const result = await new Sender(tools()).run(records(stuck, next), plenty);
    expect(result.batchItemFailures).toEqual([]);
    expect(await stateOf(stuck)).toMatchObject({ state: 'UNKNOWN', parked: true, reason: 'unknown_for_15_minutes' });
    expect(await stateOf(next)).toMatchObject({ state: 'ACCEPTED' });
    expect(posts.filter(({ key }) => key === stuck.key)).toHaveLength(1);
  });
});

describe('a person who opted out', () => {
  it('gets nothing, and it shows: SUPPRESSED, and the next message goes on', async () => {
    const [first, next] = [command(), command()];
    const answers = [true, false];
    known = () => ({ stopped: answers.shift() ?? false });
    expect(await new Sender(tools()).run(records(first, next), plenty)).toEqual({ batchItemFailures: [] });
    expect(await stateOf(first)).toMatchObject({ state: 'SUPPRESSED', reason: 'opted_out', attempts: 0 });
    expect(await stateOf(first)).not.toHaveProperty('firstAttemptAt');
    expect(posts.map(({ key }) => key)).toEqual([next.key]);
  });

  it('is looked up once, beside the claim, after the wait for the gap', async () => {
    const seen: number[] = [];
    known = () => {
      seen.push(clock);
      return {};
    };
    await new Sender(tools({ minGapSeconds: 3 })).run(records(command(), command()), plenty);
    expect(seen.map((time) => time - START)).toEqual([0, 3750]);
  });

  it('while the line was slow to say that it can send gets nothing', async () => {
    const one = command();
    const slow = tools();
    const answers = async () => {
      clock += 2_000;
      return health;
    };
    const stops = { ...slow, api: { ...slow.api, health: answers } };
    known = () => ({ stopped: clock > START });
    await new Sender(stops).run(records(one), plenty);
    expect(posts).toEqual([]);
    expect(await stateOf(one)).toMatchObject({ state: 'SUPPRESSED', reason: 'opted_out' });
  });

  it('while their message waited for the gap gets nothing', async () => {
    const [first, second] = [command(), command()];
    known = () => ({ stopped: clock > START });
    await new Sender(tools({ minGapSeconds: 3 })).run(records(first, second), plenty);
    expect(posts.map(({ key }) => key)).toEqual([first.key]);
    expect(await stateOf(second)).toMatchObject({ state: 'SUPPRESSED', reason: 'opted_out', attempts: 0 });
  });

  it('is told so though the line is down: nothing waits for a message that will not go', async () => {
    health = { sendable: false };
    known = () => ({ stopped: true });
    const one = command();
    expect((await new Sender(tools()).run(records(one), plenty)).batchItemFailures).toEqual([]);
    expect(await stateOf(one)).toMatchObject({ state: 'SUPPRESSED' });
  });

  it('with an earlier attempt that may have left keeps that doubt, for a person', async () => {
    const one = command();
    onPost = () => ({ kind: 'unknown', code: 'timeout' });
    await new Sender(tools()).run(records(one), plenty);
    known = () => ({ stopped: true });
    clock += 30_000;
    expect(await new Sender(tools()).run(records(one), plenty)).toEqual({ batchItemFailures: [] });
    expect(await stateOf(one)).toMatchObject({ state: 'UNKNOWN', parked: true, reason: 'unknown_and_opted_out' });
    expect(posts).toHaveLength(1);
  });

  it.each(['AccessDeniedException', 'ThrottlingException'])(
    'lets nothing leave while a table answers %s: the people’s, the ledger',
    async (name) => {
      const refuse = () => Promise.reject(Object.assign(new Error('refused'), { name }));
      const one = command();
      const own = tools();
      const without: Partial<SenderTools>[] = [
        { people: { ...own.people, read: refuse } },
        { unwritten: { isKept: refuse } },
        { ledger: { ...own.ledger, claim: refuse, read: refuse } as unknown as Ledger },
        { keysLine: refuse },
      ];
      for (const less of without) {
        expect((await new Sender({ ...own, ...less }).run(records(one), plenty)).batchItemFailures).toHaveLength(1);
      }
      expect(posts).toEqual([]);
      expect(told).toMatchObject([{ code: 'stop_list_unreadable' }, { code: 'stop_list_unreadable' }]);
      expect(new Set(told.map(({ id }) => id)).size).toBe(1);
      await new Sender(own).run(records(one), plenty);
      expect(await stateOf(one)).toMatchObject({ state: 'ACCEPTED', attempts: 1 });
    },
  );

  it('is looked for beside the sends on a line alone that ever kept a stop there', async () => {
    const read = vi.fn(async () => undefined);
    const kept = new (await import('../../functions/shared/people/unwritten-stops.ts')).UnwrittenStops(
      'sends',
      randomUUID(),
      () => clock,
      { send: read } as never,
    );
    expect(await kept.isKept({ pk: 'p', said: undefined }, {})).toBe(false);
    expect(read).not.toHaveBeenCalled();
  });

  it('whose stop is kept beside the sends is not written to, until they say start', async () => {
    const [one, other] = [command(), command()];
    const stopped = new Date(START - 60_000).toISOString();
    await unwritten.keep({ person: await people.rowOf('+972501234567'), names: [], older: [] }, stopped);
    await new Sender(tools()).run(records(one), plenty);
    expect(await stateOf(one)).toMatchObject({ state: 'SUPPRESSED', reason: 'opted_out' });
    known = () => ({ said: { word: 'start', at: new Date(START).toISOString() } });
    await new Sender(tools()).run(records(other), plenty);
    expect(await stateOf(other)).toMatchObject({ state: 'ACCEPTED' });
    await unwritten.forget({ person: await people.rowOf('+972501234567'), names: [], older: [] });
  });

  it('whose state cannot be read holds the line: nothing leaves on a guess, and nothing is doubtful', async () => {
    const one = command();
    known = () => Promise.reject(new Error('down'));
    expect((await new Sender(tools()).run(records(one), plenty)).batchItemFailures).toHaveLength(1);
    expect(await stateOf(one)).toMatchObject({ state: 'HELD', reason: 'suppression_list_unreadable', attempts: 0 });
    known = () => ({});
    await new Sender(tools()).run(records(one), plenty);
    expect(await stateOf(one)).toMatchObject({ state: 'ACCEPTED', attempts: 1 });
  });
});

describe('not too much', () => {
  const to = (phone: string, over: Partial<SendCommand> = {}) =>
    command({ outcome: { path: '/messages/text', body: JSON.stringify({ to: phone, body: randomUUID() }) }, ...over });
  const ago = (hours: number) => new Date(START - hours * 3600_000).toISOString();

  it('a person gets so many messages a day over all templates; the next is held for a person, and the line goes on', async () => {
    const theirs = ['order-ready', 'lead-first-touch', 'x'].map((template) => to('+972501230001', { template }));
    const other = to('+972501230002');
    const sender = new Sender(tools({ perPersonPerDay: 2 }));
    expect(await sender.run(records(...theirs, other), plenty)).toEqual({ batchItemFailures: [] });
    expect(posts.map(({ key }) => key)).toEqual([theirs[0], theirs[1], other].map((one) => one?.key));
    expect(await stateOf(theirs[2] as SendCommand)).toMatchObject({
      state: 'HELD',
      parked: true,
      reason: 'person_cap',
      attempts: 0,
    });
    expect(aside.map((body) => JSON.parse(body))).toMatchObject([{ key: theirs[2]?.key, outcome: theirs[2]?.outcome }]);
  });

  it('a day is one of the client’s: at its midnight they may be written to again', async () => {
    const sender = new Sender(tools({ perPersonPerDay: 1 }));
    const commands = ['1', '2', '3'].map(() => to('+972501230003'));
    // 23:59 and 00:00 in Jerusalem.
    for (const [i, time] of ['2026-11-22T21:58:00Z', '2026-11-22T21:59:00Z', '2026-11-22T22:00:00Z'].entries()) {
      clock = Date.parse(time);
      await sender.run(records(commands[i] as SendCommand), plenty);
    }
    expect(posts.map(({ key }) => key)).toEqual([commands[0]?.key, commands[2]?.key]);
  });

  it('a number is one person however it is written', async () => {
    const commands = [to('+5511987654321'), to('+551187654321')];
    await new Sender(tools({ perPersonPerDay: 1 })).run(records(...commands), plenty);
    expect(posts.map(({ key }) => key)).toEqual([commands[0]?.key]);
  });

  it('what is tried again counts once, and an answer to their own message never', async () => {
    const [one, reply] = [to('+972501230004'), to('+972501230004', { template: 'auto-reply' })];
    onPost = () => ({ kind: 'never-left', code: 'ECONNREFUSED' });
    const sender = new Sender(tools({ perPersonPerDay: 1 }));
    await sender.run(records(one), plenty);
    onPost = () => accepted;
    await sender.run(records(one, reply), plenty);
    expect(await Promise.all([one, reply].map(stateOf))).toMatchObject([{ state: 'ACCEPTED' }, { state: 'ACCEPTED' }]);
  });

  it.each([
    ['they wrote', ago(11), 'in_conversation'],
    ['they wrote', ago(13), undefined],
  ])('no first touch into a conversation: %s at %s', async (_, talkedAt, reason) => {
    known = () => ({ talkedAt });
    const [touch, order] = [command({ quietFor: 'PT12H' }), command()];
    await new Sender(tools()).run(records(touch, order), plenty);
    expect(await stateOf(touch)).toMatchObject(reason ? { state: 'REJECTED', reason } : { state: 'ACCEPTED' });
    expect(await stateOf(order)).toMatchObject({ state: 'ACCEPTED' });
  });

  it('what the API refused counts for nobody’s day, and what may have left does', async () => {
    const phone = '+972501230005';
    const commands = ['1', '2', '3', '4'].map(() => to(phone));
    const answers: HttpResult[] = [
      { kind: 'answer', status: 400, headers: {}, body: '{}' },
      { kind: 'unknown', code: 'timeout' },
    ];
    onPost = () => answers.shift() ?? accepted;
    const sender = new Sender(tools({ perPersonPerDay: 1 }));
    for (const one of commands) await sender.run(records(one), plenty);
    expect(await Promise.all(commands.map(stateOf))).toMatchObject([
      { state: 'REJECTED', reason: 'api_400' },
      { state: 'UNKNOWN' },
      { state: 'HELD', reason: 'person_cap' },
      { state: 'HELD', reason: 'person_cap' },
    ]);
    // The uncertain one is repeated all the same.
    await sender.run(records(commands[1] as SendCommand), plenty);
    expect(await stateOf(commands[1] as SendCommand)).toMatchObject({ state: 'ACCEPTED' });
  });

  it('what one limit holds takes no place of another', async () => {
    clock = START + 15 * 3600_000;
    const lead = (over: Partial<SendCommand>, phone = '+972501230006') => to(phone, { template: 'lead-x', ...over });
    const sender = new Sender(tools({ burstPerHour: 2, browserPostsPerHour: 1, perPersonPerDay: 1 }));
    const flood = ['1', '2', '3', '4'].map((n) => lead({ unproven: true }, `+97250123001${n}`));
    const [again, honest, late] = [lead({}, '+972501230011'), lead({}, '+972501230021'), lead({}, '+972501230022')];
    await sender.run(records(...flood, again, honest, late), plenty);
    const states = await Promise.all([...flood, again, honest, late].map(stateOf));
    expect(states.map((record) => record?.reason ?? record?.state)).toEqual([
      'ACCEPTED',
      'browser_cap',
      'browser_cap',
      'browser_cap',
      'person_cap',
      'ACCEPTED',
      'burst_guard',
    ]);
    // Held for the hour alone, it goes in the next one.
    clock += 3600_000;
    await sender.run(records(late), plenty);
    expect(await stateOf(late)).toMatchObject({ state: 'ACCEPTED' });
  });

  it('a message is settled though it cannot be counted', async () => {
    const one = to('+972501230007');
    const own = tools({ perPersonPerDay: 1 });
    const broken = { ...own.people, count: () => Promise.reject(new Error('down')) };
    await new Sender({ ...own, people: broken }).run(records(one), plenty);
    expect(await stateOf(one)).toMatchObject({ state: 'ACCEPTED', attempts: 1 });
  });

  it('posts without a secret have a limit of their own, and all else goes on', async () => {
    const lead = (unproven?: true) => command({ template: 'lead-first-touch', ...(unproven && { unproven }) });
    const [first, second, proven] = [lead(true), lead(true), lead()];
    await new Sender(tools({ browserPostsPerHour: 1 })).run(records(first, second, proven), plenty);
    expect(posts.map(({ key }) => key)).toEqual([first.key, proven.key]);
    expect(await stateOf(second)).toMatchObject({ state: 'HELD', parked: true, reason: 'browser_cap' });
  });

  it('in the next hour the limit of posts without a secret begins anew', async () => {
    const [first, second] = [command({ unproven: true }), command({ unproven: true })];
    const sender = new Sender(tools({ browserPostsPerHour: 1 }));
    clock = START + 7 * 3600_000;
    await sender.run(records(first), plenty);
    clock += 3600_000;
    await sender.run(records(second), plenty);
    expect(posts).toHaveLength(2);
  });
});

describe('one key, one body', () => {
  it('a second body under a used key is refused and visible', async () => {
    const one = command();
    const other = {
      ...one,
      outcome: { path: '/messages/text' as const, body: '{"to":"+972501234567","body":"other"}' },
    };
    await new Sender(tools()).run(records(one, other, one), plenty);
    expect(posts).toHaveLength(1);
    expect(await stateOf(one)).toMatchObject({ state: 'ACCEPTED', conflicts: 1 });
    expect(logs.join()).toContain('other_body_under_a_used_key');
  });

  it('a corrected phone number reopens a rejected order', async () => {
    const rejected = command({ outcome: { state: 'REJECTED', reason: 'no_usable_phone' } });
    await new Sender(tools()).run(records(rejected), plenty);
    expect(await stateOf(rejected)).toMatchObject({ state: 'REJECTED', reason: 'no_usable_phone', attempts: 0 });
    const corrected = command({ key: rejected.key, asOf: new Date(START + 1000).toISOString() });
    await new Sender(tools()).run(records(corrected), plenty);
    expect(await stateOf(rejected)).toMatchObject({ state: 'ACCEPTED', attempts: 1 });
  });

  it('a late rejection of an order that was announced changes nothing', async () => {
    const one = command();
    const edit = { ...one, outcome: { state: 'EXPIRED' as const, reason: 'order_too_old' } };
    await new Sender(tools()).run(records(one, edit), plenty);
    const record = await stateOf(one);
    expect(record?.state).toBe('ACCEPTED');
    expect(record?.conflicts).toBeUndefined();
  });
});

describe('the send window', () => {
  // Sunday 12:00 in Jerusalem; the window opens at 14:00.
  const sendWindow = {
    zone: 'Asia/Jerusalem',
    hours: [{ days: ['sun' as const], from: '14:00', to: '20:00' }],
    closed: [],
  };
  const hours = (n: number): number => n * 3600_000;

  const inGroup = (sent: SendCommand, MessageGroupId: string) => {
    const made = record(JSON.stringify(sent));
    return { ...made, attributes: { ...made.attributes, MessageGroupId } };
  };

  it('holds a message until it opens, out of the way of the others and without asking the line', async () => {
    const [one, answer] = [command(), command({ key: 'delivery:d1:auto-reply', template: 'auto-reply' })];
    const sender = () => new Sender(tools({ sendWindow }));
    expect(await sender().run(records(one), plenty)).toEqual({ batchItemFailures: [] });
    expect(await stateOf(one)).toMatchObject({ state: 'HELD', reason: 'outside_send_window', attempts: 0 });
    expect([posts, healthCalls, hidden]).toEqual([[], 0, []]);
    expect(requeued).toMatchObject([{ command: one, group: waitingGroup('line') }]);

    // What waits is hidden until then; what answers a person is not held, nor held up.
    const waiting = inGroup(one, waitingGroup('line'));
    const result = await sender().run([waiting, inGroup(answer, 'line')], plenty);
    expect(result.batchItemFailures).toEqual([{ itemIdentifier: waiting.messageId }]);
    expect(hidden).toEqual([{ handles: [waiting.receiptHandle], seconds: hours(2) / 1000 }]);
    expect(posts.map(({ key }) => key)).toEqual([answer.key]);

    // Then it goes back among those of the line, and out from there alone.
    clock += hours(2);
    expect(await sender().run([waiting], plenty)).toEqual({ batchItemFailures: [] });
    expect(posts).toHaveLength(1);
    expect(requeued[1]).toMatchObject({ command: one, group: 'line' });
    await sender().run(records(one), plenty);
    expect(await stateOf(one)).toMatchObject({ state: 'ACCEPTED', attempts: 1 });
  });

  it('keeps the gap and the health of the line between two processes, for two groups may have one each', async () => {
    const open = { sendWindow: { ...sendWindow, hours: [{ days: ['sun' as const], from: '00:00', to: '24:00' }] } };
    const lineId = `line-${randomUUID()}`;
    const twins = [1, 2].map(() => new Sender(tools({ ...open, lineId, minGapSeconds: 3 })));
    const at: number[] = [];
    onPost = () => {
      at.push(clock);
      return accepted;
    };
    for (const turn of [0, 1, 0, 1, 1, 0]) await twins[turn]?.run(records(command()), plenty);
    expect(at).toHaveLength(6);
    for (const [i, one] of at.slice(1).entries()) expect(one - (at[i] ?? 0)).toBeGreaterThanOrEqual(3000);

    healthCalls = 0;
    onPost = () => ({ kind: 'answer', status: 503, headers: {}, body: '' });
    await twins[0]?.run(records(command()), plenty);
    health = { sendable: false };
    const posted = posts.length;
    await twins[1]?.run(records(command()), plenty);
    expect([posts.length, healthCalls]).toEqual([posted, 1]);
  });

  it('sends the body that came last of two from one instant, though both waited', async () => {
    const [first, second] = ['+972501234567', '+972501234568'].map((to) =>
      command({
        key: 'order:twice:ready',
        outcome: { path: '/messages/text', body: JSON.stringify({ to, body: 'x' }) },
      }),
    ) as [SendCommand, SendCommand];
    const sender = new Sender(tools({ sendWindow }));
    await sender.run(records(first), plenty);
    await sender.run(records(second), plenty);
    clock += hours(2);
    await sender.run([inGroup(first, waitingGroup('line')), inGroup(second, waitingGroup('line'))], plenty);
    const due = requeued.filter(({ group }) => group === 'line').map((one) => one.command);
    expect(due).toMatchObject([second]);
    await sender.run(records(...due), plenty);
    expect(posts.map(({ body }) => JSON.parse(body).to)).toEqual(['+972501234568']);
  });

  it('takes the own clock of a message with it, and holds a reminder that waited against its appointment', async () => {
    const decidedFor = new Date(START - hours(3)).toISOString();
    const one = command({ decidedFor, premise: { pk: 'p', standing: 'v1' } });
    const sent = inGroup(one, 'line');
    sent.attributes.SentTimestamp = String(START - hours(1));
    await new Sender(tools({ sendWindow })).run([sent], plenty);
    const moved = requeued[0]?.command;
    expect(moved?.decidedFor).toBe(new Date(START - hours(2)).toISOString());
    clock += hours(4);
    premiseHolds = false;
    const due = record(JSON.stringify({ ...moved, decidedFor: new Date(START + hours(2)).toISOString() }));
    await new Sender(tools({ sendWindow })).run([due], plenty);
    expect(await stateOf(one)).toMatchObject({ state: 'EXPIRED', reason: 'no_longer_true' });
  });

  it('holds back what waits when the queue does not take it back', async () => {
    const waiting = inGroup(command(), waitingGroup('line'));
    const requeue = () => Promise.reject(new Error('no queue'));
    clock += hours(2);
    expect(await new Sender({ ...tools({ sendWindow }), requeue }).run([waiting], plenty)).toEqual({
      batchItemFailures: [{ itemIdentifier: waiting.messageId }],
    });
    expect(hidden).toEqual([{ handles: [waiting.receiptHandle], seconds: 30 }]);
  });

  it('lets a message expire that would be of no use any more when it opens', async () => {
    const one = command({ usefulUntil: new Date(START + hours(2) - 1).toISOString() });
    expect(await new Sender(tools({ sendWindow })).run(records(one), plenty)).toEqual({ batchItemFailures: [] });
    expect(await stateOf(one)).toMatchObject({ state: 'EXPIRED', reason: 'outside_send_window' });
    expect(posts).toEqual([]);
  });

  it('sends at the next opening what became ready after hours, however short it is useful', async () => {
    const config = { usefulFor: 'PT1H', sendWindow };
    const asOf = new Date(START - hours(1)).toISOString();
    const one = command({ asOf, usefulUntil: usefulUntil(asOf, config.usefulFor, sendWindow) });
    await new Sender(tools({ sendWindow })).run(records(one), plenty);
    expect(await stateOf(one)).toMatchObject({ state: 'HELD', reason: 'outside_send_window' });
    clock += hours(2.5);
    await new Sender(tools({ sendWindow })).run(records(one), plenty);
    expect(await stateOf(one)).toMatchObject({ state: 'ACCEPTED' });
  });

  it('lets a message expire rather than have it vanish, when it opens later than a queue keeps it', async () => {
    const closedFor = (days: number) => ({
      ...sendWindow,
      closed: Array.from({ length: days }, (_, i) => new Date(START + i * hours(24)).toISOString().slice(0, 10)),
    });
    const usefulUntil = new Date(START + 30 * hours(24)).toISOString();
    const [near, far] = [command({ usefulUntil }), command({ usefulUntil })];
    const open = { hours: [{ days: [...DAYS], from: '00:00', to: '24:00' }] };
    await new Sender(tools({ sendWindow: { ...closedFor(13), ...open } })).run(records(near), plenty);
    await new Sender(tools({ sendWindow: { ...closedFor(14), ...open } })).run(records(far), plenty);
    expect(await stateOf(near)).toMatchObject({ state: 'HELD', reason: 'outside_send_window' });
    expect(await stateOf(far)).toMatchObject({ state: 'EXPIRED', reason: 'outside_send_window' });

    // Dates that were closed while it waited: it goes back and is judged anew, before the queue forgets it.
    requeued = [];
    const waiting = inGroup(near, waitingGroup('line'));
    clock += 10 * hours(24);
    const sendWindowNow = { ...closedFor(15), ...open };
    expect(await new Sender(tools({ sendWindow: sendWindowNow })).run([waiting], plenty)).toEqual({
      batchItemFailures: [],
    });
    expect(requeued).toMatchObject([{ command: near, group: 'line' }]);
  });

  it("is held against the message's own clock, which runs on from what its template decided for", async () => {
    const one = command({ decidedFor: new Date(START + hours(7.9)).toISOString() });
    const closing = command({ decidedFor: new Date(START + hours(7.9)).toISOString() });
    await new Sender(tools({ sendWindow })).run(records(one), plenty);
    expect(await stateOf(one)).toMatchObject({ state: 'ACCEPTED' });
    clock += hours(0.2);
    await new Sender(tools({ sendWindow })).run(records(closing), plenty);
    expect(await stateOf(closing)).toMatchObject({ state: 'EXPIRED', reason: 'outside_send_window' });
  });

  it('does not take back what may have left: an uncertain message is tried on, and never expires', async () => {
    const one = command();
    onPost = () => ({ kind: 'unknown', code: 'timeout' });
    await new Sender(tools()).run(records(one), plenty);
    onPost = () => accepted;
    await new Sender(tools({ sendWindow })).run(records(one), plenty);
    expect(await stateOf(one)).toMatchObject({ state: 'ACCEPTED', attempts: 2 });
  });
});

describe('the line whose keys the ledger holds', () => {
  beforeEach(async () => {
    const { DeleteItemCommand, DynamoDBClient } = await import('@aws-sdk/client-dynamodb');
    await new DynamoDBClient({}).send(new DeleteItemCommand({ TableName: 'sends', Key: { pk: { S: 'keys-of' } } }));
  });
  const send = async (lineId: string, keysOf: string, ...commands: SendCommand[]) => {
    const keysLine = () => keysNote.readOrNote(keysOf);
    await new Sender({ ...tools({ lineId, keysOf }), keysLine }).run(records(...commands), plenty);
    return Promise.all(commands.map(({ key }) => ledger.read(keysOf, key)));
  };

  it('is noted where nothing was: a stack that runs already goes on', async () => {
    expect(await send('A', 'A', command())).toMatchObject([{ state: 'ACCEPTED' }]);
    expect(await keysNote.read()).toBe('A');
  });

  it('is another after a change of the line: nothing leaves, and the log says what to write', async () => {
    const [told, fresh] = [command(), command()];
    await send('A', 'A', told);
    expect(await send('B', 'B', told)).toMatchObject([{ state: 'HELD', reason: 'line_changed', attempts: 0 }]);
    expect(await send('B', 'B', fresh)).toMatchObject([{ state: 'HELD', reason: 'line_changed', attempts: 0 }]);
    expect(posts.map(({ key }) => key)).toEqual([told.key]);
    expect(logs.join()).toContain("write keysOf: 'A' in the client file");
    expect(hidden).toHaveLength(2);
  });

  it('goes on to be known by keysOf, also over several changes', async () => {
    const [told, fresh] = [command(), command()];
    await send('A', 'A', told);
    await send('B', 'B', fresh);
    expect(await send('B', 'A', told, fresh)).toMatchObject([{ state: 'ACCEPTED' }, { state: 'ACCEPTED' }]);
    await send('C', 'A', told, fresh);
    expect(posts.map(({ key }) => key)).toEqual([told.key, fresh.key]);
    // A slip of the pen is noticed, and the line in between is not the one.
    expect(await send('C', 'B', told)).toMatchObject([{ state: 'HELD', reason: 'line_changed' }]);
  });

  it('holds the line, and claims nothing, while it cannot be read', async () => {
    const one = command();
    const sender = new Sender({ ...tools(), keysLine: () => Promise.reject(new Error('no table')) });
    const sent = records(one);
    expect((await sender.run(sent, plenty)).batchItemFailures).toHaveLength(1);
    expect(await stateOf(one)).toBeUndefined();
  });
});

describe('of two bodies under one key that did not leave', () => {
  const to = (phone: string): SendCommand['outcome'] => ({
    path: '/messages/text',
    body: JSON.stringify({ to: phone, body: 'x' }),
  });
  const [wrong, right] = ['+972501234567', '+972501234568'];
  const told = () => posts.map(({ body }) => (JSON.parse(body) as { to: string }).to);

  it('the older one gives way to a corrected one that waits right behind it', async () => {
    const first = command({ outcome: to(wrong) });
    const corrected = { ...first, asOf: new Date(START + 1000).toISOString(), outcome: to(right) };
    health = { sendable: false };
    await new Sender(tools()).run(records(first, corrected), plenty);
    health = { sendable: true };
    await new Sender(tools()).run(records(first, corrected), plenty);
    expect(told()).toEqual([right]);
    expect(await stateOf(first)).toMatchObject({ state: 'ACCEPTED' });
  });

  it('also where both waited behind another message that holds the line', async () => {
    const [head, first] = [command(), command({ outcome: to(wrong) })];
    const corrected = { ...first, asOf: new Date(START + 1000).toISOString(), outcome: to(right) };
    health = { sendable: false };
    const all = records(head, first, corrected);
    await new Sender(tools()).run(all, plenty);
    health = { sendable: true };
    const again = all.map((one) => ({ ...one, attributes: { ...one.attributes, ApproximateReceiveCount: '2' } }));
    await new Sender(tools()).run(again, plenty);
    expect(told()).toEqual(['+972501234567', right]);
    expect((await stateOf(first))?.conflicts).toBeUndefined();
  });

  it('one that may have left does not give way', async () => {
    const first = command({ outcome: to(wrong) });
    onPost = () => ({ kind: 'unknown', code: 'timeout' });
    await new Sender(tools()).run(records(first), plenty);
    onPost = () => accepted;
    await new Sender(tools()).run(records(first, { ...first, outcome: to(right) }), plenty);
    expect(told()).toEqual([wrong, wrong]);
    expect(await stateOf(first)).toMatchObject({ state: 'ACCEPTED', conflicts: 1 });
  });

  it('and are of one instant, the one that came later stays though the older one is told again', async () => {
    const first = command({ outcome: to(wrong) });
    const later = { ...first, outcome: to(right) };
    health = { sendable: false };
    for (const one of [first, later, first]) await new Sender(tools()).run(records(one), plenty);
    health = { sendable: true };
    await new Sender(tools()).run(records(later), plenty);
    expect(told()).toEqual([right]);
  });

  it('what only corrects is no conflict where the older one has left', async () => {
    const second = command({ outcome: to(wrong) });
    await new Sender(tools()).run(records(second), plenty);
    await new Sender(tools()).run(records({ ...second, outcome: to(right), corrects: true }), plenty);
    expect(told()).toEqual([wrong]);
    expect((await stateOf(second))?.conflicts).toBeUndefined();
  });
});

describe('a message that names a conversation', () => {
  const phone = '+972501234567';
  const named = (conversationId: string) =>
    command({ outcome: { path: '/messages/text', body: JSON.stringify({ to: phone, body: 'x' }), conversationId } });
  const met = async (conversationId: string, contact: string) =>
    people.meet('line', {
      kind: 'chat',
      id: conversationId,
      conversationId,
      phone: contact,
    } as Parameters<typeof people.meet>[1]);
  const posted = () => posts.map(({ body }) => JSON.parse(body) as object);

  it('goes there in place of to the number, where that is known to be the same person', async () => {
    await met('theirs', phone);
    await new Sender(tools()).run(records(named('theirs')), plenty);
    expect(posted()).toEqual([{ conversationId: 'theirs', body: 'x' }]);
  });

  it("goes to the number where it is another's, or nobody's that is known", async () => {
    await met('others', '+972501234568');
    await new Sender(tools()).run(records(named('others'), named('nobody')), plenty);
    expect(posted()).toEqual([
      { to: phone, body: 'x' },
      { to: phone, body: 'x' },
    ]);
  });

  it('that the API does not know goes to the number, and holds nobody up; and when that may have left it is the number that is tried again', async () => {
    await met('gone', phone);
    const [one, behind] = [named('gone'), command()];
    const answers: Parameters<typeof onPost>[1][] = [];
    onPost = (_, body) => {
      answers.push(body);
      return 'conversationId' in JSON.parse(body)
        ? { kind: 'answer', status: 404, headers: {}, body: '{}' }
        : answers.length === 2
          ? { kind: 'unknown', code: 'timeout' }
          : accepted;
    };
    await new Sender(tools()).run(records(one), plenty);
    await new Sender(tools()).run(records(one, behind), plenty);
    const toPhone = JSON.stringify({ to: phone, body: 'x' });
    expect(posts.map(({ body }) => body)).toEqual([
      JSON.stringify({ conversationId: 'gone', body: 'x' }),
      toPhone,
      toPhone,
      expect.stringContaining('secret text'),
    ]);
    expect(await stateOf(one)).toMatchObject({ state: 'ACCEPTED', inThread: false });
  });

  it('that may have left in its conversation is not sent to the number as well', async () => {
    await met('lost', phone);
    const one = named('lost');
    onPost = () => ({ kind: 'unknown', code: 'timeout' });
    await new Sender(tools()).run(records(one), plenty);
    onPost = () => ({ kind: 'answer', status: 404, headers: {}, body: '{}' });
    await new Sender(tools()).run(records(one), plenty);
    expect(posts.every(({ body }) => 'conversationId' in JSON.parse(body))).toBe(true);
  });

  it('that may have left goes the same way again, whatever has become known meanwhile', async () => {
    const one = named('later');
    onPost = () => ({ kind: 'unknown', code: 'timeout' });
    await new Sender(tools()).run(records(one), plenty);
    await met('later', phone);
    onPost = () => accepted;
    await new Sender(tools()).run(records(one), plenty);
    expect(posts.map(({ body }) => body)).toEqual(Array(2).fill(JSON.stringify({ to: phone, body: 'x' })));
  });
});

describe('a message that builds on a row', () => {
  const premise = { pk: 'line#A', standing: 'v1' };

  it('is not held against it again when it leaves at once', async () => {
    premiseHolds = false;
    const one = command({ premise });
    await new Sender(tools()).run(records(one), plenty);
    expect(await stateOf(one)).toMatchObject({ state: 'ACCEPTED' });
  });

  it('and had to wait is not sent when it is no longer so; one that may have left is shown to a person', async () => {
    const [held, uncertain] = [command({ premise }), command({ premise })];
    health = { sendable: false };
    await new Sender(tools()).run(records(held), plenty);
    health = { sendable: true };
    onPost = () => ({ kind: 'unknown', code: 'timeout' });
    await new Sender(tools()).run(records(uncertain), plenty);
    expect(posts).toHaveLength(1);
    premiseHolds = false;
    clock += 60_000;
    await new Sender(tools()).run(records(held, uncertain), plenty);
    expect(posts).toHaveLength(1);
    expect(await stateOf(held)).toMatchObject({ state: 'EXPIRED', reason: 'no_longer_true' });
    expect(await stateOf(uncertain)).toMatchObject({
      state: 'UNKNOWN',
      parked: true,
      reason: 'unknown_and_no_longer_true',
    });
  });

  it('and still is so when it had to wait is sent', async () => {
    const one = command({ premise });
    clock += 60_000;
    await new Sender(tools()).run(records(one), plenty);
    expect(await stateOf(one)).toMatchObject({ state: 'ACCEPTED' });
  });
});

describe('whatever the API makes of a refusal', () => {
  const refused = (status: number): HttpResult => ({ kind: 'answer', status, headers: {}, body: '{}' });
  const phone = '+972501234567';
  const picture = (over: Partial<SendCommand> = {}) =>
    command({
      outcome: {
        path: '/messages/media',
        body: JSON.stringify({ to: phone, media: 'https://media.example/1.pdf', caption: 'Your invoice' }),
      },
      ...over,
    });
  const asText = { to: phone, body: 'Your invoice\nhttps://media.example/1.pdf' };
  const posted = () => posts.map(({ body }) => JSON.parse(body));

  it.each([400, 409, 422])(
    'a line that cannot send and answers %i has refused no message: it waits',
    async (status) => {
      const [one, behind] = [command(), command()];
      onPost = () => {
        health = { sendable: false };
        return refused(status);
      };
      await new Sender(tools()).run(records(one, behind), plenty);
      expect(await stateOf(one)).toMatchObject({ state: 'HELD', reason: 'line_not_sendable' });
      expect(posts).toHaveLength(1);
      [health, onPost] = [{ sendable: true }, () => accepted];
      await new Sender(tools()).run(records(one, behind), plenty);
      expect(await stateOf(one)).toMatchObject({ state: 'ACCEPTED' });
    },
  );

  it('one that may have left stays uncertain behind such a refusal, and is not parked for it', async () => {
    const one = command();
    onPost = () => ({ kind: 'unknown', code: 'timeout' });
    await new Sender(tools()).run(records(one), plenty);
    onPost = () => {
      health = { sendable: false };
      return refused(400);
    };
    await new Sender(tools()).run(records(one), plenty);
    const record = await stateOf(one);
    expect(record).toMatchObject({ state: 'UNKNOWN', reason: 'line_not_sendable' });
    expect(record?.parked).toBeUndefined();
  });

  it('one that was refused for itself is refused, and holds nobody up', async () => {
    const [one, behind] = [command(), command()];
    onPost = (key) => (key === one.key ? refused(422) : accepted);
    await new Sender(tools()).run(records(one, behind), plenty);
    expect([await stateOf(one), await stateOf(behind)]).toMatchObject([
      { state: 'REJECTED', reason: 'api_422' },
      { state: 'ACCEPTED' },
    ]);
  });

  it.each([400, 404, 405, 415, 501])(
    'a picture that is answered %i goes as a text with its address, and is known by that',
    async (status) => {
      const [one, behind] = [picture(), command()];
      onPost = (_, body) => ('media' in JSON.parse(body) ? refused(status) : accepted);
      await new Sender(tools()).run(records(one, behind), plenty);
      expect(posted()).toMatchObject([{ media: 'https://media.example/1.pdf' }, asText, { body: 'secret text' }]);
      expect(new Set(posts.slice(0, 2).map(({ key }) => key))).toEqual(new Set([one.key]));
      expect(await stateOf(one)).toMatchObject({
        state: 'ACCEPTED',
        asText: true,
        fingerprint: fingerprintOf(phone, asText.body),
      });
    },
  );

  it('a picture that may have left as a text goes as that again, whatever is possible by then', async () => {
    const one = picture();
    onPost = (_, body) => ('media' in JSON.parse(body) ? refused(404) : { kind: 'unknown', code: 'timeout' });
    await new Sender(tools()).run(records(one), plenty);
    onPost = () => accepted;
    await new Sender(tools()).run(records(one), plenty);
    expect(posted().slice(1)).toEqual([asText, asText]);
    expect(await stateOf(one)).toMatchObject({ state: 'ACCEPTED', asText: true });
  });

  it('a picture that may have left is not sent as a text as well', async () => {
    const one = picture();
    onPost = () => ({ kind: 'unknown', code: 'timeout' });
    await new Sender(tools()).run(records(one), plenty);
    onPost = () => refused(404);
    await new Sender(tools()).run(records(one), plenty);
    expect(posted().every((body) => 'media' in body)).toBe(true);
    expect(await stateOf(one)).toMatchObject({ state: 'UNKNOWN', parked: true, reason: 'refused_on_retry' });
  });

  it.each([404, 405, 501])(
    'an answer into a conversation that is answered %i is refused, and holds no line',
    async (status) => {
      const one = command({
        template: 'auto-reply',
        outcome: { path: '/messages/text', body: '{"conversationId":"conv-1","body":"secret text"}' },
      });
      const behind = command();
      onPost = (key) => (key === one.key ? refused(status) : accepted);
      await new Sender(tools()).run(records(one, behind), plenty);
      expect([await stateOf(one), await stateOf(behind)]).toMatchObject([
        { state: 'REJECTED', reason: status === 404 ? 'conversation_refused' : `api_${status}` },
        { state: 'ACCEPTED' },
      ]);
      expect(told).toMatchObject([{ code: 'conversation_refused', conversationId: 'conv-1' }]);
    },
  );
});

it('words that left are noted where the line hides numbers, and nowhere else', async () => {
  const [before, after, refused] = [command(), command(), command()];
  await new Sender(tools()).run(records(before), plenty);
  expect(noted).toEqual([]);
  await markHidesNumbers('sends', 'line', clock);
  await markHidesNumbers('sends', 'line', clock + 1);
  expect(await control.read()).toMatchObject({ hidesNumbers: clock });
  onPost = (key) => (key === refused.key ? { kind: 'answer', status: 400, headers: {}, body: '{}' } : accepted);
  await new Sender(tools()).run(records(after, refused), plenty);
  expect(noted).toEqual([sendPk('line', after.key)]);
});

it('where keys are known to be worth nothing, what may have left is left to a person, and holds nobody up', async () => {
  const [one, behind] = [command(), command()];
  const sender = () => new Sender(tools({ repeatUncertain: false }));
  onPost = (key) => (key === one.key ? { kind: 'unknown', code: 'timeout' } : accepted);
  await sender().run(records(one), plenty);
  await sender().run(records(one, behind), plenty);
  expect(posts.filter(({ key }) => key === one.key)).toHaveLength(1);
  expect([await stateOf(one), await stateOf(behind)]).toMatchObject([
    { state: 'UNKNOWN', parked: true, reason: 'unknown_and_not_repeated' },
    { state: 'ACCEPTED' },
  ]);
});

describe('an uncertain message that is seen on the line', () => {
  const lost = async (over: Partial<SendCommand> = {}) => {
    const one = command(over);
    onPost = () => ({ kind: 'unknown', code: 'timeout' });
    await new Sender(tools()).run(records(one), plenty);
    posts = [];
    return one;
  };
  const seen = ({ key }: SendCommand) =>
    observed.observe('line', `wamid-${key}`, sendPk('line', key), new Date(clock).toISOString());

  it('left, and is not sent again, whatever the API makes of its key', async () => {
    const one = await lost();
    await seen(one);
    await new Sender(tools()).run(records(one), plenty);
    expect(posts).toEqual([]);
    expect(await stateOf(one)).toMatchObject({ state: 'ACCEPTED', reason: 'seen_on_line', attempts: 1 });
    expect(taken).toBe(0);
  });

  it('waits for no person any more, whichever comes first', async () => {
    const [after, before] = [await lost(), await lost()];
    onPost = async (key) => {
      if (key === before.key) await seen(before);
      return { kind: 'answer', status: 409, headers: {}, body: '{}' };
    };
    await new Sender(tools()).run(records(after, before), plenty);
    expect(await stateOf(after)).toMatchObject({ state: 'UNKNOWN', parked: true, reason: 'conflict_on_retry' });
    await seen(after);
    for (const one of [after, before]) {
      const record = await stateOf(one);
      expect(record).toMatchObject({ state: 'ACCEPTED', reason: 'seen_on_line' });
      expect(record?.parked).toBeUndefined();
    }
  });

  it('is settled by that alone: what surely did not leave is sent', async () => {
    const one = command();
    health = { sendable: false };
    await new Sender(tools()).run(records(one), plenty);
    await seen(one);
    [health, onPost] = [{ sendable: true }, () => accepted];
    await new Sender(tools()).run(records(one), plenty);
    expect(posts).toHaveLength(1);
  });
});

it('nothing that is logged holds a text or a phone number', async () => {
  onPost = () => ({ kind: 'answer', status: 422, headers: {}, body: '{"error":"+972501234567 secret text"}' });
  await new Sender(tools()).run(records(command()), plenty);
  onPost = () => Promise.reject(new Error('secret text +972501234567'));
  await new Sender(tools()).run(records(command()), plenty);
  // Of the refused one besides that the line was asked whether it is well.
  expect(logs).toHaveLength(5);
  expect(logs.join()).not.toMatch(/secret text|972501234567/);
});

/** What can become of one attempt, as the far end and as we see it. */
const FATES = [
  'accepted',
  'timeout-with-effect',
  'timeout-without',
  '500-with-effect',
  '500-without',
  'refused',
  '429',
  'unsendable',
  'crash-before',
  'crash-after',
  'settle-lost',
] as const;

it('whatever fails, in whatever order, no message has two effects and none is lost without a state', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.constantFrom(...FATES), fc.integer({ min: 0, max: 5 })), { maxLength: 8 }),
      async (fates) => {
        [posts, clock, health] = [[], START, { sendable: true }];
        const one = command();
        const effects = new Map<string, string>();
        const take = (key: string, body: string): HttpResult => {
          // The API's own rule: the same key with the same body is one message, another body is a 409.
          const known = effects.get(key);
          if (known !== undefined && known !== body) return { kind: 'answer', status: 409, headers: {}, body: '' };
          effects.set(key, body);
          return accepted;
        };
        let finished = false;
        for (const [fate, minutes] of [...fates, ['accepted', 1] as const]) {
          health = { sendable: fate !== 'unsendable' };
          onPost = (key, body) => {
            if (fate === 'refused') return { kind: 'never-left', code: 'ECONNREFUSED' };
            if (fate === '429') return { kind: 'answer', status: 429, headers: {}, body: '' };
            if (fate === 'crash-before') throw new Error('killed');
            if (fate !== 'timeout-without' && fate !== '500-without') take(key, body);
            if (fate === 'crash-after') throw new Error('killed');
            if (fate.startsWith('timeout')) return { kind: 'unknown', code: 'timeout' };
            if (fate.startsWith('500')) return { kind: 'answer', status: 500, headers: {}, body: '' };
            return accepted;
          };
          const one_ = tools();
          const settleLost =
            fate === 'settle-lost'
              ? {
                  ledger: {
                    claim: ledger.claim.bind(ledger),
                    settle: () => Promise.reject(new Error('lost')),
                    noteConflict: ledger.noteConflict.bind(ledger),
                  } as unknown as Ledger,
                }
              : {};
          const result = await new Sender({ ...one_, ...settleLost }).run(records(one), plenty);
          if (result.batchItemFailures.length === 0) finished = true;
          clock += minutes * 60_000 + 61_000;
        }
        const record = await stateOf(one);
        expect(effects.size).toBeLessThanOrEqual(1);
        expect(new Set(posts.map(({ body }) => body)).size).toBeLessThanOrEqual(1);
        expect(finished).toBe(true);
        // Accepted if it is known to have happened; parked for a person if it may have; never quietly neither.
        if (record?.state === 'ACCEPTED') expect(effects.size).toBe(1);
        else expect(record).toMatchObject({ state: 'UNKNOWN', parked: true });
      },
    ),
    { numRuns: 300 },
  );
}, 180_000);

describe('the burst guard', () => {
  /** A template of its own per test: the count is per template and hour. */
  const burst = (template: string, count: number) => Array.from({ length: count }, () => command({ template }));

  it('sets the messages above the limit aside, held for a person, and lets another template through', async () => {
    const commands = burst('burst-a', 5);
    const other = command({ template: 'burst-other' });
    const result = await new Sender(tools({ burstPerHour: 3 })).run(records(...commands, other), plenty);
    expect(result).toEqual({ batchItemFailures: [] });
    expect(posts.map(({ key }) => key)).toEqual([...commands.slice(0, 3), other].map(({ key }) => key));
    expect(aside.map((body) => JSON.parse(body).key)).toEqual(commands.slice(3).map(({ key }) => key));
    expect(new Set(asideFor)).toEqual(new Set(['burst_guard']));
    for (const one of commands.slice(3)) {
      expect(await stateOf(one)).toMatchObject({ state: 'HELD', parked: true, reason: 'burst_guard', attempts: 0 });
    }
  });

  it('lets what was held out when it comes back in a later hour, once', async () => {
    const commands = burst('burst-b', 2);
    await new Sender(tools({ burstPerHour: 1 })).run(records(...commands), plenty);
    clock += 3600_000;
    const held = commands.slice(1);
    for (let i = 0; i < 2; i += 1) await new Sender(tools({ burstPerHour: 1 })).run(records(...held), plenty);
    expect(posts).toHaveLength(2);
    expect(await stateOf(held[0] as SendCommand)).toMatchObject({ state: 'ACCEPTED' });
    expect(await stateOf(held[0] as SendCommand)).not.toHaveProperty('parked');
  });

  it('counts a message once, however often it must be repeated', async () => {
    const [first, second] = burst('burst-c', 2) as [SendCommand, SendCommand];
    onPost = () => ({ kind: 'answer', status: 429, headers: {}, body: '' });
    for (let i = 0; i < 3; i += 1) await new Sender(tools({ burstPerHour: 2 })).run(records(first), plenty);
    onPost = () => accepted;
    await new Sender(tools({ burstPerHour: 2 })).run(records(first, second), plenty);
    expect(await stateOf(first)).toMatchObject({ state: 'ACCEPTED' });
    expect(await stateOf(second)).toMatchObject({ state: 'ACCEPTED' });
  });
});

const inGroup = (sent: SendCommand, MessageGroupId: string, receives = 1): SQSRecord => {
  const made = record(JSON.stringify(sent), receives);
  return { ...made, attributes: { ...made.attributes, MessageGroupId } };
};
const BY = { by: 'an operator', at: START };
const second = 1000;

describe('a pause of the line', () => {
  it('lets nothing leave, not even from a fresh process; all of it waits, and leaves once when the line goes on', async () => {
    await control.change(() => ({ paused: BY }));
    const commands = [command(), command(), command({ template: 'auto-reply' })];
    const batch = records(...commands);
    const { batchItemFailures } = await new Sender(tools()).run(batch, plenty);
    expect(batchItemFailures).toHaveLength(3);
    expect([posts, healthCalls, hidden[0]?.seconds]).toEqual([[], 0, 30]);
    expect(await stateOf(commands[0] as SendCommand)).toMatchObject({ state: 'HELD', reason: 'paused', attempts: 0 });

    await control.change(() => ({}));
    expect(await new Sender(tools()).run(batch, plenty)).toEqual({ batchItemFailures: [] });
    expect(posts.map(({ key }) => key)).toEqual(commands.map(({ key }) => key));
  });

  it('is heeded within a second by a process that has been sending', async () => {
    const sender = new Sender(tools());
    await sender.run(records(command()), plenty);
    await control.change(() => ({ paused: BY }));
    clock += second;
    await sender.run(records(command()), plenty);
    expect(posts).toHaveLength(1);
  });

  it('is heeded by a message that waited for its turn after it had looked', async () => {
    const hours = [{ days: DAYS, from: '00:00', to: '24:00' }];
    const open = { minGapSeconds: 3, sendWindow: { zone: 'Asia/Jerusalem', hours, closed: [] } };
    await new Sender(tools(open)).run(records(command()), plenty);
    const late = command();
    const waiting = tools(open);
    await new Sender({
      ...waiting,
      sleep: async (ms) => {
        await control.change(() => ({ paused: BY }));
        await waiting.sleep(ms);
      },
    }).run(records(late), plenty);
    expect(posts).toHaveLength(1);
    expect(await stateOf(late)).toMatchObject({ state: 'HELD', reason: 'paused' });
  });

  it('that cannot be read lets nothing leave', async () => {
    const one = command();
    const blind: SenderTools['control'] = {
      read: () => Promise.reject(new Error('throttled')),
      change: (change) => control.change(change),
    };
    const { batchItemFailures } = await new Sender({ ...tools(), control: blind }).run(records(one), plenty);
    expect([posts, batchItemFailures.length]).toEqual([[], 1]);
    expect(await stateOf(one)).toMatchObject({ state: 'HELD', reason: 'line_control_unreadable' });
  });

  it('keeps an uncertain message uncertain, and after its 15 minutes leaves it to a person', async () => {
    const one = command();
    onPost = () => ({ kind: 'unknown', code: 'timeout' });
    await new Sender(tools()).run(records(one), plenty);
    await control.change(() => ({ paused: BY }));
    clock += 60 * second;
    await new Sender(tools()).run(records(one), plenty);
    expect(await stateOf(one)).toMatchObject({ state: 'UNKNOWN', reason: 'paused' });
    clock += 15 * 60 * second;
    await new Sender(tools()).run(records(one), plenty);
    expect(await stateOf(one)).toMatchObject({ state: 'UNKNOWN', parked: true, reason: 'unknown_for_15_minutes' });
    expect(posts).toHaveLength(1);
  });

  it('may last: what the queue has delivered many times is queued anew, as old as it is, and is not dead', async () => {
    await control.change(() => ({ paused: BY }));
    const [old, young] = [command(), command()];
    const batch = [record(JSON.stringify(old), 500, START - 60 * second), record(JSON.stringify(young))];
    const { batchItemFailures } = await new Sender(tools()).run(batch, plenty);
    expect(batchItemFailures).toEqual([{ itemIdentifier: batch[1]?.messageId }]);
    expect(requeued).toMatchObject([
      { group: 'line', command: { ...old, queuedAt: new Date(START - 60 * second).toISOString() } },
    ]);
  });

  it('does not keep what helps nobody any more', async () => {
    await control.change(() => ({ paused: BY }));
    const late = command({ usefulUntil: new Date(START - 1).toISOString() });
    await new Sender(tools()).run(records(late), plenty);
    expect(await stateOf(late)).toMatchObject({ state: 'EXPIRED', reason: 'useful_until_passed' });
  });
});

describe('a pause of a template', () => {
  const group = pausedGroup('line', 'order-ready');

  it('lets the other templates go on, and its own when it is over, each once', async () => {
    await control.change(() => ({ templates: { 'order-ready': BY } }));
    const [held, other] = [command(), command({ template: 'lead-first-touch' })];
    expect(await new Sender(tools()).run(records(held, other), plenty)).toEqual({ batchItemFailures: [] });
    expect(posts.map(({ key }) => key)).toEqual([other.key]);
    expect(await stateOf(held)).toMatchObject({ state: 'HELD', reason: 'paused', attempts: 0 });
    expect(requeued).toMatchObject([{ command: held, group }]);

    const waiting = inGroup(requeued[0]?.command as SendCommand, group);
    expect((await new Sender(tools()).run([waiting], plenty)).batchItemFailures).toHaveLength(1);
    expect(hidden[0]?.seconds).toBe(30);

    await control.change(() => ({}));
    expect(await new Sender(tools()).run([waiting], plenty)).toEqual({ batchItemFailures: [] });
    expect(requeued[1]).toMatchObject({ command: held, group: 'line' });
    await new Sender(tools()).run(records(requeued[1]?.command as SendCommand), plenty);
    expect(posts.map(({ key }) => key)).toEqual([other.key, held.key]);
  });

  it('lets what waits for it expire, and holds no other paused template back', async () => {
    await control.change(() => ({ templates: { 'order-ready': BY } }));
    const late = command({ usefulUntil: new Date(START - 1).toISOString() });
    const free = command({ template: 'lead-first-touch' });
    const batch = [
      inGroup(command(), group),
      inGroup(free, pausedGroup('line', 'lead-first-touch')),
      inGroup(late, pausedGroup('line', 'lead-first-touch')),
    ];
    const { batchItemFailures } = await new Sender(tools()).run(batch, plenty);
    expect(batchItemFailures).toEqual([{ itemIdentifier: batch[0]?.messageId }]);
    expect(requeued.map((one) => [one.command.key, one.group])).toEqual([
      [free.key, 'line'],
      [late.key, 'line'],
    ]);
  });

  it('leaves a message that may have left to a person', async () => {
    const one = command();
    onPost = () => ({ kind: 'unknown', code: 'timeout' });
    await new Sender(tools()).run(records(one), plenty);
    await control.change(() => ({ templates: { 'order-ready': BY } }));
    await new Sender(tools()).run(records(one), plenty);
    expect(await stateOf(one)).toMatchObject({ state: 'UNKNOWN', parked: true, reason: 'unknown_and_paused' });
    expect(posts).toHaveLength(1);
  });

  it('may last, too: queued anew in its group before the queue calls it dead', async () => {
    await control.change(() => ({ templates: { 'order-ready': BY } }));
    const one = command();
    expect(await new Sender(tools()).run([inGroup(one, group, 500)], plenty)).toEqual({ batchItemFailures: [] });
    expect(requeued).toMatchObject([{ command: one, group }]);
  });
});

describe('what was taken back', () => {
  const drop = (before: number) => control.change(() => ({ drops: { 'order-ready': { ...BY, before } } }));

  it('ends before it leaves, whatever process meets it; what was queued later, and other templates, leave', async () => {
    const sentAt = (over: Partial<SendCommand>, at: number) => record(JSON.stringify(command(over)), 1, at);
    await drop(START);
    const before = command();
    const batch = [
      record(JSON.stringify(before), 1, START - 1),
      sentAt({ key: 'order:later:ready' }, START),
      sentAt({ key: 'lead:1:first-touch', template: 'lead-first-touch' }, START - 1),
      sentAt({ key: 'order:again:ready', queuedAt: new Date(START - 1).toISOString() }, START + second),
    ];
    expect(await new Sender(tools()).run(batch, plenty)).toEqual({ batchItemFailures: [] });
    expect(posts.map(({ key }) => key)).toEqual(['order:later:ready', 'lead:1:first-touch']);
    expect(await stateOf(before)).toMatchObject({ state: 'REJECTED', reason: 'dropped', attempts: 0 });
    expect(await ledger.read('line', 'order:again:ready')).toMatchObject({ state: 'REJECTED', reason: 'dropped' });
  });

  it('also where its template is paused, or the whole line', async () => {
    const paused = { ...BY, before: START + second };
    await control.change(() => ({ paused: BY, drops: { 'order-ready': paused } }));
    const [one, two] = [command(), command()];
    await new Sender(tools()).run(records(one), plenty);
    expect(await stateOf(one)).toMatchObject({ state: 'REJECTED', reason: 'dropped' });
    await new Sender(tools()).run([inGroup(two, pausedGroup('line', 'order-ready'))], plenty);
    expect(requeued).toMatchObject([{ command: two, group: 'line' }]);
  });

  it('is not what may have left', async () => {
    const one = command();
    onPost = () => ({ kind: 'unknown', code: 'timeout' });
    await new Sender(tools()).run(records(one), plenty);
    await drop(START + second);
    onPost = () => accepted;
    await new Sender(tools()).run(records(one), plenty);
    expect(await stateOf(one)).toMatchObject({ state: 'ACCEPTED' });
  });

  it('stays so in the dead letters: what a limit set aside keeps the time at which it was queued', async () => {
    const [first, one] = [command(), command()];
    const limited = tools({ perPersonPerDay: 1 });
    await new Sender(limited).run([...records(first), record(JSON.stringify(one), 1, START - 1)], plenty);
    await drop(START);
    await new Sender(tools()).run([record(String(aside[0]), 1, START + second)], plenty);
    expect(await stateOf(one)).toMatchObject({ state: 'REJECTED', reason: 'dropped' });
    expect(posts.map(({ key }) => key)).toEqual([first.key]);
  });

  it('is not told by a repeat of the same, and is when something happens to it later; it is known by whom', async () => {
    await drop(START);
    const one = command({ asOf: new Date(START - 60 * second).toISOString() });
    await new Sender(tools()).run([record(JSON.stringify(one), 1, START - 1)], plenty);
    expect(await stateOf(one)).toMatchObject({ dropped: { by: 'an operator' } });
    await new Sender(tools()).run([record(JSON.stringify(one), 1, START + second)], plenty);
    expect(posts).toEqual([]);
    const again = { ...one, asOf: new Date(START + second).toISOString() };
    await new Sender(tools()).run([record(JSON.stringify(again), 1, START + second)], plenty);
    expect(posts).toEqual([]);
    const later = {
      ...again,
      outcome: { ...again.outcome, body: JSON.stringify({ to: '+972501234567', body: 'Mended' }) },
    };
    await new Sender(tools()).run([record(JSON.stringify(later), 1, START + second)], plenty);
    expect(posts.map(({ key }) => key)).toEqual([one.key]);
    expect((await stateOf(one))?.dropped).toBeUndefined();
  });

  it('also while it waits for its turn', async () => {
    const hours = [{ days: DAYS, from: '00:00', to: '24:00' }];
    const open = { minGapSeconds: 3, sendWindow: { zone: 'Asia/Jerusalem', hours, closed: [] } };
    await new Sender(tools(open)).run(records(command()), plenty);
    const waiting = tools(open);
    const late = command();
    const sleep = async (ms: number) => {
      await drop(START + second);
      await waiting.sleep(ms);
    };
    await new Sender({ ...waiting, sleep }).run(records(late), plenty);
    expect(await stateOf(late)).toMatchObject({ state: 'REJECTED', reason: 'dropped' });
  });
});

describe('a line that is only tried', () => {
  const own = '+972501234567';
  const only = { only: [own] };
  const to = (phone: string, over: Partial<SendCommand> = {}) =>
    command({ outcome: { path: '/messages/text', body: JSON.stringify({ to: phone, body: 'Hi Dana' }) }, ...over });

  it('writes to the phones that are named and to nobody else, and keeps what the others would have had', async () => {
    const [mine, other] = [to(own), to('+972501234568')];
    health = { sendable: false };
    await new Sender(tools(only)).run(records(other), plenty);
    health = { sendable: true };
    await new Sender(tools(only)).run(records(mine), plenty);
    expect(posts.map(({ key }) => key)).toEqual([mine.key]);
    expect(await stateOf(other)).toMatchObject({ state: 'REJECTED', reason: 'shadow', ended: true, attempts: 0 });
    expect((await stateOf(other))?.fingerprint).toBeUndefined();
    expect(await shadows.read(other.key)).toMatchObject({ body: 'Hi Dana', to: '+972•••••••68' });
  });

  it('knows a phone however it is written', async () => {
    const brazil = { only: ['+5511987654321'] };
    await new Sender(tools(brazil)).run(records(to('+551187654321'), to('+5511987654322')), plenty);
    expect(posts).toHaveLength(1);
  });

  it('writes into a conversation only if it is known to be a named phone’s', async () => {
    const conversation = { path: '/messages/text' as const, body: '{"conversationId":"conv-x","body":"Hi"}' };
    const one = command({ template: 'auto-reply', outcome: conversation });
    await new Sender(tools(only)).run(records(one), plenty);
    expect(posts).toHaveLength(0);
    expect(await stateOf(one)).toMatchObject({ state: 'REJECTED', reason: 'shadow' });
  });

  it('holds all else against it as a live line would: hours, stops, premises', async () => {
    const [stopped, moved] = [to('+972501234568'), to('+972501234568', { premise: { pk: 'p', standing: 'v1' } })];
    known = () => ({ stopped: true });
    await new Sender(tools(only)).run(records(stopped), plenty);
    expect(await stateOf(stopped)).toMatchObject({ state: 'SUPPRESSED' });
    known = () => ({});
    premiseHolds = false;
    await new Sender(tools(only)).run([record(JSON.stringify(moved), 2)], plenty);
    expect(await stateOf(moved)).toMatchObject({ state: 'EXPIRED', reason: 'no_longer_true' });
  });

  it('told so once for all: an edit of the same event on the live line tells nobody', async () => {
    const one = to('+972501234568');
    await new Sender(tools(only)).run(records(one), plenty);
    const edited = { ...one, asOf: new Date(START + second).toISOString() };
    await new Sender(tools()).run(records(one, edited), plenty);
    expect(posts).toHaveLength(0);
  });

  it('counts as told for what follows it', async () => {
    const one = to('+972501234568');
    await new Sender(tools(only)).run(records(one), plenty);
    const { key, template } = one;
    const end = { lineId: 'line', key, template, reason: 'superseded', asOf: one.asOf };
    expect(await ledger.end(end)).toBe('left');
  });

  it('leaves a message that may have left before to a person', async () => {
    const one = to('+972501234568');
    onPost = () => ({ kind: 'unknown', code: 'timeout' });
    await new Sender(tools()).run(records(one), plenty);
    await new Sender(tools(only)).run(records(one), plenty);
    expect(await stateOf(one)).toMatchObject({ state: 'UNKNOWN', parked: true, reason: 'unknown_and_shadow' });
    expect(posts).toHaveLength(1);
  });
});

describe('a line that only people can bring back', () => {
  const QR: Health = {
    sendable: false,
    healthText: 'QR',
    lifecycleState: 'qr_required',
    effectiveSendState: 'blocked',
  };
  const BANNED: Health = { sendable: false, healthText: 'ERROR', lifecycleState: 'banned' };
  const minute = 60 * second;

  it('is told of once, and goes on by itself when it is linked again', async () => {
    health = QR;
    const one = command();
    for (let i = 0; i < 3; i += 1) {
      await new Sender(tools()).run(records(one), plenty);
      clock += minute;
    }
    expect(told).toMatchObject([{ code: 'line_unlinked', severity: 'critical', id: `line_unlinked#${START}` }]);
    expect((await control.read()).trouble).toEqual({ kind: 'unlinked', at: START, told: true });
    health = { sendable: true };
    await new Sender(tools()).run(records(one), plenty);
    expect(posts.map(({ key }) => key)).toEqual([one.key]);
  });

  it('that flaps is one matter, and ends after minutes of calm', async () => {
    for (const state of [QR, { sendable: true }, QR, { sendable: true }]) {
      health = state;
      await new Sender(tools()).run(records(command()), plenty);
      clock += 2 * minute;
    }
    expect(told).toHaveLength(1);
    clock += 10 * minute;
    await new Sender(tools()).run(records(command()), plenty);
    expect((await control.read()).trouble).toBeUndefined();
    health = QR;
    clock += minute;
    await new Sender(tools()).run(records(command()), plenty);
    expect(told).toHaveLength(2);
  });

  it('that comes out again after days is told of anew, whatever was asked between', async () => {
    for (const state of [QR, { sendable: true }]) {
      health = state;
      await new Sender(tools()).run(records(command()), plenty);
      clock += minute;
    }
    clock += 6 * 24 * 60 * minute;
    health = QR;
    await new Sender(tools()).run(
      records(command({ usefulUntil: new Date(clock + 60 * minute).toISOString() })),
      plenty,
    );
    expect(told).toHaveLength(2);
  });

  it('that was shut out lets nothing leave, also when it could, until a person lets it go', async () => {
    health = BANNED;
    const one = command();
    await new Sender(tools()).run(records(one), plenty);
    expect(told).toMatchObject([{ code: 'line_banned' }]);
    health = { sendable: true };
    await new Sender(tools()).run(records(one), plenty);
    expect(await stateOf(one)).toMatchObject({ state: 'HELD', reason: 'line_banned' });
    expect([posts, healthCalls]).toEqual([[], 1]);
    await control.change(({ trouble: _, ...rest }) => rest);
    clock += second;
    await new Sender(tools()).run(records(one), plenty);
    expect(posts).toHaveLength(1);
  });

  it('is told of with the next message if telling failed', async () => {
    health = QR;
    const failing = { ...tools(), tell: () => Promise.reject(new Error('queue')) };
    await new Sender(failing).run(records(command()), plenty);
    clock += minute;
    await new Sender(tools()).run(records(command()), plenty);
    expect(told).toMatchObject([{ id: `line_unlinked#${START}` }]);
  });
});

import { randomUUID } from 'node:crypto';
import { ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { StoredRow } from '../../functions/appointment-reminder/schema.ts';
import type { LedgerByHand } from '../../functions/shared/ledger/by-hand.ts';
import type { Claim, Claimant, Ledger } from '../../functions/shared/ledger/ledger.ts';
import { QueueServer } from '../../local/queues/server.ts';
import { SchedulerServer } from '../../local/scheduler/server.ts';
import { startDynamo } from './dynamo.ts';
import { FaultyProxy } from './faulty-proxy.ts';

/**
 * Every write that the functions make, with the answer to its first try lost after the effect. The SDK tries again, and that
 * must end as if the first answer had come: nobody locks himself out, nothing is taken for another's and nothing counts twice.
 */
const ALARMS = 'arn:aws:sqs:us-east-1:000000000000:work';
const now = (): number => clock;
let clock = Date.parse('2026-11-22T10:00:00Z');
let tables: FaultyProxy;
let queues: FaultyProxy;
let scheduler: FaultyProxy;
let queueServer: QueueServer;
let load: Awaited<ReturnType<typeof modules>>;
const undo: (() => Promise<unknown>)[] = [];

/** The SDK reads its environment when a client is made. */
const modules = async () => ({
  ...(await import('@aws-sdk/client-dynamodb')),
  ...(await import('../../functions/shared/runtime/aws.ts')),
  ...(await import('../../functions/shared/ledger/ledger.ts')),
  ...(await import('../../functions/shared/ledger/line-pace.ts')),
  ...(await import('../../functions/shared/ledger/observed-sends.ts')),
  ...(await import('../../functions/shared/ledger/by-hand.ts')),
  ...(await import('../../functions/shared/ledger/deliveries.ts')),
  ...(await import('../../functions/shared/people/contacts.ts')),
  ...(await import('../../functions/shared/runtime/alarm-clock.ts')),
  ...(await import('../../functions/shared/runtime/queue.ts')),
  ...(await import('../../functions/escalation/conversation-state.ts')),
  ...(await import('../../functions/crm-sync/contacts-map.ts')),
  ...(await import('../../functions/shared/runtime/rows.ts')),
});

beforeAll(async () => {
  const dynamo = await startDynamo('sends', 'deliveries', 'contacts', 'appointments');
  // Here the limits of a call are what is tried.
  vi.doUnmock('../../functions/shared/runtime/aws.ts');
  queueServer = await QueueServer.start();
  const schedulerServer = await SchedulerServer.start({
    knows: (arn) => arn === ALARMS,
    allows: () => true,
    deliver: () => undefined,
  });
  schedulerServer.createGroup('alarms');
  tables = await FaultyProxy.start(process.env.AWS_ENDPOINT_URL_DYNAMODB ?? '');
  queues = await FaultyProxy.start(queueServer.url);
  scheduler = await FaultyProxy.start(schedulerServer.url);
  process.env.AWS_ENDPOINT_URL_DYNAMODB = tables.url;
  process.env.AWS_ENDPOINT_URL_SQS = queues.url;
  process.env.AWS_ENDPOINT_URL_SCHEDULER = scheduler.url;
  load = await modules();
  for (const proxy of [tables, queues, scheduler]) undo.push(() => proxy.stop());
  undo.push(
    () => schedulerServer.stop(),
    () => queueServer.stop(),
    () => dynamo.stop(),
  );
});
afterAll(async () => {
  for (const step of undo) await step();
});
beforeEach(() => {
  for (const proxy of [tables, queues, scheduler]) {
    proxy.fault = 'pass';
    proxy.lost.length = 0;
  }
});

/** Does it while the first answer to every call is lost. */
const unanswered = async <T>(proxy: FaultyProxy, work: () => Promise<T>): Promise<T> => {
  proxy.fault = 'broken';
  try {
    return await work();
  } finally {
    proxy.fault = 'pass';
    expect(proxy.lost.splice(0)).not.toEqual([]);
  }
};

const own = { now, newOwner: randomUUID };
const claimant = (): Claimant => ({
  lineId: 'line',
  key: `order:${randomUUID()}:ready`,
  template: 'order-ready',
  bodyHash: 'a',
  asOf: '2026-11-22T10:00:00.000Z',
  usefulUntil: '2026-11-23T10:00:00.000Z',
});
const won = (claim: Claim | string): Claim => {
  if (typeof claim === 'string') throw new Error(`expected a claim, got ${claim}`);
  return claim;
};
const accepted = { state: 'ACCEPTED' as const, attempts: 1, firstAttemptAt: 1 };

describe('the ledger', () => {
  const make = (): Ledger => new load.Ledger('sends', own);

  it('claims a new key once, and its outcome is written', async () => {
    const [ledger, who] = [make(), claimant()];
    const claim = won(await unanswered(tables, () => ledger.claim(who)));
    expect(claim.before).toBeUndefined();
    expect(await unanswered(tables, () => ledger.settle(claim.record, accepted))).toBe(true);
    expect(await ledger.read('line', claim.record.key)).toMatchObject({
      state: 'ACCEPTED',
      attempts: 1,
      interruptions: 0,
    });
  });

  it('takes a claim over whose owner vanished, and is not held off by itself', async () => {
    const [ledger, who] = [make(), claimant()];
    won(await ledger.claim(who));
    clock += 60_001;
    const taken = won(await unanswered(tables, () => ledger.claim(who)));
    expect(taken.before?.state).toBe('CLAIMED');
    expect(await ledger.read('line', taken.record.key)).toMatchObject({
      owner: taken.record.owner,
      interruptions: 1,
      attempts: 2,
    });
  });

  it('still tells an outcome that came too late from one of its own', async () => {
    const [ledger, who] = [make(), claimant()];
    const slow = won(await ledger.claim(who));
    clock += 60_001;
    won(await ledger.claim(who));
    expect(await unanswered(tables, () => ledger.settle(slow.record, accepted))).toBe(false);
  });

  it('waits out an answer that never comes, and goes on by itself', async () => {
    const [ledger, who] = [make(), claimant()];
    tables.fault = 'late';
    const claim = won(await ledger.claim(who));
    tables.fault = 'pass';
    expect(tables.lost).toEqual(['PutItem', 'GetItem']);
    expect(await make().claim(who)).toBe('in-progress');
    expect((await ledger.read('line', claim.record.key))?.attempts).toBe(1);
  });

  it('counts a message of the hour once, and the next one too', async () => {
    const pace = new load.LinePace('sends', now);
    const counted = (key: string) => unanswered(tables, () => pace.countSend('line', { template: 'burst', key }, 2));
    expect([await counted('order:1:ready'), await counted('order:2:ready')]).toEqual([true, true]);
    expect(await pace.countSend('line', { template: 'burst', key: 'order:3:ready' }, 2)).toBe(false);
  });

  it('counts a refused body once', async () => {
    const [ledger, who] = [make(), claimant()];
    const { record } = won(await ledger.claim(who));
    for (const count of [1, 2]) {
      clock += 1;
      await unanswered(tables, () => ledger.noteConflict('line', who.key));
      expect((await ledger.read('line', record.key))?.conflicts).toBe(count);
    }
  });

  it('joins an observed message and its status to their send', async () => {
    const [ledger, who, id] = [make(), claimant(), randomUUID()];
    const { record } = won(await ledger.claim(who));
    await ledger.settle(record, accepted);
    const observed = new load.ObservedSends('sends', now);
    await unanswered(tables, () => observed.observe('line', id, record.pk, '2026-11-22T10:00:00Z'));
    const noted = unanswered(tables, () => observed.noteStatus('line', id, 'delivered', '2026-11-22T10:00:01Z'));
    expect(await noted).toMatchObject({ key: record.key });
    expect(await ledger.read('line', record.key)).toMatchObject({ observedId: id, delivery: { status: 'delivered' } });
  });
});

describe('by hand', () => {
  const make = (): LedgerByHand =>
    new load.LedgerByHand(load.bounded(new load.DynamoDBClient(load.AWS_CLIENT)), 'sends', 'line', now);
  const hand = { by: 'Dana', reason: 'seen on the phone' };

  it('what a person settled is settled, and what a person sent again is noted, each as done', async () => {
    const ledger = new load.Ledger('sends', own);
    const who = claimant();
    const { record } = won(await ledger.claim(who));
    await ledger.settle(record, { state: 'UNKNOWN', parked: true, attempts: 1, firstAttemptAt: 1 });
    expect(await unanswered(tables, () => make().settle(who.key, 'accepted', hand))).toBe(true);
    expect(await unanswered(tables, () => make().noteResend(who.key, 1, hand))).toBe(true);
    // Another person, or the same one later, is told that it was done.
    clock += 1;
    expect(await make().settle(who.key, 'accepted', hand)).toBe(false);
    expect(await make().noteResend(who.key, 1, hand)).toBe(false);
  });
});

describe("a consumer's claim", () => {
  it('is won at its first attempt, and done afterwards', async () => {
    const deliveries = new load.Deliveries('deliveries', own);
    const attempts: number[] = [];
    const once = () =>
      deliveries.once('item', async (attempt) => {
        attempts.push(attempt);
      });
    expect(await unanswered(tables, once)).toBe(true);
    expect(await once()).toBe(false);
    expect(attempts).toEqual([1]);
  });

  it.each([
    ['is done', async () => undefined, false],
    ['has let go', () => Promise.reject(new Error('crm down')), true],
  ])('whose first try arrives when its owner %s claims nothing', async (state, effect, isFree) => {
    tables.fault = 'behind';
    const claim = new load.Deliveries('deliveries', own).once(state, () => {
      tables.fault = 'pass';
      return effect();
    });
    await claim.catch(() => undefined);
    await tables.catchUp();
    expect(await new load.Deliveries('deliveries', own).once(state, async () => undefined)).toBe(isFree);
  });

  it('that failed is free at once', async () => {
    const deliveries = new load.Deliveries('deliveries', own);
    const failing = () => deliveries.once('failing', () => Promise.reject(new Error('crm down')));
    await expect(unanswered(tables, failing)).rejects.toThrow('crm down');
    expect(await deliveries.once('failing', async () => undefined)).toBe(true);
  });

  it('an item that SQS stored twice has its effect once', async () => {
    const queue = queueServer.create('items', { VisibilityTimeout: '30' });
    await unanswered(queues, () => load.enqueue(queue.url, ['{"id":"twice"}']));
    const sqs = new SQSClient({ useQueueUrlAsEndpoint: false });
    const receive = new ReceiveMessageCommand({ QueueUrl: queue.url, MaxNumberOfMessages: 10 });
    const { Messages = [] } = await sqs.send(receive);
    expect(Messages.map(({ Body }) => Body)).toEqual(['{"id":"twice"}', '{"id":"twice"}']);
    const deliveries = new load.Deliveries('deliveries', own);
    let effects = 0;
    for (const { Body = '' } of Messages) {
      await deliveries.once(Body, async () => {
        effects += 1;
      });
    }
    expect(effects).toBe(1);
  });
});

it('a command to the sender is queued once: its de-duplication id is the same at every try', async () => {
  const queue = queueServer.create('sends.fifo', { FifoQueue: 'true', VisibilityTimeout: '30' });
  await unanswered(queues, () => load.enqueueInOrder(queue.url, 'order', 'line', 'order:1:ready'));
  expect(queueServer.depth(queue)).toMatchObject({ ready: 1 });
});

describe('a person is a stake of one lead', () => {
  const contacts = { table: 'contacts', salt: async () => 'salt' };
  const stakeOf = (holder: string, from?: string) =>
    load.stake(contacts, { pk: 'touch#1', holder, expiresAt: 2_000_000_000 }, Math.floor(now() / 1000), from);

  it('that it holds whether it is the first or takes it over', async () => {
    expect(await unanswered(tables, () => stakeOf('lead:1'))).toBe('lead:1');
    expect(await unanswered(tables, () => stakeOf('lead:2'))).toBe('lead:1');
    expect(await unanswered(tables, () => stakeOf('lead:2', 'lead:1'))).toBe('lead:2');
  });

  it('a post counts once against its address, and is let through if the count cannot be had', async () => {
    const one = () => load.count(contacts, 'address#1', 2_000_000_000);
    await expect(unanswered(tables, one)).rejects.toThrow();
    expect(await one()).toBe(2);
  });
});

describe('a conversation', () => {
  it('opens its window once, for one item', async () => {
    const state = new load.ConversationState({ table: 'deliveries', lineId: 'line', now });
    let effects = 0;
    const raise = (by: string) =>
      state.oncePerWindow('urgent#slack', { own: ['conv-1'], mark: 'person' }, by, 60_000, async () => {
        effects += 1;
      });
    expect(await unanswered(tables, () => raise('a'))).toBe(true);
    expect([await raise('a'), await raise('b'), effects]).toEqual([false, false, 1]);
  });
});

describe('a person who comes under several names', () => {
  const HOUR = 3_600_000;
  let at = 0;
  const state = () => new load.ConversationState({ table: 'deliveries', lineId: 'line', now: () => at });
  /** `numbered` stands for somebody's number, and `person` for them where it is hidden. */
  const namesOf = (names: readonly string[]) =>
    names[0] === 'numbered'
      ? { own: names.slice(1), others: ['person'], mark: 'numbered' }
      : { own: names, others: names.includes('person') ? ['numbered'] : [] };
  const raise = (rule: string, names: readonly string[], by: string) =>
    state().oncePerWindow(rule, namesOf(names), by, HOUR, async () => undefined);
  beforeEach(() => {
    at = now();
  });

  it('has one window, whichever of them it was opened under', async () => {
    expect(await unanswered(tables, () => raise('a', ['lid', 'conv-1'], '1'))).toBe(true);
    // By then it is known whose they are.
    expect(await raise('a', ['person', 'lid', 'conv-2'], '2')).toBe(false);
    expect(await raise('a', ['numbered', 'conv-3'], '3')).toBe(false);
    // It ends for all of them when it would have ended.
    at += HOUR;
    expect([await raise('a', ['person', 'conv-3'], '4'), await raise('a', ['lid', 'conv-1'], '5')]).toEqual([
      true,
      true,
    ]);
    expect(await raise('a', ['person', 'lid', 'conv-1'], '6')).toBe(false);
  });

  it('has as many as conversations where the number is always told, and none beside one of those where it is hidden', async () => {
    expect([await raise('f', ['numbered', 'conv-1'], '1'), await raise('f', ['numbered', 'conv-2'], '2')]).toEqual([
      true,
      true,
    ]);
    expect(await raise('f', ['person', 'lid', 'conv-3'], '3')).toBe(false);
    at += HOUR;
    expect(await raise('f', ['person', 'lid', 'conv-3'], '4')).toBe(true);
    expect(await raise('f', ['numbered', 'conv-1'], '5')).toBe(false);
  });

  it('has the window that an earlier release opened for the conversation', async () => {
    expect(await raise('b', ['conv-1'], '1')).toBe(true);
    expect(await raise('b', ['person', 'conv-1'], '2')).toBe(false);
  });

  it('lets whoever opened it try again, and nobody else', async () => {
    const down = () => Promise.reject(new Error('down'));
    await expect(state().oncePerWindow('c', namesOf(['person', 'conv-1']), '1', HOUR, down)).rejects.toThrow('down');
    expect(await raise('c', ['person', 'conv-2'], '2')).toBe(false);
    expect(await raise('c', ['person', 'conv-1'], '1')).toBe(true);
    expect(await raise('c', ['person', 'conv-1'], '1')).toBe(false);
  });

  it('has an effect that waits, looked for once more by whoever finds it undone, and free again where it never came', async () => {
    const names = namesOf(['person', 'conv-1']);
    const answer = (by: string, effect: () => Promise<void> = async () => undefined) =>
      state().oncePerWindow('g', names, by, HOUR, effect, { waits: true });
    await expect(answer('1', () => Promise.reject(new Error('down')))).rejects.toThrow('down');
    // Whoever opened it is at it, as far as anybody knows.
    expect(await answer('2')).toBe(false);
    at += 10_000;
    await expect(answer('2')).rejects.toMatchObject({ reason: 'window_in_progress', retryAfterSeconds: 15 });
    await state().letGo('g', names, '1');
    expect(await answer('2')).toBe(true);
    at += 10_000;
    expect(await answer('3')).toBe(false);
  });

  it('opens one of two windows that are asked for at once', async () => {
    const both = await Promise.all([raise('d', ['person', 'conv-1'], '1'), raise('d', ['person', 'conv-2'], '2')]);
    expect(both.filter(Boolean)).toHaveLength(1);
  });

  it('has one incident, which an answer under another name closes, by the id that it was opened with', async () => {
    const open = (names: readonly string[], incident: string) =>
      state().noteIncident('e', namesOf(names), '2026-11-22T10:00:00.000Z', incident);
    expect(await unanswered(tables, () => open(['lid', 'conv-1'], 'first'))).toBe('first');
    expect(await open(['person', 'lid', 'conv-2'], 'second')).toBe('first');
    const closed: (string | undefined)[] = [];
    const close = (names: readonly string[]) =>
      state().closeIncident(
        'e',
        namesOf(names),
        '2026-11-22T10:01:00.000Z',
        async (incident) => void closed.push(incident),
      );
    expect([await close(['numbered', 'conv-3']), closed]).toEqual([true, ['first']]);
    expect(await open(['person', 'conv-3'], 'third')).toBe('third');
  });

  it('said a text to one person, under whichever name', async () => {
    const said = (names: readonly string[]) => state().wasSaidElsewhere('We are closed, all of us.', { own: names });
    expect([await said(['person', 'conv-1']), await said(['person', 'conv-2'])]).toEqual([false, false]);
    expect(await said(['other', 'conv-1'])).toBe(true);
  });
});

describe('a conversation that waits', () => {
  const state = () => new load.ConversationState({ table: 'deliveries', lineId: 'line', now });
  const raise = (by: string, writtenAt: number) =>
    state().oncePerWait('late#slack', { own: ['conv-1'] }, { by, writtenAt }, 3_600_000, async () => undefined);

  it('is told once, and anew of what was written after it was told', async () => {
    expect(await unanswered(tables, () => raise('a', now() - 60_000))).toBe(true);
    expect([await raise('a', now() - 60_000), await raise('b', now() - 2000)]).toEqual([false, false]);
    expect([await raise('c', now() + 2000), await raise('c', now() + 2000)]).toEqual([true, false]);
  });

  it('has one incident, which is closed by an answer and by none before it, and stays open where closing fails', async () => {
    await unanswered(tables, () =>
      state().noteIncident('late#pagerduty', { own: ['conv-1'] }, '2026-11-22T10:00:00.000Z', 'i'),
    );
    const close = (at: string, effect = async () => {}) =>
      state().closeIncident('late#pagerduty', { own: ['conv-1'] }, at, effect);
    expect(await close('2026-11-22T09:59:00.000Z')).toBe(false);
    await expect(close('2026-11-22T10:01:00.000Z', () => Promise.reject(new Error('down')))).rejects.toThrow('down');
    expect([await close('2026-11-22T10:01:00.000Z'), await close('2026-11-22T10:02:00.000Z')]).toEqual([true, false]);
  });

  it('knows a text that was said in another conversation, and keeps none of it', async () => {
    const said = (conversation: string) => state().wasSaidElsewhere('We are closed now.', { own: [conversation] });
    expect(await unanswered(tables, () => said('conv-1'))).toBe(false);
    expect([await said('conv-1'), await said('conv-2'), await said('conv-1')]).toEqual([false, true, true]);
  });
});

describe('a contact of the CRM', () => {
  it('is made once, by the one who holds the lock, and not looked for as if it had been made before', async () => {
    const map = new load.ContactsMap({ table: 'contacts', ...own });
    const made: boolean[] = [];
    const make = async (again: boolean) => {
      made.push(again);
      return 'c-1';
    };
    expect(await unanswered(tables, () => map.contactOf('crm#1', make))).toMatchObject({ id: 'c-1' });
    expect(await map.contactOf('crm#1', make)).toMatchObject({ id: 'c-1' });
    expect(made).toEqual([false]);
    await unanswered(tables, () => map.forget('crm#1', 'c-1'));
    expect(await map.contactOf('crm#1', make)).toMatchObject({ id: 'c-1' });
    expect(made).toHaveLength(2);
  });

  it('is free to be made by another when a lock arrives whose owner has let go', async () => {
    tables.fault = 'behind';
    const failing = new load.ContactsMap({ table: 'contacts', ...own }).contactOf('crm#2', () => {
      tables.fault = 'pass';
      return Promise.reject(new Error('crm down'));
    });
    await expect(failing).rejects.toThrow('crm down');
    await tables.catchUp();
    expect(
      await new load.ContactsMap({ table: 'contacts', ...own }).contactOf('crm#2', async () => 'c-2'),
    ).toMatchObject({ id: 'c-2' });
  });
});

describe('an appointment', () => {
  it('is written, and a row that has moved in the meantime is not', async () => {
    const rows = load.rowsOf<StoredRow>('appointments');
    const row = { pk: 'line#a', into: 'b', rev: 1, expiresAt: 2_000_000_000 };
    const moved = { ...row, into: 'c', rev: 2 };
    expect(await unanswered(tables, () => rows.write(row, undefined))).toBe(true);
    expect(await unanswered(tables, () => rows.write(moved, row))).toBe(true);
    expect(await unanswered(tables, () => rows.write({ ...row, into: 'd', rev: 2 }, row))).toBe(false);
    expect(await rows.read('line#a')).toEqual(moved);
  });
});

describe('an alarm', () => {
  it('is one, which can be set and cleared', async () => {
    const alarms = load.alarmClock({
      group: 'alarms',
      queueArn: ALARMS,
      deadLettersArn: ALARMS,
      roleArn: 'arn:aws:iam::000000000000:role/ring',
    });
    const set = () => alarms.set('one', {}, Date.parse('2036-11-22T10:00:00.000Z'));
    await unanswered(scheduler, set);
    await unanswered(scheduler, set);
    await unanswered(scheduler, () => alarms.clear('one'));
  });
});

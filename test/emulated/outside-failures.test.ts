import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { CrmFailures } from '../../functions/crm-sync/crm-failures.ts';
import type { NotifierFailures } from '../../functions/escalation/notifier-failures.ts';
import type { OutsideFailures, OutsideFailuresTools } from '../../functions/shared/ledger/outside-failures.ts';
import { Permanent, Unavailable } from '../../functions/shared/runtime/errors.ts';
import { Table } from '../../functions/shared/runtime/table.ts';
import { startDynamo } from './dynamo.ts';

const [SECOND, MINUTE] = [1_000, 60_000];
const START = Date.parse('2026-11-22T10:00:00.000Z');

let stop: () => Promise<void>;
let client: DynamoDBClient;
let make: (tools: OutsideFailuresTools) => OutsideFailures;
let ofCrms: (tools: OutsideFailuresTools) => CrmFailures;
let ofNotifiers: (tools: OutsideFailuresTools) => NotifierFailures;
let now = START;
let calls: string[] = [];
let line = 0;

beforeAll(async () => {
  ({ stop } = await startDynamo('deliveries'));
  const shared = await import('../../functions/shared/ledger/outside-failures.ts');
  const crms = await import('../../functions/crm-sync/crm-failures.ts');
  const notifiers = await import('../../functions/escalation/notifier-failures.ts');
  make = (tools) => new shared.OutsideFailures('thing', tools);
  ofCrms = (tools) => new crms.CrmFailures(tools);
  ofNotifiers = (tools) => notifiers.notifierFailures(tools);
  client = new DynamoDBClient({});
  client.middlewareStack.add(
    (next, { commandName = '' }) =>
      (args) => {
        calls.push(commandName.replace('ItemCommand', ''));
        return next(args);
      },
    { step: 'initialize' },
  );
});
afterAll(() => stop());
beforeEach(() => {
  [now, calls] = [START, []];
  line += 1;
});

const tools = (): OutsideFailuresTools => ({ table: 'deliveries', client, lineId: `line-${line}`, now: () => now });
const down = new Unavailable('sink_503', 'The other system refused for now.');
const silent = new Unavailable('sink_timeout', 'The other system did not answer.');
const refused = new Permanent('sink_422', 'This cannot be.');
const writes = () => calls.filter((call) => call === 'Update').length;

describe('an outside system', () => {
  it('that fails has a row that says since when, why, in which words and how often', async () => {
    const failures = make(tools());
    await failures.failed('a', down);
    const since = { reason: 'sink_503', says: down.message, failingSince: START, failedAt: START, times: 1 };
    expect(await failures.failure('a')).toEqual(since);
    expect(await failures.failure('b')).toBeUndefined();
  });

  it('that goes on failing writes once in ten minutes, and its row says how often it failed', async () => {
    const failures = make(tools());
    for (let second = 0; second < 600; second += 1) {
      now = START + second * SECOND;
      await failures.failed('a', down);
    }
    expect(calls).toEqual(['Update']);
    now = START + 10 * MINUTE;
    await failures.failed('a', down);
    expect(calls).toEqual(['Update', 'Update']);
    expect(await failures.failure('a')).toMatchObject({ failingSince: START, failedAt: now, times: 601 });
  });

  it('that fails in other ways by turns writes once a minute, and is failing since the first', async () => {
    const failures = make(tools());
    for (let second = 0; second < 120; second += 1) {
      now = START + second * SECOND;
      await failures.failed('a', second % 2 === 0 ? down : silent);
    }
    expect(writes()).toBe(2);
    expect(await failures.failure('a')).toMatchObject({ failingSince: START, reason: 'sink_timeout' });
  });

  it('that takes something again has no row any more at once, whatever is left to be noted', async () => {
    const failures = make(tools());
    await failures.failed('a', down);
    await failures.failed('a', down);
    await failures.taken('a');
    expect(await failures.failure('a')).toBeUndefined();
    now += 2 * MINUTE;
    await failures.failed('a', silent);
    expect(await failures.failure('a')).toMatchObject({ failingSince: now, times: 1 });
  });

  it('that is well costs no write, and a read in ten seconds', async () => {
    const failures = make(tools());
    for (let second = 0; second < 20; second += 1) {
      now = START + second * SECOND;
      await failures.taken('a');
    }
    expect(calls).toEqual(['Get', 'Get']);
  });

  it('that another container found failing is well again with the next thing that it takes', async () => {
    const [one, other] = [make(tools()), make(tools())];
    await other.taken('a');
    now += SECOND;
    await one.failed('a', down);
    now += 10 * SECOND;
    await other.taken('a');
    expect(await one.failure('a')).toBeUndefined();
  });

  it('that refused for good says that while it fails in passing, until it takes something', async () => {
    const failures = make(tools());
    await failures.failed('a', refused);
    now += 2 * MINUTE;
    await failures.failed('a', down);
    expect(await failures.failure('a')).toMatchObject({ reason: 'sink_422', refusedAt: START, failingSince: START });
    await failures.taken('a');
    expect(await failures.failure('a')).toBeUndefined();
  });

  it('that was not asked, for no time was left, does not fail', async () => {
    const failures = make(tools());
    await failures.failed('a', new Unavailable('sink_no_time_left', 'x'));
    expect(calls).toEqual([]);
  });

  it('whose error is none of ours is named by it, without its words', async () => {
    const failures = make(tools());
    await failures.failed('a', new TypeError('dana@shop.example'));
    expect(await failures.failure('a')).toMatchObject({ reason: 'TypeError', says: '' });
  });
});

describe('a notifier', () => {
  it('that does not answer fails, and refuses nothing', async () => {
    const failures = ofNotifiers(tools());
    await failures.failed('slack', new Unavailable('notifier_timeout', 'The notifier did not answer.'));
    expect(await failures.failure('slack')).toMatchObject({ reason: 'notifier_timeout', failingSince: START });
    expect((await failures.failure('slack'))?.refusedAt).toBeUndefined();
    now += 2 * MINUTE;
    await failures.failed('slack', new Permanent('notifier_403', 'invalid_token'));
    expect(await failures.failure('slack')).toMatchObject({
      says: 'invalid_token',
      refusedAt: now,
      failingSince: START,
    });
  });

  it('whose refusal an earlier release noted refuses since then, until it takes an alert', async () => {
    const failures = ofNotifiers(tools());
    const row = { pk: `notifier#line-${line}#slack`, reason: 'notifier_403', says: 'invalid_token', refusedAt: START };
    await new Table<object>('deliveries', client).put(row);
    expect(await failures.failure('slack')).toMatchObject({ refusedAt: START, failingSince: START, times: 1 });
    await failures.taken('slack');
    expect(await failures.failure('slack')).toBeUndefined();
  });
});

describe('a CRM', () => {
  it.each([
    'sink_401',
    'sink_402',
    'sink_403',
    'sink_404',
    'sink_408',
    'sink_429',
    'sink_500',
    'sink_503',
    'sink_timeout',
    'sink_ECONNREFUSED',
    'sink_token_refused',
    'sink_answer_unknown',
    'crm_secret_not_set',
  ])('fails with the first %s', async (reason) => {
    const failures = ofCrms(tools());
    await failures.failed('sales', new Unavailable(reason, 'x'), 'dana');
    expect(await failures.failure('sales')).toMatchObject({ reason, failingSince: START });
    await failures.taken('sales');
    expect(await failures.failure('sales')).toBeUndefined();
  });

  it.each([
    refused,
    new Permanent('contact_gone_again', 'x'),
    new Unavailable('sink_423', 'RECORD_LOCKED'),
    new Unavailable('sink_400', 'UNABLE_TO_LOCK_ROW'),
    new Unavailable('sink_202', 'RECORD_LOCKED'),
  ])(
    'that does not take one person ($reason) does not fail, however often; one that takes nobody does',
    async (error) => {
      const failures = ofCrms(tools());
      for (let time = 0; time < 5; time += 1) await failures.failed('sales', error, 'dana');
      await failures.failed('sales', error, 'avi');
      expect(await failures.failure('sales')).toBeUndefined();
      await failures.failed('sales', error, 'noa');
      expect(await failures.failure('sales')).toMatchObject({ reason: error.reason });
    },
  );

  it('that takes somebody between those whom it does not take does not fail', async () => {
    const failures = ofCrms(tools());
    for (const whom of ['dana', 'avi', 'noa', 'tal']) {
      await failures.failed('sales', refused, whom);
      await failures.taken('sales');
    }
    expect(writes()).toBe(0);
  });

  it('that is left alone for now, or whose row of ours is held, was not asked', async () => {
    const failures = ofCrms(tools());
    for (const reason of ['sink_paused', 'contact_held', 'sink_no_time_left'])
      await failures.failed('sales', new Unavailable(reason, 'x'), reason);
    await failures.failed('sales', new Error('x'), 'dana');
    expect(calls).toEqual([]);
  });
});

import { randomUUID } from 'node:crypto';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import type { LedgerByHand } from '../../functions/shared/ledger/by-hand.ts';
import type { Claim, Claimant, Ledger, Settlement } from '../../functions/shared/ledger/ledger.ts';
import type { ObservedSends } from '../../functions/shared/ledger/observed-sends.ts';
import type { SendRecord } from '../../functions/shared/ledger/rules.ts';
import type { Table } from '../../functions/shared/runtime/table.ts';
import { startDynamo } from './dynamo.ts';

const MINUTE = 60_000;
const HAND = { by: 'dana', reason: 'a test' };

let stop: () => Promise<void>;
let client: DynamoDBClient;
let load: Awaited<ReturnType<typeof modules>>;
let clock = Date.parse('2026-11-22T10:00:00Z');
const now = (): number => clock;
/** Of each test another, so that none sees what another left. */
let line = '';
let ledger: Ledger;
let hand: LedgerByHand;
let observed: ObservedSends;
let rows: Table<SendRecord>;

const modules = async () => ({
  ...(await import('../../functions/shared/ledger/ledger.ts')),
  ...(await import('../../functions/shared/ledger/by-hand.ts')),
  ...(await import('../../functions/shared/ledger/observed-sends.ts')),
  ...(await import('../../functions/shared/ledger/rules.ts')),
  ...(await import('../../functions/shared/ledger/waiting-sends.ts')),
  ...(await import('../../functions/shared/runtime/table.ts')),
});

beforeAll(async () => {
  ({ stop } = await startDynamo());
  load = await modules();
  client = new DynamoDBClient({});
  rows = new load.Table('sends');
});
afterAll(() => stop());

const begin = (): void => {
  line = `line#${randomUUID()}`;
  ledger = new load.Ledger('sends', { now, newOwner: randomUUID });
  hand = new load.LedgerByHand(client, 'sends', line, now);
  observed = new load.ObservedSends('sends', now);
};
beforeEach(begin);

const claimant = (key: string, over: Partial<Claimant> = {}): Claimant => ({
  lineId: line,
  key,
  template: 'order-ready',
  bodyHash: 'a',
  asOf: new Date(clock).toISOString(),
  usefulUntil: '2026-12-23T10:00:00.000Z',
  ...over,
});
const claimed = async (key: string): Promise<Claim> => {
  const claim = await ledger.claim(claimant(key));
  if (typeof claim === 'string') throw new Error(`expected a claim, got ${claim}`);
  return claim;
};
const held = async (key: string, over: Partial<Settlement> = {}): Promise<void> => {
  const { record } = await claimed(key);
  await ledger.settle(record, { state: 'HELD', reason: 'line_not_sendable', attempts: 0, ...over });
};
const waiting = (limit = 100) => load.waitingSends('sends', line, client, limit);
const keysOf = (sends: readonly { readonly key: string }[]): string[] => sends.map(({ key }) => key).sort();
const KEYS = ['order:1#a:ready', 'order:2:ready'] as const;
const settlements: readonly Settlement[] = [
  { state: 'ACCEPTED', attempts: 1, firstAttemptAt: 1, providerId: 'p' },
  { state: 'HELD', attempts: 0, reason: 'line_not_sendable' },
  { state: 'HELD', attempts: 0, reason: 'burst_guard', parked: true },
  { state: 'UNKNOWN', attempts: 1, firstAttemptAt: 1, reason: 'timeout' },
  { state: 'UNKNOWN', attempts: 1, firstAttemptAt: 1, parked: true, reason: 'unknown_for_15_minutes' },
  { state: 'REJECTED', attempts: 0, reason: 'no_usable_phone' },
  { state: 'EXPIRED', attempts: 0, reason: 'too_late' },
  { state: 'SUPPRESSED', attempts: 0, reason: 'opted_out' },
];

interface Step {
  readonly key: string;
  readonly writer:
    | 'attempt'
    | 'claim'
    | 'settle'
    | 'conflict'
    | 'end'
    | 'by-hand'
    | 'drop'
    | 'resend'
    | 'seen'
    | 'status'
    | 'months';
  readonly pick: number;
}

/** One write of any writer there is; `open` are claims that are not settled yet, also such as others have taken over since. */
const takeStep = async ({ key, writer, pick }: Step, open: SendRecord[]): Promise<unknown> => {
  const asOf = new Date(clock + (pick % 3) * MINUTE).toISOString();
  const pk = load.sendPk(line, key);
  const seen = await recordOf(key);
  if (writer === 'claim' || writer === 'attempt') {
    const claim = await ledger.claim(claimant(key, { bodyHash: pick % 4 === 0 ? 'b' : 'a', asOf }));
    if (typeof claim === 'string') return undefined;
    if (writer === 'claim') return open.push(claim.record);
    return ledger.settle(claim.record, settlements[pick % settlements.length] as Settlement);
  }
  if (writer === 'settle') {
    const [record] = open.splice(pick % Math.max(1, open.length), 1);
    return record && ledger.settle(record, settlements[pick % settlements.length] as Settlement);
  }
  if (writer === 'conflict') return ledger.noteConflict(line, key);
  const end = { lineId: line, key, template: 'order-ready', reason: 'order_cancelled', asOf };
  if (writer === 'end') return ledger.end({ ...end, isForGood: pick % 2 === 0 });
  if (writer === 'by-hand') return hand.settle(key, pick % 2 === 0 ? 'accepted' : 'not-sent', HAND);
  if (writer === 'drop') return seen && hand.drop(seen, HAND);
  if (writer === 'resend') return hand.noteResend(key, pick, HAND);
  if (writer === 'seen') return seen && observed.observe(line, `p${pick}`, pk, asOf);
  if (writer === 'status') return observed.noteStatus(line, `p${pick}`, pick % 2 === 0 ? 'sent' : 'failed', asOf);
  clock += 61 * 24 * 60 * MINUTE;
  return undefined;
};

const steps = fc.array(
  fc.record({
    key: fc.oneof({ weight: 4, arbitrary: fc.constant(KEYS[0]) }, fc.constant(KEYS[1])) as fc.Arbitrary<string>,
    writer: fc.oneof(
      { weight: 6, arbitrary: fc.constantFrom('attempt', 'attempt', 'claim', 'settle') },
      { weight: 6, arbitrary: fc.constantFrom('end', 'by-hand', 'drop', 'resend', 'conflict', 'seen', 'status') },
      { weight: 1, arbitrary: fc.constant('months') },
    ) as fc.Arbitrary<Step['writer']>,
    pick: fc.nat(23),
  }),
  { minLength: 20, maxLength: 30 },
);

const shown = (record: SendRecord | undefined): string =>
  record ? `${record.state}${record.parked ? ' parked' : ''}` : 'nothing';
const recordOf = (key: string) => rows.read(load.sendPk(line, key));

it('a record is found by the index exactly while it waits, whoever wrote it last', async () => {
  const met = new Set<string>();
  const history = async (all: readonly Step[]): Promise<void> => {
    begin();
    const open: SendRecord[] = [];
    for (const step of all) {
      clock += (step.pick % 3) * MINUTE;
      const before = await recordOf(step.key);
      await takeStep(step, open);
      const after = await recordOf(step.key);
      met.add(`${step.writer}: ${shown(before)} → ${shown(after)}`);
      expect([shown(after), after?.waits]).toEqual([shown(after), after && load.isWaiting(after) ? line : undefined]);
    }
    const records = (await Promise.all(KEYS.map(recordOf))).filter((one) => one !== undefined);
    expect(keysOf(await waiting())).toEqual(keysOf(records.filter(load.isWaiting)));
  };
  await fc.assert(fc.asyncProperty(steps, history), { numRuns: 25, seed: 3, endOnFailure: true });
  // The histories reach what they are about.
  expect([...met]).toEqual(
    expect.arrayContaining([
      'claim: HELD → CLAIMED',
      'claim: UNKNOWN → CLAIMED',
      'attempt: HELD → ACCEPTED',
      'by-hand: UNKNOWN parked → ACCEPTED',
      'by-hand: UNKNOWN parked → REJECTED',
      'drop: HELD → REJECTED',
      'drop: HELD parked → REJECTED',
      'end: HELD → EXPIRED',
      'end: HELD parked → EXPIRED',
      'seen: UNKNOWN parked → ACCEPTED',
    ]),
  );
});

it('tells of what waits what whoever looks after the client asks, and of no other line', async () => {
  await held('order:1:ready', {
    state: 'UNKNOWN',
    parked: true,
    attempts: 2,
    firstAttemptAt: clock,
    reason: 'timeout',
  });
  const { record } = await claimed('order:2:ready');
  await ledger.settle(record, { state: 'ACCEPTED', attempts: 1, firstAttemptAt: clock });
  const own = line;
  begin();
  await held('order:1:ready');
  expect(await load.waitingSends('sends', own, client, 10)).toMatchObject([
    {
      key: 'order:1:ready',
      template: 'order-ready',
      state: 'UNKNOWN',
      parked: true,
      reason: 'timeout',
      attempts: 2,
      createdAt: clock,
      updatedAt: clock,
      usefulUntil: '2026-12-23T10:00:00.000Z',
    },
  ]);
});

it('tells of so many at most, and what does not wait takes nobody’s place', async () => {
  const keys = ['a', 'b', 'c', 'd', 'e'].map((one) => `order:${one}:ready`);
  for (const key of keys) await held(key);
  // As the release before leaves it, which knows nothing of the attribute.
  for (const key of keys.slice(0, 3)) await rows.update(load.sendPk(line, key), { set: { state: 'ACCEPTED' } });
  expect(keysOf(await waiting())).toEqual(keys.slice(3));
  expect(keysOf(await waiting(2))).toEqual(keys.slice(3));
  expect(await waiting(1)).toHaveLength(1);
});

it('what waits since a release that did not note it is found from its next try on', async () => {
  await held('order:1:ready');
  await rows.update(load.sendPk(line, 'order:1:ready'), { remove: ['waits'] });
  expect(await waiting()).toEqual([]);
  await held('order:1:ready');
  expect(keysOf(await waiting())).toEqual(['order:1:ready']);
});

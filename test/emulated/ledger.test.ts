import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Claim, Claimant, Ledger } from '../../functions/shared/ledger/ledger.ts';
import { startDynamo } from './dynamo.ts';

const MINUTE = 60_000;
let stop: () => Promise<void>;
let makeLedger: (now: () => number) => Ledger;
let clock = Date.parse('2026-11-22T10:00:00Z');
const now = (): number => clock;

beforeAll(async () => {
  ({ stop } = await startDynamo());
  const module = await import('../../functions/shared/ledger/ledger.ts');
  makeLedger = (time) => new module.Ledger('sends', { now: time, newOwner: randomUUID });
});
afterAll(() => stop());

const claimant = (over: Partial<Claimant> = {}): Claimant => ({
  lineId: 'line',
  key: `order:${randomUUID()}:ready`,
  template: 'order-ready',
  bodyHash: 'a',
  asOf: '2026-11-22T10:00:00.000Z',
  usefulUntil: '2026-11-23T10:00:00.000Z',
  ...over,
});

const won = (claim: Claim | string): Claim => {
  if (typeof claim === 'string') throw new Error(`expected a claim, got ${claim}`);
  return claim;
};

describe('the ledger on a real table', () => {
  it('lets exactly one of 50 concurrent claims win', async () => {
    const who = claimant();
    const results = await Promise.all(Array.from({ length: 50 }, () => makeLedger(now).claim(who)));
    expect(results.filter((result) => typeof result !== 'string')).toHaveLength(1);
    expect(new Set(results.filter((result) => typeof result === 'string'))).toEqual(new Set(['in-progress']));
  });

  it("a duplicate never frees the running owner's claim", async () => {
    const ledger = makeLedger(now);
    const who = claimant();
    const claim = won(await ledger.claim(who));
    expect(await ledger.claim(who)).toBe('in-progress');
    expect(await ledger.claim({ ...who, bodyHash: 'b' })).toBe('in-progress');
    expect(await ledger.settle(claim.record, { state: 'ACCEPTED', attempts: 1, firstAttemptAt: now() })).toBe(true);
  });

  it('an owner whose lease ran out cannot overwrite the outcome of the one who took over', async () => {
    const ledger = makeLedger(now);
    const who = claimant();
    const slow = won(await ledger.claim(who));
    clock += MINUTE + 1;
    const next = won(await ledger.claim(who));
    expect(next.record.interruptions).toBe(1);
    expect(await ledger.settle(next.record, { state: 'ACCEPTED', attempts: 2, firstAttemptAt: now() })).toBe(true);
    expect(await ledger.settle(slow.record, { state: 'UNKNOWN', attempts: 1 })).toBe(false);
    expect((await ledger.read('line', next.record.key))?.state).toBe('ACCEPTED');
  });

  it('only one of many may take over a claim whose lease ran out', async () => {
    const who = claimant();
    won(await makeLedger(now).claim(who));
    clock += MINUTE + 1;
    const results = await Promise.all(Array.from({ length: 20 }, () => makeLedger(now).claim(who)));
    expect(results.filter((result) => typeof result !== 'string')).toHaveLength(1);
  });

  it('drops a copy of what was accepted, and refuses another body under its key', async () => {
    const ledger = makeLedger(now);
    const who = claimant();
    const claim = won(await ledger.claim(who));
    await ledger.settle(claim.record, {
      state: 'ACCEPTED',
      attempts: 1,
      firstAttemptAt: now(),
      response: { status: 202, id: 'x' },
    });
    expect(await ledger.claim(who)).toBe('done');
    expect(await ledger.claim({ ...who, bodyHash: 'b' })).toBe('conflict');
    await ledger.noteConflict('line', who.key);
    clock += 1;
    await ledger.noteConflict('line', who.key);
    expect(await ledger.read('line', claim.record.key)).toMatchObject({
      conflicts: 2,
      state: 'ACCEPTED',
      response: { status: 202, id: 'x' },
    });
  });

  it('lets a newer body replace one of which no byte has left, and not an older one', async () => {
    const ledger = makeLedger(now);
    const who = claimant();
    const claim = won(await ledger.claim(who));
    await ledger.settle(claim.record, { state: 'REJECTED', reason: 'no_usable_phone', attempts: 0 });
    expect(await ledger.claim({ ...who, bodyHash: 'old', asOf: '2026-11-22T09:59:59.000Z' })).toBe('done');
    const corrected = won(await ledger.claim({ ...who, bodyHash: 'new', asOf: '2026-11-22T10:00:01.000Z' }));
    expect(corrected.record).toMatchObject({ state: 'CLAIMED', bodyHash: 'new' });
    expect(corrected.record.reason).toBeUndefined();
  });

  it('treats a record past its expiry as absent although the table still holds it', async () => {
    const ledger = makeLedger(now);
    const who = claimant();
    const claim = won(await ledger.claim(who));
    await ledger.settle(claim.record, { state: 'ACCEPTED', attempts: 1, firstAttemptAt: now() });
    const later = makeLedger(() => clock + 61 * 24 * 60 * MINUTE);
    expect(won(await later.claim({ ...who, bodyHash: 'b' })).before).toBeUndefined();
  });

  it('keeps records for at least 30 days', async () => {
    const { record } = won(await makeLedger(now).claim(claimant()));
    expect(record.expiresAt - now() / 1000).toBeGreaterThan(30 * 24 * 3600);
  });

  it('does not mistake its own repeated write for another owner', async () => {
    const owner = randomUUID();
    const { Ledger } = await import('../../functions/shared/ledger/ledger.ts');
    const same = new Ledger('sends', { now, newOwner: () => owner });
    const who = claimant();
    won(await same.claim(who));
    expect(won(await same.claim(who)).record.owner).toBe(owner);
  });
});

describe('what ends before it left', () => {
  const end = (who: Claimant, over: object = {}) => ({
    lineId: who.lineId,
    key: who.key,
    template: who.template,
    reason: 'order_cancelled',
    asOf: '2026-11-22T11:00:00.000Z',
    ...over,
  });
  const later = (who: Claimant): Claimant => ({ ...who, bodyHash: 'b', asOf: '2026-11-22T12:00:00.000Z' });
  const held = async (ledger: Ledger, who: Claimant): Promise<void> => {
    const { record } = won(await ledger.claim(who));
    await ledger.settle(record, { state: 'HELD', attempts: 0, reason: 'line_not_sendable' });
  };

  it('waits no more, and its message is dropped wherever it comes from', async () => {
    const [ledger, who] = [makeLedger(now), claimant()];
    await held(ledger, who);
    expect(await ledger.end(end(who))).toBe('ended');
    expect(await ledger.read('line', who.key)).toMatchObject({ state: 'EXPIRED', reason: 'order_cancelled' });
    expect(await ledger.claim(who)).toBe('done');
    expect(typeof (await ledger.claim(later(who)))).toBe('object');
  });

  it('for good, is not told by anything later either', async () => {
    const [ledger, who] = [makeLedger(now), claimant()];
    await held(ledger, who);
    expect(await ledger.end(end(who, { isForGood: true }))).toBe('ended');
    expect(await ledger.end(end(who, { isForGood: true }))).toBe('ended');
    expect(await ledger.claim(later(who))).toBe('done');
  });

  it('taken back by a person, is not told again in the same words, whatever time its source gives it; in others it is', async () => {
    const [ledger, who] = [makeLedger(now), claimant()];
    const { record } = won(await ledger.claim(who));
    const dropped = { by: 'dana', reason: 'wrong text', at: now() };
    await ledger.settle(record, { state: 'REJECTED', attempts: 0, reason: 'dropped', dropped });
    expect(await ledger.claim({ ...who, asOf: later(who).asOf })).toBe('done');
    expect(typeof (await ledger.claim(later(who)))).toBe('object');
  });

  it('before it came at all, is dropped when it comes, even of the very same instant; what is later is told', async () => {
    const [ledger, who] = [makeLedger(now), claimant({ asOf: '2026-11-22T11:00:00.000Z' })];
    expect(await ledger.end(end(who, { isForGood: true }))).toBe('ended');
    expect(await ledger.claim(who)).toBe('done');
    expect(typeof (await ledger.claim(later(who)))).toBe('object');
  });

  it('is told apart from what left, or may have, and from what is being sent', async () => {
    const [ledger, who] = [makeLedger(now), claimant()];
    const { record } = won(await ledger.claim(who));
    expect(await ledger.end(end(who))).toBe('in-progress');
    await ledger.settle(record, { state: 'ACCEPTED', attempts: 1, firstAttemptAt: now() });
    expect(await ledger.end(end(who))).toBe('left');
    expect(await ledger.read('line', who.key)).toMatchObject({ state: 'ACCEPTED' });
    const uncertain = claimant();
    await ledger.settle(won(await ledger.claim(uncertain)).record, {
      state: 'UNKNOWN',
      attempts: 1,
      firstAttemptAt: now(),
    });
    expect(await ledger.end(end(uncertain))).toBe('left');
  });

  it('keeps why it was refused', async () => {
    const [ledger, who] = [makeLedger(now), claimant()];
    const { record } = won(await ledger.claim(who));
    await ledger.settle(record, { state: 'REJECTED', attempts: 0, reason: 'no_usable_phone' });
    expect(await ledger.end(end(who, { isForGood: true }))).toBe('ended');
    expect(await ledger.read('line', who.key)).toMatchObject({ state: 'REJECTED', reason: 'no_usable_phone' });
    expect(await ledger.claim(later(who))).toBe('done');
  });
});

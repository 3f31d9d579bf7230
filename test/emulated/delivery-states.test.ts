import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { STATUSES, type Status } from '../../functions/shared/ezwhatsapp/events.ts';
import type { Ledger } from '../../functions/shared/ledger/ledger.ts';
import type { ObservedSends } from '../../functions/shared/ledger/observed-sends.ts';
import { rankOf } from '../../functions/shared/ledger/rules.ts';
import { startDynamo } from './dynamo.ts';

/** When what was observed was written. */
const WRITTEN = '2026-11-22T10:00:00Z';
let stop: () => Promise<void>;
let ledger: Ledger;
let observed: ObservedSends;
beforeAll(async () => {
  ({ stop } = await startDynamo());
  const { Ledger } = await import('../../functions/shared/ledger/ledger.ts');
  const { ObservedSends } = await import('../../functions/shared/ledger/observed-sends.ts');
  observed = new ObservedSends('sends', Date.now);
  ledger = new Ledger('sends', { now: Date.now, newOwner: randomUUID });
});
afterAll(() => stop());

const AT = '2026-11-22T10:00:00.000Z';
const claimant = (key: string) => ({
  lineId: 'line',
  key,
  template: 'order-ready',
  bodyHash: 'a',
  fingerprint: `fp-${key}`,
  asOf: AT,
  usefulUntil: '2026-11-23T10:00:00.000Z',
});
const settle = { state: 'ACCEPTED', attempts: 1, firstAttemptAt: 1 } as const;

/** Everything that can happen to one send, in any order and number. */
type Step = { kind: 'status'; status: Status } | { kind: 'echo' } | { kind: 'settle' };
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...STATUSES).map((status) => ({ kind: 'status' as const, status })) },
  { weight: 1, arbitrary: fc.constant({ kind: 'echo' as const }) },
);

describe('any order of statuses, repeats, the echo and the answer', () => {
  it('ends in one state: the furthest that was said, with nothing else of the record lost', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 8 }), fc.nat(8), async (steps, settleAt) => {
        const key = `order:${randomUUID()}:ready`;
        const claim = await ledger.claim(claimant(key));
        if (typeof claim === 'string') throw new Error(claim);
        const { pk } = claim.record;
        const providerId = randomUUID();
        const all: Step[] = [...steps, { kind: 'echo' }];
        all.splice(Math.min(settleAt, all.length), 0, { kind: 'settle' });
        for (const one of all) {
          if (one.kind === 'status') await observed.noteStatus('line', providerId, one.status, AT);
          else if (one.kind === 'echo') await observed.observe('line', providerId, pk, WRITTEN);
          else expect(await ledger.settle(claim.record, settle)).toBe(true);
        }
        const said = steps.flatMap((one) => (one.kind === 'status' ? [one.status] : []));
        const furthest = said.sort((a, b) => rankOf(b) - rankOf(a))[0];
        const record = await ledger.read('line', key);
        expect(record).toMatchObject({ state: 'ACCEPTED', observedId: providerId, attempts: 1 });
        expect(record?.delivery?.status).toBe(furthest);
      }),
      { numRuns: 150 },
    );
  });

  it('holds when they all come at once', async () => {
    for (let i = 0; i < 20; i += 1) {
      const claim = await ledger.claim(claimant(`order:${randomUUID()}:ready`));
      if (typeof claim === 'string') throw new Error(claim);
      const providerId = randomUUID();
      await Promise.all([
        ...(['delivered', 'sent', 'read', 'sent'] as const).map((status) =>
          observed.noteStatus('line', providerId, status, AT),
        ),
        observed.observe('line', providerId, claim.record.pk, WRITTEN),
        ledger.settle(claim.record, settle),
      ]);
      expect(await ledger.read('line', claim.record.key)).toMatchObject({
        state: 'ACCEPTED',
        delivery: { status: 'read' },
      });
    }
  });
});

it('a send that is spoken of under two ids never goes backwards either', async () => {
  const claim = await ledger.claim(claimant(`order:${randomUUID()}:ready`));
  if (typeof claim === 'string') throw new Error(claim);
  const [answered, echoed] = [randomUUID(), randomUUID()];
  await ledger.settle(claim.record, { ...settle, providerId: answered });
  await observed.noteStatus('line', answered, 'delivered', AT);
  await observed.observe('line', echoed, claim.record.pk, WRITTEN);
  await observed.noteStatus('line', echoed, 'sent', AT);
  expect(await ledger.read('line', claim.record.key)).toMatchObject({ delivery: { status: 'delivered' } });
});

it('a send whose echo is known in the id’s row alone is settled by a status: it was seen, and waits for no person', async () => {
  const { Table } = await import('../../functions/shared/runtime/table.ts');
  const claim = await ledger.claim(claimant(`order:${randomUUID()}:ready`));
  if (typeof claim === 'string') throw new Error(claim);
  const id = randomUUID();
  // Whoever noted it died before it was at the send; whoever looked again did not find the send, and took it for a person's.
  const row = { pk: `line#provider#${id}`, sendPk: claim.record.pk, foreign: true };
  await new Table<typeof row>('sends').put(row);
  const doubt = { state: 'UNKNOWN', parked: true, reason: 'unknown_for_15_minutes', attempts: 3 } as const;
  await ledger.settle(claim.record, { ...doubt, firstAttemptAt: 1 });
  await observed.noteStatus('line', id, 'delivered', AT);
  const record = await ledger.read('line', claim.record.key);
  expect(record).toMatchObject({ state: 'ACCEPTED', reason: 'seen_on_line', observedId: id });
  expect(record).not.toHaveProperty('parked');
});

describe('a status that comes early', () => {
  it('before the answer that teaches its id is noted, and joined when it is looked at again', async () => {
    const claim = await ledger.claim(claimant(`order:${randomUUID()}:ready`));
    if (typeof claim === 'string') throw new Error(claim);
    const id = randomUUID();
    expect(await observed.noteStatus('line', id, 'delivered', AT)).toBe('unknown');
    await ledger.settle(claim.record, { ...settle, response: { status: 202, id }, providerId: id });
    expect(await observed.noteStatus('line', id, 'delivered', AT)).toMatchObject({ key: claim.record.key });
    expect(await ledger.read('line', claim.record.key)).toMatchObject({
      providerId: id,
      delivery: { status: 'delivered' },
    });
  });

  it('an echo is that of a send that left, and of none with the same words that did not', async () => {
    const { ownSend } = await import('../../functions/shared/ledger/own-sends.ts');
    const { fingerprintOf } = await import('../../functions/shared/ledger/fingerprint.ts');
    const [phone, text] = ['+972501230081', `Come and collect ${randomUUID()}`];
    const keys = ['expired', 'held', 'left'].map((name) => `order:${name}-${randomUUID()}:ready`);
    for (const [i, key] of keys.entries()) {
      const claim = await ledger.claim({ ...claimant(key), fingerprint: fingerprintOf(phone, text) });
      if (typeof claim === 'string') throw new Error(claim);
      if (i === 0) await ledger.settle(claim.record, { state: 'EXPIRED', attempts: 0 });
      if (i === 1) await ledger.settle(claim.record, { state: 'HELD', attempts: 0 });
      if (i === 2) await ledger.settle(claim.record, settle);
    }
    const at = new Date().toISOString();
    const message = { kind: 'message', id: randomUUID(), conversation: 'c', phone, text, at } as const;
    const echo = { ...message, fromMe: true, individual: true, type: 'text' };
    expect(await ownSend(observed, 'line', echo, 2)).toMatchObject({ pk: `line#${keys[2]}` });
  });

  it('an echo is that of a send that left, before one that is left to a person as nobody knows whether it did', async () => {
    const { ownSend } = await import('../../functions/shared/ledger/own-sends.ts');
    const { fingerprintOf } = await import('../../functions/shared/ledger/fingerprint.ts');
    const [phone, text] = ['+972501230082', `We answer soon ${randomUUID()}`];
    const claims = [];
    for (const name of ['uncertain', 'accepted']) {
      const claim = await ledger.claim({
        ...claimant(`${name}:${randomUUID()}`),
        fingerprint: fingerprintOf(phone, text),
      });
      if (typeof claim === 'string') throw new Error(claim);
      claims.push(claim);
    }
    const [uncertain, accepted] = claims.map(({ record }) => record);
    if (!uncertain || !accepted) throw new Error('They are two.');
    await ledger.settle(uncertain, { state: 'UNKNOWN', parked: true, attempts: 1, firstAttemptAt: 1 });
    const at = new Date().toISOString();
    const seen = (id: string, attempt = 1, index: Pick<ObservedSends, 'withFingerprint'> = observed) => {
      const message = { kind: 'message', id, conversation: 'c', phone, text, at } as const;
      const looks = {
        withFingerprint: index.withFingerprint.bind(index),
        withProviderId: observed.withProviderId.bind(observed),
        firstLeft: observed.firstLeft.bind(observed),
        found: observed.found.bind(observed),
      };
      return ownSend(looks, 'line', { ...message, fromMe: true, individual: true, type: 'text' }, attempt);
    };
    // The index may not know the other one yet.
    const behind = {
      withFingerprint: async (line: string, print: string) =>
        (await observed.withFingerprint(line, print)).filter(({ pk }) => pk === uncertain.pk),
    };
    await expect(seen(randomUUID(), 1, behind)).rejects.toMatchObject({ reason: 'no_send_found_yet' });
    // Also while its answer is under way.
    expect(await seen(randomUUID())).toMatchObject({ pk: accepted.pk });
    await ledger.settle(accepted, settle);
    const echo = randomUUID();
    expect(await seen(echo)).toMatchObject({ pk: accepted.pk });
    await observed.observe('line', echo, accepted.pk, WRITTEN);
    // What is seen beside that can only be the other one.
    expect(await seen(randomUUID(), 2)).toMatchObject({ pk: uncertain.pk });
  });

  it('of two sends with the same words each has its own echo, whichever comes first', async () => {
    const { ownSend } = await import('../../functions/shared/ledger/own-sends.ts');
    const { fingerprintOf } = await import('../../functions/shared/ledger/fingerprint.ts');
    const { Ledger } = await import('../../functions/shared/ledger/ledger.ts');
    const [phone, text] = ['+972501230083', `We answer soon ${randomUUID()}`];
    const at = Date.now();
    const sent = async (createdAt: number) => {
      const own = new Ledger('sends', { now: () => createdAt, newOwner: randomUUID });
      const claim = await own.claim({ ...claimant(randomUUID()), fingerprint: fingerprintOf(phone, text) });
      if (typeof claim === 'string') throw new Error(claim);
      await own.settle(claim.record, settle);
      return claim.record.pk;
    };
    const pks = [await sent(at - 3_600_000), await sent(at)];
    for (const [i, pk] of [...pks.entries()].reverse()) {
      const [id, writtenAt] = [randomUUID(), new Date(i === 0 ? at - 3_600_000 : at).toISOString()];
      const message = { kind: 'message', id, conversation: 'c', phone, text, at: writtenAt } as const;
      const echo = { ...message, fromMe: true, individual: true, type: 'text' };
      expect(await ownSend(observed, 'line', echo, 2)).toMatchObject({ pk });
      await observed.observe('line', id, pk, writtenAt);
    }
  });

  it('words that were seen already under another id are somebody’s own: they forward what we wrote', async () => {
    const { ownSend, SOME_SEND } = await import('../../functions/shared/ledger/own-sends.ts');
    const { WordsNote } = await import('../../functions/shared/ledger/words-note.ts');
    const text = `Come and collect ${randomUUID()}`;
    const words = new WordsNote('sends', Date.now);
    const sent = async () => {
      const claim = await ledger.claim(claimant(`order:${randomUUID()}:ready`));
      if (typeof claim === 'string') throw new Error(claim);
      await words.note(claim.record.pk, text);
      await ledger.settle(claim.record, settle);
      return claim.record.pk;
    };
    const seen = (id: string) => {
      const at = new Date().toISOString();
      const item = { kind: 'message', id, conversation: 'c', privacyId: '4639135154350', text, at } as const;
      return ownSend(observed, 'line', { ...item, fromMe: true, individual: true, type: 'text' }, 2);
    };
    const [echo, forward, next] = [randomUUID(), randomUUID(), randomUUID()];
    const pk = await sent();
    expect(await seen(echo)).toMatchObject({ pk });
    await observed.observe('line', echo, pk, WRITTEN);
    expect(await seen(forward)).toBeUndefined();
    expect(await seen(echo)).toMatchObject({ pk });
    const other = await sent();
    expect(await seen(next)).toMatchObject({ pk: other });
    await sent();
    expect(await seen(next)).toMatchObject({ pk: SOME_SEND });
  });

  it('of a message that was taken for a person’s is joined once an answer names it as ours', async () => {
    const [key, providerId] = [`order:${randomUUID()}:ready`, randomUUID()];
    await observed.observe('line', providerId, undefined, WRITTEN);
    expect(await observed.noteStatus('line', providerId, 'sent', AT)).toBe('foreign');
    const claim = await ledger.claim(claimant(key));
    if (typeof claim === 'string') throw new Error(claim);
    await ledger.settle(claim.record, { ...settle, providerId });
    expect(await observed.noteStatus('line', providerId, 'delivered', AT)).toMatchObject({ key });
    expect(await ledger.read('line', key)).toMatchObject({ delivery: { status: 'delivered' } });
    expect(await observed.noteStatus('line', providerId, 'read', AT)).toMatchObject({ delivery: { status: 'read' } });
  });

  it('of a message that a person wrote belongs to no send', async () => {
    const id = randomUUID();
    await observed.observe('line', id, undefined, WRITTEN);
    expect(await observed.noteStatus('line', id, 'read', AT)).toBe('foreign');
  });

  it('of another line is never joined', async () => {
    const claim = await ledger.claim(claimant(`order:${randomUUID()}:ready`));
    if (typeof claim === 'string') throw new Error(claim);
    const id = randomUUID();
    await ledger.settle(claim.record, { ...settle, providerId: id });
    expect(await observed.noteStatus('line-other', id, 'read', AT)).toBe('unknown');
  });
});

it('a take-over keeps what was said of the send and counts its conflicts', async () => {
  const key = `order:${randomUUID()}:ready`;
  const first = await ledger.claim(claimant(key));
  if (typeof first === 'string') throw new Error(first);
  await ledger.settle(first.record, { state: 'UNKNOWN', attempts: 1, firstAttemptAt: 1, reason: 'timeout' });
  await observed.observe('line', `p-${key}`, first.record.pk, WRITTEN);
  await observed.noteStatus('line', `p-${key}`, 'sent', AT);
  await ledger.noteConflict('line', key);
  const second = await ledger.claim(claimant(key));
  if (typeof second === 'string') throw new Error(second);
  await ledger.settle(second.record, { ...settle, attempts: 2 });
  const record = await ledger.read('line', first.record.key);
  expect(record).toMatchObject({ state: 'ACCEPTED', attempts: 2, conflicts: 1, delivery: { status: 'sent' } });
  expect(record?.reason).toBeUndefined();
});

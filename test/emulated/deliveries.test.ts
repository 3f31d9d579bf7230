import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Deliveries } from '../../functions/shared/ledger/deliveries.ts';
import { triesOf, type Unavailable } from '../../functions/shared/runtime/errors.ts';
import { sha256 } from '../../functions/shared/runtime/hashes.ts';
import { startDynamo } from './dynamo.ts';

let stop: () => Promise<void>;
let make: () => Deliveries;
let clock = Date.parse('2026-11-22T10:00:00Z');

beforeAll(async () => {
  ({ stop } = await startDynamo());
  const module = await import('../../functions/shared/ledger/deliveries.ts');
  make = () => new module.Deliveries('deliveries', { now: () => clock, newOwner: randomUUID });
});
afterAll(() => stop());

const never = () => new Promise<void>(() => {});
const inProgress = expect.objectContaining({ name: 'Unavailable', reason: 'in_progress' });

describe('a consumer’s claim', () => {
  it('lets exactly one of 100 copies at once have its effect, and afterwards none', async () => {
    const name = randomUUID();
    let effects = 0;
    const effect = async () => {
      effects += 1;
    };
    const results = await Promise.allSettled(Array.from({ length: 100 }, () => make().once(name, effect)));
    expect(effects).toBe(1);
    expect(results.filter((result) => result.status === 'fulfilled' && result.value)).toHaveLength(1);
    const reasons = results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []));
    expect(reasons).toEqual(reasons.map(() => inProgress));
    expect(await make().once(name, effect)).toBe(false);
    expect(effects).toBe(1);
  });

  it('in progress is never a success: the copy comes back soon, and never frees the running owner’s claim', async () => {
    const name = randomUUID();
    void make().once(name, never);
    await expect
      .poll(() =>
        make()
          .once(name, async () => {})
          .catch((error: unknown) => error),
      )
      .toEqual(inProgress);
    await expect(make().once(name, async () => {})).rejects.toMatchObject({ retryAfterSeconds: 5 });
  });

  it('in progress is looked at a few times and not for ever: each look is one of the receives that a queue allows', async () => {
    const name = randomUUID();
    let began = () => {};
    const running = new Promise<void>((resolve) => {
      began = resolve;
    });
    void make().once(name, () => {
      began();
      return never();
    });
    await running;
    const looks: number[] = [];
    for (;;) {
      const error = await make()
        .once(name, async () => {})
        .catch(({ retryAfterSeconds }: Unavailable) => retryAfterSeconds);
      if (typeof error !== 'number') break;
      looks.push(error);
      clock += error * 1000;
    }
    expect(looks).toEqual([5, 5, 10, 20, 40, 10]);
  });

  it('that failed tells how often it was tried in earnest, however often a copy looked', async () => {
    const name = randomUUID();
    const failure = new Error('crm down');
    const fails = (error: Error) => expect(make().once(name, () => Promise.reject(error))).rejects.toBe(error);
    await fails(new Error('crm down'));
    await fails(failure);
    expect(triesOf(failure)).toBe(2);
  });

  it('of an owner that failed is free at once, and the next one knows that it is not the first', async () => {
    const name = randomUUID();
    const failure = new Error('crm down');
    await expect(make().once(name, () => Promise.reject(failure))).rejects.toBe(failure);
    let attempt = 0;
    const second = make().once(name, async (n) => {
      attempt = n;
    });
    expect(await second).toBe(true);
    expect(attempt).toBe(2);
  });

  it('of an owner that vanished is free when its lease is over, and that owner can then change nothing', async () => {
    const name = randomUUID();
    let finish = () => {};
    let began = () => {};
    const running = new Promise<void>((resolve) => {
      began = resolve;
    });
    const slow = make().once(name, () => {
      began();
      return new Promise<void>((resolve) => {
        finish = resolve;
      });
    });
    await running;
    clock += 89_000;
    await expect(make().once(name, async () => {})).rejects.toEqual(inProgress);
    clock += 2_000;
    await expect(make().once(name, () => Promise.reject(new Error('again')))).rejects.toThrow('again');
    finish();
    await slow;
    // Not done: the late end of the slow owner counted for nothing.
    expect(await make().once(name, async () => {})).toBe(true);
  });
});

describe('what may be told again in other words', () => {
  const telling = (words: string, second = 0, occurrence: string = randomUUID()) => ({
    words,
    at: new Date(clock + second * 1000).toISOString(),
    occurrence,
    isRevision: false,
  });

  it('has its effect once for each wording, also for the first one told anew after another', async () => {
    const [deliveries, name] = [make(), randomUUID()];
    const seen: string[] = [];
    const tell = (words: string, second?: number, occurrence?: string) =>
      deliveries.onceForWords(name, telling(words, second, occurrence), async (_, change) => {
        seen.push(`${words} ${change}`);
      });
    await tell('yes');
    await tell('yes');
    await tell('stop', 1, 'd2');
    await tell('stop', 1, 'd2');
    await tell('stop', 1, 'd3');
    await tell('start', 2);
    await tell('stop', 3);
    // Told behind those that followed it.
    await tell('yes', 0);
    await tell('start', 2);
    expect(seen).toEqual(['yes false', 'stop dated', 'start dated', 'stop dated']);
  });

  it('under one time counts in the order in which it comes, and a failed effect is tried again', async () => {
    const [deliveries, name] = [make(), randomUUID()];
    const seen: string[] = [];
    await deliveries.onceForWords(name, telling('yes'), async () => {});
    const stop = telling('stop');
    await expect(deliveries.onceForWords(name, stop, () => Promise.reject(new Error('down')))).rejects.toThrow('down');
    expect(await deliveries.onceForWords(name, stop, async (_, change) => void seen.push(`stop ${change}`))).toBe(true);
    expect(await deliveries.onceForWords(name, stop, async () => void seen.push('again'))).toBe(false);
    expect(seen).toEqual(['stop undated']);
  });

  const told = async (deliveries: Deliveries, name: string, text: string, over: object = {}) => {
    const { onceTold } = await import('../../functions/shared/ledger/tellings.ts');
    const base = { kind: 'message', conversation: 'c', fromMe: false, individual: true, type: 'text' } as const;
    const item = { ...base, id: name, text, at: new Date(clock).toISOString(), ...over };
    const receivedAt = new Date(clock + 3 * 24 * 3600_000).toISOString();
    let isChange: boolean | undefined;
    await onceTold(
      deliveries,
      name,
      { deliveryId: randomUUID(), receivedAt, index: 0, item },
      async (_, __, change) => {
        isChange = change;
      },
    );
    return isChange;
  };

  it('with other white space, accents written otherwise or signs that nobody sees, is told in no other words', async () => {
    const [deliveries, name] = [make(), randomUUID()];
    expect(await told(deliveries, name, 'Please  stop,\nJos\u00e9')).toBe(false);
    for (const copy of [
      'Please stop, Jos\u00e9',
      ' Please\tstop,\u00a0Jose\u0301 ',
      '\u200ePlease stop,\ufeff Jos\u00e9\u200f',
    ])
      expect([copy, await told(deliveries, name, copy)]).toEqual([copy, undefined]);
    expect(await told(deliveries, name, 'Please stop, Dana')).toBe(true);
  });

  it('is told in no other words by a copy that comes after an upgrade, of what the release before knew as it stands', async () => {
    const [deliveries, name, text] = [make(), randomUUID(), 'Please  stop'];
    const asBefore = sha256(text).slice(0, 16);
    await deliveries.onceForWords(name, telling(asBefore, 0), async () => {});
    expect(await told(deliveries, name, text)).toBeUndefined();
    expect(await told(deliveries, name, 'Please go on')).toBe(true);
  });

  it('is older than what revises it, though both bear one time and it comes behind', async () => {
    const [deliveries, name] = [make(), randomUUID()];
    const revision = { ...telling('stop'), isRevision: true };
    expect(await deliveries.onceForWords(name, revision, async () => {})).toBe(true);
    expect(await deliveries.onceForWords(name, telling('start'), async () => {})).toBe(false);
    expect(await deliveries.onceForWords(name, telling('start', 1), async () => {})).toBe(true);
  });

  /** Seconds and milliseconds of the first words, and of what revises them. */
  it.each([
    ['before them', 0, -1],
    ['in seconds, and they in milliseconds', 0.9, 0],
    ['long before them, which bear no time or one ahead', 60, 0],
  ])('is newer than what it revises, though it is dated %s, and then nobody knows when', async (_, first, second) => {
    const [deliveries, name] = [make(), randomUUID()];
    const seen: string[] = [];
    const tell = (words: string, at: number, more: object = {}) =>
      deliveries.onceForWords(name, { ...telling(words, at), ...more }, async (_, change) => {
        seen.push(`${words} ${change}`);
      });
    const revises = { isRevision: true, cameAt: new Date(clock + 90_000).toISOString() };
    await tell('hello', first);
    await tell('stop', second, revises);
    // Copies of both, under other ids.
    await tell('hello', first);
    await tell('stop', second, revises);
    await tell('never mind', second, revises);
    await tell('stop', second, revises);
    expect(seen).toEqual(['hello false', 'stop undated', 'never mind undated', 'stop undated']);
  });

  it('counts in whole seconds, for some stamps have no more', async () => {
    const [deliveries, name] = [make(), randomUUID()];
    const seen: string[] = [];
    for (const [words, second] of [
      ['hello', 0.9],
      ['stop', 0],
      ['start', 0.5],
      ['older', -1],
    ] as const) {
      await deliveries.onceForWords(name, telling(words, second), async (_, change) => {
        seen.push(`${words} ${change}`);
      });
    }
    expect(seen).toEqual(['hello false', 'stop undated', 'start undated']);
  });

  it('and comes before what it revises was said nobody knows when, and is newer than that', async () => {
    const [deliveries, name] = [make(), randomUUID()];
    const seen: string[] = [];
    const tell = (words: string, at: number, more: object = {}) =>
      deliveries.onceForWords(name, { ...telling(words, at), ...more }, async (_, change) => {
        seen.push(`${words} ${change}`);
      });
    await tell('stop', -1, { isRevision: true, cameAt: new Date(clock + 5000).toISOString() });
    await tell('start', 0);
    await tell('again', 6);
    expect(seen).toEqual(['stop undated', 'again dated']);
  });

  it('is a copy where it has none and does not say that it is a change; words in the place of none are one', async () => {
    const [deliveries, name] = [make(), randomUUID()];
    const seen: string[] = [];
    const tell = (words: string, second: number, more: object = {}) =>
      deliveries.onceForWords(name, { ...telling(words, second), ...more }, async (_, change) => {
        seen.push(`${words} ${change}`);
      });
    await tell('none', 0, { isBare: true });
    await tell('caption', 0);
    await tell('none', 0, { isBare: true });
    await tell('none', 9, { isBare: true });
    await tell('caption', 0);
    await tell('sealed', 0, { isRevision: true });
    expect(seen).toEqual(['none false', 'caption undated', 'sealed undated']);
  });

  it('of an earlier release, which kept no words, is a copy', async () => {
    const [deliveries, name] = [make(), randomUUID()];
    await deliveries.once(name, async () => {});
    expect(await deliveries.onceForWords(name, telling('stop', 1), async () => {})).toBe(false);
  });
});

it('a delivery is known from the moment it is recorded, on its own line alone, and recording it twice is fine', async () => {
  const [deliveries, id] = [make(), randomUUID()];
  const note = { event: 'messages.post', items: 1, hash: 'a' };
  expect(await deliveries.known('line', id, 'a')).toBe('new');
  await deliveries.record('line', id, note);
  await deliveries.record('line', id, note);
  expect(await deliveries.known('line', id, 'a')).toBe('same');
  expect(await deliveries.known('other', id, 'a')).toBe('new');
});

it('what says something else under a known id is another delivery, known from then on; a note of an earlier release stands for all', async () => {
  const [deliveries, id] = [make(), randomUUID()];
  await deliveries.record('line', id, { event: 'messages.post', items: 1, hash: 'a' });
  expect(await deliveries.known('line', id, 'b')).toBe('other');
  await deliveries.record('line', `${id}#b`, { event: 'messages.post', items: 1, hash: 'b' });
  expect(await Promise.all(['a', 'b', 'c'].map((hash) => deliveries.known('line', id, hash)))).toEqual([
    'same',
    'same',
    'other',
  ]);
  const before = randomUUID();
  await deliveries.record('line', before, { event: 'messages.post', items: 1 });
  expect(await deliveries.known('line', before, 'a')).toBe('same');
});

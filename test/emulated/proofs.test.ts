import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { isRotated, refusedProofs } from '../../cli/source/rotated.ts';
import type { Proofs } from '../../functions/shared/door/proofs.ts';
import { startDynamo } from './dynamo.ts';

const [SECOND, MINUTE] = [1_000, 60_000];
const START = Date.parse('2026-11-22T10:00:00.000Z');

let stop: () => Promise<void>;
let client: DynamoDBClient;
let make: () => Proofs;
let template: string;
let now = START;
let writes = 0;
let fails = false;
let logs: string[] = [];
let made = 0;

beforeAll(async () => {
  ({ stop } = await startDynamo('deliveries'));
  const module = await import('../../functions/shared/door/proofs.ts');
  client = new DynamoDBClient({});
  client.middlewareStack.add(
    (next) => (args) => {
      writes += 1;
      return fails ? Promise.reject(new TypeError('x')) : next(args);
    },
    { step: 'initialize' },
  );
  make = () =>
    new module.Proofs({
      table: 'deliveries',
      template,
      client,
      now: () => now,
      log: (level, fields) => logs.push(JSON.stringify({ level, ...fields })),
    });
});
afterAll(() => stop());
beforeEach(() => {
  made += 1;
  template = `template-${made}`;
  [now, writes, fails, logs] = [START, 0, false, []];
});

const row = async (source = 'shop') => {
  const before = writes;
  const { pk: _, ...found } = (await refusedProofs('deliveries', client, template, source)) as { pk?: string };
  writes = before;
  return found;
};

describe('wrong proofs', () => {
  it('are counted since the first, in a row for each source', async () => {
    const proofs = make();
    await proofs.refused('shop');
    expect(await row()).toEqual({ refused: 1, firstAt: START, lastAt: START });
    now += 30 * SECOND;
    await proofs.refused('shop');
    now += 40 * SECOND;
    await proofs.refused('shop');
    expect(await row()).toEqual({ refused: 3, firstAt: START, lastAt: now });
    expect(await row('other')).toEqual({});
  });

  it('in a flood are one write a minute for all sources together, and each source has its turn', async () => {
    const proofs = make();
    for (let second = 0; second < 240; second += 1) {
      now = START + second * SECOND;
      for (let time = 0; time < 5; time += 1) await proofs.refused('shop');
      if (second % 50 === 10) await proofs.refused('other');
    }
    expect(writes).toBe(4);
    expect(await row('shop')).toMatchObject({ firstAt: START });
    expect(await row('other')).toMatchObject({ firstAt: START + 10 * SECOND });
  });

  it('of a secret that was changed at one end are told from those of a while', async () => {
    const proofs = make();
    await proofs.good('shop');
    for (const minute of [1, 2, 3, 4]) {
      now = START + minute * MINUTE;
      await proofs.refused('shop');
      expect(isRotated({ ...(await row()), now })).toBe(minute >= 3);
    }
  });
});

describe('a good proof', () => {
  it('is written once in ten minutes', async () => {
    const proofs = make();
    for (let second = 0; second < 600; second += 1) {
      now = START + second * SECOND;
      await proofs.good('shop');
    }
    expect([writes, await row()]).toEqual([1, { goodAt: START }]);
    now = START + 10 * MINUTE;
    await proofs.good('shop');
    expect([writes, await row()]).toEqual([2, { goodAt: now }]);
  });

  it('takes back at once what this container noted as refused, and what another did within ten minutes', async () => {
    const [one, other] = [make(), make()];
    await one.good('shop');
    await other.good('shop');
    now += MINUTE;
    await one.refused('shop');
    await one.refused('shop');
    now += SECOND;
    await one.good('shop');
    expect(await row()).toEqual({ goodAt: now });
    await other.refused('shop');
    await one.good('shop');
    expect(await row()).toMatchObject({ refused: 1 });
    now += 10 * MINUTE;
    await one.good('shop');
    expect(await row()).toEqual({ goodAt: now });
    // What it had not noted yet is forgotten too.
    now += MINUTE;
    await one.refused('shop');
    expect(await row()).toMatchObject({ refused: 1, firstAt: now });
  });

  it('among wrong ones in a flood causes no more writes than they do', async () => {
    const proofs = make();
    for (let second = 0; second < 180; second += 1) {
      now = START + second * SECOND;
      await proofs.refused('shop');
      await proofs.good('shop');
    }
    expect(writes).toBe(6);
  });
});

it('what cannot be noted is a line of the log with a code, and is not tried with each event', async () => {
  fails = true;
  const proofs = make();
  for (let time = 0; time < 3; time += 1) {
    await proofs.refused('shop');
    await proofs.good('other');
  }
  expect(writes).toBe(2);
  expect(logs.map((line) => JSON.parse(line))).toEqual(
    ['shop', 'other'].map((source) => ({
      level: 'warn',
      event: 'proofs',
      template,
      source,
      outcome: 'not_noted',
      reason: 'TypeError',
    })),
  );
});

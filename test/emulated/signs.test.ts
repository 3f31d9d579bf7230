import { randomUUID } from 'node:crypto';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Sign, SignTools } from '../../functions/shared/ledger/signs.ts';
import type { LogFields } from '../../functions/shared/runtime/log.ts';
import { startDynamo } from './dynamo.ts';

const MINUTE = 60_000;
let stop: () => Promise<void>;
let load: typeof import('../../functions/shared/ledger/signs.ts');
let client: DynamoDBClient;
let line = '';
let clock = Date.parse('2026-11-22T10:00:00Z');
let logs: LogFields[] = [];
const tools: SignTools = { now: () => clock, log: (level, fields) => logs.push({ level, ...fields } as LogFields) };

beforeAll(async () => {
  ({ stop } = await startDynamo());
  load = await import('../../functions/shared/ledger/signs.ts');
  client = new DynamoDBClient({});
});
afterAll(() => stop());
beforeEach(() => {
  line = randomUUID();
  logs = [];
});

const KINDS = {
  heard: {
    every: MINUTE,
    make: (): Sign => load.heardSign('deliveries', line, tools),
    last: (of = line) => load.lastHeard('deliveries', of, client),
  },
  accepted: {
    every: 60 * MINUTE,
    make: (): Sign => load.acceptedSign('sends', line, tools),
    last: (of = line) => load.lastAccepted('sends', of, client),
  },
};

describe.each(Object.entries(KINDS))('the sign "%s"', (_, { every, make, last }) => {
  it('tells when it was noted last, of its own line, and nothing before', async () => {
    expect(await last()).toBeUndefined();
    await make().note();
    expect(await last()).toBe(clock);
    expect(await last(randomUUID())).toBeUndefined();
  });

  it('is noted so often at most by one process, and each has its own count', async () => {
    const [one, first] = [make(), clock];
    await one.note();
    clock += every - 1;
    await one.note();
    expect(await last()).toBe(first);
    clock += 1;
    await one.note();
    expect(await last()).toBe(clock);
    clock += 1000;
    await make().note();
    expect(await last()).toBe(clock);
    expect(logs).toEqual([]);
  });

  it('of a process that stood still meanwhile does not take the place of a later one', async () => {
    const later = clock;
    await make().note();
    clock -= 5 * MINUTE;
    await make().note();
    expect(await last()).toBe(later);
    expect(logs).toEqual([]);
    clock = later;
  });
});

it('a note that the table refuses throws nothing, is logged by its code, and is not tried again before its time', async () => {
  const sign = load.heardSign('no-such-table', line, tools);
  await sign.note();
  await sign.note();
  expect(logs).toEqual([{ level: 'warn', event: 'sign', reason: 'ResourceNotFoundException', outcome: 'not_noted' }]);
});

import { readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { PurgeQueueCommand } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import demo from '../../clients/demo.ts';
import { DAYS } from '../../functions/shared/hours/opening-hours.ts';
import { encode } from '../../functions/shared/runtime/attributes.ts';
import { synthesise } from '../../lib/synthesise.ts';
import type { LocalStack } from '../../local/stack.ts';
import { HOUR, iso } from './appointments.ts';
import { customOrder, post, signed, startDemo, untilState } from './demo.ts';
import { ezw } from './ezw.ts';
import { awsClients } from './fixtures/clients.ts';
import { customerSays, deliver } from './inbound.ts';

interface Resource {
  readonly Type: string;
  readonly Metadata?: { readonly 'ezw:name'?: string };
  readonly Properties?: { readonly Environment?: { readonly Variables?: Record<string, unknown> } };
}

/** A client whose hours are over: what comes waits for the morning, which is nobody's trouble. */
let assembly: string;
let stack: LocalStack;
const MINUTE = 60_000;
/** An order that cannot leave within a day would be given up. */
const NIGHT = 13 * HOUR;
const now = Date.now();
const opens = (new Date(now).getUTCHours() + 14) % 24;

/** It starts no more, as after a deployment that went wrong: of what it needs something is missing. */
const breakFunction = (name: string): void => {
  const file = join(assembly, 'Ezw-demo.template.json');
  const template = JSON.parse(readFileSync(file, 'utf8')) as { Resources: Record<string, Resource> };
  const [found] = Object.values(template.Resources).filter(
    ({ Type, Metadata }) => Type === 'AWS::Lambda::Function' && Metadata?.['ezw:name'] === name,
  );
  delete found?.Properties?.Environment?.Variables?.CRM_SYNC_QUEUE_URL;
  writeFileSync(file, JSON.stringify(template));
};

beforeAll(async () => {
  assembly = await mkdtemp(join(tmpdir(), 'ezw-night-'));
  const hour = String(opens).padStart(2, '0');
  const hours = [{ days: [...DAYS], from: `${hour}:00`, to: `${hour}:59` }];
  const client = { ...demo, sendWindow: { zone: 'UTC', hours, closed: [] } };
  await synthesise([client], assembly, undefined, [client]);
  breakFunction('crm-sync');
  stack = await startDemo({ assembly, watcher: true });
  expect((await ezw(['webhook', 'register', 'demo', '--local', stack.url])).code).toBe(0);
});
afterAll(async () => {
  await stack.stop();
  await rm(assembly, { recursive: true, force: true });
});

const local = async (method: 'GET' | 'POST', path: string, body?: object) => {
  const response = await fetch(`${stack.url}/_local/${path}`, { method, ...(body && { body: JSON.stringify(body) }) });
  return (await response.json()) as { messages?: unknown[]; result?: unknown };
};
/** @returns all that was told up to now */
const look = async (): Promise<readonly unknown[]> => {
  await expect.poll(() => local('POST', 'watch'), { interval: 50 }).toMatchObject({ result: { clients: 1 } });
  return (await local('GET', 'watch')).messages ?? [];
};
const lookAt = async (at: number): Promise<readonly unknown[]> => {
  await local('POST', 'clock', { now: iso(at) });
  return look();
};
const sends = (key: string, UpdateExpression: string, values: object) =>
  awsClients(stack).dynamodb.send(
    new UpdateItemCommand({
      TableName: stack.resources().tables.sends,
      Key: encode({ pk: `${stack.lineId}#${key}` }),
      UpdateExpression,
      ExpressionAttributeValues: encode(values, ':'),
    }),
  );
/** As if it had come so long ago. */
const age = (key: string, ms: number) =>
  sends(key, 'SET createdAt = :at, updatedAt = :at, queuedAt = :at', { at: Date.now() - ms });

it('of what waits for the client’s hours nobody is told, all night long; of what could have left, at once', async () => {
  const ids = Array.from({ length: 24 }, (_, i) => `night-${i}`);
  for (const id of ids) await post(stack, 'custom', signed('custom', customOrder(id)));
  const keys = ids.map((id) => `order:${id}:ready`);
  for (const key of keys) await untilState(stack, key, 'HELD');
  for (const [i, key] of keys.entries()) await age(key, (NIGHT / keys.length) * (i + 1));
  for (let passed = 0; passed <= NIGHT; passed += HOUR) expect(await lookAt(now + passed)).toEqual([]);
  // It came in the client's hours, and something else held it.
  const [key = ''] = keys;
  const inHours = new Date(now).setUTCHours(opens, 30);
  await age(key, now - (inHours > now ? inHours - 24 * HOUR : inHours));
  await sends(key, 'SET reason = :reason', { reason: 'api_503' });
  expect(await look()).toEqual([expect.objectContaining({ subject: 'Ezw demo: oldest send' })]);
}, 180_000);

it('of a function that does not start, whose messages are in flight most of the time, people are told after half an hour, and that it is over', async () => {
  const begun = now + NIGHT + HOUR;
  await lookAt(begun);
  const before = (await lookAt(begun + 15 * MINUTE)).length;
  expect((await deliver(stack, customerSays('broken-1', 'Hello'))).status).toBe(200);
  const toldAfter = async (minutes: number) => (await lookAt(begun + (15 + minutes) * MINUTE)).slice(before);
  for (const minutes of [5, 10, 15, 20, 25, 30]) expect(await toldAfter(minutes)).toEqual([]);
  const about = 'Ezw demo: queue crm-sync';
  const told = await toldAfter(40);
  expect(told).toEqual([expect.objectContaining({ subject: expect.stringContaining(about) })]);
  expect(await toldAfter(45)).toHaveLength(1);
  const QueueUrl = stack.resources().queues['crm-sync'];
  await awsClients(stack).sqs.send(new PurgeQueueCommand({ QueueUrl }));
  expect(await toldAfter(50)).toHaveLength(1);
  expect((await toldAfter(60))[1]).toMatchObject({ subject: about.replace('Ezw ', 'Ezw well again: ') });
});

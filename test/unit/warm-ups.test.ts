import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SchedulerClient } from '@aws-sdk/client-scheduler';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SESv2Client } from '@aws-sdk/client-sesv2';
import { SQSClient } from '@aws-sdk/client-sqs';
import { SSMClient } from '@aws-sdk/client-ssm';
import { mockClient } from 'aws-sdk-client-mock';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import client from '../../clients/demo.ts';
import { handlers } from '../../lib/bundle.ts';
import { slices } from '../../lib/client.ts';

const functions = [...handlers().keys()];

const VARIABLES = [
  'SENDS_TABLE',
  'DELIVERIES_TABLE',
  'CONTACTS_TABLE',
  'APPOINTMENTS_TABLE',
  'SOURCES_SECRET',
  'LINE_TOKEN_SECRET',
  'WEBHOOK_TOKEN_SECRET',
  'CONTACT_SALT_SECRET',
  'CRM_SECRET',
  'NOTIFIERS_SECRET',
  'WORK_QUEUE_URL',
  'SENDS_QUEUE_URL',
  'SENDS_DLQ_URL',
  'CRM_SYNC_QUEUE_URL',
  'ESCALATION_QUEUE_URL',
  'UNREAD_QUEUE_URL',
  'CRM_SYNC_DLQ_URL',
  'ESCALATION_DLQ_URL',
  'ALARMS_GROUP',
  'ALARMS_ROLE_ARN',
  'WORK_QUEUE_ARN',
  'WORK_DLQ_ARN',
  'EZW_BASE_URL',
];

/** Calls to AWS of the first round; each waits until the round is given up. */
let waiting: ((error: Error) => void)[];
/** How many were made when the round was over, because it was. */
let late: number | undefined;
const call = () => {
  if (late === undefined) return new Promise<never>((_, reject) => waiting.push(reject));
  late += 1;
  return Promise.reject(new Error('nobody answers'));
};

const mocks = [
  mockClient(DynamoDBClient).onAnyCommand().callsFake(call),
  mockClient(SecretsManagerClient).onAnyCommand().callsFake(call),
  mockClient(SQSClient).onAnyCommand().callsFake(call),
  mockClient(SSMClient).onAnyCommand().callsFake(call),
  mockClient(SchedulerClient).onAnyCommand().callsFake(call),
  mockClient(SESv2Client).onAnyCommand().callsFake(call),
];

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'ezw-warm-ups-'));
  for (const [name, slice] of Object.entries(slices(client))) writeFileSync(join(folder, name), JSON.stringify(slice));
  for (const name of VARIABLES) vi.stubEnv(name, name);
  vi.stubEnv('EZW_CLIENT', client.name);
  vi.stubEnv('AWS_REGION', 'us-east-1');
});
afterAll(() => {
  for (const mock of mocks) mock.restore();
  rmSync(folder, { recursive: true, force: true });
});

/** Lambda gives INIT 10 s, and a call that nobody answers takes 4.5 s: there is time for one round of calls, not for two. */
it.each(functions)(
  '%s makes all its first calls in one round, for INIT has no time for a second one',
  async (name) => {
    [waiting, late] = [[], undefined];
    vi.stubEnv('CONFIG_FILE', join(folder, name));
    const loaded: Promise<object> = import(`../../functions/${name}/handler.ts`);
    await vi.waitUntil(() => waiting.length > 0, { timeout: 60_000 });
    // Whatever is called without waiting for another call is called by now.
    await nextTurn();
    late = 0;
    for (const giveUp of waiting) giveUp(new Error('nobody answers'));
    expect(await loaded).toHaveProperty('handler');
    expect(late).toBe(0);
  },
  90_000,
);

import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import type { LocalStack } from '../../local/stack.ts';
import { readAssembly, readWatch, together } from '../../local/template/assembly.ts';
import { isOn, periodsOf } from '../watch-alarm.ts';
import { startDemo } from './demo.ts';

/** A watcher that does what the file beside it says: which says what it may, and tells something. */
const WATCHER = `
import { readFileSync } from 'node:fs';
import { DynamoDBClient, GetItemCommand, PutItemCommand, QueryCommand, ScanCommand } from '${import.meta.resolve('@aws-sdk/client-dynamodb')}';
import { PublishCommand, SNSClient } from '${import.meta.resolve('@aws-sdk/client-sns')}';
const client = { maxAttempts: 1 };
const [dynamodb, sns] = [new DynamoDBClient(client), new SNSClient(client)];
const tried = (command) => dynamodb.send(command).then(() => 'may', ({ name }) => name);
export const handler = async ({ time }) => {
  const { fails, table: TableName } = JSON.parse(readFileSync(new URL('./does.json', import.meta.url)));
  if (fails) throw new Error('as it was told');
  const { WATCH_TABLE, WATCH_TOPIC, EZW_LOCAL_URL } = process.env;
  await dynamodb.send(new PutItemCommand({ TableName: WATCH_TABLE, Item: { pk: { S: 'told' }, at: { S: time } } }));
  const Key = { pk: { S: 'x' } };
  await sns.send(new PublishCommand({ TopicArn: WATCH_TOPIC, Subject: 'Looked', Message: time, MessageAttributes: { client: { DataType: 'String', StringValue: 'demo' } } }));
  return {
    time,
    url: EZW_LOCAL_URL,
    reads: await tried(new GetItemCommand({ TableName, Key })),
    writes: await tried(new PutItemCommand({ TableName, Item: Key })),
    scans: await tried(new ScanCommand({ TableName })),
    queries: await tried(new QueryCommand({ TableName, KeyConditionExpression: 'pk = :pk', ExpressionAttributeValues: { ':pk': { S: 'x' } } })),
  };
};
`;

const DEMO = process.env.EZW_ASSEMBLY ?? '';
const MINUTE_MS = 60_000;
const EVERY_MS = 5 * MINUTE_MS;

let folder: string;
let code: string;
let stack: LocalStack;
const does = (what: object) =>
  writeFileSync(join(code, 'does.json'), JSON.stringify({ table: stack?.resources().tables.sends, ...what }));

/** The demo's assembly with this watcher in the place of its own. */
const assembled = (): string => {
  folder = mkdtempSync(join(tmpdir(), 'ezw-local-watch-'));
  code = join(folder, 'watcher');
  mkdirSync(code);
  writeFileSync(join(code, 'index.mjs'), WATCHER);
  for (const name of ['Ezw-demo', 'Ezw-watch']) {
    cpSync(join(DEMO, `${name}.template.json`), join(folder, `${name}.template.json`));
    const assets = JSON.parse(readFileSync(join(DEMO, `${name}.assets.json`), 'utf8'));
    for (const { source } of Object.values<{ source: { path: string } }>(assets.files)) {
      const isCode = name === 'Ezw-watch' && !source.path.endsWith('.json');
      source.path = isCode ? code : resolve(DEMO, source.path);
    }
    writeFileSync(join(folder, `${name}.assets.json`), JSON.stringify(assets));
  }
  return folder;
};

interface Watched {
  readonly messages: readonly Readonly<Record<string, unknown>>[];
  readonly runs: readonly { readonly time: string; readonly ended: string }[];
}
interface Answer extends Watched {
  readonly result: Readonly<Record<string, string>>;
  readonly routes: readonly string[];
}
const asked = async (method: string, path: string, body?: object) => {
  const response = await fetch(`${stack.url}/_local/${path}`, {
    method,
    ...(body && { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: (await response.json()) as Answer };
};
const watched = async (): Promise<Watched> => (await asked('GET', 'watch')).body;
const runsAfter = async (count: number) => {
  await vi.waitFor(async () => expect((await watched()).runs).toHaveLength(count), 20_000);
  return (await watched()).runs;
};
/** Minutes are whole numbers of the time between two looks, so nothing is due between. */
let now = Math.ceil((Date.now() + 3_600_000) / EVERY_MS) * EVERY_MS;
const moveBy = async (ms: number) => {
  now += ms;
  return asked('POST', 'clock', { now: new Date(now).toISOString() });
};

beforeAll(async () => {
  stack = await startDemo({ assembly: assembled(), watcher: true });
  expect(stack.functions.watcher).toEqual([]);
  // Off the times at which it looks.
  await moveBy(MINUTE_MS);
  await runsAfter(1);
});
afterAll(async () => {
  await stack.stop();
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(() => does({}));

describe('the watcher beside a client', () => {
  test('is called once, for the last of its times, however far the clock jumps', async () => {
    const { length } = (await watched()).runs;
    await moveBy(24 * 60 * MINUTE_MS);
    await runsAfter(length + 1);
    await moveBy(EVERY_MS);
    const runs = await runsAfter(length + 2);
    const last = Math.floor(now / EVERY_MS) * EVERY_MS;
    expect(runs.slice(-2).map(({ time }) => Date.parse(time))).toEqual([last - EVERY_MS, last]);
  });

  test('tells, and what it told is there to read', async () => {
    const before = (await watched()).messages.length;
    const { status, body } = await asked('POST', 'watch');
    expect([status, body.result.url]).toEqual([200, stack.url]);
    const { messages, runs } = await watched();
    expect(messages.slice(before)).toEqual([
      {
        at: expect.any(String),
        client: 'demo',
        subject: 'Looked',
        message: body.result.time,
        to: ['dana@agency.example'],
      },
    ]);
    // It is asked for by the scheduler's clock.
    expect(Date.parse(String(body.result.time))).toBeGreaterThanOrEqual(now);
    expect(runs.at(-1)).toEqual({ time: body.result.time, ended: 'well' });
  });

  test('may read what is of the client, row by row, and write nothing there', async () => {
    const { body } = await asked('POST', 'watch');
    expect(body.result).toMatchObject({
      reads: 'may',
      queries: 'may',
      writes: 'AccessDeniedException',
      scans: 'AccessDeniedException',
    });
  });

  test('that fails is counted, is answered so, and sets its own alarm off after three times', async () => {
    const all = Object.values(readWatch(folder)?.template.Resources ?? {});
    const alarm = all.find(({ Type }) => Type === 'AWS::CloudWatch::Alarm')?.Properties ?? {};
    const isRinging = () => isOn(alarm, periodsOf(stack.watch?.runs() ?? [], now, 6, EVERY_MS));
    await asked('POST', 'watch');
    expect((await watched()).runs.at(-1)?.ended).toBe('well');
    does({ fails: true });
    expect(await asked('POST', 'watch')).toMatchObject({ status: 500, body: { message: 'Error: as it was told' } });
    const { length } = (await watched()).runs;
    // The first of these periods began with the look that ended well.
    for (let i = 1; i <= 4; i += 1) {
      expect(isRinging()).toBe(false);
      await moveBy(EVERY_MS);
      expect((await runsAfter(length + i)).at(-1)?.ended).toBe('with an error');
    }
    expect(isRinging()).toBe(true);
    does({});
    await moveBy(EVERY_MS);
    await runsAfter(length + 5);
    expect(isRinging()).toBe(false);
  });

  test('changes nothing of what is shown of the client: its doors, its queues and its template', async () => {
    const own = readAssembly(folder, 'demo').template;
    expect(stack.resources().template).toEqual(own);
    const { body } = await asked('GET', 'ready');
    expect(body.routes.filter((route: string) => /watch/i.test(route))).toEqual([]);
    expect(
      Object.keys({ ...stack.depths().queues, ...stack.depths().dlqs }).filter((name) => /watch/.test(name)),
    ).toEqual([]);
  });
});

test('two stacks that both have a resource of one logical id do not become one', () => {
  const own = readAssembly(folder, 'demo');
  expect(() => together(own, own)).toThrow(/^Ezw-demo and Ezw-demo both have /);
});

import { cpSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { PutSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { LocalStack } from '../../local/stack.ts';
import { awsClients } from './fixtures/clients.ts';
import { type Fixture, localFixture } from './fixtures/local-assembly.ts';

/** Answers at the door, and notes of messages, with which version it is. `wait` holds it for some milliseconds. */
const handler = (version: string) => `
import { appendFileSync } from 'node:fs';
export async function handler(event) {
  for (const { body } of event.Records ?? []) {
    await new Promise((done) => setTimeout(done, 30));
    appendFileSync(process.env.NOTES_FILE, JSON.stringify({ version: '${version}', body }) + '\\n');
  }
  const { act, argument } = event.pathParameters ?? {};
  if (act === 'wait') await new Promise((done) => setTimeout(done, Number(argument)));
  return event.Records ? { batchItemFailures: [] } : { version: '${version}' };
}`;

interface Template {
  Resources: Record<string, { Type: string; Properties: Record<string, unknown>; Metadata?: object }>;
  Outputs: Record<string, { Value: string }>;
}

let fixture: Fixture;
let stack: LocalStack;

/** The fixture's assembly in a folder of its own, with other code for these functions. */
function assembly(code: Record<string, string>, change: (template: Template) => void = () => {}): string {
  const folder = mkdtempSync(join(tmpdir(), 'local-reload-'));
  cpSync(fixture.assembly, folder, { recursive: true });
  const read = (file: string) => JSON.parse(readFileSync(join(folder, file), 'utf8'));
  const template: Template = read('Ezw-fixture.template.json');
  const { files } = read('Ezw-fixture.assets.json');
  for (const [id, text] of Object.entries(code)) {
    const key = Buffer.from(text).toString('base64url').slice(-40);
    mkdirSync(join(folder, key), { recursive: true });
    writeFileSync(join(folder, key, 'index.mjs'), text);
    files[key] = { source: { path: key }, destinations: { here: { objectKey: `${key}.zip` } } };
    const lambda = template.Resources[id];
    if (lambda) lambda.Properties.Code = { S3Key: `${key}.zip` };
  }
  change(template);
  writeFileSync(join(folder, 'Ezw-fixture.template.json'), JSON.stringify(template));
  writeFileSync(join(folder, 'Ezw-fixture.assets.json'), JSON.stringify({ files }));
  return folder;
}

const both = (version: string) => ({ Door: handler(version), Worker: handler(version) });

beforeEach(async () => {
  fixture = localFixture();
  stack = await fixture.start({ assembly: assembly(both('old')) });
});
afterEach(() => stack.stop());

const get = async (path: string) => {
  const response = await fetch(stack.url + path);
  return { status: response.status, body: (await response.json()) as { version?: string } };
};
const queueUrl = (name: string) => Object.entries(stack.resources().queues).find(([queue]) => queue === name)?.[1];
const send = (queue: string, body: string) =>
  awsClients(stack).sqs.send(new SendMessageCommand({ QueueUrl: queueUrl(queue), MessageBody: body }));
const noted = () => fixture.notes() as { version?: string; body?: string }[];
const isAlive = (pid: number) => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

describe('other code', () => {
  test('takes every new event, while what is under way ends on the old', async () => {
    const before = Object.values(stack.functions).flat();
    const underWay = get('/wait/1000');
    await sleep(200);
    expect(await stack.reload(assembly(both('new')))).toEqual({ functions: ['door', 'worker'], gone: [], doors: [] });
    expect((await get('/wait/0')).body).toEqual({ version: 'new' });
    expect(await underWay).toEqual({ status: 200, body: { version: 'old' } });
    await expect.poll(() => before.filter(isAlive)).toEqual([]);
    expect(Object.values(stack.functions).flat().length).toBeGreaterThan(0);
  });

  test('handles each message once with the old, whichever is in flight', async () => {
    const bodies = Array.from({ length: 120 }, (_, index) => `message ${index}`);
    const sending = (async () => {
      for (const body of bodies) {
        await send('work', body);
        await sleep(5);
      }
    })();
    for (const version of ['1', '2', '3']) {
      await sleep(200);
      await stack.reload(assembly({ Worker: handler(version) }));
    }
    await sending;
    await expect.poll(() => noted().length).toBeGreaterThanOrEqual(bodies.length);
    await expect.poll(async () => (await stack.state()).queues.work).toEqual({ ready: 0, inFlight: 0, delayed: 0 });
    expect(noted().map(({ body }) => body)).toHaveLength(bodies.length);
    expect(new Set(noted().map(({ body }) => body))).toEqual(new Set(bodies));
    expect(new Set(noted().map(({ version }) => version))).toContain('3');
    expect((await stack.state()).dlqs['work-dlq']?.ready).toBe(0);
  });

  test('is for the functions that it is for: others keep their processes', async () => {
    const { door, worker } = stack.functions;
    const { functions } = await stack.reload(assembly({ Door: handler('new'), Worker: handler('old') }));
    expect(functions).toEqual(['door']);
    expect(stack.functions.worker).toEqual(worker);
    expect(stack.functions.door).not.toEqual(door);
    expect((await stack.reload(assembly({ Door: handler('new'), Worker: handler('old') }))).functions).toEqual([]);
  });

  test('that does not load is mended by the next', async () => {
    await stack.reload(assembly({ Door: 'throw new Error("broken");', Worker: handler('old') }));
    expect((await get('/wait/0')).status).toBe(500);
    await stack.reload(assembly(both('mended')));
    expect((await get('/wait/0')).body).toEqual({ version: 'mended' });
  });

  test('says from which folders processes start', async () => {
    const folder = assembly({ Door: handler('new'), Worker: handler('old') });
    await stack.reload(folder);
    expect(stack.folders.filter((used) => used.startsWith(folder))).toHaveLength(1);
    expect(stack.folders).toHaveLength(2);
  });
});

describe('what is kept', () => {
  test('stays in tables, queues, secrets and the sandbox', async () => {
    const { dynamodb, secrets } = awsClients(stack);
    const { url, sandboxUrl } = stack;
    await dynamodb.send(new PutItemCommand({ TableName: 'Ezw-fixture-Table', Item: { pk: { S: 'kept' } } }));
    await secrets.send(new PutSecretValueCommand({ SecretId: 'ezw/fixture/crm', SecretString: 'rotated' }));
    await send('quiet', 'kept');
    await fetch(`${sandboxUrl}/notifier/slack`, { method: 'POST', body: '{}' });
    await stack.reload(assembly(both('new')));
    const { tables, queues } = await stack.state();
    expect([tables.sends, queues.quiet?.ready]).toEqual([[{ pk: 'kept' }], 1]);
    expect(await (await fetch(`${url}/_sandbox/notifications`)).json()).toHaveLength(1);
    const secret = await fetch(stack.endpoints.secretsManager, {
      method: 'POST',
      headers: { 'x-amz-target': 'secretsmanager.GetSecretValue' },
      body: JSON.stringify({ SecretId: 'ezw/fixture/crm' }),
    });
    expect(await secret.json()).toMatchObject({ SecretString: 'rotated' });
  });
});

describe('another template', () => {
  test('opens and closes doors, feeds and queues beside what is there', async () => {
    await send('quiet', 'waited');
    const { doors, functions } = await stack.reload(
      assembly(both('old'), ({ Resources }) => {
        const { Route0, SendsMapping } = Resources;
        if (!Route0 || !SendsMapping) throw new Error('The fixture has others.');
        Resources.NewRoute = { ...Route0, Properties: { ...Route0.Properties, RouteKey: 'PUT /{act}/{argument}' } };
        Resources.QuietMapping = {
          ...SendsMapping,
          Properties: { ...SendsMapping.Properties, EventSourceArn: { 'Fn::GetAtt': ['Quiet', 'Arn'] } },
        };
        Resources.Later = { Type: 'AWS::SQS::Queue', Metadata: { 'ezw:name': 'later' }, Properties: {} };
        delete Resources.SendsMapping;
      }),
    );
    expect({ doors, functions }).toEqual({ doors: ['PUT /{act}/{argument}'], functions: [] });
    expect((await fetch(`${stack.url}/wait/0`, { method: 'PUT' })).status).toBe(200);
    await expect.poll(() => noted().map(({ body }) => body)).toEqual(['waited']);
    await send('later', 'x');
    expect((await stack.state()).queues.later?.ready).toBe(1);
    await stack.reload(assembly(both('old')));
    expect((await fetch(`${stack.url}/wait/0`, { method: 'PUT' })).status).toBe(404);
    await send('quiet', 'stays');
    await sleep(300);
    expect((await stack.state()).queues.quiet?.ready).toBe(1);
  });

  test('ends a function that it has no more, after what it is doing', async () => {
    const [pid = 0] = stack.functions.worker ?? [];
    await send('work', 'last');
    await sleep(20);
    const { gone } = await stack.reload(
      assembly({ Door: handler('old') }, ({ Resources }) => {
        delete Resources.Worker;
        delete Resources.WorkMapping;
        delete Resources.SendsMapping;
      }),
    );
    expect(gone).toEqual(['worker']);
    await expect.poll(() => isAlive(pid)).toBe(false);
    expect(stack.functions.worker).toBeUndefined();
    await stack.reload(assembly(both('again')));
    await expect.poll(() => noted().map(({ body }) => body)).toEqual(['last']);
  });

  test.each<[string, (template: Template) => void, string, RegExp]>([
    ['is unknown', ({ Resources }) => (Resources.Bus = { Type: 'AWS::X::Y', Properties: {} }), 'StartError', /Bus/],
    ['has another line', ({ Outputs }) => (Outputs.LineId = { Value: 'line-2' }), 'StartAnew', /line/],
    [
      'has another key',
      ({ Resources }) => {
        const table = Resources.Table?.Properties ?? {};
        table.KeySchema = [{ AttributeName: 'id', KeyType: 'HASH' }];
      },
      'StartAnew',
      /Table/,
    ],
  ])('that %s is refused, and what ran goes on', async (_, change, name, message) => {
    const before = stack.functions;
    const refused = await stack.reload(assembly(both('new'), change)).catch((error: Error) => error);
    expect(refused).toMatchObject({ name, message: expect.stringMatching(message) });
    expect((await get('/wait/0')).body).toEqual({ version: 'old' });
    expect(stack.functions).toEqual(before);
  });
});

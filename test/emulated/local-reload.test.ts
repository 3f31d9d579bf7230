import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ListTablesCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { PutSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import { GetQueueAttributesCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
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
  change(template);
  for (const [id, text] of Object.entries(code)) {
    const key = Buffer.from(text).toString('base64url').slice(-40);
    mkdirSync(join(folder, key), { recursive: true });
    writeFileSync(join(folder, key, 'index.mjs'), text);
    files[key] = { source: { path: key }, destinations: { here: { objectKey: `${key}.zip` } } };
    const lambda = template.Resources[id];
    if (lambda) lambda.Properties.Code = { S3Key: `${key}.zip` };
  }
  writeFileSync(join(folder, 'Ezw-fixture.template.json'), JSON.stringify(template));
  writeFileSync(join(folder, 'Ezw-fixture.assets.json'), JSON.stringify({ files }));
  return folder;
}

/** Never gets through its initialisation. */
const hanging = 'await new Promise(() => setInterval(() => {}, 1000));';

const unknownType = ({ Resources }: Template) => {
  Resources.Bus = { Type: 'AWS::X::Y', Properties: {} };
};
const otherLine = ({ Outputs }: Template) => {
  Outputs.LineId = { Value: 'line-2' };
};
const otherTable =
  (properties: object) =>
  ({ Resources }: Template) => {
    Object.assign(Resources.Table?.Properties ?? {}, properties);
  };
const otherKey = otherTable({
  KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
  AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
});
const withIndex = otherTable({
  GlobalSecondaryIndexes: [
    { IndexName: 'byPk', KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }], Projection: { ProjectionType: 'ALL' } },
  ],
});

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
    expect(await stack.reload(assembly(both('new')))).toMatchObject({
      functions: ['door', 'worker'],
      gone: [],
      doors: [],
    });
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

  test.each([
    ['throws', 'throw new Error("broken");'],
    ['imports what is not there', `import '/nowhere.mjs';${handler('new')}`],
    ['hangs', `${hanging}${handler('new')}`],
  ])('that %s when it is loaded leaves the old running, until it is mended', async (_, broken) => {
    const { door } = stack.functions;
    const code = { Door: broken, Worker: handler('new') };
    const going = stack.reload(assembly(code));
    await sleep(300);
    expect((await get('/wait/0')).body).toEqual({ version: 'old' });
    expect(await going).toMatchObject({ functions: ['worker'], kept: ['door'], broken: [] });
    expect(stack.functions.door).toEqual(door);
    expect((await get('/wait/0')).body).toEqual({ version: 'old' });
    expect(await stack.reload(assembly(code))).toMatchObject({ functions: [], kept: ['door'] });
    expect(await stack.reload(assembly(both('new')))).toMatchObject({ functions: ['door'], kept: [] });
    expect((await get('/wait/0')).body).toEqual({ version: 'new' });
  });

  test('of a new function that does not load is reported, until it does', async () => {
    const withNew = (code: string) =>
      assembly({ ...both('old'), Later: code }, ({ Resources }) => {
        const { Door } = Resources;
        if (!Door || Resources.Later) return;
        Resources.Later = { ...Door, Metadata: { 'ezw:name': 'later' }, Properties: { ...Door.Properties } };
      });
    const broken = { functions: [], kept: [], broken: ['later'] };
    for (let i = 0; i < 2; i += 1) expect(await stack.reload(withNew('throw 1;'))).toMatchObject(broken);
    expect(await stack.reload(withNew(handler('old')))).toMatchObject({ functions: ['later'], broken: [] });
  });

  test('that is just being loaded holds nothing up when the stack is stopped', async () => {
    const going = stack.reload(assembly({ Door: hanging, Worker: handler('old') })).catch(() => {});
    await sleep(600);
    const began = Date.now();
    await stack.stop();
    await going;
    expect(Date.now() - began).toBeLessThan(5_000);
  });

  test('says from which folders processes start', async () => {
    const folder = assembly({ Door: handler('new'), Worker: handler('old') });
    await stack.reload(folder);
    expect(stack.folders.filter((used) => used.startsWith(folder))).toHaveLength(1);
    expect(stack.folders).toHaveLength(2);
  });
});

test('of what was built only that is left on disk from which a function runs', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'local-scratch-'));
  const versions = ['1', '2', '3'].map((version) => assembly({ Door: handler(version), Worker: handler('1') }));
  vi.stubEnv('TMPDIR', folder);
  const [first, ...others] = versions as [string, ...string[]];
  const other = await fixture.start({ assembly: first });
  try {
    for (const next of others) await other.reload(next);
    const [scratch = ''] = readdirSync(folder);
    expect(readdirSync(join(folder, scratch))).toHaveLength(2);
  } finally {
    await other.stop();
    vi.unstubAllEnvs();
  }
  expect(readdirSync(folder)).toEqual([]);
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
      headers: { authorization: 'AWS4-HMAC-SHA256 Credential=test/', 'x-amz-target': 'secretsmanager.GetSecretValue' },
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

  test('gives a queue its attributes and takes those that are gone, and names the queue', async () => {
    const delay = async () => {
      const command = new GetQueueAttributesCommand({ QueueUrl: queueUrl('quiet'), AttributeNames: ['DelaySeconds'] });
      return (await awsClients(stack).sqs.send(command)).Attributes?.DelaySeconds;
    };
    const delayed = assembly(both('old'), ({ Resources }) =>
      Object.assign(Resources.Quiet?.Properties ?? {}, { DelaySeconds: 60 }),
    );
    expect(await stack.reload(delayed)).toMatchObject({ functions: [], queues: ['quiet'] });
    expect(await delay()).toBe('60');
    expect(await stack.reload(assembly(both('old')))).toMatchObject({ functions: [], queues: ['quiet'] });
    expect(await delay()).toBe('0');
    expect(await stack.reload(assembly(both('old')))).toMatchObject({ queues: [] });
  });

  test('that cannot be built changes nothing, whatever of it could have been', async () => {
    const { sqs, dynamodb } = awsClients(stack);
    const all = async () => [
      (await sqs.send(new GetQueueAttributesCommand({ QueueUrl: queueUrl('quiet'), AttributeNames: ['All'] })))
        .Attributes,
      (await dynamodb.send(new ListTablesCommand({}))).TableNames,
    ];
    const before = await all();
    const refused = assembly(both('old'), ({ Resources }) => {
      Object.assign(Resources.Quiet?.Properties ?? {}, { DelaySeconds: 60 });
      if (Resources.Table) Resources.Later = { ...Resources.Table, Metadata: { 'ezw:name': 'later' } };
      Resources.Bucket = { Type: 'AWS::S3::Bucket', Properties: {} };
    });
    await expect(stack.reload(refused)).rejects.toThrow('Bucket');
    expect(await all()).toEqual(before);
  });

  test('with a table of before under other keys needs other servers', async () => {
    await stack.reload(
      assembly(both('old'), (template) => {
        delete template.Resources.Table;
        for (const id of ['Door', 'Worker'])
          template.Resources[id] = JSON.parse(
            JSON.stringify(template.Resources[id]).replace('{"Ref":"Table"}', '"none"'),
          );
      }),
    );
    const refused = await stack.reload(assembly(both('old'), otherKey)).catch((error: Error) => error);
    expect(refused).toMatchObject({ name: 'StartAnew', message: expect.stringContaining('Ezw-fixture-Table') });
  });

  test.each<[string, (template: Template) => void, string, RegExp]>([
    ['is unknown', unknownType, 'StartError', /Bus/],
    ['has another line', otherLine, 'StartAnew', /line/],
    ['has another key', otherKey, 'StartAnew', /Table/],
    ['has an index', withIndex, 'StartAnew', /Table/],
    ['has no line', ({ Outputs }) => delete Outputs.LineId, 'StartError', /LineId/],
    // To start anew would end what runs, for something that does not start.
    [
      'has another line and is unknown',
      (template) => [otherLine, unknownType].map((change) => change(template)),
      'StartError',
      /Bus/,
    ],
    [
      'has another key and is unknown',
      (template) => [otherKey, unknownType].map((change) => change(template)),
      'StartError',
      /Bus/,
    ],
  ])('that %s is refused, and what ran goes on', async (_, change, name, message) => {
    const before = stack.functions;
    const refused = await stack.reload(assembly(both('new'), change)).catch((error: Error) => error);
    expect(refused).toMatchObject({ name, message: expect.stringMatching(message) });
    expect((await get('/wait/0')).body).toEqual({ version: 'old' });
    expect(stack.functions).toEqual(before);
  });
});

test('a table in the data folder that has other keys or indexes is named with what to do, and what ran goes on', async () => {
  const data = mkdtempSync(join(tmpdir(), 'local-kept-'));
  const start = (change?: (template: Template) => void) =>
    fixture.start({ data, assembly: assembly(both('old'), change) });
  const message = `The table Ezw-fixture-Table in ${data} has other keys or indexes. Start with another --data folder, or remove this one.`;
  for (const change of [otherKey, withIndex]) {
    const kept = await start();
    const refused = await kept.reload(assembly(both('new'), change)).catch((error: Error) => error);
    expect(refused).toMatchObject({ name: 'StartError', message });
    expect(await (await fetch(`${kept.url}/wait/0`)).json()).toEqual({ version: 'old' });
    await kept.stop();
    expect(await start(change).catch((error: Error) => error)).toMatchObject({ name: 'StartError', message });
  }
  await (await start()).stop();
});

import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual } from 'node:util';
import { brotliDecompressSync } from 'node:zlib';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { serve } from '../../local/gateway/gateway.ts';
import { close, listen } from '../../local/http.ts';
import { Guard } from '../../local/iam/guard.ts';
import { sqsEvent, succeeded } from '../../local/lambda/batch.ts';
import type { FunctionDefinition } from '../../local/lambda/definition.ts';
import { LambdaPool } from '../../local/lambda/pool.ts';
import { RuntimeApi } from '../../local/lambda/runtime-api.ts';
import { ParameterServer } from '../../local/parameters/server.ts';
import { QueueServer } from '../../local/queues/server.ts';
import { createAll } from '../../local/resources/create-all.ts';
import { newWorkshop } from '../../local/resources/resource.ts';
import { createSandbox, type Sandbox } from '../../local/sandbox/sandbox.ts';
import { groupArn } from '../../local/scheduler/schedule.ts';
import { SchedulerServer } from '../../local/scheduler/server.ts';
import { SecretsServer } from '../../local/secrets-manager/server.ts';
import { TableServer } from '../../local/tables/server.ts';
import { readAssembly } from '../../local/template/assembly.ts';
import { demoSecrets } from './demo.ts';

/**
 * For seconds of a deployment, or of a way back, code and settings are of two releases. `moving`: this one's code with the settings of the
 * last one; `behind`: the last one's code with the settings of this one.
 */
export type Release = 'last' | 'this' | 'moving' | 'behind';

interface Frozen {
  readonly variables: readonly string[];
  readonly config: unknown;
}

const RELEASES = fileURLToPath(new URL('../releases', import.meta.url));

/** Name of the release that is kept. */
export const lastRelease = (): string => readdirSync(RELEASES)[0] ?? '';

/** The demo's tables, queues, secrets and alarms, and beside each other two releases of its functions, which work when they are told to. */
export interface Both {
  readonly url: string;
  readonly sandboxUrl: string;
  readonly lineId: string;
  readonly sandbox: Sandbox;
  readonly sendsTable: string;
  readonly dynamodb: DynamoDBClient;
  /** Whose doors are open. */
  door: Release;
  /** Has a release read what waits in the queues now, and nothing of what it writes. @returns how many messages */
  round(reader: Release): Promise<number>;
  /** Moves the alarm clock. */
  ring(at: number): void;
  /** How many messages wait in a queue or are hidden, by the queue's name, where there are any. */
  waiting(): Readonly<Record<string, number>>;
  put(queue: string, body: object): void;
  readonly lines: readonly { readonly release: Release; readonly line: string }[];
  stop(): Promise<void>;
}

const unpacked = (folder: string) => {
  const kept = join(RELEASES, lastRelease());
  const code: Record<string, string> = JSON.parse(
    brotliDecompressSync(readFileSync(join(kept, 'functions.br'))).toString(),
  );
  const about: Record<string, Frozen> = JSON.parse(readFileSync(join(kept, 'functions.json'), 'utf8'));
  for (const [name, text] of Object.entries(code)) {
    mkdirSync(join(folder, name), { recursive: true });
    writeFileSync(join(folder, name, 'index.mjs'), text);
  }
  return about;
};

export const startBoth = async (): Promise<Both> => {
  const scratch = mkdtempSync(join(tmpdir(), 'ezw-releases-'));
  const about = unpacked(scratch);
  const assembly = readAssembly(process.env.EZW_ASSEMBLY ?? '', 'demo');
  const lineId = String(assembly.template.Outputs.LineId?.Value);
  const secretValues = demoSecrets();
  // Both releases have the roles of this one, as they have in AWS while functions are changed.
  const lines: { release: Release; line: string }[] = [];
  const guard = new Guard(({ line }) => lines.push({ release: 'this', line }));
  const sandbox = createSandbox({ lineToken: secretValues.lineToken, lineId, ownOrigins: () => [url], guard });
  const [api, tables, queues, secrets, parameters, runtime] = await Promise.all([
    sandbox.listen(0),
    TableServer.start(undefined, guard),
    QueueServer.start(undefined, guard),
    SecretsServer.start(guard),
    ParameterServer.start(guard),
    RuntimeApi.start(),
  ]);
  const targets = {
    knows: (arn: string) => queues.find(arn) !== undefined,
    allows: (role: string, group: string, arn: string) => guard.mayRing(role, groupArn(group), arn),
    deliver: (arn: string, body: string) => queues.send(arn, body),
  };
  const scheduler = await SchedulerServer.start(targets, undefined, guard);

  const pools = new Map<string, LambdaPool>();
  const poolOf = (release: Release, name: string): LambdaPool => {
    const pool = pools.get(`${release}/${name}`) ?? pools.get(`this/${name}`);
    if (!pool) throw new Error(`no function ${name}`);
    return pool;
  };
  const both = { door: 'last' as Release };
  /** Of this release, until it is asked. */
  const definitions = new Map<unknown, FunctionDefinition>();
  const newPool = (definition: FunctionDefinition): LambdaPool => {
    const asked = {
      reserve() {},
      invoke: (...event: Parameters<LambdaPool['invoke']>) => poolOf(both.door, definition.name).invoke(...event),
    } as unknown as LambdaPool;
    definitions.set(asked, definition);
    return asked;
  };
  const server = createServer((request, response) => serve(request, response, workshop.router));
  const url = await listen(server, 0);
  const ground = {
    tables,
    queues,
    secrets,
    parameters,
    scheduler,
    guard,
    secretValues,
    sandboxUrl: api.url,
    ezwUrl: api.url,
    url,
    scratch,
  };
  const workshop = newWorkshop({ ...ground, secretValues: { ...secretValues } }, assembly, newPool);
  await createAll(workshop);
  guard.take(workshop.access);
  scheduler.run();

  const add = (release: Release, definition: FunctionDefinition): void => {
    const pool = new LambdaPool(definition, runtime, ({ line }) => lines.push({ release, line }));
    pool.reserve('all', 1);
    pools.set(`${release}/${definition.name}`, pool);
  };
  for (const definition of definitions.values()) {
    add('this', definition);
    const { name, environment } = definition;
    const frozen = about[name];
    if (!frozen) continue;
    const config = JSON.stringify(frozen.config).replaceAll('http://127.0.0.1:8788', api.url);
    const file = join(scratch, `${name}.json`);
    writeFileSync(file, config);
    const isOwn = (variable: string) => Object.hasOwn(variablesOf(assembly, name), variable);
    const known = Object.entries(environment).filter(([key]) => !isOwn(key) || frozen.variables.includes(key));
    const before = { ...Object.fromEntries(known), CONFIG_FILE: file };
    const folder = join(scratch, name);
    // It reads them where they were, by the role that it had: whoever is awake while functions are changed has read them already.
    const kept = known.flatMap(([key, path]) => {
      const value = key.endsWith('_SECRET') ? parameters.store.lookUp(path)?.value : undefined;
      return value === undefined ? [] : [[key, secrets.store.create(path, value)] as const];
    });
    const then = { ...Object.fromEntries(kept), LAMBDA_TASK_ROOT: folder, AWS_ACCESS_KEY_ID: 'test' };
    add('last', { ...definition, folder, environment: { ...before, ...then } });
    const now: unknown = JSON.parse(readFileSync(environment.CONFIG_FILE ?? '', 'utf8'));
    add('behind', { ...definition, folder, environment: { ...environment, ...then } });
    if (isDeepStrictEqual(now, JSON.parse(config)) && known.length === Object.keys(environment).length) continue;
    add('moving', { ...definition, environment: before });
  }
  const loaded = await Promise.all([...pools.values()].map((pool) => pool.start()));
  if (loaded.includes(false)) throw new Error(`not all load: ${lines.map(({ line }) => line).join('\n')}`);

  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  return Object.assign(both, {
    url,
    sandboxUrl: api.url,
    lineId,
    sandbox,
    lines,
    sendsTable: workshop.tableNames.get('sends') ?? '',
    dynamodb: new DynamoDBClient({ endpoint: tables.url, region: 'us-east-1', credentials }),
    async round(reader: Release) {
      const ready = workshop.mappings.map((mapping) => ({ mapping, count: queues.depth(mapping.queue).ready }));
      // Side by side, as they work; each queue in batches, one after the other.
      await Promise.all(
        ready.map(async ({ mapping: { queue, pool, batchSize }, count }) => {
          const name = definitions.get(pool)?.name ?? '';
          for (let left = count; left > 0; ) {
            const batch = await queues.receive(queue, Math.min(batchSize, left));
            left -= batch.length;
            const result = await poolOf(reader, name).invoke(sqsEvent(batch, queue.arn));
            for (const { receiptHandle } of succeeded(batch, result)) queue.deleteMessage(receiptHandle);
          }
        }),
      );
      return ready.reduce((sum, { count }) => sum + count, 0);
    },
    ring: (at: number) => void scheduler.moveTo(at),
    waiting: () =>
      Object.fromEntries(
        workshop.queueList.flatMap(({ name, queue }) => {
          const { ready, inFlight, delayed } = queues.depth(queue);
          const all = ready + inFlight + delayed;
          return all > 0 ? [[name, all]] : [];
        }),
      ),
    put(name: string, body: object) {
      const found = workshop.queueList.find((one) => one.name === name);
      queues.send(found?.queue.arn ?? '', JSON.stringify(body));
    },
    async stop() {
      for (const pool of pools.values()) pool.stop();
      await Promise.all([
        close(server),
        api.close(),
        scheduler.stop(),
        runtime.stop(),
        secrets.stop(),
        parameters.stop(),
        queues.stop(),
      ]);
      await tables.stop();
      rmSync(scratch, { recursive: true, force: true });
    },
  });
};

const variablesOf = ({ template }: ReturnType<typeof readAssembly>, name: string): object => {
  const found = Object.values(template.Resources).find((one) => one.Metadata['ezw:name'] === name);
  return (found?.Properties.Environment as { readonly Variables: object } | undefined)?.Variables ?? {};
};

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { slices } from '../../../lib/client.ts';
import { usualSandboxUrl } from '../../../local/address.ts';
import type { FunctionDefinition } from '../../../local/lambda/definition.ts';
import { ParameterStore } from '../../../local/parameters/store.ts';
import { createAll } from '../../../local/resources/create-all.ts';
import { type Ground, newWorkshop } from '../../../local/resources/resource.ts';
import { readSecretsFile, withEverySource } from '../../../local/secrets-file.ts';
import { readAssembly } from '../../../local/template/assembly.ts';
import { client } from './client.ts';
import { MemoryQueue } from './queues.ts';
import type { memoryTables } from './tables.ts';

/** Where EZWhatsApp and all stand-ins are, and where the doors are. */
export const OUTSIDE = usualSandboxUrl;
export const DOORS = 'http://127.0.0.1:8787';

export const SECRETS = withEverySource(readSecretsFile('local/demo-secrets.json'));

/** A function as the template has it. */
export interface Wired {
  readonly name: string;
  readonly environment: Readonly<Record<string, string>>;
}

/** In the place of a pool of processes: nothing is started. */
interface Standing {
  readonly definition: FunctionDefinition;
  readonly reserve: () => void;
}

const nameOf = (pool: object): string => (pool as Standing).definition.name;

/**
 * Makes what the demo's template says by the very code that makes the local stack of it: the tables, the queues, who is fed by which, the
 * routes and the environment of each function. The slices of the client file are those of the client of this world.
 */
export const wire = async (tables: ReturnType<typeof memoryTables>, now: () => number) => {
  const scratch = mkdtempSync(join(tmpdir(), 'ezw-world-'));
  const queues: MemoryQueue[] = [];
  const find = (name: string) => queues.find(({ arn, url }) => arn === name || url === name);
  const secrets = new Map<string, string>();
  const parameters = new ParameterStore();
  const functions: Wired[] = [];
  const timeouts = new Map<string, number>();
  const configs = slices(client());

  const ground = {
    tables: { create: tables.create, deleteExpired: async () => undefined, url: 'http://127.0.0.1:1' },
    queues: {
      url: 'http://127.0.0.1:2',
      create: (name: string, attributes: Record<string, string>) => {
        const queue = new MemoryQueue(name, attributes, now, find);
        queues.push(queue);
        return queue;
      },
      find,
    },
    secrets: {
      url: 'http://127.0.0.1:3',
      store: {
        create: (name: string, text: string) => {
          const arn = `arn:aws:secretsmanager:us-east-1:000000000000:secret:${name}`;
          secrets.set(arn, text);
          return arn;
        },
      },
    },
    parameters: { url: 'http://127.0.0.1:5', store: parameters },
    scheduler: {
      url: 'http://127.0.0.1:4',
      createGroup: (name: string) => `arn:aws:scheduler:us-east-1:000000000000:schedule-group/${name}`,
    },
    secretValues: SECRETS,
    sandboxUrl: OUTSIDE,
    ezwUrl: OUTSIDE,
    url: DOORS,
    scratch,
  } as unknown as Ground;

  const newPool = (definition: FunctionDefinition) => {
    const { name } = definition;
    const config = join(scratch, `${name}.json`);
    writeFileSync(config, JSON.stringify(configs[name]));
    timeouts.set(name, definition.timeoutSeconds);
    functions.push({ name, environment: { ...definition.environment, CONFIG_FILE: config } });
    return { definition, reserve: () => undefined } satisfies Standing as never;
  };

  const made = newWorkshop(ground, readAssembly(process.env.EZW_ASSEMBLY ?? '', 'demo'), newPool);
  await createAll(made);
  return {
    functions,
    queues: made.queueList.map(({ name, queue }) => ({ name, queue: queue as unknown as MemoryQueue })),
    /** Which queue feeds which function. */
    feeds: made.mappings.map(({ queue, pool, batchSize }) => ({
      queue: queue as unknown as MemoryQueue,
      name: nameOf(pool),
      batchSize,
    })),
    tables: made.tableNames,
    /** By ARN; whoever rotates one writes here. */
    secrets,
    parameters,
    find,
    /** Seconds that a function has. */
    timeoutOf: (name: string) => timeouts.get(name) ?? 0,
    route: (method: string, path: string) => {
      const match = made.router.match(method, path);
      if (!match) throw new Error(`The template has no route for ${method} ${path}.`);
      return { match, name: nameOf(match.route.pool) };
    },
    lineId: configs.sender.lineId,
    stop: () => rmSync(scratch, { recursive: true, force: true }),
  };
};

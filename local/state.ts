import type { QueueDepth } from './queues/server.ts';
import type { Workshop } from './resources/resource.ts';
import type { PendingAlarm } from './scheduler/server.ts';
import type { Item } from './tables/unmarshall.ts';

/** What `GET /_local/state` shows. Keys are short names. */
export interface State {
  tables: Record<string, Item[]>;
  queues: Record<string, QueueDepth>;
  dlqs: Record<string, QueueDepth>;
  /** What the scheduler will ring for, the next one first. */
  alarms: PendingAlarm[];
  functions: Record<string, { pids: number[] }>;
}

export async function readState(workshop: Workshop): Promise<State> {
  const { tables, tableNames, scheduler, functions } = workshop;
  const items = [...tableNames].map(async ([name, table]) => [name, await tables.items(table)] as const);
  return {
    tables: Object.fromEntries(await Promise.all(items)),
    ...readDepths(workshop),
    alarms: scheduler.pending(),
    functions: Object.fromEntries([...functions.values()].map(({ name, pool }) => [name, { pids: pool.pids }])),
  };
}

/** Without the tables, which take their time to be read whole. */
export function readDepths({ queues, queueList }: Workshop): Pick<State, 'queues' | 'dlqs'> {
  const targets = new Set(queueList.map(({ queue }) => deadLetterTarget(queue.attributes.RedrivePolicy)));
  const depths = (dead: boolean) =>
    Object.fromEntries(
      queueList
        .filter(({ name, queue }) => (targets.has(queue.arn) || name.endsWith('-dlq')) === dead)
        .map(({ name, queue }) => [name, queues.depth(queue)]),
    );
  return { queues: depths(false), dlqs: depths(true) };
}

/** What `GET /_local/resources` shows: all that a tool needs to work on this stack with the AWS SDK. Keys are short names. */
export interface Resources {
  endpoints: { dynamodb: string; secretsManager: string; sqs: string; ssm: string };
  ezwUrl: string;
  sandboxUrl: string;
  tables: Record<string, string>;
  queues: Record<string, string>;
  /** The synthesised template, as `cloudformation get-template` gives it of a deployed stack. */
  template: object;
}

export function readResources(workshop: Workshop): Resources {
  const { assembly, tables, tableNames, queues, queueList, secrets, parameters, ezwUrl, sandboxUrl } = workshop;
  return {
    endpoints: { dynamodb: tables.url, secretsManager: secrets.url, sqs: queues.url, ssm: parameters.url },
    ezwUrl,
    sandboxUrl,
    tables: Object.fromEntries(tableNames),
    queues: Object.fromEntries(queueList.map(({ name, queue }) => [name, queue.url])),
    template: assembly.own ?? assembly.template,
  };
}

function deadLetterTarget(redrivePolicy = '{}'): unknown {
  return (JSON.parse(redrivePolicy) as { deadLetterTargetArn?: string }).deadLetterTargetArn;
}

import type { Chaos } from '../chaos/chaos.ts';
import { Router } from '../gateway/router.ts';
import { type Access, newAccess } from '../iam/access.ts';
import type { Guard } from '../iam/guard.ts';
import type { FunctionDefinition } from '../lambda/definition.ts';
import type { Mapping } from '../lambda/poller.ts';
import type { LambdaPool } from '../lambda/pool.ts';
import type { ParameterServer } from '../parameters/server.ts';
import type { LocalQueue } from '../queues/queue.ts';
import type { QueueServer } from '../queues/server.ts';
import type { Rate } from '../rule-calls.ts';
import type { Daily } from '../scheduler/schedule.ts';
import type { SchedulerServer } from '../scheduler/server.ts';
import type { SecretsServer } from '../secrets-manager/server.ts';
import type { SnsServer } from '../sns/server.ts';
import type { TableServer } from '../tables/server.ts';
import type { Assembly } from '../template/assembly.ts';

/** A resource of the template, its properties worked out. */
export interface ResourceInput {
  logicalId: string;
  /** Short name: metadata `ezw:name`, else the logical id. */
  name: string;
  properties: Record<string, unknown>;
}

/** What the rest of the template may say about a resource. */
export interface Created {
  ref: string;
  attributes: Record<string, string>;
}

/** What resources are made of and what they leave behind for each other. Keys are ARNs unless said otherwise. */
export interface Workshop {
  readonly assembly: Assembly;
  readonly tables: TableServer;
  readonly queues: QueueServer;
  readonly secrets: SecretsServer;
  readonly parameters: ParameterServer;
  readonly scheduler: SchedulerServer;
  /** Only where the watcher runs. */
  readonly sns?: SnsServer | undefined;
  /** Holds calls against the roles. */
  readonly guard: Guard;
  readonly router: Router;
  /** By the name of the secret's last part in camel case, such as `lineToken`. */
  readonly secretValues: Record<string, unknown>;
  /** A batch whose process was killed waits as long as in AWS. */
  readonly awsVisibility?: boolean | undefined;
  /** What goes wrong with the calls of functions, and with what is brought to them. */
  readonly chaos?: Chaos | undefined;
  /** Where functions find DynamoDB and the others, if not at the servers themselves. */
  readonly fronts?: Readonly<Record<'dynamodb' | 'scheduler' | 'secrets' | 'sqs' | 'ssm', string>> | undefined;
  /** Origin of the sandbox, such as `http://127.0.0.1:8788`. */
  readonly sandboxUrl: string;
  /** What functions get as EZW_BASE_URL. */
  readonly ezwUrl: string;
  /** Origin of the public port. */
  readonly url: string;
  /** A folder of this assembly alone, which goes when the stack stops. */
  readonly scratch: string;
  /** `fingerprint` differs when its processes would run something else. */
  newPool(definition: FunctionDefinition, fingerprint: string): LambdaPool;

  /** Physical names, by short name. */
  readonly tableNames: Map<string, string>;
  readonly queueList: { name: string; queue: LocalQueue }[];
  readonly functions: Map<string, { name: string; pool: LambdaPool; timeoutSeconds: number }>;
  readonly layerFolders: Map<string, string>;
  /** By integration id. */
  readonly integrations: Map<string, { pool: LambdaPool; timeoutMs: number; functionArn: string; apiId: string }>;
  readonly mappings: Mapping[];
  /** What the scheduler is to ring for every day. */
  readonly daily: Daily[];
  /** What calls functions again and again. */
  readonly rates: Rate[];
  /** Who may do what. */
  readonly access: Access;
}

/** The servers and all else that stays when the template changes. */
export type Ground = Pick<
  Workshop,
  | 'awsVisibility'
  | 'chaos'
  | 'fronts'
  | 'tables'
  | 'queues'
  | 'secrets'
  | 'parameters'
  | 'scheduler'
  | 'sns'
  | 'guard'
  | 'secretValues'
  | 'sandboxUrl'
  | 'ezwUrl'
  | 'url'
  | 'scratch'
>;

/** One in which nothing is made yet. */
export const newWorkshop = (ground: Ground, assembly: Assembly, newPool: Workshop['newPool']): Workshop => ({
  ...ground,
  assembly,
  newPool,
  router: new Router(),
  tableNames: new Map(),
  queueList: [],
  functions: new Map(),
  layerFolders: new Map(),
  integrations: new Map(),
  mappings: [],
  daily: [],
  rates: [],
  access: newAccess(),
});

/** Makes one type of resource. Throws a StartError for what it cannot emulate. */
export type ResourceType = (input: ResourceInput, workshop: Workshop) => Created | Promise<Created>;

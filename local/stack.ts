import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getRequestListener } from '@hono/node-server';
import { Chaos, planHere } from './chaos/chaos.ts';
import { claimDataFolder } from './data-folder.ts';
import { registerWebhook } from './first-webhook.ts';
import { close, listen, portError } from './http.ts';
import { type NamedGrant, readGrants } from './iam/grants.ts';
import { Guard } from './iam/guard.ts';
import type { FunctionDefinition, LogLine } from './lambda/definition.ts';
import { LambdaPool } from './lambda/pool.ts';
import { RuntimeApi } from './lambda/runtime-api.ts';
import { logRoutes } from './log-routes.ts';
import { Logs } from './logs.ts';
import { ParameterServer } from './parameters/server.ts';
import { publicServer } from './public-server.ts';
import { QueueServer } from './queues/server.ts';
import { rehearse } from './rehearsal.ts';
import type { Ground } from './resources/resource.ts';
import { fireSample, listSamples } from './samples/fire.ts';
import type { Contract } from './sandbox/contract/assumptions.ts';
import { notifierSecrets } from './sandbox/notifiers.ts';
import { createSandbox } from './sandbox/sandbox.ts';
import { clockRoute } from './scheduler/clock-route.ts';
import { groupArn } from './scheduler/schedule.ts';
import { SchedulerServer } from './scheduler/server.ts';
import { type Secrets, withFurtherSources } from './secrets-file.ts';
import { SecretsServer } from './secrets-manager/server.ts';
import { SnsServer } from './sns/server.ts';
import { StartAnew, StartError } from './start-error.ts';
import { type Resources, readDepths, readResources, readState, type State } from './state.ts';
import { TableServer } from './tables/server.ts';
import { type Assembly, readAssembly, readWatch, together } from './template/assembly.ts';
import { type LocalWatch, watchRoutes } from './watch-routes.ts';
import { type Change, Works } from './works.ts';

export interface LocalStackOptions {
  /** Folder of the synthesised cloud assembly (`cdk.out`). */
  assembly: string;
  client: string;
  /** Public port; 0 takes any free one. */
  port: number;
  /** Port of the sandbox; the next one after `port` unless given, any free one when `port` is 0. */
  sandboxPort?: number;
  secrets: Secrets;
  /** A notifier that has no secret there gets the one that its stand-in takes: so it can be tried at once. */
  standInSecrets?: boolean;
  /** Origin of another EZWhatsApp than the sandbox. */
  ezwUrl?: string;
  /** What the sandbox does where no page of EZWhatsApp says it; as assumed unless given. */
  contract?: Contract;
  /** Everything goes wrong by this seed, once the stack is up; nothing does without it. */
  chaos?: number;
  /** The sandbox tells this stack's door of messages and statuses from the start. */
  registersWebhook?: boolean;
  /** Names besides this machine's own by which the doors may be called, as by a tunnel; in small letters, without ports. */
  allowedHosts?: readonly string[];
  /** The stack `Ezw-watch` runs beside it, where the assembly has one. */
  watcher?: boolean;
  /** Folder that keeps tables, queues and alarms. In memory without it. */
  data?: string;
  /** A batch whose process was killed, or ran out of time, waits for its queue's visibility timeout, as in AWS; else for 5 s. */
  awsVisibility?: boolean;
  /** Gets each line that a function writes. */
  log?: (line: LogLine) => void;
}

export interface LocalStack {
  /** Origin of the public port. */
  url: string;
  sandboxUrl: string;
  lineId: string;
  /** The doors, such as `POST /<template>/{source}`; not what takes everything else. */
  readonly routes: string[];
  /** Origins of the AWS services, for SDK clients. */
  endpoints: { dynamodb: string; scheduler: string; secretsManager: string; sqs: string; ssm: string };
  /** Short names of functions that did not load at the start. */
  readonly broken: string[];
  /** Short name of each function → ids of its processes now. */
  readonly functions: Record<string, number[]>;
  state(): Promise<State>;
  depths(): Pick<State, 'queues' | 'dlqs'>;
  resources(): Resources;
  logs(): LogLine[];
  /** What the template allows, and what of it was needed so far. */
  grants(): NamedGrant[];
  /** Undefined where the stack `Ezw-watch` does not run. */
  readonly watch: LocalWatch | undefined;
  /** Lets the scheduler refuse its next calls as too many. */
  throttleScheduler(calls: number): void;
  /** Lets the queues refuse the scheduler's next calls. */
  failAlarms(calls: number): void;
  /**
   * Goes over to another assembly of the client and loses nothing: see Works. `folder` must stay while it is in `folders`. Throws a
   * StartError for an assembly that cannot be built, a StartAnew for one that needs other servers, and goes on as before.
   */
  reload(folder: string): Promise<Change>;
  /** Folders that processes are started from. */
  readonly folders: string[];
  /** Ends every process and connection. What was under way is in the data folder, or gone. */
  stop(): Promise<void>;
}

/** Builds a synthesised stack on this machine. Throws a StartError for what the caller can put right. */
export async function startLocalStack(options: LocalStackOptions): Promise<LocalStack> {
  const undo: (() => unknown)[] = [];
  const stop = async () => {
    for (const step of undo.splice(0).reverse()) await step();
  };
  try {
    return await build(options, undo, stop);
  } catch (error) {
    await stop();
    throw error;
  }
}

async function build(
  options: LocalStackOptions,
  undo: (() => unknown)[],
  stop: () => Promise<void>,
): Promise<LocalStack> {
  const { client, port, sandboxPort = port === 0 ? 0 : port + 1, secrets, data, log = () => {} } = options;
  const assemblyIn = (folder: string): Assembly => {
    const own = readAssembly(folder, client);
    const watch = options.watcher ? readWatch(folder) : undefined;
    return watch ? together(own, watch) : own;
  };
  const assembly = assemblyIn(options.assembly);
  const lineId = lineOf(assembly);

  const logs = new Logs(log);
  const guard = new Guard((line) => logs.add(line));
  const origins: string[] = [];
  const sandbox = createSandbox({
    lineToken: secrets.lineToken,
    lineId,
    ownOrigins: () => origins,
    guard,
    ...(options.contract && { contract: options.contract }),
  });
  const onSandbox = getRequestListener(sandbox.app.fetch, { overrideGlobalObjects: false });
  let works: Works | undefined;
  /** The same, when everything in it is warm. */
  let ready: Works | undefined;
  let watch: LocalWatch | undefined;
  const unready = { status: 503, body: {} };
  const server = publicServer({
    router: () => works?.router,
    allowedHosts: options.allowedHosts,
    routes: {
      'GET ready': async () => ({ status: ready ? 200 : 503, body: { client, lineId, routes: works?.doors ?? [] } }),
      'GET state': async () => (ready ? { status: 200, body: await readState(ready.made) } : unready),
      'GET resources': async () => (ready ? { status: 200, body: readResources(ready.made) } : unready),
      'GET grants': async () => (ready ? { status: 200, body: readGrants(ready.made) } : unready),
      'POST clock': async (body) => (ready ? clockRoute(scheduler, body) : unready),
      ...watchRoutes(() => watch),
      ...logRoutes(() => logs.all()),
      'GET samples': async () => ({ status: 200, body: listSamples() }),
      'POST samples': async (body) => (ready ? fireSample(url, body) : unready),
    },
    sandbox: onSandbox,
  });
  const url = await listen(server, port);
  origins.push(url, url.replace('127.0.0.1', 'localhost'));
  undo.push(() => close(server));
  const sandboxListener = await sandbox.listen(sandboxPort).catch((error) => {
    throw portError(error, sandboxPort);
  });
  undo.push(sandboxListener.close);

  if (data !== undefined) undo.push(claimDataFolder(data));
  const scratch = mkdtempSync(join(tmpdir(), 'ezw-local-'));
  undo.push(() => rmSync(scratch, { recursive: true, force: true }));
  /** It writes into that folder, and ends when its servers have. */
  let reloading: Promise<unknown> | undefined;
  undo.push(() => reloading?.catch(() => {}));
  const tables = await TableServer.start(data, guard);
  undo.push(() => tables.stop());
  const queues = await QueueServer.start(data, guard);
  undo.push(() => queues.stop());
  const secretsServer = await SecretsServer.start(guard);
  undo.push(() => secretsServer.stop());
  const parameters = await ParameterServer.start(guard);
  undo.push(() => parameters.stop());
  const targets = {
    knows: (arn: string) => queues.find(arn) !== undefined,
    allows: (role: string, group: string, arn: string) => guard.mayRing(role, groupArn(group), arn),
    deliver: queues.send.bind(queues),
    onAlarm: (name: string) => chaos?.onAlarm(name),
  };
  const scheduler = await SchedulerServer.start(targets, data, guard);
  undo.push(() => scheduler.stop());
  const sns = options.watcher ? await SnsServer.start(guard, () => scheduler.now()) : undefined;
  if (sns) undo.push(() => sns.stop());
  const runtimeApi = await RuntimeApi.start();
  undo.push(() => runtimeApi.stop());

  const chaos =
    options.chaos === undefined
      ? undefined
      : new Chaos({
          plan: planHere(options.chaos),
          log: (line) => logs.add(line),
          standstill: runtimeApi.standstill,
          pidsOf: (name) =>
            [...(works?.made.functions.values() ?? [])].flatMap((one) => (one.name === name ? one.pool.pids : [])),
          callerOf: (authorization) => guard.caller(authorization),
          bodyOf: (url, handle) => queues.bodyOf(url, handle),
        });
  if (chaos) undo.push(() => chaos.stop());
  const fronts = chaos && {
    dynamodb: await chaos.before('dynamodb', tables.url),
    scheduler: await chaos.before('scheduler', scheduler.url),
    secrets: await chaos.before('secrets-manager', secretsServer.url),
    sqs: await chaos.before('sqs', queues.url),
    ssm: await chaos.before('ssm', parameters.url),
  };
  const outside = chaos ? await chaos.beforeOutside(sandboxListener.url) : sandboxListener.url;

  const ground: Ground = {
    awsVisibility: options.awsVisibility,
    chaos,
    fronts,
    tables,
    queues,
    secrets: secretsServer,
    parameters,
    scheduler,
    sns,
    guard,
    secretValues: options.standInSecrets
      ? {
          ...withFurtherSources(secrets, addressesIn(assembly)),
          notifiers: { ...notifierSecrets(`${outside}/notifier`), ...secrets.notifiers },
        }
      : secrets,
    sandboxUrl: outside,
    ezwUrl: options.ezwUrl ?? outside,
    url,
    scratch,
  };
  const newPool = (definition: FunctionDefinition) =>
    new LambdaPool(definition, runtimeApi, (line) => {
      if (guard.mayLog(definition.arn)) logs.add(line);
    });
  const running = new Works(ground, newPool);
  works = running;
  undo.push(() => running.stop());
  const { broken } = await running.take(assembly);
  scheduler.run();
  chaos?.begin();
  ready = running;
  if (sns && assembly.own) watch = watchOf(running, sns, () => scheduler.now());
  if (options.registersWebhook && options.ezwUrl === undefined)
    await registerWebhook(sandboxListener.url, url, secrets);

  const reload = async (folder: string): Promise<Change> => {
    const next = assemblyIn(folder);
    const nextLine = lineOf(next);
    const [misfit] = await rehearse(next, ground, newPool);
    // A data folder would still hold that table after another start.
    if (misfit !== undefined && data !== undefined) throw new StartError(misfit);
    if (nextLine !== lineId) throw new StartAnew('The line is another one.');
    if (misfit !== undefined) throw new StartAnew(misfit);
    return running.take(next);
  };

  return {
    url,
    sandboxUrl: sandboxListener.url,
    lineId,
    broken,
    get routes() {
      return running.doors;
    },
    endpoints: {
      dynamodb: tables.url,
      scheduler: scheduler.url,
      secretsManager: secretsServer.url,
      sqs: queues.url,
      ssm: parameters.url,
    },
    get functions() {
      const { functions } = running.made;
      return Object.fromEntries([...functions.values()].map(({ name, pool }) => [name, pool.pids]));
    },
    state: () => readState(running.made),
    depths: () => readDepths(running.made),
    resources: () => readResources(running.made),
    logs: () => logs.all(),
    grants: () => readGrants(running.made),
    watch,
    throttleScheduler: (calls) => scheduler.throttle(calls),
    failAlarms: (calls) => scheduler.failTargets(calls),
    reload: (folder) => {
      const change = reload(folder);
      reloading = change;
      return change;
    },
    get folders() {
      return running.folders;
    },
    stop,
  };
}

/** The rule of the watcher is the one there is. */
function watchOf(works: Works, { store }: SnsServer, now: () => number): LocalWatch {
  return {
    messages: () => store.inbox,
    runs: () => works.calls.runs,
    look: async () => {
      const [rate] = works.made.rates;
      if (!rate) throw new Error('No rule calls the watcher.');
      return works.calls.call(rate, now(), { all: true });
    },
  };
}

/** Paths of the sources' doors, which the outputs show. */
function addressesIn({ template }: Assembly): string[] {
  const values = Object.values(template.Outputs).map(({ Value }) => JSON.stringify(Value));
  return values.flatMap((value) => /"(\/[\w-]+\/[\w-]+)"/.exec(value)?.[1] ?? []);
}

function lineOf({ stackName, template }: Assembly): string {
  const line = template.Outputs.LineId?.Value;
  if (typeof line !== 'string') throw new StartError(`${stackName} has no output LineId.`);
  return line;
}

import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  CreateTableCommand,
  type CreateTableCommandInput,
  DeleteItemCommand,
  DescribeTableCommand,
  DynamoDBClient,
  ScanCommand,
  type ScanCommandOutput,
  type TableDescription,
} from '@aws-sdk/client-dynamodb';
import dynalite from 'dynalite';
import { region } from '../account.ts';
import { onlyFromHere } from '../callers.ts';
import { close, listen } from '../http.ts';
import { jsonRefusal } from '../iam/answers.ts';
import { dynamoDbCalls } from '../iam/calls.ts';
import type { Guard, Refusal } from '../iam/guard.ts';
import { parsedJson } from '../json.ts';
import { StartError } from '../start-error.ts';
import { faultRefusal, type KnownTable, knownTable, type TableFault, tableRefusal } from './refusals.ts';
import { type Item, unmarshall } from './unmarshall.ts';

/** DynamoDB on this machine. Its tables are kept in `<data>/tables` when there is a data folder. */
export class TableServer {
  readonly url: string;
  readonly #server: Server;
  readonly #settled: () => Promise<void>;
  readonly #client: DynamoDBClient;
  readonly #data: string | undefined;
  readonly #limits: Limits;

  private constructor(server: Server, url: string, settled: () => Promise<void>, limits: Limits, data?: string) {
    this.url = url;
    this.#data = data;
    this.#limits = limits;
    this.#server = server;
    this.#settled = settled;
    const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
    this.#client = new DynamoDBClient({ endpoint: url, region, credentials });
  }

  static async start(dataFolder?: string, guard?: Guard): Promise<TableServer> {
    const path = dataFolder === undefined ? {} : { path: join(dataFolder, 'tables') };
    const server = dynalite({ createTableMs: 0, ...path });
    const limits = new Limits();
    const settled = surviveBrokenConnections(server, guard, limits);
    return new TableServer(server, await listen(onlyFromHere(server)), settled, limits, dataFolder);
  }

  /** The next so many calls are refused, with no effect: for coming too fast, or as a fault of the service. The stack's own are not. */
  refuse(calls: number, fault: TableFault = 'ProvisionedThroughputExceededException'): void {
    this.#limits.refuse(calls, fault);
  }

  /**
   * Creates the table, or takes the one that is there already, and waits until it can be used. Throws a StartError for one that
   * has other keys or indexes.
   */
  async create(input: CreateTableCommandInput & { TableName: string }): Promise<void> {
    try {
      await this.#client.send(new CreateTableCommand(input));
    } catch (error) {
      if ((error as Error).name !== 'ResourceInUseException') throw error;
      const reason = await this.misfit(input);
      if (reason !== undefined) throw new StartError(reason);
    }
    while ((await this.describe(input.TableName)).TableStatus !== 'ACTIVE') await sleep(5);
  }

  async describe(name: string): Promise<TableDescription> {
    const { Table = {} } = await this.#client.send(new DescribeTableCommand({ TableName: name }));
    return Table;
  }

  /** Why the table of this name cannot become the one that is asked for; undefined when it is that one, or is not there. */
  async misfit(asked: TableDescription | CreateTableCommandInput): Promise<string | undefined> {
    const { TableName: name = '' } = asked;
    const there = await this.describe(name).catch((error: Error) => {
      if (error.name !== 'ResourceNotFoundException') throw error;
    });
    if (there === undefined || shapeOf(there) === shapeOf(asked)) return undefined;
    if (this.#data === undefined) return `The keys or indexes of the table ${name} are others.`;
    return `The table ${name} in ${this.#data} has other keys or indexes. Start with another --data folder, or remove this one.`;
  }

  /** Deletes what its time-to-live attribute (seconds since 1970) says is over. DynamoDB does so within days. */
  async deleteExpired(name: string, keys: string[], ttlAttribute: string): Promise<void> {
    const now = Date.now() / 1000;
    for (const item of await this.#scan(name)) {
      if (Number(item[ttlAttribute]?.N ?? Number.POSITIVE_INFINITY) > now) continue;
      const key = Object.fromEntries(keys.flatMap((part) => (item[part] ? [[part, item[part]]] : [])));
      await this.#client.send(new DeleteItemCommand({ TableName: name, Key: key }));
    }
  }

  async items(name: string): Promise<Item[]> {
    return (await this.#scan(name)).map(unmarshall);
  }

  async stop(): Promise<void> {
    this.#client.destroy();
    await this.#settled();
    await close(this.#server);
  }

  async #scan(name: string): Promise<NonNullable<ScanCommandOutput['Items']>> {
    const items: NonNullable<ScanCommandOutput['Items']> = [];
    let from: ScanCommandOutput['LastEvaluatedKey'];
    do {
      const start = from === undefined ? {} : { ExclusiveStartKey: from };
      const page = await this.#client.send(new ScanCommand({ TableName: name, ConsistentRead: true, ...start }));
      items.push(...(page.Items ?? []));
      from = page.LastEvaluatedKey;
    } while (from !== undefined);
    return items;
  }
}

/** What of a table cannot be changed once it is there, as text to compare. */
function shapeOf(table: TableDescription | CreateTableCommandInput): string {
  const { KeySchema, AttributeDefinitions = [], GlobalSecondaryIndexes, LocalSecondaryIndexes } = table;
  const keys = (schema: typeof KeySchema = []) => schema.map(({ AttributeName, KeyType }) => [AttributeName, KeyType]);
  const indexes = (all: typeof GlobalSecondaryIndexes | typeof LocalSecondaryIndexes = []) =>
    all
      .map(({ IndexName, KeySchema: own, Projection }) =>
        JSON.stringify([
          IndexName,
          keys(own),
          Projection?.ProjectionType,
          [...(Projection?.NonKeyAttributes ?? [])].sort(),
        ]),
      )
      .sort();
  return JSON.stringify([
    keys(KeySchema),
    AttributeDefinitions.map(({ AttributeName, AttributeType }) => `${AttributeName} ${AttributeType}`).sort(),
    indexes(GlobalSecondaryIndexes),
    indexes(LocalSecondaryIndexes),
  ]);
}

/** What AWS refuses and dynalite takes, and the faults that a test asks for. */
class Limits {
  /** By name. */
  readonly #tables = new Map<string, KnownTable>();
  #faults = 0;
  #fault: TableFault = 'ProvisionedThroughputExceededException';

  refuse(calls: number, fault: TableFault): void {
    this.#faults = calls;
    this.#fault = fault;
  }

  /** The answer to a call that is refused; undefined for any other. */
  refusal({ headers }: IncomingMessage, asked: unknown): { status: number; body: string } | undefined {
    const [, operation] = String(headers['x-amz-target']).split('.');
    if (operation === undefined) return undefined;
    if (operation === 'CreateTable') this.#learn(asked as CreateTableCommandInput | undefined);
    const isOwn = headers.authorization?.includes('Credential=local/') ?? false;
    const isFaulty = this.#faults > 0 && !isOwn;
    if (isFaulty) this.#faults -= 1;
    const refusal = isFaulty ? faultRefusal(this.#fault) : tableRefusal(asked, this.#tables);
    if (refusal === undefined) return undefined;
    const status = refusal.name === 'InternalServerError' ? 500 : 400;
    const origin = refusal.name === 'ValidationException' ? CORAL : DYNAMODB;
    return { status, body: JSON.stringify({ __type: `${origin}#${refusal.name}`, message: refusal.message }) };
  }

  #learn(asked: CreateTableCommandInput | undefined): void {
    if (asked?.TableName !== undefined) this.#tables.set(asked.TableName, knownTable(asked as TableDescription));
  }
}

const CORAL = 'com.amazon.coral.validate';
const DYNAMODB = 'com.amazonaws.dynamodb.v20120810';
const JSON_TYPE = 'application/x-amz-json-1.0';
const UNREADABLE = JSON.stringify({
  __type: `${CORAL}#SerializationException`,
  message: 'The request is not as DynamoDB takes it: look for null.',
});

/**
 * dynalite throws, uncaught, when a caller is killed in the middle of a request – callers here do get killed – and when its store
 * is closed between two steps of one. So it is to be closed only after the returned function resolves: it takes no more requests
 * from then on, and those it has taken are answered.
 *
 * The guard needs the whole body, so dynalite gets a request only then, and its body in one piece.
 */
function surviveBrokenConnections(server: Server, guard: Guard | undefined, limits: Limits): () => Promise<void> {
  const [answer] = server.listeners('request');
  const unanswered = new Set<ServerResponse>();
  let settle: (() => void) | undefined;
  server.removeAllListeners('request');
  server.on('request', (request, response) => {
    if (settle) {
      request.destroy();
      return;
    }
    const end = response.end.bind(response) as (...args: unknown[]) => ServerResponse;
    response.end = (...args: unknown[]) => {
      unanswered.delete(response);
      if (unanswered.size === 0) settle?.();
      return end(...args);
    };
    const chunks: Buffer[] = [];
    const take = (chunk: Buffer) => chunks.push(chunk);
    request.on('data', take);
    request.on('error', () => response.destroy());
    request.once('end', () => {
      // Until its body is whole it has no effect.
      unanswered.add(response);
      const body = Buffer.concat(chunks);
      try {
        const asked = parsedJson(String(body));
        const refusal = guard && refusalOf(guard, request, asked);
        if (refusal) {
          const { status, headers, body: refused } = jsonRefusal(refusal, JSON_TYPE);
          response.writeHead(status, headers).end(refused);
          return;
        }
        const beyond = limits.refusal(request, asked);
        if (beyond) {
          response.writeHead(beyond.status, { 'content-type': JSON_TYPE }).end(beyond.body);
          return;
        }
        request.off('data', take);
        answer?.call(server, request, response);
        request.removeAllListeners('error');
        request.on('error', () => response.destroy());
        request.emit('data', body);
        request.emit('end');
      } catch {
        // Checks, dynalite's as well as ours, fall over null where a value must be; only what they let through has an effect.
        response.writeHead(400, { 'content-type': JSON_TYPE }).end(UNREADABLE);
      }
    });
  });
  return () =>
    new Promise((resolve) => {
      settle = resolve;
      if (unanswered.size === 0) resolve();
    });
}

function refusalOf(guard: Guard, { headers }: IncomingMessage, asked: unknown): Refusal | undefined {
  const [, operation] = String(headers['x-amz-target']).split('.');
  // What is no call of an operation dynalite refuses by itself.
  if (operation === undefined) return undefined;
  return guard.refusal(headers.authorization, dynamoDbCalls(operation, asked));
}

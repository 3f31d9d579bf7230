import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { authenticateStandardWebhook } from '../../functions/shared/door/standard-webhooks.ts';
import { defineClient } from '../../lib/client.ts';
import { READS } from '../../lib/parameter-names.ts';
import { readBy } from '../../lib/parameters.ts';
import { close, listen } from '../../local/http.ts';
import { ParameterServer } from '../../local/parameters/server.ts';
import { SecretsServer } from '../../local/secrets-manager/server.ts';
import { inputOf } from '../../scripts/aws-check/clients.ts';

/** What the CDK is asked for, and of which client. */
interface CdkCall {
  readonly args: readonly string[];
  readonly client: string;
  /** The client file. */
  readonly text: string;
}

interface Resource {
  readonly logical: string;
  readonly type: string;
  readonly physical: string;
  status: string;
  at: string;
}

interface Stack {
  readonly name: string;
  readonly id: string;
  status: string;
  /** What it says the next times. */
  next: string[];
  isProtected: boolean;
  text: string;
  resources: Resource[];
  events: string[];
}

/** Of a client's stack what the check and the command look at: logical id, type, short name. */
const MADE = [
  ['SendingLedgerTableC6970368', 'AWS::DynamoDB::Table', 'sends'],
  ['InboundDeliveriesTableF2D5D6F7', 'AWS::DynamoDB::Table', 'deliveries'],
  ['ContactsTable16C20946', 'AWS::DynamoDB::Table', 'contacts'],
  ['AppointmentsD5946CB7', 'AWS::DynamoDB::Table', 'appointments'],
  ['SendingSendsQueue1ABCE7D6', 'AWS::SQS::Queue', 'sends'],
  ['SendingSenderFunction1F0D6556', 'AWS::Lambda::Function', 'sender'],
  ['SendingSenderLogs9C563F0A', 'AWS::Logs::LogGroup', 'sender'],
] as const;

/** What a stack of the check says that it reads. */
const readsOf = (name: string) => ({ [READS]: readBy(defineClient(inputOf(name, undefined))) });

const TEMPLATE = {
  Resources: Object.fromEntries(
    MADE.map(([logical, Type, name]) => [logical, { Type, Metadata: { 'ezw:name': name } }]),
  ),
};

const ACCOUNT = '123456789012';
const NO_SUCH = ['ValidationError', 'Stack does not exist'] as const;

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
const xml = (name: string, text: unknown): string => `<${name}>${escaped(String(text))}</${name}>`;
const members = (list: readonly string[]): string => list.map((one) => `<member>${one}</member>`).join('');

interface OfTable {
  readonly TableName?: string;
  readonly DeletionProtectionEnabled?: boolean;
}

/** An answer that AWS gives in place of one. */
class Refused extends Error {}
const refuse = ([name, message]: readonly [string, string]): never => {
  throw Object.assign(new Refused(message), { name });
};

/**
 * An account in which the check can be run: CloudFormation as a machine of few states, the tables that it makes, the door, the account's own
 * limits; `npx` is a script whose deployments are told here. Parameter Store and Secrets Manager are those of this machine.
 */
export class FalseAccount {
  readonly stacks = new Map<string, Stack>();
  readonly tables = new Map<string, { isProtected: boolean; rows: number }>();
  readonly cdkCalls: CdkCall[] = [];
  /** What goes otherwise than it should. */
  readonly faults = { neverProtects: false, keepsTables: false, refusesOrders: false };
  /** CloudFormation is done before anybody looks: who waits on a clock would wait. */
  isQuick = false;
  /** A deployment does not end before this; CloudFormation goes on without it. */
  deploying: Promise<unknown> = Promise.resolve();
  url = '';
  readonly folder = mkdtempSync(join(tmpdir(), 'false-account-'));
  readonly #server = createServer(async (request, response) => {
    const body = String(Buffer.concat(await request.toArray()));
    const { status, text } = await this.#answer(request.url ?? '', request.headers, body);
    response.writeHead(status).end(text);
  });
  readonly #parameters: ParameterServer;
  /** Stacks that were told so. */
  readonly #prepared = new Set<string>();
  readonly #secrets: SecretsServer;
  #count = 0;

  private constructor(parameters: ParameterServer, secrets: SecretsServer) {
    this.#parameters = parameters;
    this.#secrets = secrets;
  }

  static async start(): Promise<FalseAccount> {
    const account = new FalseAccount(await ParameterServer.start(), await SecretsServer.start());
    account.url = await listen(account.#server);
    account.#parameters.store.put('/cdk-bootstrap/hnb659fds/version', '21', 'String', true, 'Standard');
    account.stand('CDKToolkit');
    writeFileSync(join(account.folder, 'npx'), account.#npx());
    chmodSync(join(account.folder, 'npx'), 0o755);
    return account;
  }

  async stop(): Promise<void> {
    await Promise.all([close(this.#server), this.#parameters.stop(), this.#secrets.stop()]);
    rmSync(this.folder, { recursive: true, force: true });
  }

  get env(): Readonly<Record<string, string>> {
    const of = (...services: readonly string[]) =>
      Object.fromEntries(services.map((service) => [`AWS_ENDPOINT_URL_${service}`, this.url]));
    return {
      ...of('CLOUDFORMATION', 'DYNAMODB', 'LAMBDA', 'STS', 'SQS', 'SECRETS_MANAGER'),
      AWS_ENDPOINT_URL_SSM: this.#parameters.url,
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: 'operator',
      AWS_SECRET_ACCESS_KEY: 'local',
      AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
      PATH: `${this.folder}:${process.env.PATH}`,
    };
  }

  /** A stack of somebody else. */
  stand(name: string): void {
    this.#make(name, '', []);
  }

  /** All that stands of the check. */
  standing(): readonly string[] {
    const secret = ['aws-check', 'aws-check-2'].filter(
      (name) => this.#secret(name)?.deletedAt === undefined && this.#secret(name),
    );
    const parameters = ['contact-salt', 'crm', 'salt-made', 'sources/order-ready'].filter((name) =>
      this.#parameters.store.lookUp(`/ezw/aws-check/${name}`),
    );
    const stacks = [...this.stacks.values()].filter(
      ({ name, status }) => name !== 'CDKToolkit' && status !== 'DELETE_COMPLETE',
    );
    return [...stacks.map(({ name }) => name), ...this.tables.keys(), ...parameters, ...secret];
  }

  #npx(): string {
    return `#!/usr/bin/env node
const { readFileSync } = require('node:fs');
const { CLIENT: client, EZW_CLIENTS: folder } = process.env;
const body = JSON.stringify({ args: process.argv.slice(2), client, text: readFileSync(folder + '/' + client + '.ts', 'utf8') });
fetch('${this.url}/cdk', { method: 'POST', body }).then(async (answer) => {
  console.error(await answer.text());
  process.exitCode = answer.ok ? 0 : 1;
});
`;
  }

  async #answer(url: string, headers: IncomingHttpHeaders, body: string): Promise<{ status: number; text: string }> {
    const target = String(headers['x-amz-target'] ?? '');
    try {
      if (url === '/cdk') return { status: 200, text: await this.#cdk(JSON.parse(body)) };
      if (url === '/order-ready/custom') return { status: this.#door(headers, body), text: '' };
      if (url.endsWith('/account-settings'))
        return { status: 200, text: JSON.stringify({ AccountLimit: { ConcurrentExecutions: 10 } }) };
      if (target.startsWith('secretsmanager')) return await this.#secretsManager(target, headers, body);
      if (target.startsWith('DynamoDB'))
        return { status: 200, text: JSON.stringify(this.#dynamo(target, JSON.parse(body))) };
      const asked = new URLSearchParams(body);
      const action = asked.get('Action');
      const answer = action === 'GetCallerIdentity' ? xml('Account', ACCOUNT) : this.#cloudFormation(asked);
      return {
        status: 200,
        text: `<${action}Response><${action}Result>${answer}</${action}Result></${action}Response>`,
      };
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      const { name, message } = error;
      if (url === '/cdk') return { status: 400, text: message };
      const text = target
        ? JSON.stringify({ __type: `com.amazonaws#${name}`, message })
        : `<ErrorResponse><Error><Type>Sender</Type>${xml('Code', name)}${xml('Message', message)}</Error></ErrorResponse>`;
      return { status: 400, text };
    }
  }

  /** That of this machine deletes none at once. */
  async #secretsManager(
    target: string,
    { 'content-type': type = '', authorization = '' }: IncomingHttpHeaders,
    body: string,
  ) {
    const { SecretId, ForceDeleteWithoutRecovery } = JSON.parse(body);
    if (ForceDeleteWithoutRecovery === true) {
      this.#secrets.store.findUsable(SecretId).deletedAt = Date.now();
      return { status: 200, text: '{}' };
    }
    const headers = { 'x-amz-target': target, 'content-type': type, authorization };
    const answer = await fetch(this.#secrets.url, { method: 'POST', headers, body });
    return { status: answer.status, text: await answer.text() };
  }

  #secret(client: string) {
    const id = `ezw/${client}/line-token`;
    return this.#secrets.store.has(id) ? this.#secrets.store.find(id) : undefined;
  }

  #door(headers: IncomingHttpHeaders, raw: string): number {
    if (this.faults.refusesOrders) return 401;
    const stored = this.#parameters.store.lookUp('/ezw/aws-check/sources/order-ready')?.value ?? '{}';
    const secret: unknown = JSON.parse(stored).custom;
    const current = typeof secret === 'string' ? { current: secret } : (secret as { current: string });
    try {
      const request = { headers, raw: Buffer.from(raw), receivedAt: Date.now() };
      authenticateStandardWebhook(request as never, current);
    } catch {
      return 401;
    }
    const ledger = this.stacks.get('Ezw-aws-check')?.resources[0]?.physical;
    const table = this.tables.get(ledger ?? '');
    if (table) table.rows += 1;
    return table ? 200 : 404;
  }

  // CloudFormation

  #find(name: string): Stack {
    const found = this.stacks.get(name) ?? [...this.stacks.values()].find(({ id }) => id === name);
    const isGone = found?.status === 'DELETE_COMPLETE' && name === found.name;
    return found && !isGone ? found : refuse(NO_SUCH);
  }

  #described(stack: Stack): string {
    while (this.isQuick && stack.next.length > 0) this.#goOn(stack);
    const answer = [
      xml('StackName', stack.name),
      xml('StackId', stack.id),
      xml('StackStatus', stack.status),
      xml('CreationTime', '2026-11-22T10:00:00Z'),
      xml('EnableTerminationProtection', stack.isProtected),
      `<Outputs>${members([xml('OutputKey', 'ApiUrl') + xml('OutputValue', this.url)])}</Outputs>`,
    ];
    this.#goOn(stack);
    return answer.join('');
  }

  #goOn(stack: Stack): void {
    stack.status = stack.next.shift() ?? stack.status;
  }

  #cloudFormation(asked: URLSearchParams): string {
    const name = asked.get('StackName');
    const action = asked.get('Action');
    if (name === null) {
      const all = [...this.stacks.values()].filter(({ status }) => status !== 'DELETE_COMPLETE');
      return `<Stacks>${members(all.map((one) => this.#described(one)))}</Stacks>`;
    }
    const stack = this.#find(name);
    switch (action) {
      case 'DescribeStacks':
        return `<Stacks>${members([this.#described(stack)])}</Stacks>`;
      case 'GetTemplate':
        return xml('TemplateBody', JSON.stringify({ ...TEMPLATE, Metadata: readsOf(stack.name.replace('Ezw-', '')) }));
      case 'DescribeStackEvents':
        return `<StackEvents>${members(stack.events)}</StackEvents>`;
      case 'UpdateTerminationProtection':
        if (stack.status === 'DELETE_COMPLETE') refuse(NO_SUCH);
        stack.isProtected = asked.get('EnableTerminationProtection') === 'true' && !this.faults.neverProtects;
        return xml('StackId', stack.id);
      case 'DeleteStack':
        if (stack.isProtected)
          refuse(['ValidationError', 'Stack cannot be deleted while TerminationProtection is enabled']);
        if (stack.status.endsWith('_IN_PROGRESS')) refuse(['ValidationError', `Stack is in ${stack.status} state`]);
        this.#delete(stack);
        return '';
      default:
        return `<StackResourceSummaries>${members(
          stack.resources.map(({ logical, type, physical, status, at }) =>
            [
              xml('LogicalResourceId', logical),
              xml('PhysicalResourceId', physical),
              xml('ResourceType', type),
              xml('ResourceStatus', status),
              xml('LastUpdatedTimestamp', at),
            ].join(''),
          ),
        )}</StackResourceSummaries>`;
    }
  }

  #make(name: string, text: string, made: readonly (readonly [string, string, string])[] = MADE): Stack {
    this.#count += 1;
    const id = `arn:aws:cloudformation:us-east-1:${ACCOUNT}:stack/${name}/${this.#count}`;
    const resources = made.map(([logical, type]) => ({
      logical,
      type,
      physical: `${name}-${logical}-${this.#count}A`,
      status: 'CREATE_COMPLETE',
      at: this.#time(),
    }));
    const stack = { name, id, status: 'CREATE_COMPLETE', next: [], isProtected: false, text, resources, events: [] };
    for (const { type, physical } of resources)
      if (type === 'AWS::DynamoDB::Table') this.tables.set(physical, { isProtected: false, rows: 0 });
    const client = name.replace('Ezw-', '');
    this.#secrets.store.create(`ezw/${client}/line-token`, 'not-set');
    const secret = this.#secret(client);
    if (secret) secret.deletedAt = undefined;
    this.stacks.set(name, stack);
    return stack;
  }

  /** @param isFirst of one that was never whole nothing is kept */
  #delete(stack: Stack, isFirst = false): void {
    for (const one of stack.resources) {
      const isKept = one.type === 'AWS::DynamoDB::Table' && !isFirst;
      one.status = isKept ? 'DELETE_SKIPPED' : 'DELETE_COMPLETE';
      if (!isKept) this.tables.delete(one.physical);
    }
    const secret = this.#secret(stack.name.replace('Ezw-', ''));
    if (secret) secret.deletedAt = Date.now();
    if (!isFirst) [stack.status, stack.next] = ['DELETE_IN_PROGRESS', ['DELETE_IN_PROGRESS', 'DELETE_COMPLETE']];
  }

  #time(): string {
    this.#count += 1;
    return new Date(Date.UTC(2026, 10, 22) + this.#count * 1000).toISOString();
  }

  // The CDK

  async #cdk(call: CdkCall): Promise<string> {
    this.cdkCalls.push(call);
    const [, what, name = ''] = call.args;
    // A stack keeps what it was told once.
    if (call.args.includes('Prepared=yes')) this.#prepared.add(name);
    if (what === 'deploy' && !this.#prepared.has(name))
      refuse(['ValidationError', 'Nothing was changed: what the functions read is made by "npx ezw deploy".']);
    if (what === 'destroy') {
      this.#prepared.delete(name);
      const stack = this.#find(name);
      if (stack.isProtected) refuse(['ValidationError', 'protected']);
      this.#delete(stack);
      [stack.status, stack.next] = ['DELETE_COMPLETE', []];
      return 'destroyed';
    }
    return this.#deploy(name, call.text);
  }

  async #deploy(name: string, text: string): Promise<string> {
    const before = this.stacks.get(name);
    const isStanding = before !== undefined && !/^(?:DELETE_|ROLLBACK_)COMPLETE$/.test(before.status);
    const stack = isStanding ? before : this.#make(name, text);
    const isFirst = stack !== before;
    // The CDK lets go of it.
    stack.isProtected = false;
    if (isFirst) [stack.status, stack.next] = ['CREATE_IN_PROGRESS', ['CREATE_COMPLETE']];
    await this.deploying;
    stack.next = [];
    if (text.includes('xxxxx')) {
      stack.events = [this.#failure(stack)];
      stack.status = isFirst ? 'ROLLBACK_COMPLETE' : 'UPDATE_ROLLBACK_COMPLETE';
      if (isFirst) this.#delete(stack, true);
      return refuse(['ValidationError', 'The stack was rolled back']);
    }
    if (isFirst) stack.status = 'CREATE_COMPLETE';
    else if (stack.text !== text) {
      stack.status = 'UPDATE_COMPLETE';
      for (const one of stack.resources) one.at = this.#time();
    }
    stack.text = text;
    return 'deployed';
  }

  #failure({ id, name }: Stack): string {
    const reason = `Lambda was unable to configure your environment variables: more than 4 KB (account ${ACCOUNT})`;
    return [
      xml('StackId', id),
      xml('EventId', 'one'),
      xml('StackName', name),
      xml('ResourceType', 'AWS::Lambda::Function'),
      xml('ResourceStatus', 'CREATE_FAILED'),
      xml('ResourceStatusReason', reason),
      xml('Timestamp', new Date().toISOString()),
    ].join('');
  }

  // DynamoDB

  #dynamo(target: string, { TableName = '', DeletionProtectionEnabled = false }: OfTable): object {
    const operation = target.split('.')[1];
    if (operation === 'ListTables') return { TableNames: [...this.tables.keys()] };
    if (operation === 'DescribeLimits') return { TableMaxWriteCapacityUnits: 40_000 };
    const table = this.tables.get(TableName) ?? refuse(['ResourceNotFoundException', TableName]);
    switch (operation) {
      case 'DescribeTable':
        return { Table: { TableName, DeletionProtectionEnabled: table.isProtected } };
      case 'UpdateTable':
        table.isProtected = DeletionProtectionEnabled;
        return {};
      case 'DeleteTable':
        if (table.isProtected)
          refuse(['ValidationException', 'Resource cannot be deleted as it is currently protected']);
        if (!this.faults.keepsTables) this.tables.delete(TableName);
        return {};
      case 'Scan':
        return { Items: [], Count: table.rows };
      default:
        return { Items: [], Count: 0 };
    }
  }
}

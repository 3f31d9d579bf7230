import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { READS } from '../../lib/parameter-names.ts';
import type { LocalStack } from '../../local/stack.ts';
import type { Resources } from '../../local/state.ts';
import type { Given } from '../in-process.ts';
import { Account, is } from './account.ts';
import { ezw } from './ezw.ts';

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** What AWS refuses to delete. */
interface Kept {
  /** Of whom the credentials are. */
  account: string;
  /** What CloudFormation says of the stack. */
  status: string;
  stack: boolean;
  /** In place of what the stack says that it reads; nothing of a stack of before. */
  reads?: unknown;
  /** How the logical id of what the stack has not begins. */
  without?: string | undefined;
  readonly tables: Set<string>;
  /** The stack `Ezw-watch`, where there is one: who is subscribed to its topics, by their names. */
  watch?: Readonly<Record<string, readonly Subscribed[]>> | undefined;
}

/** Who hears a topic, as SNS has it: an ARN, or in its place that nobody confirmed. */
interface Subscribed {
  readonly email: string;
  readonly arn: string;
  /** The clients that its filter lets through. */
  readonly only?: readonly string[];
}

interface Resource {
  readonly logical: string;
  readonly type: string;
  readonly id: string;
}

const resourcesXml = (all: readonly Resource[]): string =>
  `<StackResourceSummaries>${all
    .map(
      ({ logical, type, id }) =>
        `<member><LogicalResourceId>${logical}</LogicalResourceId><PhysicalResourceId>${escaped(id)}</PhysicalResourceId><ResourceType>${type}</ResourceType><ResourceStatus>CREATE_COMPLETE</ResourceStatus><LastUpdatedTimestamp>2026-11-22T10:00:00Z</LastUpdatedTimestamp></member>`,
    )
    .join('')}</StackResourceSummaries>`;

/** What CloudFormation says of a stack, as far as the command asks: https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/. */
const answerOf = (asked: URLSearchParams, url: string, { template, tables, queues }: Resources, kept: Kept): string => {
  const action = asked.get('Action');
  const { Resources: all } = template as {
    Resources: Record<string, { Type: string; Metadata?: { 'ezw:name'?: string } }>;
  };
  const ids: Record<string, Readonly<Record<string, string>>> = {
    'AWS::DynamoDB::Table': tables,
    'AWS::SQS::Queue': queues,
  };
  const topics = Object.keys(kept.watch ?? {}).map((name) => `arn:aws:sns:us-east-1:${kept.account}:${name}`);
  if (asked.get('StackName') === 'Ezw-watch' && action === 'ListStackResources') {
    const all = [
      ...topics.map((arn) => ['AWS::SNS::Topic', arn] as const),
      ['AWS::DynamoDB::Table', tables.watch ?? ''] as const,
    ];
    return resourcesXml(all.map(([type, id]) => ({ logical: 'x', type, id })));
  }
  switch (action) {
    case 'DescribeStacks':
      return `<Stacks><member><StackName>Ezw-demo</StackName><StackId>arn:aws:cloudformation:us-east-1:${kept.account}:stack/Ezw-demo/1</StackId><StackStatus>${kept.status}</StackStatus><CreationTime>2026-11-22T10:00:00Z</CreationTime><EnableTerminationProtection>${kept.stack}</EnableTerminationProtection><Outputs><member><OutputKey>ApiUrl</OutputKey><OutputValue>${url}</OutputValue></member></Outputs></member></Stacks>`;
    case 'ListStacks':
      return `<StackSummaries>${['Ezw-demo', 'Ezw-watch', 'Other']
        .filter(() => [...asked.values()].includes(kept.status))
        .map(
          (name) =>
            `<member><StackName>${name}</StackName><StackId>arn:aws:cloudformation:us-east-1:${kept.account}:stack/${name}/1</StackId><StackStatus>${kept.status}</StackStatus><CreationTime>2026-11-22T10:00:00Z</CreationTime></member>`,
        )
        .join('')}</StackSummaries>`;
    case 'UpdateTerminationProtection':
      kept.stack = asked.get('EnableTerminationProtection') === 'true';
      return '<StackId>arn:aws:cloudformation:us-east-1:000000000000:stack/Ezw-demo/1</StackId>';
    case 'GetTemplate': {
      const { reads } = kept;
      const own = reads === undefined ? template : { ...template, Metadata: { [READS]: reads } };
      return `<TemplateBody>${escaped(JSON.stringify(own))}</TemplateBody>`;
    }
    default:
      return resourcesXml(
        Object.entries(all).flatMap(([logical, { Type: type, Metadata }]) => {
          const id =
            type === 'AWS::Lambda::EventSourceMapping'
              ? `uuid-of-${logical}`
              : type === 'AWS::Logs::LogGroup'
                ? `Ezw-demo-${logical}-1ABC`
                : ids[type]?.[Metadata?.['ezw:name'] ?? ''];
          const isMissing = id === undefined || (kept.without !== undefined && logical.startsWith(kept.without));
          return isMissing ? [] : [{ logical, type, id }];
        }),
      );
  }
};

const bodyOf = async (request: IncomingMessage): Promise<Buffer> => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
};

/** The same request to the server behind. */
const onTo = (url: string, { headers: all }: IncomingMessage, body: Buffer): Promise<Response> => {
  const { host: _, connection: __, 'content-length': ___, ...headers } = all;
  return fetch(url, { method: 'POST', headers: headers as Record<string, string>, body: new Uint8Array(body) });
};

/**
 * A table's protection, which dynalite does not know:
 * https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateTable.html. All else goes on to it.
 */
const tablesBehind = (dynamodb: string, kept: Kept): Server =>
  createServer(async (request, response) => {
    const body = await bodyOf(request);
    const operation = String(request.headers['x-amz-target']).split('.')[1];
    const input = JSON.parse(body.toString() || '{}') as { TableName?: string; DeletionProtectionEnabled?: boolean };
    const { TableName = '', DeletionProtectionEnabled } = input;
    if (operation === 'UpdateTable' && DeletionProtectionEnabled !== undefined) {
      if (DeletionProtectionEnabled) kept.tables.add(TableName);
      else kept.tables.delete(TableName);
      return response.end(JSON.stringify({ TableDescription: { TableName, DeletionProtectionEnabled } }));
    }
    const answer = await onTo(dynamodb, request, body);
    const text = await answer.text();
    const found = operation === 'DescribeTable' && answer.ok ? JSON.parse(text) : undefined;
    if (found) found.Table.DeletionProtectionEnabled = kept.tables.has(TableName);
    response.writeHead(answer.status, { 'content-type': 'application/x-amz-json-1.0' });
    return response.end(found ? JSON.stringify(found) : text);
  });

/** The CDK's own parameters are the account's, all others the stack's. */
const parametersBehind = (ssm: string, account: string): Server =>
  createServer(async (request, response) => {
    const body = await bodyOf(request);
    const { Name = '' } = JSON.parse(body.toString() || '{}') as { Name?: string };
    const answer = await onTo(Name.startsWith('/cdk-bootstrap/') ? account : ssm, request, body);
    response.writeHead(answer.status, { 'content-type': 'application/x-amz-json-1.1' });
    return response.end(await answer.text());
  });

/** SNS, as far as somebody asks who hears a topic: https://docs.aws.amazon.com/sns/latest/api/API_ListSubscriptionsByTopic.html */
const topicsOf = (kept: Kept): Server =>
  createServer(async (request, response) => {
    const asked = new URLSearchParams(String(await bodyOf(request)));
    const action = asked.get('Action') ?? '';
    const subscribed = Object.entries(kept.watch ?? {});
    const [, ofTopic = []] = subscribed.find(([name]) => asked.get('TopicArn')?.endsWith(`:${name}`)) ?? [];
    const only = subscribed.flatMap(([, all]) => all).find(({ arn }) => arn === asked.get('SubscriptionArn'))?.only;
    const answer =
      action === 'ListSubscriptionsByTopic'
        ? `<Subscriptions>${ofTopic
            .map(
              ({ email, arn }) =>
                `<member><Protocol>email</Protocol><Endpoint>${email}</Endpoint><SubscriptionArn>${arn}</SubscriptionArn></member>`,
            )
            .join('')}</Subscriptions>`
        : `<Attributes>${only ? `<entry><key>FilterPolicy</key><value>${JSON.stringify({ client: [...only, '*'] })}</value></entry>` : ''}</Attributes>`;
    response.setHeader('content-type', 'text/xml');
    response.end(
      `<${action}Response xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><${action}Result>${answer}</${action}Result></${action}Response>`,
    );
  });

const listening = async (server: Server): Promise<string> => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
};

const accountOf = async (kept: Kept): Promise<Account> => {
  const account = await Account.start();
  account.usually({ GetCallerIdentity: () => is(`<Account>${kept.account}</Account>`) });
  return account;
};

/** The demo's stack as if it were deployed: the command finds it by CloudFormation's protocol and reaches its tables and secrets by those of AWS. */
export class AwsMode {
  /** What is protected against deletion; a deployment leaves nothing so. */
  readonly kept: Kept;
  /** What CloudFormation was asked, call by call. */
  readonly asked: string[];
  /** Of whom the credentials are, and how the CDK gets in. */
  readonly account: Account;
  readonly #servers: readonly Server[];
  /** How a process of AWS finds all that. */
  readonly env: Readonly<Record<string, string>>;

  private constructor(
    servers: readonly Server[],
    env: Readonly<Record<string, string>>,
    kept: Kept,
    account: Account,
    asked: string[],
  ) {
    this.account = account;
    this.#servers = servers;
    this.env = env;
    this.kept = kept;
    this.asked = asked;
  }

  /** @param url of the doors, as the stack's output says it */
  static async start(stack: LocalStack, url: string): Promise<AwsMode> {
    const kept: Kept = { account: '123456789012', status: 'CREATE_COMPLETE', stack: false, tables: new Set() };
    const calls: string[] = [];
    const server = createServer(async (request, response) => {
      let body = '';
      for await (const chunk of request) body += chunk;
      const asked = new URLSearchParams(body);
      const action = asked.get('Action') ?? '';
      calls.push(action);
      response.setHeader('content-type', 'text/xml');
      const name = asked.get('StackName');
      const isGone = name === 'Ezw-elsewhere' || (name === 'Ezw-watch' && !kept.watch);
      if (action === 'DescribeStacks' && isGone) {
        response.statusCode = 400;
        response.end(
          `<ErrorResponse><Error><Type>Sender</Type><Code>ValidationError</Code><Message>Stack with id ${name} does not exist</Message></Error></ErrorResponse>`,
        );
        return;
      }
      const answer = answerOf(asked, url, stack.resources(), kept);
      response.end(`<${action}Response><${action}Result>${answer}</${action}Result></${action}Response>`);
    });
    const tables = tablesBehind(stack.endpoints.dynamodb, kept);
    const account = await accountOf(kept);
    const topics = topicsOf(kept);
    const parameters = parametersBehind(stack.endpoints.ssm, account.env.AWS_ENDPOINT_URL_SSM ?? '');
    const env = {
      ...account.env,
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: 'operator',
      AWS_SECRET_ACCESS_KEY: 'local',
      AWS_ENDPOINT_URL_CLOUDFORMATION: await listening(server),
      AWS_ENDPOINT_URL_DYNAMODB: await listening(tables),
      AWS_ENDPOINT_URL_SQS: stack.endpoints.sqs,
      AWS_ENDPOINT_URL_SECRETS_MANAGER: stack.endpoints.secretsManager,
      AWS_ENDPOINT_URL_SSM: await listening(parameters),
      AWS_ENDPOINT_URL_SNS: await listening(topics),
    };
    return new AwsMode([server, tables, parameters, topics], env, kept, account, calls);
  }

  /** Runs the command without `--local`. */
  run(args: readonly string[], given: Given = {}) {
    return ezw(args, { ...given, env: { ...this.env, ...given.env } });
  }

  async stop(): Promise<void> {
    await this.account.stop();
    for (const server of this.#servers) {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
  }
}

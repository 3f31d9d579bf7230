import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { LocalStack } from '../../local/stack.ts';
import type { Resources } from '../../local/state.ts';
import type { Given } from '../in-process.ts';
import { ezw } from './ezw.ts';

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** What CloudFormation says of a stack, as far as the command asks: https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/. */
const answerOf = (action: string, url: string, { template, tables, queues }: Resources): string => {
  const { Resources: all } = template as {
    Resources: Record<string, { Type: string; Metadata?: { 'ezw:name'?: string } }>;
  };
  const ids: Record<string, Readonly<Record<string, string>>> = {
    'AWS::DynamoDB::Table': tables,
    'AWS::SQS::Queue': queues,
  };
  switch (action) {
    case 'DescribeStacks':
      return `<Stacks><member><StackName>Ezw-demo</StackName><StackStatus>CREATE_COMPLETE</StackStatus><CreationTime>2026-11-22T10:00:00Z</CreationTime><Outputs><member><OutputKey>ApiUrl</OutputKey><OutputValue>${url}</OutputValue></member></Outputs></member></Stacks>`;
    case 'GetTemplate':
      return `<TemplateBody>${escaped(JSON.stringify(template))}</TemplateBody>`;
    default:
      return `<StackResourceSummaries>${Object.entries(all)
        .flatMap(([logical, { Type, Metadata }]) => {
          const id =
            Type === 'AWS::Lambda::EventSourceMapping'
              ? `uuid-of-${logical}`
              : ids[Type]?.[Metadata?.['ezw:name'] ?? ''];
          return id === undefined
            ? []
            : [
                `<member><LogicalResourceId>${logical}</LogicalResourceId><PhysicalResourceId>${escaped(id)}</PhysicalResourceId><ResourceType>${Type}</ResourceType><ResourceStatus>CREATE_COMPLETE</ResourceStatus><LastUpdatedTimestamp>2026-11-22T10:00:00Z</LastUpdatedTimestamp></member>`,
              ];
        })
        .join('')}</StackResourceSummaries>`;
  }
};

/** The demo's stack as if it were deployed: the command finds it by CloudFormation's protocol and reaches its tables and secrets by those of AWS. */
export class AwsMode {
  readonly #server: Server;
  readonly #env: Readonly<Record<string, string>>;

  private constructor(server: Server, env: Readonly<Record<string, string>>) {
    this.#server = server;
    this.#env = env;
  }

  /** @param url of the doors, as the stack's output says it */
  static async start(stack: LocalStack, url: string): Promise<AwsMode> {
    const server = createServer(async (request, response) => {
      let body = '';
      for await (const chunk of request) body += chunk;
      const action = new URLSearchParams(body).get('Action') ?? '';
      const answer = answerOf(action, url, stack.resources());
      response.setHeader('content-type', 'text/xml');
      response.end(`<${action}Response><${action}Result>${answer}</${action}Result></${action}Response>`);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    return new AwsMode(server, {
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: 'operator',
      AWS_SECRET_ACCESS_KEY: 'local',
      AWS_ENDPOINT_URL_CLOUDFORMATION: `http://127.0.0.1:${port}`,
      AWS_ENDPOINT_URL_DYNAMODB: stack.endpoints.dynamodb,
      AWS_ENDPOINT_URL_SQS: stack.endpoints.sqs,
      AWS_ENDPOINT_URL_SECRETS_MANAGER: stack.endpoints.secretsManager,
    });
  }

  /** Runs the command without `--local`. */
  run(args: readonly string[], given: Given = {}) {
    return ezw(args, { ...given, env: { ...this.#env, ...given.env } });
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

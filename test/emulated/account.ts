import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** An answer of AWS: what it says, or the code by which it refuses. */
export type Answer = { readonly is: unknown } | { readonly refused: string; readonly message?: string };

/** What was asked, and in which region, as its signature says. */
interface Asked {
  readonly operation: string;
  readonly region: string;
  readonly body: string;
}
type Answering = (asked: Asked) => Answer | Promise<Answer>;

export const is = (answer: unknown): Answer => ({ is: answer });
export const refused = (code: string, message = code): Answer => ({ refused: code, message });
export const denied = (action: string): Answer =>
  refused('AccessDeniedException', `User: arn:aws:iam::123456789012:user/x is not authorized to perform: ${action}`);

const GB = 1024 ** 3;
/** An account that is ready, and into which nothing was deployed. */
const READY: Readonly<Record<string, Answer>> = {
  GetCallerIdentity: is('<Account>123456789012</Account>'),
  DescribeStacks: refused('ValidationError', 'Stack with id Ezw-example does not exist'),
  GetParameter: is({ Parameter: { Value: '21' } }),
  DescribeSecret: refused('ResourceNotFoundException'),
  GetAccountSettings: is({
    AccountLimit: { ConcurrentExecutions: 1000, TotalCodeSize: 75 * GB },
    AccountUsage: { TotalCodeSize: 1 * GB },
  }),
  GetAccount: is({ ProductionAccessEnabled: true }),
  GetEmailIdentity: is({ VerifiedForSendingStatus: true }),
};

export const stackIn = (status: string, more = ''): Answer =>
  is(
    `<Stacks><member><StackName>Ezw-example</StackName><StackStatus>${status}</StackStatus><CreationTime>2026-11-22T10:00:00Z</CreationTime>${more}</member></Stacks>`,
  );

const bodyOf = async (request: IncomingMessage): Promise<string> => {
  let body = '';
  for await (const chunk of request) body += chunk;
  return body;
};

/** By its protocol: the query protocol names it in the form, JSON in a header, REST by its path. */
const operationOf = (request: IncomingMessage, body: string): string => {
  const target = request.headers['x-amz-target'];
  if (target !== undefined) return String(target).split('.')[1] ?? '';
  if (request.url?.includes('/account-settings')) return 'GetAccountSettings';
  if (request.url?.startsWith('/v2/email/identities/')) return 'GetEmailIdentity';
  if (request.url?.startsWith('/v2/email/account')) return 'GetAccount';
  return new URLSearchParams(body).get('Action') ?? '';
};

const XML = new Set(['GetCallerIdentity', 'AssumeRole', 'DescribeStacks']);

const written = ({ operation }: Asked, answer: Answer): string => {
  if (!XML.has(operation)) {
    return JSON.stringify('is' in answer ? answer.is : { __type: answer.refused, message: answer.message });
  }
  if ('is' in answer) {
    return `<${operation}Response><${operation}Result>${answer.is}</${operation}Result></${operation}Response>`;
  }
  return `<ErrorResponse><Error><Type>Sender</Type><Code>${answer.refused}</Code><Message>${answer.message}</Message></Error></ErrorResponse>`;
};

/** The services of an account that are asked before a deployment, by their own protocols. */
export class Account {
  /** Operations in the order in which they were asked. */
  readonly asked: string[] = [];
  readonly env: Readonly<Record<string, string>>;
  readonly #server: Server;
  #usual: Readonly<Record<string, Answer | Answering>> = READY;
  #answers: Readonly<Record<string, Answer | Answering>> = {};

  private constructor(server: Server, url: string) {
    this.#server = server;
    this.env = {
      AWS_ACCESS_KEY_ID: 'operator',
      AWS_SECRET_ACCESS_KEY: 'local',
      ...Object.fromEntries(
        ['STS', 'SSM', 'CLOUDFORMATION', 'SECRETS_MANAGER', 'LAMBDA', 'SESV2', 'CLOUDWATCH_LOGS'].map((one) => [
          `AWS_ENDPOINT_URL_${one}`,
          url,
        ]),
      ),
    };
  }

  static async start(): Promise<Account> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const account = new Account(server, `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    server.on('request', async (request, response) => {
      const body = await bodyOf(request);
      const operation = operationOf(request, body);
      const [, region = ''] = /Credential=[^/]+\/\d+\/([\w-]+)\//.exec(String(request.headers.authorization)) ?? [];
      account.asked.push(operation);
      const found = account.#answers[operation] ?? account.#usual[operation] ?? refused('UnknownOperationException');
      const asked = { operation, region, body };
      const answer = typeof found === 'function' ? await found(asked) : found;
      const type = XML.has(operation) ? 'text/xml' : 'application/json';
      response.writeHead('is' in answer ? 200 : 400, {
        'content-type': type,
        ...('refused' in answer && { 'x-amzn-errortype': answer.refused }),
      });
      response.end(written(asked, answer));
    });
    return account;
  }

  /** In place of what an account that is ready answers, for good. */
  usually(more: Readonly<Record<string, Answer | Answering>>): void {
    this.#usual = { ...READY, ...more };
  }

  /** In place of that, until the next call of this. */
  answers(more: Readonly<Record<string, Answer | Answering>> = {}): void {
    this.#answers = more;
    this.asked.length = 0;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

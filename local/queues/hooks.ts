import type { buildApp } from 'fauxqs';
import { sqsRefusal } from '../iam/answers.ts';
import { sqsCall } from '../iam/calls.ts';
import type { Guard } from '../iam/guard.ts';
import { SqsError, type SqsStore } from './fauxqs.ts';
import { queryError } from './limits.ts';
import { answered } from './operations.ts';

type App = ReturnType<typeof buildApp>;

const target = /^AmazonSQS\.(\w+)$/;

/** What is used of Fastify, whose types are not here. */
interface Asked {
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: unknown;
}
interface Reply {
  code(status: number): Reply;
  headers(headers: object): Reply;
  getHeader(name: string): string | undefined;
  send(body: string): Reply;
}

/** Empty for what is none of SQS, which does not come further than here. */
const operationOf = ({ headers }: Asked): string => target.exec(String(headers['x-amz-target']))?.[1] ?? '';

/** fauxqs is SNS and S3 as well, and shows what is in its queues: past the roles, so nobody here is to have it. */
export function onlySqs(app: App): void {
  app.addHook('onRequest', (request: Asked, reply: Reply, done: () => void) => {
    if (operationOf(request) !== '') return done();
    return reply.code(404).send('Only the JSON protocol of SQS is spoken here.');
  });
}

/** Refuses what a caller's role does not allow, before any queue sees it. */
export function holdAgainst(app: App, guard: Guard): void {
  app.addHook('preHandler', (request: Asked, reply: Reply, done: () => void) => {
    const call = sqsCall(operationOf(request), request.body);
    const refusal = guard.refusal(request.headers.authorization, [call]);
    if (refusal === undefined) return done();
    const { status, headers, body } = sqsRefusal(refusal);
    return reply.code(status).headers(headers).send(body);
  });
}

interface Received {
  MessageAttributes?: Record<string, unknown>;
  MD5OfMessageAttributes?: string;
}

/** Messages with the attributes that were asked for by name, by the beginning of a name, or all: others SQS keeps to itself. */
const onlyAsked = (body: unknown, payload: string): string => {
  const { MessageAttributeNames: names = [] } = (body ?? {}) as { MessageAttributeNames?: readonly string[] };
  const isAsked = (name: string) =>
    names.some((one) => one === name || one === 'All' || (one.endsWith('.*') && name.startsWith(one.slice(0, -1))));
  const { Messages, ...rest } = JSON.parse(payload) as { Messages?: Received[] };
  const shown = Messages?.map(({ MessageAttributes = {}, MD5OfMessageAttributes: sum, ...message }) => {
    const asked = Object.entries(MessageAttributes).filter(([name]) => isAsked(name));
    if (asked.length === 0) return message;
    const isAll = asked.length === Object.keys(MessageAttributes).length;
    return { ...message, MessageAttributes: Object.fromEntries(asked), ...(isAll && { MD5OfMessageAttributes: sum }) };
  });
  return JSON.stringify({ ...rest, ...(shown && { Messages: shown }) });
};

/** Takes and refuses what SQS takes and refuses, where fauxqs does not, and names errors as SQS does. */
export function answerAsAws(app: App, store: SqsStore): void {
  const error = 'x-amzn-query-error';
  app.addHook('preHandler', (request: Asked, reply: Reply, done: () => void) => {
    const type = { 'content-type': 'application/x-amz-json-1.0' };
    try {
      const answer = answered(store, operationOf(request), request.body);
      return answer ? reply.headers(type).send(JSON.stringify(answer)) : done();
    } catch (refused) {
      if (!(refused instanceof SqsError)) throw refused;
      const headers = { ...type, [error]: refused.queryErrorHeader };
      return reply.code(refused.statusCode).headers(headers).send(JSON.stringify(refused));
    }
  });
  app.addHook(
    'onSend',
    (request: Asked, reply: Reply, payload: unknown, done: (error: null, payload: unknown) => void) => {
      const header = reply.getHeader(error);
      if (header !== undefined) reply.headers({ [error]: queryError(header) });
      done(null, operationOf(request) === 'ReceiveMessage' ? onlyAsked(request.body, String(payload)) : payload);
    },
  );
}

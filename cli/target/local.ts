import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SQSClient } from '@aws-sdk/client-sqs';
import { SSMClient } from '@aws-sdk/client-ssm';
import { bounded } from '../../functions/shared/runtime/aws.ts';
import type { Client } from '../../lib/client.ts';
import type { Resources } from '../../local/state.ts';
import { call } from '../terminal/call.ts';
import { Failed, WrongInput } from '../terminal/errors.ts';
import { PATIENCE_MS, PATIENT } from './patience.ts';
import type { StackTemplate, Target } from './target.ts';

const get = async <T>(url: string, path: string): Promise<T> => {
  const { ok, text } = await call(`${url}/_local/${path}`);
  if (!ok) throw new Failed(`${url} is not ready, or it is no local stack.`);
  return JSON.parse(text) as T;
};

/** Name of the client whose stack listens at an address. @throws Failed */
export const clientAt = async (url: string): Promise<string> => (await get<{ client: string }>(url, 'ready')).client;

/** The operator is not bound to one function's permissions. */
const OPERATOR = { accessKeyId: 'operator', secretAccessKey: 'local' };

/** What an embedded stack is made of. @throws Failed */
export const localResources = (url: string): Promise<Resources> => get<Resources>(url, 'resources');

/** The embedded stack that listens at an address. @param credentials whose rights count */
export const localTarget = async (client: Client, url: string, credentials = OPERATOR): Promise<Target> => {
  const running = await clientAt(url);
  if (running !== client.name) {
    throw new WrongInput(`The stack at ${url} is of the client "${running}", not "${client.name}".`);
  }
  const { endpoints, ezwUrl, sandboxUrl, tables, queues, template } = await localResources(url);
  const shared = { ...PATIENT, region: 'us-east-1', credentials };
  return {
    where: 'local',
    client,
    url,
    ezwUrl,
    ...(ezwUrl === sandboxUrl && { sandboxUrl }),
    standInsUrl: sandboxUrl,
    template: template as StackTemplate,
    tables,
    queues,
    dynamodb: bounded(new DynamoDBClient({ ...shared, endpoint: endpoints.dynamodb }), PATIENCE_MS),
    sqs: bounded(new SQSClient({ ...shared, endpoint: endpoints.sqs, useQueueUrlAsEndpoint: false }), PATIENCE_MS),
    secrets: bounded(new SecretsManagerClient({ ...shared, endpoint: endpoints.secretsManager }), PATIENCE_MS),
    parameters: bounded(new SSMClient({ ...shared, endpoint: endpoints.ssm }), PATIENCE_MS),
  };
};

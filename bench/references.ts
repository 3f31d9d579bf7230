import { join } from 'node:path';
import { build } from 'esbuild';

/** Does nothing: what Lambda's runtime and the bench themselves cost. */
const BARE = 'export const handler = async () => ({ statusCode: 200 });';

/** The usual handler of each kind: the same clients, one SDK import each, nothing trimmed. */
const FULL = {
  'order-ready': `
    import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
    import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
    const secrets = new SecretsManagerClient({});
    const sqs = new SQSClient({ useQueueUrlAsEndpoint: false });
    export const handler = async (event) => {
      await sqs.send(new SendMessageCommand({ QueueUrl: process.env.WORK_QUEUE_URL, MessageBody: event.body }));
      return { statusCode: 200, secrets: secrets.config.serviceId };
    };`,
  sender: `
    import { DynamoDBClient, PutItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
    import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
    import { SQSClient } from '@aws-sdk/client-sqs';
    const clients = [new SecretsManagerClient({}), new SQSClient({})];
    const dynamo = new DynamoDBClient({});
    const TableName = process.env.SENDS_TABLE;
    export const handler = async ({ Records: [{ body }] }) => {
      const { key, outcome } = JSON.parse(body);
      const Key = { pk: { S: key } };
      await dynamo.send(new PutItemCommand({ TableName, Item: Key, ConditionExpression: 'attribute_not_exists(pk)' }));
      const headers = { authorization: 'Bearer ' + process.env.LINE_TOKEN, 'content-type': 'application/json', 'idempotency-key': key };
      await fetch(process.env.EZW_BASE_URL + '/api/v1' + outcome.path, { method: 'POST', headers, body: outcome.body });
      await dynamo.send(new UpdateItemCommand({ TableName, Key, UpdateExpression: 'SET done = :t', ExpressionAttributeValues: { ':t': { BOOL: true } } }));
      return { batchItemFailures: [], clients: clients.length };
    };`,
} as const;

export type Measured = keyof typeof FULL;

/** Bundles the references into `<outdir>/<name>/index.mjs` and gives each one's folder. */
export const buildReferences = async (outdir: string): Promise<Record<`full ${Measured}` | 'bare', string>> => {
  const bundle = async (name: string, contents: string): Promise<string> => {
    const folder = join(outdir, name.replaceAll(' ', '-'));
    await build({
      stdin: { contents, resolveDir: import.meta.dirname },
      outfile: join(folder, 'index.mjs'),
      bundle: true,
      minify: true,
      format: 'esm',
      platform: 'node',
      target: 'node20',
      mainFields: ['module', 'main'],
      logLevel: 'error',
    });
    return folder;
  };
  return {
    bare: await bundle('bare', BARE),
    'full order-ready': await bundle('full order-ready', FULL['order-ready']),
    'full sender': await bundle('full sender', FULL.sender),
  };
};

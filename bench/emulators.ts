import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import dynalite from 'dynalite';
import { startFauxqs } from 'fauxqs';
import demo from '../clients/demo.ts';
import { slices } from '../lib/client.ts';
import { ParameterServer } from '../local/parameters/server.ts';
import { createSandbox } from '../local/sandbox/sandbox.ts';
import { SecretsServer } from '../local/secrets-manager/server.ts';

const LINE_TOKEN = 'ezw_line_bench_0123456789abcdef';
export const CUSTOM_SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';

export interface Emulators {
  /** The environment of both functions, credentials included. */
  readonly environment: Record<string, string>;
  readonly folder: string;
  readonly stop: () => Promise<void>;
}

/** Queue, table, secrets and sandbox with nothing behind the queues, so that only what is measured works. */
export const startEmulators = async (): Promise<Emulators> => {
  const folder = mkdtempSync(join(tmpdir(), 'ezw-bench-'));
  // Of two functions, so its name is neither's.
  const config = join(folder, 'config');
  const { sender, 'order-ready': orderReady } = slices(demo);
  writeFileSync(config, JSON.stringify({ ...orderReady, ...sender }));

  const queues = await startFauxqs({ port: 0, logger: false });
  const work = queues.createQueue('work').queueUrl;
  const sends = queues.createQueue('sends.fifo', { attributes: { FifoQueue: 'true' } }).queueUrl;
  const tables = dynalite({ createTableMs: 0 });
  tables.listen(0, '127.0.0.1');
  await once(tables, 'listening');
  const dynamodb = `http://127.0.0.1:${(tables.address() as AddressInfo).port}`;
  const credentials = { accessKeyId: 'bench', secretAccessKey: 'bench' };
  const client = new DynamoDBClient({ endpoint: dynamodb, region: 'us-east-1', credentials });
  for (const TableName of ['sends', 'contacts', 'deliveries']) {
    await client.send(
      new CreateTableCommand({
        TableName,
        BillingMode: 'PAY_PER_REQUEST',
        KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
        AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
      }),
    );
  }
  const secrets = await SecretsServer.start();
  secrets.store.create('line-token', LINE_TOKEN);
  const parameters = await ParameterServer.start();
  const keep = (name: string, value: string) => parameters.store.put(name, value, 'SecureString', true, 'Standard');
  keep('contact-salt', 'bench');
  keep('sources', JSON.stringify({ custom: CUSTOM_SECRET }));
  const sandbox = await createSandbox({ lineToken: LINE_TOKEN, lineId: demo.lineId }).listen(0);

  return {
    folder,
    environment: {
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
      AWS_ENDPOINT_URL_DYNAMODB: dynamodb,
      AWS_ENDPOINT_URL_SECRETS_MANAGER: secrets.url,
      AWS_ENDPOINT_URL_SSM: parameters.url,
      AWS_ENDPOINT_URL_SQS: queues.address,
      AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
      CONFIG_FILE: config,
      CONTACTS_TABLE: 'contacts',
      CONTACT_SALT_SECRET: 'contact-salt',
      DELIVERIES_TABLE: 'deliveries',
      EZW_BASE_URL: sandbox.url,
      EZW_CLIENT: demo.name,
      LINE_TOKEN,
      LINE_TOKEN_SECRET: 'line-token',
      SOURCES_SECRET: 'sources',
      SENDS_TABLE: 'sends',
      SENDS_QUEUE_URL: sends,
      SENDS_DLQ_URL: sends,
      WORK_QUEUE_URL: work,
    },
    stop: async () => {
      await sandbox.close();
      await secrets.stop();
      await parameters.stop();
      await new Promise<void>((resolve) => tables.close(() => resolve()));
      await queues.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
};

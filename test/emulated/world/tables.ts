import { EventEmitter } from 'node:events';
import type { CreateTableCommandInput } from '@aws-sdk/client-dynamodb';
import dynalite from 'dynalite';
import type { Command } from './services.ts';

const WRITES = ['PutItem', 'UpdateItem'];
/** What dynalite asks of a caller and does not look into. */
const HEADERS = {
  'content-type': 'application/x-amz-json-1.0',
  'x-amz-date': '20261122T100000Z',
  authorization: 'AWS4-HMAC-SHA256 Credential=world, SignedHeaders=host, Signature=world',
};

/**
 * DynamoDB: dynalite in this process, past the sockets and past the SDK's client (whose own work is the larger part of a call): commands
 * go in as they are, and calls end in the order in which they began, so that a seed tells the same story twice.
 */
export const memoryTables = () => {
  const server = dynalite({ createTableMs: 0 });
  const writes: string[] = [];
  const names: string[] = [];

  const call = (operation: string, input: object): Promise<object> =>
    new Promise((resolve, reject) => {
      const body = JSON.stringify(input);
      if (WRITES.includes(operation)) writes.push(body);
      const headers = { ...HEADERS, 'x-amz-target': `DynamoDB_20120810.${operation}` };
      const request = Object.assign(new EventEmitter(), { headers, method: 'POST', url: '/' });
      const response = {
        statusCode: 200,
        setHeader: () => undefined,
        end: (text: string) => {
          const answer = JSON.parse(text) as { readonly __type?: string; readonly message?: string };
          if (response.statusCode === 200) return resolve(answer);
          const error = new Error(answer.message);
          error.name = answer.__type?.split('#')[1] ?? 'unknown';
          reject(error);
        },
      };
      server.emit('request', request, response);
      request.emit('data', Buffer.from(body));
      request.emit('end');
    });

  return {
    /** In the place of every client of the SDK that a function makes. */
    client: {
      send: ({ constructor: { name }, input }: Command): Promise<object> => call(name.replace(/Command$/, ''), input),
    },
    create: async (input: CreateTableCommandInput): Promise<void> => {
      names.push(input.TableName ?? '');
      await call('CreateTable', input);
      await new Promise((resolve) => setTimeout(resolve, 5));
    },
    /** Forgets every row. */
    clear: async (): Promise<void> => {
      for (const TableName of names) {
        const { Items = [] } = (await call('Scan', { TableName })) as { Items?: { pk: object }[] };
        for (const { pk } of Items) await call('DeleteItem', { TableName, Key: { pk } });
      }
    },
    /** Every row as it was written since this was asked last, as JSON. */
    written: () => writes.splice(0),
  };
};

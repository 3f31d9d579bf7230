import { DeleteParametersCommand, GetParameterCommand, PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ParameterServer } from '../../local/parameters/server.ts';

let server: ParameterServer;
let client: SSMClient;

beforeAll(async () => {
  server = await ParameterServer.start();
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  client = new SSMClient({ endpoint: server.url, region: 'us-east-1', credentials, maxAttempts: 1 });
});
afterAll(() => server.stop());

const put = (Name: string, Value: string, more: object = {}) =>
  client.send(new PutParameterCommand({ Name, Value, Type: 'SecureString', ...more }));
const get = async (Name: string, WithDecryption = true) =>
  (await client.send(new GetParameterCommand({ Name, WithDecryption }))).Parameter;

test('a parameter is read by name and by ARN, and encrypted as it is only by who asks for it in the clear', async () => {
  expect(await put('/ezw/demo/crm', 'secret')).toMatchObject({ Version: 1, Tier: 'Standard' });
  const found = await get('/ezw/demo/crm');
  expect(found).toMatchObject({ Name: '/ezw/demo/crm', Value: 'secret', Type: 'SecureString', Version: 1 });
  expect(found?.ARN).toBe('arn:aws:ssm:us-east-1:000000000000:parameter/ezw/demo/crm');
  expect((await get(String(found?.ARN)))?.Value).toBe('secret');
  expect((await get('/ezw/demo/crm', false))?.Value).not.toContain('secret');
});

test('a parameter that is there is written over by who says so alone, and counts its versions', async () => {
  await put('/ezw/demo/over', 'one');
  await expect(put('/ezw/demo/over', 'two')).rejects.toMatchObject({ name: 'ParameterAlreadyExists' });
  expect(await put('/ezw/demo/over', 'two', { Overwrite: true })).toMatchObject({ Version: 2 });
  expect((await get('/ezw/demo/over'))?.Value).toBe('two');
});

test('a parameter holds 1 to 4,096 bytes, of the advanced tier to 8,192, and stays there once it was so long', async () => {
  const long = 'x'.repeat(4_097);
  await expect(put('/ezw/demo/long', '')).rejects.toMatchObject({ name: 'ValidationException' });
  await expect(put('/ezw/demo/long', long)).rejects.toMatchObject({ name: 'ValidationException' });
  const clever = { Tier: 'Intelligent-Tiering', Overwrite: true };
  expect(await put('/ezw/demo/long', 'x'.repeat(4_096), clever)).toMatchObject({ Tier: 'Standard' });
  expect(await put('/ezw/demo/long', long, clever)).toMatchObject({ Tier: 'Advanced' });
  expect(await put('/ezw/demo/long', 'x', clever)).toMatchObject({ Tier: 'Advanced' });
  await expect(put('/ezw/demo/long', 'x'.repeat(8_193), clever)).rejects.toMatchObject({ name: 'ValidationException' });
});

test('a parameter that nobody made is not found, nor is one that was deleted', async () => {
  await expect(get('/ezw/demo/none')).rejects.toMatchObject({ name: 'ParameterNotFound' });
  await put('/ezw/demo/gone', 'x');
  const Names = ['/ezw/demo/gone', '/ezw/demo/none'];
  expect(await client.send(new DeleteParametersCommand({ Names }))).toMatchObject({
    DeletedParameters: ['/ezw/demo/gone'],
    InvalidParameters: ['/ezw/demo/none'],
  });
  await expect(get('/ezw/demo/gone')).rejects.toMatchObject({ name: 'ParameterNotFound' });
});

test('a parameter keeps its type', async () => {
  await put('/ezw/demo/type', 'x');
  await expect(put('/ezw/demo/type', 'x', { Type: 'String', Overwrite: true })).rejects.toMatchObject({
    name: 'HierarchyTypeMismatchException',
  });
});

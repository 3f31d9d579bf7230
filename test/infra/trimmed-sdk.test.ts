import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { sdkTrims } from '../../lib/trims/sdk.ts';

const SOURCE = `
  import { SecretsManagerClient, GetSecretValueCommand } from '@aws-sdk/client-secrets-manager';
  import { SSMClient, GetParameterCommand } from '@aws-sdk/client-ssm';
  import { SQSClient, SendMessageCommand } from '@aws-sdk/client-sqs';
  export const send = (settings) =>
    new SQSClient(settings).send(new SendMessageCommand({ QueueUrl: settings.endpoint + '/1/queue', MessageBody: 'x' }));
  export const read = (settings) =>
    new SecretsManagerClient(settings).send(new GetSecretValueCommand({ SecretId: 'x' }));
  export const parameter = (settings) => new SSMClient(settings).send(new GetParameterCommand({ Name: 'x' }));
`;

let folder: string;
let server: Server;
let calls: Record<'send' | 'read' | 'parameter', (settings: object) => Promise<unknown>>;
let settings: { endpoint: string; region: string; maxAttempts: number };
let answer: { status: number; type: string };
let seen: IncomingMessage | undefined;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ezw-sdk-'));
  const outfile = join(folder, 'index.mjs');
  const stdin = { contents: SOURCE, resolveDir: fileURLToPath(new URL('.', import.meta.url)) };
  await build({
    stdin,
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    mainFields: ['module', 'main'],
    plugins: [...sdkTrims],
  });
  calls = await import(pathToFileURL(outfile).href);
  server = createServer((request, response) => {
    seen = request;
    response.writeHead(answer.status, { 'content-type': 'application/x-amz-json-1.0' });
    response.end(JSON.stringify({ __type: answer.type, message: 'as the service says it' }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  settings = { endpoint: `http://127.0.0.1:${port}`, region: 'eu-west-1', maxAttempts: 1 };
});
afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await rm(folder, { recursive: true, force: true });
});
afterEach(() => vi.unstubAllEnvs());

function credentials(id: string | undefined): void {
  vi.stubEnv('AWS_ACCESS_KEY_ID', id);
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'secret');
  vi.stubEnv('AWS_SESSION_TOKEN', 'session');
}

test('calls are signed with the credentials of the environment', async () => {
  credentials('AKIDEXAMPLE');
  answer = { status: 400, type: 'x#Nothing' };
  await calls.read(settings).catch(() => undefined);
  expect(seen?.headers.authorization).toMatch(/Credential=AKIDEXAMPLE\/\d{8}\/eu-west-1\/secretsmanager\//);
  expect(seen?.headers['x-amz-security-token']).toBe('session');
});

test('credentials that are not there are named', async () => {
  credentials(undefined);
  await expect(calls.read(settings)).rejects.toThrow(/AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY must be set/);
});

test("a person's own profile changes nothing", async () => {
  credentials('AKIDEXAMPLE');
  const profile = join(folder, 'config');
  await writeFile(profile, '[default]\nregion = eu-west-1\n');
  for (const name of ['AWS_REGION', 'AWS_DEFAULT_REGION', 'AWS_PROFILE']) vi.stubEnv(name, undefined);
  vi.stubEnv('AWS_CONFIG_FILE', profile);
  const { region: _, ...without } = settings;
  await expect(calls.read(without)).rejects.toThrow(/Region is missing/);
});

test.each([
  ['send', 'com.amazonaws.sqs#QueueDoesNotExist', 'QueueDoesNotExist'],
  ['send', 'com.amazon.coral.service#ThrottlingException', 'ThrottlingException'],
  ['read', 'ResourceNotFoundException', 'ResourceNotFoundException'],
  ['parameter', 'ParameterNotFound', 'ParameterNotFound'],
  ['parameter', 'com.amazonaws.ssm#ThrottlingException', 'ThrottlingException'],
] as const)('an error of the service keeps its name and message (%s, %s)', async (call, type, name) => {
  credentials('AKIDEXAMPLE');
  answer = { status: 400, type };
  await expect(calls[call](settings)).rejects.toMatchObject({
    name,
    message: 'as the service says it',
    $metadata: { httpStatusCode: 400 },
  });
});

import { DescribeSecretCommand, GetSecretValueCommand, PutSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { LocalStack } from '../../local/stack.ts';
import { awsClients } from './fixtures/clients.ts';
import { localFixture } from './fixtures/local-assembly.ts';

const name = 'ezw/fixture/line-token';
let stack: LocalStack;
let secrets: ReturnType<typeof awsClients>['secrets'];

beforeAll(async () => {
  stack = await localFixture().start();
  ({ secrets } = awsClients(stack));
});
afterAll(() => stack.stop());

const get = (SecretId: string, which = {}) => secrets.send(new GetSecretValueCommand({ SecretId, ...which }));

test('a secret is read by name and by ARN, whole or without its last letters', async () => {
  const { ARN = '', ...byName } = await get(name);
  expect(byName).toMatchObject({ Name: name, SecretString: 'ezw_line_test', VersionStages: ['AWSCURRENT'] });
  expect(byName.CreatedDate?.getFullYear()).toBeGreaterThan(2000);
  for (const id of [ARN, ARN.slice(0, -7)]) expect((await get(id)).SecretString).toBe('ezw_line_test');
});

test('a secret without an entry in the secrets file has the value of the template', async () => {
  expect((await get('ezw/fixture/crm')).SecretString).toBe('not-set');
});

test('a new value is current, and the one before is still there', async () => {
  const { VersionId: first } = await get(name);
  const token = 'a-token-of-at-least-32-characters';
  const put = (SecretString: string) =>
    secrets.send(new PutSecretValueCommand({ SecretId: name, SecretString, ClientRequestToken: token }));
  expect(await put('new')).toMatchObject({ VersionId: token, VersionStages: ['AWSCURRENT'] });
  // The same request again changes nothing.
  await put('new');
  await expect(put('other')).rejects.toMatchObject({ name: 'ResourceExistsException' });
  expect((await get(name)).SecretString).toBe('new');
  expect((await get(name, { VersionStage: 'AWSPREVIOUS' })).SecretString).toBe('ezw_line_test');
  expect((await get(name, { VersionId: first })).SecretString).toBe('ezw_line_test');
  const { VersionIdsToStages } = await secrets.send(new DescribeSecretCommand({ SecretId: name }));
  expect(VersionIdsToStages).toEqual({ [token]: ['AWSCURRENT'], [String(first)]: ['AWSPREVIOUS'] });
});

test.each([
  ['an unknown secret', { SecretId: 'ezw/none' }, "can't find the specified secret."],
  ['an unknown stage', { SecretId: name, VersionStage: 'AWSPENDING' }, 'staging label: AWSPENDING'],
])('%s is not found', async (_, input, message) => {
  const error = await secrets.send(new GetSecretValueCommand(input)).catch((thrown: Error) => thrown);
  expect(error).toMatchObject({ name: 'ResourceNotFoundException', message: expect.stringContaining(message) });
});

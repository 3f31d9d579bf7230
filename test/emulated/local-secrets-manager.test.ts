import {
  DeleteSecretCommand,
  DescribeSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  RestoreSecretCommand,
} from '@aws-sdk/client-secrets-manager';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { SecretStore } from '../../local/secrets-manager/store.ts';
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

test('a secret holds 1 to 65,536 bytes, and no more', async () => {
  const put = (SecretString: string) =>
    secrets.send(new PutSecretValueCommand({ SecretId: 'ezw/fixture/crm', SecretString }));
  const refused = (limit: string) => ({
    name: 'ValidationException',
    message: `1 validation error detected: Value at 'secretString' failed to satisfy constraint: Member must have length ${limit}`,
  });
  await put('é'.repeat(32_768));
  await expect(put(`${'é'.repeat(32_768)}a`)).rejects.toMatchObject(refused('less than or equal to 65536'));
  await expect(put('')).rejects.toMatchObject(refused('greater than or equal to 1'));
  expect((await get('ezw/fixture/crm')).SecretString).toHaveLength(32_768);
  expect(() => new SecretStore().create('ezw/fixture/sources', 'a'.repeat(65_537))).toThrow(
    /^ezw\/fixture\/sources: .*65536/,
  );
});

test('a secret that is marked for deletion is neither read nor changed until it is restored', async () => {
  const SecretId = 'ezw/fixture/crm';
  await secrets.send(new DeleteSecretCommand({ SecretId, RecoveryWindowInDays: 7 }));
  const marked = {
    name: 'InvalidRequestException',
    message: "You can't perform this operation on the secret because it was marked for deletion.",
  };
  await expect(get(SecretId)).rejects.toMatchObject(marked);
  await expect(secrets.send(new PutSecretValueCommand({ SecretId, SecretString: 'new' }))).rejects.toMatchObject(
    marked,
  );
  expect((await secrets.send(new DescribeSecretCommand({ SecretId }))).DeletedDate).toBeInstanceOf(Date);
  await secrets.send(new RestoreSecretCommand({ SecretId }));
  expect((await get(SecretId)).SecretString).toBeTruthy();
});

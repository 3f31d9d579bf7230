import { expect, it } from 'vitest';
import type { Workshop } from '../../local/resources/resource.ts';
import { secret } from '../../local/resources/secret.ts';
import { SecretStore } from '../../local/secrets-manager/store.ts';

/** The value that a start of the local stack gives a secret which a deployment would make up. */
const madeUp = async (name: string, secretValues: Record<string, unknown> = {}): Promise<string> => {
  const store = new SecretStore();
  const workshop = { secrets: { store }, secretValues } as unknown as Workshop;
  const properties = { Name: name, GenerateSecretString: { PasswordLength: 64 } };
  const { ref } = await secret({ logicalId: 'Salt', name: 'Salt', properties }, workshop);
  return store.version(store.find(ref)).value;
};

it('a salt is the same after a restart, so that rows in a data folder are found again, and another one for each client', async () => {
  const first = await madeUp('ezw/demo/contact-salt');
  expect(first).toMatch(/^[0-9a-f]{64}$/);
  expect(await madeUp('ezw/demo/contact-salt')).toBe(first);
  expect(await madeUp('ezw/other/contact-salt')).not.toBe(first);
});

it('a salt of the secrets file wins', async () => {
  expect(await madeUp('ezw/demo/contact-salt', { contactSalt: 'a-salt-of-the-file' })).toBe('a-salt-of-the-file');
});

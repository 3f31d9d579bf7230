import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { AWS_CLIENT, bounded } from './aws.ts';
import { CachedSecret } from './cached-secret.ts';

const client = bounded(new SecretsManagerClient(AWS_CLIENT));

/** A secret of Secrets Manager, which bills each by the month: for the one that is worth it. */
export const storedSecret = (SecretId: string): CachedSecret =>
  new CachedSecret(async (patience) => {
    const { SecretString = '' } = await client.send(new GetSecretValueCommand({ SecretId }), patience);
    return SecretString;
  });

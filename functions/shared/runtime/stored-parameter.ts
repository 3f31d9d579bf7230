import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { AWS_CLIENT, bounded } from './aws.ts';
import { CachedSecret } from './cached-secret.ts';

const client = bounded(new SSMClient(AWS_CLIENT));

/** A value of Parameter Store that is stored encrypted (SecureString). */
export const storedParameter = (Name: string): CachedSecret =>
  new CachedSecret(async (patience) => {
    const { Parameter } = await client.send(new GetParameterCommand({ Name, WithDecryption: true }), patience);
    if (!Parameter?.Value) throw new Error('A parameter has no value.');
    return Parameter.Value;
  });

import { DescribeSecretCommand, type SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { Client } from '../../../lib/client.ts';
import { lineTokenName } from '../../../lib/parameter-names.ts';
import type { Finding } from '../finding.ts';
import { administratorsCommand, type Place } from './place.ts';

/**
 * Of a stack that is to be made: whether the name of its secret is free, for CloudFormation makes nothing under a name that is taken, and takes
 * all back. One that is to be deleted in days takes its name until then; deleting it at once
 * (https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_DeleteSecret.html) works of both, and is over some seconds later.
 */
export const nameFinding = async (secrets: SecretsManagerClient, client: Client, place: Place): Promise<Finding> => {
  const about = 'names';
  const SecretId = lineTokenName(client.name);
  try {
    const { DeletedDate } = await secrets.send(new DescribeSecretCommand({ SecretId }));
    const how = DeletedDate ? 'is to be deleted, and keeps its name until then' : 'is there without its stack';
    const found = `the secret ${SecretId} ${how}: CloudFormation cannot make it, and takes all back`;
    const command = administratorsCommand(
      place,
      `secretsmanager delete-secret --secret-id ${SecretId} --force-delete-without-recovery`,
    );
    return { level: 'bad', about, found, todo: `if nobody needs it, ${command}; some seconds later the name is free` };
  } catch (error) {
    if ((error as Error).name !== 'ResourceNotFoundException') throw error;
    return { level: 'good', about, found: `${SecretId} is free` };
  }
};

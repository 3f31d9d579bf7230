import { z } from 'zod';
import { asked } from '../json-service.ts';
import { ServiceError } from '../service-error.ts';
import { type SecretStore, unstorable } from './store.ts';

type Operation = (request: unknown, store: SecretStore) => object;

const SecretId = z.string();

/** Request and answer of each operation, by the names of the AWS API. Times are in seconds since 1970. */
export const operations: Record<string, Operation> = {
  GetSecretValue(request, store) {
    const { SecretId: id, VersionId, VersionStage } = parse(getSecretValue, request);
    const secret = store.findUsable(id);
    const version = store.version(secret, VersionId, VersionStage);
    return {
      ARN: secret.arn,
      Name: secret.name,
      VersionId: version.id,
      SecretString: version.value,
      VersionStages: [...version.stages],
      CreatedDate: version.createdAt / 1000,
    };
  },

  DescribeSecret(request, store) {
    const secret = store.find(parse(describeSecret, request).SecretId);
    const labelled = [...secret.versions.values()].filter(({ stages }) => stages.size > 0);
    return {
      ARN: secret.arn,
      Name: secret.name,
      ...(secret.deletedAt !== undefined && { DeletedDate: secret.deletedAt / 1000 }),
      VersionIdsToStages: Object.fromEntries(labelled.map(({ id, stages }) => [id, [...stages]])),
    };
  },

  PutSecretValue(request, store) {
    const { SecretId: id, SecretString, ClientRequestToken, VersionStages } = parse(putSecretValue, request);
    const problem = unstorable(SecretString);
    if (problem !== undefined) throw new ServiceError('ValidationException', problem);
    const secret = store.findUsable(id);
    const version = store.put(secret, SecretString, ClientRequestToken, VersionStages);
    return { ARN: secret.arn, Name: secret.name, VersionId: version.id, VersionStages: [...version.stages] };
  },

  /** Its name stays taken, and it can be had back, until the window is over; here it never is. */
  DeleteSecret(request, store) {
    const { SecretId: id, RecoveryWindowInDays: days } = parse(deleteSecret, request);
    const secret = store.findUsable(id);
    secret.deletedAt = Date.now() + days * 24 * 3600_000;
    return { ARN: secret.arn, Name: secret.name, DeletionDate: secret.deletedAt / 1000 };
  },

  RestoreSecret(request, store) {
    const secret = store.find(parse(describeSecret, request).SecretId);
    secret.deletedAt = undefined;
    return { ARN: secret.arn, Name: secret.name };
  },
};

const deleteSecret = z.object({
  SecretId,
  RecoveryWindowInDays: z.int().min(7).max(30).default(30),
  // At once is not emulated here.
  ForceDeleteWithoutRecovery: z.literal(false).optional(),
});
const getSecretValue = z.object({ SecretId, VersionId: z.string().optional(), VersionStage: z.string().optional() });
const describeSecret = z.object({ SecretId });
const putSecretValue = z.object({
  SecretId,
  SecretString: z.string(),
  ClientRequestToken: z.string().min(32).max(64).optional(),
  VersionStages: z.array(z.string()).min(1).optional(),
});

const parse = <T>(schema: z.ZodType<T>, request: unknown): T => asked(schema, request, 'InvalidParameterException');

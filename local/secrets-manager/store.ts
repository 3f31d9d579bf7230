import { createHash, randomUUID } from 'node:crypto';
import { accountId, region } from '../account.ts';
import { ServiceError } from '../service-error.ts';
import { StartError } from '../start-error.ts';

interface Version {
  id: string;
  value: string;
  /** Epoch milliseconds. */
  createdAt: number;
  stages: Set<string>;
}

interface Secret {
  arn: string;
  name: string;
  versions: Map<string, Version>;
  /** Somebody marked it for deletion: until it is restored, or gone, it has no value for anybody. */
  deletedAt?: number | undefined;
}

/** https://docs.aws.amazon.com/secretsmanager/latest/userguide/reference_limits.html */
const MAX_BYTES = 65_536;

/** Why a value cannot be stored, as AWS says it; undefined when it can. */
export function unstorable(value: string): string | undefined {
  const bytes = Buffer.byteLength(value);
  if (bytes === 0) return outOfLimits('greater than or equal to 1');
  return bytes <= MAX_BYTES ? undefined : TOO_LONG;
}

const outOfLimits = (limit: string): string =>
  `1 validation error detected: Value at 'secretString' failed to satisfy constraint: Member must have length ${limit}`;

export const TOO_LONG = outOfLimits(`less than or equal to ${MAX_BYTES}`);

const current = 'AWSCURRENT';
const previous = 'AWSPREVIOUS';

/** The secrets and their versions. Every staging label is on one version of a secret at a time. */
export class SecretStore {
  readonly #secrets: Secret[] = [];

  /**
   * Returns the ARN, of the one that is there already if it is: it may have been changed since. Its six last letters come from the
   * name, so that they are the same after a restart. Throws a StartError for a value that Secrets Manager does not take.
   */
  create(name: string, value: string): string {
    const suffix = createHash('sha256').update(name).digest('hex').slice(0, 6);
    const arn = `arn:aws:secretsmanager:${region}:${accountId}:secret:${name}-${suffix}`;
    if (this.#secrets.some((secret) => secret.arn === arn)) return arn;
    const problem = unstorable(value);
    if (problem !== undefined) throw new StartError(`${name}: ${problem}`);
    const secret: Secret = { arn, name, versions: new Map() };
    this.#secrets.push(secret);
    this.#addVersion(secret, randomUUID(), value, [current]);
    return arn;
  }

  has(secretId: string): boolean {
    return this.#lookUp(secretId) !== undefined;
  }

  /** By name, ARN, or ARN without its last six letters. */
  find(secretId: string): Secret {
    const found = this.#lookUp(secretId);
    if (!found) throw new ServiceError('ResourceNotFoundException', "Secrets Manager can't find the specified secret.");
    return found;
  }

  /** The same, with a value to read or change. */
  findUsable(secretId: string): Secret {
    const found = this.find(secretId);
    if (found.deletedAt === undefined) return found;
    throw new ServiceError(
      'InvalidRequestException',
      "You can't perform this operation on the secret because it was marked for deletion.",
    );
  }

  version(secret: Secret, versionId?: string, stage?: string): Version {
    const wanted = stage ?? (versionId === undefined ? current : undefined);
    const found = [...secret.versions.values()].find(
      ({ id, stages }) => (versionId === undefined || id === versionId) && (wanted === undefined || stages.has(wanted)),
    );
    if (found) return found;
    const which = versionId === undefined ? `staging label: ${wanted}` : `VersionId: ${versionId}`;
    throw new ServiceError(
      'ResourceNotFoundException',
      `Secrets Manager can't find the specified secret value for ${which}`,
    );
  }

  /** Adds a version; the same request token with the same value again changes nothing. */
  put(secret: Secret, value: string, token: string = randomUUID(), stages: string[] = [current]): Version {
    const known = secret.versions.get(token);
    if (known === undefined) return this.#addVersion(secret, token, value, stages);
    if (known.value === value) return known;
    throw new ServiceError('ResourceExistsException', `The version ${token} exists already with another value.`);
  }

  #addVersion(secret: Secret, id: string, value: string, stages: string[]): Version {
    const before = [...secret.versions.values()].find((version) => version.stages.has(current));
    for (const stage of stages) this.#unlabel(secret, stage);
    if (before && stages.includes(current)) {
      this.#unlabel(secret, previous);
      before.stages.add(previous);
    }
    const version = { id, value, createdAt: Date.now(), stages: new Set(stages) };
    secret.versions.set(id, version);
    return version;
  }

  #lookUp(secretId: string): Secret | undefined {
    return this.#secrets.find(
      ({ name, arn }) => secretId === name || secretId === arn || secretId === arn.replace(/-[^-]{6}$/, ''),
    );
  }

  /** Takes the label off the version that has it. */
  #unlabel(secret: Secret, stage: string): void {
    for (const version of secret.versions.values()) version.stages.delete(stage);
  }
}

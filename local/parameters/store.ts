import { accountId, region } from '../account.ts';
import { ServiceError } from '../service-error.ts';

export type ParameterType = 'String' | 'SecureString';

export interface Parameter {
  readonly name: string;
  readonly value: string;
  readonly type: ParameterType;
  readonly version: number;
  /** Epoch milliseconds. */
  readonly changedAt: number;
  readonly isAdvanced: boolean;
}

/** Bytes: https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-advanced-parameters.html */
const STANDARD = 4_096;
const ADVANCED = 8_192;

export const TOO_LONG = `Value at 'value' failed to satisfy constraint: Member must have length less than or equal to ${ADVANCED}`;

export const arnOf = (name: string): string =>
  name.startsWith('arn:') ? name : `arn:aws:ssm:${region}:${accountId}:parameter/${name.replace(/^\//, '')}`;

/** The parameters and the latest value of each. */
export class ParameterStore {
  readonly #parameters = new Map<string, Parameter>();

  /** By name or ARN; undefined when there is none. */
  lookUp(name: string): Parameter | undefined {
    return this.#parameters.get(arnOf(name));
  }

  find(name: string): Parameter {
    const found = this.lookUp(name);
    if (!found) throw new ServiceError('ParameterNotFound', '');
    return found;
  }

  /** @param tier as it was asked for; an advanced one stays so */
  put(name: string, value: string, type: ParameterType, isOver: boolean, tier: string): Parameter {
    const before = this.lookUp(name);
    if (before && !isOver) {
      const message =
        'The parameter already exists. To overwrite this value, set the overwrite option in the request to true.';
      throw new ServiceError('ParameterAlreadyExists', message);
    }
    if (before && before.type !== type) {
      const message = `The parameter is already of type ${before.type}; delete it to make it another one.`;
      throw new ServiceError('HierarchyTypeMismatchException', message);
    }
    const bytes = Buffer.byteLength(value);
    const isLong = bytes > STANDARD;
    const isAdvanced = before?.isAdvanced || tier === 'Advanced' || (tier === 'Intelligent-Tiering' && isLong);
    if (bytes > ADVANCED) throw new ServiceError('ValidationException', TOO_LONG);
    if (isLong && !isAdvanced) {
      const message = `Standard tier parameters support a maximum parameter value of ${STANDARD} characters.`;
      throw new ServiceError('ValidationException', message);
    }
    const parameter = { name, value, type, isAdvanced, version: (before?.version ?? 0) + 1, changedAt: Date.now() };
    this.#parameters.set(arnOf(name), parameter);
    return parameter;
  }

  delete(name: string): boolean {
    return this.#parameters.delete(arnOf(name));
  }
}

import { Unavailable } from '../runtime/errors.ts';
import { fieldsIn } from '../runtime/json.ts';
import type { SourceSecret } from './signatures.ts';

/**
 * One source's entry of the sources secret: a string, or an object with `current`, `previous` while a rotation lasts, and
 * fields of its own. Throws `Unavailable` when it is not there: an unproven event is never let in, but its sender may be right
 * and the deployment wrong, so it is told to come again.
 */
export const sourceSecret = (sources: string, name: string): SourceSecret => {
  const entry = fieldsIn(sources)[name];
  const secret = typeof entry === 'string' ? { current: entry } : entry;
  if (!isSecret(secret)) {
    throw new Unavailable('secret_not_set', `No secret is stored for the source ${name}.`);
  }
  return secret;
};

const isSecret = (value: unknown): value is SourceSecret =>
  typeof value === 'object' &&
  value !== null &&
  'current' in value &&
  typeof value.current === 'string' &&
  value.current !== '';

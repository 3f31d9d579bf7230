import { Unavailable } from '../shared/runtime/errors.ts';
import { fieldsIn } from '../shared/runtime/json.ts';
import type { CrmSecret } from './crm.ts';

/** A stored secret: JSON of fields, or a plain text. Throws `Unavailable` while it is not set. */
export const crmSecret = (stored: string): CrmSecret => {
  const text = stored.trim();
  if (text === '' || text === 'not-set') throw new Unavailable('crm_secret_not_set', 'No CRM secret is stored.');
  return text.startsWith('{') ? (JSON.parse(text) as Record<string, string>) : text;
};

/** The field of the one secret that holds those of several CRMs, by their names. */
export const BY_NAME = 'byName';

/**
 * What is stored for one of a client's CRMs, as text. What stands there without a name is that of the only one, as long as none has a
 * name: nobody can tell whose it is otherwise, and no vendor may get another's. Empty where nothing is.
 */
export const storedFor = (stored: string, name: string, isOnly: boolean): string => {
  const { [BY_NAME]: named } = fieldsIn(stored);
  if (named === undefined) return isOnly ? stored : '';
  const own = (named as Readonly<Record<string, unknown>>)[name];
  return own === undefined || typeof own === 'string' ? (own ?? '') : JSON.stringify(own);
};

/** One field of a secret; a plain text stands for the first that a CRM asks for. Throws `Unavailable` where it is missing. */
export const secretText = (secret: CrmSecret, name: string): string => {
  const value = typeof secret === 'string' ? secret : (secret[name] ?? secret.current);
  if (!value) throw new Unavailable('crm_secret_incomplete', `The CRM secret has no field ${name}.`);
  return value;
};

import { Unavailable } from '../shared/runtime/errors.ts';
import type { CrmSecret } from './crm.ts';

/** A stored secret: JSON of fields, or a plain text. Throws `Unavailable` while it is not set. */
export const crmSecret = (stored: string): CrmSecret => {
  const text = stored.trim();
  if (text === '' || text === 'not-set') throw new Unavailable('crm_secret_not_set', 'No CRM secret is stored.');
  return text.startsWith('{') ? (JSON.parse(text) as Record<string, string>) : text;
};

/** One field of a secret; a plain text stands for the first that a CRM asks for. Throws `Unavailable` where it is missing. */
export const secretText = (secret: CrmSecret, name: string): string => {
  const value = typeof secret === 'string' ? secret : (secret[name] ?? secret.current);
  if (!value) throw new Unavailable('crm_secret_incomplete', `The CRM secret has no field ${name}.`);
  return value;
};

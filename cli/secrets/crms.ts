import { storedFor } from '../../functions/crm-sync/crm-secret.ts';
import { crmName, crmsOf } from '../../functions/crm-sync/named.ts';
import { commandOn } from '../target/command.ts';
import type { Target } from '../target/target.ts';
import { PLACEHOLDER, readSecret } from './store.ts';

/** Whether the secret of one of a client's CRMs is stored, and the command that stores it. */
interface CrmSecret {
  readonly name: string;
  readonly isStored: boolean;
  readonly todo: string;
}

/** Of all CRMs of the client file, in its order. */
export const crmSecretsOf = async (target: Target): Promise<readonly CrmSecret[]> => {
  const names = crmsOf(target.client.crm).map(crmName);
  const isOnly = names.length === 1;
  const stored = (await readSecret(target, 'crm'))?.value ?? '';
  return names.map((name) => ({
    name,
    isStored: !['', PLACEHOLDER].includes(storedFor(stored, name, isOnly)),
    todo: commandOn(target, 'secrets set', isOnly ? 'crm' : `crm.${name}`),
  }));
};

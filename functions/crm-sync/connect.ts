import { Permanent } from '../shared/runtime/errors.ts';
import type { CrmSettings } from './config.ts';
import type { Crm, CrmConnection, CrmTools } from './crm.ts';
import { crmSecret } from './crm-secret.ts';
import * as crms from './crms.ts';

const byKind: Readonly<Record<string, Crm>> = crms;

/** Whether a client's CRM is told how far messages got. */
export const takesStatuses = ({ kind }: CrmSettings): boolean => byKind[kind]?.statuses === true;

/** A client's CRM, connected once and anew when the stored secret has changed. */
export const connector = (
  settings: CrmSettings,
  secret: () => Promise<string>,
  tools: CrmTools,
): (() => Promise<CrmConnection>) => {
  let open: { readonly secret: string; readonly connection: CrmConnection } | undefined;
  return async () => {
    const crm = byKind[settings.kind];
    if (!crm) throw new Permanent('no_crm', `This release has no CRM of the kind ${settings.kind}.`);
    const stored = await secret();
    if (open?.secret !== stored) {
      open = { secret: stored, connection: crm.connect(settings, crmSecret(stored), tools) };
    }
    return open.connection;
  };
};

import type { CrmSettings } from './config.ts';

/** Those of a client file, which may write one without a list. */
export const crmsOf = (crm: CrmSettings | readonly CrmSettings[] | undefined): readonly CrmSettings[] =>
  crm === undefined ? [] : [crm].flat();

/** What tells the CRMs of one client apart: in rows, claims, secrets and logs. */
export const crmName = ({ name, kind }: CrmSettings): string => name ?? kind;

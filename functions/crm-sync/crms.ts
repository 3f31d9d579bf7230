import type { Crm } from './crm.ts';
import { hubspot } from './crms/hubspot.ts';
import { pipedrive } from './crms/pipedrive.ts';
import { salesforce } from './crms/salesforce.ts';
import { webhook } from './crms/webhook.ts';
import { zoho } from './crms/zoho.ts';

/** By `kind` in the client file. */
// biome-ignore lint/suspicious/noExplicitAny: each CRM has settings of its own, which only it reads
export const crms: Readonly<Record<string, Crm<any>>> = { hubspot, pipedrive, salesforce, webhook, zoho };

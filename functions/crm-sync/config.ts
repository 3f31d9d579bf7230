import * as z from 'zod/mini';
import type { OptOutWords } from '../shared/people/opt-out.ts';
import { outsideUrl } from '../shared/runtime/address-schema.ts';

const common = {
  /** Whether the words of messages are written to the CRM. Conversation, phone, direction, type and time always are. */
  text: z._default(z.boolean(), false),
};

export const hubspotSchema = z.strictObject({
  kind: z.literal('hubspot'),
  api: z._default(outsideUrl, 'https://api.hubapi.com'),
  ...common,
});

export const pipedriveSchema = z.strictObject({
  kind: z.literal('pipedrive'),
  api: z._default(outsideUrl, 'https://api.pipedrive.com'),
  /** The API key of a custom person field that shows who has opted out. */
  optOutField: z.optional(z.string().check(z.minLength(1))),
  ...common,
});

export const salesforceSchema = z.strictObject({
  kind: z.literal('salesforce'),
  /** `https://{my domain}.my.salesforce.com` */
  api: outsideUrl,
  apiVersion: z._default(z.string().check(z.regex(/^v\d+\.0$/, 'write a version such as v62.0')), 'v62.0'),
  ...common,
});

export const zohoSchema = z.strictObject({
  kind: z.literal('zoho'),
  /** Of the account's data centre: `https://www.zohoapis.eu`, say. */
  api: z._default(outsideUrl, 'https://www.zohoapis.com'),
  /** Of the same data centre: `https://accounts.zoho.eu`, say. */
  accounts: z._default(outsideUrl, 'https://accounts.zoho.com'),
  ...common,
});

export const webhookSchema = z.strictObject({ kind: z.literal('webhook'), url: outsideUrl, ...common });

export const crmSchema = z.discriminatedUnion('kind', [
  hubspotSchema,
  pipedriveSchema,
  salesforceSchema,
  zohoSchema,
  webhookSchema,
]);

export type HubspotSettings = z.infer<typeof hubspotSchema>;
export type PipedriveSettings = z.infer<typeof pipedriveSchema>;
export type SalesforceSettings = z.infer<typeof salesforceSchema>;
export type ZohoSettings = z.infer<typeof zohoSchema>;
export type WebhookSettings = z.infer<typeof webhookSchema>;
export type CrmSettings = z.infer<typeof crmSchema>;

export interface CrmSyncConfig {
  readonly lineId: string;
  readonly conversationUrl: string;
  readonly optOut: OptOutWords;
  /** Without one, deliveries only bring the ledger up to date. */
  readonly crm?: CrmSettings | undefined;
}

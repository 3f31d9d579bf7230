// Every CRM there is, by its `kind` in the client file: one folder and one line each.
export { crm as 'google-sheets' } from './crms/google-sheets/crm.ts';
export { crm as highlevel } from './crms/highlevel/crm.ts';
export { crm as hubspot } from './crms/hubspot/crm.ts';
export { crm as pipedrive } from './crms/pipedrive/crm.ts';
export { crm as salesforce } from './crms/salesforce/crm.ts';
export { crm as webhook } from './crms/webhook/crm.ts';
export { crm as zoho } from './crms/zoho/crm.ts';

import { MAIL_MS, PATIENT } from '../functions/escalation/notifiers/email/notifier.ts';
import { ANSWER_MS, AWS_CLIENT, CALL_MS } from '../functions/shared/runtime/aws.ts';
import { ADDRESS_MS, OUTCOME_MS, TIMEOUT_MS } from '../functions/shared/runtime/http.ts';

/** What one call may take, milliseconds, and what of the invocation is left when it ends. */
export interface Budget {
  readonly connectMs: number;
  /** How often it is made where no answer comes. */
  readonly attempts: number;
  /** Of one attempt, where that has a limit of its own. */
  readonly answerMs?: number;
  /** From the call to its end, with all attempts. */
  readonly totalMs: number;
  readonly keptMs: number;
}

const limitsOf = ({ maxAttempts, requestHandler }: typeof AWS_CLIENT | typeof PATIENT) => ({
  connectMs: requestHandler.connectionTimeout,
  attempts: maxAttempts,
  answerMs: requestHandler.requestTimeout,
});

const aws: Budget = { ...limitsOf(AWS_CLIENT), totalMs: CALL_MS, keptMs: ANSWER_MS };
const mail: Budget = { ...limitsOf(PATIENT), totalMs: MAIL_MS, keptMs: OUTCOME_MS };
const request: Budget = { connectMs: ADDRESS_MS, attempts: 1, totalMs: TIMEOUT_MS, keptMs: OUTCOME_MS };

/** Somebody outside whom functions, or the operator's command, call. */
export interface Port {
  readonly name: string;
  readonly budget: Budget;
  /** Where the calls are made, below `functions/`. */
  readonly modules: readonly string[];
  /**
   * How many calls one item, message or look-up makes one after the other, at most. Of a CRM the contract tests count them; left out where
   * functions call it all the time.
   */
  readonly calls?: number;
}

const runtime = (name: string, ...files: string[]): Port => ({
  name,
  budget: aws,
  modules: files.map((file) => `shared/${file}.ts`),
});
const source = (name: string, folder: string, files: readonly string[], calls?: number): Port => ({
  name,
  budget: request,
  modules: files.map((file) => `${folder}/${file}.ts`),
  ...(calls !== undefined && { calls }),
});
const crm = (name: string, folder: string, calls: number, more: readonly string[] = []): Port =>
  source(name, `crm-sync/crms/${folder}`, ['crm', ...more], calls);
/** Its own alert, and one in the place of a notifier that refuses. */
const notifier = (name: string, folder: string, calls = 2): Port =>
  source(name, `escalation/notifiers/${folder}`, ['notifier'], calls);

/** Everybody outside. `test/unit/budgets.test.ts` finds whoever is not here. */
export const PORTS: readonly Port[] = [
  runtime('DynamoDB', 'runtime/table', 'people/contacts', 'door/proofs'),
  runtime('SQS', 'runtime/queue'),
  runtime('Secrets Manager', 'runtime/stored-secret'),
  runtime('Parameter Store', 'runtime/stored-parameter'),
  runtime('EventBridge Scheduler', 'runtime/alarm-clock'),
  { ...notifier('SES', 'email'), budget: mail },
  // Health and a message, each again where the token is a new one; a message in another form where that is refused, and then health once more.
  source('EZWhatsApp', 'shared/ezwhatsapp', ['line-api'], 8),
  source('Shopify', 'order-ready/sources/shopify', ['admin', 'connection'], 2),
  source('WooCommerce', 'order-ready/sources/woocommerce', ['connection']),
  source('Calendly', 'appointment-reminder/sources/calendly', ['source', 'connection'], 1),
  source('Acuity', 'appointment-reminder/sources/acuity', ['source'], 1),
  source('Cal.com', 'appointment-reminder/sources/cal-com', ['connection']),
  source('Graph (Meta)', 'lead-first-touch/sources/meta', ['graph', 'connection'], 1),
  source('Typeform', 'lead-first-touch/sources/typeform', ['connection']),
  crm('Google Sheets', 'google-sheets', 5, ['service-account']),
  crm('HighLevel', 'highlevel', 8),
  crm('HubSpot', 'hubspot', 8),
  crm('Pipedrive', 'pipedrive', 9),
  crm('Salesforce', 'salesforce', 8),
  crm('a CRM of your own (webhook)', 'webhook', 2),
  crm('Zoho', 'zoho', 9),
  notifier('PagerDuty', 'pagerduty'),
  notifier('Slack', 'slack', 4),
  notifier('Teams', 'teams'),
  notifier('a pager of your own (webhook)', 'webhook'),
];

/** What carries the calls of several ports: whoever calls one of these names makes a request. */
export const CARRIERS: Readonly<Record<string, readonly string[]>> = {
  'appointment-reminder/booking-api.ts': ['lookUpBooking'],
  'crm-sync/api.ts': ['crmApi', 'fetchToken'],
  'escalation/one-request.ts': ['oneRequest'],
  'shared/door/connection.ts': ['callVendor'],
  'shared/runtime/http.ts': ['http'],
  // Agents and addresses: no call of their own.
  'shared/runtime/aws.ts': [],
  'shared/runtime/public-address.ts': [],
};

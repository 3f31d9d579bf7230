import * as z from 'zod/mini';
import type { OptOutWords } from '../shared/people/opt-out.ts';
import type { Crm } from './crm.ts';
import * as crms from './crms.ts';

const common = {
  /** Tells it apart from another of its kind; its kind, where nothing is written. What is kept of people is kept under it. */
  name: z.optional(
    z.string().check(z.regex(/^[a-z][a-z0-9-]{0,29}$/, 'write lower-case letters, digits and hyphens, at most 30')),
  ),
  /** Whether the words of messages are written to the CRM. Conversation, phone, direction, type and time always are. */
  text: z._default(z.boolean(), false),
};
type Common = z.ZodMiniObject<typeof common>;

type Crms = typeof crms;
type Flat<T> = { [Key in keyof T]: T[Key] };

export type CrmSettings = {
  [Kind in keyof Crms]: Flat<{ kind: Kind } & z.output<Crms[Kind]['settings']> & z.output<Common>>;
}[keyof Crms];
type CrmInput = {
  [Kind in keyof Crms]: Flat<{ kind: Kind } & z.input<Crms[Kind]['settings']> & z.input<Common>>;
}[keyof Crms];

/** The settings of one CRM, with what all have. A CRM that checks several of its settings together goes on doing so. */
const schemaOf = ([kind, { settings }]: [string, Crm]) => {
  const checks = (settings.def.checks ?? []) as unknown as z.core.$ZodCheck<object>[];
  return z.strictObject({ kind: z.literal(kind), ...settings.shape, ...common }).check(...checks);
};

const [first, ...others] = Object.entries<Crm>(crms).map(schemaOf);
if (!first) throw new Error('functions/crm-sync/crms.ts names no CRM.');

/** One schema per line of the registry; the types know which settings belong to which `kind`. */
const oneSchema = z.discriminatedUnion('kind', [first, ...others]) as unknown as z.ZodMiniType<CrmSettings, CrmInput>;

/** One, or a list of several: each message is written to all of them. */
export const crmSchema = z.union(
  [oneSchema, z.array(oneSchema)],
  "write { kind: '…', … } of one CRM, or a list of several",
);

export interface CrmSyncConfig {
  readonly lineId: string;
  /** The line under whose id all that is kept by line is stored: the line itself, or an earlier one. */
  readonly keysOf: string;
  readonly conversationUrl: string;
  /** IANA name; a CRM's days are the client's. */
  readonly zone: string;
  /** Of the client's country, digits: what people there write without it. */
  readonly callingCode?: string | undefined;
  readonly optOut: OptOutWords;
  /** Without one, deliveries only bring the ledger up to date. */
  readonly crm?: CrmSettings | readonly CrmSettings[] | undefined;
}

import { type CountryCode, getCountryCallingCode, isSupportedCountry } from 'libphonenumber-js/min';
import * as z from 'zod/mini';
import { type CrmSyncConfig, crmSchema } from '../functions/crm-sync/config.ts';
import { alertWords } from '../functions/escalation/alert-words.ts';
import { type EscalationConfig, escalationSchema, type LineLetters } from '../functions/escalation/config.ts';
import { lineLetters } from '../functions/escalation/line-letters.ts';
import { DEFAULT_BURST_PER_HOUR, type SenderConfig, senderSchema } from '../functions/sender/config.ts';
import { sourceBy } from '../functions/shared/door/kinds.ts';
import type { ClientFacts, Templates } from '../functions/shared/door/template.ts';
import { sendWindowSchema, zoneSchema } from '../functions/shared/hours/send-window-schema.ts';
import { optOutSchema } from '../functions/shared/people/opt-out-schema.ts';
import { optOutWords } from '../functions/shared/people/opt-out-words.ts';
import * as templates from '../functions/templates.ts';
import type { WebhookReceiverConfig } from '../functions/webhook-receiver/config.ts';
import { ClientProblems, type Problem, problemsOf } from './client-problems.ts';
import { READABLE, schemaProblem } from './client-schema.ts';
import { contactsSchema, phoneSchema } from './contacts-schema.ts';
import { inboundProblems, inboundWarnings } from './inbound-checks.ts';
import { resolved, sourceProblems, sourceWarnings, type WhoseEvents } from './source-rules.ts';

// zod/mini brings no messages of its own; an error that only says "Invalid input" helps nobody.
z.config(z.locales.en());

/** A decision of the client that the code must not guess: what was asked, what was decided, why, by whom and when. */
const decisionSchema = z.strictObject({
  ask: z.enum([
    'campaigns',
    'cold-outbound',
    'official-waba',
    'groups-and-channels',
    'bots',
    'crm-ownership',
    'compliance',
  ]),
  decision: z.string().check(z.minLength(1)),
  reason: z.string().check(z.minLength(1)),
  decidedBy: z.string().check(z.minLength(1)),
  on: z.iso.date(),
});

type All = typeof templates;
type Written = { readonly [Name in keyof All]?: (z.input<All[Name]['settings']> & Ids) | undefined };
type Read = { readonly [Name in keyof All]?: (z.output<All[Name]['settings']> & Ids) | undefined };

/** What every template's settings may say, beside its own: whether the ids of its sources mean the same things. */
interface Ids {
  readonly ids?: 'shared' | 'separate' | undefined;
}
const common = { ids: z.optional(z.enum(['shared', 'separate'])) };

const templatesSchema = z.strictObject(
  Object.fromEntries(
    Object.entries<Templates[string]>(templates).map(([name, { settings }]) => [
      name,
      z.optional(z.safeExtend(settings, common)),
    ]),
  ),
) as unknown as z.ZodMiniType<Read, Written>;

const kindsOf = (template: string) => (templates as Templates)[template]?.sources ?? {};

/** Every template there is, whether a client has it or not. */
export const TEMPLATE_NAMES: readonly string[] = Object.keys(templates);

const lineIdSchema = z
  .string()
  .check(z.regex(/^[A-Za-z0-9_-]{1,64}$/, 'write the id of the line as the workspace shows it'));

/** The client file: what one line does, and the scope note. Each function's slice is declared in that function's folder. */
const clientSchema = z
  .strictObject({
    /** The version of what may stand in the file; without it, 1. */
    schema: z.optional(z.literal(READABLE.newest)),
    name: z.string().check(
      z.regex(/^[a-z][a-z0-9-]{0,29}$/, 'write lower-case letters, digits and hyphens, at most 30'),
      z.refine((name) => name !== 'watch', 'write another name: Ezw-watch is the stack that watches all clients'),
    ),
    /** The EZWhatsApp line that this stack sends on. */
    lineId: lineIdSchema,
    /**
     * After a change of `lineId`: the line before it, or what stood here before. What was sent, booked and said goes on to be known under
     * its id; without it nothing is sent, for every order would be told again.
     */
    keysOf: z.optional(lineIdSchema),
    /**
     * The number of this line (E.164), where EZWhatsApp repeats it in messages of others, which have privacy ids in place of their own: it is
     * nobody's then.
     */
    linePhone: z.optional(phoneSchema),
    /** Where national phone numbers without a country belong. */
    country: z.string().check(z.refine(isSupportedCountry, 'write an ISO country code in capitals, such as IL')),
    zone: zoneSchema,
    /** The language for whoever's own is unknown or has no text. */
    locale: z.string().check(z.regex(/^[a-z]{2,3}(-[A-Z]{2})?$/, 'write a locale such as he, en or en-GB')),
    /**
     * Where it is deployed. Credentials of another account, or another region, are refused then: they would make a second stack, which sends
     * everything once more.
     */
    aws: z.optional(
      z.strictObject({
        account: z.string().check(z.regex(/^\d{12}$/, 'write the 12 digits of the account, as a text')),
        region: z.string().check(z.regex(/^[a-z]{2}(?:-[a-z]+)+-\d$/, 'write a region such as eu-central-1')),
      }),
    ),
    ezwBaseUrl: z._default(
      z.url({ protocol: /^https$/, error: 'write an https address' }),
      'https://app.ezw.solutions',
    ),
    contacts: contactsSchema,
    sender: z.prefault(senderSchema, {}),
    /**
     * `{ only: […] }` while the client is tried: everything runs, and these phones (E.164) alone are written to. What the others would have
     * had is kept for people to read.
     */
    delivery: z._default(
      z.union(
        [
          z.literal('live'),
          z.strictObject({
            only: z
              .array(phoneSchema)
              .check(z.minLength(1, 'name at least one phone: with none, nobody could see a message')),
          }),
        ],
        "write 'live', or { only: ['+972…'] } with the phones that may be written to",
      ),
      'live',
    ),
    /** When messages may reach people: outside it they wait for the opening, or expire if that is too late. Always, unless given. */
    sendWindow: z.optional(sendWindowSchema),
    templates: templatesSchema,
    /** Where a conversation is seen; its id comes behind it. The vendor documents no address for one: try yours. */
    conversationUrl: z._default(
      z.url({ protocol: /^https$/, error: 'write an https address' }),
      'https://app.ezw.solutions/conversations',
    ),
    /** More words that take a number off all automatic messages; own words that put it back on. */
    optOut: z.prefault(optOutSchema, {}),
    crm: z.optional(crmSchema),
    escalation: z.prefault(escalationSchema, {}),
    /** `native`: CloudWatch's own alarms on doors that fail and on dead letters, which are billed by the metric; Ezw-watch tells of both anyway. */
    alarms: z.optional(z.strictObject({ native: z._default(z.boolean(), false) })),
    decisions: z._default(z.array(decisionSchema), []),
  })
  .check((context) => {
    const { locale, sender, decisions } = context.value;
    const aboveUsual = sender.burstPerHour === 'off' || sender.burstPerHour > DEFAULT_BURST_PER_HOUR;
    if (aboveUsual && !decisions.some(({ ask }) => ask === 'campaigns')) {
      const message = `above ${DEFAULT_BURST_PER_HOUR} it needs a decision on "campaigns" in decisions (npx ezw decisions shows the form)`;
      context.issues.push({ code: 'custom', input: sender.burstPerHour, path: ['sender', 'burstPerHour'], message });
    }
    for (const [path, texts] of textsOf(context.value)) {
      if (!Object.hasOwn(texts, locale)) {
        const message = `write a text for the client's own locale, ${locale}`;
        context.issues.push({ code: 'custom', input: texts, path: [...path, locale], message });
      }
    }
    const ofSources = Object.entries<WhoseEvents | undefined>(context.value.templates).flatMap(([name, settings]) =>
      settings
        ? sourceProblems(settings, kindsOf(name)).map((one) => ({ ...one, path: ['templates', name, ...one.path] }))
        : [],
    );
    for (const { path, message } of [...ofSources, ...inboundProblems(context.value)]) {
      context.issues.push({ code: 'custom', input: context.value, path: [...path], message });
    }
  });

/** Whatever has a name, wherever it stands, with its path; nothing is looked for within it. */
function* everyNamed(
  wanted: string,
  value: unknown,
  path: readonly string[] = [],
): Generator<[path: readonly string[], found: unknown]> {
  if (typeof value !== 'object' || value === null) return;
  for (const [name, inner] of Object.entries(value)) {
    if (name === wanted) yield [[...path, name], inner];
    else yield* everyNamed(wanted, inner, [...path, name]);
  }
}

/** Every set of texts in a client file, with its path: whatever is called `texts` holds one per locale. */
const textsOf = (value: unknown) => everyNamed('texts', value) as Generator<[path: readonly string[], texts: object]>;

export type Client = z.infer<typeof clientSchema>;

/** What a client file writes. */
export type ClientInput = z.input<typeof clientSchema>;

/**
 * Checks a client file. Throws one error that names every wrong path and what to write there; a key that is not known is
 * wrong too, for it is most often a known one misspelt. Of a file of another version its version alone is named.
 */
export const defineClient = (input: ClientInput): Client => {
  const otherwise = schemaProblem(input.schema);
  if (otherwise) throw new ClientProblems([otherwise]);
  const result = clientSchema.safeParse(input);
  if (result.success) return result.data;
  throw new ClientProblems(problemsOf(clientSchema, input, result.error.issues));
};

interface Own {
  readonly sender: SenderConfig;
  readonly 'webhook-receiver': WebhookReceiverConfig;
  readonly 'crm-sync': CrmSyncConfig;
  readonly escalation: EscalationConfig;
}
type Slices = Own & Readonly<Record<string, object>>;

/** What each function learns of the client, as JSON by the function's name: its own slice and the few facts that all share. */
export const slices = (client: Client): Slices => {
  const { name, lineId, linePhone, locale, country, zone, sender, delivery, conversationUrl, crm, escalation } = client;
  const callingCode = getCountryCallingCode(country as CountryCode);
  const facts = factsOf(client);
  const { sendWindow, keysOf } = facts;
  const optOut = optOutWords(locale, client.optOut);
  const own: Own = {
    sender: { ...sender, ...(delivery !== 'live' && { only: delivery.only }), lineId, keysOf, zone, sendWindow },
    'webhook-receiver': { lineId, keysOf, linePhone },
    'crm-sync': { lineId, keysOf, zone, conversationUrl, callingCode, optOut, crm },
    escalation: {
      ...escalation,
      lineId,
      keysOf,
      client: name,
      zone,
      locale,
      conversationUrl,
      optOut,
      letters: lettersOf(client),
      alertWords: alertWords(locale),
      reminders: turnedOn(client).flatMap(
        ([
          template,
          {
            template: { reminds },
          },
        ]) => (reminds ? [template] : []),
      ),
    },
  };
  const on = turnedOn(client).map(
    ([
      template,
      {
        template: { sources },
        settings,
      },
    ]) => {
      const { ids: _, ...own } = settings;
      return [template, { ...own, sources: resolved(settings.sources, zone, sources), ...facts }] as const;
    },
  );
  return { ...own, ...Object.fromEntries(on) };
};

/** What the client's own contact is written when the line is in trouble, as it would go out. */
export const lettersOf = (client: Client): LineLetters => {
  const { name, lineId, locale, ezwBaseUrl, contacts } = client;
  return lineLetters({
    client: name,
    lineId,
    workspace: new URL(ezwBaseUrl).host,
    operator: contacts.operator,
    to: contacts.client,
    locale: contacts.client?.locale ?? locale,
    // Templates whose messages help until something of their own happens have none.
    usefulFor: turnedOn(client).flatMap(([, { settings }]) =>
      [...everyNamed('usefulFor', settings)].flatMap(([, one]) => (typeof one === 'string' ? [one] : [])),
    ),
  });
};

/** Of the stack, in CloudFormation. */
export const stackNameOf = ({ name }: Pick<Client, 'name'>): string => `Ezw-${name}`;

/** The line under whose id all that is kept by line is stored. */
export const storedLineOf = ({ lineId, keysOf = lineId }: Pick<Client, 'lineId' | 'keysOf'>): string => keysOf;

/** When messages may leave; always without it. */
export const windowOf = ({ sendWindow, zone }: Pick<Client, 'sendWindow' | 'zone'>) =>
  sendWindow && { ...sendWindow, zone: sendWindow.zone ?? zone };

const factsOf = (client: Client): ClientFacts => {
  const { lineId, country, locale, zone } = client;
  return { lineId, keysOf: storedLineOf(client), country, locale, zone, sendWindow: windowOf(client) };
};

/** What a client file had better not say, and what its templates and their sources warn of, by paths from the top of its file. `now`: epoch milliseconds. */
export const warningsOf = (client: Client, now = Date.now()): Problem[] => [
  ...inboundWarnings(client),
  ...templateWarnings(client, now),
];

const templateWarnings = (client: Client, now: number): Problem[] =>
  turnedOn(client).flatMap(([name, { template, settings }]) => {
    const known = { ...factsOf(client), optOut: optOutWords(client.locale, client.optOut) };
    const ofSources = Object.entries(settings.sources).flatMap(([source, own]) =>
      (own === undefined ? [] : (sourceBy(template.sources, source)?.warnings?.(own, now) ?? [])).map(
        ({ path, message }) => ({
          path: ['sources', source, ...path],
          message,
        }),
      ),
    );
    const warnings = [
      ...sourceWarnings(settings, template.sources),
      ...(template.warnings?.(settings, known) ?? []),
      ...ofSources,
    ];
    return warnings.map(({ path, message }) => ({ path: ['templates', name, ...path], message }));
  });

/** What a client file says of a template; undefined where the client does not have it. */
export const settingsOf = (client: Client, template: string): TurnedOn['settings'] | undefined =>
  (client.templates as Readonly<Record<string, TurnedOn['settings'] | undefined>>)[template];

/** The templates that a client has, with their settings. */
export const turnedOn = (client: Client): readonly (readonly [name: string, TurnedOn])[] =>
  Object.entries<Templates[string]>(templates).flatMap(([name, template]) => {
    const settings = settingsOf(client, name);
    return settings ? [[name, { template, settings }] as const] : [];
  });

export interface TurnedOn {
  readonly template: Templates[string];
  readonly settings: WhoseEvents;
}

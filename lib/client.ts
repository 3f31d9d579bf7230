import { isSupportedCountry } from 'libphonenumber-js/min';
import * as z from 'zod/mini';
import { type OrderReadyConfig, orderReadySchema } from '../functions/order-ready/config.ts';
import { DEFAULT_BURST_PER_HOUR, type SenderConfig, senderSchema } from '../functions/sender/config.ts';

// zod/mini brings no messages of its own; an error that only says "Invalid input" helps nobody.
z.config(z.locales.en());

const isZone = (zone: string): boolean => {
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone });
    return true;
  } catch {
    return false;
  }
};

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

/** The client file: what one line does, and the scope note. Each function's slice is declared in that function's folder. */
const clientSchema = z
  .strictObject({
    name: z
      .string()
      .check(z.regex(/^[a-z][a-z0-9-]{0,29}$/, 'write lower-case letters, digits and hyphens, at most 30')),
    /** The EZWhatsApp line that this stack sends on. */
    lineId: z.string().check(z.regex(/^[A-Za-z0-9_-]{1,64}$/, 'write the id of the line as the workspace shows it')),
    /** Where national phone numbers without a country belong. */
    country: z.string().check(z.refine(isSupportedCountry, 'write an ISO country code in capitals, such as IL')),
    zone: z.string().check(z.refine(isZone, 'write an IANA time zone, such as Asia/Jerusalem')),
    /** The language for whoever's own is unknown or has no text. */
    locale: z.string().check(z.regex(/^[a-z]{2,3}(-[A-Z]{2})?$/, 'write a locale such as he, en or en-GB')),
    ezwBaseUrl: z._default(
      z.url({ protocol: /^https$/, error: 'write an https address' }),
      'https://app.ezw.solutions',
    ),
    sender: z.prefault(senderSchema, {}),
    templates: z.strictObject({ 'order-ready': z.optional(orderReadySchema) }),
    decisions: z._default(z.array(decisionSchema), []),
  })
  .check((context) => {
    const { locale, templates, sender, decisions } = context.value;
    if (sender.burstPerHour > DEFAULT_BURST_PER_HOUR && !decisions.some(({ ask }) => ask === 'campaigns')) {
      const message = `above ${DEFAULT_BURST_PER_HOUR} it needs a decision on "campaigns" in decisions (npx ezw decisions shows the form)`;
      context.issues.push({ code: 'custom', input: sender.burstPerHour, path: ['sender', 'burstPerHour'], message });
    }
    for (const [name, template] of Object.entries(templates)) {
      if (template && !template.texts[locale]) {
        const message = `write a text for the client's own locale, ${locale}`;
        context.issues.push({
          code: 'custom',
          input: template.texts,
          path: ['templates', name, 'texts', locale],
          message,
        });
      }
    }
  });

export type Client = z.infer<typeof clientSchema>;

/**
 * Checks a client file. Throws one error that names every wrong path and what to write there; a key that is not known is
 * wrong too, for it is most often a known one misspelt.
 */
export const defineClient = (input: z.input<typeof clientSchema>): Client => {
  const result = clientSchema.safeParse(input);
  if (result.success) return result.data;
  const problems = result.error.issues.map((issue) => `  ${issue.path.join('.') || '(top level)'}: ${issue.message}`);
  throw new Error(`This client file cannot be used:\n${problems.join('\n')}`);
};

type Slices = {
  readonly sender: SenderConfig;
  readonly 'order-ready'?: OrderReadyConfig;
};

/** What each function learns of the client, as JSON: its own slice and the few facts that all share. */
export const slices = ({ lineId, country, locale, sender, templates }: Client): Slices => {
  const orderReady = templates['order-ready'];
  return {
    sender: { ...sender, lineId },
    ...(orderReady && { 'order-ready': { ...orderReady, lineId, country, locale } }),
  };
};

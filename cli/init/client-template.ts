import { decisionForm, UNSUPPORTED_ASKS } from '../decisions/unsupported-asks.ts';
import { WrongInput } from '../terminal/errors.ts';

export interface ClientAnswers {
  readonly name: string;
  readonly lineId: string;
  readonly country: string;
  readonly zone: string;
  readonly locale: string;
  readonly templates: readonly string[];
}

/** Source text of a template's settings with every text in one language. Hebrew for he, English for all others. */
const TEMPLATES: Readonly<Record<string, (locale: string, hebrew: boolean) => string>> = {
  'order-ready': (locale, hebrew) => `    'order-ready': {
      texts: {
        ${key(locale)}: {
          body: ${hebrew ? "'שלום {name}, הזמנה {order} מוכנה לאיסוף.'" : "'Hi {name}, your order {order} is ready for pickup.'"},
          button: ${hebrew ? "'לפרטי ההזמנה'" : "'Open order'"},
          ifMissing: { name: ${hebrew ? "'לך'" : "'there'"} },
        },
      },
      sources: {
        // Turn on what the shop runs on; custom is your own signed event and what the hand-off test uses.
        // woocommerce: { statuses: ['completed'], storeUrl: 'https://shop.example' },
        // shopify: { adminApi: 'https://SHOP.myshopify.com', clientId: '…' },
        custom: {},
      },
    },`,
  'appointment-reminder': (locale, hebrew) => `    'appointment-reminder': {
      stages: {
        '24h': { texts: { ${key(locale)}: { body: ${hebrew ? "'שלום {name}, נתראה ב{day}, {date} בשעה {time}.'" : "'Hi {name}, see you on {day}, {date} at {time}.'"}, ifMissing: { name: ${hebrew ? "'לך'" : "'there'"} } } } },
        '2h': { texts: { ${key(locale)}: { body: ${hebrew ? "'שלום {name}, נתראה היום בשעה {time}.'" : "'Hi {name}, see you today at {time}.'"}, ifMissing: { name: ${hebrew ? "'לך'" : "'there'"} } } } },
      },
      sources: {
        // calendly: { phoneQuestion: 'Phone number' },
        // 'cal-com': {},
        // acuity: { userId: '…' },
        custom: {},
      },
    },`,
  'lead-first-touch': (locale, hebrew) => `    'lead-first-touch': {
      texts: {
        ${key(locale)}: { body: ${hebrew ? "'שלום {name}, תודה על הפנייה. איך אפשר לעזור?'" : "'Hi {name}, thank you for your interest. How can we help?'"}, ifMissing: { name: ${hebrew ? "'לך'" : "'there'"} } },
      },
      // Other sources need a rule of consent each: see functions/lead-first-touch/README.md.
      sources: { custom: {} },
    },`,
};

/** A locale as a property name. */
const key = (locale: string): string => (/^\w+$/.test(locale) ? locale : `'${locale}'`);

const quoted = (text: string): string => JSON.stringify(text).replace(/^"|"$/g, "'").replaceAll('\\"', '"');

/** @throws WrongInput for a template that there is none of */
export const clientFile = (
  { name, lineId, country, zone, locale, templates }: ClientAnswers,
  schema: string,
): string => {
  const settings = templates.map((template) => {
    const text = TEMPLATES[template.trim()];
    if (text) return text(locale, locale.startsWith('he'));
    throw new WrongInput(`There is no template "${template}". Choose of: ${Object.keys(TEMPLATES).join(', ')}.`);
  });
  const forms = UNSUPPORTED_ASKS.map((ask) => decisionForm(ask).replace(/^/gm, '    // ').replaceAll('// // ', '// '));
  return `import { defineClient } from '${schema}';

export default defineClient({
  name: ${quoted(name)},
  lineId: ${quoted(lineId)},
  country: ${quoted(country)},
  zone: ${quoted(zone)},
  locale: ${quoted(locale)},
  templates: {
${settings.join('\n')}
  },
  // The scope note: what the vendor does not support and a person must decide. Complete what applies and take the // away.
  decisions: [
${forms.join('\n')}
  ],
});
`;
};

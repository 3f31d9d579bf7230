import type { ClientInput } from '../../lib/client.ts';
import { READABLE } from '../../lib/client-schema.ts';
import { decisionForm, UNSUPPORTED_ASKS } from '../decisions/unsupported-asks.ts';
import { type AnySource, templateNamed } from '../target/registry.ts';
import { keyText, sourceText } from './source-text.ts';

/** An instant as people write one. */
export const toTheMinute = (at: Date): string => at.toISOString().replace(/:\d\d\.\d+Z$/, 'Z');

const inQuotes = (text: string): string => sourceText(text, '', 0);

export interface ClientAnswers {
  readonly name: string;
  readonly lineId: string;
  readonly aws?: ClientInput['aws'];
  readonly country: string;
  readonly zone: string;
  readonly locale: string;
  readonly contacts: Pick<ClientInput['contacts'], 'operator'>;
  readonly templates: readonly string[];
}

const IN_TEMPLATES = '    ';
const IN_SOURCES = '        ';

/** `name: value,` on a line of its own. */
const property = (indent: string, name: string, value: unknown): string => {
  const key = `${keyText(name)}: `;
  return `${indent}${key}${sourceText(value, indent, key.length + 1)},`;
};

/** What to write as soon as a second source is on; until then nobody is asked. */
const IDS = `// With a second source: ids: 'shared' if an id means the same thing in both, ids: 'separate' (and an idPrefix) if not.`;

/** What stands at a source that is not on: no time, so that it is an error, with what to write, until somebody writes the day. */
const WRITE_SINCE = 'the day you turn it on';

/** The same of where its events come from, unless nobody is asked for it. */
const originOf = ({ origin, example }: AnySource): { readonly origin?: string } => {
  const settings = example();
  return !origin || origin.isNeedless?.(settings) || origin.usual?.(settings) ? {} : { origin: origin.write };
};

/** A template's settings as its example has them: its own event is on, the other sources wait to be turned on. */
const settingsOf = (name: string, locale: string, since: string): string => {
  const { sources, example, offers } = templateNamed(name);
  const inside = `${IN_TEMPLATES}  `;
  const settings = Object.entries(example(locale)).map(([key, value]) => property(inside, key, value));
  const offered = Object.entries(offers?.(locale) ?? {}).flatMap(([key, value]) =>
    commented(property(inside, key, value), inside),
  );
  const turnedOn = ([source, one]: [string, AnySource], from: string) =>
    property(IN_SOURCES, source, { since: from, ...originOf(one), ...(one.example() as object) });
  const others = Object.entries(sources).filter(([, { isOurs }]) => !isOurs);
  const ours = Object.entries(sources).filter(([, { isOurs }]) => isOurs);
  return [
    `${IN_TEMPLATES}${keyText(name)}: {`,
    ...settings,
    ...(offered.length > 0 ? [`${inside}// What can be told beside: take the // away from what is to be.`] : []),
    ...offered,
    ...(ours.length > 1 ? [property(inside, 'ids', 'shared')] : others.length > 0 ? [`${inside}${IDS}`] : []),
    `${inside}sources: {`,
    ...(others.length > 0
      ? [
          `${IN_SOURCES}// Turn on what the client has; each one's README tells what it needs. What happened before its \`since\`, or comes from elsewhere than its \`origin\`, is not sent.`,
        ]
      : []),
    ...others.flatMap((one) => commented(turnedOn(one, WRITE_SINCE), IN_SOURCES)),
    ...ours.map((one) => turnedOn(one, since)),
    `${inside}},`,
    `${IN_TEMPLATES}},`,
  ].join('\n');
};

const commented = (text: string, indent: string): string[] =>
  text.split('\n').map((line) => line.replace(indent, `${indent}// `));

/** @throws WrongInput for a template that there is none of */
export const clientFile = (
  { name, lineId, aws, country, zone, locale, contacts, templates }: ClientAnswers,
  schema: string,
): string => {
  const settings = [...new Set(templates.map((template) => template.trim()))].map((template) =>
    settingsOf(template, locale, toTheMinute(new Date())),
  );
  const place = aws
    ? property('  ', 'aws', aws)
    : "  // Before it is deployed: the account and the region, and take the // away.\n  // aws: { account: '123456789012', region: 'il-central-1' },";
  const forms = UNSUPPORTED_ASKS.map((ask) => decisionForm(ask).replace(/^/gm, '    // ').replaceAll('// // ', '// '));
  return `import { defineClient } from '${schema}';

export default defineClient({
  schema: ${READABLE.newest},
  name: ${inQuotes(name)},
  lineId: ${inQuotes(lineId)},
${place}
  country: ${inQuotes(country)},
  zone: ${inQuotes(zone)},
  locale: ${inQuotes(locale)},
  contacts: {
    // Whom the client asks; the phone is your own: test messages go to it.
${property('    ', 'operator', contacts.operator)}
    // Who holds the phone of the line hears in their language what to do when it must be linked again: by the notifier that sends mail.
    // client: { name: 'their name', email: 'their e-mail address' },
  },
  // While you try it: everything runs on real events, and this phone alone is written to. "npx ezw sends list ${name} --shadow" shows
  // what others would have had. Write 'live' in its place when that is as the client wants it.
  delivery: { only: [${inQuotes(contacts.operator.phone)}] },
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

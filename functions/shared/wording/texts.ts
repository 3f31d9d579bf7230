import { Permanent } from '../runtime/errors.ts';
import { personName } from './person-name.ts';

/** Anything in braces is meant as a placeholder: `{name}` is one, `{first name}` and `{{x}}` are mistakes to be named. */
export const BRACES = /\{([^{}]*)\}|[{}]/g;

export type Values = Readonly<Record<string, string | undefined>>;

/** A message in one language. `ifMissing` stands in for a value that the event did not bring. */
export interface Text {
  readonly body: string;
  readonly button?: string | undefined;
  readonly ifMissing?: Values | undefined;
}

/** Characters that keep a message readable. */
export const MAX_BODY = 1000;

/** The text for a locale: exact, else by language, else the client's own language, which the client file guarantees. */
export const pickText = <Picked extends Text>(
  texts: Readonly<Record<string, Picked>>,
  locale: string | undefined,
  fallback: string,
): Picked & { readonly locale: string } => {
  const exact = locale?.replace('_', '-') ?? '';
  const wanted = [exact, exact.split('-')[0]?.toLowerCase() ?? '', fallback].find((name) => Object.hasOwn(texts, name));
  const found = wanted ?? fallback;
  const text = texts[found];
  if (!text) throw new Permanent('no_text', `There is no text for the locale ${fallback}.`);
  return { ...text, locale: found };
};

/** `{name}` is a person's own word, in every template: whatever is no name counts as missing. */
const sayable = (name: string, value = ''): string | undefined =>
  name === 'name' ? personName(value) : value.replace(/\p{Cc}+/gu, ' ').trim();

/**
 * Fills a template in one pass, so a value that itself holds `{name}` stays as it is. Control characters of a value become
 * spaces. A missing value throws `Permanent` with the reason `missing_value:<name>`: better parked than "Hello {name}".
 * @param encode how a value stands in the template, where that is not a text for people
 */
export const fill = (
  template: string,
  values: Values,
  ifMissing: Values = {},
  encode = (value: string): string => value,
): string =>
  template.replace(BRACES, (_, name: string) => {
    const value = sayable(name, values[name]) || ifMissing[name];
    if (!value) throw new Permanent(`missing_value:${name}`, `The event brought no value for {${name}}.`);
    return encode(value);
  });

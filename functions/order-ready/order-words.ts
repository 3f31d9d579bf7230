import { Temporal } from 'temporal-polyfill';
import { countCharacters, cut } from '../shared/runtime/characters.ts';
import { plainText } from '../shared/wording/plain-text.ts';

/** What an order costs. */
export interface Total {
  /** As shops write it: an exact decimal such as `120.00`, `1200` or `-5.00`. */
  readonly amount: string;
  /** ISO 4217. */
  readonly currency: string;
}

/** A line of an order. */
export interface Item {
  readonly name: string;
  readonly quantity?: number | undefined;
}

/** Written out, and not so long that it would fill the message. */
const isAmount = (text: string): text is `${number}` => /^-?\d{1,24}(?:\.\d{1,24})?$/.test(text);

/** The code for no currency is one of them. */
const isCurrency = (code: string): boolean => /^(?!xxx)[a-z]{3}$/i.test(code);

/** ISO 4217 gives them no smaller unit; others have one that `Intl` leaves out as people do there, though shops may count it. */
const WITHOUT_PARTS = 'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF'.split(' ');
const hasParts = ({ amount, currency }: Total): boolean =>
  /\.0*[1-9]/.test(amount) && !WITHOUT_PARTS.includes(currency.toUpperCase());

/**
 * `{total}`, such as `₪120.00`: rounded to what the currency can be paid in, and no further. Undefined for what is no amount, or in no
 * currency.
 * @param locale BCP 47. Its region tells the habits, here as below: `en` alone is that of the US.
 */
export const totalIn = (total: Total | undefined, locale: string): string | undefined => {
  if (!total || !isAmount(total.amount) || !isCurrency(total.currency)) return undefined;
  const format = (more: Intl.NumberFormatOptions = {}): Intl.NumberFormat =>
    new Intl.NumberFormat(locale, { style: 'currency', currency: total.currency, signDisplay: 'negative', ...more });
  const usual = format();
  const leavesOut = usual.resolvedOptions().maximumFractionDigits === 0 && hasParts(total);
  // As text: a number would round what is beyond 2^53.
  return (leavesOut ? format({ minimumFractionDigits: 2 }) : usual).format(total.amount).replaceAll('\u202f', '\u00a0');
};

const SHOWN = 3;
/** Characters of a name. */
const MAX_NAME = 40;
/** More pieces of one thing are a mistake of whoever counted. */
const MAX_QUANTITY = 999_999;

/** Marks and overrides of direction: they would reach into the words around the name. */
const DIRECTING = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;
const UNSEEN_AT_START = /^[\p{Default_Ignorable_Code_Point}\s]+/u;

const nameOf = (given: string): string | undefined => {
  const name = plainText(given)
    ?.replace(DIRECTING, '')
    .replace(/[\p{Cc}\s]+/gu, ' ')
    .replace(UNSEEN_AT_START, '')
    .trimEnd();
  return name && countCharacters(name) > MAX_NAME ? `${cut(name, MAX_NAME - 1).trimEnd()}…` : name;
};

/** Letters, and digits, that are written from right to left or take their neighbours there. */
const LEFTWARD = '\\u0590-\\u08ff\\ufb1d-\\ufdff\\ufe70-\\ufefc\\u{10800}-\\u{10fff}\\u{1e800}-\\u{1efff}';
const LEFTWARD_SCRIPTS = ['Adlm', 'Arab', 'Hebr', 'Nkoo', 'Rohg', 'Syrc', 'Thaa'];
const AGAINST_RIGHTWARD = new RegExp(`[${LEFTWARD}]`, 'u');
const AGAINST_LEFTWARD = new RegExp(`(?![${LEFTWARD}])\\p{L}`, 'u');

/**
 * A name with letters of the other direction, isolated: else two of them in a row change places, and the number of one stands at the
 * other. WhatsApp draws a message by the rules of Unicode, on telephones and in browsers, and sets the names of people who are
 * mentioned between the same two marks. All other names go without, for whoever copies or searches the message.
 */
const isolated = (name: string, against: RegExp): string => (against.test(name) ? `\u2068${name}\u2069` : name);

const moreInArabic = (said: string, count: number): string => {
  const words: Partial<Record<Intl.LDMLPluralRule, string>> = {
    one: 'منتج آخر',
    two: 'منتجان آخران',
    few: `${said} منتجات أخرى`,
    many: `${said} منتجًا آخر`,
  };
  return words[new Intl.PluralRules('ar').select(count)] ?? `${said} منتج آخر`;
};

/** "3 more", at the end of a list. */
const MORE: Readonly<Record<string, (said: string, count: number) => string>> = {
  ar: moreInArabic,
  de: (said, count) => `${said} ${count === 1 ? 'weiterer' : 'weitere'} Artikel`,
  en: (said) => `${said} more`,
  es: (said) => `${said} más`,
  fr: (said, count) => `${said} ${count === 1 ? 'autre' : 'autres'}`,
  he: (said, count) => `עוד ${count === 1 ? 'אחד' : said}`,
  pt: (said) => `mais ${said}`,
  ru: (said) => `ещё ${said}`,
};

const isSaid = (quantity: number | undefined): quantity is number =>
  Number.isInteger(quantity) && Number(quantity) > 1 && Number(quantity) <= MAX_QUANTITY;

/**
 * `{items}`, such as `Basil, 2 × Pot, Soil and 3 more`: the first three lines that have a name, each of at most 40 characters, and how many
 * lines there are besides, whatever their quantities. Of at most 200 characters; undefined if no line has a name.
 */
export const itemsIn = (items: readonly Item[] | undefined, locale: string): string | undefined => {
  const { language, script = '' } = new Intl.Locale(locale).maximize();
  const against = LEFTWARD_SCRIPTS.includes(script) ? AGAINST_LEFTWARD : AGAINST_RIGHTWARD;
  const say = (count: number, style?: Intl.NumberFormatOptions): string =>
    new Intl.NumberFormat(locale, style).format(count).replaceAll('\u202f', '\u00a0');
  const lines = (items ?? []).flatMap(({ name, quantity }) => {
    const known = nameOf(name);
    if (!known) return [];
    return `${isSaid(quantity) ? `${say(quantity)} × ` : ''}${isolated(known, against)}`;
  });
  if (lines.length === 0) return undefined;
  const shown = lines.slice(0, SHOWN);
  const others = (items ?? []).length - shown.length;
  const more = others > 0 ? [MORE[language]?.(say(others), others) ?? say(others, { signDisplay: 'always' })] : [];
  return new Intl.ListFormat(locale).format([...shown, ...more]);
};

const DATE = /^\d{4}-\d{2}-\d{2}$/;

const instantOf = (text: string): Temporal.Instant | undefined => {
  try {
    return Temporal.Instant.from(text);
  } catch {
    return undefined;
  }
};

/**
 * `{eta}`, such as `Tuesday, 1 December`. Undefined for what is neither a day nor an instant.
 * @param eta ISO 8601: a day, which is the same everywhere, or an instant
 * @param zone IANA, whose day it is at an instant
 */
export const etaIn = (eta: string | undefined, locale: string, zone: string): string | undefined => {
  const isDay = DATE.test(eta ?? '');
  const instant = instantOf(isDay ? `${eta}T00:00Z` : (eta ?? ''));
  const style = { weekday: 'long', day: 'numeric', month: 'long', timeZone: isDay ? 'UTC' : zone } as const;
  return (
    instant && new Intl.DateTimeFormat(locale, style).format(instant.epochMilliseconds).replace(/[\u202f\u00a0]/g, ' ')
  );
};

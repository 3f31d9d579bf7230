import { deliveryIdOf } from '../../functions/shared/ledger/deliveries.ts';
import { deliveryName } from '../../functions/shared/ledger/tellings.ts';
import { firstUsablePhone } from '../../functions/shared/people/phone.ts';
import { plainWords } from '../../functions/shared/runtime/characters.ts';
import { keyPart, withPrefix } from '../../functions/shared/runtime/hashes.ts';
import { type Client, TEMPLATE_NAMES, turnedOn } from '../../lib/client.ts';
import { masked } from '../terminal/mask.ts';

/** What somebody asks for, as all that it may be. */
export interface Asked {
  /** Without what came along when it was copied. */
  readonly words: string;
  /** As it may be shown: of what looks like a number its end alone. */
  readonly shown: string;
  /** An id at a source, as keys and logs have it. */
  readonly ids: readonly string[];
  /** What people know an event by beside its id. */
  readonly numbers: readonly string[];
  readonly trace?: string;
  readonly delivery: string;
  /** E.164, where it is a number that somebody could have. */
  readonly phone?: string;
  /** What of it is said nowhere. */
  readonly hidden: readonly string[];
}

/** Signs that nobody sees, hyphens and spaces of other kinds, quotes and the sign of a number are of the place that it was copied from. */
const plain = (raw: string): string =>
  raw
    .replace(/\p{Default_Ignorable_Code_Point}|\p{Cf}/gu, '')
    .replace(/[\p{Pd}\u2212]/gu, '-')
    .replace(/\s/gu, ' ')
    .trim()
    .replace(/^["'“”„«‘’]+|["'“”»‘’]+$/gu, '')
    .replace(/^(?:https?:\/\/)?wa\.me\/\+?(\d+)(?:[/?].*)?$/i, '+$1')
    .replace(/^(?:tel:|whatsapp:|(?:order\s*|[\p{L}.]+\s+)?#)\s*/iu, '')
    .replace(/^([+(\d][\d\s()./-]*)[,;.:!?]+$/, '$1')
    .trim();

/** As people write it, and as it may stand in a file: `1,001` for 1001, small letters for capitals. */
const spellings = (words: string): readonly string[] => {
  const bare = /^\d{1,3}(?:,\d{3})+$/.test(words) ? words.replaceAll(',', '') : words;
  return [...new Set([words, bare, bare.toUpperCase(), bare.toLowerCase()])];
};

const prefixesOf = (client: Client): readonly string[] =>
  turnedOn(client).flatMap(([, { settings }]) =>
    Object.values(settings.sources as Readonly<Record<string, { readonly idPrefix?: string } | undefined>>).flatMap(
      (source) => source?.idPrefix ?? [],
    ),
  );

const looksLikePhone = (words: string): boolean =>
  /^[+(\d][\d\s()./-]+$/.test(words) && words.replace(/\D/g, '').length >= 9;

const DIGITS_SHOWN = 2;

const endOf = (number: string): string => number.replace(/\D/g, '').slice(-DIGITS_SHOWN);

/** Seven digits on end, or nine with what people write between them. */
const NUMBERS = /(?<![\p{L}\p{N}])[+(]*(?:\d(?:[\s()./-]*\d){8,}|\d{7,})(?![\p{L}\p{N}])/gu;

const UUID = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i;

/** What may be somebody's number beside other words; none of what is an id or a key by its form. */
const numbersBeside = (words: string): readonly string[] =>
  looksLikePhone(words) || UUID.test(words) || templatesOf(words).length > 0
    ? []
    : [...words.matchAll(NUMBERS)].map(([number]) => number);

const shownOf = (words: string, phone: string | undefined): string => {
  if (phone !== undefined) return masked(phone);
  if (looksLikePhone(words)) return `a number that ends with ${endOf(words)}`;
  return numbersBeside(words).reduce((shown, number) => shown.replace(number, `••${endOf(number)}`), words);
};

/** Kind and id of a key: `order:1044`, and nothing behind it. */
const STEM = /^[a-z]+:((?:[a-z0-9][a-z0-9-]*::)?[^:]+)$/;

/** Whether it is `order:1044`: all of that. */
export const isStem = (words: string): boolean => STEM.test(words);

/** `order:1044` of a key, or of the beginning of one. */
export const stemOf = (key: string): string => /^[a-z]+:(?:[a-z0-9][a-z0-9-]*::)?[^:]+/.exec(key)?.[0] ?? key;

/** The id in a key. */
export const idIn = (key: string): string => STEM.exec(stemOf(key))?.[1] ?? key;

/** Templates whose keys begin as this one, or as this beginning of one. */
export const templatesOf = (key: string): readonly string[] =>
  TEMPLATE_NAMES.filter((name) => key.includes(':') && name.startsWith(`${key.slice(0, key.indexOf(':'))}-`));

export const askedFor = (raw: string, client: Client): Asked => {
  const words = plain(raw);
  const found = looksLikePhone(words) ? firstUsablePhone([{ raw: words }], client) : undefined;
  const phone = found && 'phone' in found ? found.phone : undefined;
  const inKey = STEM.exec(words)?.[1];
  const names = inKey === undefined ? spellings(words) : [inKey];
  const ids = names.flatMap((one) => [
    ...(inKey === undefined ? [] : [one]),
    keyPart(one),
    ...prefixesOf(client).map((prefix) => keyPart(withPrefix(prefix, one))),
  ]);
  const trace = words.toLowerCase();
  return {
    words,
    shown: plainWords(shownOf(words, phone)),
    ids: [...new Set(ids)],
    numbers: names,
    delivery: deliveryName(deliveryIdOf(words)),
    ...(/^t[0-9a-v]{11}$/.test(trace) && { trace }),
    ...(phone !== undefined && { phone }),
    hidden: phone === undefined ? numbersBeside(words) : [words],
  };
};

import { plainText } from '../shared/wording/plain-text.ts';
import type { FieldNames } from './form-settings.ts';
import type { ConsentAnswer } from './schema.ts';

/** One answer of a form: every name that its question goes by, and what was answered. */
export interface Answer {
  readonly names: readonly string[];
  readonly value: unknown;
  /** The form itself says that this is a phone number. */
  readonly isPhone?: boolean;
  /** The words agreed to and the time, for an answer that is a consent and comes with them. */
  readonly evidence?: Pick<ConsentAnswer, 'text' | 'at'>;
}

/** `Phone Number`, `phone_number` and `phoneNumber` are one name; `1.3` (a part of field 1) and `13` are two. */
const normal = (name: string): string =>
  /^\d+\.\d+$/.test(name)
    ? name
    : name
        .normalize('NFKC')
        .toLowerCase()
        .replace(/[^\p{L}\p{N}*]+/gu, '');

const patterns = new Map<string, readonly string[]>();

/** What stands between the stars of a pattern. All patterns are of the client file: they are few, and each is read once. */
const partsOf = (pattern: string): readonly string[] => {
  const known = patterns.get(pattern) ?? normal(pattern).split('*');
  patterns.set(pattern, known);
  return known;
};

/** Whether a name or an answer is what the client file wrote, where `*` stands for any characters. */
export const isLike = (text: string, pattern: string): boolean => {
  const [first = '', ...rest] = partsOf(pattern);
  const given = normal(text).replaceAll('*', '');
  if (rest.length === 0) return given === first;
  if (!given.startsWith(first)) return false;
  let from = first.length;
  for (const part of rest.slice(0, -1)) {
    const at = given.indexOf(part, from);
    if (at < 0) return false;
    from = at + part.length;
  }
  const last = rest.at(-1) ?? '';
  return given.length - from >= last.length && given.endsWith(last);
};

/** An answer as text: the first element of a list, a number or a yes by its letters. Objects, null and blanks are no answer. */
export const textOf = (value: unknown): string | undefined => {
  if (Array.isArray(value)) return textOf(value[0]);
  if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean') return undefined;
  return plainText(String(value));
};

/** Texts of all answers to the named questions, in the order of the names. */
export const answersTo = (answers: readonly Answer[], names: readonly string[]): string[] =>
  names.flatMap((wanted) => found(answers, wanted).flatMap(({ value }) => textOf(value) ?? []));

export const found = (answers: readonly Answer[], wanted: string): Answer[] =>
  answers.filter((answer) => answer.names.some((name) => isLike(name, wanted)));

/** What a form says about a person. */
export interface Person {
  readonly name: string | undefined;
  readonly email: string | undefined;
  readonly country: string | undefined;
  readonly locale: string | undefined;
  /** As they were typed, each once. */
  readonly phones: readonly string[];
}

export const personOf = (answers: readonly Answer[], fields: FieldNames): Person => {
  const first = (names: readonly string[]): string | undefined => answersTo(answers, names)[0];
  const asked = fields.phone.flatMap((name) => found(answers, name));
  const marked = answers.filter(({ isPhone }) => isPhone);
  const phones = [...asked, ...marked].flatMap(({ value }) => (Array.isArray(value) ? value : [value]));
  return {
    name: first(fields.firstName) ?? first(fields.name),
    email: first(fields.email),
    country: first(fields.country),
    locale: first(fields.locale),
    phones: [...new Set(phones.flatMap((phone) => textOf(phone) ?? []))],
  };
};

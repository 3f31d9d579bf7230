import { plainText } from '../wording/plain-text.ts';

/** One answer of a form: every name that its question goes by, and what was answered. */
export interface Answer {
  readonly names: readonly string[];
  /** The question in the form's own words, where the event brings them beside its names. */
  readonly question?: string | undefined;
  readonly value: unknown;
  /** The form itself says that this is a phone number. */
  readonly isPhone?: boolean;
  /** The words agreed to and the time (ISO 8601), for an answer that is a consent and comes with them. */
  readonly evidence?: { readonly text?: string | undefined; readonly at?: string | undefined };
}

/** `Phone Number`, `phone_number` and `phoneNumber` are one name; `1.3` (a part of field 1) and `13` are two, as are `input_1.3` and `input_13`. */
const normal = (name: string): string =>
  /^(?:input_)?\d+\.\d+$/.test(name)
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

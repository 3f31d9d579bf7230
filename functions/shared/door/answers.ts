import { cut } from '../runtime/characters.ts';
import type { FormAnswer } from '../wording/form-answer.ts';
import { personAnswer } from '../wording/person-name.ts';
import { plainText } from '../wording/plain-text.ts';
import type { Values } from '../wording/texts.ts';

/** One answer of a form: every name that its question goes by, and what was answered. */
export interface Answer {
  readonly names: readonly string[];
  /** The question in the form's own words, where the event brings them beside its names. */
  readonly question?: string | undefined;
  readonly value: unknown;
  /** The form itself says that this is a phone number. */
  readonly isPhone?: boolean;
  /** It has the parts of a phone number, and its question need not say so. */
  readonly looksLikePhone?: boolean;
  /** Of a phone: the country that stands in the very field. */
  readonly country?: string | undefined;
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

/** Whether a text is one, each as it is compared. */
const fits = (given: string, [first = '', ...rest]: readonly string[]): boolean => {
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

const compared = (text: string): string => normal(text).replaceAll('*', '');

/** Whether a name or an answer is what the client file wrote, where `*` stands for any characters. */
export const isLike = (text: string, pattern: string): boolean => fits(compared(text), partsOf(pattern));

/** Every name of a form is held against all that a client file names: each is read once, for it may be as long as the form. */
const read = new WeakMap<readonly string[], readonly string[]>();

const comparedNames = ({ names }: Answer): readonly string[] => {
  const known = read.get(names) ?? names.map(compared);
  read.set(names, known);
  return known;
};

/** An answer as text: the first element of a list, a number or a yes by its letters. Objects, null and blanks are no answer. */
export const textOf = (value: unknown): string | undefined => {
  if (Array.isArray(value)) return textOf(value[0]);
  if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean') return undefined;
  return plainText(String(value));
};

const textsOf = (value: unknown): string[] =>
  (Array.isArray(value) ? value : [value]).flatMap((one) => textOf(one) ?? []);

/** Texts of all answers to the named questions, in the order of the names. */
export const answersTo = (answers: readonly Answer[], names: readonly string[]): string[] =>
  names.flatMap((wanted) => found(answers, wanted).flatMap(({ value }) => textOf(value) ?? []));

export const found = (answers: readonly Answer[], wanted: string): Answer[] =>
  answers.filter((answer) => comparedNames(answer).some((name) => fits(name, partsOf(wanted))));

/** More of a form is not passed on: nobody asks so many questions, and queues have limits. */
const MOST_ANSWERS = 40;
const MOST_NAMES = 4;
const MAX_NAME = 200;
const MAX_TEXT = 500;
const MAX_TOTAL = 30_000;

const formAnswer = ({ names, value }: Answer): FormAnswer | undefined => {
  const choices = textsOf(value);
  const known = [...new Set(names.flatMap((name) => plainText(name) ?? []))].map((name) => cut(name, MAX_NAME));
  // Ids and keys of questions are one word; what people read mostly is not.
  const question = known.find((name) => /\s/.test(name)) ?? known[0];
  if (question === undefined || choices.length === 0) return undefined;
  const others = known.filter((name) => name !== question).slice(0, MOST_NAMES);
  return {
    question,
    value: cut(choices.join(', '), MAX_TEXT),
    ...(others.length > 0 && { names: others }),
    ...(choices.length > 1 && { choices: choices.slice(0, MOST_ANSWERS).map((one) => cut(one, MAX_NAME)) }),
  };
};

/** The answers of a form as an event passes them on: texts alone, without files, and no more of them than a queue takes. */
export const formAnswers = (answers: readonly Answer[]): { readonly answers?: readonly FormAnswer[] } => {
  let left = MAX_TOTAL;
  const told = answers
    .flatMap((answer) => formAnswer(answer) ?? [])
    .slice(0, MOST_ANSWERS)
    .filter((answer) => {
      left -= JSON.stringify(answer).length;
      return left > 0;
    });
  return told.length > 0 ? { answers: told } : {};
};

/** The answers of an object of names and values, as our own events bring them. */
export const answersIn = (fields: unknown): Answer[] =>
  typeof fields === 'object' && fields !== null && !Array.isArray(fields)
    ? Object.entries(fields).map(([name, value]) => ({ names: [name], value }))
    : [];

/** Which answers the texts of a template may hold: `{<name>}` is the answer to the first of `fields` that was answered. */
export type AnswerPlaceholders = Readonly<
  Record<string, { readonly fields: readonly string[]; readonly choices?: readonly string[] | undefined }>
>;

/** A number or an address, whatever its question is called. */
const isAddress = (value: string): boolean => /^(\+?[\d\s()./-]{7,40}|[^\s@]{1,100}@[^\s@]{1,100})$/.test(value);

/** The answers that say more than the contact shows anyway: the name, a number, an address. */
export const beyondContact = ({
  name,
  answers = [],
}: {
  readonly name?: string | undefined;
  readonly answers?: readonly FormAnswer[] | undefined;
}): readonly FormAnswer[] => answers.filter(({ value }) => value !== name && !isAddress(value));

const plain = (text: string): string => text.normalize('NFKC').toLowerCase().replace(/\s+/gu, ' ').trim();
/** Signs within words may come and go (`fruit-trees`); of `C++`, `-5` and `👍` they are what tells them apart. */
const WORDS = /^[\p{L}\p{N}][\p{L}\p{M}\p{N}\s'’_.,-]*$/u;

/** `3.5` and `35` are two numbers, whatever else may come and go. */
const hasNumbersOf = (one: string, other: string): boolean =>
  String(one.match(/\p{Nd}+/gu)) === String(other.match(/\p{Nd}+/gu));

/** The listed choices that an answer is, by itself or, as plug-ins join what was ticked, with commas between. */
const chosen = (text: string, choices: readonly string[]): string[] => {
  const same = (one: string) =>
    choices.find((choice) => plain(choice) === plain(one)) ??
    choices.find(
      (choice) => WORDS.test(choice) && WORDS.test(one.trim()) && hasNumbersOf(one, choice) && isLike(one, choice),
    );
  const whole = same(text);
  return whole === undefined ? text.split(/[,;،\n]/).flatMap((part) => same(part) ?? []) : [whole];
};

/** What a customer wrote of their own accord, as shops call it. */
const NOTES = ['customer note', 'note'];

/** Of the answers of an order, beside which shops and their plug-ins put much that nobody was asked: those that a client file names, and the customer's own note. */
export const answersNamed = (
  given: readonly FormAnswer[] = [],
  wanted: AnswerPlaceholders = {},
): readonly FormAnswer[] => {
  const known = [...NOTES, ...Object.values(wanted).flatMap(({ fields }) => fields)];
  return given.filter(({ question, names = [] }) =>
    [question, ...names].some((name) => known.some((one) => isLike(name, one))),
  );
};

/**
 * What stands for the placeholders of a client file; those that nothing can stand for are left out. With `choices` an answer counts
 * only if it is one of them, and in the words of the client file.
 * @param unproven the answers came from whoever likes to send some: only choices count
 */
export const answerValues = (
  given: readonly FormAnswer[] = [],
  wanted: AnswerPlaceholders = {},
  unproven = false,
): Values => {
  const answers = given.map(({ question, names = [], value, choices = [value] }) => ({
    names: [question, ...names],
    value: choices,
  }));
  const standing = ({ fields, choices }: AnswerPlaceholders[string]): string | undefined => {
    if (unproven && !choices) return undefined;
    const said = fields.map((name) => found(answers, name).flatMap(({ value }) => textsOf(value)));
    const texts = said.find((one) => one.length > 0) ?? [];
    const kept = new Set(texts.flatMap((text) => (choices ? chosen(text, choices) : (personAnswer(text) ?? []))));
    const text = [...kept].join(', ');
    return choices ? text || undefined : personAnswer(text);
  };
  return Object.fromEntries(
    Object.entries(wanted).flatMap(([name, one]) => {
      const value = standing(one);
      return value === undefined ? [] : [[name, value]];
    }),
  );
};

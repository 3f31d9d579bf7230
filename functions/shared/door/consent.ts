import type { Consent } from '../ledger/rules.ts';
import { cut } from '../runtime/characters.ts';
import { type Answer, found, isLike } from './answers.ts';
import { agrees, choicesOf, refuses } from './yes-or-no.ts';

/** What a person answered to the question of consent. */
export interface ConsentAnswer {
  /** The name of the question. */
  readonly field: string;
  /** The question in the form's own words, where the event brings them beside the name. */
  readonly question?: string | undefined;
  /** All that was chosen, line by line. */
  readonly value: string;
  /** The words agreed to, where the event brings them. */
  readonly text?: string | undefined;
  /** ISO 8601, where the event says when. */
  readonly at?: string | undefined;
  /** A no that holds whatever the client file says. */
  readonly refused?: true;
}

interface Rule {
  readonly fields: readonly string[];
  readonly values: readonly string[];
}

/** What stands for an answer that was left empty. */
export const NOT_ANSWERED = 'not answered';

/**
 * The answer that decides: of the rule's questions, in their order, the first that is there, answered or not; undefined where none is.
 * Where several go by that one name, one that is empty or says no counts for more than a yes.
 */
export const decidingAnswer = (answers: readonly Answer[], { fields, values }: Rule): ConsentAnswer | undefined => {
  for (const wanted of fields) {
    const there = found(answers, wanted).map((answer) => ({ ...answer, choices: choicesOf(answer.value) }));
    const decides =
      there.find(({ choices }) => choices.length === 0 || refuses(choices, values)) ??
      there.find(({ choices }) => agrees(choices, values)) ??
      there[0];
    const field = decides?.names.find((name) => isLike(name, wanted));
    if (decides === undefined || field === undefined) continue;
    const { choices, question, evidence } = decides;
    return { field, question, value: choices.join('\n') || NOT_ANSWERED, ...evidence };
  }
  return undefined;
};

/** Whether it is a yes. Where nobody was asked, nobody agreed. */
export const isConsent = (answer: ConsentAnswer | undefined, { values }: Pick<Rule, 'values'>): boolean =>
  answer !== undefined && !answer.refused && agrees(choicesOf(answer.value), values);

/** A number that stands in an answer, or in the words agreed to. */
const NUMBER = /\+?\p{Nd}[\p{Nd}\s().-]{5,}\p{Nd}/gu;
export const withoutNumbers = (text: string | undefined): string | undefined => text?.replace(NUMBER, '[number]');

/** Words, of which some are addresses: a pattern that ends at an `@` would look for it from each letter of a long one anew. */
const WORD = /[^\s<>]+/g;
const IS_ADDRESS = /.@./s;
const MAX_NOTED = 100;
const MAX_STATEMENT = 300;

const noted = (text: string, max = MAX_NOTED): string =>
  cut(withoutNumbers(text)?.replace(WORD, (word) => (IS_ADDRESS.test(word) ? '[address]' : word)) ?? '', max);

/** A consent as it is kept beside the message that it stands behind. `at` (ISO 8601): when it was given, unless its answer says. */
export const consentNote = (
  { field, value, question, text = question, at }: ConsentAnswer,
  given: string,
): Consent => ({
  field: noted(field),
  value: noted(value),
  statement: text && noted(text, MAX_STATEMENT),
  // Nobody agrees after they have sent it.
  at: at !== undefined && Date.parse(at) <= Date.parse(given) ? at : given,
});

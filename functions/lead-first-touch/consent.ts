import { type Answer, found, isLike, textOf } from '../shared/door/answers.ts';
import type { LeadFirstTouchConfig } from './config.ts';
import type { ConsentRule } from './form-settings.ts';
import type { ConsentAnswer, Lead } from './schema.ts';

/** Our own event has one field for it, which must be true and not merely something that reads like it. */
const CUSTOM: ConsentRule = { fields: ['consent.whatsapp'], values: ['true'] };

/** What stands for an answer that was left empty. */
export const NOT_ANSWERED = 'not answered';

/** More of one answer than any form has. */
const MAX_CHOICES = 50;

interface Rules {
  readonly consent: ConsentRule;
  readonly consentByForm?: Readonly<Record<string, ConsentRule>> | undefined;
}

export const ruleFor = ({ consent, consentByForm }: Rules, formId: string | undefined): ConsentRule =>
  (formId !== undefined && consentByForm && Object.hasOwn(consentByForm, formId) && consentByForm[formId]) || consent;

/** All that was chosen in one answer: of a list, or line by line, as some plug-ins join what was ticked. */
export const choicesOf = (value: unknown): string[] =>
  (Array.isArray(value) ? value : [value])
    .flatMap((one) => (typeof one === 'string' ? one.split(/[\r\n]+/) : [one]))
    .slice(0, MAX_CHOICES)
    .flatMap((one) => textOf(one) ?? []);

/** An answer, without accents and points, that says no by how it begins: `Not Checked`, `Not consented: I agree`, an empty box as a sign. */
const NO =
  /^[^\p{L}\p{N}]*(?:[☐✗✘❌]|(?:je ne |je n['’])|(?:(?:i )?(?:do not|don['’]t|disagree|decline|refuse)|no|not|none|never|n|false|off|0|unchecked|unticked|declined|denied|refused|rejected|opt(?:ed)?[ -]?out|לא|איני|אינני|لا|غير|non|nein|nicht|kein|keine|nao|recuso|rechazo|нет|не)(?![\p{L}\p{N}]))/iu;
export const saysNo = (text: string): boolean => NO.test(text.normalize('NFKD').replace(/\p{M}/gu, ''));

const WHATSAPP = /whats ?app|ווא?טסאפ|واتس ?[اآ]ب/i;

/**
 * Whether a choice is one of the answers that mean yes. One that says no is none, however wide a pattern is, unless that pattern
 * says no itself. `Email, WhatsApp`, as plug-ins join what was ticked, is a yes by the very name of WhatsApp alone: a comma may as
 * well stand in a sentence, such as `Yes, by e-mail`.
 */
const saysYes = (text: string, values: readonly string[]): boolean => {
  const no = saysNo(text);
  const parts = no ? [] : text.split(/[,;،]/);
  return values.some(
    (yes) =>
      (isLike(text, yes) && (!no || saysNo(yes))) ||
      (WHATSAPP.test(yes) && !yes.includes('*') && parts.some((part) => isLike(part, yes))),
  );
};

const isPlainNo = (choice: string, values: readonly string[]): boolean => saysNo(choice) && !saysYes(choice, values);

/** A yes among the choices, and no plain no. Words that a form breaks into lines are one answer, too. */
export const agrees = (choices: readonly string[], values: readonly string[]): boolean =>
  !choices.some((one) => isPlainNo(one, values)) &&
  (choices.some((one) => saysYes(one, values)) ||
    values.some((yes) => !yes.includes('*') && isLike(choices.join(' '), yes)));

/**
 * The answer that decides: of the rule's questions, in their order, the first that is there, answered or not. Where several go by
 * that one name, one that is empty or says no counts for more than a yes.
 */
export const consentAnswer = (
  answers: readonly Answer[],
  { fields, values }: ConsentRule,
): ConsentAnswer | undefined => {
  for (const wanted of fields) {
    const there = found(answers, wanted).map((answer) => ({ ...answer, choices: choicesOf(answer.value) }));
    const decides =
      there.find(({ choices }) => choices.length === 0 || choices.some((one) => isPlainNo(one, values))) ??
      there.find(({ choices }) => agrees(choices, values)) ??
      there[0];
    const field = decides?.names.find((name) => isLike(name, wanted));
    if (decides === undefined || field === undefined) continue;
    const { choices, question, evidence } = decides;
    return { field, question, value: choices.join('\n') || NOT_ANSWERED, ...evidence };
  }
  return undefined;
};

/** What proves the consent of a lead, or undefined. An answer that is not a yes is a no, whatever else stands on the form. */
export const proofOf = (lead: Lead, sources: LeadFirstTouchConfig['sources']): ConsentAnswer | undefined => {
  const settings = (sources as Readonly<Record<string, Rules | Record<string, never> | undefined>>)[lead.source];
  const rule = settings && 'consent' in settings ? ruleFor(settings as Rules, lead.formId) : CUSTOM;
  const { consent } = lead;
  if (consent) return !consent.refused && agrees(choicesOf(consent.value), rule.values) ? consent : undefined;
  return rule.statement === undefined
    ? undefined
    : { field: 'form', value: lead.formId ?? lead.source, text: rule.statement };
};

import { type Answer, found, isLike } from '../shared/door/answers.ts';
import type { LeadFirstTouchConfig } from './config.ts';
import type { ConsentRule } from './form-settings.ts';
import type { ConsentAnswer, Lead } from './schema.ts';
import { agrees, choicesOf, refuses } from './yes-or-no.ts';

/** Our own event has one field for it, which must be true and not merely something that reads like it. */
const CUSTOM: ConsentRule = { fields: ['consent.whatsapp'], values: ['true'] };

/** What stands for an answer that was left empty. */
export const NOT_ANSWERED = 'not answered';

interface Rules {
  readonly consent: ConsentRule;
  readonly consentByForm?: Readonly<Record<string, ConsentRule>> | undefined;
}

export const ruleFor = ({ consent, consentByForm }: Rules, formId: string | undefined): ConsentRule =>
  (formId !== undefined && consentByForm && Object.hasOwn(consentByForm, formId) && consentByForm[formId]) || consent;

/** Names of fields that evidently hold the consent, whatever the client file says of them. */
const EVIDENT = ['consent', 'opt in', 'whatsapp opt in', '*whatsapp*consent*', '*consent*whatsapp*'];
/** What may stand at the end of a short name beside the consent itself: `consent_whatsapp_text`, `whatsappConsentAt`. */
const COMPANION =
  /^(?:text|label|wording|statement|description|html|url|link|date|datetime|time|timestamp|at|on|ip|address|version|revision|id|source|language|locale|method|number|phone)$/;
const MOST_WORDS = 5;
/** Other ways than WhatsApp, alone in a choice. */
const OTHER_WAYS = /^\s*(?:e-?mail|sms|text|text message|phone|call|post|letter|newsletter|telegram)s?\s*$/i;
const NUMBER = /^\+?[\d\s().-]{7,}$/;

const isEvident = (name: string): boolean => {
  if (!EVIDENT.some((one) => isLike(name, one))) return false;
  const words =
    name
      .replace(/(\p{Ll})(\p{Lu})/gu, '$1 $2')
      .toLowerCase()
      .match(/[\p{L}\p{N}]+/gu) ?? [];
  return words.length > MOST_WORDS || !COMPANION.test(words.at(-1) ?? '');
};

/** A field that is evidently the consent and says no, or nothing: no statement speaks against it. */
const evidentNo = (answers: readonly Answer[], values: readonly string[]): ConsentAnswer | undefined => {
  for (const { names, question, value, isPhone } of answers) {
    const field = names.find(isEvident);
    if (field === undefined || isPhone) continue;
    const choices = choicesOf(value);
    if (choices.some((one) => NUMBER.test(one)) || agrees(choices, values)) continue;
    // What is neither a no nor another way may be a version, a time or a yes in other words: then the statement speaks.
    if (choices.length > 0 && !refuses(choices, values) && !choices.every((one) => OTHER_WAYS.test(one))) continue;
    return { field, question, value: choices.join('\n') || NOT_ANSWERED, refused: true };
  }
  return undefined;
};

/**
 * The answer that decides: of the rule's questions, in their order, the first that is there, answered or not. Where several go by
 * that one name, one that is empty or says no counts for more than a yes. Where none is there, the statement would speak.
 */
export const consentAnswer = (
  answers: readonly Answer[],
  { fields, values, statement }: ConsentRule,
): ConsentAnswer | undefined => {
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
  return statement === undefined ? undefined : evidentNo(answers, values);
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

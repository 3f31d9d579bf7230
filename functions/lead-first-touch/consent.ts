import { type Answer, isLike } from '../shared/door/answers.ts';
import { type ConsentAnswer, decidingAnswer, isConsent, NOT_ANSWERED } from '../shared/door/consent.ts';
import { agrees, choicesOf, refuses } from '../shared/door/yes-or-no.ts';
import type { LeadFirstTouchConfig } from './config.ts';
import type { ConsentRule } from './form-settings.ts';
import type { Lead } from './schema.ts';

/** Our own event has one field for it, which must be true and not merely something that reads like it. */
const CUSTOM: ConsentRule = { fields: ['consent.whatsapp'], values: ['true'] };

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

/** The answer that decides. Where none of the rule's questions is there, the statement would speak. */
export const consentAnswer = (answers: readonly Answer[], rule: ConsentRule): ConsentAnswer | undefined =>
  decidingAnswer(answers, rule) ?? (rule.statement === undefined ? undefined : evidentNo(answers, rule.values));

/** What proves the consent of a lead, or undefined. An answer that is not a yes is a no, whatever else stands on the form. */
export const proofOf = (lead: Lead, sources: LeadFirstTouchConfig['sources']): ConsentAnswer | undefined => {
  const settings = (sources as Readonly<Record<string, Rules | Record<string, never> | undefined>>)[lead.source];
  const rule = settings && 'consent' in settings ? ruleFor(settings as Rules, lead.formId) : CUSTOM;
  const { consent } = lead;
  if (consent) return isConsent(consent, rule) ? consent : undefined;
  return rule.statement === undefined
    ? undefined
    : { field: 'form', value: lead.formId ?? lead.source, text: rule.statement };
};

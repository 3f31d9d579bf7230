import { type Answer, found, isLike, textOf } from '../shared/door/answers.ts';
import type { LeadFirstTouchConfig } from './config.ts';
import type { ConsentRule } from './form-settings.ts';
import type { ConsentAnswer, Lead } from './schema.ts';

/** Our own event has one field for it, which must be true and not merely something that reads like it. */
const CUSTOM: ConsentRule = { fields: ['consent.whatsapp'], values: ['true'] };

interface Rules {
  readonly consent: ConsentRule;
  readonly consentByForm?: Readonly<Record<string, ConsentRule>> | undefined;
}

export const ruleFor = ({ consent, consentByForm }: Rules, formId: string | undefined): ConsentRule =>
  (formId !== undefined && consentByForm && Object.hasOwn(consentByForm, formId) && consentByForm[formId]) || consent;

/** The answer that decides: of the rule's questions, in their order, the first that was answered. */
export const consentAnswer = (answers: readonly Answer[], rule: ConsentRule): ConsentAnswer | undefined => {
  for (const wanted of rule.fields) {
    for (const { names, value, evidence } of found(answers, wanted)) {
      const text = textOf(value);
      const field = names.find((name) => isLike(name, wanted));
      if (text !== undefined && field !== undefined) return { field, value: text, ...evidence };
    }
  }
  return undefined;
};

/** What proves the consent of a lead, or undefined. An answer that is not a yes is a no, whatever else stands on the form. */
export const proofOf = (lead: Lead, sources: LeadFirstTouchConfig['sources']): ConsentAnswer | undefined => {
  const settings = (sources as Readonly<Record<string, Rules | Record<string, never> | undefined>>)[lead.source];
  const rule = settings && 'consent' in settings ? ruleFor(settings as Rules, lead.formId) : CUSTOM;
  if (lead.consent) {
    const { value } = lead.consent;
    return rule.values.some((yes) => isLike(value, yes)) ? lead.consent : undefined;
  }
  return rule.statement === undefined
    ? undefined
    : { field: 'form', value: lead.formId ?? lead.source, text: rule.statement };
};

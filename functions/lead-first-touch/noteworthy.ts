import { beyondContact, isLike } from '../shared/door/answers.ts';
import type { FormAnswer } from '../shared/wording/form-answer.ts';
import type { LeadFirstTouchConfig } from './config.ts';
import { ruleFor } from './consent.ts';
import type { FormSettings } from './form-settings.ts';
import type { Lead } from './schema.ts';

/** What forms send of themselves and of the browser: nobody was asked. */
const OF_THE_FORM = [
  'id',
  'ip',
  'remote ip',
  'user agent',
  'user id',
  'form',
  'form id',
  'form name',
  'entry id',
  'submission id',
  'submitted at',
  'date created',
  'date updated',
  'created by',
  'source id',
  'status',
  'is *',
  'post id',
  'transaction *',
  'payment *',
  'event id',
  'slug',
  'build date',
  'js execution tracker',
  'submit source',
  'submit date',
  'validated new required field ids',
  '*token*',
  '*nonce*',
  '*captcha*',
  'type',
  'action',
  'upload server url',
  'event observer',
  'time to submit',
  'preview',
  'path',
  'powered by',
  'date',
  'time',
  'gform submit',
  'currency',
  'contact id',
  'created at',
  'site url',
  'referrer',
  'dnd',
];

/** What WordPress hides, numbers of fields and of machines. */
const isHidden = (name: string): boolean => /^(_|(input_)?[\d.]+$|[\da-f-]{16,}$)/i.test(name);
/** The answers of a form that tell people something: without the name, number and consent that the contact shows anyway. */
export const noteworthy = (lead: Lead, { sources }: LeadFirstTouchConfig): readonly FormAnswer[] => {
  const settings = (sources as Readonly<Record<string, Partial<FormSettings> | undefined>>)[lead.source];
  const { consent, consentByForm, fields } = settings ?? {};
  const asked = consent ? ruleFor({ consent, consentByForm }, lead.formId).fields : [];
  const known = [...OF_THE_FORM, ...asked, ...Object.values(fields ?? {}).flat()];
  return beyondContact(lead).filter(
    ({ question, names = [] }) =>
      ![question, ...names].some((name) => isHidden(name) || known.some((one) => isLike(name, one))),
  );
};

import { answerValues } from '../shared/door/answers.ts';
import { type ConsentAnswer, consentNote } from '../shared/door/consent.ts';
import {
  becauseOf,
  type Parked,
  type SendCommand,
  type SendRequest,
  usefulUntil,
} from '../shared/ledger/send-command.ts';
import { firstUsablePhone, isFromOneOf } from '../shared/people/phone.ts';
import { cut } from '../shared/runtime/characters.ts';
import { keyPart } from '../shared/runtime/hashes.ts';
import { compose, orRejected } from '../shared/wording/compose.ts';
import { pickText } from '../shared/wording/texts.ts';
import type { LeadFirstTouchConfig } from './config.ts';
import { proofOf } from './consent.ts';
import type { Lead } from './schema.ts';

/** One key per lead, so that a lead is touched once however often it is delivered. */
export const leadKey = (leadId: string): string => `lead:${keyPart(leadId)}:first-touch`;

/** A lead that may be written to: to whom, what, and by what right. */
export interface Qualified {
  /** E.164 */
  readonly phone: string;
  readonly request: SendRequest;
  readonly consent: ConsentAnswer;
}

/** Of a form's id, which some vendors let people write. */
const MAX_FORM = 60;

const rejected = (reason: string): Parked => ({ state: 'REJECTED', reason });

/** Whether a form makes leads; a form without an id only where all of them do. */
const isAllowed = ({ source, formId }: Lead, { sources }: LeadFirstTouchConfig): boolean => {
  const settings = (sources as Readonly<Record<string, { forms?: readonly string[] | undefined } | undefined>>)[source];
  return settings?.forms === undefined || (formId !== undefined && settings.forms.includes(formId));
};

/** Until when a lead of that time is touched (both ISO 8601). */
export const touchUntil = (submittedAt: string, { usefulFor, sendWindow }: LeadFirstTouchConfig): string =>
  usefulUntil(submittedAt, usefulFor, sendWindow);

/** What the client file calls a qualified lead, or the first reason why this is none. */
export const qualify = (lead: Lead, config: LeadFirstTouchConfig, now: number): Qualified | Parked => {
  if (lead.unreadable !== undefined) return rejected(lead.unreadable);
  if (lead.isTest) return rejected('test_lead');
  if (!isAllowed(lead, config)) return rejected('form_not_allowed');
  if (now > Date.parse(touchUntil(lead.submittedAt, config))) return { state: 'EXPIRED', reason: 'lead_too_old' };
  const consent = proofOf(lead, config.sources);
  if (!consent) return rejected('no_consent');
  const found = firstUsablePhone(lead.phones, config);
  if ('refusal' in found) return rejected(found.refusal);
  const { phone } = found;
  if (config.countries && !isFromOneOf(phone, config.countries)) return rejected('country_not_allowed');
  return orRejected(() => {
    const text = pickText(config.texts, lead.locale, config.locale);
    const request = compose({
      to: phone,
      conversationId: lead.conversationId,
      text,
      values: { ...answerValues(lead.answers, config.answers, lead.unproven), name: lead.name },
      link: config.link,
      media: config.media,
    });
    return { phone, consent, request };
  });
};

/** What the sender is told about a lead. */
export const commandFor = (
  lead: Pick<Lead, 'id' | 'submittedAt'> & Partial<Lead>,
  config: LeadFirstTouchConfig,
  outcome: SendCommand['outcome'],
  consent?: ConsentAnswer,
): SendCommand => {
  const { id, source, formId, phones = [], submittedAt, unproven } = lead;
  const found = firstUsablePhone(phones, config);
  return {
    key: leadKey(id),
    template: 'lead-first-touch',
    asOf: submittedAt,
    usefulUntil: touchUntil(submittedAt, config),
    quietFor: config.quietFor,
    unproven,
    because: {
      ...becauseOf(source, formId === undefined ? 'lead' : `lead of form ${cut(formId, MAX_FORM)}`, id, submittedAt),
      consent: consent && consentNote(consent, submittedAt),
    },
    to: 'phone' in found ? found.phone : undefined,
    outcome,
  };
};

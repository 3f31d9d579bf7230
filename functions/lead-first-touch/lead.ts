import { type Answer, formAnswers } from '../shared/door/answers.ts';
import type { ConsentAnswer } from '../shared/door/consent.ts';
import { sha256 } from '../shared/runtime/hashes.ts';
import { consentAnswer, ruleFor } from './consent.ts';
import type { FormSettings } from './form-settings.ts';
import { personOf } from './person.ts';
import type { Lead } from './schema.ts';

/** A filled form, whichever system it came from, before anything is known of what its answers mean. */
export interface Submission {
  readonly source: string;
  /** The source's own id of the lead, where it has one. */
  readonly id?: string | undefined;
  readonly formId?: string | undefined;
  /** ISO 8601 or anything else; what is no time counts as now. */
  readonly submittedAt?: string | undefined;
  readonly answers: readonly Answer[];
  /** Something in it that is a no, whatever was answered. */
  readonly refusal?: ConsentAnswer | undefined;
  readonly isTest?: boolean | undefined;
}

interface Received {
  /** Epoch milliseconds. */
  readonly receivedAt: number;
  readonly raw: Uint8Array;
}

/** An instant with a zone, not in the future; else the time it was received. A time without a zone could be any of 26 hours. */
export const submissionTime = (text: string | undefined, receivedAt: number): string => {
  const at = /(?:Z|[+-]\d\d:?\d\d)$/.test(text ?? '') ? Date.parse(text ?? '') : Number.NaN;
  return new Date(at > 0 && at < receivedAt ? at : receivedAt).toISOString();
};

const same = (text: string | undefined): string => text?.normalize('NFKC').toLowerCase().replace(/\s+/g, ' ') ?? '';

/**
 * The id of a lead that has none of its own: the form and who filled it, and nothing that differs when the same person presses
 * submit twice. Consent is left out, so whoever comes back to tick the box reopens the same lead.
 */
const derivedId = (formId: string | undefined, name = '', email = '', phones: readonly string[] = []): string => {
  const who = [formId ?? '', same(name), same(email), ...phones.map((phone) => phone.replace(/\D/g, ''))];
  return `f-${sha256(JSON.stringify(who)).slice(0, 32)}`;
};

export const leadOf = (submission: Submission, settings: FormSettings, received: Received): Lead => {
  const { source, id, formId, submittedAt, answers, refusal, isTest } = submission;
  const { name, email, country, locale, phones, inArea } = personOf(answers, settings.fields);
  const numbers = phones.map(({ raw }) => raw);
  const reachable = numbers.length > 0 || email !== undefined;
  return {
    // Nobody can be told apart by a name alone: then the whole body is what makes one lead.
    id:
      id ??
      (reachable ? derivedId(formId, name, email, numbers) : derivedId(formId, String(Buffer.from(received.raw)))),
    source,
    formId,
    name,
    phones: [...phones, ...inArea].map(({ raw, country: own = country }) => ({ raw, country: own })),
    locale,
    consent: refusal ?? consentAnswer(answers, ruleFor(settings, formId)),
    ...formAnswers(answers),
    submittedAt: submissionTime(submittedAt, received.receivedAt),
    ...(isTest && { isTest }),
  };
};

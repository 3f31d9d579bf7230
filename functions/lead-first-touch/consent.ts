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

/** Words that say no, wherever they stand, as `plain` leaves them: without accents, points and hamzas. */
const NO_WORDS =
  "do not|don['’]?t|disagree|decline|refuse|no|not|none|never|without|unchecked|unticked|declined|denied|refused|rejected|unsubscribe|opt(?:ed)?[ -]?out|לא|אל|בלי|איני|אינני|لا|غير|لست|ارفض|بدون|ne|non|sans|senza|nein|nicht|kein|keine|ohne|nao|sem|sin|recuso|rechazo|нет|не";
/** What may follow them in an answer that is nothing but a no: `No, thank you`, `I do not agree`, `Not by` before a line break. */
const NO_MORE =
  'thanks|thank|you|i|we|do|agree|consent|consented|accept|want|wish|use|to|be|contact|contacted|me|us|by|via|on|at|all|please|checked|ticked|selected|whats ?app|תודה|מאשר|מאשרת|מסכים|מסכימה|מעוניין|מעוניינת|רוצה|ווא?טסאפ|واتس ?اب|شكرا|اوافق|موافق|danke|einverstanden|ausgewahlt|gracias|acepto|merci|accepte|obrigado|obrigada|aceito|grazie|согласен|согласна|спасибо';
const NO = new RegExp(
  `^[^\\p{L}\\p{N}]*(?:je ne |je n['’]|(?:(?:i )?(?:${NO_WORDS})|n|false|off|0)(?![\\p{L}\\p{N}]))`,
  'iu',
);
const NO_ANYWHERE = new RegExp(
  `[☐□⬜◻☒✗✘✕✖❌❎🚫]|(?<![\\p{L}\\p{N}])(?:n['’](?=\\p{L})|(?:${NO_WORDS})(?![\\p{L}\\p{N}]))`,
  'iu',
);
const ONLY_NO = new RegExp(
  `^[^\\p{L}\\p{N}]*(?:i )?(?:${NO_WORDS}|n|false|off|0|0[.,]0+)(?:[^\\p{L}\\p{N}]+(?:${NO_MORE}))*[^\\p{L}\\p{N}]*$`,
  'iu',
);
/** A box that is empty or crossed, a ban, a minus before a number; a bullet or a picture of a telephone says nothing. */
const CROSSED = /[☐□▢⬜⬛◻◼◽◯○⚪☒✗✘✕✖×❌❎🚫⛔🔕👎✋🛑!¬]|[[(][\s_.–-]*[\])]|[-−–](?=\d)/u;

/** A tick that is a letter: `[x] WhatsApp`. */
const LETTER_TICK = /^\s*[[(]x[\])](?=.*\p{L})/iu;

/** Without accents and points, and without the `Consented:` that Contact Form 7 puts before the words of a box. */
const plain = (text: string): string =>
  text
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .replace(/^\s*consented[\s:]+/i, '');

/** The signs before the first word, if one of them is none of a yes; else empty. */
const signsBefore = (words: string): string => {
  const [signs = ''] = /^[^\p{L}\p{N}]*[\p{L}\p{N}]?/u.exec(words) ?? [];
  return CROSSED.test(signs) ? signs.replace(/[\p{L}\p{N}]$/u, '').trim() : '';
};

/** What a value of the client file says beside its stars. */
const wordsOf = (value: string): string => plain(value.replaceAll('*', ''));

/** Whether a value of the client file says no itself. */
export const isNegative = (value: string): boolean => NO.test(wordsOf(value));

/** By how it begins: `Not Checked`, `Not consented: I agree`, `Consented: no`, an empty box as a sign. */
const saysNo = (text: string): boolean => NO.test(plain(text)) || signsBefore(plain(text)) !== '';

/** Of several choices one that merely begins like a no is a choice: `No phone calls`, `0-10 employees`. */
const isOnlyNo = (text: string): boolean => {
  const words = plain(text);
  return ONLY_NO.test(words) || (signsBefore(words) !== '' && !/[\p{L}\p{N}]/u.test(words));
};

const WHATSAPP = /whats ?app|ווא?טסאפ|واتس ?[اآ]ب/i;

/**
 * Whether an answer is what a value means. One that says no is not, however wide the value is, unless the value says no itself, in
 * the same signs. Before the words of a value that begins with a star anything may stand, so there a no anywhere counts.
 */
const isMeant = (text: string, value: string): boolean => {
  if (!isLike(text, value) && !isLike(text.replace(LETTER_TICK, ''), value)) return false;
  const [said, own] = [plain(text), wordsOf(value)];
  const signs = signsBefore(said);
  if (signs !== '' && signs !== signsBefore(own)) return false;
  const isNo = (words: string) => NO.test(words) || (value.trimStart().startsWith('*') && NO_ANYWHERE.test(words));
  return !isNo(said) || isNo(own);
};

/**
 * Whether a choice is one of the answers that mean yes. `Email, WhatsApp`, as plug-ins join what was ticked, is a yes by the very name
 * of WhatsApp alone: a comma may as well stand in a sentence, such as `Yes, by e-mail`.
 */
const saysYes = (text: string, values: readonly string[]): boolean => {
  const joined = saysNo(text) ? [] : text.split(/[,;،]/);
  const parts = joined.some(isOnlyNo) ? [] : joined;
  return values.some(
    (yes) =>
      isMeant(text, yes) || (WHATSAPP.test(yes) && !yes.includes('*') && parts.some((part) => isMeant(part, yes))),
  );
};

const refuses = (choices: readonly string[], values: readonly string[]): boolean =>
  choices.some((one) => (choices.length > 1 ? isOnlyNo(one) : saysNo(one)) && !saysYes(one, values));

/** A yes among the choices, and no plain no. Words that a form breaks into lines are one answer, too. */
export const agrees = (choices: readonly string[], values: readonly string[]): boolean =>
  !refuses(choices, values) &&
  (choices.some((one) => saysYes(one, values)) ||
    values.some((yes) => !yes.includes('*') && isMeant(choices.join(' '), yes)));

/** Names of fields that evidently hold the consent, whatever the client file says of them. */
const EVIDENT = ['consent', 'opt in', 'whatsapp opt in', '*whatsapp*consent*', '*consent*whatsapp*'];
/** What may stand at the end of a short name beside the consent itself: `consent_whatsapp_text`, `whatsappConsentAt`. */
const COMPANION =
  /^(?:text|label|wording|statement|description|html|url|link|date|datetime|time|timestamp|at|on|ip|address|version|revision|id|source|language|locale|method|number|phone)$/;
const MOST_WORDS = 5;
const AFFIRMATIVE = [
  ...['true', 'yes *', 'yes', 'y', 'on', '1', 'checked', 'accepted', 'given', 'granted', 'ok', 'agree*', 'i agree*'],
  ...[
    'i accept*',
    'i consent*',
    'consented *',
    'opted in',
    '*whatsapp*',
    'כן*',
    'אני מאשר*',
    'מאשר*',
    'מסכימ*',
    'מסכים*',
  ],
  ...['نعم*', 'أوافق*', 'موافق*', 'oui', 'oui *', "j'accepte*", 'sí', 'sí *', 'acepto*', 'sim', 'sim *', 'aceito*'],
  ...['ja', 'ja *', 'ich stimme*', 'sì', 'accetto*', 'да', 'да *', 'согласен*', 'согласна*'],
];
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
    if (choices.some((one) => NUMBER.test(one)) || agrees(choices, [...AFFIRMATIVE, ...values])) continue;
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

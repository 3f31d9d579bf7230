import { isLike, textOf } from './answers.ts';

/** More of one answer than any form has. */
const MAX_CHOICES = 50;

/** All that was chosen in one answer: of a list, or line by line, as some plug-ins join what was ticked. */
export const choicesOf = (value: unknown): string[] =>
  (Array.isArray(value) ? value : [value])
    .flatMap((one) => (typeof one === 'string' ? one.split(/[\r\n]+/) : [one]))
    .slice(0, MAX_CHOICES)
    .flatMap((one) => textOf(one) ?? []);

/** Words that say no, wherever they stand, as `plain` leaves them: without accents, points and hamzas. */
const NO_WORDS =
  "do not|don['’]?t|disagree|decline|refuse|no|not|none|never|without|unchecked|unticked|declined|denied|refused|rejected|unsubscribe|opt(?:ed)?[ -]?out|לא|אל|בלי|איני|אינני|لا|غير|لست|ارفض|بدون|ne|non|cannot|can['’]?t|won['’]?t|nothing|nope|except|stop|ללא|sans|senza|nein|nicht|kein|keine|ohne|nao|sem|sin|recuso|rechazo|нет|не";
/** What may follow them in an answer that is nothing but a no: `No, thank you`, `I do not agree`, `Not by` before a line break. */
const NO_MORE =
  'thanks|thank|you|very|much|i|we|do|agree|consent|consented|accept|want|wish|use|to|be|contact|contacted|me|us|by|via|on|at|all|please|checked|ticked|selected|whats ?app|תודה|מאשר|מאשרת|מסכים|מסכימה|מעוניין|מעוניינת|רוצה|ווא?טסאפ|واتس ?اب|شكرا|اوافق|موافق|danke|einverstanden|ausgewahlt|gracias|acepto|merci|accepte|obrigado|obrigada|aceito|grazie|согласен|согласна|спасибо';
const NO = new RegExp(
  `^[^\\p{L}\\p{N}]*(?:je ne |je n['’]|(?:(?:i )?(?:${NO_WORDS})|n|false|off|0)(?![\\p{L}\\p{N}]))`,
  'iu',
);
const NO_WITHIN = new RegExp(`(?<![\\p{L}\\p{N}])(?:n['’](?=\\p{L})|(?:${NO_WORDS})(?![\\p{L}\\p{N}]))`, 'iu');
/** Boxes that are empty or crossed. */
const BOXES = '☐□▢⬜◻☒✗✘✕✖❌❎🚫👎';
/** One of them, before the words or behind them. */
const BOX = new RegExp(`[${BOXES}]|\\[\\s*\\]`, 'u');
const ONLY_NO = new RegExp(
  `^[^\\p{L}\\p{N}]*(?:i )?(?:${NO_WORDS}|n|false|off|0|0[.,]0+)(?:[^\\p{L}\\p{N}]+(?:${NO_MORE}))*[^\\p{L}\\p{N}]*$`,
  'iu',
);
/** One of them, or what may be one where it stands before the words; a minus before a number. A bullet or a picture of a telephone says nothing. */
const CROSSED = new RegExp(`[${BOXES}⬛◼◽◯○⚪×⛔🔕✋🛑!¬]|[[(][\\s_.–-]*[\\])]|[-−–](?=\\d)`, 'u');

/** A tick that is a letter: `[x] WhatsApp`. */
const LETTER_TICK = /^\s*[[(]x[\])](?=.*\p{L})/iu;

/** Contact Form 7 puts it before the words of a box that was ticked. */
const TICKED = /^\s*consented[\s:]+/i;

/** Without accents and points, and without `Consented:`. */
const plain = (text: string): string => text.normalize('NFKD').replace(/\p{M}/gu, '').replace(TICKED, '');

/** The signs before the first word, if one of them is none of a yes; else empty. */
const signsBefore = (words: string): string => {
  const [signs = ''] = /^[^\p{L}\p{N}]*[\p{L}\p{N}]?/u.exec(words) ?? [];
  return CROSSED.test(signs) ? signs.replace(/[\p{L}\p{N}]$/u, '').trim() : '';
};

/** What a value of the client file says beside its stars. */
const withoutStars = (value: string): string => plain(value.replaceAll('*', ''));

/** Whether a value of the client file says no itself. */
export const isNegative = (value: string): boolean => NO.test(withoutStars(value));

/** `Consented: No spam, I agree` are the words of a box that was ticked; `Consented: no` is none. */
const beginsWithNo = (text: string): boolean => {
  const words = plain(text);
  return TICKED.test(text) ? ONLY_NO.test(words) || /^i (?:do not|don['’]?t)/i.test(words) : NO.test(words);
};

/** By how it begins: `Not Checked`, `Not consented: I agree`, `Consented: no`, an empty box as a sign. */
const saysNo = (text: string): boolean => beginsWithNo(text) || signsBefore(plain(text)) !== '';

/** Of several choices one that merely begins like a no is a choice: `No phone calls`, `0-10 employees`. */
const isOnlyNo = (text: string): boolean => {
  const words = plain(text);
  return ONLY_NO.test(words) || (signsBefore(words) !== '' && !/[\p{L}\p{N}]/u.test(words));
};

const WHATSAPP = /whats ?app|ווא?טסאפ|واتس ?[اآ]ب/i;

/** What stands before the words of a value that begins with a star: anything may, but a no. */
const beforeIts = (value: string, said: string): string => {
  const [first = ''] = plain(value)
    .toLowerCase()
    .split('*')
    .map((part) => part.trim())
    .filter(Boolean);
  const at = said.toLowerCase().indexOf(first);
  return at < 0 ? said : said.slice(0, at);
};

/**
 * Whether an answer is what a value means. One that says no, or stands at a box that is empty, is not, however wide the value is,
 * unless the value does so itself.
 */
const isMeant = (text: string, value: string): boolean => {
  if (!isLike(text, value) && !isLike(text.replace(LETTER_TICK, ''), value)) return false;
  const [said, own] = [plain(text), withoutStars(value)];
  const signs = signsBefore(said);
  if ((signs !== '' && signs !== signsBefore(own)) || (BOX.test(said) && !BOX.test(own))) return false;
  const isNo = value.trimStart().startsWith('*') && NO_WITHIN.test(beforeIts(value, said));
  const endsWithNo = ONLY_NO.test(said.split(/[,;:،]/).at(-1) ?? '');
  return !(beginsWithNo(text) || isNo || endsWithNo) || NO.test(own) || NO_WITHIN.test(own);
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

/** Whether a no stands among the choices: of one answer however it begins, of several one that is nothing else. */
export const refuses = (choices: readonly string[], values: readonly string[]): boolean =>
  choices.some((one) => (choices.length > 1 ? isOnlyNo(one) : saysNo(one)) && !saysYes(one, values));

/** A yes among the choices, and no plain no. Words that a form breaks into lines are one answer, too. */
export const agrees = (choices: readonly string[], values: readonly string[]): boolean =>
  !refuses(choices, values) &&
  (choices.some((one) => saysYes(one, values)) ||
    values.some((yes) => !yes.includes('*') && isMeant(choices.join(' '), yes)));

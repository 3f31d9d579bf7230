import { cut } from '../runtime/characters.ts';

/** Characters of a name, and of an answer, that stand in a message. */
const MAX_NAME = 60;
const MAX_ANSWER = 200;

/** Control characters, ends of lines and overrides of direction: nobody's name has them, and they make a text read as another one. */
const FORBIDDEN = /[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/u;

/** Not seen, so that a link is one with or without them. */
const UNSEEN = /\p{Default_Ignorable_Code_Point}/gu;
/** What telephones show as a link or take for one; the dots of Chinese and Japanese are dots of an address too, as numbers between dots are. */
const LINK = /:\/\/|www\.|\S[.。]\p{M}*\p{L}\p{M}*\p{L}|\d(?:[.。]\d+){3}/iu;
/** So many digits can be dialled. */
const MOST_DIGITS = 5;

const isLinkLike = (text: string): boolean => LINK.test(text.normalize('NFKC').replace(UNSEEN, ''));

const PICTURE = '\\p{Extended_Pictographic}(?:\\p{Emoji_Modifier}|\\ufe0f)?';
const EMOJI = [
  // A flag by its country, and by its region; a key; people and things joined to one.
  '\\p{Regional_Indicator}{2}',
  '\\u{1f3f4}[\\u{e0020}-\\u{e007e}]{2,6}\\u{e007f}',
  '[0-9#*]\\ufe0f?\\u20e3',
  `${PICTURE}(?:\\u200d${PICTURE})*`,
].join('|');
/**
 * Beside letters, marks and digits: the signs of names in whatever hand they are typed – quotes as telephones write them, the Hebrew
 * hyphen, dashes, the dots of Catalan and Japanese names and of Tibetan syllables.
 */
const SIGNS = '.\'’‘´`"“”״׳&,\\-‐‑–־·・་';
/** Between two words, where nothing in their place would make them one. */
const BETWEEN = /[/|\\_—]+/gu;
/** Persian and Indian names are written with joiners between letters. */
const JOINER = '(?<=[\\p{L}\\p{M}])[\\u200c\\u200d](?=\\p{L})';
const KEPT = new RegExp(`${EMOJI}|${JOINER}|[\\p{L}\\p{M}\\p{N}${SIGNS}]+|\\s+`, 'gu');

/** Signs alone are no name, nor is what cannot be seen. */
const SAYS_SOMETHING = /[\p{L}\p{N}\p{Extended_Pictographic}\p{Regional_Indicator}]/u;

/**
 * A stranger's words as they may stand in a message of ours: letters, marks, digits, spaces, emoji and the signs of names; what else
 * they hold is left out. Undefined for what could be read as a link, before or after that, for control characters, ends of lines and
 * overrides of direction, and if nothing is left.
 * @param max characters, at most
 */
const harmless = (text: string, max: number): string | undefined => {
  const given = text.trim();
  if (FORBIDDEN.test(given) || isLinkLike(given)) return undefined;
  const without = (text: string): string => (text.match(KEPT) ?? []).join('').replace(/\s+/gu, ' ').trim();
  const kept = without(given.replace(BETWEEN, ' '));
  if (isLinkLike(without(given)) || isLinkLike(kept) || !SAYS_SOMETHING.test(kept.replace(UNSEEN, '')))
    return undefined;
  return cut(kept, max).trimEnd();
};

/** A name as it may stand in a message, of at most 60 characters; undefined where the text is none, or holds a number to call. */
export const personName = (text: string): string | undefined => {
  const digits = text.match(/\p{N}/gu) ?? [];
  return digits.length > MOST_DIGITS ? undefined : harmless(text, MAX_NAME);
};

/** An answer of a form, by the same rule, of at most 200 characters. */
export const personAnswer = (text: string): string | undefined => harmless(text, MAX_ANSWER);

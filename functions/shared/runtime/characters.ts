const NONE = /[\p{Cs}\p{Noncharacter_Code_Point}]/gu;

/**
 * The text without what is no character: halves of surrogate pairs, noncharacters such as U+FFFF, NUL. Nobody can see them,
 * and databases and strict JSON readers on the way refuse the whole text for one of them.
 */
export const onlyCharacters = (text: string): string => text.replace(NONE, '').replaceAll('\0', '');

/** Half a surrogate pair, or the mark that a decoder leaves in place of a character it lost. */
const LOST = /[\p{Cs}\uFFFD]/u;

/**
 * Whether nothing of the text was lost on its way. An id of which something is missing may be another's: as UTF-8, which is
 * what is hashed and stored, all halves of pairs are one and the same.
 */
export const isWhole = (text: string): boolean => !LOST.test(text);

/** Whether a text of our own, in a client file or typed by a person, is nothing but characters. */
export const isReadable = (text: string): boolean => isWhole(text) && onlyCharacters(text) === text;

/** Characters as people and vendors count them, not UTF-16 units: a cake is one. */
export const countCharacters = (text: string): number => [...text].length;

let segmenter: Intl.Segmenter | undefined;

/**
 * The beginning of a text, at most `max` characters (code points), that ends on a whole one as it is seen: never between a
 * letter and its accent, within a family of emoji, or within a flag, whose half is another country's. The segmenter is made
 * for the first text that is too long: that takes 10 ms, each cut 10 µs.
 */
export const cut = (text: string, max: number): string => {
  if (text.length <= max) return text;
  let end = 0;
  for (let count = 0; count < max && end < text.length; count += 1) end += isAstral(text, end) ? 2 : 1;
  if (end >= text.length) return text;
  segmenter ??= new Intl.Segmenter('und', { granularity: 'grapheme' });
  const start = segmenter.segment(text).containing(end)?.index;
  // A letter under more marks than fit has no whole that could be kept.
  return text.slice(0, start || end);
};

const isAstral = (text: string, at: number): boolean => (text.codePointAt(at) ?? 0) > 0xffff;

const MAX_WORDS = 200;

/** Somebody else's words as they may stand in a line of ours: a terminal obeys what cannot be seen. */
export const plainWords = (text: string): string => cut(text.replace(/[\s\p{C}]+/gu, ' ').trim(), MAX_WORDS);

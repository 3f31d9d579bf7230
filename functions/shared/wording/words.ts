/** Hebrew points and Arabic vowel marks and tatweel are written or left out at will. */
const OPTIONAL_MARKS = /[\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0640\u064b-\u065f\u0670]/gu;
/** Marks that only steer the direction of writing. */
const INVISIBLE = /[\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]/gu;

/** Text as it is compared: compatibility forms folded, lower case, no optional marks, single spaces. */
export const normaliseWords = (text: string): string =>
  text.normalize('NFKC').replace(INVISIBLE, '').replace(OPTIONAL_MARKS, '').toLowerCase().replace(/\s+/gu, ' ').trim();

/** Accents, and the hamzas of Arabic, as they are left out on a telephone. */
const ACCENTS = /[\u0300-\u036f\u0653-\u0655]/gu;
/** Three of a letter are one that was held down. */
const HELD_DOWN = /(\p{L})\1{2,}/gu;

/**
 * The words of a text alone, for comparing what people type on a telephone: no punctuation or signs, no accents, Arabic endings and
 * hamzas as one, "stooop" as "stop".
 */
export const wordsOf = (text: string): readonly string[] =>
  normaliseWords(text)
    .normalize('NFD')
    .replace(ACCENTS, '')
    .replaceAll('ى', 'ي')
    .replaceAll('ة', 'ه')
    .replace(HELD_DOWN, '$1')
    .match(/[\p{L}\p{N}][\p{L}\p{N}\p{M}]*/gu) ?? [];

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');

const LETTER = '[\\p{L}\\p{N}\\p{M}_]';
/** Written without spaces between words, so there is no boundary to ask for. */
const UNSPACED =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u;
/** One-letter words that Hebrew and Arabic write together with the next: "and", "the", "in", "to", "from", "that". */
const HEBREW_PREFIX = '[ובהכלמש]{0,3}';
const ARABIC_PREFIX = '[وف]?[بكل]?(?:ال|ل)?';
/** Below this a prefix and a short word together are too often a word of their own (ב + ית is "house"). */
const LEAST_FOR_PREFIX = 3;

/** A sign such as 🆘 ends a word by itself. */
const hasBoundary = (edge = ''): boolean => /[\p{L}\p{N}\p{M}_]/u.test(edge) && !UNSPACED.test(edge);

const prefixOf = (word: string): string => {
  const [start = ''] = word.split(' ');
  if ([...start].length < LEAST_FOR_PREFIX) return '';
  if (/^\p{Script=Hebrew}/u.test(start)) return HEBREW_PREFIX;
  return /^\p{Script=Arabic}/u.test(start) ? ARABIC_PREFIX : '';
};

/** A test for whole words in any script. Hebrew and Arabic words are found behind their prefixes too: `דחוף` in `בדחיפות` not, in `ודחוף` yes. */
export const wordFinder = (words: readonly string[]): ((text: string) => boolean) => {
  const patterns = words
    .map(normaliseWords)
    .filter((word) => word !== '')
    .map((word) => {
      const before = hasBoundary([...word].at(0)) ? `(?<!${LETTER})${prefixOf(word)}` : '';
      const after = hasBoundary([...word].at(-1)) ? `(?!${LETTER})` : '';
      return `${before}${escaped(word).replaceAll(' ', '\\s+')}${after}`;
    });
  if (patterns.length === 0) return () => false;
  const pattern = new RegExp(patterns.join('|'), 'u');
  return (text) => pattern.test(normaliseWords(text));
};

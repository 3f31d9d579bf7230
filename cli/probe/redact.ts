import { cut } from '../../functions/shared/runtime/characters.ts';
import { isPlainWord } from './vocabulary.ts';

/** A shorter part of a name is a word like any other. */
const LEAST_PART = 5;
/** So many digits in the end are a number's, however it begins. */
const LAST_DIGITS = 7;
/** Of what somebody else says. */
const MOST_SAID = 200;

const digitsIn = (text: string): string => text.replace(/\D/g, '');

/** For what was heard, and never for words of ours: of that nothing stays but what is nobody's. */
export class Redactor {
  readonly #numbers = new Set<string>();
  readonly #words = new Set<string>();

  /** Phones (E.164), tokens, names: whatever must not be told after all. */
  know(...values: readonly (string | undefined)[]): void {
    for (const value of values) {
      if (value === undefined) continue;
      if (/^\+\d{7,15}$/.test(value)) this.#numbers.add(value.slice(-LAST_DIGITS));
      for (const part of [value, ...value.split(/\s+/)]) {
        if (part.length >= LEAST_PART) this.#words.add(part.toLowerCase());
      }
    }
  }

  /** A word of the vendor's as it is, or `…` where something known stands in it. */
  heard(text: string): string {
    const [lower, digits] = [text.toLowerCase(), digitsIn(text)];
    const isIn = (word: string): boolean => {
      const at = lower.indexOf(word);
      return at >= 0 && !/[\p{L}\p{N}]/u.test(`${lower[at - 1] ?? ''}${lower[at + word.length] ?? ''}`);
    };
    return [...this.#numbers].some((one) => digits.includes(one)) || [...this.#words].some(isIn) ? '…' : text;
  }

  /** What an error says: the words that are nobody's, and `…` for all others. At most 200 characters. */
  words(text: string): string {
    const told = text.split(/\s+/).map((word) => (isPlainWord(word) ? word : '…'));
    return this.heard(cut(told.join(' ').replace(/…(?: …)+/g, '…'), MOST_SAID));
  }
}

import { withoutNumbers } from '../../functions/shared/door/consent.ts';
import { shownWords } from '../../functions/shared/runtime/shown-words.ts';

/** What follows the name of a secret; after a colon, which stands in sentences too, only where it holds a digit. */
const SECRETS: readonly RegExp[] = [
  /\b(Bearer\s+)[^\s"',;]+/gi,
  /((?:token|secret|password|api[ _-]?key|signature)["']?=["']?)[^\s"'&,;]+/gi,
  /((?:token|secret|password|api[ _-]?key|signature)["']?:\s?["']?)(?=[^\s"'&,;]*\d)[^\s"'&,;]+/gi,
];

/** Without numbers and secrets, however long; addresses are in it yet. */
export const withoutSecrets = (words: string): string =>
  SECRETS.reduce((text, form) => text.replace(form, '$1…'), withoutNumbers(words) ?? '');

/** Somebody else's words without numbers, addresses and secrets, on one line. At most 200 characters. */
export const maskedWords = (words: string): string => shownWords(withoutSecrets(words), undefined);

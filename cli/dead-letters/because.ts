import { countCharacters } from '../../functions/shared/runtime/characters.ts';
import { WrongInput } from '../terminal/errors.ts';
import { maskedWords, withoutSecrets } from './masked-words.ts';

/** As many characters as of all words that are kept. */
const MOST = 200;
/** What stands for what was masked says nothing. */
const MASKS = /\[number\]|…/g;

/** Why letters are dropped, as it is kept: whole, and without numbers and addresses of people. @throws WrongInput */
export const becauseOf = (said: string): string => {
  const words = said.replace(/[\s\p{C}]+/gu, ' ').trim();
  const because = maskedWords(words);
  if (!/[\p{L}\p{N}]/u.test(because.replace(MASKS, ''))) {
    throw new WrongInput('--because says why, in words: it is kept, without numbers and addresses of people.');
  }
  // What stands for a number may be longer than it.
  const count = Math.max(...[words, withoutSecrets(words)].map(countCharacters));
  if (count > MOST) {
    throw new WrongInput(
      `${MOST} characters of --because are kept, and this one has ${count}: say it in fewer. Nothing was dropped.`,
    );
  }
  return because;
};

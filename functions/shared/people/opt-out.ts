import { wordsOf } from '../wording/words.ts';

/** What a person says about being written to. */
export type OptOut = 'stop' | 'start';

/**
 * Phrases. `a/b c/` stands for four: `a`, `b`, `a c`, `b c`; in an alternative `_` is a space. Punctuation, signs, accents and capitals
 * do not count.
 */
export interface OptOutWords {
  readonly stop: readonly string[];
  readonly start: readonly string[];
}

/** What people put around a stop and mean nothing else by, in whatever language they write the rest. */
const AROUND = [
  'please/pls/plz/kindly/just/thanks/thank_you/thx/ok/okay/hi/hello/hey/now/again/anymore/any_more/sorry/already',
  'can_you/could_you/would_you/will_you/sent_from_my_iphone/sent_from_my_ipad/sent_from_my_phone/sent_from_my_android',
  'בבקשה/נא/אנא/תודה/תודה_רבה/שלום/היי/הי/עכשיו/מיד/יותר/סליחה/כבר/נשלח_מה_iphone_שלי',
  'من_فضلك/من_فضلكم/لو_سمحت/لو_سمحتم/رجاء/الرجاء/أرجوك/أرجوكم/أرجو/يرجى/شكرا/مرحبا/السلام_عليكم/الآن',
  "s'il_vous_plaît/s'il_te_plaît/svp/stp/merci/merci_beaucoup/bonjour/bonsoir/veuillez/merci_de/merci_d/envoyé_de_mon_iphone",
  'por_favor/porfavor/porfa/gracias/muchas_gracias/hola/buenos_días/ya/ahora/enviado_desde_mi_iphone',
  'obrigado/obrigada/olá/bom_dia/boa_tarde/agora/enviado_do_meu_iphone',
  'bitte/danke/danke_schön/vielen_dank/hallo/guten_tag/sofort/jetzt/von_meinem_iphone_gesendet',
  'пожалуйста/спасибо/здравствуйте/добрый_день/привет/сейчас/больше/прошу/отправлено_с_iphone',
];

/** Whoever writes more has more to say than stop, and a person should read it. */
const MAX_CHARACTERS = 500;
/** As `wordsOf` counts them. */
export const MAX_WORDS_OF_PHRASE = 9;

/**
 * A test for one of these phrases, each word with a space behind it; `within` a text, with one before the first word too. Built of
 * letters and digits alone, so nothing needs escaping.
 */
export const oneOf = (phrases: readonly string[], where: 'alone' | 'within' = 'alone'): RegExp => {
  const alternative = (words: string): string => wordsOf(words).reduce((text, word) => `${text}${word} `, '');
  const patterns = phrases.map((phrase) =>
    phrase
      .trim()
      .split(/\s+/u)
      .map((place) => `(?:${place.split('/').map(alternative).join('|')})`)
      .join(''),
  );
  const any = `(?:${patterns.join('|')})`;
  return new RegExp(where === 'alone' ? `^${any}$` : ` ${any}`, 'u');
};

/** Whether words are made up of such phrases, at least one, and of what may stand around them. */
export const isMadeOf = (words: readonly string[], phrases: RegExp, around: RegExp | undefined): boolean => {
  // How the first n words can be read, the better way where there are several.
  const read: ('around' | 'meant' | undefined)[] = ['around'];
  for (let end = 1; end <= words.length; end += 1) {
    for (let begin = Math.max(0, end - MAX_WORDS_OF_PHRASE); begin < end; begin += 1) {
      if (read[begin] === undefined || read[end] === 'meant') continue;
      const phrase = words.slice(begin, end).reduce((text, word) => `${text}${word} `, '');
      if (phrases.test(phrase)) read[end] = 'meant';
      else if (around?.test(phrase)) read[end] = read[begin];
    }
  }
  return read[words.length] === 'meant';
};

export const AROUND_A_STOP = oneOf(AROUND);

const compiled = new WeakMap<OptOutWords, Readonly<Record<OptOut, RegExp>>>();

/**
 * What a message says about being written to, if it says that and nothing else. A stop may be polite and said twice; a start, which
 * undoes it, stands alone.
 */
export const optOutOf = (text: string | undefined, words: OptOutWords): OptOut | undefined => {
  if (text === undefined || text.length > MAX_CHARACTERS) return undefined;
  const phrases = compiled.get(words) ?? { stop: oneOf(words.stop), start: oneOf(words.start) };
  compiled.set(words, phrases);
  const said = wordsOf(text);
  if (isMadeOf(said, phrases.stop, AROUND_A_STOP)) return 'stop';
  return isMadeOf(said, phrases.start, undefined) ? 'start' : undefined;
};

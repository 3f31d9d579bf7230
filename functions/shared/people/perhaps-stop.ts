import { wordsOf } from '../wording/words.ts';
import { AROUND_A_STOP, isMadeOf, oneOf } from './opt-out.ts';

/**
 * What asks for no more messages in one place and answers a question in another: "remove" at a tattoo clinic, `baja` at a gym. A person
 * reads it where it is the whole message. What means "cancel" is an answer and not here.
 */
const AMBIGUOUS = [
  'remove/enough/block',
  'הסרה/להסרה/להסיר/מספיק/די/די_כבר',
  'אני/ רוצה/אבקש/מבקש/מבקשת הסרה/להסיר',
  'אל/לא תשלח/תשלחי/תשלחו לי/לנו/',
  'كفى/خلاص/إلغاء_اشتراكي/ألغي_اشتراكي',
  'لا ترسل/ترسلوا لي/',
  'arrêt/assez/ça_suffit',
  'baja/alto/basta/ya_basta/dar_de_baja',
  'solicito/quiero la/mi baja',
  'quiero/ cancelar/cancelen la/mi suscripción',
  'sair/remover/chega/pare/quero_sair',
  'quero/ cancelar a/minha/ inscrição/assinatura',
  'mich/ abmelden/abmeldung/abbestellen/austragen/schluss',
  'ich möchte/moechte/will mich abmelden/austragen',
  'хватит/прекратите/перестаньте/отстаньте',
  'отключите/отменить/отмените/отмена подписку/подписки',
];

/** Words that hardly mean anything but stop, wherever they stand in a short message. */
const STOPS = [
  'stop/stopp/stopall/unsubscribe/unsub/opt_out/optout/remove_me/leave_me_alone',
  'סטופ/הסר/הסירו_אותי/להסיר_אותי/תסירו_אותי/תפסיקו_לשלוח/רשימת_התפוצה/מרשימת_התפוצה',
  'ستوب/إلغاء_الاشتراك/الغي_الاشتراك/لا_تراسلني/لا_تراسلوني',
  'désabonner/désabonnez/désabonnement/darme_de_baja/denme_de_baja/desuscribir/descadastrar/newsletter_abbestellen',
  'стоп/отписаться/отпишите/не_пишите_мне/рассылку/рассылки',
];

/** Where such a word is none: a story, a place, a promise, the opposite. */
const NONE = [
  "do_not/don't/dont/never/not/non/no_need_to/didn't/won't/can't/cannot ever/just/please/ stop/unsubscribe/opt_out/remove_me",
  'bus/tram/train/metro/next/last/first/every/each/one/pit/full/the/a/your/my/this stop',
  'stop by/in/at/over/off/for/sign/watch/there/here',
  'לא/אל הסר/סטופ',
  'не/nicht/pas/não/لا stop/stopp/стоп/отписаться/désabonner/ستوب',
];

const MAX_CHARACTERS = 60;
const MAX_WORDS = 8;

const IS_AMBIGUOUS = oneOf(AMBIGUOUS);
const [HAS_STOP, HAS_NONE] = [oneOf(STOPS, 'within'), oneOf(NONE, 'within')];

/** "Who is this? Stop" names no stop of a bus. */
const SENTENCE_ENDS = /[.?!؟。\n]+/u;

/** Whether a message that is no stop may be meant as one: it is short, and holds a word that seldom means anything else. */
export const isPerhapsStop = (text: string | undefined): boolean => {
  if (text === undefined || text.length > MAX_CHARACTERS) return false;
  const words = wordsOf(text);
  if (words.length > MAX_WORDS) return false;
  if (isMadeOf(words, IS_AMBIGUOUS, AROUND_A_STOP)) return true;
  return text.split(SENTENCE_ENDS).some((sentence) => {
    const line = wordsOf(sentence).reduce((line, word) => `${line}${word} `, ' ');
    return HAS_STOP.test(line) && !HAS_NONE.test(line);
  });
};

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import demo from '../../clients/demo.ts';
import { optOutOf } from '../../functions/shared/people/opt-out.ts';
import { isPerhapsStop } from '../../functions/shared/people/perhaps-stop.ts';
import { wordsOf as heardIn } from '../../functions/shared/wording/words.ts';
import { defineClient, slices } from '../../lib/client.ts';
import { cpuTime } from '../cpu-time.ts';

const known = new Map<string, ReturnType<typeof readWords>>();
/** The words as deployed functions get them: through the client file, which takes its time to be read. */
const wordsOf = (locale: string, optOut?: { stop?: string[]; start?: string[] }) => {
  const name = JSON.stringify([locale, optOut]);
  const words = known.get(name) ?? readWords(locale, optOut);
  known.set(name, words);
  return words;
};
const readWords = (locale: string, optOut: { stop?: string[]; start?: string[] } | undefined) => {
  const templates = { 'lead-first-touch': undefined, 'order-ready': undefined, 'appointment-reminder': undefined };
  return slices(defineClient({ ...demo, templates, locale, ...(optOut && { optOut }) })).escalation.optOut;
};
const english = wordsOf('en');

describe('a stop, to a client of whichever language', () => {
  it.each([
    ['STOP'],
    ['stop.'],
    [' Stop!! '],
    ['"stop"'],
    ['STOP STOP'],
    ['STOP STOP STOP!!!'],
    ['stooooop'],
    ['S.T.O.P'],
    ['ＳＴＯＰ'],
    ['𝐒𝐓𝐎𝐏'],
    ['🛑 stop'],
    ['🛑️ STOP 🙏🏽'],
    ['\u200fstop\u200e'],
    ['stop please'],
    ['please stop'],
    ['Hi, please stop. Thanks'],
    ['Stop. Thank you'],
    ['ok stop'],
    ['just stop now'],
    ['STOP ALL'],
    ['stopall'],
    ['Stop texting me'],
    ['please stop sending me these messages'],
    ['Stop messaging me!!!'],
    ['unsubscribe'],
    ['Unsubscribe me please'],
    ['I want to unsubscribe'],
    ['opt out'],
    ['OPT-OUT'],
    ['Remove me from your list'],
    ['take me off this list'],
    ["don't text me again"],
    ['Do not contact me anymore'],
    ['leave me alone'],
    ['הסר'],
    ['"הסר"'],
    ['הָסֵר'],
    ['הסירו אותי'],
    ['הסירו אותי בבקשה'],
    ['נא להסיר אותי מרשימת התפוצה'],
    ['תסירו אותי מהרשימה'],
    ['הסירו'],
    ['סטופ'],
    ['סטופפפ!'],
    ['תפסיקו לשלוח לי הודעות'],
    ['די לשלוח הודעות'],
    ['אל תשלחו לי הודעות יותר'],
    ['stop בבקשה'],
    ['توقف'],
    ['إيقاف'],
    ['ايقاف'],
    ['أوقفوا الرسائل'],
    ['إلغاء الاشتراك'],
    ['الغاء الاشتراك لو سمحت'],
    ['لا ترسلوا لي رسائل'],
    ['Arrêtez s’il vous plaît'],
    ['stop svp'],
    ['je veux me désabonner'],
    ['Désabonner'],
    ['Ne m’écrivez plus'],
    ['Darme de baja por favor'],
    ['quiero darme de baja'],
    ['No me escriban más'],
    ['stop por favor'],
    ['Não quero mais receber mensagens'],
    ['Me tire da lista'],
    ['STOPP'],
    ['Bitte keine Nachrichten mehr'],
    ['Bitte hören Sie auf'],
    ['стоп'],
    ['СТОП, пожалуйста'],
    ['Отписаться'],
    ['больше не пишите мне'],
    ['Удалите меня из базы'],
    ['Stop sending'],
    ['Can you stop texting me'],
    ['Could you please stop messaging me?'],
    ["I'd like to unsubscribe"],
    ['I’d like to unsubscribe'],
    ['remove me from your mailing list'],
    ['Stop calling me'],
    ["I don't want any more messages"],
    ['I do not want to receive messages'],
    ['No. Stop.'],
    ['Stop\n\nSent from my iPhone'],
    ['הפסק לשלוח לי הודעות'],
    ['אל תכתבו לי'],
    ['לא רוצה יותר הודעות'],
    ['אבקש להסיר אותי מהרשימה'],
    ['אני מבקש להסיר אותי מרשימת התפוצה'],
    ['توقفوا عن مراسلتي'],
    ['أرجو إلغاء الاشتراك'],
    ['الرجاء التوقف'],
    ['Merci de me désabonner'],
    ['Merci de ne plus m’écrire'],
    ['Je ne veux plus recevoir de messages'],
    ['me quiero dar de baja'],
    ['No más mensajes'],
    ['quero sair da lista'],
    ['não envie mais mensagens'],
    ['Ich moechte keine Nachrichten mehr erhalten'],
    ['Loeschen Sie meine Nummer'],
    ['hoer auf'],
    ['Kontaktieren Sie mich nicht mehr'],
    ['не беспокойте'],
    ['отказаться от рассылки'],
    ['Больше не присылайте'],
    ['Прошу больше не писать'],
  ])('%j is heard', (text) => {
    for (const locale of ['en', 'he', 'ar', 'fr', 'es', 'pt-BR', 'de', 'ru', 'ja']) {
      expect(optOutOf(text, wordsOf(locale))).toBe('stop');
    }
  });

  it.each([
    ['es', 'BAJA'],
    ['es', 'Baja por favor'],
    ['pt-BR', 'SAIR'],
    ['pt', 'Parar'],
    ['fr', 'Arrêt'],
    ['fr-CA', 'ARRET'],
  ])('in %s alone: %j', (locale, text) => {
    expect(optOutOf(text, wordsOf(locale))).toBe('stop');
    expect(optOutOf(text, english)).toBeUndefined();
  });
});

describe('no stop', () => {
  it.each([
    // Answers to a reminder or an order: for people.
    ['cancel'],
    ['Cancel please'],
    ['CANCEL CANCEL'],
    ['please cancel my appointment'],
    ['end'],
    ['quit'],
    ['no'],
    ['yes'],
    ['ביטול'],
    ['לבטל'],
    ['בטל בבקשה'],
    ['מבטלת'],
    ['الغاء'],
    ['إلغاء'],
    ['إلغاء الموعد'],
    ['annuler'],
    ['Annulez svp'],
    ['cancelar'],
    ['cancelar cita'],
    ['anular'],
    ['fin'],
    ['absagen'],
    ['stornieren'],
    ['abbestellen'],
    ['отмена'],
    ['отменить'],
    ['отменить запись'],
    // The word, and more.
    ["don't stop"],
    ['do not stop'],
    ['Please don’t stop sending the reminders'],
    ['please stop by the shop'],
    ["I'll stop by at 5"],
    ['Where is the bus stop?'],
    ['Hi! Is this stop the last one?'],
    ['Count me in! We have got to STOP this terrible bill from passing!!'],
    ['I told my son to stop eating sweets, will the appointment still be ok?'],
    ['please do not remove me from the list'],
    ['I did not unsubscribe'],
    ['stop 12345'],
    ['stopped'],
    ['non-stop'],
    ['stop the order'],
    ['can you stop my subscription payment'],
    ['remove the second item'],
    ['הסרתי'],
    ['להסיר משקפיים לפני הבדיקה?'],
    ['אל תשלחו לי, אני אבוא לאסוף'],
    ['אל תשלחו לי'],
    ['תוריד אותי בתחנה'],
    ['די'],
    ['חזרה'],
    ['متى يتوقف الباص'],
    ['لا ترسلوا'],
    ['arrêt de bus'],
    ['ne m’envoyez rien par la poste'],
    ['para'],
    ['no me envíen'],
    ['chega hoje?'],
    ['Halt'],
    ['Не отправляйте'],
    ['хватит'],
    ['не стоп'],
    ['👍'],
    ['🛑'],
    ['...'],
    [''],
    [undefined],
  ])('%j', (text) => {
    for (const locale of ['en', 'he', 'ar', 'fr', 'es', 'pt-BR', 'de', 'ru']) {
      expect(optOutOf(text, wordsOf(locale))).toBeUndefined();
    }
  });
});

describe('what answers a question in one place and stops messages in another silences nobody, and people are told', () => {
  it.each([
    ['remove'],
    ['הסרה'],
    ['להסיר'],
    ['להסרה'],
    ['רוצה הסרה'],
    ['אני רוצה להסיר'],
    ['אבקש להסיר'],
    ['אל תשלח לי'],
    ['إلغاء اشتراكي'],
    ['لا ترسل لي'],
    ['cancelar mi suscripción'],
    ['Solicito la baja'],
    ['alto'],
    ['basta'],
    ['remover'],
    ['cancelar inscrição'],
    ['abmelden'],
    ['Abmeldung'],
    ['Ich möchte mich abmelden'],
    ['abbestellen'],
    ['отключите подписку'],
    ['хватит'],
  ])('%j', (text) => {
    for (const locale of ['en', 'he', 'ar', 'fr', 'es', 'pt-BR', 'de', 'ru']) {
      expect(optOutOf(text, wordsOf(locale))).toBeUndefined();
    }
    expect(isPerhapsStop(text)).toBe(true);
  });
});

describe('a short message with a word that seldom means anything but stop is for people', () => {
  it.each([
    ['no stop it already please guys'],
    ['STOP START'],
    ['STOP - Dana'],
    ['stop, wrong number'],
    ['I really want to unsubscribe from these'],
    ['סטופ עם ההודעות האלה'],
    ['как мне отписаться от вас'],
    ['who is this? stop'],
    ['I hate this. Stop'],
    ['Who is this?STOP!'],
    ['Never heard of you\nstop'],
  ])('%j', (text) => {
    expect(optOutOf(text, english)).toBeUndefined();
    expect(isPerhapsStop(text)).toBe(true);
  });

  it.each([
    ['cancel'],
    ['ביטול'],
    ["don't stop"],
    ['Please don’t stop!'],
    ['never stop'],
    ['non-stop'],
    ['не стоп'],
    ['Where is the bus stop?'],
    ['Hi! Is this stop the last one?'],
    ['it is the last stop'],
    ["I'll stop by at 5"],
    ['please stop by the shop'],
    ['please do not remove me from the list'],
    ['I did not unsubscribe'],
    ['we will stop for coffee, see you at ten'],
    ['I told my son to stop eating sweets, will the appointment still be ok?'],
    ['remove the second item'],
    ['תוריד אותי בתחנה'],
    ['planta baja'],
    ['quero sair mais cedo'],
    ['לייזר, הסרה של קעקוע'],
    ['stopped'],
    ['👍'],
    [''],
    [undefined],
  ])('not %j', (text) => {
    expect(isPerhapsStop(text)).toBe(false);
  });
});

describe('a start', () => {
  it.each([['START'], ['start!'], ['Unstop'], ['subscribe'], ['הצטרפות'], ['اشتراك'], ['старт']])('%j', (text) => {
    expect(optOutOf(text, english)).toBe('start');
  });

  it.each([
    ['yes'],
    ['חזרה'],
    ['please start'],
    ['when do you start?'],
    ['start stop'],
    ['stop start'],
    ['alta'],
    ['weiter'],
  ])('not %j', (text) => {
    expect(optOutOf(text, english)).toBeUndefined();
  });
});

describe('words of a client file', () => {
  it.each([
    ['a sign alone, which is never heard', { stop: ['🛑'] }, /optOut\.stop\.0: .*signs do not count/],
    ['punctuation alone', { stop: ['stop', '!!!'] }, /optOut\.stop\.1: .*signs do not count/],
    ['a vowel sign alone', { stop: ['\ufe70'] }, /optOut\.stop\.0: .*signs do not count/],
    ['a space alone', { stop: [' '] }, /optOut\.stop\.0: .*signs do not count/],
    ['a sign alone as a start', { start: ['👍'] }, /optOut\.start\.0: .*signs do not count/],
    ['ten words, which are never heard', { stop: ['a b c d e f g h i j'] }, /optOut\.stop\.0: .*at most 9 words/],
    ['a word that says both', { stop: ['Genug!'], start: ['genug'] }, /optOut\.start: .*stop word too/],
    ['a start that is a stop of ours', { start: ['Stop'] }, /optOut\.start: .*stop word too/],
  ])('are refused with the reason: %s', (_, optOut, reason) => {
    expect(() => wordsOf('en', optOut)).toThrow(reason);
  });

  const own = wordsOf('en', { stop: ['Genug!', 'הסר/הסרה', 'no thanks'], start: ['los'] });

  it.each([
    ['genug', 'stop'],
    ['bitte genug', 'stop'],
    ['no thanks', 'stop'],
    ['הסר הסרה', 'stop'],
    ['STOP', 'stop'],
    ['los!', 'start'],
    ['start', undefined],
    ['no', undefined],
  ] as const)('%j means %s: stop words are added, start words take the place of ours', (text, meaning) => {
    expect(optOutOf(text, own)).toBe(meaning);
  });

  it('mean what stands there, whatever signs they hold', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }), (word) => {
        const given = { stop: [word.replaceAll('/', ' ').replaceAll('_', ' ')], start: [] };
        // A vowel sign of its own is a letter to Unicode and no word to us: a client file with it is refused.
        if (/^\s*\p{L}+\s*$/u.test(word) && heardIn(word).length > 0) expect(optOutOf(`(${word})`, given)).toBe('stop');
        expect(() => optOutOf(word, given)).not.toThrow();
      }),
      { examples: [['\ufe70']] },
    );
  });
});

it('a long message is read in no time and is no stop', () => {
  for (const text of [`${'stop '.repeat(99)}x`, `${'не пишите больше '.repeat(29)}x`, 'stop'.repeat(100_000)]) {
    expect(cpuTime(() => expect(optOutOf(text, english)).toBeUndefined())).toBeLessThan(500);
  }
});

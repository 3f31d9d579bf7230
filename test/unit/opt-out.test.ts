import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import demo from '../../clients/demo.ts';
import { optOutOf } from '../../functions/shared/people/opt-out.ts';
import { defineClient, slices } from '../../lib/client.ts';

/** The words as deployed functions get them: through the client file. */
const wordsOf = (locale: string, optOut?: { stop?: string[]; start?: string[] }) => {
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
    ['הסרה'],
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
    ['Arrêt'],
    ['ARRET'],
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
  ])('%j is heard', (text) => {
    for (const locale of ['en', 'he', 'ar', 'fr', 'es', 'pt-BR', 'de', 'ru', 'ja']) {
      expect(optOutOf(text, wordsOf(locale))).toBe('stop');
    }
  });

  it.each([
    ['es', 'BAJA'],
    ['es', 'Baja por favor'],
    ['es-MX', 'ALTO'],
    ['pt-BR', 'SAIR'],
    ['pt', 'Parar'],
    ['de', 'Abmelden'],
    ['de-AT', 'bitte abmelden'],
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
        if (/^\s*\p{L}+\s*$/u.test(word)) expect(optOutOf(`(${word})`, given)).toBe('stop');
        expect(() => optOutOf(word, given)).not.toThrow();
      }),
    );
  });
});

it('a long message is read in no time and is no stop', () => {
  const began = performance.now();
  for (const text of [`${'stop '.repeat(99)}x`, `${'не пишите больше '.repeat(29)}x`, 'stop'.repeat(100_000)]) {
    expect(optOutOf(text, english)).toBeUndefined();
  }
  expect(performance.now() - began).toBeLessThan(500);
});

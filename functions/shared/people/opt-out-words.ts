import type { OptOutWords } from './opt-out.ts';

/**
 * Phrases of eight languages, as `optOutOf` reads them. Runs at synth and is in no bundle.
 *
 * A phrase counts for every client, for customers write in the language they like and a stop that is missed is worse than an odd
 * one – but not where it is an ordinary word of another language: those are in `here`, and count only for clients whose own
 * language it is, where it is the word that senders print ("responda SAIR"). A bare word that answers a question ("remove" at a tattoo
 * clinic, "cancel my subscription" at a gym) is in neither, nor is what means "cancel", "end" or "quit": to a reminder it is an answer.
 */
interface Phrases {
  readonly everywhere: readonly string[];
  readonly here?: readonly string[];
}

const STOP: Readonly<Record<string, Phrases>> = {
  en: {
    everywhere: [
      'stop/stopall/stop2quit/unsubscribe/unsubscribed/unsub/unsubcribe/unsuscribe/optout/revoke/s_t_o_p',
      'stop all/it/this/messages/messaging/texting/texts/sms/spam/spamming/promotions/updates/notifications',
      'no please/ stop',
      'stop messaging/texting/txting/contacting/calling/bothering/spamming/sending/writing/reminding me/us',
      'stop texting/contacting/sending',
      'stop writing to me/us',
      'stop sending me/ these/the/any/ more/ message/messages/texts/reminders/updates',
      'stop sending me things/stuff/anything',
      'stop these/the/all messages/texts/reminders/updates',
      'unsubscribe me/us/all',
      'unsubscribe me/ from this/all/your_list/these_messages',
      "i/ want_to/wanna/would_like_to/'d_like_to/id_like_to/wish_to/need_to unsubscribe/opt_out",
      'how do_i/can_i/to unsubscribe/opt_out',
      'i/ opt me/ out',
      'i/ revoke my/ consent',
      'remove me/us',
      'remove/delete my number/phone_number',
      'remove/take/delete me/my_number/my_phone_number from/off your/the/this/all list/lists/mailing_list/contact_list/database',
      'take me off',
      "do_not/don't/dont/never text/message/contact/write_to me",
      "do_not/don't/dont send me any/ more/ messages/texts/anything",
      "i do_not/don't/dont want to_receive/to_get/ any/these/your/ more/ messages/texts",
      'no more messages/texts/reminders',
      'leave me alone',
      'i said stop',
    ],
  },
  he: {
    everywhere: [
      'סטופ/עצור/הפסק/הפסיקו/תפסיק/תפסיקי/תפסיקו/להפסיק',
      'הסר/הסירו',
      'הסר/הסירי/הסירו/תסיר/תסירי/תסירו/להסיר אותי/אותנו',
      'הסר/הסרה/הסירו/תסיר/תסירי/תסירו/להסרה/להסיר אותי/ מהרשימה/מרשימת_התפוצה/מרשימת_תפוצה/מרשימת_הדיוור/מהתפוצה',
      'הסר/הסירו/תסיר/תסירו/תמחק/תמחקו/מחק/מחקו את המספר שלי',
      'אני/ אבקש/מבקש/מבקשת/רוצה להסיר/הסרה אותי/ מהרשימה/מרשימת_התפוצה/מרשימת_תפוצה/מרשימת_הדיוור/מהתפוצה',
      'אני/ אבקש/מבקש/מבקשת/רוצה להסיר אותי',
      'בקשת/בקשה הסרה/להסרה',
      'מחק/מחקו/תמחק/תמחקו אותי',
      'תוריד/תורידי/תורידו/הורד/הורידו/להוריד אותי מהרשימה/מרשימת_התפוצה/מרשימת_תפוצה/מהתפוצה',
      'הפסק/הפסיקו/תפסיק/תפסיקי/תפסיקו/להפסיק/די לשלוח לי/לנו/ הודעות/',
      'הפסיקו/תפסיק/תפסיקי/תפסיקו להטריד/לכתוב/להציק אותי/לי/',
      'לא/אל לשלוח/תשלח/תשלחי/תשלחו לי הודעות/יותר/הודעות_יותר/יותר_הודעות',
      'אל/לא לכתוב/תכתוב/תכתבי/תכתבו לי/לנו יותר/',
      'אני/ לא רוצה/מעוניין/מעוניינת לקבל/ יותר_הודעות/הודעות_יותר',
      'אני/ לא רוצה/מעוניין/מעוניינת לקבל_הודעות/בהודעות/הודעות',
    ],
  },
  ar: {
    everywhere: [
      'توقف/توقفوا/أوقف/أوقفوا/إيقاف/وقف/وقفوا/قف/ستوب الرسائل/الإرسال/',
      'توقف/توقفوا عن الإرسال/المراسلة/مراسلتي/إرسال_الرسائل',
      'الرجاء/أرجو/يرجى/رجاء التوقف',
      'إلغاء/ألغ/ألغي/ألغوا اشتراك/الاشتراك',
      'أريد/بدي/عايز إلغاء/ألغي الاشتراك',
      'لا/ما ترسل/ترسلوا/تبعت/تبعتوا لي/ رسائل',
      'لا تراسلني/تراسلوني',
      'لا تكتب/تكتبوا لي',
      'احذف/احذفوا/امسح/امسحوا رقمي',
      'احذفني/احذفوني/أزلني/أزيلوني من_القائمة/',
      'لا/ما أريد/بدي/عايز رسائل/رسائلكم',
    ],
  },
  fr: {
    everywhere: [
      'arrête/arrêter/arrêtez les_messages/les_sms/',
      "arrête/arrêter/arrêtez de m'écrire/me_contacter/m'envoyer_des_messages/m'envoyer_des_sms",
      "arrête/arrêter/arrêtez d'envoyer des messages/sms",
      'stop sms/pub/publicité',
      'désabonner/désabonnez/désabonnement/désinscrire/désinscrivez/désinscription moi/',
      'je_veux/je_souhaite/je_voudrais/ me désabonner/désinscrire',
      'retirez/supprimez/enlevez moi/ de la/votre/cette liste',
      'supprimez/effacez mon numéro',
      "ne m'écrivez/me_contactez/m'écris plus",
      "ne m'envoyez plus rien/de_messages/de_sms/",
      "ne plus m'écrire/me_contacter/me_déranger/m'envoyer_de_messages/recevoir_de_messages/recevoir_vos_messages",
      'je ne veux/souhaite plus de/vos/recevoir_de/recevoir_vos messages/sms',
    ],
    here: ['arrêt'],
  },
  es: {
    everywhere: [
      'me quiero/quisiera dar de baja',
      'quiero/quisiera/deseo/ darme/dame/denme/deme/darse/dar de baja',
      'desuscribir/desuscribirme/desuscribirse/desuscríbeme/desuscríbanme/desuscripción',
      'no más mensajes',
      'no me escriban/escriba/escribas/contacten/contacte/molesten más/',
      'no me envíen/envíe/envíes/manden/mande/mandes más/más_mensajes/mensajes',
      'no quiero/ recibir/ más/ mensajes',
      'dejen/deje/deja de molestar/escribirme/molestarme/contactarme/enviarme_mensajes/mandarme_mensajes/enviar_mensajes/mandar_mensajes',
      'quítenme/quíteme/quítame/sáquenme/sácame/elimínenme/elimíneme/bórrenme/bórreme de_la_lista/de_su_lista/',
      'eliminen/elimine/borren/borre mi número',
    ],
    here: ['baja/parar/pare/paren/detener'],
  },
  pt: {
    everywhere: [
      'descadastrar/descadastre/descadastrem',
      'quero/ me descadastrar/descadastre/descadastrem/desinscrever',
      'quero/ sair/remover da lista',
      'me tire/tira/tirem/remova/remove/retire/exclua da/desta/dessa lista',
      'remova/remover/apague/apaguem meu número',
      'pare/parem/parar de me/ mandar/enviar mensagem/mensagens',
      'não me mande/mandem/envie/enviem mais/mais_mensagens/mensagens',
      'não envie/enviem/mande/mandem mais mensagens',
      'quero parar de receber mensagens',
      'não quero mais/ receber/ mais/ mensagens',
    ],
    here: ['parar/pare/parem/sair'],
  },
  de: {
    everywhere: [
      'stopp/stoppen/aufhören',
      'newsletter/nachrichten/vom_newsletter/vom_verteiler abbestellen/abmelden/stoppen',
      'kontaktieren sie mich nicht mehr',
      'lass/lasst/lassen_sie mich in ruhe',
      'keine weiteren/ nachrichten/werbung mehr/',
      'ich möchte/will keine nachrichten/werbung mehr/ erhalten/bekommen/',
      'schreiben_sie/schreib/schreibt mir nicht/nichts mehr',
      'nicht mehr schreiben/anschreiben/kontaktieren',
      'hör/hört/hören_sie auf mir_zu_schreiben/',
      'nehmen_sie/nehmt/nimm mich aus der/ihrer/eurer liste',
      'löschen_sie/löscht/lösch meine nummer',
      'meine nummer löschen',
      'melden_sie/meldet/tragen_sie/tragt mich ab/aus',
    ],
  },
  ru: {
    everywhere: [
      'стоп/отписаться/отписка',
      'отпишите/отпиши/отписать меня/',
      'хочу/как/прошу отписаться/отписать_меня',
      'прекратите/прекрати/перестаньте/перестань/остановите писать/присылать/слать/рассылку/ мне/ сообщения/',
      'хватит мне/ писать/присылать/слать мне/ сообщения/',
      'отключите/отключить/отменить/отмените/отмена рассылку/рассылки',
      'хочу/ отказаться от рассылки',
      'не беспокойте/беспокоить меня/',
      'больше не присылайте/шлите/писать',
      'не хочу больше/ получать сообщения/ваши_сообщения/рассылку',
      'не пишите/пиши мне/',
      'не присылайте/шлите/отправляйте мне/ сообщения/рассылку',
      'не надо/нужно мне/ писать/писать_мне',
      'уберите/удалите/исключите меня из_рассылки/из_базы/из_списка/',
      'удалите/удали/удалить/уберите мой номер',
      'отказ от рассылки',
    ],
  },
};

/** A start lets messages through to somebody who wanted none: only what can hardly mean anything else. */
const START: Readonly<Record<string, Phrases>> = {
  en: { everywhere: ['start/unstop/subscribe/resubscribe/optin', 'opt in'] },
  he: { everywhere: ['סטארט/הצטרפות', 'הצטרפות מחדש'] },
  ar: { everywhere: ['اشتراك', 'إعادة الاشتراك'] },
  fr: { everywhere: ['réabonner/réabonnement', 'me réabonner'] },
  es: { everywhere: ['darme/dame/denme de alta'], here: ['alta'] },
  pt: { everywhere: ['voltar a receber mensagens', 'me inscrever novamente'] },
  de: { everywhere: ['wieder anmelden'] },
  ru: { everywhere: ['старт/подписаться'] },
};

const UMLAUT = /[äöü]/;
/** As German is typed where the keyboard has none: `moechte`. */
const withoutUmlauts = (phrase: string): string =>
  phrase.replaceAll('ä', 'ae').replaceAll('ö', 'oe').replaceAll('ü', 'ue');

const phrasesFor = (languages: Readonly<Record<string, Phrases>>, locale: string): readonly string[] => {
  const [language = ''] = locale.split('-');
  const everywhere = Object.values(languages).flatMap((phrases) => phrases.everywhere);
  const phrases = [...everywhere, ...(languages[language]?.here ?? [])];
  return [...phrases, ...phrases.filter((phrase) => UMLAUT.test(phrase)).map(withoutUmlauts)];
};

/** What a client file may say. */
interface OwnWords {
  readonly stop?: readonly string[] | undefined;
  readonly start?: readonly string[] | undefined;
}

/** A word of a client file means what stands there. */
const asItStands = (word: string): string => word.replaceAll('/', ' ');

/**
 * The words of a client: those that count for everybody, those of its own language, and what its file adds. Its own start words
 * take the place of ours.
 */
export const optOutWords = (locale: string, own: OwnWords): OptOutWords => ({
  stop: [...phrasesFor(STOP, locale), ...(own.stop ?? []).map(asItStands)],
  start: own.start?.map(asItStands) ?? phrasesFor(START, locale),
});

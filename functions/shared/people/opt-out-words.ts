import type { OptOutWords } from './opt-out.ts';

/**
 * Phrases of eight languages, as `optOutOf` reads them. Runs at synth and is in no bundle.
 *
 * A phrase counts for every client, for customers write in the language they like and a stop that is missed is worse than an odd
 * one – but not where it is an ordinary word of another language: those are in `here`, and count only for clients whose own
 * language it is. What means "cancel", "end" or "quit" is in neither: to a reminder it is an answer.
 */
interface Phrases {
  readonly everywhere: readonly string[];
  readonly here?: readonly string[];
}

const STOP: Readonly<Record<string, Phrases>> = {
  en: {
    everywhere: [
      'stop/stopall/stop2quit/unsubscribe/unsubscribed/unsub/unsubcribe/unsuscribe/optout/revoke/remove/s_t_o_p',
      'stop all/it/this/messages/messaging/texting/texts/sms/spam/spamming/promotions/updates/notifications',
      'stop messaging/texting/contacting/spamming/sending/writing me/us',
      'stop writing to me/us',
      'stop sending me/ these/the/ messages/texts/reminders/updates',
      'stop these/the/all messages/texts/reminders/updates',
      'unsubscribe me/us/all',
      'unsubscribe me/ from this/all/your_list/these_messages',
      'i want_to/wanna/would_like_to unsubscribe/opt_out',
      'how do_i/can_i/to unsubscribe/opt_out',
      'i/ opt me/ out',
      'revoke my/ consent',
      'remove me/us',
      'remove/delete my number/phone_number',
      'remove/take me from/off your/the/this list',
      'take me off',
      "do_not/don't/dont text/message/contact/write_to me",
      "do_not/don't/dont send me messages/texts/anything",
      'no more messages/texts/reminders',
      'leave me alone',
      'i said stop',
    ],
  },
  he: {
    everywhere: [
      'סטופ/עצור/הפסק/הפסיקו/תפסיק/תפסיקי/תפסיקו/להפסיק',
      'הסר/הסרה/הסירי/הסירו/תסיר/תסירי/תסירו/להסרה/להסיר אותי/אותנו/',
      'הסר/הסרה/הסירו/תסיר/תסירי/תסירו/להסרה/להסיר אותי/ מהרשימה/מרשימת_התפוצה/מרשימת_תפוצה/מרשימת_הדיוור/מהתפוצה',
      'הסר/הסירו/תסיר/תסירו/תמחק/תמחקו/מחק/מחקו את המספר שלי',
      'אני/ אבקש/מבקש/מבקשת/רוצה להסיר/הסרה אותי/',
      'בקשת/בקשה הסרה/להסרה',
      'מחק/מחקו/תמחק/תמחקו אותי',
      'תוריד/תורידי/תורידו/הורידו/להוריד אותי מהרשימה/מרשימת_התפוצה/מרשימת_תפוצה/מהתפוצה',
      'הפסיקו/תפסיק/תפסיקי/תפסיקו/להפסיק/די לשלוח לי/לנו/ הודעות/',
      'הפסיקו/תפסיק/תפסיקי/תפסיקו להטריד/לכתוב/להציק אותי/לי/',
      'לא/אל לשלוח/תשלח/תשלחי/תשלחו לי הודעות/יותר/הודעות_יותר/יותר_הודעות',
      'אני/ לא רוצה/מעוניין/מעוניינת לקבל_הודעות/בהודעות/הודעות',
    ],
  },
  ar: {
    everywhere: [
      'توقف/توقفوا/أوقف/أوقفوا/إيقاف/وقف/وقفوا/قف/ستوب الرسائل/الإرسال/',
      'توقف/توقفوا عن الإرسال/المراسلة/إرسال_الرسائل',
      'إلغاء/ألغ/ألغي/ألغوا اشتراك/الاشتراك/اشتراكي',
      'أريد/بدي/عايز إلغاء/ألغي الاشتراك/اشتراكي',
      'لا/ما ترسل/ترسلوا/تبعت/تبعتوا لي/ رسائل',
      'لا تراسلني/تراسلوني',
      'احذف/احذفوا/امسح/امسحوا رقمي',
      'احذفني/احذفوني/أزلني/أزيلوني من_القائمة/',
      'لا/ما أريد/بدي/عايز رسائل/رسائلكم',
    ],
  },
  fr: {
    everywhere: [
      'arrêt/arrête/arrêter/arrêtez les_messages/les_sms/',
      "arrête/arrêter/arrêtez de m'écrire/me_contacter/m'envoyer_des_messages/m'envoyer_des_sms",
      "arrête/arrêter/arrêtez d'envoyer des messages/sms",
      'stop sms/pub/publicité',
      'désabonner/désabonnez/désabonnement/désinscrire/désinscrivez/désinscription moi/',
      'je_veux/je_souhaite/je_voudrais/ me désabonner/désinscrire',
      'retirez/supprimez/enlevez moi/ de la/votre/cette liste',
      'supprimez/effacez mon numéro',
      "ne m'écrivez/me_contactez/m'écris plus",
      "ne m'envoyez plus rien/de_messages/de_sms/",
    ],
  },
  es: {
    everywhere: [
      'quiero/quisiera/deseo/ darme/dame/denme/deme/darse/dar de baja',
      'desuscribir/desuscribirme/desuscribirse/desuscríbeme/desuscríbanme/desuscripción',
      'cancelar/cancelen la/mi/ suscripción',
      'no me escriban/escriba/escribas/contacten/contacte/molesten más/',
      'no me envíen/envíe/envíes/manden/mande/mandes más/más_mensajes/mensajes',
      'no quiero/ recibir/ más/ mensajes',
      'dejen/deje/deja de escribirme/molestarme/contactarme/enviarme_mensajes/mandarme_mensajes',
      'quítenme/quíteme/quítame/sáquenme/sácame/elimínenme/elimíneme/bórrenme/bórreme de_la_lista/de_su_lista/',
      'eliminen/elimine/borren/borre mi número',
    ],
    here: ['baja/alto/parar/pare/paren/detener'],
  },
  pt: {
    everywhere: [
      'descadastrar/descadastre/descadastrem',
      'quero/ me descadastrar/descadastre/descadastrem/desinscrever',
      'sair/remover da lista',
      'me tire/tira/tirem/remova/remove/retire da/desta/dessa lista',
      'remova/remover/apague/apaguem meu número',
      'pare/parem/parar de me/ mandar/enviar mensagem/mensagens',
      'não me mande/mandem/envie/enviem mais/mais_mensagens/mensagens',
      'não quero mais/ receber/ mais/ mensagens',
    ],
    here: ['parar/pare/parem/sair/remover'],
  },
  de: {
    everywhere: [
      'stopp/stoppen/aufhören/aufhoeren',
      'newsletter/nachrichten/vom_newsletter/vom_verteiler abbestellen/abmelden/stoppen',
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
    here: ['mich/ abmelden/abmeldung/austragen'],
  },
  ru: {
    everywhere: [
      'стоп/отписаться/отписка',
      'отпишите/отпиши/отписать меня/',
      'хочу/как/прошу отписаться/отписать_меня',
      'прекратите/прекрати/перестаньте/перестань/остановите писать/присылать/слать/рассылку/ мне/ сообщения/',
      'хватит мне/ писать/присылать/слать мне/ сообщения/',
      'отключите/отключить/отменить/отмените/отмена рассылку/подписку/рассылки/подписки',
      'не пишите/пиши мне/',
      'не присылайте/шлите/отправляйте мне/ сообщения/рассылку',
      'не надо/нужно мне/ писать/писать_мне',
      'уберите/удалите/исключите меня из_рассылки/из_базы/из_списка/',
      'удалите/удали мой номер',
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

const phrasesFor = (languages: Readonly<Record<string, Phrases>>, locale: string): readonly string[] => {
  const [language = ''] = locale.split('-');
  const everywhere = Object.values(languages).flatMap((phrases) => phrases.everywhere);
  return [...everywhere, ...(languages[language]?.here ?? [])];
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

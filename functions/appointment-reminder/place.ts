import { wordFinder } from '../shared/wording/words.ts';

/** Kinds of meeting that some calendars write in place of where it is, addresses of the network, and numbers. */
const NO_PLACE =
  /^[\w-]+:\S*$|:\/\/|\bwww\.|[a-z\d]\.[a-z]{2,}(?:\/|$)|^\+?[\d\s()./-]+$|^(?:link|meet|none|remote|n\/a|tbd|tba)$/i;

/** What people write where there is no place to come to, in the languages of the messages. */
const ONLINE = `
  online, zoom, google meet, teams, webex, skype, facetime, whatsapp, video, virtual, conferencing, phone, userphone, telephone, call, to be determined
  אונליין, מקוון, מקוונת, זום, וידאו, טלפון, טלפונית, שיחה, קישור, וואטסאפ, ווטסאפ, מרחוק, טרם נקבע
  أونلاين, زوم, فيديو, هاتف, هاتفي, اتصال, مكالمة, رابط, واتساب, عن بعد
  en línea, teléfono, llamada, en ligne, téléphone, appel, visio, telefone, chamada, telefon, anruf, онлайн, зум, телефон, по телефону, звонок, видео`;
const isOnline = wordFinder(ONLINE.split(/[,\n]/));

/** Whether what a calendar says of where people meet is a place, and not a link, a number, an app or a kind of call. */
export const isPlace = (location: string | undefined): boolean => {
  const text = location?.trim() ?? '';
  return text !== '' && !NO_PLACE.test(text) && !isOnline(text);
};

import { cut } from '../shared/runtime/characters.ts';
import { wordFinder } from '../shared/wording/words.ts';

/** Apps and kinds of meeting that some calendars write in place of where it is. */
const KIND = /^[\w-]+:\S*$|^(?:userphone|conferencing)$/i;
const MAP =
  /maps\.app\.goo\.gl|goo\.gl\/maps|google\.[a-z.]{1,20}\/maps|maps\.google\.|maps\.apple\.com|waze\.com|openstreetmap\.org/i;
const ADDRESS_OF_NETWORK = /(?:https?:\/\/|www\.)\S+|\b[a-z\d-]+(?:\.[a-z\d-]+)*\.[a-z]{2,}\/\S*/gi;
const PHONE = /\+?\d[\d\s().-]{4,}\d/g;
/** Of a meeting on the network. */
const CODE = /pass|code|\bpin\b|\bid\b|סיסמ|קוד|пароль|رمز/i;

/** What people write where there is no place to come to, in the languages of the messages. */
const ONLINE = `
  online, zoom, google meet, meet, teams, webex, skype, facetime, whatsapp, telegram, jitsi, whereby, video, virtual, remote, link
  phone, telephone, call, to be determined, to be announced, tbd, tba, none, n/a
  אונליין, מקוון, מקוונת, זום, וידאו, טלפון, טלפונית, שיחה, קישור, סקייפ, וואטסאפ, ווטסאפ, מרחוק, ייקבע, טרם נקבע
  أونلاين, أون لاين, عبر الإنترنت, زوم, فيديو, هاتف, هاتفي, اتصال, مكالمة, رابط, واتساب, عن بعد
  en línea, en linea, teléfono, telefono, llamada, videollamada, videoconferencia, en ligne, téléphone, telephone, appel, visio, visioconférence, vidéo
  en distanciel, à distance, telefone, chamada, telefon, telefonisch, anruf, videoanruf, videokonferenz, virtuell
  онлайн, зум, скайп, телефон, по телефону, звонок, видео, видеозвонок, дистанционно`;
const isOnline = wordFinder(ONLINE.split(/[,\n]/));

/** Longer than any address, with the words around it; lengths come before patterns. */
const MAX_CHARACTERS = 1000;

/**
 * Whether what a calendar says of where people meet is a place, and not a link, a number, an app or a kind of call. A number of a house
 * makes it one, whatever stands beside it: a telephone, a way to call, a studio called Zoom.
 */
export const isPlace = (location: string | undefined): boolean => {
  const text = cut(location?.trim() ?? '', MAX_CHARACTERS);
  if (KIND.test(text) && !MAP.test(text)) return false;
  if (MAP.test(text)) return true;
  const words = text.replace(ADDRESS_OF_NETWORK, ' ').replace(PHONE, ' ').trim();
  if (!/[\p{L}]/u.test(words)) return false;
  return (/\d/.test(words) && !CODE.test(words)) || !isOnline(words);
};

import { decodeHTMLStrict } from 'entities/decode';
import { cut, onlyCharacters } from '../runtime/characters.ts';
import { WINDOWS_1252 } from '../runtime/charset.ts';

/** Longest text that is taken over from an outside system, in characters; nothing that stands in a message is longer. */
const MAX_CHARACTERS = 500;
/** More of it is not looked at: a name does not begin behind so much markup. */
const MAX_MARKUP = 4_000;

const ENTITY = /&(?:#(\d{1,7})|#x([\da-f]{1,6})|[a-z]\w{1,31});/gi;

/** Some number a character as two halves of a pair, each with an entity of its own: put together they are it. */
const numbered = (code: number, entity: string): string => {
  if (code >= 0x80 && code < 0xa0) return WINDOWS_1252[code - 0x80] ?? '';
  return code > 0x10ffff ? entity : String.fromCodePoint(code);
};

const decoded = (entity: string, decimal?: string, hex?: string): string => {
  if (decimal !== undefined) return numbered(Number(decimal), entity);
  return hex === undefined ? decodeHTMLStrict(entity) : numbered(Number.parseInt(hex, 16), entity);
};

/** Elements of which nothing is for reading, and comments. */
const UNREAD = /<(script|style)\b[^<>]*>.*?<\/\1\s*>|<!--.*?-->/gis;
/** Tags by their names, so that `Dana < 3`, `<dana@shop.example>` and `a<c>d` stay what they are. */
const TAG =
  /<\/?(?:a|abbr|article|b|bdi|bdo|big|blockquote|body|br|button|center|cite|code|dd|del|div|dl|dt|em|embed|font|footer|form|h[1-6]|head|header|hr|html|i|iframe|img|input|ins|kbd|label|li|link|main|mark|meta|object|ol|option|p|pre|q|s|samp|script|section|select|small|span|strike|strong|style|sub|sup|svg|table|tbody|td|textarea|tfoot|th|thead|title|tr|tt|u|ul|var|video)(?:[\s/][^<>]*)?>/gi;
/** Those that begin a new line. */
const BREAK =
  /^<\/?(?:article|blockquote|br|center|dd|div|dl|dt|footer|form|h\d|header|hr|li|main|ol|option|p|pre|section|table|tbody|td|tfoot|th|thead|tr|ul)\b/i;

const withoutTags = (text: string): string => {
  const bare = text.replace(UNREAD, ' ').replace(TAG, (tag) => (BREAK.test(tag) ? ' ' : ''));
  return bare === text ? text : bare.replace(/\s+/g, ' ');
};

/** What decoders leave of a character that they lost; one that stood alone takes a space with it. */
const LOST = /\s\uFFFD+(?=\s|$)|\uFFFD+/g;

/** Something that a person can see. */
const VISIBLE = /[^\p{Default_Ignorable_Code_Point}\p{Z}\p{Cc}]/u;

/**
 * A text of an outside system – a name, a number, an answer – as a person reads it: entities of HTML decoded once, tags
 * dropped, without characters that were lost on the way (U+FFFD) or are none, trimmed, and of at most 500 characters.
 * Undefined if nothing is left that could be seen.
 */
export const plainText = (given: string): string | undefined => {
  const markup = cut(given, MAX_MARKUP);
  const text = withoutTags(markup.replace(ENTITY, decoded)).replace(LOST, '');
  const plain = cut(onlyCharacters(text).trim(), MAX_CHARACTERS);
  return VISIBLE.test(plain) ? plain : undefined;
};

import type { MessageItem } from '../ezwhatsapp/events.ts';
import type { Latest, Sent } from '../people/people.ts';
import { wordsHash } from './fingerprint.ts';

/** No person can write these in WhatsApp's own app; a workspace might let them. */
const MADE_BY_PROGRAMS = new Set(['interactive', 'buttons', 'list', 'hsm']);
const MEDIA = new Set(['image', 'video', 'gif', 'document', 'documentwithcaption']);

/** A line takes its time over what it accepted. */
const SAME_WORDS_MS = 15 * 60_000;
const SAME_KIND_MS = 60_000;
const CLOCKS_MS = 5_000;

const isOf = ({ type, text, at }: MessageItem, { words, at: sentAt }: Sent): boolean => {
  const later = Date.parse(at) - Date.parse(sentAt);
  const within = (ms: number) => later >= -CLOCKS_MS && later <= ms;
  if (text !== undefined && words === wordsHash(text)) return within(SAME_WORDS_MS);
  if (MADE_BY_PROGRAMS.has(type)) return within(SAME_KIND_MS);
  return text === undefined && MEDIA.has(type) && within(CLOCKS_MS);
};

/**
 * What of the things that we sent this person last a message out is, though the ledger does not know it again: it is seen under another name of
 * theirs, without its conversation or without its words.
 */
export const ownEcho = (item: MessageItem, { sent, replied }: Latest): Sent | undefined =>
  [sent, replied].find((one) => one !== undefined && isOf(item, one));

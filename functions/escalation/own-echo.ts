import type { MessageItem } from '../shared/ezwhatsapp/events.ts';
import { wordsHash } from '../shared/ledger/fingerprint.ts';
import type { Latest, Sent } from '../shared/people/people.ts';

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
 * Whether a message out is what we sent this person last, though the ledger does not know it again: it is seen under another name of theirs,
 * without its conversation or without its words.
 */
export const isOwnEcho = (item: MessageItem, { sent, replied }: Latest): boolean =>
  [sent, replied].some((one) => one !== undefined && isOf(item, one));

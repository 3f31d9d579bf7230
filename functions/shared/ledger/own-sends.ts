import type { MessageItem } from '../ezwhatsapp/events.ts';
import { Unavailable } from '../runtime/errors.ts';
import { fingerprintOf, sendPkOf, wordsFingerprint } from './fingerprint.ts';
import type { FoundSend, ObservedSends } from './observed-sends.ts';

/** An observed message older than this was sent by something else, or belongs to a send that is forgotten. */
const SAME_MESSAGE_MS = 24 * 3600_000;
/** As long as an echo of it may take; whoever writes the very same by hand writes it later. */
const SAME_WORDS_MS = 15 * 60_000;
/** Clocks differ, and the vendor's times are whole seconds. */
const CLOCKS_MS = 60_000;
const INDEX_LAG_SECONDS = 2;

/**
 * The send that an observed outbound message was, by the id in its answer or by its words, or `undefined` when none matches. The ledger's index
 * may lag behind by moments, so the first look that finds nothing throws `Unavailable` to have a second.
 */
export const ownSend = async (
  observed: Pick<ObservedSends, 'withFingerprint' | 'withProviderId' | 'firstLeft' | 'found'>,
  lineId: string,
  message: MessageItem,
  attempt: number,
): Promise<FoundSend | undefined> => {
  const [named] = await observed.withProviderId(lineId, message.id);
  if (named) return named;
  const { text } = message;
  const recipients = [message.phone, message.conversationId].filter((one) => one !== undefined);
  const found = await Promise.all(
    text === undefined ? [] : recipients.map((one) => observed.withFingerprint(lineId, fingerprintOf(one, text))),
  );
  const at = Date.parse(message.at);
  const sends = found
    .flat()
    .filter(({ createdAt }) => createdAt - CLOCKS_MS <= at && at - createdAt <= SAME_MESSAGE_MS);
  // The latest first: what is seen of an earlier one is older than the later one, so that whichever comes first takes no place of the other.
  const unseen = sends.filter(({ observedId }) => !observedId).sort((a, b) => b.createdAt - a.createdAt);
  const own =
    sends.find(({ observedId }) => observedId === message.id) ??
    (unseen.length > 0 ? await observed.firstLeft(unseen, attempt > 1) : undefined) ??
    (await byWords(observed, lineId, message));
  if (!own && attempt === 1) {
    throw new Unavailable('no_send_found_yet', 'The index of the ledger may be behind.', INDEX_LAG_SECONDS);
  }
  return own;
};

/** Some send of ours: which of several with these words it was nobody can tell. */
export const SOME_SEND = '';

/**
 * Of a message to a person whose number WhatsApp hides, and of whom nothing else is known yet. Words that were seen already under another id
 * are somebody's own: they forward what we wrote.
 */
const byWords = async (
  observed: Pick<ObservedSends, 'withFingerprint' | 'found'>,
  lineId: string,
  { id, phone, text, at }: MessageItem,
): Promise<FoundSend | undefined> => {
  if (phone !== undefined || text === undefined) return undefined;
  const notes = (await observed.withFingerprint(lineId, wordsFingerprint(text))).filter(({ createdAt }) => {
    const later = Date.parse(at) - createdAt;
    return later >= -CLOCKS_MS && later <= SAME_WORDS_MS;
  });
  const sends = await Promise.all(notes.map(({ pk }) => observed.found(sendPkOf(pk))));
  const [first, ...others] = notes.filter((_, i) => (sends[i]?.observedId ?? id) === id);
  return first && { ...first, pk: others.length > 0 ? SOME_SEND : sendPkOf(first.pk) };
};

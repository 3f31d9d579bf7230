import { identityOf } from '../people/identity.ts';
import { sha256 } from '../runtime/hashes.ts';
import type { SendRequest } from './send-command.ts';

/** A text as it is compared: apps differ in how they write accents and spaces. */
export const normalised = (text: string): string => text.normalize('NFC').replace(/\s+/gu, ' ').trim();

/**
 * What a message is recognised by when it is observed on the line: to whom it went – a phone, however it is written there, or a
 * conversation – and its words.
 */
export const fingerprintOf = (recipient: string, text: string): string =>
  sha256(`${identityOf(recipient)}\n${normalised(text)}`);

/** The words alone, by which a message is known of whose recipient it is seen under another name. */
export const wordsHash = (text: string): string => sha256(normalised(text)).slice(0, 32);

/** The same as a fingerprint: of a message that is seen where neither a number nor a conversation tells whose it is. */
export const wordsFingerprint = (text: string): string => sha256(`words\n${normalised(text)}`);

/** Row beside a send by which its words alone lead to it, and the send's own again. */
export const wordsPk = (sendPk: string): string => `${sendPk}${WORDS}`;
export const sendPkOf = (pk: string): string => (pk.endsWith(WORDS) ? pk.slice(0, -WORDS.length) : pk);
const WORDS = '#words';

/** What a message says, with a picture or without. */
export const saidBy = ({ body }: Pick<SendRequest, 'body'>): string | undefined => {
  const { body: text, caption } = JSON.parse(body) as Record<string, string | undefined>;
  return text ?? caption;
};

/** The fingerprint of a send, or nothing where it says too little to be recognised. */
export const fingerprint = (request: Pick<SendRequest, 'body'>): { fingerprint?: string } => {
  const { to, conversationId } = JSON.parse(request.body) as Record<string, string | undefined>;
  const recipient = to ?? conversationId;
  const words = saidBy(request);
  return recipient && words ? { fingerprint: fingerprintOf(recipient, words) } : {};
};

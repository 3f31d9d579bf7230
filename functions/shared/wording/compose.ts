import { countCharacters } from '../runtime/characters.ts';
import { Permanent } from '../runtime/errors.ts';
import { fill, MAX_BODY, type Text, type Values } from './texts.ts';

/** A message before it is one. */
export interface Draft {
  /** E.164 */
  readonly to: string;
  readonly text: Text;
  /** What stands for the placeholders, in the text and in the address of the media. */
  readonly values: Values;
  /** An address that the message leads to: on the text's button, or at the end of a text that has none. */
  readonly link?: string | undefined;
  /** Where the person is being talked with, for a text: the API takes no conversation for media. */
  readonly conversationId?: string | undefined;
  /** A picture or document by address, with the text as its caption, and no button then. */
  readonly media?: Media | undefined;
}

export interface Media {
  /** May hold placeholders; a value is encoded as part of an address. */
  readonly url: string;
}

/** What the API is asked: the exact bytes, the same for the same draft, for they are what an Idempotency-Key stands for. */
interface Request {
  readonly path: '/messages/text' | '/messages/media';
  readonly body: string;
  readonly conversationId?: string | undefined;
}

/** Throws `Permanent`: `missing_value:<name>`, `text_too_long`. */
export const compose = ({ to, conversationId, text, values, link, media }: Draft): Request => {
  const onButton = text.button !== undefined && !media;
  const body = fill(text.body, values, text.ifMissing) + (link && !onButton ? `\n${link}` : '');
  if (countCharacters(body) > MAX_BODY)
    throw new Permanent('text_too_long', `The text is longer than ${MAX_BODY} characters.`);
  if (media) {
    const address = fill(media.url, values, text.ifMissing, encodeURIComponent);
    return { path: '/messages/media', body: JSON.stringify({ to, media: address, caption: body }) };
  }
  const ctaUrlButton = link && onButton && { displayText: text.button, url: link };
  const request = { to, body, ...(ctaUrlButton && { ctaUrlButton }) };
  return { path: '/messages/text', body: JSON.stringify(request), ...(conversationId && { conversationId }) };
};

/** What is made, or the reason why it can never be. */
export const orRejected = <Made>(make: () => Made): Made | { readonly state: 'REJECTED'; readonly reason: string } => {
  try {
    return make();
  } catch (error) {
    if (error instanceof Permanent) return { state: 'REJECTED', reason: error.reason };
    throw error;
  }
};

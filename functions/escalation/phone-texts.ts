import type { MessageItem } from '../shared/ezwhatsapp/events.ts';
import { normalised } from '../shared/ledger/fingerprint.ts';
import type { Latest } from '../shared/people/people.ts';
import type { EscalationConfig } from './config.ts';

/** The app greets within two seconds; its times are whole seconds, and clocks differ. */
const AT_ONCE_MS = 5_000;
/** "Yes, of course" is written at once, and to many. */
const LEAST_CHARACTERS = 20;

const WORDS = /[\p{L}\p{M}\p{N}]+/gu;

const isNear = (at: string, other: string | undefined): boolean =>
  other !== undefined && Math.abs(Date.parse(at) - Date.parse(other)) <= AT_ONCE_MS;

/** Whether the client file lists these words as what the phone's app says by itself. */
export const isListed = (
  { text }: MessageItem,
  { automaticTexts }: Pick<EscalationConfig, 'automaticTexts'>,
): boolean => text !== undefined && (automaticTexts ?? []).some((one) => normalised(one) === normalised(text));

/** The app greets by name, "Hello Dana, …": without it that is one sentence to everybody. */
const withoutName = (words: string, name: string | undefined): string => {
  const own = new Set(normalised(name ?? '').match(WORDS));
  return normalised(words.replace(WORDS, (word) => (own.has(word) ? '' : word)));
};

/**
 * The words of a message out that may be such a one though nobody listed it: a sentence, written the moment after the other person wrote
 * or after we sent them something, for the app greets then too. Whether it is one shows when it is said to others as well.
 */
export const perhapsAutomatic = (
  { text, type, at, name }: MessageItem,
  { inboundAt, sent }: Latest,
): string | undefined => {
  const words = text === undefined || type !== 'text' ? '' : withoutName(normalised(text), name);
  const isAtOnce = isNear(at, inboundAt) || isNear(at, sent?.at);
  return isAtOnce && words.length >= LEAST_CHARACTERS ? words : undefined;
};

import { cut, isWhole, onlyCharacters } from '../runtime/characters.ts';

/** Fields of a payload as they come: of any type, or absent. */
export type Fields = Readonly<Record<string, unknown>>;

export const MAX_TEXT = 4096;
const MAX_NAME = 300;
const MAX_ID = 300;
/** Beyond this a number cannot be seconds: it would be the year 5138. */
const MILLISECONDS_FROM = 1e11;

export const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
export const fields = (value: unknown): Fields => (isFields(value) ? value : {});

export const textual = (value: unknown): string =>
  typeof value === 'string' || typeof value === 'number' ? String(value) : '';

/** What a person wrote, as it stands: it is no HTML. */
export const text = (value: unknown, max = MAX_NAME): string | undefined =>
  cut(onlyCharacters(textual(value)).trim(), max) || undefined;

/** Whole or not at all: a part of an id may be another's. */
export const id = (value: unknown): string | undefined => {
  // As the library in the browser has it: https://github.com/wppconnect-team/wppconnect-server
  const whole = textual(isFields(value) ? value._serialized : value).trim();
  return whole !== '' && whole.length <= MAX_ID && isWhole(whole) ? whole : undefined;
};

/**
 * A message's id whatever chat it is told in: services of the whapi family write `false_972501234567@c.us_3EB0` and
 * `false_4639135154356@lid_3EB0` of one and the same (https://github.com/devlikeapro/waha/issues/1816). Of groups it stays as it is.
 */
const messageIdOf = (id: string): string =>
  id.replace(/^(true|false)_\d+(?:[._]\d+)?(?::\d+)?@(?:c\.us|s\.whatsapp\.net|(?:hosted\.)?lid)_(?=.)/i, '$1_');

/** Under which a message names itself. */
export const IDS = ['id', 'message_id', 'messageId'];

/** The first of these fields that holds a message's id. */
export const firstId = (from: Fields, ...names: readonly string[]): string | undefined => {
  const found = first(from, ...names);
  return found && messageIdOf(found);
};

/** The first of these fields that holds an id or another short word. */
export const first = (from: Fields, ...names: readonly string[]): string | undefined => {
  for (const name of names) {
    const found = id(from[name]);
    if (found !== undefined) return found;
  }
  return undefined;
};

/** Nothing is later than its arrival: a word that is dated ahead must not outlast those that follow it. */
export const timeOf = (value: unknown, receivedAt: number): string => {
  const number = typeof value === 'string' && /^\s*\d+(\.\d+)?\s*$/.test(value) ? Number(value) : value;
  if (typeof number !== 'number' || !(number > 0)) return new Date(receivedAt).toISOString();
  const ms = number > MILLISECONDS_FROM ? number : number * 1000;
  // Stamps are whole seconds: one that is ahead must not outrank a true one of the second in which it came.
  return new Date(ms > receivedAt ? Math.floor(receivedAt / 1000) * 1000 : ms).toISOString();
};

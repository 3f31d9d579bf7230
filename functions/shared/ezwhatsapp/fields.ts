import { cut, isWhole, onlyCharacters } from '../runtime/characters.ts';

/** Fields of a payload as they come: of any type, or absent. */
export type Fields = Readonly<Record<string, unknown>>;

export const MAX_TEXT = 4096;
const MAX_NAME = 300;
const MAX_ID = 300;
/** Beyond this a number cannot be seconds: it would be the year 5138. So it is with each finer unit, a thousandth of the one before. */
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

/** With the chat before it, and behind it what of a message to oneself is told, or who wrote. */
const WITH_CHAT =
  /^(?:true|false)_\d+(?:[._]\d+)?(?::\d+)?@(?:c\.us|s\.whatsapp\.net|hosted|(?:hosted\.)?lid)_(.+?)(?:_(?:out|in|[^_@]+@[^_@]+))?$/i;

/**
 * A message's bare id, whatever chat it is told in: services of the whapi family write `false_972501234567@c.us_3EB0` and
 * `false_4639135154356@lid_3EB0` of one and the same (https://github.com/devlikeapro/waha/issues/1816), and `3EB0` where something is said
 * of it. Whoever writes makes it up at random, so one of theirs is never one of ours. Of groups it stays as it is.
 */
export const messageIdOf = (id: string): string => WITH_CHAT.exec(id)?.[1] ?? id;

/** Under which a message names itself. */
export const IDS = ['id', 'message_id', 'messageId'];

/** The first of these fields that holds a message's id, whole or in parts: `{fromMe, remote, id}`. */
export const firstId = (from: Fields, ...names: readonly string[]): string | undefined => {
  const ids = names.map((name) => {
    const one = from[name];
    return id(one) ?? (isFields(one) ? id(one.id) : undefined);
  });
  const found = ids.find((one) => one !== undefined);
  return found && messageIdOf(found);
};

/** The chat that a message's id names. */
export const chatOfId = (value: unknown): string | undefined =>
  (isFields(value) && id(value.remote)) || /^(?:true|false)_([^@]+@[^_@]+)_/i.exec(id(value) ?? '')?.[1];

/** The first of these fields that holds an id or another short word. */
export const first = (from: Fields, ...names: readonly string[]): string | undefined => {
  for (const name of names) {
    const found = id(from[name]);
    if (found !== undefined) return found;
  }
  return undefined;
};

const CIPHERS = /^\d+(\.\d+)?(e\+?\d+)?$/i;
/** A day and a time of day, of UTC where no zone stands behind it. Of a day alone nobody knows whether it is old. */
const ISO = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d(?::\d\d(?:\.\d+)?)?) ?(?:Z|UTC|GMT|([+-]\d\d)(?::?(\d\d))?)?$/i;
/** As letters and headers have it (RFC 2822), with a zone that is no name of one. */
const OF_A_LETTER = /^(?:[a-z]{3}, ?)?\d\d? [a-z]{3} \d{4} \d\d:\d\d(?::\d\d)? (?:GMT|UTC?|Z|[+-]\d{4})$/i;

const numberOf = (value: unknown): number => (/^ *-?\d+(\.\d+)? *$/.test(textual(value)) ? Number(value) : Number.NaN);

/**
 * As the device's library has numbers of 64 bits (https://github.com/evolution-foundation/evolution-api/pull/2049), and Google's has times:
 * seconds of either form, with or without their fractions.
 */
const ofObject = ({ low, high, seconds, nanos }: Fields): number => {
  if (seconds !== undefined)
    return (isFields(seconds) ? ofObject(seconds) : numberOf(seconds)) + (Number(nanos) || 0) / 1e9;
  const half = numberOf(low);
  return Number.isNaN(half) ? half : numberOf(high) * 2 ** 32 + (half >>> 0);
};

const msOfNumber = (number: number): number => {
  if (number <= MILLISECONDS_FROM) return number * 1000;
  if (number <= MILLISECONDS_FROM * 1e3) return number;
  return number <= MILLISECONDS_FROM * 1e6 ? number / 1e3 : number / 1e6;
};

/**
 * Epoch milliseconds: of seconds and their thousandths down to nanoseconds, also as text, `{low, high}` or `{seconds}`, of ISO 8601 and of
 * RFC 2822.
 */
const msOf = (value: unknown): number | undefined => {
  const text = textual(value).trim();
  const [, day, time, hours = '+00', minutes = '00'] = ISO.exec(text) ?? [];
  if (day !== undefined) return saneMs(Date.parse(`${day}T${time}${hours}:${minutes}`));
  if (OF_A_LETTER.test(text)) return saneMs(Date.parse(text));
  return saneMs(msOfNumber(isFields(value) ? ofObject(value) : CIPHERS.test(text) ? Number(text) : Number.NaN));
};
const saneMs = (ms: number): number | undefined => (ms > 0 && Number.isFinite(ms) ? ms : undefined);

/** That nothing is told: services that fill every field write 0 of a time that they do not know. */
const tellsNone = (value: unknown): boolean =>
  value === undefined || value === null || (isFields(value) ? ofObject(value) === 0 : /^[\s0]*$/.test(String(value)));

/** Nothing is later than its arrival: a word that is dated ahead must not outlast those that follow it. */
const notAhead = (ms: number, receivedAt: number): string =>
  // Stamps are whole seconds: one that is ahead must not outrank a true one of the second in which it came.
  new Date(ms > receivedAt ? Math.floor(receivedAt / 1000) * 1000 : ms).toISOString();

/** The first of these that can be read; `undefined` where there is some and none can. Of what has none, its arrival. */
export const timeIn = (values: readonly unknown[], receivedAt: number): string | undefined => {
  const ms = values.map(msOf).find((one) => one !== undefined);
  if (ms !== undefined) return notAhead(ms, receivedAt);
  return values.every(tellsNone) ? new Date(receivedAt).toISOString() : undefined;
};

/** Of what is nobody's words: one that cannot be read is its arrival. */
export const timeOf = (value: unknown, receivedAt: number): string =>
  timeIn([value], receivedAt) ?? new Date(receivedAt).toISOString();

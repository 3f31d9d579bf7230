import * as z from 'zod/mini';
import { isWhole } from '../runtime/characters.ts';
import { Invalid } from '../runtime/errors.ts';
import { onlyOne, parseJson } from '../runtime/json.ts';
import { plainText } from '../wording/plain-text.ts';
import { onePhone } from './one-recipient.ts';

const MAX_ID = 500;

/** An id as text: ids come as numbers or texts, and `parseJson` keeps large ones as text already. Never cut or cleaned: it would be another's. */
export const idSchema = z.pipe(
  z.union([z.string().check(z.minLength(1), z.maxLength(MAX_ID), z.refine(isWhole)), z.int()]),
  z.transform(String),
);

/** The same of something that may be absent or anything else. */
export const idOf = (value: unknown): string | undefined => {
  const result = idSchema.safeParse(typeof value === 'string' ? value.trim() : value);
  return result.success ? result.data : undefined;
};

export const optionalId = z.optional(z.pipe(z.unknown(), z.transform(idOf)));

const MAX_LINK = 2000;
const NO_LINK = /[\s\p{C}]/u;

/** A link that may be absent or anything else: https, and whole, for a part of it or another spelling leads elsewhere. */
export const optionalLink = z.optional(
  z.pipe(
    z.unknown(),
    z.transform((value) => {
      const link = typeof value === 'string' ? value.trim() : '';
      const isPlain = link.length <= MAX_LINK && link.startsWith('https://') && !NO_LINK.test(link);
      const isLink = isPlain && isWhole(link) && URL.canParse(link);
      return isLink ? link : undefined;
    }),
  ),
);

const cleaned = (value: unknown): string | undefined =>
  typeof value === 'string' || typeof value === 'number' ? plainText(String(value)) : undefined;

/** Text for people that may be absent, null, empty, a number or, from a broken sender, anything else: then it counts as absent. */
export const optionalText = z.optional(z.pipe(z.unknown(), z.transform(cleaned)));

/** The same of a number, which some senders put into a list of one. */
export const optionalPhone = z.optional(
  z.pipe(
    z.unknown(),
    z.transform((value) => cleaned(onePhone(value))),
  ),
);

const ISO_INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)$/;

/** ISO 8601 with `Z` or an offset, as `Z` to the millisecond. */
export const instantSchema = z.pipe(
  z.string().check(z.refine((text) => ISO_INSTANT.test(text) && !Number.isNaN(Date.parse(text)))),
  z.transform((text) => new Date(text).toISOString()),
);

/** The same of something that may be absent or anything else. */
export const instantIn = (value: unknown): string | undefined => {
  const result = instantSchema.safeParse(value);
  return result.success ? result.data : undefined;
};

const DAY_MS = 24 * 3600_000;

/**
 * Refuses an instant that is more than a day ahead: a message of it would never grow old.
 * @param name of the field, for whoever sent it
 * @throws Invalid with the reason `timestamp_in_the_future`
 */
export const assertNotAhead = (instant: string, receivedAt: number, name: string): void => {
  if (Date.parse(instant) <= receivedAt + DAY_MS) return;
  throw new Invalid('timestamp_in_the_future', `${name} is more than a day in the future.`);
};

/**
 * The JSON of a body that is one event, which some senders put into a list of one.
 * @throws Invalid with the reason `not_json`, or `several_events` for a list of more
 */
export const bodyIn = (raw: Uint8Array): unknown => {
  const json = onlyOne(parseJson(raw));
  if (!Array.isArray(json) || json.length < 2) return json;
  throw new Invalid('several_events', `The body is a list of ${json.length}: send each event by itself.`);
};

/**
 * Checks a parsed body against the least it must hold. Throws `Invalid` that names the path and never the value.
 * @param name of what is checked, where that is not all of the body
 */
export const shape = <Schema extends z.ZodMiniType>(
  schema: Schema,
  value: unknown,
  name = 'the body',
): z.infer<Schema> => {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const path = issue?.path.join('.') || name;
  throw new Invalid('wrong_shape', `${path} is missing or not of the expected kind.`);
};

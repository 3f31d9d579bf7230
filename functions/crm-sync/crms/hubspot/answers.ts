import * as z from 'zod/mini';
import { anId, type ReadRefusal } from '../../api.ts';

const problem = z.object({
  status: z.literal('error'),
  category: z.optional(z.string()),
  message: z.optional(z.string()),
});
/** A batch answers 207 where some of it was refused. */
const refused = z.union([problem, z.object({ errors: z.tuple([problem], problem) })]);

/** HubSpot's category for a unique value that stands on another contact: of a property of one's own it is told in words as well. */
export const TAKEN = 'CONFLICT';

/** What HubSpot says of a no, alone or within the answer to a batch. */
export const refusalIn: ReadRefusal = (json) => {
  const { data } = z.safeParse(refused, json);
  if (!data) return undefined;
  const { category: code = 'error', message: words } = 'errors' in data ? data.errors[0] : data;
  if (/\b(unique|already)\b/i.test(words ?? '')) return { code: TAKEN, words };
  if (code === 'OBJECT_NOT_FOUND') return { code, words, means: 'gone' };
  return { code, words, ...(code === 'RATE_LIMITS' && { means: 'later' }) };
};

/** Of a batch of one. */
export const written = z.object({ results: z.tuple([z.object({ id: anId })], z.unknown()) });

/** Who is left after a merge. */
export const merged = z.object({ id: anId });

/** Numbers of a contact, by the names of their properties. */
const properties = z.record(z.string(), z.nullish(z.string()));
export const contact = z.object({ id: anId, properties });
export const found = z.object({ results: z.array(z.object({ id: anId, properties })) });

import * as z from 'zod/mini';
import { anId, type ReadRefusal } from '../../api.ts';

const refused = z.object({
  success: z.literal(false),
  error: z.optional(z.string()),
  error_info: z.optional(z.nullable(z.string())),
  code: z.optional(z.string()),
});

/** What Pipedrive says of a no. */
export const refusalIn: ReadRefusal = (json) => {
  const { data } = z.safeParse(refused, json);
  return data && { code: data.code ?? 'error', words: data.error ?? data.error_info ?? '' };
};

export const written = z.object({ success: z.literal(true), data: z.object({ id: anId }) });

export const found = z.object({
  success: z.literal(true),
  data: z.object({ items: z.array(z.object({ item: z.object({ id: anId, phones: z.array(z.string()) }) })) }),
});

export const notes = z.object({
  success: z.literal(true),
  data: z.nullable(z.array(z.object({ content: z.nullish(z.string()) }))),
});

/** A person who was deleted may still be read for thirty days, and is marked so. */
export const person = z.object({
  success: z.literal(true),
  data: z.object({
    id: anId,
    name: z.nullish(z.string()),
    phones: z.nullish(z.array(z.object({ value: z.nullish(z.string()) }))),
    is_deleted: z.optional(z.boolean()),
    active_flag: z.optional(z.boolean()),
  }),
});

import * as z from 'zod/mini';
import { anId, type ReadRefusal } from '../../api.ts';

const problem = z.object({
  status: z.literal('error'),
  code: z.string(),
  message: z.optional(z.string()),
  details: z.optional(z.object({ id: z.optional(anId), duplicate_record: z.optional(z.object({ id: anId })) })),
});
/** Of a row it stands in `data`, under 200, 202, 207 or 400; of a request by itself. */
const refused = z.union([
  problem,
  z.object({ data: z.tuple([problem], z.unknown()) }),
  z.object({ merge: z.tuple([problem], z.unknown()) }),
]);

const LATER = [
  'AUTHENTICATION_FAILURE',
  'INTERNAL_ERROR',
  'INVALID_TOKEN',
  'NO_PERMISSION',
  'RECORD_LOCKED',
  'TOO_MANY_REQUESTS',
];

/** What Zoho says of a no. The contact that is not there is an id that "seems to be invalid". */
export const refusalIn: ReadRefusal = (json) => {
  const { data } = z.safeParse(refused, json);
  if (!data) return undefined;
  const { code, message: words = '', details } = 'data' in data ? data.data[0] : 'merge' in data ? data.merge[0] : data;
  if (code === 'DUPLICATE_DATA') return { code, words, id: details?.duplicate_record?.id ?? details?.id };
  if (code === 'INVALID_DATA' && /\bid\b.{0,200}\binvalid\b/i.test(words)) return { code, words, means: 'gone' };
  return { code, words, ...(LATER.includes(code) && { means: 'later' }) };
};

/** Of one row. */
export const written = z.object({
  data: z.tuple([z.object({ status: z.literal('success'), details: z.object({ id: anId }) })], z.unknown()),
});

/** Done, or planned. */
export const merging = z.object({ merge: z.tuple([z.object({ status: z.literal('success') })], z.unknown()) });

/** Nothing found is no content. */
const rowsOf = <T extends z.ZodMiniType>(row: T) =>
  z.pipe(
    z.optional(z.object({ data: z.array(row) })),
    z.transform((value): z.output<T>[] => value?.data ?? []),
  );

const text = z.nullish(z.string());
export const contacts = rowsOf(
  z.object({ id: anId, Phone: text, Mobile: text, EZW_WA_Id: text, Last_Name: text, Created_Time: text }),
);
export const notes = rowsOf(z.object({ Note_Title: z.nullish(z.string()) }));

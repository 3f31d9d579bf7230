import * as z from 'zod/mini';
import { anId, type ReadRefusal } from '../../api.ts';

const problem = z.object({ errorCode: z.string(), message: z.optional(z.string()) });
const refused = z.tuple([problem], z.unknown());

/** What a `WhoId`, or the record in an address, is after it was deleted, merged into another, or converted. */
const GONE = ['CANNOT_UPDATE_CONVERTED_LEAD', 'ENTITY_IS_DELETED', 'INVALID_CROSS_REFERENCE_KEY', 'MALFORMED_ID'];
const LATER = ['REQUEST_LIMIT_EXCEEDED', 'SERVER_UNAVAILABLE', 'UNABLE_TO_LOCK_ROW'];

/** What Salesforce says of a no: a list, of which the first tells. */
export const refusalIn: ReadRefusal = (json) => {
  const { data } = z.safeParse(refused, json);
  if (!data) return undefined;
  const [{ errorCode: code, message: words }] = data;
  if (GONE.includes(code)) return { code, words, means: 'gone' };
  return { code, words, ...(LATER.includes(code) && { means: 'later' }) };
};

/** Another record has the value of a unique field, or a rule against duplicates found one. */
export const TAKEN = ['DUPLICATE_VALUE', 'DUPLICATES_DETECTED'];

/** An upsert that changed something answers no content in older versions. */
export const written = z.optional(z.object({ id: anId, success: z.literal(true) }));

export const byKey = z.object({ Id: anId });
export const record = z.object({
  LastName: z.nullish(z.string()),
  Phone: z.nullish(z.string()),
  MobilePhone: z.nullish(z.string()),
});

const text = z.nullish(z.string());
export const found = z.object({
  searchRecords: z.array(
    z.object({
      Id: anId,
      Phone: text,
      MobilePhone: text,
      HomePhone: text,
      OtherPhone: text,
      CreatedDate: text,
    }),
  ),
});

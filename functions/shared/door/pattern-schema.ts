import * as z from 'zod/mini';

export const isWorded = (text: string): boolean => /[\p{L}\p{N}]/u.test(text.normalize('NFKC'));

/** Of a question, an answer or a form. */
export const name = z.string().check(z.minLength(1), z.maxLength(200));
/** Of a question or an answer. Signs are not compared, so one of signs alone would be like every answer without a letter. */
export const pattern = name.check(
  z.refine(isWorded, {
    error:
      'write a letter or a digit: signs are not compared, so this would match every answer that has none, and * any',
  }),
);
export const patterns = z.array(pattern).check(z.minLength(1));

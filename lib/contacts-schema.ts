import { parsePhoneNumberFromString } from 'libphonenumber-js/min';
import * as z from 'zod/mini';

const OPERATOR = "operator: { name: 'Dana Levi', phone: '+972501234567', email: 'dana@agency.example' }";

/** In place of zod's own words where something is not there at all. */
const missing = (say: string) => ({
  error: ({ input }: { readonly input?: unknown }) => (input === undefined ? say : undefined),
});

const nameSchema = z
  .string(missing("write a name, '…'"))
  .check(z.regex(/^[^\p{Cc}\p{Zl}\p{Zp}]*\S[^\p{Cc}\p{Zl}\p{Zp}]*$/u, 'write a name, on one line'));
/** A number that could be called as it stands. */
const isE164 = (text: string): boolean => {
  const number = parsePhoneNumberFromString(text, { extract: false });
  return number?.isPossible() === true && number.number === text;
};

/** A phone in E.164 that could be called as it stands. */
export const phoneSchema = z
  .string(missing('write a number with its country, such as +972501234567'))
  .check(z.refine(isE164, 'write a number with its country and no other signs, such as +972501234567'));
const emailSchema = z.email({ error: 'write an e-mail address' });

/** The people behind a line. */
export const contactsSchema = z.strictObject(
  {
    /** Who runs this stack: whom the client asks, and whose own phone test messages go to. */
    operator: z.strictObject(
      {
        name: nameSchema,
        phone: phoneSchema,
        email: emailSchema,
      },
      missing(`write who runs this client: ${OPERATOR}`),
    ),
    /** Who holds the phone of the line, at the client: hears in their own language what to do when it must be linked again. */
    client: z.optional(
      z.strictObject({
        name: nameSchema,
        email: emailSchema,
        /** Theirs, where it is not the client's. */
        locale: z.optional(
          z.string().check(z.regex(/^[a-z]{2,3}(-[A-Z]{2})?$/, 'write a locale such as he, en or en-GB')),
        ),
      }),
    ),
  },
  missing(`write who runs this client: { ${OPERATOR} }`),
);

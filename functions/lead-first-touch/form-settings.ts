import * as z from 'zod/mini';
import { yesValues } from '../shared/door/consent-schema.ts';
import { isWorded, name, pattern, patterns } from '../shared/door/pattern-schema.ts';

const names = z.array(name).check(z.minLength(1));

/**
 * What proves that the person agreed to a WhatsApp message. Names and answers are compared without regard to case, spaces and
 * punctuation; `*` stands for any characters.
 */
const consentSchema = z
  .strictObject({
    /** Questions whose answer is the consent. The first of them that is on the form decides, answered or not. */
    fields: z._default(z.array(pattern), []),
    values: yesValues,
    /** The words on a form that nobody can send without agreeing. They count only for a form that has none of `fields`. */
    statement: z.optional(
      z
        .string()
        .check(
          z.minLength(10),
          z.maxLength(500),
          z.refine(isWorded, { error: 'write the words that stand on the form: these are blank' }),
        ),
    ),
  })
  .check(
    z.refine(({ fields, statement }) => fields.length > 0 || statement !== undefined, {
      error: 'write the fields that hold the consent, or the statement that stands on the form',
      path: ['fields'],
    }),
  );

/** The same for forms that a browser sends: there a box that nobody ticked looks like a form that has no box. */
const browserConsentSchema = consentSchema.check(
  z.refine(({ fields, statement }) => fields.length === 0 || statement === undefined, {
    error:
      'a browser does not send a box that is not ticked, so a statement beside fields would speak for whoever left it empty: write one of them, and for a form of the other kind a rule in consentByForm',
    path: ['statement'],
  }),
);

/** Where a form's answers are: for each, the names it may have, most telling first. */
const fieldsSchema = z.strictObject({
  phone: z._default(patterns, [
    'phone',
    'phone_number',
    'mobile',
    'mobile_number',
    'whatsapp',
    'whatsapp_number',
    'tel',
    'telephone',
    'cell',
    'your_phone',
    'your_tel',
    'work_phone',
    'טלפון',
    'מספר טלפון',
    'נייד',
    'טלפון נייד',
  ]),
  /** Country of a national phone number: a code, a name in whatever language, or a calling code. */
  country: z._default(patterns, [
    'phone_country',
    'phone_country_code',
    'country_prefix',
    'country',
    'country_code',
    'country_name',
    'dial_code',
    'calling_code',
    'land',
    'pays',
    'país',
    'pais',
    'paese',
    'מדינה',
    'ארץ',
    'البلد',
    'الدولة',
  ]),
  /** Area code of a number whose field holds the rest of it. */
  area: z._default(patterns, ['phone_area', 'phone_area_code']),
  name: z._default(patterns, ['name', 'full_name', 'your_name', 'שם', 'שם מלא']),
  firstName: z._default(patterns, ['first_name', 'firstname', 'שם פרטי']),
  email: z._default(patterns, ['email', 'e_mail', 'your_email', 'email_address', 'אימייל', 'דוא"ל']),
  locale: z._default(patterns, ['locale', 'language', 'lang']),
});

const settingsWith = (consent: typeof consentSchema) => ({
  consent,
  /** Another rule for single forms, by form id. */
  consentByForm: z.optional(z.record(name, consent)),
  /** Ids of the forms that make leads; all of them unless given. */
  forms: z.optional(names),
  fields: z.prefault(fieldsSchema, {}),
});

/** What every source needs whose forms are of the client's own making and which sends every question, answered or not. */
export const formSettings = settingsWith(consentSchema);
/** The same of a source whose forms a browser sends. */
export const browserFormSettings = settingsWith(browserConsentSchema);

export type ConsentRule = z.infer<typeof consentSchema>;
export type FieldNames = z.infer<typeof fieldsSchema>;
export type FormSettings = z.infer<z.ZodMiniObject<typeof formSettings>>;

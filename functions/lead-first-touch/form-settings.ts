import * as z from 'zod/mini';

/** Of a question, an answer or a form. */
export const name = z.string().check(z.minLength(1), z.maxLength(200));
const names = z.array(name).check(z.minLength(1));
/**
 * What proves that the person agreed to a WhatsApp message. Names and answers are compared without regard to case, spaces and
 * punctuation; `*` stands for any characters.
 */
const consentSchema = z
  .strictObject({
    /** Questions whose answer is the consent. The first of them that was answered decides. */
    fields: z._default(z.array(name), []),
    /** Answers that mean yes. */
    values: z._default(names, ['true', 'yes', 'on', '1']),
    /** The words on a form that nobody can send without agreeing. They count only while none of `fields` was answered. */
    statement: z.optional(z.string().check(z.minLength(10), z.maxLength(500))),
  })
  .check(
    z.refine(({ fields, statement }) => fields.length > 0 || statement !== undefined, {
      error: 'write the fields that hold the consent, or the statement that stands on the form',
      path: ['fields'],
    }),
  );

/** Where a form's answers are: for each, the names it may have, most telling first. */
const fieldsSchema = z.strictObject({
  phone: z._default(names, [
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
  country: z._default(names, [
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
  name: z._default(names, ['name', 'full_name', 'your_name', 'שם', 'שם מלא']),
  firstName: z._default(names, ['first_name', 'firstname', 'שם פרטי']),
  email: z._default(names, ['email', 'e_mail', 'your_email', 'email_address', 'אימייל', 'דוא"ל']),
  locale: z._default(names, ['locale', 'language', 'lang']),
});

/** What every source needs whose forms are of the client's own making. */
export const formSettings = {
  consent: consentSchema,
  /** Another rule for single forms, by form id. */
  consentByForm: z.optional(z.record(name, consentSchema)),
  /** Ids of the forms that make leads; all of them unless given. */
  forms: z.optional(names),
  fields: z.prefault(fieldsSchema, {}),
};

export type ConsentRule = z.infer<typeof consentSchema>;
export type FieldNames = z.infer<typeof fieldsSchema>;
export type FormSettings = z.infer<z.ZodMiniObject<typeof formSettings>>;

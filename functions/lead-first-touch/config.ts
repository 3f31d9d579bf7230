import { isSupportedCountry } from 'libphonenumber-js/min';
import * as z from 'zod/mini';
import { durationSchema } from '../shared/hours/duration-schema.ts';
import { outsideUrl } from '../shared/runtime/address-schema.ts';
import { textsSchema } from '../shared/wording/text-schemas.ts';

/** What the texts of this template may hold in braces. */
const PLACEHOLDERS = ['name'] as const;

const name = z.string().check(z.minLength(1), z.maxLength(200));
const names = z.array(name).check(z.minLength(1));
const httpsUrl = z.url({ protocol: /^https$/, error: 'write an https address' });
const origin = z
  .string()
  .check(
    z.regex(
      /^(https:\/\/[a-z0-9.-]+(:\d+)?|http:\/\/127\.0\.0\.1:\d+)$/,
      'write an origin, such as https://shop.example',
    ),
  );

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

const formSource = {
  consent: consentSchema,
  /** Another rule for single forms, by form id. */
  consentByForm: z.optional(z.record(name, consentSchema)),
  /** Ids of the forms that make leads; all of them unless given. */
  forms: z.optional(names),
  fields: z.prefault(fieldsSchema, {}),
};

const metaSchema = z.strictObject({
  ...formSource,
  graphApi: z._default(outsideUrl, 'https://graph.facebook.com'),
  apiVersion: z._default(z.string().check(z.regex(/^v\d{2}\.\d$/, 'write a version such as v24.0')), 'v24.0'),
});

const formSchema = z.strictObject({
  ...formSource,
  /** Lets pages of the client post straight from the visitor's browser, without a secret. */
  browser: z.optional(
    z.strictObject({
      origins: z.array(origin).check(z.minLength(1)),
      /** A field that the page hides and only a robot fills. */
      honeypot: z._default(name, 'website'),
      /** Posts that one address may make in a minute. */
      perAddressPerMinute: z._default(z.int().check(z.gte(1), z.lte(1000)), 20),
    }),
  ),
});

export const leadFirstTouchSchema = z.strictObject({
  /** How long after it was submitted a lead is still touched. */
  usefulFor: z._default(durationSchema, 'PT2H'),
  /** One phone is touched once in this time, however many forms it fills. */
  oncePerPhone: z._default(durationSchema, 'P30D'),
  /** Countries of the phones that are touched; all of them unless given. */
  countries: z.optional(
    z
      .array(z.string().check(z.refine(isSupportedCountry, 'write ISO country codes in capitals, such as IL')))
      .check(z.minLength(1)),
  ),
  texts: textsSchema(PLACEHOLDERS),
  /** Where the text's button leads. */
  link: z.optional(httpsUrl),
  sources: z.strictObject({
    meta: z.optional(metaSchema),
    'google-ads': z.optional(z.strictObject(formSource)),
    typeform: z.optional(z.strictObject(formSource)),
    webflow: z.optional(z.strictObject(formSource)),
    form: z.optional(formSchema),
    custom: z.optional(z.strictObject({})),
  }),
});

export type ConsentRule = z.infer<typeof consentSchema>;
export type FieldNames = z.infer<typeof fieldsSchema>;
/** What every source needs whose forms are of the client's own making. */
export type FormSettings = z.infer<z.ZodMiniObject<typeof formSource>>;
export type MetaSettings = z.infer<typeof metaSchema>;
export type WebFormSettings = z.infer<typeof formSchema>;

/** What the function knows of the client: its own slice and what all templates share. */
export type LeadFirstTouchConfig = z.infer<typeof leadFirstTouchSchema> & {
  readonly lineId: string;
  readonly country: string;
  readonly locale: string;
};

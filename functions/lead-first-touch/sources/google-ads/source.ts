import * as z from 'zod/mini';
import { bodyIn, idSchema, optionalText, shape } from '../../../shared/door/body-shape.ts';
import { plainNames } from '../../../shared/door/origin.ts';
import { acceptedSecrets, assertSecret } from '../../../shared/door/signatures.ts';
import type { Source, SourceRequest } from '../../../shared/door/source.ts';
import { charsetOf, decodeText } from '../../../shared/runtime/charset.ts';
import { Unauthorized } from '../../../shared/runtime/errors.ts';
import { jsonIn, onlyOne } from '../../../shared/runtime/json.ts';
import { formSettings } from '../../form-settings.ts';
import { leadOf } from '../../lead.ts';
import type { Lead } from '../../schema.ts';

const settings = z.strictObject(formSettings);

const body = z.object({
  lead_id: idSchema,
  form_id: z.optional(z.nullable(idSchema)),
  is_test: z.optional(z.unknown()),
  lead_submit_time: optionalText,
  // The name may be missing, and is in the form's language: the id is what a form can be mapped by.
  user_column_data: z.array(
    z.object({ column_id: optionalText, column_name: optionalText, string_value: z.optional(z.unknown()) }),
  ),
});

const keyIn = ({ headers, raw }: SourceRequest): string | undefined => {
  const { google_key: key } = Object(onlyOne(jsonIn(decodeText(raw, charsetOf(headers['content-type'])))));
  return typeof key === 'string' ? key : undefined;
};

/** Lead form assets. Nothing is signed: a key stands in the body. Ids are 64-bit and stay exact. */
export const source: Source<Lead, typeof settings> = {
  settings,
  example: () => ({ consent: { fields: ['whatsapp_consent'] } }),
  origin: {
    what: 'form',
    write: 'the id of the form',
    such: '12345678901',
    field: 'form_id',
    names: plainNames,
    isNeedless: ({ forms }) => forms !== undefined,
  },
  authenticate(request, secret) {
    const given = keyIn(request);
    if (!given) throw new Unauthorized('key_missing', 'The body holds no google_key.');
    assertSecret(given, acceptedSecrets(secret));
  },
  /** The last of two equal names counts, so the key goes to the end and the rest of the body stays as it is. */
  sign: (text, secret) => {
    const object = /^\s*\{([\s\S]*)\}\s*$/.exec(text);
    const rest = object?.[1]?.trim();
    const key = `"google_key":${JSON.stringify(secret.current)}`;
    return {
      headers: { 'content-type': 'application/json' },
      body: object ? `{${rest ? `${rest},` : ''}${key}}` : text,
    };
  },
  parse({ raw, receivedAt }, own) {
    const lead = shape(body, bodyIn(raw));
    const answers = lead.user_column_data.map(({ column_id: id, column_name: name, string_value: value }) => ({
      names: [id, name].filter((one) => one !== undefined),
      question: name,
      value,
      isPhone: id === 'PHONE_NUMBER' || id === 'WORK_PHONE',
    }));
    const submission = {
      source: 'google-ads',
      id: lead.lead_id,
      formId: lead.form_id ?? undefined,
      submittedAt: lead.lead_submit_time,
      answers,
      isTest: lead.is_test === true || lead.is_test === 'true',
    };
    return [{ origin: submission.formId, event: leadOf(submission, own, { raw, receivedAt }) }];
  },
};

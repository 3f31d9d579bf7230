import * as z from 'zod/mini';
import { bodyIn, idSchema, optionalText, shape } from '../../../shared/door/body-shape.ts';
import { headerHmac } from '../../../shared/door/header-hmac.ts';
import { plainNames } from '../../../shared/door/origin.ts';
import { secretsIn } from '../../../shared/door/sent-secrets.ts';
import { acceptedSecrets, assertSecret } from '../../../shared/door/signatures.ts';
import type { Source } from '../../../shared/door/source.ts';
import { Unauthorized } from '../../../shared/runtime/errors.ts';
import { browserFormSettings } from '../../form-settings.ts';
import { leadOf } from '../../lead.ts';
import type { Lead } from '../../schema.ts';

const settings = z.strictObject(browserFormSettings);

const FORM_SUBMISSION = 'form_submission';
const SIGNATURE = 'x-webflow-signature';
const proof = headerHmac({
  header: SIGNATURE,
  encoding: 'hex',
  time: { header: 'x-webflow-timestamp', unitMs: 1, separator: ':', toleranceSeconds: 300 },
});

const answers = z.record(z.string(), z.unknown());
const envelope = z.object({ triggerType: z.optional(z.string()) });
const second = z.object({
  payload: z.object({
    id: idSchema,
    name: optionalText,
    siteId: optionalText,
    formId: optionalText,
    submittedAt: optionalText,
    data: answers,
  }),
});
/** Hooks of the first version have no envelope. */
const first = z.object({ _id: idSchema, site: optionalText, name: optionalText, d: optionalText, data: answers });

/** Hooks made through the API are signed; hooks made in the dashboard are not, and carry the secret in their address. */
export const source: Source<Lead, typeof settings> = {
  settings,
  secretInPath: true,
  example: () => ({ consent: { fields: ['whatsapp_consent'] } }),
  origin: {
    what: 'site',
    write: 'the id of the site',
    such: '65427cf400e02b306eaa049c',
    field: 'payload.siteId',
    names: plainNames,
  },
  authenticate(request, secret) {
    const secrets = secretsIn(request);
    for (const one of secrets) assertSecret(one, acceptedSecrets(secret));
    if (secrets.length > 0) return;
    if (request.headers[SIGNATURE] === undefined) {
      throw new Unauthorized(
        'signature_missing',
        'The request carries neither x-webflow-signature nor a secret in its path or headers.',
      );
    }
    proof.authenticate(request, secret);
  },
  sign: proof.sign,
  parse({ raw, receivedAt }, own) {
    const json = bodyIn(raw);
    const { triggerType } = shape(envelope, json);
    if (triggerType !== undefined && triggerType !== FORM_SUBMISSION) return [];
    const { id, siteId, formId, submittedAt, data } =
      triggerType === undefined ? firstVersion(json) : shape(second, json).payload;
    const submission = {
      source: 'webflow',
      id,
      formId,
      submittedAt,
      answers: Object.entries(data).map(([name, value]) => ({ names: [name], value })),
    };
    return [{ origin: siteId, event: leadOf(submission, own, { raw, receivedAt }) }];
  },
};

const firstVersion = (json: unknown) => {
  const { _id: id, site: siteId, name: formId, d: submittedAt, data } = shape(first, json);
  return { id, siteId, formId, submittedAt, data };
};

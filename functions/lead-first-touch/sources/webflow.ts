import * as z from 'zod/mini';
import { idSchema, optionalText, shape } from '../../shared/door/body-shape.ts';
import { acceptedSecrets, assertFresh, assertSecret, assertSigned } from '../../shared/door/signatures.ts';
import type { Source } from '../../shared/door/source.ts';
import { Unauthorized } from '../../shared/runtime/errors.ts';
import { hmac } from '../../shared/runtime/hashes.ts';
import { parseJson } from '../../shared/runtime/json.ts';
import type { FormSettings } from '../config.ts';
import { secretsIn } from '../form/proof.ts';
import { leadOf } from '../lead.ts';
import type { Lead } from '../schema.ts';

const TOLERANCE_SECONDS = 300;
const FORM_SUBMISSION = 'form_submission';

const answers = z.record(z.string(), z.unknown());
const envelope = z.object({ triggerType: z.optional(z.string()) });
const second = z.object({
  payload: z.object({
    id: idSchema,
    name: optionalText,
    formId: optionalText,
    submittedAt: optionalText,
    data: answers,
  }),
});
/** Hooks of the first version have no envelope. */
const first = z.object({ _id: idSchema, name: optionalText, d: optionalText, data: answers });

/** Hooks made through the API are signed; hooks made in the dashboard are not, and carry the secret in their address. */
export const webflow: Source<Lead, FormSettings> = {
  authenticate(request, secret) {
    const { headers, raw, receivedAt } = request;
    const [accepted, secrets] = [acceptedSecrets(secret), secretsIn(request)];
    const given = headers['x-webflow-signature'];
    for (const one of secrets) assertSecret(one, accepted);
    if (secrets.length > 0) return;
    if (given === undefined) {
      throw new Unauthorized(
        'signature_missing',
        'The request carries neither x-webflow-signature nor a secret in its path or headers.',
      );
    }
    const milliseconds = headers['x-webflow-timestamp'] ?? '';
    assertSigned(
      [given],
      accepted.map((one) => hmac(one, 'hex', `${milliseconds}:`, raw)),
    );
    const seconds = /^\d+$/.test(milliseconds) ? Number(milliseconds) / 1000 : Number.NaN;
    assertFresh(seconds, receivedAt, TOLERANCE_SECONDS);
  },
  sign: (body, secret, at) => {
    const milliseconds = String(at.getTime());
    return {
      headers: {
        'content-type': 'application/json',
        'x-webflow-timestamp': milliseconds,
        'x-webflow-signature': hmac(secret.current, 'hex', `${milliseconds}:`, body),
      },
      body,
    };
  },
  parse({ raw, receivedAt }, settings) {
    const json = parseJson(raw);
    const { triggerType } = shape(envelope, json);
    if (triggerType !== undefined && triggerType !== FORM_SUBMISSION) return [];
    const { id, formId, submittedAt, data } =
      triggerType === undefined ? firstVersion(json) : shape(second, json).payload;
    const submission = {
      source: 'webflow',
      id,
      formId,
      submittedAt,
      answers: Object.entries(data).map(([name, value]) => ({ names: [name], value })),
    };
    return [{ event: leadOf(submission, settings, { raw, receivedAt }) }];
  },
};

const firstVersion = (json: unknown) => {
  const { _id: id, name: formId, d: submittedAt, data } = shape(first, json);
  return { id, formId, submittedAt, data };
};

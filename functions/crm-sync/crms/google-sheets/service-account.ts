import { sign } from 'node:crypto';
import { Unavailable } from '../../../shared/runtime/errors.ts';
import { cachedToken, idIn, settled } from '../../api.ts';
import type { CrmSecret, CrmTools } from '../../crm.ts';
import { secretText } from '../../crm-secret.ts';

const GRANT = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
/** The longest that Google takes. */
const HOUR_SECONDS = 3600;

const base64url = (part: object): string => Buffer.from(JSON.stringify(part)).toString('base64url');

/** A JWT by RS256. Throws `Unavailable` while the stored key is none: nothing is lost until a person has stored another. */
const signed = (claims: object, key: string): string => {
  const text = `${base64url({ alg: 'RS256', typ: 'JWT' })}.${base64url(claims)}`;
  try {
    // Whoever copies the key by hand out of its JSON has \n in two characters.
    const signature = sign('RSA-SHA256', Buffer.from(text), key.replaceAll('\\n', '\n'));
    return `${text}.${signature.toString('base64url')}`;
  } catch {
    throw new Unavailable(
      'crm_secret_no_key',
      'private_key in the CRM secret is no private key: store the whole key file.',
    );
  }
};

/** Access tokens of a Google service account, for a JWT that is signed with its key. */
export const serviceAccount = (
  url: string,
  scope: string,
  secret: CrmSecret,
  { http, now }: CrmTools,
): ((fresh: boolean) => Promise<string>) =>
  cachedToken(async () => {
    const iat = Math.floor(now() / 1000);
    const claims = { iss: secretText(secret, 'client_email'), scope, aud: url, iat, exp: iat + HOUR_SECONDS };
    const assertion = signed(claims, secretText(secret, 'private_key'));
    const body = new URLSearchParams({ grant_type: GRANT, assertion }).toString();
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const { status, json } = settled(await http({ method: 'POST', url, headers, body }), now(), { expect: [400] });
    if (status === 400)
      throw new Unavailable('crm_key_refused', 'Google does not take the key in the CRM secret any more.');
    return {
      value: idIn((json as { readonly access_token?: unknown } | undefined)?.access_token),
      seconds: HOUR_SECONDS,
    };
  }, now);

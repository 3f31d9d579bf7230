import { type HeaderHmac, headerHmac } from '../../../shared/door/header-hmac.ts';
import { secretsIn } from '../../../shared/door/sent-secrets.ts';
import { acceptedSecrets, assertSecret, type SourceSecret } from '../../../shared/door/signatures.ts';
import type { SignedRequest, SourceRequest } from '../../../shared/door/source.ts';
import { Unauthorized } from '../../../shared/runtime/errors.ts';

/** What plug-ins sign. A hook of WPForms that is form-encoded signs something else than its body and is refused. */
const SIGNATURES: Readonly<Record<string, HeaderHmac>> = {
  wpforms: {
    header: 'x-wpforms-webhook-signature',
    encoding: 'hex',
    time: { beside: 'v', alone: true, unitMs: 1000, separator: '.', toleranceSeconds: 300 },
  },
  tally: { header: 'tally-signature', encoding: 'base64' },
};

const signaturesIn = ({ headers }: Pick<SourceRequest, 'headers'>): [plugin: string, row: HeaderHmac][] =>
  Object.entries(SIGNATURES).filter(([, { header }]) => headers[header] !== undefined);

/** A plug-in may have a secret of its own. */
const secretOf = (plugin: string, secret: SourceSecret): SourceSecret => {
  const current = secret[plugin];
  return current ? { current } : secret;
};

/** A post with neither a secret nor a signature: at best one that a page of the client made. */
export const isUnproven = (request: SourceRequest): boolean =>
  secretsIn(request).length === 0 && signaturesIn(request).length === 0;

/** As the plug-in signs whose signature's header is among these; else with the secret as it is. */
export const signForm = (
  body: string,
  secret: SourceSecret,
  at: Date,
  headers: Readonly<Record<string, string>> = {},
): SignedRequest => {
  const [signing] = signaturesIn({ headers });
  if (!signing) {
    return { headers: { 'content-type': 'application/json', 'x-ezw-secret': secret.current }, body };
  }
  const [plugin, row] = signing;
  return headerHmac(row).sign(body, secretOf(plugin, secret), at);
};

/** A good secret is enough; without one a plug-in's signature; without either only a page of the client. */
export const proveForm = (request: SourceRequest, secret: SourceSecret): void => {
  const secrets = secretsIn(request);
  for (const given of secrets) assertSecret(given, acceptedSecrets(secret));
  if (secrets.length > 0) return;
  for (const [plugin, row] of signaturesIn(request)) {
    headerHmac(row).authenticate(request, secretOf(plugin, secret));
  }
  if (!isUnproven(request) || request.fromOwnPage) return;
  if (request.headers.origin !== undefined) {
    throw new Unauthorized('origin_not_allowed', 'Posts from this origin are not allowed by the client file.');
  }
  throw new Unauthorized(
    'secret_missing',
    'Send the secret as the last part of the path, as x-ezw-secret, or as Authorization: Bearer.',
  );
};

import {
  acceptedSecrets,
  assertFresh,
  assertSecret,
  assertSigned,
  type SourceSecret,
} from '../../shared/door/signatures.ts';
import type { SourceRequest } from '../../shared/door/source.ts';
import { Unauthorized } from '../../shared/runtime/errors.ts';
import { hmac } from '../../shared/runtime/hashes.ts';

const TOLERANCE_SECONDS = 300;

/** Secrets that came as they are: in the path, for plug-ins that send no headers of the site's choice, or in a header. */
export const secretsIn = ({ pathSecret, headers }: SourceRequest): string[] => {
  const bearer = /^Bearer +(\S+)$/i.exec(headers.authorization ?? '')?.[1];
  return [pathSecret, headers['x-ezw-secret'], bearer].filter((one) => one !== undefined);
};

type Check = (given: string, request: SourceRequest, secret: SourceSecret) => void;

const own = (secret: SourceSecret, plugin: string): readonly string[] => {
  const one = secret[plugin];
  return one ? [one] : acceptedSecrets(secret);
};

/** `t=<seconds>,v=<hex>` over `t.body`. A hook of WPForms that is form-encoded signs something else and is refused. */
const wpforms: Check = (given, { raw, receivedAt }, secret) => {
  const [, seconds = '', signature = ''] = /^t=(\d+),v=([0-9a-f]+)$/.exec(given) ?? [];
  assertSigned(
    [signature],
    own(secret, 'wpforms').map((one) => hmac(one, 'hex', `${seconds}.`, raw)),
  );
  assertFresh(Number(seconds), receivedAt, TOLERANCE_SECONDS);
};

const tally: Check = (given, { raw }, secret) => {
  assertSigned(
    [given],
    own(secret, 'tally').map((one) => hmac(one, 'base64', raw)),
  );
};

const SIGNATURES: Readonly<Record<string, Check>> = {
  'x-wpforms-webhook-signature': wpforms,
  'tally-signature': tally,
};

const signaturesIn = ({ headers }: SourceRequest): string[] =>
  Object.keys(SIGNATURES).filter((name) => headers[name] !== undefined);

/** A post with neither a secret nor a signature: at best one that a page of the client made. */
export const isUnproven = (request: SourceRequest): boolean =>
  secretsIn(request).length === 0 && signaturesIn(request).length === 0;

/** A good secret is enough; without one a plug-in's signature; without either only a page of the client. */
export const proveForm = (request: SourceRequest, secret: SourceSecret): void => {
  const secrets = secretsIn(request);
  for (const given of secrets) assertSecret(given, acceptedSecrets(secret));
  if (secrets.length > 0) return;
  for (const name of signaturesIn(request)) SIGNATURES[name]?.(request.headers[name] ?? '', request, secret);
  if (!isUnproven(request) || request.fromOwnPage) return;
  if (request.headers.origin !== undefined) {
    throw new Unauthorized('origin_not_allowed', 'Posts from this origin are not allowed by the client file.');
  }
  throw new Unauthorized(
    'secret_missing',
    'Send the secret as the last part of the path, as x-ezw-secret, or as Authorization: Bearer.',
  );
};

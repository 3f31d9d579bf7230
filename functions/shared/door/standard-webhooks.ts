import { randomUUID } from 'node:crypto';
import { Unauthorized, Unavailable } from '../runtime/errors.ts';
import { hmac } from '../runtime/hashes.ts';
import { acceptedSecrets, assertFresh, assertSigned, type SourceSecret } from './signatures.ts';
import type { SignedRequest, SourceRequest } from './source.ts';

const TOLERANCE_SECONDS = 300;

/** The specification asks for 24 bytes or more; what decodes to less than half of that is no secret but a mistake. */
const LEAST_KEY_BYTES = 12;

const keyOf = (secret: string): Buffer => {
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  if (key.length < LEAST_KEY_BYTES) {
    throw new Unavailable('secret_unusable', 'The stored secret is not whsec_ and base64 of 24 bytes or more.');
  }
  return key;
};

const signatureOf = (secret: string, id: string, seconds: string, body: Uint8Array | string): string =>
  hmac(keyOf(secret), 'base64', `${id}.${seconds}.`, body);

/** https://www.standardwebhooks.com: HMAC-SHA256 over `id.timestamp.body`, several `v1,` signatures while keys rotate. */
export const authenticateStandardWebhook = (request: SourceRequest, secret: SourceSecret): void => {
  const id = request.headers['webhook-id'];
  const seconds = request.headers['webhook-timestamp'];
  if (!id) throw new Unauthorized('signature_missing', 'The header webhook-id is missing.');
  const given = (request.headers['webhook-signature'] ?? '')
    .split(' ')
    .filter((part) => part.startsWith('v1,'))
    .map((part) => part.slice('v1,'.length));
  assertSigned(
    given,
    acceptedSecrets(secret).map((one) => signatureOf(one, id, seconds ?? '', request.raw)),
  );
  assertFresh(/^\d+$/.test(seconds ?? '') ? Number(seconds) : Number.NaN, request.receivedAt, TOLERANCE_SECONDS);
};

/** @param id of the event: the receiver keeps each once, so a repeated event must keep its own. */
export const signStandardWebhook = (
  body: string,
  secret: SourceSecret,
  at: Date,
  id = `msg_${randomUUID()}`,
): SignedRequest => {
  const seconds = String(Math.floor(at.getTime() / 1000));
  return {
    headers: {
      'content-type': 'application/json',
      'webhook-id': id,
      'webhook-timestamp': seconds,
      'webhook-signature': `v1,${signatureOf(secret.current, id, seconds, body)}`,
    },
    body,
  };
};

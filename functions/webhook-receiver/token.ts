import { Unauthorized, Unavailable } from '../shared/runtime/errors.ts';
import { sameText } from '../shared/runtime/hashes.ts';

/** What is shorter is a placeholder or a mistake; a real one has 256 random bits. */
const LEAST_CHARACTERS = 16;

/** A plain text, or while it rotates an object of two: `{current, previous}` or `{current, next}`. */
const acceptedTokens = (secret: string): readonly string[] => {
  const tokens = secret.trim().startsWith('{') ? Object.values(JSON.parse(secret) as object) : [secret.trim()];
  return tokens.filter((token): token is string => typeof token === 'string' && token.length >= LEAST_CHARACTERS);
};

/**
 * The proof of a delivery is the secret in its address: the vendor documents no signature.
 * @throws Unauthorized for another token; Unavailable while none is stored, so that the vendor comes again.
 */
export const assertToken = (given: string, secret: string): void => {
  const accepted = acceptedTokens(secret);
  if (accepted.length === 0) {
    throw new Unavailable('webhook_token_not_set', 'No webhook token of 16 characters or more is stored.');
  }
  const matches = accepted.map((token) => sameText(given, token));
  if (!matches.includes(true))
    throw new Unauthorized('webhook_token', 'The address holds another token than is stored.');
};

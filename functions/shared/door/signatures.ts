import { Unauthorized } from '../runtime/errors.ts';
import { sameText } from '../runtime/hashes.ts';

/** A source's secret as stored: the current one, the one before it while a rotation lasts, and fields of that source's own. */
export interface SourceSecret {
  readonly current: string;
  readonly previous?: string | undefined;
  readonly [field: string]: string | undefined;
}

export const acceptedSecrets = (secret: SourceSecret): readonly string[] =>
  secret.previous ? [secret.current, secret.previous] : [secret.current];

/**
 * Throws `Unauthorized` unless one of the given signatures equals one of the expected ones. Every pair is compared, so the
 * time does not tell which secret was nearly right.
 */
export const assertSigned = (given: readonly string[], expected: readonly string[]): void => {
  if (given.length === 0) throw new Unauthorized('signature_missing', 'The request carries no signature.');
  const matches = given.flatMap((one) => expected.map((other) => sameText(one, other)));
  if (!matches.includes(true)) {
    throw new Unauthorized(
      'signature_mismatch',
      'The signature does not match the body. Check that the secret is the one stored here and that nothing changed the body on its way.',
    );
  }
};

/** Throws `Unauthorized` unless this secret, which came as it is and not as a signature, is one of the accepted ones. */
export const assertSecret = (given: string, accepted: readonly string[]): void => {
  const matches = accepted.map((one) => sameText(given, one));
  if (!matches.includes(true)) throw new Unauthorized('secret_mismatch', 'The secret is not the one stored here.');
};

/** Throws `Unauthorized` when a signed time is further than `toleranceSeconds` from `now` (epoch ms), either way. */
export const assertFresh = (seconds: number, now: number, toleranceSeconds: number): void => {
  if (!Number.isFinite(seconds))
    throw new Unauthorized('timestamp_missing', 'The signed timestamp is missing or not a number.');
  if (Math.abs(now / 1000 - seconds) > toleranceSeconds) {
    throw new Unauthorized(
      'timestamp_stale',
      `The signed timestamp is more than ${toleranceSeconds} seconds away from now.`,
    );
  }
};

import { hmac } from '../runtime/hashes.ts';

/** A phone as it stands in tables: salted per client, so that nobody can try all numbers against a copy of the table. */
export const contactHash = (salt: string, phone: string): string => hmac(salt, 'hex', phone);

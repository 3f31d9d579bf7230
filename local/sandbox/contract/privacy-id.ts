import { createHash } from 'node:crypto';

/**
 * A made-up privacy id for a phone, always the same one: 15 digits as WhatsApp's may have. No numbering plan has a number that begins like
 * it, so nobody's phone can be meant.
 */
export const privacyIdOf = (phone: string): string => {
  const digits = BigInt(`0x${createHash('sha256').update(phone).digest('hex').slice(0, 24)}`).toString();
  return `10${digits.slice(-13).padStart(13, '0')}`;
};

import type { Health } from './line-api.ts';

/** What only people can mend: the phone must scan its QR code again, or WhatsApp has shut the number out. */
export type LineTrouble = 'unlinked' | 'banned';

/**
 * The vendor documents one word of a line's health, `AUTH`. These are the words of services on the same protocol, as phrases of lower-case
 * words: whapi (`QR`), WAHA (`SCAN_QR_CODE`), whatsapp-web.js (`UNPAIRED`, `LOGOUT`, `TOS_BLOCK`), Baileys and Evolution (`device_removed`,
 * `loggedOut`), Green API (`notAuthorized`, `blocked`, `yellowCard`). What passes by itself (`LAUNCH`, `PAIRING`, `TIMEOUT`), what is no matter
 * of the phone (`STOP`, `CONFLICT`, an outdated client) and words that nobody knows are neither.
 */
const BANNED = /\b(ban|banned|tos block|restricted|suspended|yellow card)\b|^blocked$/;
const UNLINKED =
  /\bqr\b|\b(unlinked|unpaired|logout|scan|device removed|unauthorized|unauthenticated)\b|\b(logged|log) out\b|\bnot (linked|paired|authorized|authenticated)\b/;
/** What is denied, or over. */
const DENIED =
  /\b(not|no|un|never|previously|formerly) (ban|banned|restricted|suspended|blocked)\b|\b(lifted|expired|ended)\b/;
const DONE = /\b(scanned|complete|completed|success|done)\b/;

/** `needsQRScan`, `LOGGED_OUT`, `qr-required`, `qrcode`: as words. */
const wordsOf = (state: string): string =>
  state
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .replace(/(?<![A-Z])([A-Z]+)([A-Z][a-z])/g, '$1 $2')
    .toLowerCase()
    .replace(/qr ?codes?/g, 'qr')
    .split(/[^a-z]+/)
    .filter(Boolean)
    .join(' ');

/**
 * What a health answer says that only people can mend; undefined for a line that can send, and for whatever may pass by itself. That the line
 * cannot send (`effectiveSendState: 'blocked'`) says nothing of why.
 */
export const lineTroubleOf = ({ sendable, healthText = '', lifecycleState = '' }: Health): LineTrouble | undefined => {
  if (sendable) return undefined;
  const states = [healthText, lifecycleState].map(wordsOf);
  if (states.some((state) => BANNED.test(state) && !DENIED.test(state))) return 'banned';
  return states.some((state) => UNLINKED.test(state) && !DONE.test(state)) ? 'unlinked' : undefined;
};

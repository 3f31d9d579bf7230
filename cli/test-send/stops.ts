import type { SendRecord } from '../../functions/shared/ledger/rules.ts';
import { advice } from '../sends/advice.ts';

/** What to do about what EZWhatsApp answered, or somebody decided; by the reason, without what stands behind its colon. */
const TODO: Readonly<Record<string, (client: string) => string>> = {
  unauthorized: (client) => `EZWhatsApp does not take the line token (401): npx ezw token rotate ${client}`,
  payment_required: () => 'EZWhatsApp asks for a payment (402): look at the plan in the workspace',
  forbidden: (client) =>
    `EZWhatsApp forbids it (403): is the stored token that of this line, and may it send? npx ezw token rotate ${client}`,
  not_enabled_for_this_account: () =>
    'EZWhatsApp has no sends for this account (404, 405 or 501): ask EZWhatsApp to enable them, and look at ezwBaseUrl',
  rate_limited: () => 'EZWhatsApp has had too many requests (429): wait a minute; it goes out by itself',
  paused: (client) => `somebody let nothing leave: npx ezw line resume ${client}`,
  line_banned: (client) =>
    `WhatsApp has shut the number out, says the workspace: write to the client, and when it is back: npx ezw line resume ${client}`,
  shadow: (client) => `add this number to delivery.only in clients/${client}.ts, or write delivery: 'live', and deploy`,
  line_not_sendable: (client) => `the phone must be linked again in the workspace (QR code): npx ezw doctor ${client}`,
  outside_send_window: (client) => `it waits for sendWindow in clients/${client}.ts, and leaves when that opens`,
  line_token_not_set: (client) => `npx ezw secrets set ${client} line-token`,
};

/** What the line's health says when it is no health at all: by the status that was answered. */
const healthTodo = (problem: string, client: string): string => {
  const status = /^health_(\d+)$/.exec(problem)?.[1];
  if (status === '401') return TODO.unauthorized?.(client) ?? '';
  if (status === '403') return TODO.forbidden?.(client) ?? '';
  if (status === '404' || status === '405' || status === '501') {
    return `is ezwBaseUrl in clients/${client}.ts right, and is this API enabled for the account?`;
  }
  if (status === '429') return TODO.rate_limited?.(client) ?? '';
  return `does EZWhatsApp answer? Try again in a minute; npx ezw doctor ${client}`;
};

export const todoOf = (reason: string, client: string): string | undefined => {
  if (reason.startsWith('health_')) return healthTodo(reason, client);
  const name = reason.split(':')[0] ?? '';
  return Object.hasOwn(TODO, name) ? TODO[name]?.(client) : undefined;
};

/** Of a message that is not out. */
export const todoOfRecord = (record: SendRecord, client: string): string =>
  todoOf(record.reason ?? '', client) ?? advice(record);

/** What does not pass while somebody watches. */
const LASTING =
  /^(unauthorized|payment_required|forbidden|not_enabled_for_this_account|paused|line_banned|line_changed|line_not_sendable|outside_send_window|health_40\d)/;

/** Whether there is nothing more to wait for, of what is not out. */
export const isStopped = ({ state, parked, reason = '' }: SendRecord): boolean =>
  parked === true ||
  ['REJECTED', 'EXPIRED', 'SUPPRESSED'].includes(state) ||
  (state === 'HELD' && LASTING.test(reason));

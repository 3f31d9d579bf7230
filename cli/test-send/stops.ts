import { NOT_SENT, type SendRecord } from '../../functions/shared/ledger/rules.ts';
import { advice } from '../sends/advice.ts';
import { commandOn, deployOn, type Place } from '../target/command.ts';
import { lineTodo, statusTodo } from '../target/line.ts';

/** What to do about what EZWhatsApp answered, or somebody decided; by the reason, without what stands behind its colon. */
const TODO: Readonly<Record<string, (place: Place) => string>> = {
  unauthorized: (place) => statusTodo(401, place) ?? '',
  payment_required: () => 'EZWhatsApp asks for a payment (402): look at the plan in the workspace',
  forbidden: (place) => statusTodo(403, place) ?? '',
  not_enabled_for_this_account: () =>
    'EZWhatsApp has no sends for this account (404, 405 or 501): ask EZWhatsApp to enable them, and look at ezwBaseUrl',
  rate_limited: (place) => statusTodo(429, place) ?? '',
  paused: (place) => `somebody let nothing leave: ${commandOn(place, 'line resume')}`,
  line_banned: (place) =>
    `WhatsApp has shut the number out, says the workspace: write to the client, and when it is back: ${commandOn(place, 'line resume')}`,
  shadow: (place) =>
    `add this number to delivery.only in clients/${place.client.name}.ts, or write delivery: 'live'; then ${deployOn(place)}`,
  line_not_sendable: (place) => `the line cannot send: ${commandOn(place, 'doctor')} says what it lacks`,
  outside_send_window: (place) =>
    `it waits for sendWindow in clients/${place.client.name}.ts, and leaves when that opens`,
  opted_out: () =>
    'only whoever has this phone can undo that: write START from it to the line; or choose another number with --to',
  in_conversation: () => 'the message would break into it: choose another number with --to, or another --template',
  // A test that was set aside is not let out later: by then nobody watches it.
  person_cap: () =>
    'choose another number with --to, or run it again tomorrow (sender.perPersonPerDay in the client file)',
  burst_guard: () => 'more messages than sender.burstPerHour: leave this one where it is, and run it again in an hour',
  browser_cap: () =>
    'more posts without a secret than sender.browserPostsPerHour: leave this one where it is, and run it again in an hour',
  line_token_not_set: (place) => lineTodo({ sendable: false, problem: 'line_token_not_set' }, place),
};

export const todoOf = (reason: string, place: Place): string | undefined => {
  if (reason.startsWith('health_')) return lineTodo({ sendable: false, problem: reason }, place);
  const name = reason.split(':')[0] ?? '';
  return Object.hasOwn(TODO, name) ? TODO[name]?.(place) : undefined;
};

/** Of a message that is not out. */
export const todoOfRecord = (record: SendRecord, place: Place): string =>
  todoOf(record.reason ?? '', place) ?? advice(record);

/** What does not pass while somebody watches. */
const LASTING =
  /^(unauthorized|payment_required|forbidden|not_enabled_for_this_account|paused|line_banned|line_changed|line_not_sendable|outside_send_window|health_40\d)/;

/** Whether there is nothing more to wait for, of what is not out. */
export const isStopped = ({ state, parked, reason = '' }: SendRecord): boolean =>
  parked === true || NOT_SENT.includes(state) || (state === 'HELD' && LASTING.test(reason));

import { type Health, lineApi } from '../../functions/shared/ezwhatsapp/line-api.ts';
import { lineTroubleOf } from '../../functions/shared/ezwhatsapp/line-trouble.ts';
import { type LineToken, lineToken } from '../../functions/shared/ezwhatsapp/tokens.ts';
import { http } from '../../functions/shared/runtime/http.ts';
import { readSecret } from '../secrets/store.ts';
import { commandOn, type Place } from './command.ts';
import type { Target } from './target.ts';

/** @throws Unauthorized where none is stored, or another kind of token */
export const storedLineToken = async (target: Target): Promise<LineToken> =>
  lineToken((await readSecret(target, 'line-token'))?.value ?? '');

/** The line's API with the stored token, as the sender uses it. */
const apiOf = (target: Target) => {
  const read = () => storedLineToken(target);
  return lineApi(target.ezwUrl, { get: read, reread: read }, http);
};

/** The line's health, read only; it never throws. */
export const healthOf = (target: Target): Promise<Health> => apiOf(target).health();

/** The three truths of a health answer side by side, as the API words them. */
export const describeHealth = ({ sendable, problem, healthText, lifecycleState, effectiveSendState }: Health): string =>
  problem ??
  `sendable ${sendable} · health ${healthText ?? '?'} · lifecycle ${lifecycleState ?? '?'} · send state ${effectiveSendState ?? '?'}`;

/** What to do about a status in place of a health, or of a message. */
export const statusTodo = (status: number, place: Place): string | undefined => {
  switch (status) {
    case 401:
      return `EZWhatsApp does not take the line token (401): ${commandOn(place, 'token rotate')}`;
    case 403:
      return `EZWhatsApp forbids it (403): is the stored token that of this line, and may it send? ${commandOn(place, 'token rotate')}`;
    case 404:
    case 405:
    case 501:
      return `is ezwBaseUrl in clients/${place.client.name}.ts right, and is this API enabled for the account?`;
    case 429:
      return 'EZWhatsApp has had too many requests (429): wait a minute; it goes out by itself';
    default:
      return undefined;
  }
};

const TROUBLES = {
  banned:
    'WhatsApp has shut the number out: scan nothing and reinstall nothing; whoever runs the line writes to WhatsApp and to EZWhatsApp first',
  unlinked: 'the owner of the phone must reconnect it in the workspace (QR code); messages wait meanwhile',
  none: 'it is not ready: it may be starting. Wait some minutes; if that lasts, look at it in the workspace, and scan nothing that it does not ask for',
} as const;

/** What to do about a line that cannot send. */
export const lineTodo = (health: Health, place: Place): string => {
  if (health.problem === undefined) return TROUBLES[lineTroubleOf(health) ?? 'none'];
  if (health.problem === 'line_token_not_set') return commandOn(place, 'secrets set', 'line-token');
  const status = Number(/^health_(\d+)$/.exec(health.problem)?.[1]);
  return statusTodo(status, place) ?? 'does EZWhatsApp answer? Try again in a minute';
};

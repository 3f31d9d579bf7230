import { type Health, lineApi } from '../../functions/shared/ezwhatsapp/line-api.ts';
import { lineToken } from '../../functions/shared/ezwhatsapp/tokens.ts';
import { http } from '../../functions/shared/runtime/http.ts';
import { readSecret } from '../secrets/store.ts';
import type { Target } from './target.ts';

/** The line's API with the stored token, as the sender uses it. */
const apiOf = (target: Target) => {
  const read = async () => lineToken((await readSecret(target, 'line-token'))?.value ?? '');
  return lineApi(target.ezwUrl, { get: read, reread: read }, http);
};

/** The line's health, read only; it never throws. */
export const healthOf = (target: Target): Promise<Health> => apiOf(target).health();

/** The three truths of a health answer side by side, as the API words them. */
export const describeHealth = ({ sendable, problem, healthText, lifecycleState, effectiveSendState }: Health): string =>
  problem ??
  `sendable ${sendable} · health ${healthText ?? '?'} · lifecycle ${lifecycleState ?? '?'} · send state ${effectiveSendState ?? '?'}`;

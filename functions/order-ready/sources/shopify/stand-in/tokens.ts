import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { parseJson } from '../../../../../local/sandbox/answers.ts';

const LIFETIME_S = 86_399;

const grant = z.object({
  grant_type: z.literal('client_credentials', 'must be client_credentials'),
  client_id: z.string().min(1),
  client_secret: z.string().min(1),
});

/** Of an app made in the shop's own admin: it lives on. */
const OF_ADMIN_APP = 'shpat_sandbox_admin_app';

export interface TokenDesk {
  /** Answers a client-credentials grant, form-encoded or JSON, with a token that lives a day. */
  issue(contentType: string, body: string): { answer: Record<string, unknown> } | { problem: string };
  knows(token: string | undefined): boolean;
}

export function createTokenDesk(now: () => number): TokenDesk {
  const expiries = new Map<string, number>();
  return {
    issue: (contentType, body) => {
      const form = contentType.startsWith('application/x-www-form-urlencoded');
      const json = form ? JSON.stringify(Object.fromEntries(new URLSearchParams(body))) : body;
      const parsed = parseJson(grant, json);
      if ('problem' in parsed) return parsed;
      const token = `shpat_sandbox_${randomBytes(16).toString('hex')}`;
      expiries.set(token, now() + LIFETIME_S * 1000);
      const scope = 'read_fulfillments,read_merchant_managed_fulfillment_orders,read_orders';
      return { answer: { access_token: token, scope, expires_in: LIFETIME_S } };
    },
    knows: (token) => token !== undefined && (token === OF_ADMIN_APP || (expiries.get(token) ?? 0) > now()),
  };
}

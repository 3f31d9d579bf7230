import { webhookOrder } from '../functions/shared/ezwhatsapp/webhook-order.ts';
import type { Secrets } from './secrets-file.ts';
import { StartError } from './start-error.ts';

/** The token as it stands in an address: a text, or the newer of two while it rotates. */
const tokenOf = ({ webhookToken }: Secrets): unknown =>
  typeof webhookToken === 'object' ? webhookToken.current : webhookToken;

/**
 * Registers the stack's door at the sandbox, as "webhook register" does at the vendor: what a customer writes comes back at once. Nothing
 * where the secrets hold no token.
 */
export const registerWebhook = async (sandboxUrl: string, url: string, secrets: Secrets): Promise<void> => {
  const token = tokenOf(secrets);
  if (typeof token !== 'string') return;
  const response = await fetch(`${sandboxUrl}/api/v1/webhooks`, {
    method: 'POST',
    headers: { authorization: `Bearer ${secrets.lineToken}`, 'content-type': 'application/json' },
    body: JSON.stringify(webhookOrder(url, token)),
  });
  if (!response.ok) throw new StartError(`The sandbox does not register the webhook: it answered ${response.status}.`);
};

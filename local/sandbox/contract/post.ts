import { createHmac } from 'node:crypto';
import type { Contract } from './assumptions.ts';

/** Brings a webhook to its address. @returns the status of the answer; rejects where there is none */
export type Deliver = (url: string, headers: Readonly<Record<string, string>>, body: string) => Promise<number>;

interface Posted {
  lineId: string;
  deliveryId: string;
  event: string;
  body: object;
}

const TIMEOUT_MS = 10_000;
/** Made up, as the header is: no page names either. */
const SECRET = 'ezw_webhook_secret_demo';

/** Over the network. Redirects are not followed. */
export const overHttp: Deliver = async (url, headers, body) => {
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  const response = await fetch(url, { method: 'POST', redirect: 'manual', signal, headers, body });
  await response.arrayBuffer();
  return response.status;
};

const proofOf = (proof: Contract['proof'], body: string): Record<string, string> =>
  proof === 'none' ? {} : { 'x-ezw-signature': `sha256=${createHmac('sha256', SECRET).update(body).digest('hex')}` };

/** One attempt. @returns the status of the answer, or the name of what kept it from coming */
export async function post(
  deliver: Deliver,
  url: string,
  { lineId, deliveryId, event, body }: Posted,
  { proof }: Contract,
): Promise<number | string> {
  const text = JSON.stringify(body);
  const headers = {
    'content-type': 'application/json',
    'x-ezw-delivery-id': deliveryId,
    'x-ezw-webhook-event': event,
    'x-ezw-line-id': lineId,
    ...proofOf(proof, text),
  };
  try {
    return await deliver(url, headers, text);
  } catch (error) {
    return error instanceof Error ? error.name : 'unknown';
  }
}

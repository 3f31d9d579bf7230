import { randomBytes, randomUUID } from 'node:crypto';
import { signStandardWebhook } from '../../functions/shared/door/standard-webhooks.ts';
import { stackNameOf } from '../../lib/client.ts';
import { stackOf } from './aws.ts';
import { CHECKED } from './clients.ts';
import type { Check } from './row.ts';

/** A first answer may wait for a start. */
const ANSWER_MS = 30_000;

export const newSecret = (): string => `whsec_${randomBytes(32).toString('base64')}`;

const order = (at: Date) => {
  const id = `check-${randomUUID()}`;
  const customer = { name: 'Dana', phone: '+972501234567' };
  return { type: 'order.ready_for_pickup', timestamp: at.toISOString(), data: { order_id: id, customer } };
};

/** An order of a shop, signed with that secret, at the door of the deployed stack. @returns what the door answers: a status */
export const sendOrder = async ({ aws, call, now }: Check, secret: string): Promise<number> => {
  const { Outputs = [] } = (await stackOf(aws, stackNameOf({ name: CHECKED }))) ?? {};
  const url = Outputs.find(({ OutputKey }) => OutputKey === 'ApiUrl')?.OutputValue;
  const { headers, body } = signStandardWebhook(JSON.stringify(order(now())), { current: secret }, now());
  const { status } = await call(`${url}/order-ready/custom`, { method: 'POST', headers, body }, ANSWER_MS);
  return status;
};

/** A function that started before its secret was stored looks again after a minute. */
const TRIES = 10;

/** The same until it is taken. @returns the last status */
export const sendOrderUntilTaken = async (check: Check): Promise<number> => {
  for (let left = TRIES; left > 1; left--) {
    const status = await sendOrder(check, check.secret);
    if (status === 200) return status;
    await check.pause(10_000);
  }
  return sendOrder(check, check.secret);
};

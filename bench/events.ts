import { randomUUID } from 'node:crypto';
import { signStandardWebhook } from '../functions/shared/door/standard-webhooks.ts';
import { CUSTOM_SECRET } from './emulators.ts';

/** A signed order at the door, each one another order. */
export const doorEvent = (): string => {
  const id = randomUUID();
  const customer = { name: 'Dana', phone: '+972501234567' };
  const data = { order_id: id, order_number: id, status_url: `https://shop.example/o/${id}`, customer };
  const order = JSON.stringify({ type: 'order.ready_for_pickup', timestamp: new Date().toISOString(), data });
  const { headers, body } = signStandardWebhook(order, { current: CUSTOM_SECRET }, new Date());
  return JSON.stringify({
    version: '2.0',
    routeKey: 'POST /order-ready/{source}',
    pathParameters: { source: 'custom' },
    headers,
    requestContext: { http: { method: 'POST' } },
    body,
    isBase64Encoded: false,
  });
};

/** A batch of one message for the sender, each under another key. */
export const senderEvent = (): string => {
  const body = JSON.stringify({
    key: `order:${randomUUID().replaceAll('-', '')}:ready`,
    template: 'order-ready',
    asOf: new Date().toISOString(),
    usefulUntil: new Date(Date.now() + 3600_000).toISOString(),
    outcome: { path: '/messages/text', body: JSON.stringify({ to: '+972501234567', body: 'Your order is ready.' }) },
  });
  return JSON.stringify({
    Records: [{ messageId: randomUUID(), receiptHandle: 'r', body, attributes: { ApproximateReceiveCount: '1' } }],
  });
};

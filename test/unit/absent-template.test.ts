import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { expect, it } from 'vitest';
import { receiver } from '../../functions/webhook-receiver/receive.ts';

const never = () => Promise.reject(new Error('nobody may be asked'));

/** What the receiver answers on a route of a template that the client does not have, and what it logs. */
const answerAt = async (method: string, path: string) => {
  const lines: object[] = [];
  const receive = receiver({
    lineId: 'line',
    keysOf: 'line',
    secret: { get: never, refreshAfterMismatch: never },
    deliveries: { known: never, record: never },
    heard: { note: never },
    enqueue: { crmSync: never, escalation: never, unread: never },
    log: (level, fields) => lines.push({ level, ...fields }),
    now: Date.now,
  });
  const event = {
    routeKey: 'ANY /lead-first-touch/{path+}',
    pathParameters: { path },
    headers: {},
    requestContext: { http: { method } },
    body: '{}',
  };
  return { ...(await receive(event as unknown as APIGatewayProxyEventV2)), lines };
};

it.each(['POST', 'GET'])(
  '%s to a template that is off is 503, for a vendor may drop its webhook at a 404',
  async (method) => {
    const { statusCode, body, lines } = await answerAt(method, 'typeform');
    expect([statusCode, JSON.parse(body)]).toEqual([503, expect.objectContaining({ reason: 'template_off' })]);
    expect(body).toContain('lead-first-touch');
    const line = { level: 'warn', event: 'door', template: 'lead-first-touch', status: 503, reason: 'template_off' };
    expect(lines).toEqual([line]);
  },
);

it('says nothing of the path, which may hold a secret, and has no body for HEAD', async () => {
  const { statusCode, body, lines } = await answerAt('HEAD', 'form/some-secret');
  expect([statusCode, body]).toEqual([503, '']);
  expect(JSON.stringify(lines)).not.toContain('some-secret');
});

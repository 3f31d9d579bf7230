import { expect, it } from 'vitest';
import { receiver } from '../../functions/webhook-receiver/receive.ts';

const TOKEN = 'a'.repeat(64);

/** The number that the workers are told of a message beside whose privacy id this one stands. */
const toldOf = async (contactPhoneNumber: string, linePhone: string | undefined) => {
  const bodies: string[] = [];
  const receive = receiver({
    lineId: 'line',
    keysOf: 'line',
    linePhone,
    secret: { get: async () => TOKEN, refreshAfterMismatch: async () => false },
    deliveries: { known: async () => 'new', record: async () => undefined },
    heard: { note: async () => undefined },
    enqueue: {
      crmSync: async (all) => void bodies.push(...all),
      escalation: async () => undefined,
      unread: async () => undefined,
    },
    log: () => undefined,
    now: Date.now,
  });
  const chat = '4639135154355@lid';
  const message = {
    id: 'm1',
    chat_id: chat,
    from: chat,
    from_me: false,
    type: 'text',
    body: 'STOP',
    contactPhoneNumber,
  };
  const event = {
    routeKey: 'POST /ezw/webhook/{token}',
    pathParameters: { token: TOKEN },
    headers: { 'x-ezw-delivery-id': 'd1', 'x-ezw-webhook-event': 'messages.post', 'x-ezw-line-id': 'line' },
    requestContext: { http: { method: 'POST' } },
    body: JSON.stringify({ messages: [message] }),
  };
  const { statusCode } = await receive(event as never);
  expect(statusCode).toBe(200);
  return (JSON.parse(bodies[0] ?? '{}') as { item: { phone?: string } }).item.phone;
};

it('the number of the line, where the client file tells it, is nobody’s in what the workers are told', async () => {
  const [ours, theirs] = ['+972501230099', '+972501230001'];
  expect(await toldOf(ours, ours)).toBeUndefined();
  expect(await toldOf(theirs, ours)).toBe(theirs);
  expect(await toldOf(ours, undefined)).toBe(ours);
});

import { randomBytes } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { readPayload } from '../../functions/shared/ezwhatsapp/events.ts';
import { type UnreadDelivery, unreadDelivery } from '../../functions/webhook-receiver/unread.ts';

const ABOUT = { deliveryId: 'd1', event: 'messages.post', reason: 'unknown_type', contentType: 'text/plain' };
const odd = (id: string, over: object = {}) => ({ id, from_me: false, chat_id: '1@g.us', type: 'hologram', ...over });
const person = { chat_id: '972501234567@s.whatsapp.net' };

const kept = (messages: readonly object[]): readonly UnreadDelivery[] => {
  const body = Buffer.from(JSON.stringify({ event: 'messages.post', messages }));
  const { left } = readPayload('messages.post', body, Date.now());
  return unreadDelivery(ABOUT, body, left).map((letter) => JSON.parse(letter) as UnreadDelivery);
};
const bodyOf = ({ raw, gzip }: UnreadDelivery): { messages: { id: string }[] } => {
  const bytes = raw === undefined ? gunzipSync(Buffer.from(gzip ?? '', 'base64')) : Buffer.from(raw, 'base64');
  return JSON.parse(bytes.toString('utf8'));
};
const idsOf = (letters: readonly UnreadDelivery[]) => letters.map((one) => bodyOf(one).messages.map(({ id }) => id));

it('what cannot be read is kept as it came, and of a body that no message of SQS holds each entry by itself', () => {
  const text = { id: 'read', from_me: false, ...person, type: 'text', body: 'Hi' };
  expect(idsOf(kept([odd('o1', person), text, odd('o2', person)]))).toEqual([['o1', 'read', 'o2']]);
  const preview = randomBytes(1_200_000).toString('base64');
  const bulk = kept([odd('o1', person), { ...text, preview }, odd('o2', person)]);
  expect(idsOf(bulk)).toEqual([['o1'], ['o2']]);
  expect(bulk.map(({ deliveryId, reason }) => [deliveryId, reason])).toEqual(Array(2).fill(['d1', 'unknown_type']));
});

it('one entry that no message of SQS holds is kept by its hash alone, and so is a body in which no entry is found', () => {
  const [letter, ...more] = kept([odd('o1', { ...person, preview: randomBytes(1_200_000).toString('base64') })]);
  expect(letter).toMatchObject({ sha256: expect.stringMatching(/^[0-9a-f]{64}$/), bytes: expect.any(Number) });
  expect([letter?.raw, letter?.gzip, more]).toEqual([undefined, undefined, []]);
  const [whole] = unreadDelivery(ABOUT, randomBytes(1_200_000), []).map((one) => JSON.parse(one) as UnreadDelivery);
  expect(whole).toMatchObject({ bytes: 1_200_000 });
});

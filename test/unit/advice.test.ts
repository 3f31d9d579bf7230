import { expect, it } from 'vitest';
import { advice, refusalOf } from '../../cli/sends/advice.ts';

const record = (state: 'REJECTED' | 'HELD' | 'EXPIRED' | 'SUPPRESSED', reason: string, parked = false) => ({
  key: 'order:1:ready',
  state,
  reason,
  parked,
});

it.each([
  ['REJECTED', 'no_consent', /did not agree.*"consent"/],
  ['REJECTED', 'in_conversation', /"quietFor"/],
  ['REJECTED', 'no_usable_phone:letters', /number/],
  ['REJECTED', 'missing_value:name', /"ifMissing"/],
  ['SUPPRESSED', 'opted_out', /START/],
  ['EXPIRED', 'lead_too_old', /"usefulFor"/],
  ['REJECTED', 'other_shop:woocommerce:staging.shop.example', /a copy of the shop.*Remove the webhook.*"origin"/],
  ['EXPIRED', 'before_since', /earlier "since".*"sends resend"/],
] as const)('a refusal says what the client can do: %s %s', (state, reason, say) => {
  expect(advice(record(state, reason))).toMatch(say);
});

it.each([
  ['burst_guard', /"sender.burstPerHour"/],
  ['browser_cap', /"sender.browserPostsPerHour"/],
  ['person_cap', /"sender.perPersonPerDay"/],
])('what is held for a person says which limit it was and how it gets out: %s', (reason, limit) => {
  expect(advice(record('HELD', reason, true))).toMatch(limit);
  expect(advice(record('HELD', reason, true))).toMatch(/dlq redrive/);
});

it('what is held because the line has changed says where to read what to write', () => {
  expect(advice(record('HELD', 'line_changed'))).toMatch(/"lineId".*"ezw doctor".*"keysOf"/);
});

it('what waits by itself, or was refused by the API, is no refusal of ours', () => {
  expect(refusalOf(record('HELD', 'rate_limited'))).toBeUndefined();
  expect(refusalOf(record('REJECTED', 'api_400'))).toBeUndefined();
  expect(advice(record('REJECTED', 'constructor'))).toMatch(/corrected event/);
});

it('an accepted send that failed says what happened, that nothing repeats it, and what to do', () => {
  const failed = {
    key: 'order:1:ready',
    state: 'ACCEPTED',
    delivery: { status: 'failed', at: '2026-11-22T10:00:00Z' },
  } as const;
  expect(advice(failed)).toMatch(
    /did not arrive\. Nothing sends it again.*No conversation with them is known: find them by order:1:ready\..*"sends resend … order:1:ready"/,
  );
  const because = { source: 'shopify', told: 'ready', id: '1', at: '2026-11-22T09:59:00Z' };
  expect(advice({ ...failed, because })).toContain('find them by 1 (shopify).');
  expect(advice({ ...failed, because, conversationId: 'c' })).toContain('Look into the conversation.');
  const why = { code: '131026' };
  expect(advice({ ...failed, delivery: { ...failed.delivery, why } })).toMatch(/no WhatsApp.*another way/);
  expect(advice({ ...failed, delivery: { ...failed.delivery, why: { code: 'constructor' } } })).toBe(advice(failed));
  expect(advice({ ...failed, resends: 1 })).toMatch(/sent again once: look at order:1:ready:resend:1/);
  expect(advice({ ...failed, delivery: { status: 'delivered', at: '2026-11-22T10:00:00Z' } })).toMatch(
    /Accepted is not/,
  );
});

it('a mark that an order ended is no message, and nobody is told to send it again', () => {
  expect(advice({ ...record('EXPIRED', 'order_cancelled'), bodyHash: '' })).toMatch(
    /^No message: .*nothing is to be done/,
  );
  expect(advice({ ...record('EXPIRED', 'order_cancelled'), bodyHash: 'h' })).toMatch(/"sends resend"/);
});

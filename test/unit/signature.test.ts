import { Webhook } from 'standardwebhooks';
import { describe, expect, it } from 'vitest';
import { shopify, woocommerce } from '../../functions/order-ready/sources.ts';
import { ourEvent } from '../../functions/shared/door/our-event.ts';
import { assertFresh, assertSigned } from '../../functions/shared/door/signatures.ts';
import { signStandardWebhook } from '../../functions/shared/door/standard-webhooks.ts';
import { hmac, sameText } from '../../functions/shared/runtime/hashes.ts';

const BODY = Buffer.from('{"hello":"wörld"}');
const NOW = Date.parse('2026-11-22T10:00:00Z');
const request = (headers: Record<string, string>, raw: Uint8Array = BODY) => ({
  method: 'POST',
  headers,
  query: {},
  raw,
  receivedAt: NOW,
});

describe('published vectors', () => {
  it('gives the base64 and hex HMAC that vendors publish', () => {
    expect(hmac('secret', 'base64', BODY)).toBe('j6AS7e7RJBPFzR2OdweOEFc+fXJGFLEy/uk4sUQ89e8=');
    expect(hmac('secret', 'hex', BODY)).toBe('8fa012edeed12413c5cd1d8e77078e10573e7d724614b132fee938b1443cf5ef');
  });

  it('accepts the vector at the Shopify and the WooCommerce door', () => {
    const signature = 'j6AS7e7RJBPFzR2OdweOEFc+fXJGFLEy/uk4sUQ89e8=';
    shopify.authenticate(request({ 'x-shopify-hmac-sha256': signature }), { current: 'secret' });
    shopify.authenticate(request({ 'shopify-hmac-sha256': signature }), { current: 'secret' });
    woocommerce.authenticate(request({ 'x-wc-webhook-signature': signature }), { current: 'secret' });
  });

  it('accepts the published Standard Webhooks vector', () => {
    const headers = {
      'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      'webhook-timestamp': '1614265330',
      'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    };
    const raw = Buffer.from('{"test": 2432232314}');
    const then = { ...request(headers, raw), receivedAt: 1614265330_000 };
    ourEvent.authenticate(then, { current: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw' });
  });
});

describe('Standard Webhooks', () => {
  const secret = { current: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw' };

  it('signs what the public library verifies, and verifies what it signs', () => {
    const ours = signStandardWebhook('{"a":1}', secret, new Date());
    expect(new Webhook(secret.current).verify(ours.body, ours.headers)).toEqual({ a: 1 });
    const theirs = new Webhook(secret.current).sign('msg_1', new Date(NOW), '{"a":1}');
    const headers = {
      'webhook-id': 'msg_1',
      'webhook-timestamp': String(NOW / 1000),
      'webhook-signature': `v1,AAAA ${theirs}`,
    };
    ourEvent.authenticate(request(headers, Buffer.from('{"a":1}')), secret);
  });

  it.each([
    ['six minutes old', -360],
    ['six minutes ahead', 360],
  ])('refuses a signature that is %s', (_, offset) => {
    const { headers } = signStandardWebhook('{}', secret, new Date(NOW + offset * 1000));
    expect(() => ourEvent.authenticate(request(headers, Buffer.from('{}')), secret)).toThrow(
      expect.objectContaining({ reason: 'timestamp_stale' }),
    );
  });

  it('refuses a secret that decodes to next to nothing, which anyone could guess', () => {
    const { headers } = signStandardWebhook('{}', secret, new Date(NOW));
    expect(() => ourEvent.authenticate(request(headers, Buffer.from('{}')), { current: 'whsec_' })).toThrow(
      expect.objectContaining({ reason: 'secret_unusable' }),
    );
  });
});

describe('WooCommerce', () => {
  it('signs with the secret after HTML entities are decoded, as WordPress does', () => {
    const signature = hmac('a&b"c', 'base64', BODY);
    woocommerce.authenticate(request({ 'x-wc-webhook-signature': signature }), { current: 'a&amp;b&quot;c' });
  });

  it('greets the unsigned creation ping and nothing else that is unsigned', () => {
    const settings = { statuses: ['completed'] };
    expect(woocommerce.greet?.(request({}, Buffer.from('webhook_id=12')), settings)).toBe('ok');
    for (const body of ['webhook_id=12&x=1', '{"webhook_id":12}', 'webhook_id=', '']) {
      expect(woocommerce.greet?.(request({}, Buffer.from(body)), settings)).toBeUndefined();
    }
  });
});

describe('comparison', () => {
  it('compares texts of any length', () => {
    expect(sameText('a', 'a')).toBe(true);
    expect(sameText('a', 'aa')).toBe(false);
    expect(sameText('', 'a')).toBe(false);
  });

  it('does not forgive another base64 spelling of the same bytes', () => {
    const signature = hmac('secret', 'base64', BODY);
    expect(() => assertSigned([signature.replace('8=', '9=')], [signature])).toThrow();
  });

  it('wants a signed time', () => {
    expect(() => assertFresh(Number.NaN, NOW, 300)).toThrow(expect.objectContaining({ reason: 'timestamp_missing' }));
  });
});

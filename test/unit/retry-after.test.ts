import { describe, expect, it } from 'vitest';
import { lookUpBooking } from '../../functions/appointment-reminder/booking-api.ts';
import { settled } from '../../functions/crm-sync/api.ts';
import type { Alert } from '../../functions/escalation/alert.ts';
import { notify } from '../../functions/escalation/notify.ts';
import { graphLead } from '../../functions/lead-first-touch/sources/meta/graph.ts';
import { lookUpPlace } from '../../functions/order-ready/sources/shopify/look-up.ts';
import type { HttpResult } from '../../functions/shared/runtime/http.ts';
import { retryAfter } from '../../functions/shared/runtime/retry-after.ts';

const NOW = Date.parse('2026-11-22T10:00:00.400Z');

describe('what Retry-After asks for', () => {
  it.each([
    ['120', 120],
    ['1.2', 2],
    ['0', undefined],
    ['-5', undefined],
    ['', undefined],
    [undefined, undefined],
    ['soon', undefined],
    ['soon 2027', undefined],
    ['0x10', undefined],
    ['1e3', undefined],
    ['Infinity', undefined],
    ['900', 900],
    ['901', 900],
    ['999999999', 900],
    ['Mon, 23 Nov 2026 10:00:00 GMT', 900],
    ['9'.repeat(400), undefined],
    ['Sun, 22 Nov 2026 10:01:30 GMT', 90],
    ['Sunday, 22-Nov-26 10:01:30 GMT', 90],
    ['2026-11-22T10:01:30Z', 90],
    ['Sun, 22 Nov 2026 10:00:00 GMT', undefined],
    ['Sun, 22 Nov 2020 10:01:30 GMT', undefined],
    ['Sun, 99 Nov 2026 10:01:30 GMT', undefined],
  ])('%s: %s seconds', (value, seconds) => {
    expect(retryAfter(value === undefined ? {} : { 'retry-after': value }, NOW)).toBe(seconds);
  });
});

describe('a date is waited for', () => {
  const headers = { 'retry-after': 'Sun, 22 Nov 2026 10:01:30 GMT' };
  const throttled: HttpResult = { kind: 'answer', status: 429, headers, body: '' };
  const secret = { current: 'key' };
  const tools = { secret, http: async () => throttled, now: () => NOW };

  it.each<[string, () => Promise<unknown>]>([
    ['a booking system', () => lookUpBooking(tools, 'https://calendar.example', 'Bearer key', undefined as never)],
    ['a CRM', async () => settled(throttled, NOW)],
    [
      'a notifier',
      () => {
        const stored = async () => '{"webhook":"whsec_V4UrLAhFfaWG4EvjgE43fsguS1oUG1iGhDr5fh4BEEk="}';
        const settings = { webhook: { url: 'https://team.example' } };
        return notify('webhook', {} as Alert, settings, { ...tools, secret: stored });
      },
    ],
    [
      'a shop',
      () => {
        const settings = {
          adminApi: 'https://shop.example',
          apiVersion: '2026-07',
          clientId: 'id',
          topics: [],
          shipmentStatuses: {},
        };
        return lookUpPlace('1', { happenedAt: '2026-11-22T10:00:00Z' }, { ...tools, settings });
      },
    ],
    [
      'Meta',
      () => {
        const settings = { graphApi: 'https://graph.example', apiVersion: 'v25.0' } as never;
        return graphLead({ leadgenId: '1', submittedAt: '2026-11-22T10:00:00Z' }, { ...tools, settings });
      },
    ],
  ])('when %s throttles', async (_, call) => {
    await expect(call()).rejects.toMatchObject({ name: 'Unavailable', retryAfterSeconds: 90 });
  });
});

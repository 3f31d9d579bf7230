import { describe, expect, it } from 'vitest';
import { assertOneRecipient } from '../../functions/shared/door/one-recipient.ts';

const order = (data: object, type = 'order.ready_for_pickup') => ({ type, data: { order_id: '1', ...data } });
const PHONE = '+972 50 123 4567';

describe('one event is about one person', () => {
  it.each<[string, unknown]>([
    ['a list of customers', order({ customers: [{ phone: PHONE }, { phone: PHONE }] })],
    ['recipients', order({ recipients: [PHONE] })],
    ['recipients beside the data', { ...order({}), recipients: [PHONE] }],
    ['a list of phones in the customer', order({ customer: { phones: [PHONE, PHONE] } })],
    ['a phone that is a list', order({ customer: { phone: [PHONE, PHONE] } })],
    ['more phones than a person has', order({ customer: { phone: `${PHONE}, ${PHONE}, ${PHONE}; ${PHONE}` } })],
    ['recipients with a comma', order({ to: `${PHONE}, ${PHONE}` })],
    ['data that is a list', { type: 'order.ready_for_pickup', data: [{ order_id: '1' }] }],
    ['a list of events', [order({}), order({})]],
  ])('%s is refused with the way to go', (_, event) => {
    expect(() => assertOneRecipient(event)).toThrow(
      expect.objectContaining({
        reason: 'recipients_list',
        message: expect.stringContaining('Platform customer-admin campaign surface'),
      }),
    );
  });

  it.each(['campaign.send', 'broadcast', 'marketing.message', 'newsletter.due'])('%s is a campaign', (type) => {
    expect(() => assertOneRecipient(order({}, type))).toThrow(expect.objectContaining({ reason: 'campaign_by_event' }));
  });

  it.each<[string, unknown]>([
    ['one customer', order({ customer: { name: 'Dana, Levi', phone: PHONE } })],
    ['two numbers of one person', order({ customer: { phone: '050-1234567, 03-7654321' } })],
    ['a phone with an extension', order({ customer: { phone: '03-555-1234, 12' } })],
    ['a text with commas and numbers', order({ fields: { note: 'call 5551234567, or 5551234568' } })],
    ['nothing', null],
  ])('%s goes through', (_, event) => {
    expect(() => assertOneRecipient(event)).not.toThrow();
  });

  it('is looked at in no time, however long a number is', () => {
    for (const text of ['0', '050-1234567 ', '1,', ' ', '+']) {
      const phone = text.repeat(Math.ceil(100_000 / text.length));
      const before = process.cpuUsage().user;
      try {
        assertOneRecipient(order({ phone, customer: { phone }, to: phone }));
      } catch (error) {
        expect(error).toMatchObject({ reason: 'recipients_list' });
      }
      expect(process.cpuUsage().user - before).toBeLessThan(500_000);
    }
  });
});

import { describe, expect, it } from 'vitest';
import { assertOneRecipient, onePhone } from '../../functions/shared/door/one-recipient.ts';
import { cpuTime } from '../cpu-time.ts';

const order = (data: object, type = 'order.ready_for_pickup') => ({ type, data: { order_id: '1', ...data } });
const PHONE = '+972 50 123 4567';
const OTHER = '+972 50 123 4568';
const FOUR = ['+972 50 123 4561', '+972 50 123 4562', '+972 50 123 4563', '+972 50 123 4564'];

const nested = (depth: number): unknown => {
  let value: unknown = [];
  for (let i = 0; i < depth; i += 1) value = [value];
  return value;
};

describe('one event is about one person', () => {
  it.each<[string, unknown]>([
    ['a list of customers', order({ customers: [{ phone: PHONE }, { phone: PHONE }] })],
    ['recipients', order({ recipients: [PHONE] })],
    ['recipients beside the data', { ...order({}), recipients: [PHONE] }],
    ['a list of phones in the customer', order({ customer: { phones: [PHONE, OTHER] } })],
    ['a phone that is a list', order({ customer: { phone: [PHONE, OTHER] } })],
    ['more phones than a person has', order({ customer: { phone: FOUR.join('; ') } })],
    ['recipients with a comma', order({ to: `${PHONE}, ${OTHER}` })],
    ['customers, though there is one', order({ customers: [{ phone: PHONE }] })],
    ['contacts with a mobile each', order({ contacts: [{ mobile: PHONE }, { name: 'Dana', mobile: OTHER }] })],
    [
      'people within what is told of each',
      order({ customers: [{ contact: { phone: PHONE } }, { contact: { phone: OTHER } }] }),
    ],
    ['lists within a list', order({ to: [[PHONE], [OTHER]] })],
    ['a list within a group', order({ contacts: { list: [PHONE, OTHER] } })],
    ['a list by names', order({ contacts: { dana: PHONE, yossi: OTHER } })],
    ['numbers as numbers', order({ numbers: [972501234567, 972501234568] })],
    ['a list of texts with commas', order({ phones: [`${PHONE}, ${OTHER}`] })],
    ['phones in lists of one', order({ customers: [{ phone: [PHONE] }, { phone: [OTHER] }] })],
    ['recipients one level further down', order({ message: { recipients: [PHONE, OTHER] } })],
    ['a phone that is a list of objects', order({ customer: { phone: [{ number: PHONE }, { number: OTHER }] } })],
    ['many phones of one entry', order({ contacts: [{ phone: FOUR.join(', ') }] })],
    ['numbers with a zero', order({ to: ['0501234567', '0501234568'] })],
    ['links', order({ phones: ['tel:+972501234567', 'tel:+972501234568'] })],
    ['ids of WhatsApp', order({ contacts: ['972501234567@c.us', '972501234568@c.us'] })],
    ['numbers with other hyphens', order({ phone: ['050\u2011123\u20114567', '050\u2011123\u20114568'] })],
    ['contacts with a phone that has no zero', order({ contacts: [{ phone: '501234567' }, { phone: '501234568' }] })],
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
    ['line numbers', order({ numbers: [1, 2, '10-44'] })],
    ['an empty list', order({ contacts: [], customers: [], recipients: [] })],
    ['a place', order({ to: ['store'] })],
    ['one contact with three numbers', order({ contacts: [{ phone: PHONE, mobile: OTHER, cell: PHONE }] })],
    ['one phone in a list', order({ customer: { phone: [PHONE] } })],
    ['one phone in a list with junk', order({ customer: { phone: [PHONE, null, '', 'n/a'] } })],
    ['lines with long numbers', order({ contacts: [{ sku: '7290001234567' }, { sku: '7290001234568' }] })],
    ['invoices as numbers', order({ numbers: [20261044, 20261045] })],
    ['invoices as texts', order({ numbers: ['20261044', '2026-1045'], to: '20261044, 20261045' })],
    ['places by numbers', order({ to: [5012345678, 5012345679], contacts: ['20261044', { number: '20261045' }] })],
    ['one number twice', order({ customer: { phone: ['+972501234567', '0501234567'] } })],
    ['one number in two contacts', order({ contacts: [{ phone: PHONE }, { mobile: '050-1234567' }] })],
    ['the phones of a place', order({ location: { phones: ['03-7654321', '03-7654322'] } })],
    ['what is nested without end', order({ to: nested(1000) })],
    ['nothing', null],
  ])('%s goes through', (_, event) => {
    expect(() => assertOneRecipient(event)).not.toThrow();
  });

  it('is looked at in no time, however long a number is', () => {
    for (const text of ['0', '050-1234567 ', '1,', ' ', '+']) {
      const phone = text.repeat(Math.ceil(100_000 / text.length));
      const look = () => {
        try {
          assertOneRecipient(order({ phone, customer: { phone }, to: phone }));
        } catch (error) {
          expect(error).toMatchObject({ reason: 'recipients_list' });
        }
      };
      expect(cpuTime(look)).toBeLessThan(500);
    }
  });
});

describe('a phone in a list of one', () => {
  it.each([
    'tel:+972501234567',
    '972501234567@c.us',
    '050\u2011123\u20114567',
    '\u200e050-1234567',
    'https://wa.me/972501234567',
    'n/a',
  ])('is %j as it stands', (phone) => {
    expect(onePhone([phone])).toBe(phone);
    expect(onePhone([null, phone, ' '])).toBe(phone);
  });

  it('is the one that is a phone, beside words', () => {
    expect(onePhone(['n/a', 'tel:+972501234567'])).toBe('tel:+972501234567');
    expect(onePhone(['+972501234567', '0501234567'])).toBe('+972501234567');
    expect(onePhone(['', null])).toBeUndefined();
    expect(onePhone('050-1234567')).toBe('050-1234567');
  });
});

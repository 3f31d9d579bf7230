import { describe, expect, it } from 'vitest';
import { firstUsablePhone } from '../../functions/shared/phone.ts';

describe('a phone as a shop or form gives it', () => {
  it.each([
    ['+972501234567', 'IL', '+972501234567'],
    ['050-123-4567', 'IL', '+972501234567'],
    ['00972 50 123 4567', 'IL', '+972501234567'],
    ['(050) 123.4567', 'IL', '+972501234567'],
    ['+44 20 7946 0958', 'IL', '+442079460958'],
    [' +972 50 123 4567 ', 'US', '+972501234567'],
  ])('%s in %s is %s', (raw, country, expected) => {
    expect(firstUsablePhone([{ raw }], country)).toBe(expected);
  });

  it.each(['123', '555-555-SHIP', '', ' ', 'none', '050-123-4567 ext 5', '+97250123456789012', '٠'])(
    'refuses %j',
    (raw) => {
      expect(firstUsablePhone([{ raw }], 'IL')).toBeUndefined();
    },
  );

  it('takes the first candidate that can be called', () => {
    const candidates = [{ raw: undefined }, { raw: '123' }, { raw: '050-123-4567' }, { raw: '+442079460958' }];
    expect(firstUsablePhone(candidates, 'IL')).toBe('+972501234567');
  });

  it("reads a national number in its own address's country before the client's", () => {
    expect(firstUsablePhone([{ raw: '020 7946 0958', country: 'gb' }], 'IL')).toBe('+442079460958');
  });

  it('does not turn an Israeli mobile beside a US address into a number in the US', () => {
    expect(firstUsablePhone([{ raw: '050-123-4567', country: 'US' }], 'IL')).toBe('+972501234567');
  });

  it('survives a country that does not exist', () => {
    expect(firstUsablePhone([{ raw: '050-123-4567', country: 'XX' }], 'IL')).toBe('+972501234567');
  });
});

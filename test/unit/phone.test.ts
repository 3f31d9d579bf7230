import { describe, expect, it } from 'vitest';
import {
  firstUsablePhone,
  isFromOneOf,
  type PhoneCandidate,
  PLUS_OR_SPACE,
} from '../../functions/shared/people/phone.ts';
import { cpuTime } from '../cpu-time.ts';

const home = (country: string) => ({ country, locale: 'en' });
const read = (raw: string, of = 'IL', country?: string) => firstUsablePhone([{ raw, country }], home(of));

describe('a number is what the person wrote, valid as it stands', () => {
  it.each([
    ['+972501234567', 'IL', '+972501234567'],
    [' +972 50 123 4567 ', 'US', '+972501234567'],
    ['00972 50 123 4567', 'IL', '+972501234567'],
    ['011 972 50 123 4567', 'US', '+972501234567'],
    ['972501234567', 'IL', '+972501234567'],
    ['050-123-4567', 'IL', '+972501234567'],
    ['501234567', 'IL', '+972501234567'],
    ['(050) 123.4567', 'IL', '+972501234567'],
    ['(050).123.4567', 'IL', '+972501234567'],
    ['050-1234567.', 'IL', '+972501234567'],
    ['+1.(212).555.0144', 'IL', '+12125550144'],
    ['8 612 34567', 'LT', '+37061234567'],
    ['0 612 34567', 'LT', '+37061234567'],
    ['050.123.4567', 'IL', '+972501234567'],
    ['050/1234567', 'IL', '+972501234567'],
    ['050\u2011123\u20134567', 'IL', '+972501234567'],
    ['050\u00a01234567', 'IL', '+972501234567'],
    ['٠٥٠١٢٣٤٥٦٧', 'IL', '+972501234567'],
    ['０５０１２３４５６７', 'IL', '+972501234567'],
    // Blocks that the library's own list of Israel's mobiles leaves out.
    ['055-123-4567', 'IL', '+972551234567'],
    ['058-123-4567', 'IL', '+972581234567'],
    // A landline can be on WhatsApp Business: whoever writes the country means it.
    ['+44 20 7946 0958', 'IL', '+442079460958'],
    ['+972 3 765 4321', 'IL', '+97237654321'],
    ['06 12 34 56 78', 'FR', '+33612345678'],
    ['07911 123456', 'GB', '+447911123456'],
    ['(212) 555-0144', 'US', '+12125550144'],
    ['1-212-555-0144', 'US', '+12125550144'],
    ['(11) 98765-4321', 'BR', '+5511987654321'],
    ['5511987654321', 'BR', '+5511987654321'],
    ['0171 1234567', 'DE', '+491711234567'],
    ['333 123 4567', 'IT', '+393331234567'],
    ['8 912 345-67-89', 'RU', '+79123456789'],
    ['06 30 123 4567', 'HU', '+36301234567'],
  ])('%s of a client in %s is %s', (raw, of, phone) => {
    expect(read(raw, of)).toEqual({ phone });
  });

  it.each([
    ['\u2066050-1234567\u2069', 'direction marks'],
    ['\u200e+972\u200f 50 1234567\u202c', 'direction marks'],
    ['tel:+972-50-123-4567', 'a link'],
    ['https://wa.me/972501234567', 'a link'],
    ['wa.me/+972501234567?text=hi', 'a link'],
    ['https://api.whatsapp.com/send?phone=972501234567&text=hi', 'a link'],
    ['whatsapp:+972501234567', 'a scheme'],
    ['p:+972501234567', 'an export of lead forms'],
    ['tel://+972501234567', 'a link'],
    ['https://wa.me/972501234567?text=hi there', 'a link'],
    ['="0501234567"', 'a spreadsheet'],
    ['"050-1234567"', 'a spreadsheet'],
    ["'0501234567'", 'a spreadsheet'],
    ['“0501234567”', 'a word processor'],
    ['"""0501234567"""', 'a spreadsheet'],
    ['=+972501234567', 'a spreadsheet'],
    ["'0501234567", 'a spreadsheet'],
    ['972501234567@s.whatsapp.net', 'a WhatsApp id'],
    ['972501234567:12@s.whatsapp.net', "a device's WhatsApp id"],
    ['972501234567@c.us', 'a WhatsApp id'],
  ])('%j is whole, as %s writes it', (raw) => {
    expect(read(raw)).toEqual({ phone: '+972501234567' });
  });

  it.each([
    '212-555-1234',
    '07458038791',
    '1-212-555-0144',
    '11987654321',
    '06 12 34 56 78',
    '050 123 456',
    '447911123456',
    ' 447911123456',
    '15550000000',
    '03-765-4321',
    '077-123-4567',
    '1-800-123-456',
    '*2700',
  ])('%s names no country and is no mobile of the client’s: nobody is written to', (raw) => {
    expect(read(raw)).toEqual({ refusal: 'no_usable_phone' });
  });

  it.each([
    '050123456.0',
    '0501234567.0',
    '501234567.0',
    '972501234567.0',
    '972501234567.00',
    '+972501234567.0',
    '050-123456.0',
    '5.01234567',
    '0.501234567',
    '.0501234567',
    '050..1234567',
    '+ +972501234567',
    '++972501234567',
    '050+1234567',
    '123',
    '',
    ' ',
    '٠',
    '+97250123456789012',
    '+000501234567',
  ])('%j is no number', (raw) => {
    expect(read(raw)).toEqual({ refusal: 'no_usable_phone' });
  });

  it.each([
    ['555-555-SHIP', 'letters'],
    ['none', 'letters'],
    ['9.72501E+11', 'letters'],
    ['Dana 050-123-4567', 'letters'],
    ['+4639135123456@lid', 'letters'],
    ['050-123-4567 ext 5', 'extension'],
    ['+1 212 555 0144 x12', 'extension'],
    ['050-123-4567 #12', 'extension'],
    ['050-1234567,12', 'extension'],
    ['tel:+972501234567;ext=5', 'extension'],
    ['03-7654321 שלוחה 12', 'extension'],
    ['03-7654321 تحويلة 12', 'extension'],
    ['050-123-4567, Dana', 'letters'],
    ['https://shop.example/972501234567', 'letters'],
  ])('%s is refused, and its %s named', (raw, what) => {
    expect(read(raw)).toEqual({ refusal: `no_usable_phone:${what}` });
  });
});

describe('a number behind what was a plus or a space', () => {
  it.each([
    ['479-912-3456', 'US', '+14799123456'],
    ['622345678', 'ES', '+34622345678'],
    ['212-555-0144', 'US', '+12125550144'],
    ['501234567', 'IL', '+972501234567'],
    ['447911123456', 'IL', '+447911123456'],
    ['447911123456', 'GB', '+447911123456'],
    ['972 50 123 4567', 'US', '+972501234567'],
  ])(
    '%s is national where it is one of the country named (%s), and international elsewhere',
    (rest, country, phone) => {
      expect(read(`${PLUS_OR_SPACE}${rest}`, 'IL', country)).toEqual({ phone });
    },
  );
});

describe('digits that are dialled and digits that reach', () => {
  it.each([
    ['+44 (0)7911 123456', 'IL', '+447911123456'],
    ['+972 050 123 4567', 'US', '+972501234567'],
    ['+52 1 55 1234 5678', 'IL', '+525512345678'],
    ['1 55 1234 5678', 'MX', '+525512345678'],
    ['+54 9 11 2345 6789', 'IL', '+5491123456789'],
    ['+54 11 15 2345 6789', 'IL', '+5491123456789'],
    ['+54 9 11 15 2345 6789', 'IL', '+5491123456789'],
    ['011 15-2345-6789', 'AR', '+5491123456789'],
    ['0221 15-512-3456', 'AR', '+5492215123456'],
    ['0690 12 34 56', 'FR', '+590690123456'],
    ['+33 690 12 34 56', 'IL', '+590690123456'],
    ['0694 12 34 56', 'FR', '+594694123456'],
    ['0696 12 34 56', 'FR', '+596696123456'],
    ['0692 12 34 56', 'FR', '+262692123456'],
    ['0639 01 23 45', 'FR', '+262639012345'],
  ])('%s of a client in %s reaches %s', (raw, of, phone) => {
    expect(read(raw, of)).toEqual({ phone });
  });

  it.each([
    ['+44 (0)20 7946 0958', 'IL', 'a trunk zero was left in, and it is no mobile'],
    ['11 2345-6789', 'AR', 'it could be a landline as well as a mobile without its 15'],
    ['0 15 11 98765-4321', 'BR', "the digits of a carrier stand in it, and might be a person's"],
    ['11 8765-4321', 'BR', 'it has eight digits, as landlines have'],
  ])('%s of a client in %s is refused: %s', (raw, of) => {
    expect(read(raw, of)).toEqual({ refusal: 'no_usable_phone' });
  });
});

describe('several numbers', () => {
  it.each([
    '050-1234567, 03-7654321',
    '03-7654321 / 050-1234567',
    '03-7654321;050-1234567;',
    '050-1234567\n054-1234567',
    '050 1234567 | 054 1234567',
    '050-1234567/054-1234567',
  ])('of one field %j are candidates', (raw) => {
    expect(read(raw)).toEqual({ phone: '+972501234567' });
  });

  it('of several fields are candidates in their order', () => {
    const candidates = [{ raw: undefined }, { raw: '123' }, { raw: '050-123-4567' }, { raw: '+442079460958' }];
    expect(firstUsablePhone(candidates, home('IL'))).toEqual({ phone: '+972501234567' });
  });

  it('that are all refused are refused for what stands in the way of the first', () => {
    const candidates = [{ raw: '' }, { raw: '555-555-SHIP' }, { raw: '123' }];
    expect(firstUsablePhone(candidates, home('IL'))).toEqual({ refusal: 'no_usable_phone:letters' });
    expect(firstUsablePhone([], home('IL'))).toEqual({ refusal: 'no_usable_phone' });
  });

  it('and a text of 100,000 digits, commas or dots are looked at in no time', () => {
    for (const text of ['0', '05,', '1.', '050-1234567,', ' ', '+', '(', 'x', '\u200e']) {
      const candidates: PhoneCandidate[] = [{ raw: text.repeat(100_000) }];
      const look = () => expect(firstUsablePhone(candidates, home('IL'))).toHaveProperty('refusal');
      expect(cpuTime(look)).toBeLessThan(200);
    }
  });
});

describe('the country of a national number', () => {
  it.each([
    ['020 7946 0958', 'GB', undefined],
    ['07911 123456', 'gb', '+447911123456'],
    ['07911 123456', 'UK', '+447911123456'],
    ['07911 123456', 'England', '+447911123456'],
    ['07911 123456', '+44', '+447911123456'],
    ['212-555-0144', 'USA', '+12125550144'],
    ['212-555-0144', 'ארצות הברית', '+12125550144'],
    ['0171 1234567', 'Deutschland', '+491711234567'],
    ['11987654321', 'BRA', '+5511987654321'],
    ['0501234567', 'Please select', '+972501234567'],
    ['0501234567', 'Other', '+972501234567'],
    ['0501234567', 'XX', '+972501234567'],
    ['07911 123456', '-', undefined],
    // Landlines of the country that is named, which would be mobiles in Israel.
    ['050 312 3456', 'NL', undefined],
    ['05 56 12 34 56', 'FR', undefined],
    ['052-123-4567', '日本', undefined],
    // A slip of the finger: a digit short, one of another kind. Not a number of the client's.
    ['0532 123 456', 'TR', undefined],
    ['052 1234567', 'GB', undefined],
    ['050 123 45 67', 'PL', undefined],
    ['972501234567', 'GB', '+972501234567'],
    // An Israeli mobile beside an address in the US does not become a number in the US.
    ['054-123-4567', 'US', '+972541234567'],
  ])('%s beside %s', (raw, country, phone) => {
    expect(read(raw, 'IL', country)).toEqual(phone ? { phone } : { refusal: 'no_usable_phone' });
  });
});

it('a number belongs to its country, or to any that shares its calling code where the number does not tell', () => {
  expect(isFromOneOf('+972501234567', ['IL'])).toBe(true);
  expect(isFromOneOf('+447911123456', ['IL'])).toBe(false);
});

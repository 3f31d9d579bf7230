import { expect, it } from 'vitest';
import { isWritten, nationalPart, phoneForms, searchTerms } from '../../functions/crm-sync/phone-forms.ts';

it('a number of the client’s country is written with and without it, the likeliest first', () => {
  const forms = phoneForms('+972501234567', '972');
  expect(forms.slice(0, 4)).toEqual(['+972501234567', '972501234567', '0501234567', '050-123-4567']);
  for (const form of ['501234567', '+972 50-123-4567', '+972 50 123 4567', '050 123 4567', '00972501234567'])
    expect(forms).toContain(form);
});

it('a number of another country never stands without it', () => {
  expect(phoneForms('+971501234567', '972').filter((form) => !/971/.test(form))).toEqual([]);
  expect(isWritten('050-123-4567', phoneForms('+971501234567', '972'))).toBe(false);
  expect(isWritten('(050) 123.4567', phoneForms('+972501234567', '972'))).toBe(true);
  expect(isWritten('', phoneForms('+972501234567', '972'))).toBe(false);
});

it.each([
  ['+972501234567', '501234567'],
  ['+12125550123', '2125550123'],
  ['+442079460018', '2079460018'],
  ['+35312345678', '12345678'],
  ['+79161234567', '9161234567'],
])('%s: %s behind the code of the country', (phone, national) => expect(nationalPart(phone)).toBe(national));

it('a number that is written in two ways has the forms of both', () => {
  expect(phoneForms('+551187654321', '55')).toEqual(expect.arrayContaining(['+5511987654321', '11987654321']));
  expect(searchTerms('+972501234567')).toEqual(['501234567', '50-123-4567', '50 123 4567', '50-1234567']);
});

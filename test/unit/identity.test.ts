import fc from 'fast-check';
import { expect, it } from 'vitest';
import { fingerprint, fingerprintOf } from '../../functions/shared/ledger/fingerprint.ts';
import { identityOf, numberForms } from '../../functions/shared/people/identity.ts';

it.each([
  ['Brazil, a mobile of São Paulo with and without its ninth digit', '+5511987654321', '+551187654321'],
  ['Brazil, a mobile of an area that got the ninth digit last', '+5545991234567', '+554591234567'],
  ['Mexico, with the 1 of before 2019', '+525512345678', '+5215512345678'],
  ['Argentina, from abroad and at home', '+5491123456789', '+541123456789'],
])('one person: %s', (_, identity, other) => {
  expect([identityOf(identity), identityOf(other)]).toEqual([identity, identity]);
  expect(numberForms(other)).toEqual([other, identity]);
  expect(numberForms(identity)).toEqual([identity, other]);
});

it('Brazil’s ninth digit counts in all area codes', () => {
  for (let area = 11; area <= 99; area += 1) {
    expect(identityOf(`+55${area}87654321`)).toBe(`+55${area}987654321`);
  }
});

it.each([
  ['a landline of Brazil and a number that is longer by a 9', '+554532345678', '+5545932345678'],
  ['Israel', '+972501234567', '+97201234567'],
])('two persons: %s', (_, one, other) => {
  expect(identityOf(one)).toBe(one);
  expect(identityOf(other)).toBe(other);
  expect(numberForms(one)).toEqual([one]);
});

it('a message of ours is recognised on the line by whichever form of the number it is shown with', () => {
  const sent = fingerprint({ body: '{"to":"+5511987654321","body":"Hi Dana"}' });
  expect(sent).toEqual({ fingerprint: fingerprintOf('+551187654321', 'Hi  Dana') });
  expect(sent).not.toEqual({ fingerprint: fingerprintOf('+551187654322', 'Hi Dana') });
});

it('an identity is its own identity, and all forms of a number share it', () => {
  const phone = fc
    .tuple(fc.constantFrom('55', '52', '54', '521', '549', '972', '1', '44'), fc.stringMatching(/^\d{7,11}$/))
    .map(([code, rest]) => `+${code}${rest}`);
  fc.assert(
    fc.property(phone, (one) => {
      const identity = identityOf(one);
      expect(identityOf(identity)).toBe(identity);
      expect(numberForms(one)[0]).toBe(one);
      for (const form of numberForms(one)) expect(identityOf(form)).toBe(identity);
    }),
  );
});

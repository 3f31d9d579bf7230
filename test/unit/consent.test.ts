import { describe, expect, it } from 'vitest';
import { decidingAnswer, isConsent } from '../../functions/shared/door/consent.ts';
import { consentSchema } from '../../functions/shared/door/consent-schema.ts';

const rule = consentSchema.parse({ fields: ['whatsapp_updates', 'consent'] });
const agreed = (given: Readonly<Record<string, unknown>>, by = rule): boolean => {
  const answers = Object.entries(given).map(([name, value]) => ({ names: [name], value }));
  return isConsent(decidingAnswer(answers, by), by);
};

describe('a rule of consent without a statement, of whichever template', () => {
  it('is a yes where the question that decides was answered with one', () => {
    for (const yes of ['yes', true, '1', 'on', 'WhatsApp', ['Email', 'WhatsApp']]) {
      expect(agreed({ 'WhatsApp updates': yes, note: 'no hurry' }), String(yes)).toBe(true);
    }
    expect(agreed({ consent: 'yes' })).toBe(true);
    const own = consentSchema.parse({ fields: ['consent'], values: ['כן*'] });
    expect([agreed({ consent: 'כן, אפשר' }, own), agreed({ consent: 'yes' }, own)]).toEqual([true, false]);
  });

  it('is none where it was left empty, answered otherwise, or not asked', () => {
    for (const no of ['', null, false, 'no', 'Not checked', 'Email', [], {}]) {
      expect(agreed({ whatsapp_updates: no, consent: 'yes' }), String(no)).toBe(false);
    }
    expect(agreed({ note: 'yes' })).toBe(false);
    expect(agreed({})).toBe(false);
  });

  it('names a question that can be told from others', () => {
    for (const fields of [undefined, [], [''], ['*'], ['?']]) {
      expect(consentSchema.safeParse({ fields }).success, String(fields)).toBe(false);
    }
    expect(consentSchema.safeParse({ fields: ['consent'], statement: 'By ordering I agree.' }).success).toBe(false);
  });
});

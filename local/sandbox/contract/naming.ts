import type { Contract } from './assumptions.ts';
import { privacyIdOf } from './privacy-id.ts';

/** How a webhook names one person. */
export interface Named {
  readonly chatId: string;
  /** Of one whose number is told by no field and no id. */
  readonly isHidden: boolean;
  /** What the field of the number holds, `undefined` where it is missing. */
  readonly phoneField: string | null | undefined;
}

const byNumber = (phone: string, server: string, phoneField?: string): Named => ({
  chatId: `${phone.slice(1)}@${server}`,
  isHidden: false,
  phoneField,
});

const byPrivacyId = (phone: string, fieldOf: (privacyId: string) => string | null | undefined): Named => {
  const privacyId = privacyIdOf(phone);
  return { chatId: `${privacyId}@lid`, isHidden: true, phoneField: fieldOf(privacyId) };
};

/** @param hasWritten whether a message of theirs was told before */
export const named = (people: Contract['people'], phone: string, hasWritten: boolean): Named => {
  switch (people) {
    case 'number':
      return byNumber(phone, 's.whatsapp.net', phone);
    case 'jid':
      return byNumber(phone, 's.whatsapp.net');
    case 'c-us':
      return byNumber(phone, 'c.us');
    case 'lid':
      return byPrivacyId(phone, () => undefined);
    case 'lid-empty':
      return byPrivacyId(phone, () => '');
    case 'lid-null':
      return byPrivacyId(phone, () => null);
    case 'lid-repeated':
      return byPrivacyId(phone, (privacyId) => `+${privacyId}`);
    case 'lid-later':
      return hasWritten ? byPrivacyId(phone, () => undefined) : byNumber(phone, 's.whatsapp.net', phone);
  }
};

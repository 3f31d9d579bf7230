/**
 * Numbers that are written in two ways: a shop writes the one, WhatsApp's ids the other. Brazil's mobiles have a ninth digit, a 9 before
 * the eight (which begin with 6 to 9; landlines begin with 2 to 5 and have none), Mexico's had a 1 until 2019, Argentina's have
 * a 9 from abroad. As pairs: how else it is written, and the one form that stands for both.
 */
const SAME: readonly (readonly [other: RegExp, identity: string, identityForm: RegExp, other: string])[] = [
  [/^\+55(\d\d)([6-9]\d{7})$/, '+55$19$2', /^\+55(\d\d)9([6-9]\d{7})$/, '+55$1$2'],
  [/^\+521(\d{10})$/, '+52$1', /^\+52(\d{10})$/, '+521$1'],
  [/^\+54(\d{10})$/, '+549$1', /^\+549(\d{10})$/, '+54$1'],
];

/**
 * The one number (E.164) that stands for a phone wherever phones are compared: stops, consent, once per phone, rules, the CRM's key,
 * messages recognised on the line. It need not be dialled so: what is written to is the number as it was given.
 */
export const identityOf = (phone: string): string => {
  const found = SAME.find(([other]) => other.test(phone));
  return found ? phone.replace(found[0], found[1]) : phone;
};

/** Whether a number is one of some, however each is written. */
export const isOneOf = (phone: string, phones: readonly string[]): boolean =>
  phones.some((one) => identityOf(one) === identityOf(phone));

/** All ways in which a phone (E.164) may be written, as it is given first: one for nearly all, never more than two. */
export const numberForms = (phone: string): readonly string[] => {
  const identity = identityOf(phone);
  const found = SAME.find(([, , form]) => form.test(identity));
  return [...new Set([phone, identity, ...(found ? [identity.replace(found[2], found[3])] : [])])];
};

/**
 * Numbers that two spellings stand for: WhatsApp's ids keep Mexico's and Argentina's mobile digit or leave it out, and leave out
 * the ninth digit of older Brazilian accounts, whatever the shop wrote.
 */
const OTHER_FORMS: readonly (readonly [RegExp, string])[] = [
  [/^\+521(?<rest>\d{10})$/, '+52$<rest>'],
  [/^\+52(?<rest>\d{10})$/, '+521$<rest>'],
  [/^\+549(?<rest>\d{10})$/, '+54$<rest>'],
  [/^\+54(?<rest>\d{10})$/, '+549$<rest>'],
  [/^\+55(?<area>\d\d)9(?<rest>\d{8})$/, '+55$<area>$<rest>'],
  [/^\+55(?<area>\d\d)(?<rest>[6-9]\d{7})$/, '+55$<area>9$<rest>'],
];

/** The number (E.164) itself, and how else WhatsApp may name the same phone: one form for nearly all, never more than two. */
export const numberForms = (phone: string): readonly string[] => {
  const other = OTHER_FORMS.find(([form]) => form.test(phone));
  return other ? [phone, phone.replace(...other)] : [phone];
};

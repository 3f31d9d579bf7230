import { parsePhoneNumberFromString } from 'libphonenumber-js/min';

/** `+972 •• ••• ••67`: enough to know one's own number by, and no more. */
export const masked = (phone: string): string => {
  const code = parsePhoneNumberFromString(phone)?.countryCallingCode ?? phone.slice(1, 3);
  return `+${code} •• ••• ••${phone.slice(-2)}`;
};

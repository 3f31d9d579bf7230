/** `+972 •• ••• ••67`: enough to know a number by that one has before oneself, and no more. Of codes of three digits at most. */
export const masked = (phone: string): string => `${phone.slice(0, 4)} •• ••• ••${phone.slice(-2)}`;

/** By which a tracking number is known again, however it is written: with spaces or without, in small letters or in capitals. */
export const plainNumber = (number: string): string =>
  number
    .normalize('NFKC')
    .toUpperCase()
    .replace(/[^\p{L}\p{N}]+/gu, '');

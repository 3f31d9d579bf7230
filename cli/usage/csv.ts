/** Characters that make a formula of a cell, also as some keyboards write them; what is not seen is skipped before one. */
const FORMULA = /^[\s\p{Cf}]*[=+\-@＝＋－＠]/u;

const cell = (value: string | number): string => {
  if (typeof value === 'number') return String(value);
  const text = FORMULA.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
};

/** As RFC 4180 has it: a line's end is CR LF, a quote is doubled. No text in it is a formula to a spreadsheet; numbers stay numbers. */
export const csv = (rows: readonly (readonly (string | number)[])[]): string =>
  rows.map((row) => `${row.map(cell).join(',')}\r\n`).join('');

/** By this mark Excel knows UTF-8. */
export const BOM = '\uFEFF';

import { decodeAs, encodingOf } from '../../../shared/runtime/charset.ts';

/** A field as it came: bytes, each as the character of its number, so that no cut can fall inside a character of its text. */
export interface Field {
  readonly name: string;
  readonly value: string;
  /** What the field itself says that its value is encoded in. */
  readonly charset?: string | undefined;
}

const bytesOf = (text: string): Buffer => Buffer.from(text, 'latin1');

/** A form has no bytes in UTF-16; who names that means the page around it. */
const formEncoding = (text: string, label: string | undefined): string => {
  const encoding = encodingOf(bytesOf(text), label);
  return encoding.startsWith('utf-16') ? 'utf-8' : encoding;
};

/** Names and texts. A browser that was asked to writes its encoding into the field `_charset_`; else the content type names it. */
export const fieldTexts = (fields: readonly Field[], charset: string | undefined): [string, string][] => {
  const label = fields.find(({ name }) => name === '_charset_')?.value.trim() || charset;
  // One for all: a short text by itself may pass for UTF-8 by chance, a whole form hardly ever does.
  const common = formEncoding(fields.map(({ name, value }) => `${name} ${value}`).join(' '), label);
  return fields.map(({ name, value, charset: own }): [string, string] => {
    const encoding = own === undefined ? common : formEncoding(value, own);
    return [decodeAs(bytesOf(name), common), decodeAs(bytesOf(value), encoding)];
  });
};

import { charsetOf } from '../../../shared/runtime/charset.ts';
import { type Field, fieldTexts } from './field-texts.ts';

/**
 * Names and texts of a multipart/form-data body, in their order. Files are left out; a body that breaks off ends there. Where the
 * content type does not say what stands between the parts, the first line does.
 */
export const multipartFields = (raw: Uint8Array, contentType: string): [string, string][] => {
  const match = /boundary=(?:"([^"]+)"|([^;\s]+))/i.exec(contentType);
  const text = Buffer.from(raw).toString('latin1');
  const boundary = match?.[1] ?? match?.[2] ?? /^\s*--([^\r\n]+)\r\n/.exec(text)?.[1];
  if (!boundary) return [];
  const parts = `\r\n${text}`.split(`\r\n--${boundary}`).slice(1, -1);
  const fields = parts.flatMap((part): Field[] => {
    const end = part.indexOf('\r\n\r\n');
    if (end < 0) return [];
    const head = part.slice(0, end);
    const name = /;\s*name="([^"]*)"/i.exec(head)?.[1];
    if (name === undefined || /;\s*filename\*?=/i.test(head)) return [];
    const type = /^content-type:(.*)$/im.exec(head)?.[1];
    return [{ name, value: part.slice(end + 4), charset: charsetOf(type) }];
  });
  return fieldTexts(fields, charsetOf(contentType));
};

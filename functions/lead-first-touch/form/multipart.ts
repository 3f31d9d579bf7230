/** Names and texts of a multipart/form-data body, in their order. Files are left out; a body that breaks off ends there. */
export const multipartFields = (raw: Uint8Array, contentType: string): [string, string][] => {
  const match = /boundary=(?:"([^"]+)"|([^;\s]+))/i.exec(contentType);
  const boundary = match?.[1] ?? match?.[2];
  if (!boundary) return [];
  // Bytes as characters, so that a cut can never fall inside one; each text is decoded by itself.
  const parts = `\r\n${Buffer.from(raw).toString('latin1')}`.split(`\r\n--${boundary}`).slice(1, -1);
  return parts.flatMap((part): [string, string][] => {
    const end = part.indexOf('\r\n\r\n');
    if (end < 0) return [];
    const head = decoded(part.slice(0, end));
    const name = /;\s*name="([^"]*)"/i.exec(head)?.[1];
    if (name === undefined || /;\s*filename\*?=/i.test(head)) return [];
    return [[name, decoded(part.slice(end + 4))]];
  });
};

const decoded = (bytes: string): string => Buffer.from(bytes, 'latin1').toString('utf8');

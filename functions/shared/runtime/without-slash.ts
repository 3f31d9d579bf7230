/** A base address, to which a path is put. Each run of slashes is looked at once: the end alone would be looked for from every slash anew. */
export const withoutSlash = (address: string): string => address.replace(/(?<!\/)\/+$/, '');

/** In the metadata of a stack's template: what its functions read. */
export const READS = 'ezw:parameters';

/** In the metadata of a stack's template: the whole client file, resolved. No secret is in it. */
export const CLIENT = 'ezw:client';

/** The one that stays in Secrets Manager. */
export const lineTokenName = (client: string): string => `ezw/${client}/line-token`;

/** @param name such as `crm` */
export const parameterName = (client: string, name: string): string => `/ezw/${client}/${name}`;

/** What the sources of a template prove themselves by: no other template's function may read it. */
export const sourcesOf = (template: string): string => `sources/${template}`;

/** Hides the phones of the table `contacts`: whoever changes it loses every row, and with them who said stop. */
export const SALT = 'contact-salt';

/** Of the stack's template: that the values are there which its functions read. Whoever made them says so. */
export const PREPARED = 'Prepared';

/** Is there once a salt was made: it is made no second time. */
export const SALTED = 'salt-made';

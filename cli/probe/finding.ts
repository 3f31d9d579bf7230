/** What was found out about one assumption. `found` is in words, with no value of anybody's. */
export type Finding =
  | { readonly is: 'variant'; readonly variant: string; readonly found: string }
  /** Something that nobody thought of. */
  | { readonly is: 'other'; readonly found: string }
  | { readonly is: 'unasked'; readonly found: string };

export const variant = (name: string, found: string): Finding => ({ is: 'variant', variant: name, found });
export const other = (found: string): Finding => ({ is: 'other', found });
export const unasked = (found: string): Finding => ({ is: 'unasked', found });

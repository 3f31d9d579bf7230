/** Headings of a page, in order, without what is in code blocks. */
export const headingsOf = (page: string): readonly string[] =>
  [...page.replace(/^```[\s\S]*?^```/gm, '').matchAll(/^#{1,6} (.+)$/gm)].map(([, text = '']) => text);

/** The anchor of a heading, as GitHub makes it. */
export const slugOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replace(/\s/g, '-');

/** The runbooks of docs/operations.md, by the id of their check. */
export const runbooks = (page: string): ReadonlyMap<string, string> => {
  const [, rest = ''] = page.split(/^## Runbooks$/m);
  const [all = ''] = rest.split(/^## /m);
  const [, ...each] = all.split(/^### /m);
  const found = each.map((text) => [slugOf(text.split('\n', 1)[0] ?? ''), text] as const);
  return new Map(found);
};

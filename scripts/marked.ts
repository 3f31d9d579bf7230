/** Two lines of a page, between which stands what is made of the code. */
export interface Marks {
  readonly begin: string;
  readonly end: string;
}

/** The page with another text between its markers. Throws where it has no markers. */
export const marked = (page: string, { begin, end }: Marks, text: string): string => {
  const [from, to] = [page.indexOf(begin), page.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`The page needs the lines "${begin}" and "${end}".`);
  return `${page.slice(0, from)}${begin}\n\n${text}\n\n${page.slice(to)}`;
};

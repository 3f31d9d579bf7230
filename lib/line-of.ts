/** Strings and comments, of which nothing is a name, and all else letter by letter. */
const TOKEN =
  /\/\/[^\n]*|\/\*[\s\S]*?\*\/|'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\.)*`|[\w$]+|[{}[\](),:]/g;

interface Open {
  /** Of the object or list that is open, from the top. */
  readonly path: readonly (string | number)[];
  /** Of a list: the place of its next value. */
  index?: number;
}

const nameOf = (token: string): string | undefined => {
  if (/^['"]/.test(token)) return token.slice(1, -1);
  return /^[\w$]+$/.test(token) ? token : undefined;
};

const same = (one: readonly (string | number)[], other: readonly (string | number)[]): boolean =>
  one.length === other.length && one.every((step, i) => String(step) === String(other[i]));

/**
 * The line, counted from 1, on which a setting stands in a client file's text: of what is not written there, the line of the
 * nearest one around it, at last of the export itself. Undefined where there is none.
 * @param path names and places in lists, from the top
 */
export const lineOf = (text: string, path: readonly (string | number)[]): number | undefined => {
  const exported = text.search(/\bexport default\b/);
  const own = placesIn(text, Math.max(exported, 0));
  // The exported object may have been written above, as a constant.
  const places = own.length > 0 ? own : placesIn(text, 0);
  for (let depth = path.length; depth > 0; depth -= 1) {
    const found = places.find((place) => same(place.path, path.slice(0, depth)));
    if (found) return lineAt(text, found.at);
  }
  return exported < 0 ? undefined : lineAt(text, exported);
};

const lineAt = (text: string, at: number): number => text.slice(0, at).split('\n').length;

/** Every setting of the objects that are written from `start` on. */
const placesIn = (text: string, start: number): { path: readonly (string | number)[]; at: number }[] => {
  const places: { path: readonly (string | number)[]; at: number }[] = [];
  const open: Open[] = [];
  let key: { name: string; at: number } | undefined;
  let path: readonly (string | number)[] = [];
  for (const { 0: token, index: at } of text.slice(start).matchAll(TOKEN)) {
    if (/^\/[/*]/.test(token)) continue;
    const within = open.at(-1);
    if (token === '{' || token === '[') {
      const own = within?.index === undefined ? path : [...within.path, within.index];
      if (within?.index !== undefined) places.push({ path: own, at: at + start });
      open.push(token === '[' ? { path: own, index: 0 } : { path: own });
      path = own;
    } else if (token === '}' || token === ']') {
      open.pop();
      path = open.at(-1)?.path ?? [];
    } else if (token === ',') {
      if (within?.index !== undefined) within.index += 1;
      path = within?.path ?? [];
    } else if (token === ':' && key && within && within.index === undefined) {
      path = [...within.path, key.name];
      places.push({ path, at: key.at + start });
      key = undefined;
    } else {
      const name = nameOf(token);
      key = name === undefined ? undefined : { name, at };
    }
  }
  return places;
};

import type { Sources } from './source.ts';

/**
 * The kind of the source that goes by a name: a kind's own name, or of a further source of it one that begins with it, such as
 * `<kind>-haifa`. Undefined where no kind does.
 */
export const kindOf = (sources: Readonly<Record<string, unknown>>, name: string): string | undefined => {
  if (Object.hasOwn(sources, name)) return name;
  const kinds = Object.keys(sources).filter((kind) => name.startsWith(`${kind}-`));
  return kinds.sort((one, other) => other.length - one.length)[0];
};

/** What a source is, by its name in the client file. */
export const sourceBy = <Event>(sources: Sources<Event>, name: string): Sources<Event>[string] | undefined =>
  sources[kindOf(sources, name) ?? ''];

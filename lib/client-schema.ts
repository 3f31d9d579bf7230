import type { Problem } from './client-problems.ts';

export interface Readable {
  readonly oldest: number;
  readonly newest: number;
}

/** Versions of client files that this release reads; a file that names none is of version 1. */
export const READABLE = { oldest: 1, newest: 1 } as const satisfies Readable;

const PATH = ['schema'];

/**
 * Why the file of a client is not read at all: by its version, before anything else in it is looked at. A setting that this release does
 * not know is no mistake where the file is of a later one.
 * @param written what stands at `schema`
 */
export const schemaProblem = (written: unknown = 1, { oldest, newest }: Readable = READABLE): Problem | undefined => {
  const reads = `this release reads version ${oldest === newest ? newest : `${oldest} to ${newest}`}`;
  if (!Number.isSafeInteger(written)) {
    return { path: PATH, message: `write the version of the file as a whole number, schema: ${newest} (${reads})` };
  }
  const own = `${reads}, the file is of version ${written}`;
  if (Number(written) > newest) {
    return { path: PATH, message: `${own}: update this checkout (git pull, or the tag of the release that reads it)` };
  }
  if (Number(written) < oldest) return { path: PATH, message: `${own}: docs/upgrades.md says what to change` };
  return undefined;
};

/** Whether a file is not read because of its version. */
export const isOfSchema = ({ path }: Problem): boolean => path.length === 1 && path[0] === PATH[0];

/** The version that stands in a client file's text, for one that cannot even be loaded: it may import what a later release has. */
export const schemaIn = (text: string): number | undefined => {
  const found = /^[^/*\n]*?\bschema['"]?\s*:\s*(\d+)\b/m.exec(text)?.[1];
  return found === undefined ? undefined : Number(found);
};

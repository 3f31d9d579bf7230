import { isDeepStrictEqual } from 'node:util';
import { jsonIn } from '../../functions/shared/runtime/json.ts';
import { WrongInput } from '../terminal/errors.ts';

/** A value that rotates, as it is stored: a text, or an object with `current`, `previous` and fields of its own. */
export type Entry = string | Readonly<Record<string, unknown>>;

/** A text as it is, or JSON with `current` for a source that needs more than one value. */
export const entryOf = (value: string): Entry => {
  if (!value.startsWith('{')) return value;
  const json = jsonIn(value);
  if (typeof json === 'object' && json !== null) return { ...json };
  throw new WrongInput('The value begins with { and is not JSON.');
};

/**
 * What is stored in the place of an entry: a text is a new `current` beside the fields of its own that an entry has; JSON is all there is.
 * @returns also the fields that are stored no longer
 */
export const replaced = (entry: unknown, next: Entry): { readonly entry: Entry; readonly gone: readonly string[] } => {
  const before = typeof entry === 'object' && entry !== null ? entry : {};
  if (typeof next !== 'string') return { entry: next, gone: Object.keys(before).filter((name) => !(name in next)) };
  const { previous: _, current: __, ...own } = before as Readonly<Record<string, unknown>>;
  return { entry: Object.keys(own).length === 0 ? next : { ...own, current: next }, gone: [] };
};

/**
 * What is stored in the place of an entry that is no source's: whatever was not given stays. A text is the value that a plain text stands for.
 * @returns also the fields that stay
 */
export const added = (entry: unknown, next: Entry): { readonly entry: Entry; readonly stays: readonly string[] } => {
  if (typeof entry !== 'object' || entry === null) return { entry: next, stays: [] };
  const given = typeof next === 'string' ? { ['token' in entry ? 'token' : 'current']: next } : next;
  return { entry: { ...entry, ...given }, stays: Object.keys(entry).filter((name) => !(name in given)) };
};

const currentOf = (entry: unknown): string | undefined => {
  if (typeof entry === 'string') return entry;
  const { current } = (entry ?? {}) as { current?: unknown };
  return typeof current === 'string' ? current : undefined;
};

/** The new value first, the one before it still accepted. @throws WrongInput when nothing is stored, or a rotation is under way */
export const rotated = (entry: unknown, next: string): Entry => {
  const current = currentOf(entry);
  if (current === undefined) throw new WrongInput('Nothing is stored yet: use "secrets set".');
  const rest = typeof entry === 'object' && entry !== null ? entry : {};
  if ('previous' in rest) {
    throw new WrongInput(
      'A rotation is under way: end it with --finish first, or the oldest value would stop working.',
    );
  }
  if (current === next) throw new WrongInput('This is the value that is stored already.');
  return { ...rest, current: next, previous: current };
};

/**
 * What a rotation that stopped half way was to leave everywhere: some templates have it, the others just what stood before.
 * @returns undefined where they differ otherwise
 */
export const halfRotated = (entries: readonly unknown[]): Entry | undefined => {
  const done = entries.find(hasPrevious) as Readonly<Record<string, unknown>> | undefined;
  if (!done) return undefined;
  const { current: _, previous, ...own } = done;
  const before = Object.keys(own).length === 0 ? [previous, { current: previous }] : [{ ...own, current: previous }];
  const isPart = (one: unknown): boolean => [done, ...before].some((part) => isDeepStrictEqual(one, part));
  return entries.every(isPart) ? done : undefined;
};

const hasPrevious = (entry: unknown): boolean => typeof entry === 'object' && entry !== null && 'previous' in entry;

/** The same of a rotation's end. */
export const halfFinished = (entries: readonly unknown[]): Entry | undefined => {
  const ends = entries.map((one) => (hasPrevious(one) ? finished(one) : one));
  return ends.every((one) => one !== undefined && isDeepStrictEqual(one, ends[0])) ? (ends[0] as Entry) : undefined;
};

/** With further fields; `current` where none is stored yet. All else stays as it is. */
export const amended = (entry: unknown, current: string, fields: Readonly<Record<string, string>>): Entry => {
  const rest = typeof entry === 'object' && entry !== null ? entry : {};
  const all = { ...rest, current: currentOf(entry) || current, ...fields };
  return Object.keys(all).length === 1 ? all.current : all;
};

/** The rotation's end: the previous value is refused from now on. */
export const finished = (entry: unknown): Entry => {
  if (typeof entry !== 'object' || entry === null || !('previous' in entry)) {
    throw new WrongInput('No rotation is under way.');
  }
  const { previous: _, ...rest } = entry;
  const { current } = rest as { current?: unknown };
  return Object.keys(rest).length === 1 && typeof current === 'string' ? current : rest;
};

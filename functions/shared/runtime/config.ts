import { readFileSync } from 'node:fs';
import { log } from './log.ts';

/** A required environment variable; a missing one is a broken deployment and ends INIT. */
export const env = (name: string): string => {
  const value = process.env[name];
  if (!value) throw new Error(`The environment variable ${name} is not set.`);
  return value;
};

/**
 * Of the slices that a layer carries. Higher when the code before would do harm with what is written now: it does not start then, until
 * its own code is there too. The release of 27 November 2026 wrote none, which is 0.
 */
const FORMAT = 1;

/** A function's slice as the layer carries it. What it says of itself stands beside the settings, where a release that does not know it looks for none. */
export const inLayer = (name: string, client: string, slice: object): object => ({
  ...slice,
  format: FORMAT,
  function: name,
  client,
});

type Fields = Readonly<Record<string, unknown>>;

/** Without these whatever was sent, said and booked would be looked for elsewhere, and all of it told once more. */
const OF_ALL = ['lineId', 'keysOf'];

/** Whose slice a file of the release that wrote none is by its own name; `name` where that says nothing. */
const byFile = (file: string, name: string): string => {
  const own = file.split(/[/\\]/).at(-1) ?? '';
  return own.endsWith('.json') ? own.slice(0, -'.json'.length) : name;
};

/** Why a slice is not one that a function may go by. */
const wrongIn = (slice: Fields, file: string, name: string, needs: readonly string[]): string | undefined => {
  const { format = 0, function: whose = format === 0 ? byFile(file, name) : undefined, client } = slice;
  if (whose !== name) return 'of_another_function';
  // All layers of an account have one name and differ by their number alone: one digit wrong is the line of somebody else. For moments
  // of a deployment there is the environment of before, or the layer of before, which say no client.
  const own = process.env.EZW_CLIENT;
  if (own && client !== undefined && client !== own) return 'of_another_client';
  // For moments of a deployment new code has the layer of before.
  if (format !== FORMAT && format !== FORMAT - 1) return 'unknown_format';
  return [...OF_ALL, ...needs].some(
    (field) => slice[field] === undefined || slice[field] === null || slice[field] === '',
  )
    ? 'incomplete'
    : undefined;
};

/** A file's own object in JSON; none where it is anything else, or is not there. */
const read = (file: string): Fields | undefined => {
  try {
    const value: unknown = JSON.parse(readFileSync(file, 'utf8'));
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined;
  } catch {
    return undefined;
  }
};

/**
 * The function's slice of the client file: checked when the stack was synthesised, carried by the layer, read once. Code and layer come by
 * two calls of a deployment, and either may be changed by hand: with one that is not its own, or not whole, the function does not start, so
 * that everything is asked of it again.
 * @param name of the function, as its folder is called
 * @param needs settings without which it would do harm, beside the line's
 * @throws after a log line, `config_mismatch`, with nothing of the content
 */
export const readConfig = <Config extends object>(name: string, needs: readonly (keyof Config & string)[]): Config => {
  const file = env('CONFIG_FILE');
  const slice = read(file);
  const reason = slice ? wrongIn(slice, file, name, needs) : 'unreadable';
  if (reason === undefined) return slice as Config;
  log('error', { event: 'config_mismatch', template: name, reason });
  throw new Error(`The settings in the layer cannot be used: ${reason}.`);
};

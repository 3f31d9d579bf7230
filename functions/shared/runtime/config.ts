import { readFileSync } from 'node:fs';

/** A required environment variable; a missing one is a broken deployment and ends INIT. */
export const env = (name: string): string => {
  const value = process.env[name];
  if (!value) throw new Error(`The environment variable ${name} is not set.`);
  return value;
};

/** The function's slice of the client file: checked when the stack was synthesised, carried by the layer, read once. */
export const readConfig = <Config>(): Config => JSON.parse(readFileSync(env('CONFIG_FILE'), 'utf8')) as Config;

import type { Target } from './target.ts';

/** What is known of a stack's place. */
export type Place = Pick<Target, 'client' | 'where' | 'url'>;

/** What to type about the very stack that was looked at: `--local` without an address may be another one, without both it is the deployed one. */
export const typedOn = ({ where, url }: Omit<Place, 'client'>, ...words: readonly string[]): string =>
  ['npx ezw', ...words, where === 'local' ? `--local ${url}` : ''].filter(Boolean).join(' ');

/** The same of a command whose first argument is the client. */
export const commandOn = (place: Place, verb: string, rest = ''): string =>
  typedOn(place, verb, place.client.name, rest);

/** What to do for a changed client file to count there. */
export const deployOn = ({ client, where }: Place): string =>
  where === 'local' ? 'stop "npm start" and start it again' : `npx ezw deploy ${client.name}`;

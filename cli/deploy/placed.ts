import type { Client } from '../../lib/client.ts';
import { WrongInput } from '../terminal/errors.ts';

/** Addresses that are this machine, from a function of AWS as from here. */
const HERE = /https?:\/\/(?:127\.\d+\.\d+\.\d+|localhost|\[::1\])(?=[:/"]|$)/;

/** Why a client file is deployed nowhere, and what to write. */
export interface Unplaced {
  readonly found: string;
  readonly todo: string;
}

/** What is made for `npm start` alone must not answer a client's customers; pages may be tried from here. */
export const onlyHere = (client: Client): Unplaced | undefined => {
  const [found] = HERE.exec(JSON.stringify(client, (key, value) => (key === 'origins' ? undefined : value))) ?? [];
  if (found === undefined) return undefined;
  return {
    found: `clients/${client.name}.ts names an address of this machine (${found}…), which no function in AWS can reach`,
    todo: 'it is for "npm start". "npx ezw init <name>" writes a client file that can be deployed.',
  };
};

/** Of one that names no account. */
export const placeless = ({ name }: Client): Unplaced => ({
  found: `clients/${name}.ts does not say where`,
  todo: `write aws: { account: '<12 digits>', region: 'il-central-1' } beside lineId. "aws sts get-caller-identity" shows the account of your shell.`,
});

/** All that keeps a client file from being deployed, whatever the account. */
export const unplaced = (client: Client): readonly Unplaced[] =>
  [onlyHere(client), client.aws ? undefined : placeless(client)].filter((one) => one !== undefined);

/** @throws WrongInput where the client file cannot be deployed, or does not say where */
export const assertPlaced = (client: Client): void => {
  const [first] = unplaced(client);
  if (first) throw new WrongInput(`${first.found}: ${first.todo}`);
};

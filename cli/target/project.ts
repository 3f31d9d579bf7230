import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Client } from '../../lib/client.ts';
import { ClientFileError, loadClients } from '../../lib/load-clients.ts';
import { WrongInput } from '../terminal/errors.ts';

/** The folder of this project, wherever the command is called from; without a slash at its end. */
export const ROOT = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');

/** Where the client files are: in the project, unless somebody tries one that is of no concern to it. */
export const clientsFolder = (): string => process.env.EZW_CLIENTS ?? `${ROOT}/clients`;

const said = new Set<string>();
/** On stderr, where no result is looked for; a command reads a file more than once. */
const once = (line: string): void => {
  if (!said.has(line)) console.error(line);
  said.add(line);
};

/** Reads `clients/<name>.ts`. @throws WrongInput that names the file and what is wrong in it */
export const readClient = async (name: string, folder = clientsFolder()): Promise<Client> => {
  try {
    const [client] = await loadClients(folder, name, once);
    if (client) return client;
  } catch (error) {
    if (!(error instanceof ClientFileError)) throw error;
    throw new WrongInput(error.message.replace(/\s*\n\s*/g, ' '));
  }
  throw new WrongInput(`There is no client file clients/${name}.ts.`);
};

/** Names of all client files, whether they can be read or not. */
export const clientNames = (folder = clientsFolder()): readonly string[] =>
  readdirSync(folder)
    .filter((file) => file.endsWith('.ts'))
    .map((file) => file.replace(/\.ts$/, ''))
    .sort();

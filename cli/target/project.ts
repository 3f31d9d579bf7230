import { fileURLToPath } from 'node:url';
import type { Client } from '../../lib/client.ts';
import { ClientFileError, loadClients } from '../../lib/load-clients.ts';
import { WrongInput } from '../terminal/errors.ts';

/** The folder of this project, wherever the command is called from; without a slash at its end. */
export const ROOT = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');

/** Reads `clients/<name>.ts`. @throws WrongInput that names the file and what is wrong in it */
export const readClient = async (name: string, folder = `${ROOT}/clients`): Promise<Client> => {
  try {
    const [client] = await loadClients(folder, name);
    if (client) return client;
  } catch (error) {
    if (!(error instanceof ClientFileError)) throw error;
    throw new WrongInput(error.message.replace(/\s*\n\s*/g, ' '));
  }
  throw new WrongInput(`There is no client file clients/${name}.ts.`);
};

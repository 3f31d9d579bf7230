import { call } from '../terminal/call.ts';
import { Failed } from '../terminal/errors.ts';
import { usualUrl } from '../terminal/options.ts';
import { progress } from '../terminal/output.ts';
import type { Embedded } from './embedded.ts';

const isUp = async (url: string, client: string): Promise<boolean> => {
  try {
    const [ready, resources] = await Promise.all(['ready', 'resources'].map((path) => call(`${url}/_local/${path}`)));
    return ready?.ok === true && resources?.ok === true && JSON.parse(ready.text).client === client;
  } catch {
    return false;
  }
};

/**
 * The embedded stack to run on: the one at the usual address if it is up with this client, else a new one. Undefined for a
 * deployed stack, and for an address that was named.
 */
export const localStackFor = async (
  client: string,
  local: string | true | undefined,
  secretsFile: string,
): Promise<Embedded | undefined> => {
  if (local !== true) return undefined;
  const url = usualUrl();
  if (await isUp(url, client)) return undefined;
  progress(`No stack of ${client} at ${url}: starting one for this run …`);
  const { startEmbedded } = await import('./embedded.ts');
  try {
    return await startEmbedded(client, secretsFile);
  } catch (error) {
    if (error instanceof Error && error.name === 'StartError') throw new Failed(error.message);
    throw error;
  }
};

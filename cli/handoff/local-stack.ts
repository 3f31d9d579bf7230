import { Failed } from '../terminal/errors.ts';
import { usualUrl } from '../terminal/options.ts';
import { progress } from '../terminal/output.ts';
import type { Embedded } from './embedded.ts';

const isUp = async (url: string, client: string): Promise<boolean> => {
  const answers = await Promise.all(['ready', 'resources'].map((path) => fetch(`${url}/_local/${path}`))).catch(
    () => [],
  );
  const [ready, resources] = answers;
  if (!ready?.ok || !resources?.ok) return false;
  const body = (await ready.json().catch(() => ({}))) as { client?: unknown };
  return body.client === client;
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

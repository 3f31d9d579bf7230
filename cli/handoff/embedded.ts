import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadClients } from '../../lib/load-clients.ts';
import { synthesise } from '../../lib/synthesise.ts';
import { readSecretsFile } from '../../local/secrets-file.ts';
import { startLocalStack } from '../../local/stack.ts';
import { ROOT } from '../target/project.ts';

export interface Embedded {
  readonly url: string;
  stop(): Promise<void>;
}

/** Starts a client's stack in this process, on free ports and in memory. */
export const startEmbedded = async (client: string, secretsFile: string): Promise<Embedded> => {
  const outdir = mkdtempSync(join(tmpdir(), 'ezw-handoff-'));
  const clean = () => rmSync(outdir, { recursive: true, force: true });
  try {
    const secrets = readSecretsFile(secretsFile);
    await synthesise(await loadClients(`${ROOT}/clients`, client), outdir);
    const stack = await startLocalStack({ assembly: outdir, client, port: 0, secrets });
    const stop = async () => {
      await stack.stop();
      clean();
    };
    return { url: stack.url, stop };
  } catch (error) {
    clean();
    throw error;
  }
};

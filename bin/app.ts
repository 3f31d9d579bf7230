import { fileURLToPath } from 'node:url';
import type { Client } from '../lib/client.ts';
import { ClientFileError, loadClients } from '../lib/load-clients.ts';
import { synthesise } from '../lib/synthesise.ts';
import { wantsDashboard } from '../lib/watch-names.ts';
import { watchedOf } from '../lib/watched.ts';

/** Nobody's: the CDK deploys nothing there, whatever credentials it has. */
const NOWHERE = { account: '000000000000', region: 'us-east-1' };

/** On one machine a stack is of no account; without a word about it, it must not come into whichever one the shell knows. */
const placed = ({ aws = NOWHERE, ...client }: Client): Client =>
  process.env.EZW_ANYWHERE ? client : { ...client, aws };

// CDK_OUTDIR comes from the CLI (`--output`); CLIENT picks one client file, else all are synthesised.
try {
  let isWhole = true;
  const leftOut = () => {
    isWhole = false;
  };
  const only = process.env.CLIENT;
  const folder = process.env.EZW_CLIENTS ?? fileURLToPath(new URL('../clients', import.meta.url));
  const clients = await loadClients(folder, only, console.error, leftOut);
  const isLocal = Boolean(process.env.EZW_ANYWHERE);
  const watched = watchedOf({ clients, only, isWhole, isLocal }, console.error);
  const outdir = process.env.CDK_OUTDIR ?? 'cdk.out';
  const hasDashboard = wantsDashboard(process.env) && !isLocal;
  await synthesise(clients.map(placed), outdir, undefined, watched.map(placed), hasDashboard);
} catch (error) {
  if (!(error instanceof ClientFileError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}

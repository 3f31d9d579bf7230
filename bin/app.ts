import { fileURLToPath } from 'node:url';
import type { Client } from '../lib/client.ts';
import { ClientFileError, loadClients } from '../lib/load-clients.ts';
import { synthesise } from '../lib/synthesise.ts';

/** Nobody's: the CDK deploys nothing there, whatever credentials it has. */
const NOWHERE = { account: '000000000000', region: 'us-east-1' };

/** On one machine a stack is of no account; without a word about it, it must not come into whichever one the shell knows. */
const placed = ({ aws = NOWHERE, ...client }: Client): Client =>
  process.env.EZW_ANYWHERE ? client : { ...client, aws };

// CDK_OUTDIR comes from the CLI (`--output`); CLIENT picks one client file, else all are synthesised.
try {
  const clients = await loadClients(
    process.env.EZW_CLIENTS ?? fileURLToPath(new URL('../clients', import.meta.url)),
    process.env.CLIENT,
    console.error,
  );
  await synthesise(clients.map(placed), process.env.CDK_OUTDIR ?? 'cdk.out');
} catch (error) {
  if (!(error instanceof ClientFileError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}

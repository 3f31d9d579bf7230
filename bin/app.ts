import { fileURLToPath } from 'node:url';
import { ClientFileError, loadClients } from '../lib/load-clients.ts';
import { synthesise } from '../lib/synthesise.ts';

// CDK_OUTDIR comes from the CLI (`--output`); CLIENT picks one client file, else all are synthesised.
try {
  const clients = await loadClients(
    fileURLToPath(new URL('../clients', import.meta.url)),
    process.env.CLIENT,
    console.error,
  );
  await synthesise(clients, process.env.CDK_OUTDIR ?? 'cdk.out');
} catch (error) {
  if (!(error instanceof ClientFileError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}

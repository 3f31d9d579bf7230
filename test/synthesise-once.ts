import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadClients } from '../lib/load-clients.ts';
import { synthesise } from '../lib/synthesise.ts';

/** Synthesises the demo client once for all test files of a project; they find the assembly at `EZW_ASSEMBLY`. */
export async function setup(): Promise<() => Promise<void>> {
  process.env.CDK_VALIDATION = 'false';
  const outdir = await mkdtemp(join(tmpdir(), 'ezw-assembly-'));
  await synthesise(await loadClients(fileURLToPath(new URL('../clients', import.meta.url)), 'demo'), outdir);
  process.env.EZW_ASSEMBLY = outdir;
  return () => rm(outdir, { recursive: true, force: true });
}

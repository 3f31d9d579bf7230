import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { written } from '../clients/demo.ts';
import { defineClient } from '../lib/client.ts';
import { synthesise } from '../lib/synthesise.ts';

/**
 * Synthesises the demo client once for all test files of all projects; they find the assembly at `EZW_ASSEMBLY`.
 * Vitest sets the projects up one after the other in one process: the first one's assembly serves the others.
 */
export async function setup(): Promise<(() => Promise<void>) | undefined> {
  if (process.env.EZW_ASSEMBLY) return undefined;
  process.env.CDK_VALIDATION = 'false';
  const outdir = await mkdtemp(join(tmpdir(), 'ezw-assembly-'));
  const client = defineClient(written);
  await synthesise([client], outdir, Object.keys(client.templates), [client]);
  process.env.EZW_ASSEMBLY = outdir;
  return () => rm(outdir, { recursive: true, force: true });
}

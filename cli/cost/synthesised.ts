import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Client, stackNameOf } from '../../lib/client.ts';
import { synthesise } from '../../lib/synthesise.ts';
import type { Template } from './idle.ts';

/** The template of a client's stack as it would be deployed now; takes some seconds. */
export const synthesised = async (client: Client): Promise<Template> => {
  const outdir = mkdtempSync(join(tmpdir(), 'ezw-cost-'));
  // Whoever deploys it has it held against CloudFormation's schema; here it is counted, and half of the time saved.
  process.env.CDK_VALIDATION ??= 'false';
  try {
    await synthesise([client], outdir);
    return JSON.parse(readFileSync(join(outdir, `${stackNameOf(client)}.template.json`), 'utf8'));
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
};

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Client, stackNameOf } from '../../lib/client.ts';
import { synthesise } from '../../lib/synthesise.ts';
import { WATCH_STACK, wantsDashboard } from '../../lib/watch-names.ts';
import type { Template } from './idle.ts';

/** The templates of a client's stack, and of the one that watches it, as they would be deployed now; takes some seconds. */
export const bothSynthesised = async (
  client: Client,
  hasDashboard = wantsDashboard(process.env),
): Promise<{ readonly client: Template; readonly watch: Template }> => {
  const outdir = mkdtempSync(join(tmpdir(), 'ezw-cost-'));
  // Whoever deploys it has it held against CloudFormation's schema; here it is counted, and half of the time saved.
  process.env.CDK_VALIDATION ??= 'false';
  try {
    await synthesise([client], outdir, undefined, [client], hasDashboard);
    const [own, watch] = [stackNameOf(client), WATCH_STACK].map((name) =>
      JSON.parse(readFileSync(join(outdir, `${name}.template.json`), 'utf8')),
    );
    return { client: own, watch };
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
};

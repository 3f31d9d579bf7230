import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { App, Validations } from 'aws-cdk-lib';
import type { CloudAssembly } from 'aws-cdk-lib/cx-api';
import { AwsSolutionsChecks } from 'cdk-nag';
import { bundleFunctions } from './bundle.ts';
import { type Client, TEMPLATE_NAMES } from './client.ts';
import { ClientStack } from './client-stack.ts';

/**
 * Writes the cloud assembly: one stack per client over one set of bundles, `<outdir>/bundles/<function>/index.mjs`.
 * Needs no AWS account. `cdk deploy`, the local stack and the tests all get theirs from here.
 * @param templates those whose absence from a client is answered; all there are, except for tests of what does not change with a new one
 * @throws when a function does not bundle or cdk-nag has a finding that nobody acknowledged.
 */
export async function synthesise(
  clients: readonly Client[],
  outdir: string,
  templates: readonly string[] = TEMPLATE_NAMES,
): Promise<CloudAssembly> {
  const bundles = await bundleFunctions(join(outdir, 'bundles'));
  // The CLI hands its context over; whoever comes without the CLI must get the same template.
  const { context } = JSON.parse(readFileSync(new URL('../cdk.json', import.meta.url), 'utf8'));
  const app = new App({ outdir, context, analyticsReporting: false, autoSynth: false });
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  for (const client of clients) new ClientStack(app, { client, bundles, layers: join(outdir, 'layers'), templates });
  return app.synth();
}

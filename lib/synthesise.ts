import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { App, Validations } from 'aws-cdk-lib';
import type { CloudAssembly } from 'aws-cdk-lib/cx-api';
import { AwsSolutionsChecks } from 'cdk-nag';
import { type Bundles, bundleFunctions, bundleWatcher } from './bundle.ts';
import { type Client, TEMPLATE_NAMES } from './client.ts';
import { ClientStack } from './client-stack.ts';
import { WATCH_STACK } from './watch-names.ts';
import { WatchStack } from './watch-stack.ts';

/**
 * Writes the cloud assembly: one stack per client over one set of bundles, `<outdir>/bundles/<function>/index.mjs`.
 * Needs no AWS account. `cdk deploy`, the local stack and the tests all get theirs from here.
 * @param templates those whose absence from a client is answered; all there are, except for tests of what does not change with a new one
 * @param watched clients that a stack `Ezw-watch` watches, one for each account and region; only where they are all there are, for it knows no others' operators
 * @param hasDashboard whether that stack has the dashboard, which costs by the month
 * @throws when a function does not bundle or cdk-nag has a finding that nobody acknowledged.
 */
export async function synthesise(
  clients: readonly Client[],
  outdir: string,
  templates: readonly string[] = TEMPLATE_NAMES,
  watched: readonly Client[] = [],
  hasDashboard = false,
): Promise<CloudAssembly> {
  const folder = join(outdir, 'bundles');
  const [bundles, watcher] = await Promise.all([
    bundleFunctions(folder),
    watched.length > 0 ? bundleWatcher(folder) : undefined,
  ]);
  // The CLI hands its context over; whoever comes without the CLI must get the same template.
  const { context } = JSON.parse(readFileSync(new URL('../cdk.json', import.meta.url), 'utf8'));
  const app = new App({ outdir, context, analyticsReporting: false, autoSynth: false });
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  for (const client of clients) new ClientStack(app, { client, bundles, layers: join(outdir, 'layers'), templates });
  if (watcher) addWatchers(app, watched, watcher, hasDashboard);
  return app.synth();
}

function addWatchers(app: App, clients: readonly Client[], bundles: Bundles, hasDashboard: boolean): void {
  const places = new Map<string, Client[]>();
  for (const client of clients) {
    const { account, region } = client.aws ?? {};
    const place = account === undefined ? '' : `-${account}-${region}`;
    places.set(place, [...(places.get(place) ?? []), client]);
  }
  const code = bundles.get('watcher') ?? '';
  for (const [place, here] of places) {
    const id = places.size === 1 ? WATCH_STACK : `${WATCH_STACK}${place}`;
    new WatchStack(app, id, { clients: here, code, env: here[0]?.aws, hasDashboard });
  }
}

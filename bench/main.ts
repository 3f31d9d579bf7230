import { statSync } from 'node:fs';
import { join } from 'node:path';
import { bundleFunctions } from '../lib/bundle.ts';
import { RuntimeApi } from '../local/lambda/runtime-api.ts';
import { readArguments } from '../local/read-arguments.ts';
import { StartError } from '../local/start-error.ts';
import { orExit } from '../scripts/or-exit.ts';
import { startEmulators } from './emulators.ts';
import { doorEvent, senderEvent } from './events.ts';
import { measureImports } from './imports.ts';
import { buildReferences, type Measured } from './references.ts';
import { median, medianRatio, quantile } from './statistics.ts';
import { measureTrims } from './trims.ts';
import { measureWarm } from './warm.ts';

/**
 * Import time and warm latency of the door and the sender, each beside two references built and measured in the same run: a bare
 * handler, and a handler with the same SDK clients untrimmed. Milliseconds move with the machine; the ratios are what to quote.
 */
const FUNCTIONS: readonly { name: Measured; label: string; nextEvent: () => string }[] = [
  { name: 'order-ready', label: 'door (order-ready)', nextEvent: doorEvent },
  { name: 'sender', label: 'sender', nextEvent: senderEvent },
];

// Every port that it listens on is a free one.
const usage = 'Usage: npm run bench -- [trims]';
const trimsOnly = orExit(() => {
  const { positionals } = readArguments({ options: {}, allowPositionals: true }, usage);
  if (positionals.length > 1 || (positionals[0] ?? 'trims') !== 'trims') throw new StartError(usage);
  return positionals.length === 1;
});
if (trimsOnly) {
  await measureTrims();
  process.exit(0);
}

const emulators = await startEmulators();
const runtimeApi = await RuntimeApi.start();
try {
  const bundles = await bundleFunctions(join(emulators.folder, 'bundles'));
  const references = await buildReferences(join(emulators.folder, 'references'));
  const { AWS_ACCESS_KEY_ID: _, AWS_SECRET_ACCESS_KEY: __, ...withoutCredentials } = emulators.environment;

  console.log(`Node ${process.version}, ${process.arch}\n`);
  console.log(row('', 'bytes', 'import', '× bare', '× full SDK', 'warm p50', 'p99', '× bare', '× full SDK'));
  for (const { name, label, nextEvent } of FUNCTIONS) {
    const folders = { ours: bundles.get(name) ?? '', bare: references.bare, full: references[`full ${name}`] };
    const imports = await measureImports(folders, withoutCredentials);
    const warm = await measureWarm(runtimeApi, folders, emulators.environment, nextEvent);
    for (const [which, folder] of Object.entries(folders)) {
      const [imported = [], invoked = []] = [imports[which]?.wall, warm[which]];
      const ratio = (samples: readonly number[], to: readonly number[] = []): string =>
        medianRatio(samples, to).toFixed(2);
      console.log(
        row(
          which === 'ours' ? label : `  ${which === 'bare' ? 'a bare handler' : 'the full SDK clients'}`,
          statSync(join(folder, 'index.mjs')).size.toLocaleString('en'),
          `${median(imported).toFixed(1)} ms`,
          ratio(imported, imports.bare?.wall),
          ratio(imported, imports.full?.wall),
          `${median(invoked).toFixed(2)} ms`,
          `${quantile(invoked, 0.99).toFixed(1)} ms`,
          ratio(invoked, warm.bare),
          ratio(invoked, warm.full),
        ),
      );
    }
  }
} finally {
  await runtimeApi.stop();
  await emulators.stop();
}
process.exit(0);

function row(label: string, ...cells: string[]): string {
  return label.padEnd(24) + cells.map((cell) => cell.padStart(12)).join('');
}

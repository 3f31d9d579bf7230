import { once } from 'node:events';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import demo from '../clients/demo.ts';
import { inLayer } from '../functions/shared/runtime/config.ts';
import { bundle, handlers, TRIMS } from '../lib/bundle.ts';
import { slices } from '../lib/client.ts';
import { type Imports, measureImports } from './imports.ts';
import { between, median, quantile } from './statistics.ts';

/** Whatever functions read of their environment in INIT, beside their configuration. */
const VARIABLES = `
  ALARMS_GROUP ALARMS_ROLE_ARN APPOINTMENTS_TABLE CONTACTS_TABLE CONTACT_SALT_SECRET CRM_SECRET CRM_SYNC_QUEUE_URL DELIVERIES_TABLE
  ESCALATION_QUEUE_URL EZW_BASE_URL LINE_TOKEN_SECRET NOTIFIERS_SECRET SENDS_DLQ_URL SENDS_QUEUE_URL SENDS_TABLE SOURCES_SECRET UNREAD_QUEUE_URL
  WEBHOOK_TOKEN_SECRET WORK_DLQ_ARN WORK_QUEUE_ARN WORK_QUEUE_URL`;

/** What the trims are about, without the functions around it, which take ten times as long and hide a millisecond. */
const PARTS = ['people/phone', 'runtime/cached-secret'];

/** TLS without a certificate: what is measured must take the way of https, as to AWS, for the SDK loads other modules for http. */
const ANONYMOUS = 'AECDH-AES128-SHA:@SECLEVEL=0';

/**
 * Prints what each trim buys: every function with all trims beside the same with all but one. There are credentials, and what stands for
 * AWS answers each call of INIT with an error at once: a trim that only moves work from the import to the first call gains nothing here.
 */
export const measureTrims = async (): Promise<void> => {
  const folder = mkdtempSync(join(tmpdir(), 'ezw-trims-'));
  const aws = createServer({ ciphers: ANONYMOUS, maxVersion: 'TLSv1.2' }, (request, response) => {
    request.resume().on('end', () => response.writeHead(400).end('{"__type":"x#ResourceNotFoundException"}'));
  });
  try {
    await once(aws.listen(0, '127.0.0.1'), 'listening');
    const env = {
      ...Object.fromEntries(
        VARIABLES.trim()
          .split(/\s+/)
          .map((name) => [name, 'bench']),
      ),
      EZW_CLIENT: demo.name,
      AWS_ACCESS_KEY_ID: 'bench',
      AWS_SECRET_ACCESS_KEY: 'bench',
      AWS_REGION: 'us-east-1',
      AWS_ENDPOINT_URL: `https://127.0.0.1:${(aws.address() as AddressInfo).port}`,
      AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
      NODE_OPTIONS: `--tls-cipher-list=${ANONYMOUS} --tls-max-v1.2`,
      NODE_TLS_REJECT_UNAUTHORIZED: '0',
      NODE_NO_WARNINGS: '1',
    };
    const parts = PARTS.map((part) => [part, join(import.meta.dirname, `../functions/shared/${part}.ts`)] as const);
    const files = new Map([...parts, ...handlers()]);
    const trimmed = await bundle(files, join(folder, 'all'));
    const others = await Promise.all(
      TRIMS.map(async (trim) => {
        const kept = TRIMS.filter((other) => other !== trim);
        return { trim: trim.name, bundles: await bundle(files, join(folder, trim.name), kept) };
      }),
    );
    console.log(`Node ${process.version}, ${process.arch}: what a function costs more without the trim\n`);
    console.log(row('', '', 'bytes', 'INIT ms', '', 'CPU ms', '', 'quickest tenth'));
    const configs = new Map<string, unknown>(Object.entries(slices(demo)));
    const config = join(folder, 'config.json');
    for (const [name, all] of trimmed) {
      writeFileSync(config, JSON.stringify(inLayer(name, demo.name, configs.get(name) ?? {})));
      const untrimmed = others.map(({ trim, bundles }) => [trim, bundles.get(name) ?? ''] as const);
      const folders = Object.fromEntries(untrimmed.filter(([, directory]) => size(directory) !== size(all)));
      const { all: base, ...samples } = await measureImports({ all, ...folders }, { ...env, CONFIG_FILE: config });
      if (!base) continue;
      const quickest = quantile(base.cpu, 0.1);
      console.log(
        row(
          name,
          'as it is',
          size(all),
          median(base.wall).toFixed(1),
          '',
          median(base.cpu).toFixed(1),
          '',
          quickest.toFixed(1),
        ),
      );
      for (const [trim, { wall, cpu }] of Object.entries(samples)) {
        // What else runs on the machine only ever adds: where the medians are far apart, the quickest runs say most.
        const saved = (quantile(cpu, 0.1) - quickest).toFixed(1);
        const bytes = (size(folders[trim] ?? '') - size(all)).toLocaleString('en', { signDisplay: 'always' });
        console.log(row('', `without ${trim}`, bytes, ...more(wall, base.wall), ...more(cpu, base.cpu), saved));
      }
    }
  } finally {
    aws.closeAllConnections();
    aws.close();
    rmSync(folder, { recursive: true, force: true });
  }
};

const size = (folder: string): number => statSync(join(folder, 'index.mjs')).size;

/** The median of what each round took more, and where it lies with 95 % certainty. */
function more(samples: Imports['wall'], base: Imports['wall']): [median: string, range: string] {
  const pairs = samples.map((sample, round) => sample - (base[round] ?? Number.NaN));
  const [low, high] = between(pairs);
  return [median(pairs).toFixed(1), `${low.toFixed(1)} … ${high.toFixed(1)}`];
}

function row(name: string, which: string, ...cells: (string | number)[]): string {
  return name.padEnd(22) + which.padEnd(36) + cells.map((cell) => String(cell).padStart(14)).join('');
}

import { existsSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { portOf, usualPort } from './address.ts';
import { readArguments } from './read-arguments.ts';
import type { Contract } from './sandbox/contract/assumptions.ts';
import { ASSUMED, listContract, readContract } from './sandbox/contract/contract.ts';
import { readSecretsFile, type Secrets, withEverySource } from './secrets-file.ts';
import { HelpAsked, StartError } from './start-error.ts';

export interface Options {
  client: string;
  port: number;
  ezwUrl?: string;
  /** What the sandbox does where no page of EZWhatsApp says it. */
  contract: Contract;
  /** By this seed everything goes wrong that can. */
  chaos?: number;
  secrets: Secrets;
  /** No secrets file was named: what is missing in the demo's is made up. */
  standInSecrets: boolean;
  /** Names besides this machine's own by which the doors may be called; in small letters, without ports. */
  allowedHosts: string[];
  /** Absolute path. */
  data?: string;
  /** A batch whose process was killed waits as long as in AWS. */
  awsVisibility: boolean;
  /** Log lines as JSON in a terminal too, and nothing else on standard output. */
  json: boolean;
  /** Whether changed files are built and taken over. */
  watch: boolean;
}

interface Option {
  type: 'string' | 'boolean';
  /** What stands for its value in the help. */
  value?: string;
  says: string;
  /** What counts without it. */
  otherwise: string;
  /** The environment variable that says the same. */
  variable?: string;
}

const OPTIONS = {
  client: {
    type: 'string',
    value: 'NAME',
    says: 'the client file to start: clients/NAME.ts',
    otherwise: 'demo',
    variable: 'CLIENT',
  },
  port: {
    type: 'string',
    value: 'NUMBER',
    says: 'where to listen, the sandbox on the next; 0 is any free one',
    otherwise: usualPort,
    variable: 'PORT',
  },
  'ezw-url': {
    type: 'string',
    value: 'URL',
    says: 'the EZWhatsApp to send to',
    otherwise: 'the sandbox',
    variable: 'EZW_BASE_URL',
  },
  'allow-host': {
    type: 'string',
    value: 'LIST',
    says: 'names of tunnels to the doors',
    otherwise: "only this machine's own",
    variable: 'ALLOW_HOST',
  },
  contract: {
    type: 'string',
    value: 'LIST',
    says: 'which EZWhatsApp is played; "list" shows all',
    otherwise: 'as assumed',
    variable: 'EZW_CONTRACT',
  },
  chaos: {
    type: 'string',
    value: 'SEED',
    says: 'lets go wrong what can, by that number',
    otherwise: 'nothing',
    variable: 'CHAOS',
  },
  secrets: {
    type: 'string',
    value: 'FILE',
    says: "the values of the client's secrets",
    otherwise: 'local/demo-secrets.json',
    variable: 'SECRETS_FILE',
  },
  data: { type: 'string', value: 'DIR', says: 'keeps tables, queues and alarms there', otherwise: 'in memory' },
  'aws-visibility': {
    type: 'boolean',
    says: 'a killed batch waits for its queue’s whole time',
    otherwise: '5 s',
    variable: 'AWS_VISIBILITY',
  },
  json: {
    type: 'boolean',
    says: 'prints log lines as JSON, and nothing else',
    otherwise: 'only into a pipe or a file',
  },
  'no-watch': {
    type: 'boolean',
    says: 'leaves changed files alone',
    otherwise: 'what is saved is built and taken over',
    variable: 'CI',
  },
} as const satisfies Record<string, Option>;

const usage = 'npm start -- --help lists the options.';

/** What `npm start -- --help` prints. */
function help(): string {
  const rows = Object.entries<Option>(OPTIONS).map(([name, { value = '', says, otherwise, variable }]) => {
    const without = variable ? `${variable}, else ${otherwise}` : `else ${otherwise}`;
    return `  ${`--${name} ${value}`.padEnd(18)}${says} (${without})`;
  });
  return `Usage: npm start -- [options]

Synthesises one client's stack and runs it on this machine, from the template and the bundles that
AWS would get. A sandbox stands in for EZWhatsApp and everybody else. Ctrl-C stops.

${rows.join('\n')}
  -h, --help        prints this

In brackets: the environment variable that says the same, and what counts without either.

  npm start -- --client bakery --secrets .local/bakery.json
  PORT=9100 npm start -- --data .local/data`;
}

/**
 * Reads `npm start`'s options: command line before environment before default. Throws a StartError for what is
 * wrong, and HelpAsked.
 * `root` is the project's folder.
 */
export function readOptions(args: string[], env: NodeJS.ProcessEnv, root: string): Options {
  const given = readArguments({ args, options: OPTIONS }, usage, help()).values;
  const ezwUrl = given['ezw-url'] || env.EZW_BASE_URL;
  const secretsFile = given.secrets || env.SECRETS_FILE;
  return {
    client: knownClient(given.client || env.CLIENT || 'demo', root),
    port: portOf(env, given.port),
    awsVisibility: given['aws-visibility'] ?? Boolean(env.AWS_VISIBILITY),
    json: given.json ?? false,
    watch: !given['no-watch'] && !env.CI,
    standInSecrets: !secretsFile,
    secrets: secretsFile
      ? readSecretsFile(secretsFile)
      : withEverySource(readSecretsFile(join(root, 'local/demo-secrets.json'))),
    allowedHosts: hostsOf(given['allow-host'] || env.ALLOW_HOST || ''),
    contract: contractOf(given.contract || env.EZW_CONTRACT, ezwUrl),
    ...chaosOf(given.chaos || env.CHAOS),
    ...(ezwUrl ? { ezwUrl: origin(ezwUrl) } : {}),
    ...(given.data ? { data: resolve(given.data) } : {}),
  };
}

function knownClient(client: string, root: string): string {
  if (/^[\w-]+$/.test(client) && existsSync(join(root, 'clients', `${client}.ts`))) return client;
  const names = readdirSync(join(root, 'clients')).flatMap((file) => (file.endsWith('.ts') ? [file.slice(0, -3)] : []));
  throw new StartError(`There is no client "${client}". Choose one of: ${names.join(', ')}.`);
}

/** Each as a name or a whole address. One name is meant, and not whatever its owner puts below it. */
function hostsOf(list: string): string[] {
  const texts = list.split(',').flatMap((text) => text.trim() || []);
  return texts.map((text) => {
    const address = /^https?:\/\//i.test(text) ? text : `https://${text}`;
    const url = URL.canParse(address) ? new URL(address) : undefined;
    if (url?.href === `${url?.origin}/` && /^[a-z\d]/.test(url.hostname)) return url.hostname;
    throw new StartError(`--allow-host must be names like tunnel.example, with commas between them, not "${text}".`);
  });
}

function chaosOf(text: string | undefined): { chaos?: number } {
  if (!text) return {};
  if (/^\d{1,9}$/.test(text)) return { chaos: Number(text) };
  throw new StartError(`--chaos must be a number like 7, which says what goes wrong, not "${text}".`);
}

function contractOf(text: string | undefined, ezwUrl: string | undefined): Contract {
  if (!text) return ASSUMED;
  if (text === 'list') throw new HelpAsked(listContract());
  if (ezwUrl) {
    throw new StartError('--contract is what the sandbox does; with --ezw-url messages go to another EZWhatsApp.');
  }
  const contract = readContract(text);
  if ('problem' in contract) throw new StartError(`--contract: ${contract.problem}`);
  return contract;
}

/** The functions put `/api/v1/…` behind it, so the API's own base address means the same. */
function origin(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isBase = url && /^\/(api\/v1\/?)?$/.test(url.pathname) && !url.search && !url.hash;
  if (isBase && /^https?:$/.test(url.protocol)) return url.origin;
  throw new StartError(`--ezw-url must be like https://app.example, or end in /api/v1, not "${text}".`);
}

import { existsSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { portOf } from './address.ts';
import { readArguments } from './read-arguments.ts';
import { readSecretsFile, type Secrets } from './secrets-file.ts';
import { StartError } from './start-error.ts';

export interface Options {
  client: string;
  port: number;
  ezwUrl?: string;
  secrets: Secrets;
  /** Absolute path. */
  data?: string;
  /** Functions' log lines as they wrote them, in a terminal too. */
  json: boolean;
}

const usage = 'Options: --client NAME, --port NUMBER, --ezw-url URL, --secrets FILE, --data DIR, --json.';

/**
 * Reads `npm start`'s options: command line before environment before default. Throws a StartError for what is wrong.
 * `root` is the project's folder.
 */
export function readOptions(args: string[], env: NodeJS.ProcessEnv, root: string): Options {
  const option = { type: 'string' } as const;
  const options = {
    client: option,
    port: option,
    'ezw-url': option,
    secrets: option,
    data: option,
    json: { type: 'boolean' } as const,
  };
  const given = readArguments({ args, options }, usage).values;
  const ezwUrl = given['ezw-url'] || env.EZW_BASE_URL;
  return {
    client: knownClient(given.client || env.CLIENT || 'demo', root),
    port: portOf(env, given.port),
    json: given.json ?? false,
    secrets: readSecretsFile(given.secrets || env.SECRETS_FILE || join(root, 'local/demo-secrets.json')),
    ...(ezwUrl ? { ezwUrl: origin(ezwUrl) } : {}),
    ...(given.data ? { data: resolve(given.data) } : {}),
  };
}

function knownClient(client: string, root: string): string {
  if (/^[\w-]+$/.test(client) && existsSync(join(root, 'clients', `${client}.ts`))) return client;
  const names = readdirSync(join(root, 'clients')).flatMap((file) => (file.endsWith('.ts') ? [file.slice(0, -3)] : []));
  throw new StartError(`There is no client "${client}". Choose one of: ${names.join(', ')}.`);
}

/** The functions put `/api/v1/…` behind it, so the API's own base address means the same. */
function origin(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isBase = url && /^\/(api\/v1\/?)?$/.test(url.pathname) && !url.search && !url.hash;
  if (isBase && /^https?:$/.test(url.protocol)) return url.origin;
  throw new StartError(`--ezw-url must be like https://app.example, or end in /api/v1, not "${text}".`);
}

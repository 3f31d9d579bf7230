import { readFile } from 'node:fs/promises';
import { sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Plugin } from 'esbuild';

const CREDENTIALS_STUB = fileURLToPath(new URL('./environment-credentials.ts', import.meta.url));

/**
 * Files of the SDK that can never be reached from a Lambda function, and what stands there instead: 12 to 20 kB a function.
 * The paths are private to the SDK: a test fails when an update moves one.
 */
export const UNREACHABLE: Readonly<Record<string, string>> = {
  // Hashes written in JavaScript for a Node without OpenSSL.
  '@smithy/core/dist-es/submodules/checksum/sha256/Sha256Js.js': 'export class Sha256Js {}',
  '@smithy/core/dist-es/submodules/checksum/md5/Md5Js.js': 'export class Md5Js {}',
  // ~/.aws: Lambda has none, and on a laptop a person's own profile must not change what the local stack does.
  '@smithy/core/dist-es/submodules/config/shared-ini-file-loader/loadSharedConfigFiles.js':
    'export { CONFIG_PREFIX_SEPARATOR } from "./constants";' +
    'export const loadSharedConfigFiles = async () => ({ configFile: {}, credentialsFile: {} });',
  // Asks the EC2 metadata service for the region, which a function always has in its environment.
  '@smithy/core/dist-es/submodules/config/config-resolver/regionConfig/getInstanceMetadataRegion.js':
    'export const getInstanceMetadataRegion = async () => undefined;',
  // DynamoDB's endpoint discovery, off unless an environment variable turns it on, and the cache library it brings.
  '@aws-sdk/endpoint-cache/dist-es/EndpointCache.js': 'export class EndpointCache {}',
  // AWS_RETRY_MODE=adaptive holds calls back on the client; queues are our back-off.
  '@smithy/core/dist-es/submodules/retry/util-retry/AdaptiveRetryStrategy.js':
    'export class AdaptiveRetryStrategy { constructor() { throw new Error("AWS_RETRY_MODE=adaptive is not bundled"); } }',
};

/** Leaves out of the AWS SDK what a Lambda function never runs. */
export const sdk: Plugin = {
  name: 'sdk',
  setup({ onLoad, onResolve }) {
    onResolve({ filter: /^@aws-sdk\/credential-provider-node$/ }, () => ({ path: CREDENTIALS_STUB }));
    // Imported lazily by streaming operations only, which these clients do not have: 20 kB that would never run.
    onResolve({ filter: /^@smithy\/core\/event-streams$/ }, ({ path }) => ({ path, external: true }));
    // Each client reads its whole package.json for the version in the user agent: 4 kB a client.
    onLoad({ filter: /@aws-sdk[\\/]client-[^\\/]+[\\/]package\.json$/ }, async ({ path }) => {
      const { version } = JSON.parse(await readFile(path, 'utf8'));
      return { contents: JSON.stringify({ version }), loader: 'json' };
    });
    // Each client registers a class for every error that its service knows, which keeps them all: 13 kB. Without them
    // an error still arrives with its name, which is what this code compares. DynamoDB keeps its classes: the ledger uses one.
    onLoad(
      { filter: /client-(scheduler|sqs|secrets-manager|sesv2)[\\/]dist-es[\\/]schemas[\\/]schemas_0\.js$/ },
      async ({ path }) => {
        const schemas = await readFile(path, 'utf8');
        return { contents: schemas.replace(/^n0_registry\.registerError\(.*\);$/gm, '') };
      },
    );
    onLoad({ filter: /(@smithy[\\/]core|@aws-sdk[\\/]endpoint-cache)[\\/]/ }, ({ path }) => {
      const name = path.split(`${sep}node_modules${sep}`).at(-1) ?? '';
      const contents = UNREACHABLE[name.split(sep).join('/')];
      return contents === undefined ? undefined : { contents };
    });
  },
};

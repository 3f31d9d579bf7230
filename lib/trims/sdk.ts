import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Plugin } from 'esbuild';

const CREDENTIALS_STUB = fileURLToPath(new URL('./environment-credentials.ts', import.meta.url));

/** The files replaced whose paths are private to the SDK: a test fails when an update moves one. */
export const SHARED_CONFIG = '@smithy/core/dist-es/submodules/config/shared-ini-file-loader/loadSharedConfigFiles.js';

/** Of Parameter Store, whose 140 operations stand in one file that esbuild cannot take apart: one is called. */
export const PARAMETER_SCHEMAS = '@aws-sdk/client-ssm/dist-es/schemas/schemas_0.js';

/** In any folder, on any system. */
const fileAt = (path: string): RegExp =>
  new RegExp(`[\\\\/]${path.replaceAll('/', '[\\\\/]').replaceAll('.', '\\.')}$`);

/** A list that nobody uses may go, and no list of an error is used: what the service answers keeps its name without one. */
export const takenApart = (schemas: string): string =>
  schemas
    .replace(/^n0_registry\.registerError\(.*$/gm, '')
    .replace(/^export var (\w+\$) = (\[.*\]|\[.*,\n[\s\S]*?^\]);$/gm, 'export var $1 = /* @__PURE__ */ (() => $2)();');

/** Leaves out of the AWS SDK what a Lambda function never runs, where that is felt: docs/decisions/0005 has the figures. */
export const sdkTrims: readonly Plugin[] = [
  {
    name: 'environment-credentials',
    setup({ onResolve }) {
      onResolve({ filter: /^@aws-sdk\/credential-provider-node$/ }, () => ({ path: CREDENTIALS_STUB }));
    },
  },
  {
    // Imported lazily by streaming operations only, which these clients do not have: 20 kB that would never run, and 7 ms.
    name: 'event-streams',
    setup({ onResolve }) {
      onResolve({ filter: /^@smithy\/core\/event-streams$/ }, ({ path }) => ({ path, external: true }));
    },
  },
  {
    // ~/.aws: Lambda has none, and looking takes 3 ms; on a laptop a person's own profile must not change what the
    // local stack does.
    name: 'shared-config',
    setup({ onLoad }) {
      onLoad({ filter: fileAt(SHARED_CONFIG) }, () => ({
        contents: `
          export { CONFIG_PREFIX_SEPARATOR } from './constants';
          export const loadSharedConfigFiles = async () => ({ configFile: {}, credentialsFile: {} });`,
      }));
    },
  },
  {
    // 58 kB of 78 in each function.
    name: 'parameter-store',
    setup({ onLoad }) {
      onLoad({ filter: fileAt(PARAMETER_SCHEMAS) }, async ({ path }) => ({
        contents: takenApart(await readFile(path, 'utf8')),
      }));
    },
  },
];

import { fileURLToPath } from 'node:url';
import type { Plugin } from 'esbuild';

const CREDENTIALS_STUB = fileURLToPath(new URL('./environment-credentials.ts', import.meta.url));

/** The one file replaced whose path is private to the SDK: a test fails when an update moves it. */
export const SHARED_CONFIG = '@smithy/core/dist-es/submodules/config/shared-ini-file-loader/loadSharedConfigFiles.js';

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
      onLoad(
        { filter: new RegExp(`[\\\\/]${SHARED_CONFIG.replaceAll('/', '[\\\\/]').replaceAll('.', '\\.')}$`) },
        () => ({
          contents: `
          export { CONFIG_PREFIX_SEPARATOR } from './constants';
          export const loadSharedConfigFiles = async () => ({ configFile: {}, credentialsFile: {} });`,
        }),
      );
    },
  },
];

import { readFileSync } from 'node:fs';
import type { Plugin } from 'esbuild';
import * as mini from 'zod/mini';

/** A CRM's or notifier's own file, and the rooms' schemas of what stands in client files; a body's schema is in a `schema.ts`. */
const DESCRIBES_SETTINGS =
  /[\\/]functions[\\/](?:[\w-]+[\\/](?:crms|notifiers)[\\/][\w-]+[\\/](?:crm|notifier)|shared[\\/]\w+[\\/][\w-]+-schemas?)\.ts$/;
const CHECKS = /parse|code/i;
/** A file that reads bodies by a schema too: it needs the library. */
const READS = /(?<!\b(?:JSON|Date))\.(?:safeP|p)arse(?:Async)?\(/;

const names = Object.keys(mini).filter((name) => !CHECKS.test(name));

/**
 * Schemas of settings without their library: a client file is checked at synth, and a function gets what came of it. They stand beside
 * the code that reads the settings, so that a CRM is one folder; in its bundle they would be 17 kB that never run. Whatever a schema
 * is made of is nothing here, and checking by it a `TypeError`. A file that itself checks an answer by a schema gets the library.
 */
export const settings: Plugin = {
  name: 'settings',
  setup({ onLoad, onResolve }) {
    onResolve({ filter: /^zod\/mini$/ }, ({ importer, path }) =>
      DESCRIBES_SETTINGS.test(importer) && !READS.test(readFileSync(importer, 'utf8'))
        ? { path, namespace: 'settings' }
        : undefined,
    );
    onLoad({ filter: /.*/, namespace: 'settings' }, () => ({
      contents: `
        const nothing = new Proxy(() => nothing, { get: (_, name) => (${CHECKS}.test(String(name)) ? undefined : nothing) });
        export { ${names.map((name) => `nothing as ${name}`).join(', ')} };`,
    }));
  },
};

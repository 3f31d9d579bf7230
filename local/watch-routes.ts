import { jsonIn } from '../functions/shared/runtime/json.ts';
import type { LocalRoutes } from './local-routes.ts';
import type { Run } from './rule-calls.ts';
import type { Told } from './sns/store.ts';

/** What the stack `Ezw-watch` does on this machine. */
export interface LocalWatch {
  /** What was told, the first one first. */
  messages(): readonly Told[];
  runs(): readonly Run[];
  /** Looks now, and gives what came of it (JSON). Throws what the function threw. */
  look(): Promise<string>;
}

const MISSING = { status: 404, body: { message: 'This stack runs without Ezw-watch.' } };

/** `GET` and `POST /_local/watch`: what was told; and one look at once, which is answered when it is through. */
export const watchRoutes = (watch: () => LocalWatch | undefined): LocalRoutes => ({
  'GET watch': async () => {
    const found = watch();
    if (!found) return MISSING;
    const runs = found.runs().map(({ at, ended }) => ({ time: new Date(at).toISOString(), ended }));
    return { status: 200, body: { messages: found.messages(), runs } };
  },
  'POST watch': async () => {
    const found = watch();
    if (!found) return MISSING;
    try {
      return { status: 200, body: { result: jsonIn(await found.look()) ?? null } };
    } catch (error) {
      return { status: 500, body: { message: error instanceof Error ? error.message : 'It failed.' } };
    }
  },
});

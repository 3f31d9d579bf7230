import { existsSync, readdirSync } from 'node:fs';
import { Hono } from 'hono';
import { refuse } from './answers.ts';
import type { SandboxEnv } from './env.ts';

const ROOT = new URL('../../', import.meta.url);

/** What stands beside a function's own files, one folder each, and may have a `stand-in.ts`. */
const KINDS = ['crms', 'notifiers', 'sources'] as const;
type Kind = (typeof KINDS)[number];

/** A `stand-in.ts` as it was found: what it exports, or why that cannot be used. */
export interface FoundStandIn<StandIn> {
  readonly kind: Kind;
  /** Its folder's. */
  readonly name: string;
  /** From the root of the repository. */
  readonly path: string;
  readonly standIn?: StandIn;
  readonly problem?: string;
}

const foldersIn = (path: string): string[] => {
  const folder = new URL(`${path}/`, ROOT);
  if (!existsSync(folder)) return [];
  const entries = readdirSync(folder, { withFileTypes: true });
  return entries.flatMap((entry) => (entry.isDirectory() ? [entry.name] : [])).sort();
};

const paths = foldersIn('functions').flatMap((owner) =>
  KINDS.flatMap((kind) => {
    const folder = `functions/${owner}/${kind}`;
    return foldersIn(folder).map((name) => ({ kind, name, path: `${folder}/${name}/stand-in.ts` }));
  }),
);

/** One that does not load must not take the others with it. */
const found: readonly FoundStandIn<unknown>[] = await Promise.all(
  paths
    .filter(({ path }) => existsSync(new URL(path, ROOT)))
    .map(async (place) => {
      try {
        const { standIn } = await import(new URL(place.path, ROOT).href);
        return standIn ? { ...place, standIn } : { ...place, problem: 'it exports no standIn' };
      } catch (error) {
        return { ...place, problem: String(error) };
      }
    }),
);

/** The stand-ins of one kind, by the convention of their folders: nothing lists them. The kit that they use must not import this file. */
export const standInsOf = <StandIn>(kind: Kind): readonly FoundStandIn<StandIn>[] =>
  found.filter((one) => one.kind === kind) as readonly FoundStandIn<StandIn>[];

/** What a stand-in serves; 503 with the reason for one that does not load or cannot be made. */
export function served<StandIn>(
  { path, standIn, problem }: FoundStandIn<StandIn>,
  make: (standIn: StandIn) => Hono<SandboxEnv>,
): Hono<SandboxEnv> {
  let reason = problem;
  try {
    if (standIn) return make(standIn);
  } catch (error) {
    reason = String(error);
  }
  const app = new Hono<SandboxEnv>();
  return app.all('*', (c) => refuse(c, 503, 'stand_in_broken', `${path} cannot be served: ${reason}`));
}

import { existsSync, readdirSync } from 'node:fs';
import { Hono } from 'hono';
import { refuse } from './answers.ts';
import type { SandboxEnv } from './env.ts';

const ROOT = new URL('../../', import.meta.url);

/** What stands beside a function's own files, one folder each, and may have a `stand-in.ts`. */
const KINDS = ['crms', 'notifiers', 'sources'] as const;
export type Kind = (typeof KINDS)[number];

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

const foldersIn = (folder: URL): string[] => {
  if (!existsSync(folder)) return [];
  const entries = readdirSync(folder, { withFileTypes: true });
  return entries.flatMap((entry) => (entry.isDirectory() ? [entry.name] : [])).sort();
};

/**
 * Every `functions/<function>/<kind>/<name>/stand-in.ts` below a root, loaded. One that does not load must not take the others with it.
 */
export async function findStandIns(root: URL): Promise<readonly FoundStandIn<unknown>[]> {
  const places = foldersIn(new URL('functions/', root)).flatMap((owner) =>
    KINDS.flatMap((kind) => {
      const folder = `functions/${owner}/${kind}/`;
      return foldersIn(new URL(folder, root)).map((name) => ({ kind, name, path: `${folder}${name}/stand-in.ts` }));
    }),
  );
  const written = places.filter(({ path }) => existsSync(new URL(path, root)));
  return Promise.all(
    written.map(async (place) => {
      try {
        const { standIn } = await import(new URL(place.path, root).href);
        return standIn ? { ...place, standIn } : { ...place, problem: 'it exports no standIn' };
      } catch (error) {
        return { ...place, problem: String(error) };
      }
    }),
  );
}

const found = await findStandIns(ROOT);

/** The stand-ins of one kind, by the convention of their folders: nothing lists them. The kit that they use must not import this file. */
export const standInsOf = <StandIn>(kind: Kind): readonly FoundStandIn<StandIn>[] =>
  found.filter((one) => one.kind === kind) as readonly FoundStandIn<StandIn>[];

/** All of them, whatever they stand in for. */
export const everyStandIn = (): readonly FoundStandIn<unknown>[] => found;

/** Those that cannot be used. */
export const brokenStandIns = (): readonly FoundStandIn<unknown>[] =>
  found.filter(({ problem }) => problem !== undefined);

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

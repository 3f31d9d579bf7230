import { type FSWatcher, readdirSync, statSync, watch } from 'node:fs';
import { join } from 'node:path';

/** What a build is made of. The local stack itself is what runs it, and is not made new by it. */
const FOLDERS = ['cli', 'clients', 'functions', 'lib', 'watch'];

/** An editor writes a file in several steps, a checkout many files. */
const QUIET_MS = 300;

/** Whether a build would read the file: no texts, no tests, no other client's file (but what is in folders beside them), nothing that editors leave for a moment. */
export function isSource(path: string, client: string): boolean {
  const name = path.slice(path.lastIndexOf('/') + 1);
  if (!/^[^.#].*\.(?:[cm]?[jt]s|json)$/.test(name) || /\.(?:test|spec)\.\w+$/.test(name)) return false;
  return !/^clients\/[^/]+$/.test(path) || path === `clients/${client}.ts`;
}

/** Collects paths, each once, and gives them away when no further one came for a moment. */
export function whenQuiet(give: (paths: string[]) => void): { add(path: string): void; stop(): void } {
  const paths = new Set<string>();
  let timer: NodeJS.Timeout | undefined;
  return {
    add(path) {
      paths.add(path);
      clearTimeout(timer);
      timer = setTimeout(() => {
        const given = [...paths].sort();
        paths.clear();
        give(given);
      }, QUIET_MS).unref();
    },
    stop: () => clearTimeout(timer),
  };
}

/**
 * Tells which sources were written, made or removed, as paths from the root. Returns how to end it. Each folder is watched by
 * itself: Node 20 watches a whole tree on Linux file by file, and loses sight of a file that an editor replaces.
 */
export function watchSources(root: string, client: string, onChange: (paths: string[]) => void): () => void {
  const watchers = new Map<string, FSWatcher>();
  const quiet = whenQuiet(onChange);

  /** Watches a folder and those in it. What is in a new one may have been there before anybody looked. */
  const enter = (folder: string, isNew: boolean): void => {
    if (watchers.has(folder)) return;
    const watcher = watch(join(root, folder), { persistent: false }, (_, name) => name && seen(`${folder}/${name}`));
    watcher.on('error', () => leave(folder));
    watchers.set(folder, watcher);
    for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
      const path = `${folder}/${entry.name}`;
      if (entry.isDirectory()) enter(path, isNew);
      else if (isNew && isSource(path, client)) quiet.add(path);
    }
  };
  const leave = (folder: string): void => {
    for (const [path, watcher] of watchers) {
      if (path !== folder && !path.startsWith(`${folder}/`)) continue;
      watcher.close();
      watchers.delete(path);
    }
  };
  const seen = (path: string): void => {
    try {
      const isFolder = statSync(join(root, path), { throwIfNoEntry: false })?.isDirectory();
      if (isFolder) enter(path, true);
      else if (watchers.has(path)) {
        leave(path);
        quiet.add(path);
      } else if (isSource(path, client)) quiet.add(path);
    } catch {
      // It is gone again.
    }
  };

  for (const folder of FOLDERS) enter(folder, false);
  return () => {
    quiet.stop();
    for (const watcher of watchers.values()) watcher.close();
    watchers.clear();
  };
}

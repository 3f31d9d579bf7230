import type { Client } from './client.ts';
import { WATCH_STACK } from './watch-names.ts';

/** What was loaded, and for what. */
export interface Loaded {
  readonly clients: readonly Client[];
  /** The one that was asked for. */
  readonly only?: string | undefined;
  /** No client file was left out. */
  readonly isWhole: boolean;
  /** For a stack on this machine, which knows no others. */
  readonly isLocal: boolean;
}

/**
 * The clients whose watcher is synthesised. It is made of all client files, or is left as it stands: without the others, their operators
 * would be subscribed no more. Of a client without an account nothing is deployed.
 * @param warn is told where that keeps it from being made
 */
export const watchedOf = (
  { clients, only, isWhole, isLocal }: Loaded,
  warn: (line: string) => void,
): readonly Client[] => {
  if (isLocal) return clients;
  if (only !== undefined) return [];
  const deployed = clients.filter(({ aws }) => aws !== undefined);
  if (isWhole || deployed.length === 0) return deployed;
  warn(`Warning: ${WATCH_STACK} is left out too: it is made of all client files.`);
  return [];
};

import { Failed } from '../terminal/errors.ts';
import type { Target } from './target.ts';

const named = (from: Readonly<Record<string, string>>, kind: string, name: string): string => {
  const found = from[name];
  if (found === undefined) {
    throw new Failed(`This stack has no ${kind} "${name}". It was deployed by an older version: deploy it again.`);
  }
  return found;
};

export const tableOf = ({ tables }: Target, name: string): string => named(tables, 'table', name);
export const queueOf = ({ queues }: Target, name: string): string => named(queues, 'queue', name);

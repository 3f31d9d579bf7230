import type { Target } from '../target/target.ts';
import { type Limits, type Seen, walk } from './hold.ts';
import { type Letter, letterOf } from './letter.ts';

/** What a look at a queue showed. */
export interface Looked extends Seen {
  readonly letters: readonly Letter[];
}

/** All that can be seen, oldest first. */
export const look = async (target: Target, queue: string, limits: Limits = {}): Promise<Looked> => {
  const letters: Letter[] = [];
  const seen = await walk(target, queue, limits, (message) => {
    letters.push(letterOf(queue, message));
  });
  return { ...seen, letters: letters.sort((a, b) => (a.sentAt ?? 0) - (b.sentAt ?? 0)) };
};

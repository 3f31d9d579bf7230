import type { Contract } from './assumptions.ts';

/** Tells something. @returns when it is answered or has failed */
export type Step = () => Promise<unknown>;

/** What is told of a send: the outbound message as it was observed, and each status that it went through. */
export interface Steps {
  readonly echo?: Step;
  readonly statuses: readonly Step[];
}

const ordered = (order: Contract['status-order'], steps: readonly Step[]): readonly Step[] => {
  if (order === 'none') return [];
  if (order === 'twice') return steps.flatMap((step) => [step, step]);
  return order === 'backwards' ? [...steps].reverse() : steps;
};

/** What comes before the answer to the send, and what after it, each in its order. */
export const timed = (
  { echo: when, 'status-order': order }: Contract,
  { echo, statuses }: Steps,
): { readonly before: readonly Step[]; readonly after: readonly Step[] } => {
  const echoes = echo && when !== 'none' ? [echo] : [];
  const early = [...(when === 'before' ? echoes : []), ...(order === 'before' ? statuses : [])];
  const late = [...(when === 'after' ? echoes : []), ...(order === 'before' ? [] : ordered(order, statuses))];
  return { before: early, after: late };
};

/** One after the other, or the second could overtake the first. */
export const tellAll = async (steps: readonly Step[]): Promise<void> => {
  for (const step of steps) await step();
};

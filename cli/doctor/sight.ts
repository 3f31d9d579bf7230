import { controlOf } from '../line/control.ts';
import { healthOf } from '../target/line.ts';
import type { Target } from '../target/target.ts';
import type { Sight } from './check.ts';

/** Made when it is first asked for. */
export const once = <T>(make: () => Promise<T>): (() => Promise<T>) => {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make();
    // Whoever looks at it hears of it.
    made.catch(() => undefined);
    return made;
  };
};

/** What stands before whoever looks, but for the sends. @param now epoch milliseconds */
export const sightOf = (target: Target, now: number, sends: Pick<Sight, 'sends' | 'waiting'>): Sight => ({
  target,
  now,
  health: once(() => healthOf(target)),
  control: once(() => controlOf(target).read()),
  ...sends,
});

/** Milliseconds of CPU that it takes. A clock on the wall would also count what other processes do meanwhile. */
export const cpuTime = (work: () => unknown): number => {
  const { user } = process.cpuUsage();
  work();
  return (process.cpuUsage().user - user) / 1000;
};

/** The least of some times of the same work, until one is short enough: what is slow once may have been held up. */
export const leastTime = (work: () => unknown, enough: number): number => {
  let least = Number.POSITIVE_INFINITY;
  for (let n = 0; n < 4 && least > enough; n += 1) least = Math.min(least, cpuTime(work));
  return least;
};

/** Milliseconds of CPU that it takes. A clock on the wall would also count what other processes do meanwhile. */
export const cpuTime = (work: () => unknown): number => {
  const { user } = process.cpuUsage();
  work();
  return (process.cpuUsage().user - user) / 1000;
};

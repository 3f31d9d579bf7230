/** Does something in so many milliseconds. @returns what undoes that */
export type Later = (does: () => void, ms: number) => () => void;

/** By the machine's own clock. */
export const inRealTime: Later = (does, ms) => {
  const timer = setTimeout(does, ms);
  return () => clearTimeout(timer);
};

/** Those that can all be undone at once; after that nothing is done any more. */
export function stoppable(later: Later) {
  const waiting = new Set<() => void>();
  let isStopped = false;
  return {
    later: (does: () => void, ms: number) => {
      if (isStopped) return () => undefined;
      const cancel = later(() => {
        waiting.delete(cancel);
        does();
      }, ms);
      waiting.add(cancel);
      return () => {
        waiting.delete(cancel);
        cancel();
      };
    },
    isStopped: () => isStopped,
    stop: () => {
      isStopped = true;
      for (const cancel of waiting) cancel();
      waiting.clear();
    },
  };
}

export type Timers = ReturnType<typeof stoppable>;

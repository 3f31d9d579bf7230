/**
 * All of them, so many at a time; what came of each is in their order. Once one throws none is begun any more, and its error is thrown when none
 * goes on in the background.
 */
export const inTurn = async <T, Result>(
  items: readonly T[],
  atOnce: number,
  work: (item: T) => Promise<Result>,
): Promise<Result[]> => {
  const left = items.entries();
  const results: Result[] = [];
  const broken: unknown[] = [];
  const worker = async (): Promise<void> => {
    for (const [i, item] of left) {
      try {
        results[i] = await work(item);
      } catch (error) {
        broken.push(error);
      }
      if (broken.length > 0) return;
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  if (broken.length > 0) throw broken[0];
  return results;
};

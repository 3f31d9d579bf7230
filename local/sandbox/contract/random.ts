/** Numbers from 0 up to 1 that are the same for the same seed (mulberry32). */
export const randomOf = (seed: number) => {
  let state = seed;
  return (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
};

/** The same items in an order that is another one, if there is another. */
export const outOfOrder = <Item>(items: readonly Item[], random: () => number): Item[] => {
  const mixed = items
    .map((item) => ({ item, at: random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ item }) => item);
  return mixed.every((item, index) => item === items[index]) ? mixed.reverse() : mixed;
};

/** The value below which a share (0–1) of the samples lies. */
export const quantile = (samples: readonly number[], share: number): number => {
  const sorted = [...samples].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
};

export const median = (samples: readonly number[]): number => quantile(samples, 0.5);

/** Pairs of one round each: both were measured under the same load, so their ratio holds on a noisy machine. */
export const medianRatio = (samples: readonly number[], references: readonly number[]): number =>
  median(samples.map((sample, round) => sample / (references[round] ?? Number.NaN)));

/** Where the median of what was sampled lies with 95 % certainty, by the ranks of the samples and whatever their distribution. */
export const between = (samples: readonly number[]): [low: number, high: number] => {
  const width = 0.98 / Math.sqrt(samples.length);
  return [quantile(samples, 0.5 - width), quantile(samples, 0.5 + width)];
};

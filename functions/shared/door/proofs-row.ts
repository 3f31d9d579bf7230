/** What the proofs of a source's events came to: a row of the table `deliveries`. Times are epoch milliseconds. */
export interface ProofsRow {
  /** Wrong ones in a row, as far as they were noted; nothing where none was since the last good one. */
  readonly refused?: number;
  readonly firstAt?: number;
  readonly lastAt?: number;
  /** Of the last good one that was noted; nothing where none ever was. */
  readonly goodAt?: number;
}

/** A template's function may write the rows of its own alone, all of which begin as that of no source. */
export const proofsPk = (template: string, source: string): string => `proofs#${template}#${source}`;

/** What a conditional write gave, or `undefined` if it was refused: for one that nobody needs to know of then. */
export const whenMet = async <T>(write: Promise<T>): Promise<T | undefined> => {
  try {
    return await write;
  } catch (error) {
    if (error instanceof Error && error.name === 'ConditionalCheckFailedException') return undefined;
    throw error;
  }
};

/** How a row stands after a write: as this very write left it (`mine`), or as somebody else did. */
export interface Written<Row> {
  readonly mine: boolean;
  readonly row: Row | undefined;
}

/**
 * A conditional write after which somebody must know whose the row is. That it was refused does not tell: when an answer is
 * lost the SDK, or DynamoDB itself, makes the write once more, and then the first time is what refuses the second. The row tells.
 *
 *   write ─┬─ met ──────────────────────────────────▶ mine
 *          └─ refused ── read ─┬─ bears my mark ────▶ mine
 *                              └─ it does not ──────▶ another's
 *
 * @param write what the row is after it
 * @param read consistent
 * @param isMine whether only this write can have left the row so
 */
export const written = async <Row>(
  write: Promise<Row>,
  read: () => Promise<Row | undefined>,
  isMine: (row: Row) => boolean,
): Promise<Written<Row>> => {
  const met = await whenMet(write);
  if (met !== undefined) return { mine: true, row: met };
  const row = await read();
  return { mine: row !== undefined && isMine(row), row };
};

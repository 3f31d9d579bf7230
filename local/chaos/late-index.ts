import { parsedJson } from '../json.ts';

/** An index follows its table within moments: sooner than whoever found nothing looks once more (INDEX_LAG_SECONDS in ledger/own-sends.ts). */
const LAG_MS = 1_500;

interface Row {
  readonly pk?: { readonly S?: string };
}
interface Said {
  readonly TableName?: string;
  readonly IndexName?: string;
  readonly Key?: Row;
  readonly Item?: Row;
}

/** Which rows were written so lately that an index does not find them yet. */
export class RecentRows {
  readonly #now: () => number;
  /** When each row was written last, the oldest first. */
  readonly #writtenAt = new Map<string, number>();

  /** @param now epoch milliseconds */
  constructor(now: () => number) {
    this.#now = now;
  }

  note(row: string): void {
    const now = this.#now();
    for (const [one, at] of this.#writtenAt) {
      if (now - at < LAG_MS) break;
      this.#writtenAt.delete(one);
    }
    this.#writtenAt.delete(row);
    this.#writtenAt.set(row, now);
  }

  has(row: string): boolean {
    const at = this.#writtenAt.get(row);
    return at !== undefined && this.#now() - at < LAG_MS;
  }
}

export interface LateIndexTools {
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** Whether the index does not know yet what this query (JSON) would find. */
  readonly isBehind: (query: string) => boolean;
}

/** Lets the indexes of tables be behind: what was just written is not found by them. */
export class LateIndex {
  readonly #tools: LateIndexTools;
  readonly #recent: RecentRows;

  constructor(tools: LateIndexTools) {
    this.#tools = tools;
    this.#recent = new RecentRows(tools.now);
  }

  /** What is answered to a call that took effect. @param answer the table's own, JSON */
  answered(operation: string, body: string, answer: string): string {
    const { TableName, IndexName, Key, Item } = (parsedJson(body) ?? {}) as Said;
    if (['PutItem', 'UpdateItem'].includes(operation)) this.#recent.note(idOf(TableName, Key ?? Item));
    if (operation !== 'Query' || IndexName === undefined) return answer;
    const { Items = [], ...rest } = (parsedJson(answer) ?? {}) as { readonly Items?: readonly Row[] };
    const known = Items.filter((row) => !this.#recent.has(idOf(TableName, row)));
    if (known.length === Items.length || !this.#tools.isBehind(body)) return answer;
    return JSON.stringify({ ...rest, Items: known, Count: known.length, ScannedCount: known.length });
  }
}

const idOf = (table: string | undefined, row: Row | undefined): string => `${table} ${row?.pk?.S}`;

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

export interface LateIndexTools {
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** Whether the index does not know yet what this query (JSON) would find. */
  readonly isBehind: (query: string) => boolean;
}

/** Lets the indexes of tables be behind: what was just written is not found by them. */
export class LateIndex {
  readonly #tools: LateIndexTools;
  /** When each row was written last, the oldest first. */
  readonly #writtenAt = new Map<string, number>();

  constructor(tools: LateIndexTools) {
    this.#tools = tools;
  }

  /** What is answered to a call that took effect. @param answer the table's own, JSON */
  answered(operation: string, body: string, answer: string): string {
    const said = (parsedJson(body) ?? {}) as Said;
    if (['PutItem', 'UpdateItem'].includes(operation)) this.#written(said);
    if (operation !== 'Query' || said.IndexName === undefined) return answer;
    const { Items = [], ...rest } = (parsedJson(answer) ?? {}) as { readonly Items?: readonly Row[] };
    const known = Items.filter((row) => !this.#isNew(said, row));
    if (known.length === Items.length || !this.#tools.isBehind(body)) return answer;
    return JSON.stringify({ ...rest, Items: known, Count: known.length, ScannedCount: known.length });
  }

  #written({ TableName, Key, Item }: Said): void {
    const now = this.#tools.now();
    for (const [row, at] of this.#writtenAt) {
      if (now - at < LAG_MS) break;
      this.#writtenAt.delete(row);
    }
    const row = idOf(TableName, Key ?? Item);
    this.#writtenAt.delete(row);
    this.#writtenAt.set(row, now);
  }

  #isNew({ TableName }: Said, row: Row): boolean {
    const at = this.#writtenAt.get(idOf(TableName, row));
    return at !== undefined && this.#tools.now() - at < LAG_MS;
  }
}

const idOf = (table: string | undefined, row: Row | undefined): string => `${table} ${row?.pk?.S}`;

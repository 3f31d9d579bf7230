/** A record as the stand-in keeps it. `createdAt` is epoch ms; searches find it only after the index has caught up. */
export interface StoredRecord {
  id: string;
  createdAt: number;
  fields: Record<string, unknown>;
}

/** One kind of record of one CRM. */
export interface RecordStore {
  all(): StoredRecord[];
  byId(id: string): StoredRecord | undefined;
  /** By a unique field; sees every write at once, unlike `search`. */
  byField(name: string, value: unknown): StoredRecord | undefined;
  /** What the search index holds by now. */
  search(matches: (fields: Record<string, unknown>) => boolean): StoredRecord[];
  add(fields: Record<string, unknown>): StoredRecord;
  clear(): void;
}

/** Search indexes of real CRMs lag behind their writes: whoever searches and then creates makes duplicates. */
const SEARCH_LAG_MS = 3_000;

function createRecordStore(prefix: string, now: () => number): RecordStore {
  let records: StoredRecord[] = [];
  let next = 1001;
  return {
    all: () => records,
    byId: (id) => records.find((record) => record.id === id),
    byField: (name, value) => records.find(({ fields }) => fields[name] === value),
    search: (matches) =>
      records.filter(({ createdAt, fields }) => now() - createdAt >= SEARCH_LAG_MS && matches(fields)),
    add: (fields) => {
      const record = { id: `${prefix}${next}`, createdAt: now(), fields };
      next += 1;
      records.push(record);
      return record;
    },
    clear: () => {
      records = [];
    },
  };
}

/** Access tokens that a stand-in gave out; `expire` makes all of them worthless, as an hour would. */
export interface Grants {
  issue(): string;
  valid(token: string | undefined): boolean;
  expire(): void;
}

function createGrants(prefix: string): Grants {
  let valid = new Set<string>();
  let issued = 0;
  return {
    issue: () => {
      issued += 1;
      const token = `${prefix}-${issued}`;
      valid.add(token);
      return token;
    },
    valid: (token) => token !== undefined && valid.has(token),
    expire: () => {
      valid = new Set();
    },
  };
}

/** What every stand-in shows of itself. */
export interface CrmStand {
  contacts: RecordStore;
  entries: RecordStore;
  grants: Grants;
}

export const createStand = (name: string, now: () => number): CrmStand => ({
  contacts: createRecordStore(`${name}-contact-`, now),
  entries: createRecordStore(`${name}-entry-`, now),
  grants: createGrants(`${name}-token`),
});

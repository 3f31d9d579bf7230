/** Of a record, as they were written. */
export type Fields = Record<string, unknown>;

/** Why a CRM takes a call no further; each has its own words for it. */
export type Reason = 'unauthorized' | 'absent' | 'deleted' | 'taken' | 'incomplete' | 'against_rule' | 'invalid';

export class Refused extends Error {
  readonly reason: Reason;

  /** `detail` is what those words name: a field, a kind of record, or the whole sentence. */
  constructor(reason: Reason, detail = '') {
    super(detail);
    this.reason = reason;
  }
}

/** A record as the stand-in keeps it. `createdAt` is epoch ms; searches find it only after the index has caught up. */
interface StoredRecord {
  id: string;
  createdAt: number;
  /** Epoch ms; nobody but the search index knows of it any more. */
  deletedAt?: number;
  fields: Fields;
}

/** Search indexes of real CRMs lag behind their writes: whoever searches and then creates makes duplicates. */
const SEARCH_LAG_MS = 3_000;

/** One kind of record of one CRM. What it cannot do it throws as `Refused`. */
function createRecordStore(prefix: string, now: () => number) {
  const records: StoredRecord[] = [];
  let next = 1001;
  /** By a unique field; sees every write at once, unlike `search`. */
  const byField = (name: string, value: unknown) =>
    records.find(({ fields, deletedAt }) => deletedAt === undefined && fields[name] === value);
  /** What the search index holds by now. */
  const search = (matches: (fields: Fields) => boolean) =>
    records.filter(
      ({ createdAt, deletedAt = Number.POSITIVE_INFINITY, fields }) =>
        now() - createdAt >= SEARCH_LAG_MS && now() - deletedAt < SEARCH_LAG_MS && matches(fields),
    );
  const get = (id: string | undefined, what = 'contact'): StoredRecord => {
    const found = records.find((record) => record.id === id);
    if (!found) throw new Refused('absent', what);
    if (found.deletedAt !== undefined) throw new Refused('deleted', what);
    return found;
  };
  /** As a person does it, or a merge into another record. */
  const remove = (id: string): void => {
    get(id).deletedAt = now();
  };
  const add = (fields: Fields, required: string[] = []): StoredRecord => {
    const missing = required.find((name) => !fields[name]);
    if (missing) throw new Refused('incomplete', missing);
    const record = { id: `${prefix}${next}`, createdAt: now(), fields };
    next += 1;
    records.push(record);
    return record;
  };
  /** `unique` names the field whose value no other record may have. */
  const update = (record: StoredRecord, fields: Fields, unique = ''): StoredRecord => {
    const owner = fields[unique] === undefined ? record : byField(unique, fields[unique]);
    if (owner && owner !== record) throw new Refused('taken', unique);
    Object.assign(record.fields, fields);
    return record;
  };
  /** Writes into the record that has one of these unique values, else into a new one. */
  const upsert = (keys: Fields, fields: Fields, required: string[] = []) => {
    const [known] = Object.entries(keys).flatMap(([name, value]) => byField(name, value) ?? []);
    const record = known ? update(known, fields) : add({ ...fields, ...keys }, required);
    return { record, id: record.id, isNew: record !== known };
  };
  return { records, byField, search, get, add, update, upsert, remove };
}

/** Access tokens that a stand-in gave out; `expire` makes all of them worthless, as an hour would. */
function createGrants(prefix: string) {
  const valid = new Set<string | undefined>();
  let issued = 0;
  return {
    issue: () => {
      issued += 1;
      const token = `${prefix}-${issued}`;
      valid.add(token);
      return token;
    },
    valid: (token: string | undefined) => valid.has(token),
    expire: () => valid.clear(),
  };
}

/** What every stand-in shows of itself. */
export type CrmStand = ReturnType<typeof createStand>;

export const createStand = (name: string, now: () => number) => ({
  contacts: createRecordStore(`${name}-contact-`, now),
  entries: createRecordStore(`${name}-entry-`, now),
  grants: createGrants(`${name}-token`),
});

import { Unavailable } from '../shared/runtime/errors.ts';
import { keyPart, sha256 } from '../shared/runtime/hashes.ts';
import { Table } from '../shared/runtime/table.ts';

/** A window is at most as long as this, and so is a wait. */
const KEEP_SECONDS = 30 * 24 * 3600;
/** Whoever opened a window is done with its effect by then, nearly always. */
const AT_IT_MS = 10_000;
const LOOK_AGAIN_SECONDS = 15;

/** Of a window who opened it, when and until when (epoch milliseconds), and whether it had its effect. */
interface Row {
  readonly by?: string;
  /** An earlier release did not note it. */
  readonly openedAt?: number;
  readonly until?: number;
  readonly done?: boolean;
}

/** Of a text the conversation in which it was seen first, and whether it was seen in another. */
interface TextRow {
  readonly first?: string;
  readonly elsewhere?: boolean;
}

/** Of a message that may be changed while it waits for an answer. */
export interface Wait {
  /** A mark of its newest telling. */
  readonly telling?: string;
  /** ISO 8601, since when it waits; without it, it asks for no answer. */
  readonly since?: string;
}

/** What stands for one talk, and who else it is with where WhatsApp hides a number once and tells it another time. */
export interface Names {
  /** What a window is opened under, the surest first. */
  readonly own: readonly string[];
  /** Where a window that is open is theirs as well. */
  readonly others?: readonly string[];
  /** Under which others find it. */
  readonly mark?: string | undefined;
}

const written = ({ own, mark }: Names): readonly string[] => [...own, ...(mark === undefined ? [] : [mark])];
const read = ({ own, others = [] }: Names): readonly string[] => [...own, ...others];

export interface ConversationTools {
  readonly table: string;
  readonly lineId: string;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

/**
 * What was told of conversations within a window, in the table `deliveries`. Each write says what is to stand there, and its
 * condition lets the same one through again, so making it twice is as once.
 */
export class ConversationState {
  readonly #rows: Table<Row>;
  readonly #texts: Table<TextRow>;
  readonly #waits: Table<Wait>;
  readonly #incidents: Table<{ readonly openedFor?: string; readonly incident?: string }>;
  readonly #tools: ConversationTools;

  constructor(tools: ConversationTools) {
    this.#rows = new Table(tools.table);
    this.#texts = new Table(tools.table);
    this.#waits = new Table(tools.table);
    this.#incidents = new Table(tools.table);
    this.#tools = tools;
  }

  /**
   * Opens a window of a conversation for an effect and runs it, once per window; a person who comes under another of their names opens none.
   * The item that opened the window (`by`) may try again until its
   * effect is done; every other item of the window finds it taken. False if it was.
   * @param waits for an effect that may never come, for it has a time of its own: whoever finds the window taken and its effect still to
   * be done looks once more
   * @throws Unavailable of one that waits
   */
  async oncePerWindow(
    name: string,
    names: Names,
    by: string,
    windowMs: number,
    effect: () => Promise<void>,
    { waits = false }: { readonly waits?: boolean } = {},
  ): Promise<boolean> {
    const isOpened = await this.#once(name, names, by, windowMs, effect, '#until <= :now');
    if (waits && !isOpened) await this.#assertDone(name, names, by);
    return isOpened;
  }

  /**
   * The same, once per wait: what was written (epoch milliseconds) after the window was opened is another wait and opens it anew. Times
   * of messages are whole seconds, so one of the very second in which it was opened counts as later: told twice is better than not at all.
   */
  oncePerWait(
    name: string,
    names: Names,
    { by, writtenAt }: { readonly by: string; readonly writtenAt: number },
    windowMs: number,
    effect: () => Promise<void>,
  ): Promise<boolean> {
    const before = Math.floor(writtenAt / 1000) * 1000 + 1000;
    return this.#once(name, names, by, windowMs, effect, '(#until <= :now OR #openedAt < :before)', { before });
  }

  /** Frees a window that was opened by somebody, and in which nobody was told. */
  async letGo(name: string, names: Names, by: string): Promise<void> {
    const free = { if: '#by = :by AND #done = :done', values: { by, done: false } };
    await Promise.all(
      written(names).map((one) => this.#rows.update(this.#windowPk(name, one), { set: { until: 0 } }, free)),
    );
  }

  #windowPk(name: string, person: string): string {
    return `window#${this.#tools.lineId}#${name}#${conversationPart(person)}`;
  }

  async #once(
    name: string,
    names: Names,
    by: string,
    windowMs: number,
    effect: () => Promise<void>,
    isOver: string,
    values: { readonly before?: number } = {},
  ): Promise<boolean> {
    const now = this.#tools.now();
    const set = { by, openedAt: now, until: now + windowMs, done: false, expiresAt: this.#expiry() };
    const free = {
      if: `attribute_not_exists(#pk) OR (#by <> :by AND ${isOver}) OR (#by = :by AND #done = :done)`,
      values: { now, ...values },
    };
    if (await this.#isOpen(name, names, by, values.before)) return false;
    const pks = names.own.map((one) => this.#windowPk(name, one));
    // One after the other, and all in one order: of two that come at once under different names the surest decides.
    for (const [i, pk] of pks.entries()) {
      if (await this.#rows.update(pk, { set }, free)) continue;
      await this.#follow(pks.slice(0, i), by, await this.#rows.read(pk));
      return false;
    }
    const all = written(names).map((one) => this.#windowPk(name, one));
    for (const pk of all.slice(pks.length)) await this.#rows.update(pk, { set });
    await effect();
    await Promise.all(
      all.map((pk) => this.#rows.update(pk, { set: { done: true } }, { if: '#by = :by', values: { by } })),
    );
    return true;
  }

  async #assertDone(name: string, names: Names, by: string): Promise<void> {
    const rows = await Promise.all(read(names).map((one) => this.#rows.read(this.#windowPk(name, one))));
    const now = this.#tools.now();
    const isStuck = (row: Row | undefined): boolean =>
      row?.done === false && row.by !== by && (row.until ?? 0) > now && (row.openedAt ?? 0) <= now - AT_IT_MS;
    if (rows.some(isStuck))
      throw new Unavailable('window_in_progress', 'What another message opened is not done.', LOOK_AGAIN_SECONDS);
  }

  /** Whether the person has a window already that another item opened, under one of their other names. */
  async #isOpen(name: string, { others = [] }: Names, by: string, before = 0): Promise<boolean> {
    const rows = await Promise.all(others.map((one) => this.#rows.read(this.#windowPk(name, one))));
    return rows.some(
      (row) => row && row.by !== by && (row.until ?? 0) > this.#tools.now() && (row.openedAt ?? 0) >= before,
    );
  }

  /** What was opened under some names of a person, of whom another has a window: it is the same one, and ends with it. */
  async #follow(pks: readonly string[], by: string, row: Row | undefined): Promise<void> {
    const set = { by: row?.by, openedAt: row?.openedAt, until: row?.until ?? 0, done: row?.done };
    const mine = { if: '#by = :mine', values: { mine: by } };
    await Promise.all(pks.map((pk) => this.#rows.update(pk, { set }, mine)));
  }

  /**
   * Whether a text that looks like an automatic one was said to another person too; notes that it was said to this one. The text
   * itself is not kept, only a hash of it and of the first of their names.
   */
  async wasSaidElsewhere(text: string, names: Names): Promise<boolean> {
    const pk = `said#${this.#tools.lineId}#${sha256(text)}`;
    const all = read(names).map(conversationPart);
    const { mine, row } = await this.#texts.updateAndRead(
      pk,
      { set: { first: all[0], expiresAt: this.#expiry() } },
      { if: 'attribute_not_exists(#pk) OR #first = :first', isMine: ({ first = '' }) => all.includes(first) },
    );
    const isElsewhere = !mine || row?.elsewhere === true;
    if (isElsewhere) await this.#texts.update(pk, { set: { elsewhere: true, expiresAt: this.#expiry() } });
    return isElsewhere;
  }

  /** What a message waits for, if that was noted: an earlier release did not. A consistent read. */
  async waitOf(message: string): Promise<Wait> {
    return (await this.#waits.read(this.#waitPk(message))) ?? {};
  }

  /** Notes the newest telling of a message, and since when that waits. */
  async noteWait(message: string, { telling, since }: Wait): Promise<void> {
    const set = { telling, ...(since !== undefined && { since }), expiresAt: this.#expiry() };
    await this.#waits.update(this.#waitPk(message), { set, ...(since === undefined && { remove: ['since'] }) });
  }

  /**
   * Notes that an incident is opened for a message (ISO 8601, when it was written).
   * @returns the one that is open for this person already, under whichever of their names, else this
   */
  async noteIncident(name: string, names: Names, openedFor: string, incident: string): Promise<string> {
    const pksOf = (some: readonly string[]) => some.map((one) => this.#incidentPk(name, one));
    const rows = await Promise.all(pksOf(read(names)).map((pk) => this.#incidents.read(pk)));
    const open = rows.find((row) => row?.openedFor);
    const same = open?.incident ?? incident;
    const change = { set: { openedFor, incident: same, expiresAt: this.#expiry() } };
    await Promise.all(pksOf(written(names)).map((pk) => this.#incidents.update(pk, change)));
    return same;
  }

  /**
   * Closes the incident that is open for messages up to a time (ISO 8601), if there is one; it stays open where `close` fails. Of one that
   * an earlier release opened its id is not known.
   */
  async closeIncident(
    name: string,
    names: Names,
    at: string,
    close: (incident: string | undefined) => Promise<void>,
  ): Promise<boolean> {
    const pks = read(names).map((one) => this.#incidentPk(name, one));
    const rows = await Promise.all(pks.map((pk) => this.#incidents.read(pk)));
    const open = rows.filter((row) => row?.openedFor !== undefined && row.openedFor <= at);
    for (const incident of new Set(open.map((row) => row?.incident))) await close(incident);
    await Promise.all(
      pks.map(async (pk, i) => {
        const openedFor = rows[i]?.openedFor;
        if (openedFor === undefined || openedFor > at) return;
        await this.#incidents.update(
          pk,
          { remove: ['openedFor'] },
          { if: '#openedFor = :openedFor', values: { openedFor } },
        );
      }),
    );
    return open.length > 0;
  }

  #waitPk(message: string): string {
    return `wait#${this.#tools.lineId}#${conversationPart(message)}`;
  }

  #incidentPk(name: string, person: string): string {
    return `incident#${this.#tools.lineId}#${name}#${conversationPart(person)}`;
  }

  #expiry(): number {
    return Math.floor(this.#tools.now() / 1000) + KEEP_SECONDS;
  }
}

const MAX_ID = 100;

/** Where a message names no conversation, its chat or phone stands for it, and those are hashed: no phone number is in the table. */
const conversationPart = (conversation: string): string => keyPart(conversation, MAX_ID);

import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { LineTrouble } from '../ezwhatsapp/line-trouble.ts';
import type { Marked } from '../people/unwritten-stops.ts';
import { Unavailable } from '../runtime/errors.ts';
import { type Rows, rowsOf } from '../runtime/rows.ts';
import { Table } from '../runtime/table.ts';

/** Who let nothing leave any more, and why. Times are epoch milliseconds. */
export interface Pause {
  readonly by: string;
  readonly reason?: string;
  readonly at: number;
}

/** What the workspace says of a line that only people can bring back, since when, whether they were told, and since when it is well again. */
export interface Trouble {
  readonly kind: LineTrouble;
  readonly at: number;
  readonly told?: true | undefined;
  readonly calmSince?: number | undefined;
}

/**
 * How often nothing could leave in a row, and the key of a message that the API failed on first: while no other was tried it may be that
 * message, and not the line.
 */
export interface Failing {
  readonly times: number;
  readonly on?: string | undefined;
  readonly posts?: FailedPosts | undefined;
}

/** POSTs that the API failed on one after the other with the line well: how many, when the last was (epoch milliseconds), and its status, where one came. */
export interface FailedPosts {
  readonly count: number;
  readonly at: number;
  readonly status?: number | undefined;
}

/** What of a template was queued before an instant is taken back. */
export interface Drop extends Pause {
  readonly before: number;
}

/** What may leave a line. Nothing in it: everything. */
export interface Control extends Marked {
  /** Since when (epoch milliseconds) the line is known to name people by privacy ids: then the words of a send are noted, by which its echo is known. */
  readonly hidesNumbers?: number | undefined;
  readonly paused?: Pause | undefined;
  readonly trouble?: Trouble | undefined;
  /** Since the last message that the API took. */
  readonly failing?: Failing | undefined;
  /** By template. */
  readonly templates?: Readonly<Record<string, Pause>>;
  readonly drops?: Readonly<Record<string, Drop>>;
  /** Who let something go last. */
  readonly resumed?: (Pause & { readonly template?: string }) | undefined;
}

interface ControlRow extends Control {
  readonly pk: string;
  readonly rev: number;
}

/** More writers at one row at once than there ever are. */
const MAX_TRIES = 5;

/**
 * What people decided about what may leave a line, and what the line's own state decided: one row beside the sends, without a key
 * of a send. It stays until it is taken back; a deployment does not touch it. Reads are consistent.
 */
export class LineControl {
  readonly #rows: Rows<ControlRow>;
  readonly #pk: string;

  constructor(table: string, lineId: string, client?: DynamoDBClient) {
    this.#rows = rowsOf(table, client);
    this.#pk = `${lineId}#control`;
  }

  async read(): Promise<Control> {
    return controlOf(await this.#rows.read(this.#pk));
  }

  /**
   * Writes what a change makes of what stands; one that changes nothing gives what it was given. It is asked again where somebody
   * else wrote in between.
   * @returns what stands afterwards
   */
  async change(change: (control: Control) => Control): Promise<Control> {
    for (let tries = 0; tries < MAX_TRIES; tries += 1) {
      const seen = await this.#rows.read(this.#pk);
      const before = controlOf(seen);
      const after = change(before);
      if (after === before) return before;
      if (await this.#rows.write({ ...after, pk: this.#pk, rev: (seen?.rev ?? 0) + 1 }, seen)) return after;
    }
    throw new Unavailable('row_contended', 'Too many writers at one row at once.');
  }
}

/** Notes once that a line names people by privacy ids. It changes nothing that people decided. */
export const markHidesNumbers = async (table: string, lineId: string, now: number): Promise<void> => {
  const mark = { set: { hidesNumbers: now }, add: { rev: 1 } };
  await new Table<ControlRow>(table).update(`${lineId}#control`, mark, { if: 'attribute_not_exists(#hidesNumbers)' });
};

const controlOf = (row: ControlRow | undefined): Control => {
  if (!row) return {};
  const { pk: _, rev: __, ...control } = row;
  return control;
};

/** Why a template's messages do not leave by somebody's word; undefined where they may. */
export const pauseOf = ({ paused, templates = {} }: Control, template: string): Pause | undefined =>
  paused ?? (Object.hasOwn(templates, template) ? templates[template] : undefined);

/** By whose word what was queued at an instant (epoch milliseconds) is taken back; undefined where it is not. */
export const dropOf = ({ drops = {} }: Control, template: string, queuedAt: number): Drop | undefined => {
  const drop = Object.hasOwn(drops, template) ? drops[template] : undefined;
  return drop && queuedAt < drop.before ? drop : undefined;
};

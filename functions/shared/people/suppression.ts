import { conversationKey, type MessageItem } from '../ezwhatsapp/events.ts';
import { Table } from '../runtime/table.ts';
import { contactHash } from './contact-hash.ts';
import { numberForms } from './number-forms.ts';
import type { OptOut } from './opt-out.ts';

export interface SuppressionTools {
  readonly table: string;
  readonly salt: () => Promise<string>;
}

interface Row {
  readonly at: string;
  /** A row of an earlier release has none: it stood only while its number was on the list. */
  readonly said?: OptOut;
}

/**
 * The list of those who must not be written to: a row `suppressed#<salted hash>` for each number and each conversation from which
 * somebody ever said stop or start, with what they said last and when. It holds no phone number and has no expiry: a person who said
 * stop is never forgotten.
 *
 *   start ──later── stop ──later── start      the later word takes the row, whoever writes it and in whatever order
 *   start ──same time── stop                  at the same time stop takes it
 *
 * A write that is refused has met the same word or a later one, so one that is repeated after a lost answer leaves the row as it
 * would have been.
 */
export class SuppressionList {
  readonly #rows: Table<Row>;
  readonly #salt: () => Promise<string>;

  constructor({ table, salt }: SuppressionTools) {
    this.#rows = new Table(table);
    this.#salt = salt;
  }

  /**
   * @param person a phone in E.164, or a `conversationKey`
   * @param at ISO 8601, when the person said so
   */
  suppress(person: string, at: string, reason: string): Promise<void> {
    return this.#write(person, 'stop', at, reason);
  }

  unsuppress(person: string, at: string): Promise<void> {
    return this.#write(person, 'start', at, 'said_start');
  }

  /** Notes what the writer of a message said, under the number and under the conversation: the next message may name only one. */
  async hear(lineId: string, { phone, conversation, at }: MessageItem, word: OptOut): Promise<void> {
    const where = phone === undefined ? 'no_number' : 'in_conversation';
    await Promise.all([
      phone === undefined || this.#write(phone, word, at, `said_${word}`),
      this.#write(conversationKey(lineId, conversation), word, at, `said_${word}_${where}`),
    ]);
  }

  /** Whether the last word of a message's writer was stop, by whatever the message names them. Consistent reads. */
  isSilent(lineId: string, { phone, conversation, privacyId }: MessageItem): Promise<boolean> {
    const names = [conversationKey(lineId, conversation), ...(phone === undefined ? [] : numberForms(phone))];
    // An earlier release took a privacy id for a number, and kept a stop under it.
    return this.#lastWasStop(privacyId === undefined ? names : [...names, `+${privacyId}`]);
  }

  /**
   * Whether the last word was stop. A consistent read: a "stop" of a second ago counts.
   * @param person a phone in E.164, or a `conversationKey`
   */
  isSuppressed(person: string): Promise<boolean> {
    return this.#lastWasStop(numberForms(person));
  }

  async #lastWasStop(names: readonly string[]): Promise<boolean> {
    const rows = await Promise.all(names.map(async (name) => this.#rows.read(await this.#pk(name))));
    const last = rows.filter((row) => row !== undefined).sort(byTime);
    return last.length > 0 && last.at(-1)?.said !== 'start';
  }

  async #write(person: string, said: OptOut, at: string, reason: string): Promise<void> {
    const takesOver = said === 'stop' ? '#at <= :at' : '#at < :at';
    await this.#rows.update(
      await this.#pk(person),
      { set: { said, at: new Date(at).toISOString(), reason } },
      { if: `attribute_not_exists(#at) OR ${takesOver}` },
    );
  }

  async #pk(person: string): Promise<string> {
    return `suppressed#${contactHash(await this.#salt(), person)}`;
  }
}

const byTime = (a: Row, b: Row): number => {
  if (a.at === b.at) return a.said === 'start' ? -1 : 1;
  return a.at < b.at ? -1 : 1;
};

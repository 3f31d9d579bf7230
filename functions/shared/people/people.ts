import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { type ChatItem, conversationKey, type MessageItem, NO_CONVERSATION } from '../ezwhatsapp/events.ts';
import { Unavailable } from '../runtime/errors.ts';
import { itemNow } from '../runtime/marks.ts';
import { Table, type Written } from '../runtime/table.ts';
import { contactHash } from './contact-hash.ts';
import { identityOf, numberForms } from './identity.ts';
import type { OptOut } from './opt-out.ts';

/** Somebody of whom nothing was heard for so long, and who never said stop or start, is forgotten. */
const KEEP_SECONDS = 730 * 24 * 3600;
/** More writers at one row at once than there ever are. */
const MAX_TRIES = 5;

export interface PeopleTools {
  readonly table: string;
  readonly salt: () => Promise<string>;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** The operator's command has one of its own. */
  readonly client?: DynamoDBClient;
}

/** Times are ISO 8601. */
interface Row {
  /**
   * What they said last about being written to, and when. Without `at` they said nothing: such a row says `start`, for an earlier
   * release takes any other for a stop. A row of a still earlier one, without `said`, is a stop.
   */
  readonly said?: OptOut;
  readonly at?: string;
  /** What brought that word, `<delivery>#<place>`, where that is known; an earlier release did not note it. */
  readonly saidIn?: string | undefined;
  /** Why the word stands there, for whoever reads the table; with `PERHAPS` it may be another's. */
  readonly reason?: string;
  /** Of a conversation or of a privacy id: the row of the number that it belongs to. */
  readonly person?: string;
  /** Of digits that look like a number: they are a privacy id's, whoever's that is. */
  readonly isPrivate?: boolean;
  /** Of a conversation whose number is not known: the row of the privacy id that was seen in it. */
  readonly privacyPk?: string | undefined;
  /** Of a number: the row of the first privacy id that was told of it. An earlier release did not note it. */
  readonly goesWith?: string;
  /** When they wrote last, and when a person of the team wrote to them. */
  readonly inboundAt?: string;
  readonly teamAt?: string;
  /** What brought what they wrote last, as `saidIn`. */
  readonly inboundIn?: string | undefined;
  /** How many automatic messages went to them on a day of the client's, and the last of them. */
  readonly day?: string;
  readonly sentToday?: number;
  readonly lastKey?: string;
  /** What was sent to them last, by day or not; an earlier release did not note it. */
  readonly sent?: Sent;
  /** The same of an automatic answer, which is not what they wait for. */
  readonly replied?: Sent;
}

/** A message that was sent to somebody, for whoever asks what they are talking about. */
export interface Sent {
  readonly key: string;
  readonly template: string;
  /** Of what it told, at its source. */
  readonly id?: string;
  /** `wordsHash` of its text. */
  readonly words?: string;
  /** ISO 8601. */
  readonly at: string;
}

/** What is known of a talk. */
export interface Latest {
  /** ISO 8601, when they wrote last. */
  readonly inboundAt?: string | undefined;
  /** What was sent to them last, and the last automatic answer. */
  readonly sent?: Sent | undefined;
  readonly replied?: Sent | undefined;
}

/** The writer of a message, or whom one is for, by the rows of the table. */
export interface Who {
  /** Row of their number, if it is known. */
  readonly person: string | undefined;
  /** Rows of what a message names besides: the conversation, the privacy id, also as an earlier release took it. */
  readonly names: readonly string[];
  /** Rows of the number in its other form, in which an earlier release may have kept a stop. */
  readonly older: readonly string[];
  /** Key of what was sent to them last, where their row was read for something else and says so. */
  readonly after?: string;
  /** Set where what stood there as their number is none of theirs, for all that is known: the digits of their privacy id. */
  readonly privacyId?: string;
  /** Whether that number was told of another privacy id before: of two people it may be the line's own. */
  readonly isShared?: boolean;
  /** Row of such a number where it is not believed: theirs after all, or the line's own. What they say stands there as well. */
  readonly shared?: string;
}

/** An item without a number that is none. */
export const withoutPrivate = <Item extends MessageItem | ChatItem>(item: Item, { privacyId }: Who): Item => {
  if (privacyId === undefined) return item;
  const { phone: _, ...rest } = item;
  return { ...(rest as Item), privacyId };
};

/** A word about being written to. */
export interface Said {
  readonly word: OptOut;
  /** ISO 8601. */
  readonly at: string;
  /** What brought it, `<delivery>#<place>`. */
  readonly in?: string;
}

/** What must be known of a person before something is sent. */
export interface Person {
  readonly pk: string;
  /** Whether their last word was stop. */
  readonly stopped: boolean;
  /** That word and when they said it (ISO 8601), if they said one. */
  readonly said: Said | undefined;
  /** ISO 8601, when they or a person of the team wrote last. */
  readonly talkedAt: string | undefined;
  /** What they wrote last, which is no word about being written to: when (ISO 8601), and what brought it. */
  readonly wrote?: { readonly at: string; readonly in?: string | undefined } | undefined;
  readonly today: Pick<Row, 'day' | 'sentToday' | 'lastKey'>;
}

/** A message that went to a person. */
export interface Counted {
  readonly key: string;
  /** Of the client's calendar, as `2026-11-26`. */
  readonly day: string;
}

/** Whether a message would be one too many for a person's day, of which it has `most`. */
export const isOneTooMany = ({ today }: Person, { key, day }: Counted, most: number): boolean =>
  today.day === day && today.lastKey !== key && (today.sentToday ?? 0) >= most;

/**
 * What is known of people, one item of the table `contacts` for each: `suppressed#<salted hash>` of the number – of its one identity, however
 * it was written – or, while that is not known, of the conversation. (The name is older than what else stands there.) It holds no
 * phone number.
 *
 *   start ──later── stop ──later── start      the later word takes the row, whoever writes it and in whatever order
 *   start ──same time── stop                  at the same time stop takes it
 *
 * A conversation and a privacy id have rows of their own that name the person's as soon as a message or a chat tells (`meet`), so a
 * stop that comes without a number finds the number, and one that came before is handed on. Whoever said stop is never forgotten.
 *
 * A write that is refused has met the same word or a later one, so one that is repeated after a lost answer leaves the row as it
 * would have been.
 */
export class People {
  readonly #rows: Table<Row>;
  readonly #salt: () => Promise<string>;
  readonly #now: () => number;

  constructor({ table, salt, now, client }: PeopleTools) {
    this.#rows = new Table(table, client);
    this.#salt = salt;
    this.#now = now;
  }

  /** Who an item is from or for; what it tells anew of names and numbers is remembered. Consistent reads. */
  async meet(lineId: string, item: MessageItem | ChatItem): Promise<Who> {
    if (item.kind === 'message' && item.perhapsPhone !== undefined)
      return this.meet(lineId, await this.#believed(item));
    const who = await this.#who(lineId, item);
    const [own, ...rows] = await this.#read([who.person ?? '', ...who.names]);
    // Of a number nobody's row but a name's says whose it is: earlier items told that these digits are a privacy id.
    if (item.phone !== undefined && (own?.isPrivate || own?.person !== undefined)) {
      const privacyId = item.phone.slice(1);
      return { ...(await this.meet(lineId, withoutPrivate(item, { ...who, privacyId }))), privacyId };
    }
    const hidden = item.privacyId === undefined ? undefined : who.names.at(-2);
    // Some services put the line's own number there, of everybody: one that goes with somebody else is not believed.
    const isDoubted = item.isUnsure || (item.kind === 'message' && item.fromMe);
    if (hidden !== undefined && who.person !== undefined && isDoubted)
      if (rows.at(-2)?.person !== who.person && (await this.#goesWith(who.person, own, hidden)) !== hidden) {
        const { phone: _, ...rest } = item;
        const { privacyId = '' } = item;
        return { ...(await this.meet(lineId, rest)), privacyId, shared: who.person };
      }
    const others = rows.flatMap((row) => row?.privacyPk ?? []).filter((pk) => !who.names.includes(pk));
    const names = [...others, ...who.names];
    const all = others.length > 0 ? [...(await this.#read(others)), ...rows] : rows;
    const person = who.person ?? all.find((row) => row?.person !== undefined)?.person;
    if (person === undefined) {
      // Told meanwhile whose it is: both lead there.
      if (await this.#noteTogether(item, who.names, rows)) return this.meet(lineId, item);
    } else
      await Promise.all(
        names.map(async (pk, i) => all[i]?.person === person || (await this.#link(pk, all[i], person, pk === hidden))),
      );
    // Of a number that the item tells, for nobody reads more for it.
    const after = own?.sent && { after: own.sent.key };
    if (hidden === undefined || person === undefined) return { ...who, person, names, ...after };
    return { ...who, person, names, ...after, isShared: (await this.#goesWith(person, own, hidden)) !== hidden };
  }

  /** A message with the number that it may be for, if somebody ever wrote under that: the line never does so to itself. */
  async #believed({ perhapsPhone: phone = '', ...item }: MessageItem): Promise<MessageItem> {
    if (item.phone !== undefined) return item;
    const { inboundAt, at } = (await this.#rows.read(await this.rowOf(phone))) ?? {};
    return inboundAt === undefined && at === undefined ? item : { ...item, phone };
  }

  /** Row of the first privacy id that was told of a number; of one of which none was, it is this one from now on. */
  async #goesWith(person: string, seen: Row | undefined, privacyPk: string): Promise<string | undefined> {
    const row = seen ?? (await this.#rows.read(person));
    if (row?.goesWith !== undefined) return row.goesWith;
    if (await this.#mark(person, { goesWith: privacyPk }, 'attribute_not_exists(#goesWith)')) return privacyPk;
    return (await this.#rows.read(person))?.goesWith;
  }

  /**
   * Notes whose the names are of an item that tells no number: those of whom our own message, which it is, was sent to.
   * @param person row of the number
   */
  async tie(lineId: string, item: MessageItem, person: string): Promise<void> {
    const { person: known, names } = await this.meet(lineId, item);
    if (known !== undefined || names.includes(person)) return;
    const rows = await this.#read(names);
    await Promise.all(names.map((pk, i) => this.#link(pk, rows[i], person)));
  }

  /**
   * Notes that digits are a privacy id's, and in which conversation that was: whichever is told of next leads to the other.
   * @returns whether that conversation turned out to be somebody's meanwhile
   */
  async #noteTogether(
    { privacyId }: MessageItem | ChatItem,
    names: readonly string[],
    rows: readonly (Row | undefined)[],
  ): Promise<boolean> {
    if (privacyId === undefined) return false;
    const [privacyPk, digitsPk = ''] = names.slice(-2);
    const [conversationPk = ''] = names;
    const isKnown = names.length < 3 || rows[0]?.privacyPk === privacyPk;
    await Promise.all([
      rows.at(-1)?.isPrivate === true || this.#mark(digitsPk, { isPrivate: true }),
      isKnown || this.#mark(conversationPk, { privacyPk }),
    ]);
    return !isKnown && (await this.#rows.read(conversationPk))?.person !== undefined;
  }

  /** Notes what is no word. A row on which a word stands has no end, and gets none. @returns whether the condition let it */
  async #mark(pk: string, set: Partial<Row>, condition?: string): Promise<boolean> {
    const and = condition === undefined ? '' : ` AND ${condition}`;
    const withEnd = { set: { ...set, said: 'start', expiresAt: this.#expiry() } };
    if (await this.#rows.update(pk, withEnd, { if: `attribute_not_exists(#at)${and}` })) return true;
    return this.#rows.update(pk, { set }, { if: `attribute_exists(#at)${and}` });
  }

  /** Who an item is from or for, by what it says itself: nothing is read. */
  named(lineId: string, item: MessageItem): Promise<Who> {
    return this.#who(lineId, item);
  }

  /**
   * Notes what somebody said, under the number and under all else that the message names: the next one may name only one of them. Also under
   * one that is not believed: it may be theirs, and a stop must not be lost.
   * @param at ISO 8601
   * @returns whether their number is known, so that nothing is sent to it
   */
  async hear({ names, person: known, shared }: Who, word: OptOut, at: string): Promise<boolean> {
    const where = known === undefined ? 'no_number' : 'in_conversation';
    const rows = await Promise.all(
      names.map((pk) => this.#say(pk, word, { at, in: itemNow() }, `said_${word}_${where}`)),
    );
    const person = known ?? rows.find((row) => row?.person !== undefined)?.person;
    if (person !== undefined) await this.#say(person, word, { at, in: itemNow() }, `said_${word}`);
    if (shared !== undefined) await this.#say(shared, word, { at, in: itemNow() }, `said_${word}${PERHAPS}`);
    return person !== undefined;
  }

  /** Notes when somebody wrote. Only the latest counts, in whatever order they are told. */
  async wrote({ person, names }: Who, inboundAt: string): Promise<void> {
    await Promise.all(
      (person === undefined ? names : [person]).map((pk) => this.#note(pk, { inboundAt, inboundIn: itemNow() ?? '' })),
    );
  }

  /** Notes when a person of the team wrote to somebody: under all names, for their own message may have another. */
  async answered({ person, names }: Who, teamAt: string): Promise<void> {
    await Promise.all([...names, ...(person === undefined ? [] : [person])].map((pk) => this.#note(pk, { teamAt })));
  }

  /** Whether a person of the team wrote to them at or after this time (ISO 8601). Consistent reads. */
  async answeredSince({ person, names }: Who, at: string): Promise<boolean> {
    const rows = await this.#read([...names, ...(person === undefined ? [] : [person])]);
    return rows.some((row) => (row?.teamAt ?? '') >= at);
  }

  /** When they wrote last, and what was sent to them last. Consistent reads. */
  async latest({ person, names }: Who): Promise<Latest> {
    const rows = await this.#read([...names, ...(person === undefined ? [] : [person])]);
    const last = (name: 'sent' | 'replied') =>
      rows
        .flatMap((row) => row?.[name] ?? [])
        .sort(byTime)
        .at(-1);
    const inboundAt = rows
      .flatMap((row) => row?.inboundAt ?? [])
      .sort()
      .at(-1);
    return { inboundAt, sent: last('sent'), replied: last('replied') };
  }

  /** Notes what went to a person and is not counted; of an automatic answer under `replied`. */
  async noteSent({ pk }: Person, sent: Sent, name: 'sent' | 'replied' = 'sent'): Promise<void> {
    await this.#mark(pk, { [name]: sent });
  }

  /** Whether their last word was stop, by whatever a message named them, also by a number that may be another's. Consistent reads. */
  async isSilent({ names, shared, ...who }: Who): Promise<boolean> {
    const all = shared === undefined ? names : [...names, shared];
    return (await this.saidLast({ ...who, names: all }))?.word === 'stop';
  }

  /** Their last word, by whatever a message named them. Consistent reads. */
  async saidLast({ person, names, older }: Who): Promise<Said | undefined> {
    return lastWord(await this.#read([...names, ...older, ...(person === undefined ? [] : [person])]));
  }

  /**
   * What stands of a person; a consistent read, so a "stop" of a second ago counts.
   * @param recipient a phone in E.164, or a `conversationKey`
   */
  async read(recipient: string): Promise<Person> {
    const [own = '', ...older] = await this.#pks(recipient.startsWith('+') ? formsOf(recipient) : [recipient]);
    const found = await this.#read([own, ...older]);
    const [first] = found;
    const linked = first?.person === undefined ? undefined : await this.#rows.read(first.person);
    const rows = [...found, linked].filter((row) => row !== undefined);
    const talkedAt = rows.flatMap(({ inboundAt, teamAt }) => [inboundAt ?? '', teamAt ?? '']).sort();
    const said = lastWord(rows);
    return {
      pk: first?.person ?? own,
      stopped: said?.word === 'stop',
      said,
      talkedAt: talkedAt.at(-1) || undefined,
      wrote: rows
        .flatMap(({ inboundAt: at, inboundIn }) => (at === undefined ? [] : [{ at, in: inboundIn || undefined }]))
        .sort(byTime)
        .at(-1),
      today: linked ?? first ?? {},
    };
  }

  /** Row of a number (E.164): of the person, however it is written. */
  async rowOf(phone: string): Promise<string> {
    const [own = ''] = await this.#pks([identityOf(phone)]);
    return own;
  }

  /** Whether a conversation (a `conversationKey`) is known to be a number's (E.164). A consistent read. */
  async isOf(conversation: string, phone: string): Promise<boolean> {
    const [name = '', ...forms] = await this.#pks([conversation, ...formsOf(phone)]);
    const person = (await this.#rows.read(name))?.person;
    return person !== undefined && forms.includes(person);
  }

  /** Counts a message that went to a person, and notes it. The last key is known and not counted again. */
  async count(person: Person, { key, day }: Counted, sent?: Sent): Promise<void> {
    let { today } = person;
    for (let tries = 0; tries < MAX_TRIES; tries += 1) {
      if (today.day === day && today.lastKey === key) return;
      const { mine, row } =
        today.day === day
          ? await this.#rows.updateAndRead(
              person.pk,
              { add: { sentToday: 1 }, set: { lastKey: key, ...(sent && { sent }) } },
              { if: '#day = :day AND #lastKey <> :lastKey', values: { day }, isMine: ({ lastKey }) => lastKey === key },
            )
          : await this.#countFirst(person.pk, { key, day }, sent);
      if (mine) return;
      today = row ?? {};
    }
    throw contended();
  }

  /** Of a day. A row on which a word stands has no end, and gets none. */
  async #countFirst(pk: string, { key, day }: Counted, sent: Sent | undefined): Promise<Written<Row>> {
    const first = { day, sentToday: 1, lastKey: key, ...(sent && { sent }) };
    const isMine = (row: Row): boolean => row.day === day && row.lastKey === key;
    const unmoved = '(attribute_not_exists(#day) OR #day <> :day)';
    const withEnd = { set: { ...first, said: 'start', expiresAt: this.#expiry() } };
    const made = await this.#rows.updateAndRead(pk, withEnd, {
      if: `attribute_not_exists(#at) AND ${unmoved}`,
      isMine,
    });
    if (made.mine || made.row?.at === undefined) return made;
    return this.#rows.updateAndRead(pk, { set: first }, { if: `attribute_exists(#at) AND ${unmoved}`, isMine });
  }

  async #who(lineId: string, item: MessageItem | ChatItem): Promise<Who> {
    const { phone, privacyId } = item;
    const conversation = item.kind === 'chat' ? (item.conversationId ?? item.id) : item.conversation;
    const hidden = privacyId === undefined ? [] : [`${privacyId}@lid`];
    // What names no conversation names everybody's.
    const ids = conversation === NO_CONVERSATION && hidden.length > 0 ? hidden : [conversation, ...hidden];
    const keys = [...new Set(ids)].map((id) => conversationKey(lineId, id));
    // An earlier release took a privacy id for a number, and kept a stop under it.
    const names = await this.#pks(privacyId === undefined ? keys : [...keys, `+${privacyId}`]);
    const [person, ...older] = await this.#pks(phone === undefined ? [] : formsOf(phone));
    return { person, names, older };
  }

  /**
   * Lets a name's row stand for a person. What was said and written there while it was nobody's is handed on first, and the row is only written if
   * nothing was said in between: no word can be left behind, wherever this breaks off. What was said while it was another's is theirs, but a
   * stop under a privacy id: that is an account, which keeps it when it changes its number, also where it said so by the number before.
   */
  async #link(pk: string, seen: Row | undefined, person: string, isPrivacyId = false): Promise<void> {
    let row = seen;
    for (let tries = 0; tries < MAX_TRIES; tries += 1) {
      const word = row && wordOf(row);
      if (row && row.person === undefined) {
        if (row.at !== undefined && word) await this.#say(person, word, { at: row.at, in: row.saidIn }, `said_${word}`);
        if (row.inboundAt !== undefined)
          await this.#note(person, { inboundAt: row.inboundAt, inboundIn: row.inboundIn ?? '' });
        if (row.teamAt !== undefined) await this.#note(person, { teamAt: row.teamAt });
      } else if (row && isPrivacyId) {
        const [before] = await this.#read([row.person ?? '']);
        const isTheirs = !before?.reason?.endsWith(PERHAPS);
        const stop = [lastWord([row, isTheirs ? before : undefined]), lastWord([row])].find(
          (said) => said?.word === 'stop',
        );
        if (stop) await this.#say(person, 'stop', stop, 'said_stop');
      }
      const linked =
        row?.at === undefined
          ? await this.#rows.updateAndRead(pk, { set: { person, said: 'start' } }, { if: 'attribute_not_exists(#at)' })
          : await this.#rows.updateAndRead(pk, { set: { person } }, { if: '#at = :at', values: { at: row.at } });
      if (linked.mine) {
        // Noted while this was under way.
        const { privacyPk } = linked.row ?? {};
        if (privacyPk === undefined || privacyPk === seen?.privacyPk) return;
        return this.#link(privacyPk, await this.#rows.read(privacyPk), person);
      }
      row = await this.#rows.read(pk);
    }
    throw contended();
  }

  /** The row afterwards, whether this word took it or a later one stands there. */
  async #say(
    pk: string,
    said: OptOut,
    { at, in: saidIn }: { readonly at: string; readonly in?: string | undefined },
    reason: string,
  ): Promise<Row | undefined> {
    const takesOver = said === 'stop' ? '#at <= :at' : '#at < :at';
    const { row } = await this.#rows.updateAndRead(
      pk,
      // Without an end: a person who said stop is never forgotten.
      {
        set: { said, at: new Date(at).toISOString(), reason, saidIn },
        remove: ['expiresAt', ...(saidIn === undefined ? ['saidIn'] : [])],
      },
      { if: `attribute_not_exists(#at) OR ${takesOver}`, isMine: () => false },
    );
    return row;
  }

  /** Takes a later time over. */
  async #note(pk: string, set: { readonly [name in 'inboundAt' | 'teamAt' | 'inboundIn']?: string }): Promise<void> {
    const [name] = Object.keys(set);
    await this.#mark(pk, set, `(attribute_not_exists(#${name}) OR #${name} < :${name})`);
  }

  #read(pks: readonly string[]): Promise<(Row | undefined)[]> {
    return Promise.all(pks.map((pk) => (pk === '' ? undefined : this.#rows.read(pk))));
  }

  #expiry(): number {
    return Math.floor(this.#now() / 1000) + KEEP_SECONDS;
  }

  async #pks(names: readonly string[]): Promise<string[]> {
    return Promise.all(names.map(async (name) => `suppressed#${contactHash(await this.#salt(), name)}`));
  }
}

/** Behind the reason of a word by a number that goes with somebody else. */
const PERHAPS = '_perhaps';

/** The identity first; under the other form an earlier release may have kept a stop. */
const formsOf = (phone: string): string[] => [...new Set([identityOf(phone), ...numberForms(phone)])];

const byTime = (a: { readonly at: string }, b: { readonly at: string }): number => (a.at < b.at ? -1 : 1);

const wordOf = ({ said, at }: Row): OptOut | undefined => (at === undefined ? undefined : (said ?? 'stop'));

/** What was said last; at the same time stop. */
const lastWord = (rows: readonly (Row | undefined)[]): Said | undefined => {
  const said = rows.flatMap((row) => {
    const word = row && wordOf(row);
    return word && row.at !== undefined
      ? [{ word, at: row.at, ...(row.saidIn !== undefined && { in: row.saidIn }) }]
      : [];
  });
  const last = said
    .map(({ at }) => at)
    .sort()
    .at(-1);
  const latest = said.filter(({ at }) => at === last);
  return latest.find(({ word }) => word === 'stop') ?? latest[0];
};

const contended = (): Unavailable =>
  new Unavailable('row_contended', 'Too many writers at one row at once. The queue brings this one back.');

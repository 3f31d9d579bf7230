import { isConversation, type MessageItem, type StatusItem } from '../shared/ezwhatsapp/events.ts';
import type { CrmNote } from '../shared/people/crm-note.ts';
import type { Notice } from '../shared/people/notice.ts';
import { optOutOf } from '../shared/people/opt-out.ts';
import { type People, type Said, type Who, withoutPrivate } from '../shared/people/people.ts';
import { isPermanent, Permanent, reasonOf } from '../shared/runtime/errors.ts';
import { keyPart } from '../shared/runtime/hashes.ts';
import type { Log } from '../shared/runtime/log.ts';
import { marks, noteAfter, noteKey } from '../shared/runtime/marks.ts';
import { masked } from '../shared/runtime/masked.ts';
import { isContactGone } from './api.ts';
import type { CrmSyncConfig } from './config.ts';
import type { ContactsMap, Known } from './contacts-map.ts';
import type { CrmConnection, CrmContact } from './crm.ts';
import type { CrmFailures } from './crm-failures.ts';
import type { Pause } from './pause.ts';
import { type CrmPlan, contactKeys, entryKey, plan, planNote, samePerson } from './workflow.ts';

/** What a CRM is told of. */
export type Told = MessageItem | StatusItem | CrmNote;

export interface Telling {
  /** Whether these are other words in the place of a message that is known already. */
  readonly isChange?: boolean | undefined;
  /** From 1 on; an earlier try may have got somewhere. */
  readonly attempt: number;
  /** ISO 8601, when it came; an earlier release did not note it. */
  readonly receivedAt?: string | undefined;
}

export interface SinkTools {
  /** As the client file names it. */
  readonly name: string;
  /** Whether the words of messages are written. */
  readonly text: boolean;
  readonly takesStatuses: boolean;
  readonly config: Pick<CrmSyncConfig, 'keysOf' | 'zone' | 'callingCode' | 'conversationUrl' | 'optOut'>;
  readonly contacts: Pick<ContactsMap, 'contactOf' | 'forget' | 'named' | 'showed'>;
  readonly people: Pick<People, 'meet' | 'hear' | 'isSilent' | 'saidLast'>;
  /** Row of a contact in the map, without the phone number in it. */
  readonly contactPk: (crm: string, key: string) => Promise<string>;
  /** Throws `Unavailable` while the secret is not set. */
  readonly connect: () => Promise<CrmConnection>;
  /** Reads the secret anew, where somebody may have mended it. */
  readonly refresh: () => Promise<unknown>;
  readonly pause: Pause;
  /** Whether the CRM fails is noted there for whoever looks: what it is told never waits for that. */
  readonly failures: Pick<CrmFailures, 'failed' | 'taken'>;
  readonly tell: (notice: Omit<Notice, 'kind'>) => Promise<void>;
  readonly log: Log;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

/** A CRM that is away for so long shows a stop a little later. */
const LASTING_MS = 15 * 60_000;
const JUST_SAID_MS = 60_000;
const MENDED_BY_A_SECRET = /^(sink_40[13]|sink_token_|crm_)/;
const STOP_NOT_SHOWN = 'stop_not_shown';
const MAX_NOTICE_ID = 100;

/** What tells people apart, as far as that is known. */
const whomOf = (told: Told): string => {
  if (told.kind === 'status') return told.id;
  return told.phone ?? (told.kind === 'message' ? told.conversation : told.key);
};

type Planned = Pick<CrmPlan, 'contact' | 'entry'> & { readonly who?: Who };
/** What else is to be shown on a contact, beside the line. */
type More = (crm: CrmConnection, known: Known, isJoined: boolean) => Promise<void>;

/** One CRM of a client: whoever writes to it, and what becomes of a contact there. */
export class Sink {
  readonly #tools: SinkTools;

  constructor(tools: SinkTools) {
    this.#tools = tools;
  }

  get name(): string {
    return this.#tools.name;
  }

  /** Whether it is told of such a thing at all. */
  takes(told: Told): boolean {
    if (told.kind === 'status') return this.#tools.takesStatuses;
    return told.kind !== 'message' || isConversation(told);
  }

  /** Writes what is to be written of it, once however often it is called for one thing. Throws as the CRM's connection does. */
  async take(told: Told, telling: Telling): Promise<void> {
    const { pause, failures } = this.#tools;
    try {
      await pause.around(() => {
        if (told.kind === 'status') return this.#status(told);
        return told.kind === 'message' ? this.#message(told, telling) : this.#note(told, telling);
      });
    } catch (error) {
      if (told.kind === 'message') await this.#noteAfter(told);
      if (MENDED_BY_A_SECRET.test(reasonOf(error))) await this.#tools.refresh().catch(() => undefined);
      if (told.kind === 'message' && this.#isLasting(error, telling)) await this.#notShown(told, error);
      await this.#noted(failures.failed(this.name, error, whomOf(told)));
      throw error;
    }
    await this.#noted(failures.taken(this.name));
  }

  /** What is not even tried while the CRM is away is about somebody all the same. */
  async #noteAfter(item: MessageItem): Promise<void> {
    if (item.fromMe || !isConversation(item) || marks().after !== undefined) return;
    const { config, people } = this.#tools;
    await people.meet(config.keysOf, item).then(
      ({ after }) => noteAfter(after),
      () => undefined,
    );
  }

  async #noted(note: Promise<void>): Promise<void> {
    try {
      await note;
    } catch (error) {
      this.#warn('failure_not_noted', reasonOf(error));
    }
  }

  async #status({ id, status, at }: StatusItem): Promise<void> {
    const { connect, config } = this.#tools;
    const crm = await connect();
    await crm.onStatus?.(entryKey(config.keysOf, id), id, status, at);
  }

  async #note(note: CrmNote, { attempt }: Telling): Promise<void> {
    const { config } = this.#tools;
    noteKey(note.key);
    await this.#write(planNote(note, { ...config, lineId: config.keysOf }), attempt > 1);
  }

  async #message(item: MessageItem, { isChange, attempt }: Telling): Promise<void> {
    const { config, text, people } = this.#tools;
    if (!isConversation(item)) return;
    const who = await people.meet(config.keysOf, item);
    if (!item.fromMe) noteAfter(who.after);
    const known = withoutPrivate(item, who);
    const planned = plan(known, { ...config, lineId: config.keysOf, text });
    if (!planned) return;
    const { contact, optOut } = planned;
    const entry = isChange ? { ...planned.entry, changed: true } : planned.entry;
    await this.#write({ contact, entry, who }, attempt > 1, async (crm, at, isJoined) => {
      const show = async (stopped: boolean) => {
        await crm.setOptOut(at.id, contact, stopped, entry);
        await this.#tools.contacts.showed(at, stopped);
      };
      const now = await people.meet(config.keysOf, known);
      if (optOut) {
        await people.hear(now, optOut, item.at);
        return this.#showOptOut(now, show);
      }
      // What they said elsewhere may have become theirs; of two that were joined it stands on the one that is no more, perhaps.
      const said = await people.saidLast(now);
      if (!isJoined && this.#isJustSaid(said)) return;
      if ((said?.word === 'stop') === (at.showsStop && !isJoined)) return;
      try {
        await this.#showOptOut(now, show);
      } catch (error) {
        // Their stop itself is told to people; the lines that follow it are written all the same.
        if (isContactGone(error) || !isPermanent(error)) throw error;
        this.#warn(STOP_NOT_SHOWN, reasonOf(error));
      }
    });
  }

  /** Whether the message with their last word is still under way, for all that is known: that one shows it. */
  #isJustSaid(said: Said | undefined): boolean {
    return said !== undefined && this.#tools.now() - Date.parse(said.at) < JUST_SAID_MS;
  }

  #isLasting(error: unknown, { receivedAt }: Telling): boolean {
    const { now } = this.#tools;
    return isPermanent(error) || (receivedAt !== undefined && now() - Date.parse(receivedAt) >= LASTING_MS);
  }

  /** A stop: nobody is written to for it, but people who work in the CRM do not know, so somebody has to tell them. */
  async #notShown({ id, phone, conversationId, at, fromMe, text }: MessageItem, error: unknown): Promise<void> {
    const { config, tell, log } = this.#tools;
    if (fromMe || optOutOf(text, config.optOut) !== 'stop') return;
    try {
      await tell({
        id: `${STOP_NOT_SHOWN}#${config.keysOf}#${this.name}#${keyPart(id, MAX_NOTICE_ID)}`,
        code: STOP_NOT_SHOWN,
        says: `somebody said stop: nothing is sent to them, and the CRM does not show it (${reasonOf(error)})`,
        source: `crm-sync/${this.name}`,
        severity: 'warning',
        at,
        conversationId,
        who: phone && masked(phone),
      });
    } catch (failure) {
      log('error', { event: 'opt-out', reason: reasonOf(failure), outcome: 'not_told' });
    }
  }

  /**
   * One line of the timeline, and what else is to be shown on the contact. One that was deleted, or merged into another, is found or
   * made anew once: a search that lags behind may find the one that is gone, for ever.
   */
  async #write(planned: Planned, again: boolean, more?: More): Promise<void> {
    try {
      return await this.#writeTo(planned, again, more);
    } catch (error) {
      if (!isContactGone(error)) throw error;
    }
    this.#warn('contact_gone');
    try {
      await this.#writeTo(planned, again, more);
    } catch (error) {
      throw isContactGone(error)
        ? new Permanent(
            'contact_gone_again',
            'The contact is gone from the CRM, and so is what its search finds instead.',
          )
        : error;
    }
  }

  async #writeTo({ contact, entry, who }: Planned, again: boolean, more?: More): Promise<void> {
    const { name, contacts, contactPk } = this.#tools;
    const crm = await this.#tools.connect();
    const pksOf = (keys: readonly string[]) => Promise.all(keys.map((key) => contactPk(name, key)));
    const hasNumber = contact.phone !== undefined;
    const [names, keys] = await Promise.all([pksOf(contact.names ?? []), pksOf(contactKeys(contact))]);
    // Of a person whose number others told, that one's row.
    const ofPerson = who?.person?.replace(/^suppressed#/, `crm#${name}#`) ?? names[0];
    const [pk = '', ...older] = hasNumber || ofPerson === undefined ? keys : [ofPerson];
    let isJoined = false;
    const known = await contacts.contactOf(pk, (madeBefore, met) => this.#make(crm, contact, madeBefore, met), {
      older,
      names,
      hasNumber,
      join: (from, into) => {
        isJoined = true;
        return this.#join(crm, { contact, entry, ...(who && { who }) }, from, into);
      },
    });
    try {
      await crm.addEntry(known.id, contact, entry, again);
      await more?.(crm, known, isJoined);
    } catch (error) {
      if (isContactGone(error))
        await Promise.all([...new Set([pk, ...older, ...names])].map((one) => contacts.forget(one, known.id)));
      throw error;
    }
    // By what stands in for a name nobody can tell who they are whose number is not told here.
    const canTell = hasNumber || who?.person === undefined;
    if (contact.name !== undefined && !known.isNamed && canTell) await this.#name(crm, contact, known);
  }

  /** Two contacts are one person's. The one that we made without a number becomes part of the other, or each names the other. */
  async #join(crm: CrmConnection, { contact, entry, who }: Planned, from: string, into: string): Promise<string> {
    const { config } = this.#tools;
    try {
      // Nobody takes a merge back.
      if (crm.merge && !who?.isShared) {
        const left = await crm.merge(from, into);
        this.#warn('contacts_merged');
        return left;
      }
    } catch (error) {
      if (isContactGone(error)) return into;
      if (!isPermanent(error)) throw error;
      this.#warn('merge_refused', reasonOf(error));
    }
    for (const [id, other] of [
      [from, into],
      [into, from],
    ] as const) {
      try {
        await crm.addEntry(id, contact, samePerson(entry, config.keysOf, id, other), true);
      } catch (error) {
        if (!isContactGone(error)) throw error;
        return into;
      }
    }
    this.#warn('contacts_of_one_person');
    return into;
  }

  /** Finds or makes a contact; of one that was met in a conversation before, the number is new. */
  async #make(crm: CrmConnection, contact: CrmContact, madeBefore: boolean, met: string | undefined): Promise<string> {
    if (met === undefined || !crm.learnPhone) return crm.contactId(contact, madeBefore);
    try {
      const id = await crm.learnPhone(met, contact);
      if (id !== met) this.#warn('contact_of_number_found');
      return id;
    } catch (error) {
      if (!isContactGone(error)) throw error;
      return crm.contactId(contact, madeBefore);
    }
  }

  /** Apart from the line, which is written by now: a rule of the client's own may refuse a name, and then it is left out for good. */
  async #name(crm: CrmConnection, contact: CrmContact, known: Known): Promise<void> {
    if (!crm.nameContact) return;
    try {
      await crm.nameContact(known.id, contact);
    } catch (error) {
      this.#warn('name_refused', reasonOf(error));
      if (!isPermanent(error)) return;
    }
    await this.#tools.contacts.named(known);
  }

  /**
   * A person's messages are handled side by side, so a "stop" may overtake the "start" before it. Their row tells which was the last
   * word; it is looked at again after the CRM was told, so whoever tells it last has told the last word.
   */
  async #showOptOut(who: Who, show: (stopped: boolean) => Promise<void>): Promise<void> {
    const { people } = this.#tools;
    let shown: boolean | undefined;
    for (;;) {
      const stopped = await people.isSilent(who);
      if (stopped === shown) return;
      await show(stopped);
      shown = stopped;
    }
  }

  #warn(outcome: string, reason?: string): void {
    this.#tools.log('warn', { event: 'crm-sync', sink: this.name, outcome, reason });
  }
}

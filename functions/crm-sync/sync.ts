import type { Delivered, MessageItem, StatusItem } from '../shared/ezwhatsapp/events.ts';
import type { Deliveries } from '../shared/ledger/deliveries.ts';
import type { ObservedSends } from '../shared/ledger/observed-sends.ts';
import { ownSend } from '../shared/ledger/own-sends.ts';
import { deliveryName, onceTold, toldAs } from '../shared/ledger/tellings.ts';
import type { CrmNote } from '../shared/people/crm-note.ts';
import type { OptOut } from '../shared/people/opt-out.ts';
import type { People } from '../shared/people/people.ts';
import { isPermanent, Permanent, reasonOf, Unavailable, unknownItem } from '../shared/runtime/errors.ts';
import { sha256 } from '../shared/runtime/hashes.ts';
import type { Log } from '../shared/runtime/log.ts';
import { isContactGone } from './api.ts';
import type { CrmSyncConfig } from './config.ts';
import type { ContactsMap, Known } from './contacts-map.ts';
import type { CrmConnection, CrmContact } from './crm.ts';
import { type CrmPlan, contactKeys, entryKey, joinAgainSeconds, plan, planNote } from './workflow.ts';

export interface SyncTools {
  readonly config: CrmSyncConfig;
  readonly deliveries: Pick<Deliveries, 'once' | 'onceForWords'>;
  readonly observed: Pick<ObservedSends, 'noteStatus' | 'observe' | 'withFingerprint' | 'withProviderId'>;
  readonly contacts: Pick<ContactsMap, 'contactOf' | 'forget' | 'named'>;
  readonly people: Pick<People, 'meet' | 'hear' | 'isSilent'>;
  /** Row of a contact in the map, without the phone number in it. */
  readonly contactPk: (crm: string, key: string) => Promise<string>;
  /** Throws `Unavailable` while the secret is not set. */
  readonly crm: () => Promise<CrmConnection>;
  readonly log: Log;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

type Planned = Pick<CrmPlan, 'contact' | 'entry'>;
/** What else is to be shown on a contact, beside the line. */
type More = (crm: CrmConnection, contactId: string) => Promise<void>;

const KINDS: readonly string[] = ['message', 'status', 'note'];

/** One item at a time; whatever it throws sends that item, and no other, back to its queue. */
export class CrmSync {
  readonly #tools: SyncTools;

  constructor(tools: SyncTools) {
    this.#tools = tools;
  }

  async handle(body: string): Promise<void> {
    const delivered = JSON.parse(body) as Delivered | { readonly deliveryId?: string; readonly item: CrmNote };
    const { item, deliveryId } = delivered;
    const delivery = deliveryId && deliveryName(deliveryId);
    const { deliveries, config, people, log, now } = this.#tools;
    const startedAt = now();
    // A chat says who somebody is, and saying so twice is as once.
    if (item.kind === 'chat') {
      if (item.individual) await people.meet(config.keysOf, item);
      return log('info', { event: 'crm-sync', delivery, outcome: 'chat', ms: now() - startedAt });
    }
    if (!KINDS.includes(item.kind)) throw unknownItem();
    const name = `crm-sync#${config.keysOf}#${claimName(item)}`;
    const fresh = isMessage(delivered)
      ? await this.#told(name, delivered)
      : await deliveries.once(name, (attempt) =>
          item.kind === 'status'
            ? this.#status(item, attempt)
            : this.#write(planNote(item as CrmNote, { ...config, lineId: config.keysOf }), attempt > 1),
        );
    const outcome = fresh ? item.kind : 'duplicate';
    log('info', { event: 'crm-sync', delivery, sink: config.crm?.kind, outcome, ms: now() - startedAt });
  }

  /** Each wording is a line of its own. A copy may name the person whom the first one did not. */
  async #told(name: string, delivered: Delivered<MessageItem>): Promise<boolean> {
    const { deliveries, people, config } = this.#tools;
    const { item } = delivered;
    const fresh = await onceTold(deliveries, name, delivered, (said, attempt, isChange) =>
      isChange ? this.#changed(said, delivered, attempt) : this.#message(said, attempt),
    );
    if (!fresh && item.individual && item.phone !== undefined) await people.meet(config.keysOf, item);
    return fresh;
  }

  /** What a message says now, as another line: people saw the first one, and it may have been acted on. */
  async #changed(item: MessageItem, { deliveryId, index }: Delivered<MessageItem>, attempt: number): Promise<void> {
    // Words that nobody here can read are told to people.
    if (item.text === undefined) return;
    const id = `${toldAs(item)}~${sha256(`${deliveryId}#${index}`).slice(0, 8)}`;
    await this.#tell({ ...item, id }, attempt, true);
  }

  async #message(item: MessageItem, attempt: number): Promise<void> {
    const { observed, config } = this.#tools;
    if (item.fromMe && item.individual) {
      const own = await ownSend(observed, config.keysOf, item, attempt);
      await observed.observe(config.keysOf, item.id, own?.pk, item.at);
    }
    await this.#tell(item, attempt);
  }

  async #tell(item: MessageItem, attempt: number, isChange = false): Promise<void> {
    const { config } = this.#tools;
    const planned = config.crm && plan(item, { ...config, lineId: config.keysOf, text: config.crm.text });
    if (!planned) return;
    const { contact, optOut } = planned;
    const entry = isChange ? { ...planned.entry, changed: true } : planned.entry;
    await this.#write({ contact, entry }, attempt > 1, async (crm, contactId) => {
      if (optOut) await this.#showOptOut(item, optOut, (stopped) => crm.setOptOut(contactId, contact, stopped, entry));
    });
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
    const { log, config } = this.#tools;
    log('warn', { event: 'crm-sync', sink: config.crm?.kind, outcome: 'contact_gone' });
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

  async #writeTo({ contact, entry }: Planned, again: boolean, more?: More): Promise<void> {
    const { config, contacts, contactPk } = this.#tools;
    const { crm: settings } = config;
    if (!settings) return;
    const crm = await this.#tools.crm();
    const pkOf = (key: string) => contactPk(settings.kind, key);
    const pks = await Promise.all(contactKeys(contact).map(pkOf));
    const [pk = '', ...older] = pks;
    const { conversation } = contact;
    const talk = conversation === undefined || conversation === contact.key ? undefined : await pkOf(conversation);
    const make = (madeBefore: boolean, met?: string) => this.#make(crm, contact, madeBefore, talk, met);
    const known = await contacts.contactOf(pk, make, older, talk);
    try {
      await crm.addEntry(known.id, contact, entry, again);
      await more?.(crm, known.id);
    } catch (error) {
      if (isContactGone(error))
        await Promise.all([...pks, ...(talk ? [talk] : [])].map((one) => contacts.forget(one, known.id)));
      throw error;
    }
    if (contact.name !== undefined && !known.isNamed) await this.#name(crm, contact, known);
  }

  /** Finds or makes a contact; of one that was met in a conversation before, the number is new. */
  async #make(
    crm: CrmConnection,
    contact: CrmContact,
    madeBefore: boolean,
    talk: string | undefined,
    met: string | undefined,
  ): Promise<string> {
    const { contacts, log, config } = this.#tools;
    if (met === undefined || talk === undefined || !crm.learnPhone) return crm.contactId(contact, madeBefore);
    try {
      const id = await crm.learnPhone(met, contact);
      if (id !== met) log('warn', { event: 'crm-sync', sink: config.crm?.kind, outcome: 'contact_of_number_found' });
      return id;
    } catch (error) {
      if (!isContactGone(error)) throw error;
      await contacts.forget(talk, met);
      return crm.contactId(contact, madeBefore);
    }
  }

  /** Apart from the line, which is written by now: a rule of the client's own may refuse a name, and then it is left out for good. */
  async #name(crm: CrmConnection, contact: CrmContact, known: Known): Promise<void> {
    const { contacts, log, config } = this.#tools;
    if (!crm.nameContact) return;
    try {
      await crm.nameContact(known.id, contact);
    } catch (error) {
      log('warn', { event: 'crm-sync', sink: config.crm?.kind, outcome: 'name_refused', reason: reasonOf(error) });
      if (!isPermanent(error)) return;
    }
    await contacts.named(known);
  }

  /**
   * A person's messages are handled side by side, so a "stop" may overtake the "start" before it. Their row tells which was the last
   * word; it is looked at again after the CRM was told, so whoever tells it last has told the last word.
   */
  async #showOptOut(item: MessageItem, word: OptOut, show: (stopped: boolean) => Promise<void>): Promise<void> {
    const { people, config } = this.#tools;
    const who = await people.meet(config.keysOf, item);
    await people.hear(who, word, item.at);
    let shown: boolean | undefined;
    for (;;) {
      const stopped = await people.isSilent(who);
      if (stopped === shown) return;
      await show(stopped);
      shown = stopped;
    }
  }

  async #status({ id, status, at }: StatusItem, attempt: number): Promise<void> {
    const { observed, config, now } = this.#tools;
    const joined = await observed.noteStatus(config.keysOf, id, status, at);
    const seconds = joined === 'unknown' ? joinAgainSeconds(attempt, at, now()) : undefined;
    if (seconds !== undefined) throw new Unavailable('no_send_found_yet', 'No send has this provider id yet.', seconds);
    if (!config.crm) return;
    const crm = await this.#tools.crm();
    await crm.onStatus?.(entryKey(config.keysOf, id), id, status, at);
  }
}

const isMessage = (delivered: Delivered | { readonly item: CrmNote }): delivered is Delivered<MessageItem> =>
  delivered.item.kind === 'message';

/** One claim per message, per status of a message and per form. */
const claimName = (item: MessageItem | StatusItem | CrmNote): string => {
  if (item.kind === 'message') return `message#${toldAs(item)}`;
  return item.kind === 'status' ? `status#${item.id}#${item.status}` : `form#${item.key}`;
};

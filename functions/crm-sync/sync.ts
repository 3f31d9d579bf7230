import type { ChatItem, Delivered, MessageItem, StatusItem } from '../shared/ezwhatsapp/events.ts';
import type { Deliveries } from '../shared/ledger/deliveries.ts';
import type { ObservedSends } from '../shared/ledger/observed-sends.ts';
import { ownSend } from '../shared/ledger/own-sends.ts';
import type { OptOut } from '../shared/people/opt-out.ts';
import type { SuppressionList } from '../shared/people/suppression.ts';
import { Unavailable } from '../shared/runtime/errors.ts';
import { sha256 } from '../shared/runtime/hashes.ts';
import type { Log } from '../shared/runtime/log.ts';
import { isContactGone } from './api.ts';
import type { CrmSyncConfig } from './config.ts';
import type { ContactsMap } from './contacts-map.ts';
import type { CrmConnection } from './crm.ts';
import { entryKey, joinAgainSeconds, plan } from './workflow.ts';

export interface SyncTools {
  readonly config: CrmSyncConfig;
  readonly deliveries: Pick<Deliveries, 'once'>;
  readonly observed: Pick<ObservedSends, 'noteStatus' | 'observe' | 'withFingerprint'>;
  readonly contacts: Pick<ContactsMap, 'idOf' | 'forget'>;
  readonly suppression: Pick<SuppressionList, 'hear' | 'isSilent'>;
  /** Row of a contact in the map, without the phone number in it. */
  readonly contactPk: (crm: string, key: string) => Promise<string>;
  /** Throws `Unavailable` while the secret is not set. */
  readonly crm: () => Promise<CrmConnection>;
  readonly log: Log;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

/** One item at a time; whatever it throws sends that item, and no other, back to its queue. */
export class CrmSync {
  readonly #tools: SyncTools;

  constructor(tools: SyncTools) {
    this.#tools = tools;
  }

  async handle(body: string): Promise<void> {
    const { item } = JSON.parse(body) as Delivered;
    const { deliveries, config, log, now } = this.#tools;
    const startedAt = now();
    const name = `crm-sync#${config.lineId}#${claimName(item)}`;
    const fresh = await deliveries.once(name, (attempt) => {
      if (item.kind === 'status') return this.#status(item, attempt);
      return item.kind === 'message' ? this.#message(item, attempt) : Promise.resolve();
    });
    const outcome = fresh ? item.kind : 'duplicate';
    log('info', { event: 'crm-sync', sink: config.crm?.kind, outcome, ms: now() - startedAt });
  }

  async #message(item: MessageItem, attempt: number): Promise<void> {
    const { observed, config } = this.#tools;
    if (item.fromMe && item.individual) {
      const own = await ownSend(observed, config.lineId, item, attempt);
      await observed.observe(config.lineId, item.id, own?.pk);
    }
    await this.#tell(item, attempt > 1);
  }

  async #tell(item: MessageItem, again: boolean): Promise<void> {
    const { config, contacts, contactPk } = this.#tools;
    if (!config.crm) return;
    const planned = plan(item, { ...config, text: config.crm.text });
    if (!planned) return;
    const { contact, entry, optOut } = planned;
    const crm = await this.#tools.crm();
    const pk = await contactPk(config.crm.kind, contact.key);
    const contactId = await contacts.idOf(pk, (madeBefore) => crm.contactId(contact, madeBefore));
    try {
      await crm.addEntry(contactId, contact, entry, again);
      if (optOut) await this.#showOptOut(item, optOut, (stopped) => crm.setOptOut(contactId, contact, stopped, entry));
    } catch (error) {
      if (isContactGone(error)) await contacts.forget(pk, contactId);
      throw error;
    }
  }

  /**
   * A person's messages are handled side by side, so a "stop" may overtake the "start" before it. Their row tells which was the last
   * word; it is looked at again after the CRM was told, so whoever tells it last has told the last word.
   */
  async #showOptOut(item: MessageItem, word: OptOut, show: (stopped: boolean) => Promise<void>): Promise<void> {
    const { suppression, config } = this.#tools;
    await suppression.hear(config.lineId, item, word);
    let shown: boolean | undefined;
    for (;;) {
      const stopped = await suppression.isSilent(config.lineId, item);
      if (stopped === shown) return;
      await show(stopped);
      shown = stopped;
    }
  }

  async #status({ id, status, at }: StatusItem, attempt: number): Promise<void> {
    const { observed, config, now } = this.#tools;
    const joined = await observed.noteStatus(config.lineId, id, status, at);
    const seconds = joined === 'unknown' ? joinAgainSeconds(attempt, at, now()) : undefined;
    if (seconds !== undefined) throw new Unavailable('no_send_found_yet', 'No send has this provider id yet.', seconds);
    if (!config.crm) return;
    const crm = await this.#tools.crm();
    await crm.onStatus?.(entryKey(config.lineId, id), id, status, at);
  }
}

/** One claim per message and per status of a message; a chat says nothing that its messages do not, and is only noted. */
const claimName = (item: MessageItem | StatusItem | ChatItem): string => {
  if (item.kind === 'message') return `message#${item.id}`;
  if (item.kind === 'status') return `status#${item.id}#${item.status}`;
  // A chat's id holds a phone number.
  return `chat#${sha256(item.id)}#${item.lastMessageId ?? item.at}`;
};

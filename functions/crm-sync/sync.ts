import { type Delivered, isConversation, type MessageItem, type StatusItem } from '../shared/ezwhatsapp/events.ts';
import type { Deliveries } from '../shared/ledger/deliveries.ts';
import type { ObservedSends } from '../shared/ledger/observed-sends.ts';
import { ownEcho } from '../shared/ledger/own-echo.ts';
import { ownSend, SOME_SEND } from '../shared/ledger/own-sends.ts';
import { hasFailed, leftAt, type SendRecord, sendPk } from '../shared/ledger/rules.ts';
import { AUTO_REPLY } from '../shared/ledger/send-command.ts';
import { deliveryName, onceTold, toldAs } from '../shared/ledger/tellings.ts';
import type { CrmNote } from '../shared/people/crm-note.ts';
import { type People, withoutPrivate } from '../shared/people/people.ts';
import { isPermanent, Permanent, Unavailable, unknownItem } from '../shared/runtime/errors.ts';
import { sha256 } from '../shared/runtime/hashes.ts';
import { toJson } from '../shared/runtime/json.ts';
import type { Log, LogFields } from '../shared/runtime/log.ts';
import { marks, noteKey, traced } from '../shared/runtime/marks.ts';
import { masked } from '../shared/runtime/masked.ts';
import type { CrmSyncConfig } from './config.ts';
import type { Sink, Told } from './sink.ts';
import { joinAgainSeconds } from './workflow.ts';

/**
 * What one of several CRMs is to be told, in a queue message and under a claim of its own: one that is down repeats nothing at the others.
 * An earlier release leaves what is of a kind that it does not know.
 */
interface Part {
  readonly kind: 'for-crm';
  readonly crm: string;
  readonly of: Told;
  readonly isChange?: boolean;
  readonly again?: boolean;
}

type Message =
  | Delivered
  | {
      readonly deliveryId?: string;
      readonly receivedAt?: string;
      readonly index?: number;
      readonly item: CrmNote | Part;
    };

/** What is known of how something came. */
interface Came {
  readonly deliveryId?: string | undefined;
  readonly receivedAt?: string | undefined;
  readonly index?: number | undefined;
}

/** What failed so long after it left is no news. */
const WAKES_FOR_MS = 24 * 3600_000;

export interface SyncTools {
  readonly config: Pick<CrmSyncConfig, 'keysOf'>;
  readonly deliveries: Pick<Deliveries, 'once' | 'onceForWords'>;
  readonly observed: Pick<
    ObservedSends,
    'noteStatus' | 'observe' | 'withFingerprint' | 'withProviderId' | 'firstLeft' | 'found'
  >;
  readonly people: Pick<People, 'meet' | 'latest' | 'tie'>;
  /** The client's CRMs. */
  readonly sinks: readonly Sink[];
  /** Puts parts into the own queue; used of several CRMs alone. */
  readonly enqueue: (bodies: readonly string[]) => Promise<void>;
  /** Notes that the line names people by privacy ids. */
  readonly markHidesNumbers: () => Promise<void>;
  /** Tells people of a send of ours that left and did not arrive. */
  readonly tellOfFailed: (key: string, receivedAt: string, who?: string) => Promise<void>;
  readonly log: Log;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

const KINDS: readonly string[] = ['message', 'status', 'note'];

/** One item at a time; whatever it throws sends that item, and no other, back to its queue. */
export class CrmSync {
  readonly #tools: SyncTools;

  constructor(tools: SyncTools) {
    this.#tools = tools;
  }

  async handle(body: string): Promise<void> {
    const message = JSON.parse(body) as Message;
    const { item, deliveryId } = message;
    const delivery = deliveryId && deliveryName(deliveryId);
    const { deliveries, config, people, sinks, log, now } = this.#tools;
    const startedAt = now();
    const say = (outcome: string, sink?: string, heard: Heard = {}) => {
      const { keys: [key] = [], after } = marks();
      log('info', { event: 'crm-sync', delivery, sink, key, after, outcome, ...heard, ms: now() - startedAt });
    };
    if (item.kind === 'for-crm') {
      const isFresh = await this.#part(item, message);
      return say(isFresh ? item.of.kind : 'duplicate', item.crm);
    }
    // A chat says who somebody is, and saying so twice is as once.
    if (item.kind === 'chat') {
      if (item.individual) await people.meet(config.keysOf, item);
      return say('chat');
    }
    if (!KINDS.includes(item.kind)) throw unknownItem();
    const name = `crm-sync#${config.keysOf}#${claimName(item)}`;
    let heard: Heard = {};
    const fresh = isMessage(message)
      ? await this.#told(name, message)
      : await deliveries.once(name, async (attempt) => {
          if (item.kind !== 'status') return this.#tell(item, attempt, message);
          heard = await this.#status(item, attempt, message);
        });
    say(fresh ? item.kind : 'duplicate', sinks.length === 1 ? sinks[0]?.name : undefined, heard);
  }

  /** Each wording is a line of its own. A copy may name the person whom the first one did not. */
  async #told(name: string, delivered: Delivered<MessageItem>): Promise<boolean> {
    const { deliveries, people, config } = this.#tools;
    const { item } = delivered;
    const fresh = await onceTold(deliveries, name, delivered, async (said, attempt, isChange) => {
      const known = await this.#recognised(said);
      return isChange ? this.#changed(known, delivered, attempt) : this.#message(known, attempt, delivered);
    });
    const isNamed = (item.phone ?? item.privacyId) !== undefined;
    if (!fresh && item.individual && isNamed) await people.meet(config.keysOf, item);
    return fresh;
  }

  /** Digits that others told to be a privacy id are no number here either. Nearly all of those are longer than most numbers. */
  async #recognised(item: MessageItem): Promise<MessageItem> {
    const { people, config } = this.#tools;
    if (!item.individual || (item.phone?.length ?? 0) <= '+123456789012'.length) return item;
    return withoutPrivate(item, await people.meet(config.keysOf, item));
  }

  /** What a message says now, as another line: people saw the first one, and it may have been acted on. */
  async #changed(item: MessageItem, delivered: Delivered<MessageItem>, attempt: number): Promise<void> {
    const { deliveryId, index } = delivered;
    // Words that nobody here can read are told to people.
    if (item.text === undefined) return;
    const id = `${toldAs(item)}~${sha256(`${deliveryId}#${index}`).slice(0, 8)}`;
    await this.#tell({ ...item, id }, attempt, delivered, true);
  }

  async #message(item: MessageItem, attempt: number, came: Came): Promise<void> {
    if (item.phone === undefined && item.privacyId !== undefined) await this.#tools.markHidesNumbers();
    const who = item.phone && masked(item.phone);
    if (item.fromMe && item.individual) await this.#seeFailed(await this.#observe(item, attempt), came, who);
    await this.#tell(item, attempt, came);
  }

  /** Of what was sent long ago people find it in the list, and nobody is woken. */
  async #seeFailed(send: SendRecord | undefined, { receivedAt }: Came, who: string | undefined): Promise<void> {
    const { tellOfFailed, log, now } = this.#tools;
    if (!send || !hasFailed(send)) return;
    const { key, template, delivery } = send;
    log('warn', {
      event: 'delivery',
      key,
      template,
      trace: send.trace,
      outcome: 'failed',
      reason: delivery?.why?.code,
    });
    const heardAt = receivedAt ?? new Date(now()).toISOString();
    if (Date.parse(heardAt) - leftAt(send) <= WAKES_FOR_MS) await tellOfFailed(key, heardAt, who);
  }

  /** Notes which of our sends a message out was, if it was one. @returns the send, where something was said of it before */
  async #observe(item: MessageItem, attempt: number): Promise<SendRecord | undefined> {
    const { observed, people, config } = this.#tools;
    const own = await ownSend(observed, config.keysOf, item, attempt);
    const echo =
      own === undefined && isConversation(item)
        ? ownEcho(item, await people.latest(await people.meet(config.keysOf, item)))
        : undefined;
    if (own?.pk === SOME_SEND) return undefined;
    if (own) await this.#tie(item, own.pk);
    // What was found by the person is theirs already.
    const pk = own?.pk ?? (echo && sendPk(config.keysOf, echo.key));
    if (pk !== undefined) noteKey(keyIn(pk, config.keysOf));
    return observed.observe(config.keysOf, item.id, pk, item.at, item.conversationId);
  }

  /**
   * Whom a message of ours was for its send knows, where WhatsApp hides the number: from now on what it names them by leads there, so that what
   * they answer is theirs. One that was seen before is no proof: whoever writes the same words by hand may write to somebody else.
   */
  async #tie(item: MessageItem, pk: string): Promise<void> {
    if (item.phone !== undefined) return;
    const { observed, people, config } = this.#tools;
    const { person, template, observedId = item.id } = (await observed.found(pk)) ?? {};
    // An automatic answer goes to whoever wrote, perhaps to a conversation of which no number is known.
    if (person === undefined || template === AUTO_REPLY || observedId !== item.id) return;
    await people.tie(config.keysOf, item, person);
  }

  /** Tells the client's CRM, or puts a part for each of several into the queue. */
  async #tell(item: Told, attempt: number, { deliveryId, receivedAt, index }: Came, isChange = false): Promise<void> {
    const { sinks, enqueue } = this.#tools;
    const [only] = sinks;
    if (sinks.length > 1) {
      const parts = sinks
        .filter((sink) => sink.takes(item))
        .map(({ name }): Part => ({ kind: 'for-crm', crm: name, of: item, isChange, again: attempt > 1 }));
      return enqueue(parts.map((part) => toJson(traced({ deliveryId, receivedAt, index, item: part }))));
    }
    if (only?.takes(item)) await only.take(item, { isChange, attempt, receivedAt });
  }

  async #part({ crm, of, isChange, again = false }: Part, { receivedAt }: Came): Promise<boolean> {
    const { sinks, deliveries, config } = this.#tools;
    const sink = sinks.find(({ name }) => name === crm);
    if (!sink)
      throw new Permanent(
        'no_such_crm',
        `The client file names no CRM ${crm}: name it again and redrive, or let this pass with the fourteen days.`,
      );
    const name = `crm-sync#${config.keysOf}#for#${crm}#${partName(of)}`;
    try {
      return await deliveries.once(name, (attempt) =>
        sink.take(of, { isChange, receivedAt, attempt: again ? attempt + 1 : attempt }),
      );
    } catch (error) {
      // Whoever reads the dead letter must know which of them said so.
      throw isPermanent(error) ? new Permanent(error.reason, `${crm}: ${error.message}`) : error;
    }
  }

  async #status(item: StatusItem, attempt: number, came: Came): Promise<Heard> {
    const { observed, config, now } = this.#tools;
    const { id, status, at } = item;
    const joined = await observed.noteStatus(config.keysOf, id, status, at, item);
    if (typeof joined !== 'string') noteKey(joined.key);
    const seconds = joined === 'unknown' ? joinAgainSeconds(at, now()) : undefined;
    if (seconds !== undefined) throw new Unavailable('no_send_found_yet', 'No send has this provider id yet.', seconds);
    if (status === 'failed' && typeof joined !== 'string') await this.#seeFailed(joined, came, item.who);
    await this.#tell(item, attempt, came);
    return typeof joined === 'string' ? {} : heardOf(joined, item);
  }
}

/** What a status says of a message of ours, for the figures. */
type Heard = Pick<LogFields, 'template' | 'state' | 'tookMs'>;

/** What is queued later than that after its event was not to be queued at once, such as a reminder: its clock starts then. */
const LATER_MS = 15 * 60_000;

const heardOf = ({ template, because, asOf, queuedAt }: SendRecord, { status: state, at }: StatusItem): Heard => {
  const happened = Date.parse(because?.at ?? asOf);
  const from = queuedAt !== undefined && queuedAt - happened > LATER_MS ? queuedAt : happened;
  const tookMs = Math.max(0, Date.parse(at) - from);
  return { template, state, ...(state === 'delivered' && !Number.isNaN(tookMs) && { tookMs }) };
};

const keyIn = (pk: string, lineId: string): string => pk.slice(sendPk(lineId, '').length);

const isMessage = (message: Message): message is Delivered<MessageItem> => message.item.kind === 'message';

/** One claim per message, per status of a message and per form. */
const claimName = (item: Told): string => (item.kind === 'message' ? `message#${toldAs(item)}` : otherName(item));

/** A part's: each wording of a message has an id of its own by then. */
const partName = (item: Told): string => (item.kind === 'message' ? `message#${item.id}` : otherName(item));

const otherName = (item: StatusItem | CrmNote): string =>
  item.kind === 'status' ? `status#${item.id}#${item.status}` : `form#${item.key}`;

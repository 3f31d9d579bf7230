import type { Failure, Status } from '../ezwhatsapp/events.ts';
import { keyPart } from '../runtime/hashes.ts';
import { Table } from '../runtime/table.ts';
import { KEEP_SECONDS, rankOf, type SendRecord } from './rules.ts';
import { acceptSeen } from './seen.ts';

/** What is known of a provider's message, also before anyone knows which send it was. Lives beside the sends. */
interface ProviderRow {
  readonly sendPk?: string;
  /** True when the message was observed and is no send of ours: a person wrote it. */
  readonly foreign?: boolean;
  /** ISO 8601, when it was written, of one that a person wrote; an earlier release did not note it. */
  readonly writtenAt?: string;
  readonly status?: Status;
  readonly statusAt?: string;
  readonly why?: Failure;
}

type Note =
  | { readonly status: Status; readonly statusAt: string; readonly why?: Failure; readonly rank: number }
  | { readonly sendPk: string }
  | { readonly foreign: true; readonly writtenAt: string };

/** What the indexes hold of a send. */
export type FoundSend = Pick<SendRecord, 'pk' | 'createdAt' | 'observedId'>;

/**
 * Whose message a status is about: a send, as it stands then, or somebody else's. `unknown` may still become known: the send's answer or the
 * echo may be under way.
 */
export type Joined = SendRecord | 'foreign' | 'unknown';

/** What of a message is noted beside its status. */
export interface Beside {
  readonly why?: Failure | undefined;
  readonly conversationId?: string | undefined;
}

const providerPk = (lineId: string, providerId: string): string => `${lineId}#provider#${providerId}`;

const MAX_CONVERSATION = 100;

/** An id that is made of a number is not kept. */
const plainConversation = (id: string | undefined): { conversationId?: string } =>
  id !== undefined && keyPart(id, MAX_CONVERSATION) === id && !/^\d{7,15}$/.test(id) ? { conversationId: id } : {};

/** What the line is seen to do with the sends: which message was which send, and how far the provider says that it got. */
export class ObservedSends {
  readonly #sends: Table<SendRecord>;
  readonly #provider: Table<ProviderRow>;
  readonly #now: () => number;

  /** @param now epoch milliseconds */
  constructor(table: string, now: () => number) {
    this.#sends = new Table(table);
    this.#provider = new Table(table);
    this.#now = now;
  }

  /**
   * Sends with this fingerprint, oldest first. The index follows the table within moments, but a send is claimed, and so
   * written, before its POST.
   */
  withFingerprint(lineId: string, fingerprint: string): Promise<readonly FoundSend[]> {
    return this.#find('fingerprint', lineId, fingerprint);
  }

  /**
   * The first of these that left, or may have. What expired or waits has the same words, and was not seen. One that is left to a person, for
   * nobody knows whether it left, comes last, and only where the index surely knows the others: what a later one shows on the line is no proof of it.
   */
  async firstLeft(sends: readonly FoundSend[], isIndexSure: boolean): Promise<FoundSend | undefined> {
    let uncertain: FoundSend | undefined;
    for (const send of sends) {
      const { firstAttemptAt, state, parked } = (await this.found(send.pk)) ?? {};
      if (firstAttemptAt === undefined) continue;
      if (state !== 'UNKNOWN' || !parked) return send;
      uncertain ??= send;
    }
    return isIndexSure ? uncertain : undefined;
  }

  /** What stands of a send, as an index found it. */
  found(pk: string): Promise<SendRecord | undefined> {
    return this.#sends.read(pk);
  }

  /** Sends whose own answer had this id. */
  withProviderId(lineId: string, providerId: string): Promise<readonly FoundSend[]> {
    return this.#find('providerId', lineId, providerId);
  }

  /**
   * Notes what the provider says of a message and joins it to its send: by the id that the echo taught (`observe`), or by the id
   * in the send's own answer. What cannot be joined yet stays noted under the provider's id. Never moves a send backwards.
   */
  async noteStatus(
    lineId: string,
    providerId: string,
    status: Status,
    at: string,
    { why, conversationId }: Beside = {},
  ): Promise<Joined> {
    const note = { status, statusAt: at, rank: rankOf(status), ...(why && { why }) };
    const row = await this.#note(lineId, providerId, note);
    // What nobody knew for ours when it was seen may be named by an answer that came later: of a repeat, its first one being lost.
    const pk = row.sendPk ?? (await this.#find('providerId', lineId, providerId)).at(-1)?.pk;
    if (pk === undefined) return row.foreign ? 'foreign' : 'unknown';
    if (row.foreign)
      await this.#provider.update(providerPk(lineId, providerId), { set: { sendPk: pk }, remove: ['foreign'] });
    // What the echo taught may have reached the id's own row alone: whoever wrote it died, or looked for the send once more and did not find it.
    const seen = row.sendPk === undefined ? {} : { observedId: providerId };
    return (await this.#deliver(pk, row, { ...seen, ...plainConversation(conversationId) })) ?? 'unknown';
  }

  /**
   * Notes which send an observed outbound message was – `undefined`: none of ours – and hands on what was said of it before.
   * @param writtenAt ISO 8601
   * @returns the send, where something was said of it before
   */
  async observe(
    lineId: string,
    providerId: string,
    sendPk: string | undefined,
    writtenAt: string,
    conversationId?: string,
  ): Promise<SendRecord | undefined> {
    const row = await this.#note(lineId, providerId, sendPk === undefined ? { foreign: true, writtenAt } : { sendPk });
    if (sendPk === undefined) return undefined;
    const seen = { observedId: providerId, ...plainConversation(conversationId) };
    const { row: send } = await this.#sends.updateAndRead(
      sendPk,
      { set: seen },
      { if: 'attribute_exists(#pk)', isMine: () => true },
    );
    if (send?.state === 'UNKNOWN' && send.parked) await acceptSeen(this.#sends, sendPk);
    return this.#deliver(sendPk, row);
  }

  /** The row of a provider's message after this was added; a status that is not ahead of the noted one changes nothing. */
  async #note(lineId: string, providerId: string, note: Note): Promise<ProviderRow> {
    const change = { set: { ...note, expiresAt: Math.floor(this.#now() / 1000) + KEEP_SECONDS } };
    // Whoever left it so, the row tells what is known now.
    const ahead = { if: 'attribute_not_exists(#rank) OR #rank < :rank', isMine: () => true };
    const pk = providerPk(lineId, providerId);
    const { row } = await this.#provider.updateAndRead(pk, change, 'rank' in note ? ahead : undefined);
    return row ?? {};
  }

  /** @returns the send as it stands then */
  async #deliver(
    pk: string,
    { status, statusAt, why }: ProviderRow,
    beside: Partial<Pick<SendRecord, 'conversationId' | 'observedId'>> = {},
  ): Promise<SendRecord | undefined> {
    if (status === undefined || statusAt === undefined) return undefined;
    const delivery = { status, at: statusAt, ...(status === 'failed' && why && { why }) };
    const change = { set: { delivery, deliveryRank: rankOf(status), ...beside } };
    const { row } = await this.#sends.updateAndRead(pk, change, {
      if: 'attribute_exists(#pk) AND (attribute_not_exists(#deliveryRank) OR #deliveryRank < :deliveryRank)',
      isMine: () => true,
    });
    if (row?.state === 'UNKNOWN' && row.parked && row.observedId !== undefined) await acceptSeen(this.#sends, pk);
    return row;
  }

  async #find(index: 'fingerprint' | 'providerId', lineId: string, value: string): Promise<readonly FoundSend[]> {
    const found = await this.#sends.byIndex<FoundSend>(index, value);
    return found.filter(({ pk }) => pk.startsWith(`${lineId}#`)).sort((a, b) => a.createdAt - b.createdAt);
  }
}

import { DynamoDBClient, GetItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { decode, encode } from '../shared/runtime/attributes.ts';
import { AWS_CLIENT, bounded } from '../shared/runtime/aws.ts';
import { whenMet } from '../shared/runtime/conditional-write.ts';
import { keyPart } from '../shared/runtime/hashes.ts';

const client = bounded(new DynamoDBClient(AWS_CLIENT));

/** A window is at most as long as this, and so is a wait. */
const KEEP_SECONDS = 30 * 24 * 3600;

export interface ConversationTools {
  readonly table: string;
  readonly lineId: string;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

/**
 * What is remembered of conversations, in the table `deliveries`: who answered last, and what was told within a window. Each
 * write says what is to stand there, and its condition lets the same one through again, so making it twice is as once.
 */
export class ConversationState {
  readonly #tools: ConversationTools;

  constructor(tools: ConversationTools) {
    this.#tools = tools;
  }

  /** A person of the team wrote at this time (ISO 8601). Only the latest counts, in whatever order they are told. */
  async humanWrote(conversation: string, at: string): Promise<void> {
    await this.#update(
      conversationPk(this.#tools.lineId, conversation),
      'SET humanAt = :at, expiresAt = :expiry',
      'attribute_not_exists(humanAt) OR humanAt < :at',
      { ':at': at, ':expiry': this.#expiry() },
    );
  }

  /** Whether a person of the team wrote at or after this time; a consistent read. */
  async answeredSince(conversation: string, at: string): Promise<boolean> {
    const Key = encode({ pk: conversationPk(this.#tools.lineId, conversation) });
    const { Item } = await client.send(new GetItemCommand({ TableName: this.#tools.table, Key, ConsistentRead: true }));
    return Item !== undefined && String(decode(Item).humanAt ?? '') >= at;
  }

  /**
   * Opens a window of a conversation for an effect and runs it, once per window. The item that opened the window (`by`) may try again until its
   * effect is done; every other item of the window finds it taken. False if it was.
   */
  async oncePerWindow(
    name: string,
    conversation: string,
    by: string,
    windowMs: number,
    effect: () => Promise<void>,
  ): Promise<boolean> {
    const pk = `window#${this.#tools.lineId}#${name}#${conversationPart(conversation)}`;
    const now = this.#tools.now();
    const opened = await this.#update(
      pk,
      'SET #by = :by, #until = :until, done = :no, expiresAt = :expiry',
      'attribute_not_exists(pk) OR (#by <> :by AND #until <= :now) OR (#by = :by AND done = :no)',
      { ':by': by, ':until': now + windowMs, ':no': false, ':now': now, ':expiry': this.#expiry() },
      { '#by': 'by', '#until': 'until' },
    );
    if (!opened) return false;
    await effect();
    await this.#update(pk, 'SET done = :yes', '#by = :by', { ':yes': true, ':by': by }, { '#by': 'by' });
    return true;
  }

  #expiry(): number {
    return Math.floor(this.#tools.now() / 1000) + KEEP_SECONDS;
  }

  async #update(
    pk: string,
    expression: string,
    condition: string,
    values: object,
    names?: Record<string, string>,
  ): Promise<boolean> {
    const update = client.send(
      new UpdateItemCommand({
        TableName: this.#tools.table,
        Key: encode({ pk }),
        UpdateExpression: expression,
        ConditionExpression: condition,
        ExpressionAttributeValues: encode(values),
        ...(names && { ExpressionAttributeNames: names }),
      }),
    );
    return (await whenMet(update)) !== undefined;
  }
}

const MAX_ID = 100;

/** Where a message names no conversation, its chat or phone stands for it, and those are hashed: no phone number is in the table. */
const conversationPart = (conversation: string): string => keyPart(conversation, MAX_ID);

const conversationPk = (lineId: string, conversation: string): string =>
  `conversation#${lineId}#${conversationPart(conversation)}`;

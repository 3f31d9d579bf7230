import {
  type AttributeValue,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  ScanCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { decode, encode } from './attributes.ts';
import { AWS_CLIENT, bounded } from './aws.ts';

const client = bounded(new DynamoDBClient(AWS_CLIENT));

/** What an update leaves on a row. `undefined` sets nothing. */
export interface Change {
  readonly set?: object;
  /** Set only where nothing stands. */
  readonly once?: object;
  /** Numbers to add; one that is missing counts as 0. */
  readonly add?: Readonly<Record<string, number>>;
  readonly remove?: readonly string[];
}

/** When a write may take place, and how it is known again if it was refused. */
export interface When<Row> {
  /** Condition expression; every attribute is written as `#name`, every value as `:name`. */
  readonly if: string;
  /** Values of the condition that the change does not set itself. */
  readonly values?: object;
  /**
   * Whether only this very write can have left a row so. That a write was refused does not tell: when an answer is lost the SDK,
   * or DynamoDB itself, makes the write once more, and then the first time is what refuses the second. The row tells.
   *
   *   write ─┬─ met ──────────────────────────────────▶ mine
   *          └─ refused ── read ─┬─ bears my mark ────▶ mine
   *                              └─ it does not ──────▶ another's
   *
   * Without it a refused write is not looked after: for one that repeats to the same row, or that nobody needs to know of.
   */
  readonly isMine?: (row: Row) => boolean;
}

/** How a row stands after a write: as this very write left it (`mine`), or as somebody else did (if that was looked for). */
export interface Written<Row> {
  readonly mine: boolean;
  readonly row: Row | undefined;
}

/** Rows of one kind in a table whose key is `pk`. Reads are consistent. */
export class Table<Row extends object> {
  readonly #name: string;
  readonly #client: DynamoDBClient;

  constructor(name: string, own: DynamoDBClient = client) {
    this.#name = name;
    this.#client = own;
  }

  /** `undefined` if there is none. In INIT it also opens the connection. */
  async read(pk: string): Promise<Row | undefined> {
    const { Item } = await this.#client.send(
      new GetItemCommand({ TableName: this.#name, Key: encode({ pk }), ConsistentRead: true }),
    );
    return Item && (decode(Item) as Row);
  }

  /** Writes a whole row over whatever stands there. */
  put(row: Row & { readonly pk: string }, when?: When<Row>): Promise<Written<Row>> {
    const put = new PutItemCommand({ TableName: this.#name, Item: encode(row), ...expressions('', {}, when) });
    return this.#written(
      row.pk,
      when,
      this.#client.send(put).then(() => row),
    );
  }

  /** Changes a row, or makes it. @returns whether it stands as this left it */
  async update(pk: string, change: Change, when?: When<Row>): Promise<boolean> {
    const update = this.#client.send(this.#change(pk, change, when));
    return (await this.#written(pk, when, update)).mine;
  }

  /** The same, with the row as it stands afterwards. */
  updateAndRead(pk: string, change: Change, when?: When<Row>): Promise<Written<Row>> {
    const update = this.#client.send(this.#change(pk, change, when, 'ALL_NEW'));
    return this.#written(
      pk,
      when,
      update.then(({ Attributes = {} }) => decode(Attributes) as Row),
    );
  }

  /** What an index named like its attribute holds of the rows with this value, in no order. It follows the table within moments. */
  async byIndex<Found>(name: string, value: string): Promise<readonly Found[]> {
    const { Items = [] } = await this.#client.send(
      new QueryCommand({
        TableName: this.#name,
        IndexName: name,
        KeyConditionExpression: '#name = :value',
        ExpressionAttributeNames: { '#name': name },
        ExpressionAttributeValues: encode({ value }, ':'),
      }),
    );
    return Items.map((item) => decode(item) as Found);
  }

  /**
   * A part of the table of so many rows at most, in no order, as it stood moments ago.
   * @param after the key that the part before ended with; absent from what is returned when there is no more
   */
  async page(limit: number, after?: string): Promise<{ readonly rows: readonly Row[]; readonly after?: string }> {
    const { Items = [], LastEvaluatedKey: last } = await this.#client.send(
      new ScanCommand({
        TableName: this.#name,
        Limit: limit,
        ...(after !== undefined && { ExclusiveStartKey: encode({ pk: after }) }),
      }),
    );
    const rows = Items.map((item) => decode(item) as Row);
    return { rows, ...(last?.pk?.S !== undefined && { after: last.pk.S }) };
  }

  #change(pk: string, change: Change, when: When<Row> | undefined, returned?: 'ALL_NEW'): UpdateItemCommand {
    const { set = {}, once = {}, add = {}, remove = [] } = change;
    const assigned = Object.entries(set).filter(([, value]) => value !== undefined);
    const first = Object.keys(once).map((name) => `#${name} = if_not_exists(#${name}, :${name})`);
    const clauses = [
      ['SET', [...assigned.map(([name]) => `#${name} = :${name}`), ...first]],
      ['ADD', Object.keys(add).map((name) => `#${name} :${name}`)],
      ['REMOVE', remove.map((name) => `#${name}`)],
    ] as const;
    const expression = clauses
      .filter(([, parts]) => parts.length > 0)
      .map(([clause, parts]) => `${clause} ${parts.join(', ')}`)
      .join(' ');
    return new UpdateItemCommand({
      TableName: this.#name,
      Key: encode({ pk }),
      UpdateExpression: expression,
      ReturnValues: returned,
      ...expressions(expression, { ...set, ...once, ...add }, when),
    });
  }

  async #written<Left>(pk: string, when: When<Row> | undefined, write: Promise<Left>): Promise<Written<Left | Row>> {
    try {
      return { mine: true, row: await write };
    } catch (error) {
      // By its name, which all versions of the SDK in a bundle share.
      if (!(error instanceof Error && error.name === 'ConditionalCheckFailedException')) throw error;
    }
    if (!when?.isMine) return { mine: false, row: undefined };
    const row = await this.read(pk);
    return { mine: row !== undefined && when.isMine(row), row };
  }
}

interface Expressions {
  ConditionExpression?: string;
  ExpressionAttributeNames?: Record<string, string>;
  ExpressionAttributeValues?: Record<string, AttributeValue>;
}

/** The condition, and a name and a value for whatever the condition and the change speak of. */
const expressions = (change: string, values: object, when: When<never> | undefined): Expressions => {
  const made: Expressions = {};
  if (when) made.ConditionExpression = when.if;
  const names = `${change} ${when?.if ?? ''}`.match(/#\w+/g);
  if (names) made.ExpressionAttributeNames = Object.fromEntries(names.map((name) => [name, name.slice(1)]));
  const attributes = encode({ ...values, ...when?.values }, ':');
  if (Object.keys(attributes).length > 0) made.ExpressionAttributeValues = attributes;
  return made;
};

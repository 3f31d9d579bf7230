import type { AttributeValue, TableDescription } from '@aws-sdk/client-dynamodb';

/** What a table's index has for keys. */
interface Index {
  readonly name: string;
  /** Hash key, then range key. */
  readonly keys: readonly string[];
}

/** What is known of a table: by its keys it is held against what is written. */
export interface KnownTable {
  readonly keys: readonly string[];
  readonly indexes: readonly Index[];
}

export interface TableRefusal {
  readonly name: string;
  readonly message: string;
}

/** https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html */
const MAX_EXPRESSION_BYTES = 4096;
const MAX_OPERATORS = 300;
const MAX_IN = 100;
const MAX_NESTED = 32;
const MAX_KEY_BYTES = { hash: 2048, range: 1024 };

type Values = Readonly<Record<string, AttributeValue>>;

/** A call, or what it has of a part that names its own table. */
interface Part {
  readonly TableName?: string;
  readonly IndexName?: string;
  readonly Item?: Values;
  readonly ExpressionAttributeNames?: Readonly<Record<string, string>>;
  readonly ExpressionAttributeValues?: Values;
  readonly UpdateExpression?: string;
  readonly KeyConditionExpression?: string;
  readonly ConditionExpression?: string;
  readonly FilterExpression?: string;
  readonly ProjectionExpression?: string;
}

interface Asked extends Part {
  readonly RequestItems?: Readonly<Record<string, readonly { readonly PutRequest?: { readonly Item?: Values } }[]>>;
  readonly TransactItems?: readonly Readonly<Record<string, Part>>[];
}

type Check = (part: Part, table: KnownTable | undefined) => string | undefined;

/** Of a table as it is asked for, or as it is described. */
export const knownTable = ({ KeySchema = [], GlobalSecondaryIndexes, LocalSecondaryIndexes }: TableDescription) => {
  const names = (schema: typeof KeySchema = []) => schema.map(({ AttributeName = '' }) => AttributeName);
  const all = [...(GlobalSecondaryIndexes ?? []), ...(LocalSecondaryIndexes ?? [])];
  const indexes = all.map(({ IndexName: name = '', KeySchema: own }) => ({ name, keys: names(own) }));
  return { keys: names(KeySchema), indexes } satisfies KnownTable;
};

/**
 * Why AWS refuses a call that dynalite takes, in its words; undefined for any other. Throws for one that has no value where one must be, or is
 * deeper than anybody can follow.
 */
export function tableRefusal(body: unknown, tables: ReadonlyMap<string, KnownTable>): TableRefusal | undefined {
  for (const part of partsOf((body ?? {}) as Asked)) {
    const table = tables.get(part.TableName ?? '');
    for (const check of CHECKS) {
      const message = check(part, table);
      if (message !== undefined) return { name: 'ValidationException', message };
    }
  }
  return undefined;
}

function partsOf(asked: Asked): Part[] {
  const written = Object.entries(asked.RequestItems ?? {}).flatMap(([TableName, requests]) =>
    Array.isArray(requests) ? requests.map(({ PutRequest }) => ({ TableName, ...PutRequest })) : [],
  );
  const transacted = (asked.TransactItems ?? []).flatMap((item) => Object.values(item));
  return [asked, ...written, ...transacted];
}

const EXPRESSIONS = [
  'UpdateExpression',
  'KeyConditionExpression',
  'ConditionExpression',
  'FilterExpression',
  'ProjectionExpression',
] as const;

/** Reads each expression of a part, and gives the first complaint. */
const ofExpressions =
  (look: (text: string, name: string) => string | undefined): Check =>
  (part) => {
    for (const name of EXPRESSIONS) {
      const text = part[name];
      const found = typeof text === 'string' ? look(text, name) : undefined;
      if (found !== undefined) return `Invalid ${name}: ${found}`;
    }
    return undefined;
  };

const tooLong = ofExpressions((text) => {
  const size = Buffer.byteLength(text);
  if (size <= MAX_EXPRESSION_BYTES) return undefined;
  return `Expression size has exceeded the maximum allowed size; expression size: ${size}`;
});

/** Comparisons, words and functions, and in an update what adds and takes away. The sign of a SET is none. */
const OPERATORS = /<>|<=|>=|[<>]|\b(?:AND|OR|NOT|BETWEEN|IN)\b|\b[a-z_]+(?=\s*\()/gi;

const tooManyOperators = ofExpressions((text, name) => {
  const signs = name === 'UpdateExpression' ? /[+-]/g : /(?<![<>])=/g;
  const count = [...text.matchAll(OPERATORS), ...text.matchAll(signs)].length;
  if (count <= MAX_OPERATORS) return undefined;
  return `The expression contains too many operators; operator count: ${count}`;
});

const tooManyOfIn = ofExpressions((text) => {
  const most = Math.max(
    0,
    ...[...text.matchAll(/\bIN\s*\(([^)]*)\)/gi)].map(([, list = '']) => list.split(',').length),
  );
  if (most <= MAX_IN) return undefined;
  return `The IN operator is provided with too many operands; number of operands: ${most}`;
});

const NOT_VALID = 'One or more parameter values are not valid.';
const EMPTY = 'The AttributeValue for a key attribute cannot contain an empty string value.';
const TOO_LARGE = 'One or more parameter values were invalid:';

const isEmpty = ({ S, B }: AttributeValue): boolean => S === '' || (B as unknown) === '';

/** Of a key as it is sent, where binary is base64. */
const bytesOf = ({ S, B }: AttributeValue): number =>
  S === undefined ? Buffer.byteLength(String(B ?? ''), 'base64') : Buffer.byteLength(S);

/** AWS writes the one without a space. */
function keyTooLarge(value: AttributeValue, isHash: boolean): string | undefined {
  const limit = isHash ? MAX_KEY_BYTES.hash : MAX_KEY_BYTES.range;
  if (bytesOf(value) <= limit) return undefined;
  if (isHash) return `${TOO_LARGE} Size of hashkey has exceeded the maximum size limit of${limit} bytes`;
  return `${TOO_LARGE} Aggregated size of all range keys has exceeded the size limit of ${limit} bytes`;
}

/** The first complaint about what an index has for a key. */
function ofIndexKeys(
  table: KnownTable | undefined,
  given: (key: string) => AttributeValue | undefined,
  empty: (index: string, key: string) => string,
): string | undefined {
  for (const { name, keys } of table?.indexes ?? []) {
    for (const [place, key] of keys.entries()) {
      const value = given(key);
      if (value === undefined) continue;
      const found = isEmpty(value) ? empty(name, key) : keyTooLarge(value, place === 0);
      if (found !== undefined) return found;
    }
  }
  return undefined;
}

const putIndexKeys: Check = ({ Item }, table) =>
  ofIndexKeys(
    table,
    (key) => Item?.[key],
    (index, key) =>
      `${NOT_VALID} A value specified for a secondary index key is not supported. ${EMPTY} IndexName: ${index}, IndexKey: ${key}`,
  );

/** How an expression may write an attribute. */
function waysToWrite(attribute: string, { ExpressionAttributeNames: names = {} }: Part): string {
  const all = [attribute, ...Object.keys(names).filter((name) => names[name] === attribute)];
  return all.map((name) => name.replace(/[^\w#]/g, '\\$&')).join('|');
}

const updatedIndexKeys: Check = (part, table) =>
  ofIndexKeys(
    table,
    (key) => {
      const set = `(?<![\\w#.\\]])(?:${waysToWrite(key, part)})\\s*=\\s*(?:if_not_exists\\s*\\([^,]*,\\s*)?(:\\w+)`;
      const [, value = ''] = new RegExp(set).exec(part.UpdateExpression ?? '') ?? [];
      return part.ExpressionAttributeValues?.[value];
    },
    () =>
      `${NOT_VALID} The update expression attempted to update a secondary index key to a value that is not supported. ${EMPTY}`,
  );

const queriedKeys: Check = (part, table) => {
  if (part.KeyConditionExpression === undefined) return undefined;
  const keys = table?.indexes.find(({ name }) => name === part.IndexName)?.keys ?? table?.keys ?? [];
  for (const key of keys) {
    const asked = `(?<![\\w#])(?:${waysToWrite(key, part)})\\s*=\\s*(:\\w+)`;
    const [, value = ''] = new RegExp(asked).exec(part.KeyConditionExpression) ?? [];
    const found = part.ExpressionAttributeValues?.[value];
    if (found && isEmpty(found)) return `${NOT_VALID} ${EMPTY} Key: ${key}`;
  }
  return undefined;
};

/** How many lists and maps are around what is deepest. */
function nested({ M, L }: AttributeValue): number {
  const inside = M === undefined ? L : Object.values(M);
  return inside === undefined ? 0 : 1 + Math.max(0, ...inside.map(nested));
}

const tooDeep: Check = ({ Item = {}, ExpressionAttributeValues = {} }) => {
  const deepest = Math.max(0, ...[...Object.values(Item), ...Object.values(ExpressionAttributeValues)].map(nested));
  if (deepest <= MAX_NESTED) return undefined;
  return 'Nesting Levels have exceeded supported limits: Attributes in the item have nested levels beyond supported limit';
};

const CHECKS: readonly Check[] = [
  tooLong,
  tooManyOperators,
  tooManyOfIn,
  tooDeep,
  putIndexKeys,
  updatedIndexKeys,
  queriedKeys,
];

/** The two ways of DynamoDB to say that it is too much, and the one to say that it is ill, as they are in the wild. */
const FAULTS = {
  ProvisionedThroughputExceededException:
    'The level of configured provisioned throughput for the table was exceeded. Consider increasing your provisioning level with the UpdateTable API.',
  ThrottlingException:
    'Throughput exceeds the current capacity of your table or index. DynamoDB is automatically scaling your table or index so please try again shortly. If exceptions persist, check if you have a hot key: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/bp-partition-key-design.html',
  InternalServerError: 'The request processing has failed because of an unknown error, exception or failure.',
} as const;

export type TableFault = keyof typeof FAULTS;

export const faultRefusal = (name: TableFault): TableRefusal => ({ name, message: FAULTS[name] });

import type { SqsQueue } from './fauxqs.ts';

/** What SQS says of something that it refuses: the name of the error, as its older protocol has it, and the text. */
export interface Refused {
  readonly code: string;
  readonly message: string;
}

/** One message to be sent, by itself or as an entry of a batch. */
export interface Entry {
  readonly Id?: unknown;
  readonly MessageBody?: unknown;
  readonly MessageAttributes?: Readonly<Record<string, AttributeValue>>;
  readonly DelaySeconds?: number;
  readonly MessageGroupId?: string;
  readonly MessageDeduplicationId?: string;
  readonly ReceiptHandle?: unknown;
  readonly VisibilityTimeout?: number;
}

interface AttributeValue {
  readonly DataType?: string;
  readonly StringValue?: string;
  readonly BinaryValue?: unknown;
}

type Field = Exclude<keyof Entry, 'MessageAttributes'>;
type Value = Entry[Field];

interface Check {
  readonly queues: 'all' | 'fifo' | 'standard';
  readonly field: Field;
  readonly refuses: (value: Value, queue: SqsQueue) => boolean;
  readonly code: 'InvalidMessageContents' | 'InvalidParameterValue' | 'MissingParameter';
  readonly says: (value: Value, field: Field) => string;
  /** In a batch the whole call is refused, not this entry alone. */
  readonly whole?: true;
}

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html */
const CHARACTERS = /^[\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]*$/u;
const BAD_CHARACTERS =
  'Invalid characters found. Valid unicode characters are #x9 | #xA | #xD | #x20 to #xD7FF | #xE000 to #xFFFD | #x10000 to #x10FFFF.';
/** Of a group or a de-duplication: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html */
const ID = /^[\w!"#$%&'()*+,\-./:;<=>?@[\\\]^`{|}~]{1,128}$/;
/** The same page. */
const MAX_DELAY_SECONDS = 900;

const isGiven = (value: Value): boolean => value !== undefined && value !== '';
export const missing = (field: string): string => `The request must contain the parameter ${field}.`;
const notGiven = (_: Value, field: Field): string => missing(field);
export const invalid = (value: unknown, field: string, reason: string): string =>
  `Value ${value} for parameter ${field} is invalid. Reason: ${reason}`;
const otherType = (value: Value, field: Field): string =>
  invalid(value, field, 'The request include parameter that is not valid for this queue type.');
const badId = (value: Value, field: Field): string =>
  invalid(value, field, `${field} can only include alphanumeric and punctuation characters. 1 to 128 in length.`);
const isBadId = (value: Value): boolean => isGiven(value) && !ID.test(String(value));
const outOfDelay = (value: Value): boolean =>
  isGiven(value) && !(Number(value) >= 0 && Number(value) <= MAX_DELAY_SECONDS);

/**
 * What SQS refuses of a message, in this order. The words are those that were recorded of it
 * (https://github.com/localstack/localstack/blob/main/tests/aws/services/sqs/test_sqs.snapshot.json).
 */
// biome-ignore format: a table
const MESSAGE: readonly Check[] = [
  { queues: 'all', field: 'MessageBody', refuses: (value) => !isGiven(value), code: 'MissingParameter', says: notGiven, whole: true },
  { queues: 'all', field: 'MessageBody', refuses: (value) => !CHARACTERS.test(String(value)), code: 'InvalidMessageContents', says: () => BAD_CHARACTERS },
  { queues: 'fifo', field: 'MessageGroupId', refuses: (value) => !isGiven(value), code: 'MissingParameter', says: notGiven, whole: true },
  { queues: 'fifo', field: 'MessageDeduplicationId', refuses: (value, queue) => !isGiven(value) && queue.attributes.ContentBasedDeduplication !== 'true', code: 'InvalidParameterValue', says: () => 'The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly', whole: true },
  { queues: 'standard', field: 'MessageDeduplicationId', refuses: isGiven, code: 'InvalidParameterValue', says: otherType },
  { queues: 'all', field: 'MessageGroupId', refuses: isBadId, code: 'InvalidParameterValue', says: badId },
  { queues: 'fifo', field: 'MessageDeduplicationId', refuses: isBadId, code: 'InvalidParameterValue', says: badId },
  { queues: 'all', field: 'DelaySeconds', refuses: outOfDelay, code: 'InvalidParameterValue', says: (value, field) => invalid(value, field, 'DelaySeconds must be >= 0 and <= 900.') },
  { queues: 'fifo', field: 'DelaySeconds', refuses: (value) => isGiven(value) && value !== 0, code: 'InvalidParameterValue', says: otherType },
];

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-message-metadata.html */
const MAX_ATTRIBUTES = 10;
const NAME = /^(?!\.|(?:aws|amazon)\.)(?!.*\.\.)[\w.-]{1,256}(?<!\.)$/i;
const TYPE = /^(?:String|Number|Binary)(?:\..*)?$/s;
const MAX_TYPE = 256;
/** Up to 38 digits, between −10^128 and 10^126. */
const isNumber = (text: string): boolean =>
  /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i.test(text) &&
  Number(text) >= -1e128 &&
  Number(text) <= 1e126 &&
  text.replace(/e.*$/i, '').replace(/\D/g, '').replace(/^0+/, '').length <= 38;

const kindOf = ({ DataType = '' }: AttributeValue): string => DataType.split('.')[0] ?? '';
const isEmpty = (value: AttributeValue): boolean =>
  kindOf(value) === 'Binary' ? !value.BinaryValue : !isGiven(value.StringValue);

/** What SQS refuses of an attribute of a message, in this order; the words of names, characters and numbers nobody recorded. */
// biome-ignore format: a table
const ATTRIBUTE: readonly { readonly refuses: (name: string, value: AttributeValue) => boolean; readonly says: (name: string, value: AttributeValue) => string }[] = [
  { refuses: (name) => !NAME.test(name), says: (name) => `Message (user) attribute name '${name}' is invalid. It can contain A-Z, a-z, 0-9, underscore (_), hyphen (-), and period (.), at most 256 of them, and must not start with AWS. or Amazon.` },
  { refuses: (_, { DataType = '' }) => !TYPE.test(DataType) || DataType.length > MAX_TYPE, says: (name) => `The type of message (user) attribute '${name}' is invalid. You must use only the following supported type prefixes: Binary, Number, String.` },
  { refuses: (_, value) => isEmpty(value), says: (name, value) => `Message (user) attribute '${name}' must contain a non-empty value of type '${kindOf(value) === 'Binary' ? 'Binary' : 'String'}'.` },
  { refuses: (_, { StringValue = '' }) => !CHARACTERS.test(StringValue), says: () => BAD_CHARACTERS },
  { refuses: (_, value) => kindOf(value) === 'Number' && !isNumber(value.StringValue ?? ''), says: (name) => `Can't cast the value of message (user) attribute '${name}' to a number.` },
];

const holds = ({ queues }: Check, queue: SqsQueue): boolean =>
  queues === 'all' || (queues === 'fifo') === queue.isFifo();

const refusedBy = (checks: readonly Check[], queue: SqsQueue, entry: Entry): Refused | undefined => {
  const found = checks.find((check) => holds(check, queue) && check.refuses(entry[check.field], queue));
  return found && { code: found.code, message: found.says(entry[found.field], found.field) };
};

const refusedAttributes = (attributes: NonNullable<Entry['MessageAttributes']>): string | undefined => {
  const all = Object.entries(attributes);
  if (all.length > MAX_ATTRIBUTES)
    return `Number of message attributes [${all.length}] exceeds the allowed maximum [${MAX_ATTRIBUTES}].`;
  for (const [name, value] of all) {
    const found = ATTRIBUTE.find(({ refuses }) => refuses(name, value));
    if (found) return found.says(name, value);
  }
  return undefined;
};

/** Why SQS does not take a message; undefined where it does. Its size fauxqs looks at. */
export const refusedMessage = (queue: SqsQueue, entry: Entry): Refused | undefined => {
  const refused = refusedBy(MESSAGE, queue, entry);
  if (refused) return refused;
  const message = refusedAttributes(entry.MessageAttributes ?? {});
  return message === undefined ? undefined : { code: 'InvalidParameterValue', message };
};

/** Why SQS refuses a whole batch for one of its messages. */
export const refusedForAll = (queue: SqsQueue, entries: readonly Entry[]): Refused | undefined => {
  const checks = MESSAGE.filter(({ whole }) => whole);
  for (const entry of entries) {
    const refused = refusedBy(checks, queue, entry);
    if (refused) return refused;
  }
  return undefined;
};

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html */
const MAX_ENTRIES = 10;
const MAX_BATCH_BYTES = 1_048_576;
const ENTRY_ID = /^[\w-]{1,80}$/;

/** Why SQS does not take a batch, whatever is in its entries. @param bytes of all its messages */
export const refusedBatch = (entries: readonly Entry[], bytes: number): Refused | undefined => {
  const ids = entries.map(({ Id }) => String(Id ?? ''));
  const repeated = ids.find((id, i) => ids.indexOf(id) !== i);
  // biome-ignore format: a table
  const checks: readonly (readonly [boolean, string, string])[] = [
    [ids.length === 0, 'EmptyBatchRequest', "The batch request doesn't contain any entries."],
    [ids.length > MAX_ENTRIES, 'TooManyEntriesInBatchRequest', `Maximum number of entries per request are ${MAX_ENTRIES}. You have sent ${ids.length}.`],
    [ids.some((id) => !ENTRY_ID.test(id)), 'InvalidBatchEntryId', 'A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at most 80 letters long.'],
    [repeated !== undefined, 'BatchEntryIdsNotDistinct', `Id ${repeated} repeated.`],
    [bytes > MAX_BATCH_BYTES, 'BatchRequestTooLong', `Batch requests cannot be longer than ${MAX_BATCH_BYTES} bytes. You have sent ${bytes} bytes.`],
  ];
  const found = checks.find(([refuses]) => refuses);
  return found && { code: found[1], message: found[2] };
};

/**
 * A message is hidden for twelve hours at most, in all, from when it was received:
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-visibility-timeout.html
 */
export const MAX_VISIBILITY_SECONDS = 43_200;

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html */
const QUEUE_ATTRIBUTES: Readonly<Record<string, readonly [min: number, max: number]>> = {
  DelaySeconds: [0, MAX_DELAY_SECONDS],
  MaximumMessageSize: [1024, MAX_BATCH_BYTES],
  MessageRetentionPeriod: [60, 14 * 86_400],
  ReceiveMessageWaitTimeSeconds: [0, 20],
  VisibilityTimeout: [0, MAX_VISIBILITY_SECONDS],
};
const MAX_RECEIVE_COUNT = 1000;

/** Why SQS makes no queue with these attributes. */
export const refusedQueue = (attributes: Readonly<Record<string, string>>): string | undefined => {
  const isIn = (value: unknown, min: number, max: number): boolean => {
    const number = Number(value);
    return Number.isInteger(number) && number >= min && number <= max;
  };
  for (const [name, [min, max]] of Object.entries(QUEUE_ATTRIBUTES)) {
    const value = attributes[name];
    if (value !== undefined && !isIn(value, min, max))
      return `Invalid value for the parameter ${name}. Reason: Must be between ${min} and ${max}.`;
  }
  const { maxReceiveCount } = JSON.parse(attributes.RedrivePolicy ?? '{"maxReceiveCount":1}');
  if (isIn(maxReceiveCount, 1, MAX_RECEIVE_COUNT)) return undefined;
  return `Value ${attributes.RedrivePolicy} for parameter RedrivePolicy is invalid. Reason: Invalid value for maxReceiveCount: ${maxReceiveCount}, valid values are from 1 to ${MAX_RECEIVE_COUNT} both inclusive.`;
};

/** What `fauxqs` names with this before it, AWS does so too; everything else goes by its bare name. */
const PREFIX = 'AWS.SimpleQueueService.';
const PREFIXED = new Set([
  'BatchEntryIdsNotDistinct',
  'BatchRequestTooLong',
  'EmptyBatchRequest',
  'InvalidBatchEntryId',
  'MessageNotInflight',
  'NonExistentQueue',
  'PurgeQueueInProgress',
  'QueueDeletedRecently',
  'TooManyEntriesInBatchRequest',
  'UnsupportedOperation',
]);

/** An error's name in the header `x-amzn-query-error`, from which the SDK has it. */
export const queryError = (header: string): string => {
  const [code = '', fault] = header.replace(PREFIX, '').split(';');
  return `${PREFIXED.has(code) ? PREFIX : ''}${code};${fault ?? 'Sender'}`;
};

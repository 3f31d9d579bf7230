import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  ChangeMessageVisibilityBatchCommand,
  ChangeMessageVisibilityCommand,
  DeleteMessageBatchCommand,
  DeleteMessageCommand,
  type MessageAttributeValue,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  type SendMessageBatchRequestEntry,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { LocalQueue } from '../../local/queues/queue.ts';
import { QueueServer } from '../../local/queues/server.ts';

/** What SQS refuses, with its words, by the SDK's own client. */
let server: QueueServer;
let sqs: SQSClient;
let standard: LocalQueue;
let fifo: LocalQueue;

beforeAll(async () => {
  server = await QueueServer.start();
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  sqs = new SQSClient({ region: 'us-east-1', credentials, endpoint: server.url, useQueueUrlAsEndpoint: false });
});
afterAll(() => server.stop());

let count = 0;
const fresh = (attributes: Record<string, string> = {}): LocalQueue => server.create(`q${count++}`, attributes);
const freshFifo = (attributes: Record<string, string> = {}): LocalQueue =>
  server.create(`q${count++}.fifo`, { FifoQueue: 'true', ...attributes });
beforeEach(() => {
  standard = fresh();
  fifo = freshFifo();
});
afterEach(() => {
  vi.useRealTimers();
});
/** Only the date: the machine's own timers go on. */
const later = (seconds: number): void => {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + seconds * 1000 });
};

type Sent = Partial<Omit<SendMessageBatchRequestEntry, 'Id'>>;
const IN_ORDER = { MessageGroupId: 'g', MessageDeduplicationId: 'd' };
const send = (queue: LocalQueue, sent: Sent) =>
  sqs.send(new SendMessageCommand({ QueueUrl: queue.url, MessageBody: 'b', ...sent }));
const sendBatch = (queue: LocalQueue, entries: readonly (Sent & { Id?: string })[]) =>
  sqs.send(
    new SendMessageBatchCommand({
      QueueUrl: queue.url,
      Entries: entries.map((entry, i) => ({ Id: String(i), MessageBody: 'b', ...entry })),
    }),
  );
const receive = async (queue: LocalQueue, VisibilityTimeout: number): Promise<string> => {
  const command = new ReceiveMessageCommand({ QueueUrl: queue.url, VisibilityTimeout, WaitTimeSeconds: 1 });
  return (await sqs.send(command)).Messages?.[0]?.ReceiptHandle ?? '';
};
const remove = (queue: LocalQueue, ReceiptHandle: string) =>
  sqs.send(new DeleteMessageCommand({ QueueUrl: queue.url, ReceiptHandle }));
const change = (queue: LocalQueue, ReceiptHandle: string, VisibilityTimeout: number) =>
  sqs.send(new ChangeMessageVisibilityCommand({ QueueUrl: queue.url, ReceiptHandle, VisibilityTimeout }));
const refusal = (call: Promise<unknown>): Promise<readonly [string, string]> =>
  call.then(
    () => ['taken', ''],
    ({ name, message }: Error) => [name, message],
  );
const total = (queue: LocalQueue): number => Object.values(server.depth(queue)).reduce((sum, part) => sum + part, 0);

const INVALID = 'InvalidParameterValue';
const value = (given: unknown, field: string, reason: string): string =>
  `Value ${given} for parameter ${field} is invalid. Reason: ${reason}`;
const OTHER_TYPE = 'The request include parameter that is not valid for this queue type.';
const text = (StringValue?: string, DataType = 'String'): MessageAttributeValue => ({ DataType, StringValue });
const CHARACTERS = expect.stringContaining('Invalid characters found.');
const badId = (given: string, field: string): string =>
  value(given, field, `${field} can only include alphanumeric and punctuation characters. 1 to 128 in length.`);
const badDelay = (given: number): string => value(given, 'DelaySeconds', 'DelaySeconds must be >= 0 and <= 900.');
const many = (n: number): Record<string, MessageAttributeValue> =>
  Object.fromEntries(Array.from({ length: n }, (_, i) => [`a${i}`, text('x')]));

describe('a message', () => {
  const attribute = (name: string, given: MessageAttributeValue): Sent => ({ MessageAttributes: { [name]: given } });
  // biome-ignore format: a table
  const refused: readonly (readonly [what: string, queue: 'standard' | 'fifo', sent: Sent, code: string, message: unknown])[] = [
    ['a half of a pair', 'standard', { MessageBody: 'a\ud83c' }, 'InvalidMessageContents', CHARACTERS],
    ['a control character', 'standard', { MessageBody: '\u0001' }, 'InvalidMessageContents', CHARACTERS],
    ['a noncharacter', 'standard', { MessageBody: '\ufffe' }, 'InvalidMessageContents', CHARACTERS],
    ['eleven attributes', 'standard', { MessageAttributes: many(11) }, INVALID, 'Number of message attributes [11] exceeds the allowed maximum [10].'],
    ['an empty value', 'standard', attribute('X', text('')), INVALID, "Message (user) attribute 'X' must contain a non-empty value of type 'String'."],
    ['no value', 'standard', attribute('X', { DataType: 'Binary' }), INVALID, "Message (user) attribute 'X' must contain a non-empty value of type 'Binary'."],
    ['an unknown type', 'standard', attribute('X', text('x', 'Foo')), INVALID, "The type of message (user) attribute 'X' is invalid. You must use only the following supported type prefixes: Binary, Number, String."],
    ['a number that is none', 'standard', attribute('X', text('x', 'Number')), INVALID, "Can't cast the value of message (user) attribute 'X' to a number."],
    ['a number of 39 digits', 'standard', attribute('X', text('1'.repeat(39), 'Number')), INVALID, expect.stringContaining('to a number')],
    ['a character in a value', 'standard', attribute('X', text('\u0001')), INVALID, CHARACTERS],
    ['a name with a space', 'standard', attribute('a b', text('x')), INVALID, expect.stringContaining("attribute name 'a b' is invalid")],
    ['a name of 257 letters', 'standard', attribute('a'.repeat(257), text('x')), INVALID, expect.stringContaining('is invalid')],
    ['a name of AWS', 'standard', attribute('aWS.x', text('x')), INVALID, expect.stringContaining('is invalid')],
    ['a name of Amazon', 'standard', attribute('Amazon.x', text('x')), INVALID, expect.stringContaining('is invalid')],
    ['a name with two dots', 'standard', attribute('a..b', text('x')), INVALID, expect.stringContaining('is invalid')],
    ['a delay of 901 s', 'standard', { DelaySeconds: 901 }, INVALID, badDelay(901)],
    ['a negative delay', 'standard', { DelaySeconds: -1 }, INVALID, badDelay(-1)],
    ['a de-duplication id', 'standard', { MessageDeduplicationId: 'd' }, INVALID, value('d', 'MessageDeduplicationId', OTHER_TYPE)],
    ['a delay', 'fifo', { ...IN_ORDER, DelaySeconds: 2 }, INVALID, value(2, 'DelaySeconds', OTHER_TYPE)],
    ['a group of 129 letters', 'fifo', { ...IN_ORDER, MessageGroupId: 'g'.repeat(129) }, INVALID, badId('g'.repeat(129), 'MessageGroupId')],
    ['a group with a space', 'fifo', { ...IN_ORDER, MessageGroupId: 'a b' }, INVALID, badId('a b', 'MessageGroupId')],
    ['a group with é', 'fifo', { ...IN_ORDER, MessageGroupId: 'é' }, INVALID, badId('é', 'MessageGroupId')],
    ['a de-duplication id with a space', 'fifo', { ...IN_ORDER, MessageDeduplicationId: 'a b' }, INVALID, badId('a b', 'MessageDeduplicationId')],
  ];
  const queueOf = (name: 'standard' | 'fifo') => (name === 'fifo' ? fifo : standard);

  it.each(refused)('with %s is refused by a %s queue', async (_, name, sent, code, message) => {
    expect(await refusal(send(queueOf(name), sent))).toEqual([code, message]);
    expect(total(queueOf(name))).toBe(0);
  });

  it.each(refused)(
    'with %s is refused by a %s queue alone among those of a batch',
    async (_, name, sent, code, message) => {
      const good = name === 'fifo' ? { ...IN_ORDER, MessageDeduplicationId: 'good' } : {};
      const { Successful, Failed } = await sendBatch(queueOf(name), [good, sent]);
      expect(Successful).toHaveLength(1);
      expect(Failed).toEqual([{ Id: '1', SenderFault: true, Code: code, Message: message }]);
      expect(total(queueOf(name))).toBe(1);
    },
  );

  // biome-ignore format: a table
  it.each([
    ['no body', 'standard', { MessageBody: '' }, 'MissingParameter', 'The request must contain the parameter MessageBody.'],
    ['no group', 'fifo', { MessageDeduplicationId: 'd' }, 'MissingParameter', 'The request must contain the parameter MessageGroupId.'],
    ['no de-duplication id', 'fifo', { MessageGroupId: 'g' }, INVALID, 'The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly'],
  ] as const)('with %s is refused by a %s queue, and the whole batch with it', async (_, name, sent, code, message) => {
    expect(await refusal(send(queueOf(name), sent))).toEqual([code, message]);
    expect(await refusal(sendBatch(queueOf(name), [IN_ORDER, sent]))).toEqual([code, message]);
    expect(total(queueOf(name))).toBe(0);
  });

  it('at the limits is taken: emoji as they are, ten attributes, a delay of 900 s, ids of 128 of any punctuation', async () => {
    const body = '🎂 דנה 👨‍👩‍👧 \u{10fffd}\u{1fffe}\t\r\n';
    await send(standard, { MessageBody: body });
    const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl: standard.url }));
    expect(Messages.map(({ Body }) => Body)).toEqual([body]);
    const attributes = {
      ...many(7),
      n: text('-1.5e3', 'Number.float'),
      u: text('🎂'),
      b: { DataType: 'Binary', BinaryValue: new Uint8Array([0]) },
    };
    await send(standard, { DelaySeconds: 900, MessageAttributes: attributes });
    await send(standard, { DelaySeconds: 0, MessageGroupId: 'fair' });
    const id = '!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~aZ09'.padEnd(128, 'x');
    await send(fifo, { MessageGroupId: id, MessageDeduplicationId: id, DelaySeconds: 0 });
    expect([total(standard), total(fifo)]).toEqual([3, 1]);
  });

  it('of an id that was sent within five minutes is dropped, however many came since; then it is taken', async () => {
    await send(fifo, IN_ORDER);
    for (let i = 0; i < 20_000; i += 1) fifo.recordDeduplication(`id-${i}`, 'm', '1');
    await send(fifo, IN_ORDER);
    expect(total(fifo)).toBe(1);
    later(301);
    await send(fifo, IN_ORDER);
    expect(total(fifo)).toBe(2);
  });
});

describe('a batch', () => {
  const BAD_ID =
    'A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at most 80 letters long.';
  it.each([
    ['with no entries', [], 'EmptyBatchRequest', expect.any(String)],
    ['with an id of 81 characters', [{ Id: 'x'.repeat(81) }], 'InvalidBatchEntryId', BAD_ID],
    ['with an id of other characters', [{ Id: 'a b' }], 'InvalidBatchEntryId', BAD_ID],
    ['with an id twice', [{ Id: 'a' }, { Id: 'a' }], 'BatchEntryIdsNotDistinct', 'Id a repeated.'],
    [
      'of eleven',
      Array.from({ length: 11 }, () => ({})),
      'TooManyEntriesInBatchRequest',
      'Maximum number of entries per request are 10. You have sent 11.',
    ],
    [
      'of more than 1 MiB',
      [{ MessageBody: 'x'.repeat(1_048_576) }, {}],
      'BatchRequestTooLong',
      'Batch requests cannot be longer than 1048576 bytes. You have sent 1048577 bytes.',
    ],
  ])('%s is refused whole', async (_, entries, code, message) => {
    expect(await refusal(sendBatch(standard, entries))).toEqual([code, message]);
    expect(total(standard)).toBe(0);
  });

  it.each([
    ['SendMessageBatch', { Entries: [] }, 'AWS.SimpleQueueService.EmptyBatchRequest;Sender'],
    ['SendMessage', {}, 'MissingParameter;Sender'],
    ['ReceiveMessage', { MaxNumberOfMessages: 11 }, 'InvalidParameterValue;Sender'],
    ['ReceiveMessage', { QueueUrl: 'x' }, 'AWS.SimpleQueueService.NonExistentQueue;Sender'],
  ])('or a call is refused with the name of the older protocol in a header: %s %j', async (operation, body, header) => {
    const headers = { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': `AmazonSQS.${operation}` };
    const given = JSON.stringify({ QueueUrl: standard.url, ...body });
    const answer = await fetch(server.url, { method: 'POST', headers, body: given });
    expect([answer.status, answer.headers.get('x-amzn-query-error')]).toEqual([400, header]);
  });

  it('that may be is taken: ten entries, an id of 80 characters', async () => {
    await sendBatch(standard, [{ Id: 'x'.repeat(80) }, ...Array.from({ length: 9 }, () => ({}))]);
    expect(total(standard)).toBe(10);
  });
});

describe('a message in flight', () => {
  const beyond = (seconds: number): string =>
    value(seconds, 'VisibilityTimeout', 'Total VisibilityTimeout for the message is beyond the limit [43200 seconds]');
  const expired = (handle: string): string => value(handle, 'ReceiptHandle', 'The receipt handle has expired.');
  const changeBatch = (queue: LocalQueue, ReceiptHandle: string, VisibilityTimeout: number) =>
    sqs.send(
      new ChangeMessageVisibilityBatchCommand({
        QueueUrl: queue.url,
        Entries: [{ Id: '0', ReceiptHandle, VisibilityTimeout }],
      }),
    );
  const failed = (Code: string, Message: unknown) => [{ Id: '0', SenderFault: true, Code, Message }];

  it('is hidden for twelve hours at most, counted from its receipt', async () => {
    await send(standard, {});
    const handle = await receive(standard, 43_200);
    expect(await refusal(change(standard, handle, 43_200))).toEqual([INVALID, beyond(43_200)]);
    expect((await changeBatch(standard, handle, 43_200)).Failed).toEqual(failed(INVALID, beyond(43_200)));
    expect(await refusal(change(standard, handle, 43_201))).toEqual([INVALID, expect.stringContaining('43200')]);
    await change(standard, handle, 43_100);
    later(6 * 3600);
    expect(await refusal(change(standard, handle, 6 * 3600))).toEqual([INVALID, beyond(21_600)]);
    await change(standard, handle, 6 * 3600 - 60);
    await change(standard, handle, 0);
    expect(server.depth(standard)).toMatchObject({ ready: 1, inFlight: 0 });
  });

  it('is hidden by our functions for no longer than SQS lets it be, however late they ask', async () => {
    Object.assign(process.env, { AWS_ENDPOINT_URL_SQS: server.url, AWS_REGION: 'us-east-1' });
    Object.assign(process.env, { AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test' });
    vi.resetModules();
    const { hide } = await import('../../functions/shared/runtime/queue.ts');
    await send(standard, {});
    // The longest that a queue of ours hides what its function has.
    const handle = await receive(standard, 540);
    later(530);
    const lines: unknown[] = [];
    await hide(standard.url, [handle], 63 * 3600, (_, line) => lines.push(line));
    expect(lines).toEqual([]);
    const [entry] = standard.inspectMessages().inflight;
    expect(((entry?.visibilityDeadline ?? 0) - Date.now()) / 3_600_000).toBeCloseTo(11.5, 1);
  });

  it('of a standard queue is deleted by its last handle, over its time or not', async () => {
    await send(standard, {});
    const old = await receive(standard, 0);
    const last = await receive(standard, 0);
    await remove(standard, old);
    expect(total(standard)).toBe(1);
    await change(standard, last, 600);
    expect(server.depth(standard).ready).toBe(1);
    await remove(standard, last);
    expect(total(standard)).toBe(0);
    // Once more is no error.
    await remove(standard, last);
    const gone = value(
      last,
      'ReceiptHandle',
      'Message does not exist or is not available for visibility timeout change.',
    );
    expect(await refusal(change(standard, last, 1))).toEqual([INVALID, gone]);
  });

  it('of a FIFO queue is not deleted and not hidden by a handle that is over its time, nor by one before the last', async () => {
    await send(fifo, IN_ORDER);
    const handle = await receive(fifo, 0);
    for (const call of [remove(fifo, handle), change(fifo, handle, 60)])
      expect(await refusal(call)).toEqual([INVALID, expired(handle)]);
    const last = await receive(fifo, 30);
    expect(await refusal(remove(fifo, handle))).toEqual([INVALID, expired(handle)]);
    expect((await changeBatch(fifo, handle, 60)).Failed).toEqual(failed(INVALID, expired(handle)));
    const Entries = [{ Id: '0', ReceiptHandle: handle }];
    const removed = await sqs.send(new DeleteMessageBatchCommand({ QueueUrl: fifo.url, Entries }));
    expect(removed.Failed).toEqual(failed(INVALID, expired(handle)));
    expect(total(fifo)).toBe(1);
    await remove(fifo, last);
    await remove(fifo, last);
    expect(total(fifo)).toBe(0);
  });

  it('is not touched by what is no handle', async () => {
    const message = 'The input receipt handle "garbage" is not a valid receipt handle.';
    for (const queue of [standard, fifo]) {
      expect(await refusal(remove(queue, 'garbage'))).toEqual(['ReceiptHandleIsInvalid', message]);
      expect(await refusal(change(queue, 'garbage', 1))).toEqual(['ReceiptHandleIsInvalid', message]);
      expect((await changeBatch(queue, 'garbage', 1)).Failed).toEqual(failed('ReceiptHandleIsInvalid', message));
    }
  });
});

describe('a dead letter', () => {
  it.each([
    ['of a FIFO queue is kept from its move on', true, 1],
    ['of a standard queue is kept from when it was sent', false, 0],
  ])('%s', async (_, isFifo, left) => {
    const make = isFifo ? freshFifo : fresh;
    const letters = make({ MessageRetentionPeriod: '60' });
    const redrive = { RedrivePolicy: JSON.stringify({ deadLetterTargetArn: letters.arn, maxReceiveCount: 1 }) };
    const queue = make(redrive);
    await send(queue, isFifo ? IN_ORDER : {});
    await receive(queue, 0);
    later(50);
    await receive(queue, 0);
    expect([total(queue), total(letters)]).toEqual([0, 1]);
    later(30);
    expect(total(letters)).toBe(left);
  });
});

describe('a queue', () => {
  const redrive = (maxReceiveCount: number) => ({ RedrivePolicy: JSON.stringify({ maxReceiveCount }) });
  it.each([
    [{ VisibilityTimeout: '43201' }],
    [{ VisibilityTimeout: '-1' }],
    [{ MessageRetentionPeriod: '59' }],
    [{ MessageRetentionPeriod: '1209601' }],
    [{ DelaySeconds: '901' }],
    [{ MaximumMessageSize: '1048577' }],
    [{ ReceiveMessageWaitTimeSeconds: '21' }],
    [redrive(0)],
    [redrive(1001)],
  ])('with %j is not made', (attributes) => {
    expect(() => fresh(attributes)).toThrow(Object.keys(attributes)[0]);
  });

  it('with attributes at the limits is made', () => {
    for (const [VisibilityTimeout, MessageRetentionPeriod, DelaySeconds] of [
      ['0', '60', '0'],
      ['43200', '1209600', '900'],
    ] as const) {
      fresh({ VisibilityTimeout, MessageRetentionPeriod, DelaySeconds, ...redrive(1) });
      fresh(redrive(1000));
    }
  });

  it('that is not there is called so as SQS calls it', async () => {
    const call = sqs.send(new SendMessageCommand({ QueueUrl: `${standard.url}x`, MessageBody: 'b' }));
    expect((await refusal(call))[1]).toContain('does not exist');
  });
});

describe('a call that is not as SQS takes it', () => {
  const ask = (operation: string, body: unknown, headers: Record<string, string> = {}) =>
    fetch(server.url, {
      method: 'POST',
      headers: { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': `AmazonSQS.${operation}`, ...headers },
      body: JSON.stringify(body),
    });

  it.each<[string, object]>([
    ['SendMessage', { MessageBody: 5 }],
    ['SendMessage', { MessageBody: 'b', MessageAttributes: { a: null } }],
    ['SendMessage', { MessageBody: 'b', MessageAttributes: { a: { DataType: 'Number', StringValue: 5 } } }],
    ['SendMessageBatch', { Entries: null }],
    ['SendMessageBatch', { Entries: [null] }],
    ['constructor', {}],
    ['CreateQueue', { QueueName: 'of-nobody' }],
    ['SetQueueAttributes', { Attributes: { VisibilityTimeout: '1' } }],
  ])('%s of %j is the caller’s fault', async (operation, body) => {
    const answer = await ask(operation, { QueueUrl: standard.url, ...body });
    const text = await answer.text();
    expect([answer.status, text]).toEqual([400, expect.not.stringContaining('undefined')]);
    expect(text).not.toMatch(/Cannot read|is not a function/);
  });

  it('is refused where it is none of SQS: there are no topics here, no buckets, and no look past the roles', async () => {
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    const topic = await fetch(server.url, { method: 'POST', headers: form, body: 'Action=CreateTopic&Name=x' });
    const look = await fetch(`${server.url}/_fauxqs/queues/${standard.name}`);
    const bucket = await fetch(`${server.url}/bucket`, { method: 'PUT' });
    expect([topic, look, bucket].map(({ status }) => status)).toEqual([404, 404, 404]);
  });
});

it('attributes of a message are told only to who asks for them', async () => {
  const given = { DataType: 'String', StringValue: 'x' };
  await send(standard, { MessageAttributes: { reason: given, 'trace.a': given, 'trace.b': given } });
  const told = async (names?: string[]) => {
    const QueueUrl = standard.url;
    const command = new ReceiveMessageCommand({ QueueUrl, VisibilityTimeout: 0, MessageAttributeNames: names });
    const [{ MessageAttributes } = {}] = (await sqs.send(command)).Messages ?? [];
    return Object.keys(MessageAttributes ?? {});
  };
  expect(await told()).toEqual([]);
  expect(await told(['reason'])).toEqual(['reason']);
  expect(await told(['trace.*'])).toEqual(['trace.a', 'trace.b']);
  expect(await told(['All'])).toEqual(['reason', 'trace.a', 'trace.b']);
});

it('a de-duplication that is four minutes old at a restart lasts one minute more', async () => {
  const data = mkdtempSync(join(tmpdir(), 'local-aged-'));
  const names = { FifoQueue: 'true' };
  const sendTo = (client: SQSClient, queue: LocalQueue) =>
    client.send(new SendMessageCommand({ QueueUrl: queue.url, MessageBody: 'b', ...IN_ORDER }));
  const started = async () => {
    const one = await QueueServer.start(data);
    const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
    const client = new SQSClient({
      region: 'us-east-1',
      credentials,
      endpoint: one.url,
      useQueueUrlAsEndpoint: false,
    });
    return { one, client, queue: one.create('aged.fifo', names) };
  };
  const first = await started();
  await sendTo(first.client, first.queue);
  await first.one.stop();
  later(240);
  const second = await started();
  await sendTo(second.client, second.queue);
  expect(total(second.queue)).toBe(1);
  later(61);
  await sendTo(second.client, second.queue);
  expect(total(second.queue)).toBe(2);
  await second.one.stop();
});

import { randomUUID } from 'node:crypto';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { depthsOf } from '../../cli/dead-letters/dead-letters.ts';
import { hiddenSeconds } from '../../cli/dead-letters/hold.ts';
import { isMeant, type Letter } from '../../cli/dead-letters/letter.ts';
import { look } from '../../cli/dead-letters/look.ts';
import { redrive } from '../../cli/dead-letters/redrive.ts';
import type { Target } from '../../cli/target/target.ts';
import { sha256 } from '../../functions/shared/runtime/hashes.ts';
import type { LocalQueue } from '../../local/queues/queue.ts';
import { QueueServer } from '../../local/queues/server.ts';
import { startDynamo } from './dynamo.ts';

let server: QueueServer;
let sqs: SQSClient;
let dynamo: Awaited<ReturnType<typeof startDynamo>>;
const queues: Record<string, LocalQueue> = {};
/** What stands between the command and SQS. */
let meet: (command: object) => Promise<void> | void = () => undefined;

const target = {
  get queues() {
    return Object.fromEntries(Object.entries(queues).map(([name, { url }]) => [name, url]));
  },
  client: { lineId: 'line', name: 'demo' },
  tables: { deliveries: 'deliveries', sends: 'sends' },
  sqs: {
    send: async (command: never) => {
      await meet(command);
      return sqs.send(command);
    },
  },
} as unknown as Target & { dynamodb: DynamoDBClient };

beforeAll(async () => {
  dynamo = await startDynamo('deliveries', 'sends');
  server = await QueueServer.start();
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  sqs = new SQSClient({ region: 'us-east-1', credentials, endpoint: server.url, useQueueUrlAsEndpoint: false });
  for (const name of ['work', 'work-dlq']) queues[name] = server.create(name, {});
  for (const name of ['sends', 'sends-dlq']) queues[name] = server.create(`${name}.fifo`, { FifoQueue: 'true' });
  Object.assign(target, { dynamodb: new DynamoDBClient({ credentials }) });
});
afterAll(async () => {
  await server.stop();
  await dynamo.stop();
});
afterEach(() => {
  vi.useRealTimers();
  meet = () => undefined;
  for (const queue of Object.values(queues)) queue.purge();
});

const put = async (
  queue: string,
  bodies: readonly string[],
  { group, attributes = {} }: { group?: (n: number) => string; attributes?: Readonly<Record<string, string>> } = {},
): Promise<void> => {
  const MessageAttributes = Object.fromEntries(
    Object.entries(attributes).map(([name, StringValue]) => [name, { DataType: 'String', StringValue }]),
  );
  for (let from = 0; from < bodies.length; from += 10) {
    const Entries = bodies.slice(from, from + 10).map((MessageBody, i) => ({
      Id: String(i),
      MessageBody,
      MessageAttributes,
      ...(group && { MessageGroupId: group(from + i), MessageDeduplicationId: randomUUID() }),
    }));
    await sqs.send(new SendMessageBatchCommand({ QueueUrl: queues[queue]?.url, Entries }));
  }
};
const numbered = (count: number): string[] => Array.from({ length: count }, (_, n) => `{"deliveryId":"d${n}"}`);
const idsOf = (letters: readonly Letter[]): string[] => letters.map(({ messageId }) => messageId);

describe('a look', () => {
  it('at two thousand letters shows each of them once, and hides none afterwards', async () => {
    await put('work-dlq', numbered(2000));
    const { letters, more } = await look(target, 'work-dlq');
    expect(new Set(letters.map(({ about }) => about)).size).toBe(2000);
    expect([letters.length, more]).toEqual([2000, 0]);
    expect(await depthsOf(target, 'work-dlq')).toEqual({ ready: 2000, held: 0 });
  }, 60_000);

  it('that is cut says about how many more there are', async () => {
    await put('work-dlq', numbered(35));
    const { letters, more } = await look(target, 'work-dlq', { max: 12 });
    expect([letters.length, more]).toEqual([12, 23]);
    expect(await depthsOf(target, 'work-dlq')).toEqual({ ready: 35, held: 0 });
  });

  it('at an ordered queue shows all of groups of their own; of one group ten at most, and how many stand behind', async () => {
    await put('sends-dlq', numbered(20), { group: String });
    await put('sends-dlq', numbered(14), { group: () => 'line' });
    const { letters, more } = await look(target, 'sends-dlq');
    expect([letters.length, more]).toEqual([30, 4]);
    expect(await depthsOf(target, 'sends-dlq')).toEqual({ ready: 34, held: 0 });
  });

  it('that is interrupted releases what it holds', async () => {
    await put('work-dlq', numbered(50));
    const controller = new AbortController();
    meet = (command) => {
      if (command instanceof ReceiveMessageCommand) controller.abort();
    };
    const { letters } = await look(target, 'work-dlq', { signal: controller.signal });
    expect(letters.length).toBeLessThan(50);
    expect(await depthsOf(target, 'work-dlq')).toEqual({ ready: 50, held: 0 });
  });

  it('whose answers fail in the middle says so and releases what it holds', async () => {
    await put('work-dlq', numbered(50));
    let receives = 0;
    meet = (command) => {
      if (command instanceof ReceiveMessageCommand && ++receives > 2) throw new Error('no answer');
    };
    await expect(look(target, 'work-dlq')).rejects.toThrow('no answer');
    expect(await depthsOf(target, 'work-dlq')).toEqual({ ready: 50, held: 0 });
  });

  it.each(['work-dlq', 'sends-dlq'])('that is killed hides nothing for longer than some seconds: %s', async (queue) => {
    await put(queue, numbered(30), queue === 'sends-dlq' ? { group: () => 'line' } : {});
    meet = (command) => {
      if (command instanceof ChangeMessageVisibilityBatchCommand) throw new Error('killed');
    };
    // The clock stands, however long the machine takes.
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() });
    await look(target, queue);
    expect((await depthsOf(target, queue)).held).toBeGreaterThan(0);
    const seconds = hiddenSeconds(30);
    expect(seconds).toBeLessThanOrEqual(6);
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + seconds * 1000 });
    queues[queue]?.processTimers();
    expect(await depthsOf(target, queue)).toEqual({ ready: 30, held: 0 });
  });

  it('so slow that letters come back meanwhile shows each once, and ends', async () => {
    await put('work-dlq', numbered(40));
    meet = (command) => {
      if (!(command instanceof ReceiveMessageCommand)) return;
      vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 10_000 });
    };
    const { letters, more } = await look(target, 'work-dlq');
    expect([new Set(idsOf(letters)).size, letters.length, more]).toEqual([40, 40, 0]);
  });

  it('and another one at once end both, each letter once in each, and say what the other one held', async () => {
    await put('work-dlq', numbered(300));
    const [one, two] = await Promise.all([look(target, 'work-dlq'), look(target, 'work-dlq')]);
    for (const { letters } of [one, two]) expect(new Set(idsOf(letters)).size).toBe(letters.length);
    expect(new Set([...idsOf(one.letters), ...idsOf(two.letters)]).size).toBe(300);
    expect(one.more + one.letters.length).toBeGreaterThanOrEqual(300);
    expect(await depthsOf(target, 'work-dlq')).toEqual({ ready: 300, held: 0 });
    expect((await redrive(target, 'work-dlq')).moved).toBe(300);
  }, 30_000);
});

describe('a redrive', () => {
  it('of one letter, of what it is about, or of a reason moves no other, and holds none afterwards', async () => {
    await put('work-dlq', numbered(40), { attributes: { reason: 'sink_400: no' } });
    await put('work-dlq', ['{"deliveryId":"late"}'], { attributes: { reason: 'sink_401: no' } });
    await put(
      'work-dlq',
      ['L-1', 'L-2'].map((id) => JSON.stringify({ source: 'custom', event: { id } })),
    );
    const { letters } = await look(target, 'work-dlq');
    const [first] = letters;
    const only = async (words = '') => {
      const { moved } = await redrive(target, 'work-dlq', { wanted: isMeant(words) });
      return [moved, await depthsOf(target, 'work-dlq')];
    };
    expect(await only('L-2')).toEqual([1, { ready: 42, held: 0 }]);
    expect(await only('event of custom: L-1')).toEqual([1, { ready: 41, held: 0 }]);
    expect(await only(first?.messageId)).toEqual([1, { ready: 40, held: 0 }]);
    expect(await only('delivery late')).toEqual([1, { ready: 39, held: 0 }]);
    expect(await only('delivery late')).toEqual([0, { ready: 39, held: 0 }]);
    expect(await only('sink_400')).toEqual([39, { ready: 0, held: 0 }]);
  });

  it('moves no more than its limit, however many are passed by', async () => {
    await put('work-dlq', numbered(15), { attributes: { reason: 'a: no' } });
    await put('work-dlq', numbered(15), { attributes: { reason: 'b: no' } });
    const { moved } = await redrive(target, 'work-dlq', { max: 4, wanted: isMeant('b') });
    expect([moved, await depthsOf(target, 'work-dlq')]).toEqual([4, { ready: 26, held: 0 }]);
  });

  it('and another one at once move each letter once', async () => {
    await put('work-dlq', numbered(60));
    const moved = await Promise.all([redrive(target, 'work-dlq'), redrive(target, 'work-dlq')]);
    expect(moved.reduce((sum, one) => sum + one.moved, 0)).toBe(60);
    expect([await depthsOf(target, 'work-dlq'), (await depthsOf(target, 'work')).ready]).toEqual([
      { ready: 0, held: 0 },
      60,
    ]);
  });

  it.each(['work-dlq', 'sends-dlq'])('says how many another one holds who began after it: %s', async (queue) => {
    await put(queue, numbered(30), queue === 'sends-dlq' ? { group: String } : {});
    const QueueUrl = queues[queue]?.url;
    let began = false;
    meet = async (command) => {
      if (began || !(command instanceof ReceiveMessageCommand)) return;
      began = true;
      await sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 7, VisibilityTimeout: 600 }));
    };
    const { seen, more, held } = await redrive(target, queue, { wanted: () => queue === 'work-dlq' });
    expect([seen, more]).toEqual([23, 7]);
    // Of an ordered queue it is not told from what stands behind.
    expect(held).toBe(queue === 'work-dlq' ? 7 : 0);
  });

  it('counts how often a letter was put back, and leaves one that died each time, unless it is named', async () => {
    await put('work-dlq', ['{"deliveryId":"poison"}']);
    for (const times of [1, 2, 3]) {
      expect((await redrive(target, 'work-dlq')).moved).toBe(1);
      const [message] = queues.work?.inspectMessages().ready ?? [];
      if (!message) throw new Error('nothing was moved');
      expect(message.messageAttributes.redriven).toMatchObject({ StringValue: String(times) });
      // It dies again: SQS moves it with its attributes.
      queues.work?.purge();
      queues['work-dlq']?.enqueue({ ...message, messageId: randomUUID() });
    }
    expect((await look(target, 'work-dlq')).letters).toMatchObject([{ redriven: 3 }]);
    const { moved, left } = await redrive(target, 'work-dlq');
    expect([moved, left]).toEqual([0, [expect.objectContaining({ why: expect.stringContaining('died each time') })]]);
    expect((await redrive(target, 'work-dlq', { wanted: isMeant('delivery poison'), again: true })).moved).toBe(1);
  });

  it('moves one of letters that are alike, and names the others', async () => {
    await put('work-dlq', Array(3).fill('{"deliveryId":"twin"}'));
    const stayed: number[] = [];
    for (let n = 0; n < 3; n += 1) {
      const { moved, left } = await redrive(target, 'work-dlq');
      expect([moved, new Set(left.map(({ about }) => about))]).toEqual([
        1,
        new Set(left.length ? ['delivery twin'] : []),
      ]);
      stayed.push(left.length);
    }
    expect(stayed).toEqual([2, 1, 0]);
  });

  it('that is interrupted has moved whole letters, and releases the others', async () => {
    await put('work-dlq', numbered(20));
    const controller = new AbortController();
    let deleted = 0;
    meet = (command) => {
      if (command instanceof DeleteMessageCommand && ++deleted === 3) controller.abort();
    };
    expect((await redrive(target, 'work-dlq', { signal: controller.signal })).moved).toBe(3);
    expect(await depthsOf(target, 'work-dlq')).toEqual({ ready: 17, held: 0 });
    expect(await depthsOf(target, 'work')).toEqual({ ready: 3, held: 0 });
  });
});

describe('a letter that is dropped', () => {
  const hand = { by: 'dana', because: 'a test of the form' };
  // After the environment is set, in which the table's own module makes its client.
  const dropping = () => import('../../cli/dead-letters/drop.ts');
  const rows = async () => (await dropping()).droppedLetters(target);
  const drop = async (wanted: (letter: Letter) => boolean, more = {}) =>
    (await dropping()).drop(target, 'work-dlq', wanted, { ...hand, ...more });

  it('is kept with who, when, why and what before it is deleted, and nothing of its body', async () => {
    const body = { deliveryId: 'kept-1', item: { kind: 'message', text: 'secret text', phone: '+972501234567' } };
    await put('work-dlq', [JSON.stringify(body), '{"deliveryId":"other"}'], { attributes: { reason: 'sink_400: no' } });
    expect(await drop(isMeant('delivery kept-1'))).toMatchObject({ dropped: 1, left: [] });
    expect((await look(target, 'work-dlq')).letters).toMatchObject([{ about: 'delivery other' }]);
    const [row] = (await rows()).filter(({ about }) => about === 'delivery kept-1');
    expect(row).toMatchObject({ queue: 'work-dlq', code: 'sink_400', state: 'DROPPED', ...hand });
    expect((row?.expiresAt ?? 0) - Date.now() / 1000).toBeGreaterThan(60 * 24 * 3600);
    expect(JSON.stringify(row)).not.toMatch(/secret text|501234567/);
  });

  it('stays where nobody could note it', async () => {
    await put('work-dlq', numbered(1));
    const { dynamodb } = target;
    const refused = { send: () => Promise.reject(new Error('no table')) };
    Object.assign(target, { dynamodb: refused });
    await expect(drop(() => true)).rejects.toThrow('no table');
    Object.assign(target, { dynamodb });
    expect(await depthsOf(target, 'work-dlq')).toEqual({ ready: 1, held: 0 });
  });

  it('is noted and there after a crash between the two, and the same again ends it, by whoever meant it first', async () => {
    await put('work-dlq', ['{"deliveryId":"crash"}']);
    meet = (command) => {
      if (command instanceof DeleteMessageCommand) throw new Error('crash');
    };
    await expect(drop(() => true)).rejects.toThrow('crash');
    const ofIt = async () => (await rows()).filter(({ about }) => about === 'delivery crash');
    expect(await ofIt()).toMatchObject([{ state: 'NOTED', by: 'dana' }]);
    expect(await depthsOf(target, 'work-dlq')).toEqual({ ready: 1, held: 0 });
    meet = () => undefined;
    expect(await drop(() => true, { by: 'noa' })).toMatchObject({ dropped: 1 });
    expect(await ofIt()).toMatchObject([{ state: 'DROPPED', by: 'dana' }]);
    expect(await depthsOf(target, 'work-dlq')).toEqual({ ready: 0, held: 0 });
  });

  describe('of a message for the line', () => {
    const [asOf, usefulUntil] = ['2026-11-22T10:00:00.000Z', '2026-11-23T10:00:00.000Z'];
    const told = (key: string, text = 'a') => ({
      key,
      template: 'order-ready',
      asOf,
      usefulUntil,
      outcome: { path: '/messages/text', body: JSON.stringify({ text }) },
    });
    const ledger = async () => {
      const { Ledger } = await import('../../functions/shared/ledger/ledger.ts');
      return new Ledger('sends', { now: Date.now, newOwner: randomUUID });
    };
    /** As the sender leaves it. */
    const stands = async (key: string, settlement: object) => {
      const { outcome, ...command } = told(key);
      const bodyHash = sha256(JSON.stringify(outcome));
      const claim = await (await ledger()).claim({ ...command, lineId: 'line', bodyHash });
      if (typeof claim === 'string') throw new Error(claim);
      await (await ledger()).settle(claim.record, { attempts: 0, ...settlement } as never);
    };
    const standing = async (key: string) => (await ledger()).read('line', key);
    const dropOf = async (key: string, text?: string) => {
      await put('sends-dlq', [JSON.stringify(told(key, text))], { group: String });
      return (await dropping()).drop(target, 'sends-dlq', isMeant(key), hand);
    };

    it('that waits takes it back in the ledger, before it is deleted: nothing else would end it', async () => {
      await stands('order:1:ready', { state: 'HELD', parked: true, reason: 'burst_guard' });
      meet = (command) => {
        if (command instanceof DeleteMessageCommand) throw new Error('crash');
      };
      await expect(dropOf('order:1:ready')).rejects.toThrow('crash');
      const record = await standing('order:1:ready');
      expect(record).toMatchObject({
        state: 'REJECTED',
        reason: 'dropped',
        dropped: { by: 'dana', reason: hand.because },
      });
      expect([record?.parked, record?.waits]).toEqual([undefined, undefined]);
      meet = () => undefined;
      expect(await (await dropping()).drop(target, 'sends-dlq', () => true, hand)).toMatchObject({
        dropped: 1,
        takenBack: 0,
      });
      await stands('order:2:ready', { state: 'HELD', reason: 'line_disconnected' });
      expect(await dropOf('order:2:ready')).toMatchObject({ dropped: 1, takenBack: 1 });
    });

    it('stays where the ledger cannot be asked', async () => {
      const { tables } = target;
      Object.assign(target, { tables: { ...tables, sends: 'none' } });
      await expect(dropOf('order:3:ready')).rejects.toThrow();
      Object.assign(target, { tables });
      expect(await depthsOf(target, 'sends-dlq')).toEqual({ ready: 1, held: 0 });
    });

    it('changes nothing of what left or may have, nor of what waits with other bytes', async () => {
      const firstAttemptAt = Date.now();
      await stands('order:4:ready', { state: 'ACCEPTED', firstAttemptAt });
      await stands('order:5:ready', { state: 'UNKNOWN', parked: true, firstAttemptAt });
      await stands('order:6:ready', { state: 'HELD', parked: true });
      expect(await dropOf('order:4:ready')).toMatchObject({ dropped: 1, takenBack: 0 });
      expect(await dropOf('order:5:ready')).toMatchObject({ dropped: 1, takenBack: 0 });
      expect(await dropOf('order:6:ready', 'b')).toMatchObject({ dropped: 1, takenBack: 0 });
      const states = await Promise.all(['4', '5', '6'].map((n) => standing(`order:${n}:ready`)));
      expect(states.map((record) => record?.state)).toEqual(['ACCEPTED', 'UNKNOWN', 'HELD']);
    });
  });

  it('is not said to be dropped where it was back before it could be deleted', async () => {
    const { drop: dropIn } = await dropping();
    await put('sends-dlq', ['x'], { group: () => 'line' });
    meet = (command) => {
      if (!(command instanceof DeleteMessageCommand)) return;
      vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 40_000 });
    };
    const { dropped, left } = await dropIn(target, 'sends-dlq', () => true, hand, { max: 1 });
    expect([dropped, left.length]).toEqual([0, 1]);
    expect((await depthsOf(target, 'sends-dlq')).ready).toBe(1);
  });
});

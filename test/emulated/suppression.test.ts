import { once } from 'node:events';
import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { DynamoDBClient, PutItemCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { MessageItem } from '../../functions/shared/ezwhatsapp/events.ts';
import { contactHash } from '../../functions/shared/people/contact-hash.ts';
import type { SuppressionList } from '../../functions/shared/people/suppression.ts';
import { decode, encode } from '../../functions/shared/runtime/attributes.ts';
import { startDynamo } from './dynamo.ts';

let stop: () => Promise<void>;
let proxy: Server;
let list: SuppressionList;
let dynamo: DynamoDBClient;
let number = 0;
/** Runs after the next write took effect and before its answer, which is lost. */
let loseNextAnswer: (() => Promise<void>) | undefined;

/** Between the SDK and DynamoDB: takes a write, and loses the answer. */
const losing = (to: string): Server =>
  createServer(async (incoming, answer) => {
    const body = Buffer.concat(await incoming.toArray());
    const lost = String(incoming.headers['x-amz-target']).endsWith('UpdateItem') ? loseNextAnswer : undefined;
    if (lost) loseNextAnswer = undefined;
    const { method, headers, url } = incoming;
    const outgoing = request(to + url, { method, headers }, async (response) => {
      const bytes = Buffer.concat(await response.toArray());
      if (!lost) return answer.writeHead(response.statusCode ?? 500, response.headers).end(bytes);
      await lost();
      return incoming.socket.destroy();
    });
    outgoing.end(body);
  });

beforeAll(async () => {
  ({ stop } = await startDynamo());
  dynamo = new DynamoDBClient({});
  await dynamo.send(new ScanCommand({ TableName: 'contacts' }));
  proxy = losing(process.env.AWS_ENDPOINT_URL_DYNAMODB ?? '').listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  process.env.AWS_ENDPOINT_URL_DYNAMODB = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  const module = await import('../../functions/shared/people/suppression.ts');
  list = new module.SuppressionList({ table: 'contacts', salt: async () => 'salt' });
});
afterAll(async () => {
  proxy.closeAllConnections();
  await new Promise((resolve) => proxy.close(resolve));
  await stop();
});

const newPhone = (): string => {
  number += 1;
  return `+97250123${String(number).padStart(4, '0')}`;
};
const at = (second: number): string => `2026-11-22T10:00:${String(second).padStart(2, '0')}.000Z`;
const pkOf = (phone: string, kind = 'suppressed'): string => `${kind}#${contactHash('salt', phone)}`;
const rowsOf = async (phone: string): Promise<Record<string, unknown>[]> => {
  const { Items = [] } = await dynamo.send(new ScanCommand({ TableName: 'contacts' }));
  return Items.map(decode).filter(({ pk }) => String(pk).endsWith(contactHash('salt', phone)));
};

interface Said {
  readonly stop: boolean;
  readonly second: number;
}
const say = (phone: string, said: Said): Promise<void> =>
  said.stop ? list.suppress(phone, at(said.second), 'said_stop') : list.unsuppress(phone, at(said.second));
/** What must be so after these words: the last one counts, and of several at one time a stop. */
const lastOf = (words: readonly Said[]): Said =>
  words.reduce((a, b) => (b.second > a.second || (b.second === a.second && b.stop) ? b : a));

const words = fc.array(fc.record({ stop: fc.boolean(), second: fc.nat(4) }), { minLength: 1, maxLength: 6 });

describe('of stop and start words the one that was said last counts, and at the same time stop', () => {
  it('in any order of arrival', async () => {
    await fc.assert(
      fc.asyncProperty(words, async (said) => {
        const phone = newPhone();
        for (const word of said) await say(phone, word);
        expect(await list.isSuppressed(phone)).toBe(lastOf(said).stop);
        expect(await rowsOf(phone)).toMatchObject([
          { said: lastOf(said).stop ? 'stop' : 'start', at: at(lastOf(said).second) },
        ]);
      }),
      { numRuns: 60 },
    );
  });

  it('in every order of three words', async () => {
    const said = [
      { stop: false, second: 1 },
      { stop: true, second: 11 },
      { stop: false, second: 11 },
    ];
    const orders = [
      [0, 1, 2],
      [0, 2, 1],
      [1, 0, 2],
      [1, 2, 0],
      [2, 0, 1],
      [2, 1, 0],
    ];
    for (const order of orders) {
      const phone = newPhone();
      for (const i of order) await say(phone, said[i] as Said);
      expect([order, await list.isSuppressed(phone)]).toEqual([order, true]);
    }
  });

  it('from many writers at once, twice each', async () => {
    await fc.assert(
      fc.asyncProperty(words, async (said) => {
        const phone = newPhone();
        await Promise.all([...said, ...said].map((word) => say(phone, word)));
        expect(await list.isSuppressed(phone)).toBe(lastOf(said).stop);
        expect(await rowsOf(phone)).toHaveLength(1);
      }),
      { numRuns: 60 },
    );
  });

  it('for START and STOP ten seconds later at once, two hundred times', async () => {
    for (let round = 0; round < 10; round += 1) {
      const phones = Array.from({ length: 20 }, newPhone);
      const both = [
        { stop: false, second: 0 },
        { stop: true, second: 10 },
      ];
      await Promise.all(phones.flatMap((phone) => both.map((word) => say(phone, word))));
      expect(await Promise.all(phones.map((phone) => list.isSuppressed(phone)))).toEqual(phones.map(() => true));
    }
  });
});

describe('a write whose answer is lost, so that the SDK repeats it,', () => {
  it.each([true, false])('is noted (stop: %s)', async (stopped) => {
    const phone = newPhone();
    await say(phone, { stop: !stopped, second: 1 });
    loseNextAnswer = async () => undefined;
    await say(phone, { stop: stopped, second: 2 });
    expect(loseNextAnswer).toBeUndefined();
    expect(await rowsOf(phone)).toMatchObject([{ said: stopped ? 'stop' : 'start', at: at(2) }]);
  });

  it.each([true, false])('undoes no later word that came between the two (stop: %s)', async (stopped) => {
    const phone = newPhone();
    loseNextAnswer = () => say(phone, { stop: !stopped, second: 3 });
    await say(phone, { stop: stopped, second: 2 });
    expect(await rowsOf(phone)).toMatchObject([{ said: stopped ? 'start' : 'stop', at: at(3) }]);
  });
});

describe('after an upgrade', () => {
  const oldRow = (item: object) => dynamo.send(new PutItemCommand({ TableName: 'contacts', Item: encode(item) }));

  it('who said stop before stays stopped, until a later start', async () => {
    const phone = newPhone();
    await oldRow({ pk: pkOf(phone), reason: 'said_stop', at: at(5) });
    expect(await list.isSuppressed(phone)).toBe(true);
    await list.unsuppress(phone, at(4));
    expect(await list.isSuppressed(phone)).toBe(true);
    await list.unsuppress(phone, at(6));
    expect(await list.isSuppressed(phone)).toBe(false);
  });

  it('who said start before is written to, until a stop', async () => {
    const phone = newPhone();
    await oldRow({ pk: pkOf(phone, 'started'), at: at(5) });
    expect(await list.isSuppressed(phone)).toBe(false);
    await list.suppress(phone, at(6), 'said_stop');
    expect(await list.isSuppressed(phone)).toBe(true);
  });
});

describe('what a message says is kept by all that it names its writer by', () => {
  const item = (second: number, over: Partial<MessageItem>): MessageItem => ({
    kind: 'message',
    id: 'm',
    conversation: 'c',
    fromMe: false,
    individual: true,
    type: 'text',
    at: at(second),
    ...over,
  });

  it.each([
    ['with the number', 'without it', true],
    ['without the number', 'with it', false],
  ])('a stop %s, then a message %s in the same conversation', async (_, __, numberFirst) => {
    const conversation = `conv-${newPhone()}`;
    const [named, unnamed] = [item(1, { conversation, phone: newPhone() }), item(1, { conversation })];
    await list.hear('line', numberFirst ? named : unnamed, 'stop');
    expect([await list.isSilent('line', named), await list.isSilent('line', unnamed)]).toEqual([true, true]);
    expect(await list.isSuppressed(named.phone ?? '')).toBe(numberFirst);
    expect(await list.isSuppressed(`line:${conversation}`)).toBe(true);
    expect(await list.isSilent('line', item(1, { conversation: 'conv-other' }))).toBe(false);
    await list.hear('line', { ...named, at: at(2) }, 'start');
    expect([await list.isSilent('line', named), await list.isSilent('line', unnamed)]).toEqual([false, false]);
  });

  it('a stop from another conversation of the same number holds in this one, until a later start', async () => {
    const phone = newPhone();
    await list.hear('line', item(1, { conversation: `a-${phone}`, phone }), 'stop');
    const here = item(2, { conversation: `b-${phone}`, phone });
    expect(await list.isSilent('line', here)).toBe(true);
    await list.hear('line', here, 'start');
    expect(await list.isSilent('line', here)).toBe(false);
  });

  it('whoever counts people tells the rows of conversations by their reason', async () => {
    const [phone, conversation] = [newPhone(), `conv-${newPhone()}`];
    await list.hear('line', item(1, { conversation, phone }), 'stop');
    expect(await rowsOf(phone)).toMatchObject([{ reason: 'said_stop' }]);
    expect(await rowsOf(`line:${conversation}`)).toMatchObject([{ reason: 'said_stop_in_conversation' }]);
  });

  it('a stop that an earlier release kept under the digits of a privacy id holds, until a later start', async () => {
    const privacyId = '4639135154399';
    await list.suppress(`+${privacyId}`, at(1), 'said_stop');
    const theirs = item(2, { conversation: 'conv-lid-old', privacyId });
    expect(await list.isSilent('line', theirs)).toBe(true);
    await list.hear('line', theirs, 'start');
    expect(await list.isSilent('line', theirs)).toBe(false);
  });
});

it('what people look for stands in the row: the last word, its time, why, and no number', async () => {
  const phone = newPhone();
  await list.suppress(phone, '2026-11-22T12:00:00+02:00', 'said_stop');
  expect(await rowsOf(phone)).toEqual([{ pk: pkOf(phone), said: 'stop', at: at(0), reason: 'said_stop' }]);
  await list.unsuppress(phone, at(1));
  expect(await rowsOf(phone)).toEqual([{ pk: pkOf(phone), said: 'start', at: at(1), reason: 'said_start' }]);
});

it.each([
  ['525512345678', '5215512345678'],
  ['541123456789', '5491123456789'],
  ['5511987654321', '551187654321'],
])('%s and %s are one phone: a stop from either holds for both, and so does a later start', async (one, other) => {
  for (const [second, said, sentTo] of [
    [1, `+${one}`, `+${other}`],
    [3, `+${other}`, `+${one}`],
  ] as const) {
    await list.suppress(said, at(second), 'said_stop');
    expect([await list.isSuppressed(said), await list.isSuppressed(sentTo)]).toEqual([true, true]);
    await list.unsuppress(sentTo, at(second + 1));
    expect([await list.isSuppressed(said), await list.isSuppressed(sentTo)]).toEqual([false, false]);
  }
});

import { once } from 'node:events';
import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { DynamoDBClient, PutItemCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ChatItem, MessageItem } from '../../functions/shared/ezwhatsapp/events.ts';
import { contactHash } from '../../functions/shared/people/contact-hash.ts';
import type { OptOut } from '../../functions/shared/people/opt-out.ts';
import type { isOneTooMany, People, Who } from '../../functions/shared/people/people.ts';
import { decode, encode } from '../../functions/shared/runtime/attributes.ts';
import { startDynamo } from './dynamo.ts';

let stop: () => Promise<void>;
let proxy: Server;
let people: People;
let tooMany: typeof isOneTooMany;
let dynamo: DynamoDBClient;
let number = 0;
/** Writes that reached the table. */
let writes = 0;
/** Runs before the next write that lets a name stand for a person. */
let beforeNextLink: (() => Promise<unknown>) | undefined;
/** Runs after the next write took effect and before its answer, which is lost. */
let loseNextAnswer: (() => Promise<void>) | undefined;

/** Between the SDK and DynamoDB: takes a write, and loses the answer. */
const losing = (to: string): Server =>
  createServer(async (incoming, answer) => {
    const body = Buffer.concat(await incoming.toArray());
    const isWrite = String(incoming.headers['x-amz-target']).endsWith('UpdateItem');
    if (isWrite) writes += 1;
    if (isWrite && beforeNextLink && String(body).includes('#person')) {
      const before = beforeNextLink;
      beforeNextLink = undefined;
      await before();
    }
    const lost = isWrite ? loseNextAnswer : undefined;
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
  const module = await import('../../functions/shared/people/people.ts');
  tooMany = module.isOneTooMany;
  people = new module.People({ table: 'contacts', salt: async () => 'salt', now: () => Date.parse(at(0)) });
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
const whoHas = (phone: string): Who => ({ person: pkOf(phone), names: [], older: [] });
const hear = (phone: string, word: OptOut, second: number) => people.hear(whoHas(phone), word, at(second));
const say = (phone: string, { stop, second }: Said) => hear(phone, stop ? 'stop' : 'start', second);
const isStopped = async (recipient: string): Promise<boolean> => (await people.read(recipient)).stopped;
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
        expect(await isStopped(phone)).toBe(lastOf(said).stop);
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
      expect([order, await isStopped(phone)]).toEqual([order, true]);
    }
  });

  it('from many writers at once, twice each', async () => {
    await fc.assert(
      fc.asyncProperty(words, async (said) => {
        const phone = newPhone();
        await Promise.all([...said, ...said].map((word) => say(phone, word)));
        expect(await isStopped(phone)).toBe(lastOf(said).stop);
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
      expect(await Promise.all(phones.map((phone) => isStopped(phone)))).toEqual(phones.map(() => true));
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
    loseNextAnswer = async () => {
      await say(phone, { stop: !stopped, second: 3 });
    };
    await say(phone, { stop: stopped, second: 2 });
    expect(await rowsOf(phone)).toMatchObject([{ said: stopped ? 'start' : 'stop', at: at(3) }]);
  });
});

describe('after an upgrade', () => {
  const oldRow = (item: object) => dynamo.send(new PutItemCommand({ TableName: 'contacts', Item: encode(item) }));

  it('who said stop before stays stopped, until a later start', async () => {
    const phone = newPhone();
    await oldRow({ pk: pkOf(phone), reason: 'said_stop', at: at(5) });
    expect(await isStopped(phone)).toBe(true);
    await hear(phone, 'start', 4);
    expect(await isStopped(phone)).toBe(true);
    await hear(phone, 'start', 6);
    expect(await isStopped(phone)).toBe(false);
  });

  it('who said start before is written to, until a stop', async () => {
    const phone = newPhone();
    await oldRow({ pk: pkOf(phone, 'started'), at: at(5) });
    expect(await isStopped(phone)).toBe(false);
    await hear(phone, 'stop', 6);
    expect(await isStopped(phone)).toBe(true);
  });
});

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
const chat = (over: Partial<ChatItem>): ChatItem => ({ kind: 'chat', id: 'x', individual: true, at: at(0), ...over });
const meet = (one: MessageItem | ChatItem) => people.meet('line', one);
const says = async (word: OptOut, one: MessageItem) => people.hear(await meet(one), word, one.at);
const isSilent = async (one: MessageItem) => people.isSilent(await meet(one));

describe('what a message says is kept by all that it names its writer by', () => {
  it.each([
    ['with the number', 'without it', true],
    ['without the number', 'with it', false],
  ])('a stop %s, then a message %s in the same conversation', async (_, __, numberFirst) => {
    const conversation = `conv-${newPhone()}`;
    const [named, unnamed] = [item(1, { conversation, phone: newPhone() }), item(1, { conversation })];
    expect(await says('stop', numberFirst ? named : unnamed)).toBe(numberFirst);
    expect(await isStopped(named.phone ?? '')).toBe(numberFirst);
    expect([await isSilent(named), await isSilent(unnamed)]).toEqual([true, true]);
    expect(await isStopped(`line:${conversation}`)).toBe(true);
    expect(await isSilent(item(1, { conversation: 'conv-other' }))).toBe(false);
    await says('start', { ...named, at: at(2) });
    expect([await isSilent(named), await isSilent(unnamed)]).toEqual([false, false]);
  });

  it('a stop from another conversation of the same number holds in this one, until a later start', async () => {
    const phone = newPhone();
    await says('stop', item(1, { conversation: `a-${phone}`, phone }));
    const here = item(2, { conversation: `b-${phone}`, phone });
    expect(await isSilent(here)).toBe(true);
    await says('start', here);
    expect(await isSilent(here)).toBe(false);
  });

  it('whoever counts people tells the rows of conversations by their reason', async () => {
    const [phone, conversation] = [newPhone(), `conv-${newPhone()}`];
    await says('stop', item(1, { conversation, phone }));
    expect(await rowsOf(phone)).toMatchObject([{ reason: 'said_stop' }]);
    expect(await rowsOf(`line:${conversation}`)).toMatchObject([{ reason: 'said_stop_in_conversation' }]);
  });

  it('a stop that an earlier release kept under the digits of a privacy id holds, until a later start', async () => {
    const privacyId = '4639135154399';
    await hear(`+${privacyId}`, 'stop', 1);
    const theirs = item(2, { conversation: 'conv-lid-old', privacyId });
    expect(await isSilent(theirs)).toBe(true);
    await says('start', theirs);
    expect(await isSilent(theirs)).toBe(false);
  });

  it('and is handed on to the number when that is told', async () => {
    const [phone, privacyId] = [newPhone(), '4639135154398'];
    await hear(`+${privacyId}`, 'stop', 1);
    await meet(item(2, { conversation: 'conv-lid-told', privacyId, phone }));
    expect(await isStopped(phone)).toBe(true);
  });
});

describe('digits that are known to be a privacy id are nobody’s number', () => {
  it.each([
    ['of a person whose number is known', true],
    ['of whom nothing else is known', false],
  ])('%s, wherever they stand afterwards', async (_, isTied) => {
    const [phone, conversation, privacyId] = [newPhone(), `conv-${newPhone()}`, `4639135${newPhone().slice(-6)}`];
    await meet(item(1, { conversation, privacyId, ...(isTied && { phone }) }));
    const bare = item(2, { conversation: `bare-${conversation}`, phone: `+${privacyId}` });
    const who = await meet(bare);
    expect(who).toMatchObject({ privacyId, person: isTied ? pkOf(phone) : undefined });
    const { withoutPrivate } = await import('../../functions/shared/people/people.ts');
    expect(withoutPrivate(bare, who)).toEqual({ ...item(2, { conversation: bare.conversation }), privacyId });
    await people.hear(who, 'stop', at(3));
    expect(await isStopped(phone)).toBe(isTied);
    // Also where the body before named none of it: the conversation is theirs from then on.
    expect((await meet(item(4, { conversation: bare.conversation }))).person).toBe(isTied ? pkOf(phone) : undefined);
    if (!isTied) await meet(item(5, { conversation, privacyId, phone }));
    expect(await isStopped(phone)).toBe(true);
  });

  it('a number is no privacy id for being in a conversation with one', async () => {
    const [phone, conversation, privacyId] = [newPhone(), `conv-${newPhone()}`, `4639135${newPhone().slice(-6)}`];
    await meet(item(1, { conversation, privacyId }));
    await meet(item(2, { conversation, phone }));
    expect(await meet(item(3, { conversation, phone }))).not.toHaveProperty('privacyId');
  });

  it.each([
    ['first the privacy id, then the number', true],
    ['first the number, then the privacy id', false],
  ])('in one conversation, %s: either is found by the other afterwards, wherever', async (_, hiddenFirst) => {
    const [phone, conversation, privacyId] = [newPhone(), `conv-${newPhone()}`, `4639135${newPhone().slice(-6)}`];
    const both = [item(1, { conversation, privacyId }), item(1, { conversation, phone })];
    for (const one of hiddenFirst ? both : both.reverse()) await meet(one);
    expect(await says('stop', item(2, { conversation: `${privacyId}@lid`, privacyId }))).toBe(true);
    expect(await isStopped(phone)).toBe(true);
  });

  it('the two at once, a hundred times: both are found by either', async () => {
    for (let i = 0; i < 100; i += 1) {
      const [phone, conversation, privacyId] = [newPhone(), `conv-${newPhone()}`, `4639135${newPhone().slice(-6)}`];
      await Promise.all([item(1, { conversation, privacyId }), item(1, { conversation, phone })].map(meet));
      expect((await meet(item(2, { conversation: `${privacyId}@lid`, privacyId }))).person).toBe(pkOf(phone));
    }
  });

  it('a stop in a conversation that a privacy id was seen in is that one’s, and the number’s once it is told', async () => {
    const [phone, privacyId] = [newPhone(), `4639135${newPhone().slice(-6)}`];
    await meet(chat({ id: `${privacyId}@lid`, conversationId: `a-${phone}`, privacyId }));
    await says('stop', item(2, { conversation: `a-${phone}` }));
    expect(await isSilent(item(3, { conversation: `b-${phone}`, privacyId }))).toBe(true);
    await meet(item(4, { conversation: `b-${phone}`, privacyId, phone }));
    expect(await isStopped(phone)).toBe(true);
    // Afterwards each of the two conversations leads to the number.
    for (const conversation of [`a-${phone}`, `b-${phone}`]) {
      expect((await meet(item(5, { conversation }))).person).toBe(pkOf(phone));
    }
  });

  it('is noted by a write for each of two names when it is new, and none afterwards, and is forgotten after two years', async () => {
    const unknown = item(1, { conversation: `conv-${newPhone()}`, privacyId: `4639135${newPhone().slice(-6)}` });
    writes = 0;
    await meet(unknown);
    await meet(unknown);
    expect(writes).toBe(2);
    const [row] = await rowsOf(`+${unknown.privacyId}`);
    expect(row).toMatchObject({ isPrivate: true, said: 'start' });
    expect(row).toHaveProperty('expiresAt');
  });

  it('what names no conversation is no name of anybody', async () => {
    const [phone, privacyId] = [newPhone(), `4639135${newPhone().slice(-6)}`];
    await meet(item(1, { conversation: `conv-${phone}`, privacyId, phone }));
    await meet(item(2, { conversation: 'unknown', privacyId }));
    expect((await meet(item(3, { conversation: 'unknown' }))).person).toBeUndefined();
  });

  it('a privacy id that comes with another number is an account that changed it: a stop goes with it, a start does not', async () => {
    const [first, second, third, privacyId] = [newPhone(), newPhone(), newPhone(), `4639135${newPhone().slice(-6)}`];
    const of = (phone: string, second: number) => item(second, { conversation: `conv-${phone}`, privacyId, phone });
    await says('stop', of(first, 1));
    await meet(of(second, 2));
    expect([await isStopped(first), await isStopped(second)]).toEqual([true, true]);
    await says('start', of(second, 3));
    expect([await isStopped(first), await isStopped(second)]).toEqual([true, false]);
    await hear(third, 'stop', 2);
    await meet(of(third, 4));
    expect(await isStopped(third)).toBe(true);
  });

  it.each([
    ['stop, and it goes with the account', ['stop'], true],
    ['start: that is no word about another number', ['start'], false],
    ['stop and then start', ['stop', 'start'], false],
    ['start and then stop', ['start', 'stop'], true],
  ] as const)('where they said by their number alone: %s', async (_, said, stopped) => {
    const [first, second, privacyId] = [newPhone(), newPhone(), `4639135${newPhone().slice(-6)}`];
    const hidden = { privacyId, conversation: `${privacyId}@lid` };
    await meet(item(1, { ...hidden, phone: first }));
    for (const [i, word] of said.entries())
      await says(word, item(2 + i, { conversation: `${first}@s.whatsapp.net`, phone: first }));
    await meet(item(9, { ...hidden, phone: second }));
    expect(await isStopped(second)).toBe(stopped);
  });
});

const lidOf = (phone: string) => ({ privacyId: `4639135${phone.slice(-6)}`, conversation: `conv-${phone}` });

describe('a number that the documented field alone tells beside a privacy id may be the line’s own', () => {
  /** Two people under one number. */
  const two = async () => {
    const [phone, other] = [newPhone(), newPhone()];
    const of = (whose: string, second: number) => item(second, { ...lidOf(whose), phone, isUnsure: true });
    expect(await meet(of(phone, 1))).toMatchObject({ person: pkOf(phone), isShared: false });
    return { phone, other, of };
  };

  it('so of a second privacy id it names nobody: that one is a person by it alone, from then on and as a chat too', async () => {
    const { phone, other, of } = await two();
    const who = await meet(of(other, 2));
    expect(who).toMatchObject({ person: undefined, privacyId: lidOf(other).privacyId, shared: pkOf(phone) });
    const { withoutPrivate } = await import('../../functions/shared/people/people.ts');
    expect(withoutPrivate(of(other, 2), who)).not.toHaveProperty('phone');
    const { privacyId } = lidOf(other);
    await meet(chat({ id: `${privacyId}@lid`, privacyId, phone, isUnsure: true }));
    expect((await meet(item(3, lidOf(other)))).person).toBeUndefined();
    expect((await meet(of(phone, 4))).person).toBe(pkOf(phone));
    await says('stop', item(5, lidOf(phone)));
    expect(await isSilent(item(6, lidOf(other)))).toBe(false);
  });

  it('but no stop is lost: it stands under the privacy id and under the number, and people are told; so does a later start', async () => {
    const { phone, other, of } = await two();
    expect(await says('stop', of(other, 2))).toBe(false);
    expect(await isStopped(phone)).toBe(true);
    expect(await isSilent(item(3, { ...lidOf(other), conversation: `later-${other}` }))).toBe(true);
    expect(await says('start', of(other, 4))).toBe(false);
    expect([await isStopped(phone), await isSilent(item(5, lidOf(other)))]).toEqual([false, false]);
  });

  it('a stop of the first one holds automatic answers back from the second, and is not shown as theirs', async () => {
    const { phone, other, of } = await two();
    await says('stop', item(2, lidOf(phone)));
    const who = await meet(of(other, 3));
    expect([await people.isSilent(who), await people.saidLast(who)]).toEqual([true, undefined]);
  });

  it('what others said by it goes with nobody who shows another number', async () => {
    const { phone, other, of } = await two();
    await says('stop', of(other, 2));
    const next = newPhone();
    await meet(item(3, { ...lidOf(phone), phone: next }));
    expect(await isStopped(next)).toBe(false);
  });

  it('is theirs where another field, a chat or a conversation tells so', async () => {
    const { phone, other, of } = await two();
    await meet(item(2, { ...lidOf(other), phone }));
    expect(await meet(of(other, 3))).toMatchObject({ person: pkOf(phone), isShared: true });
    const third = newPhone();
    const { privacyId } = lidOf(third);
    expect((await meet(item(4, { ...lidOf(phone), privacyId, phone, isUnsure: true }))).person).toBe(pkOf(phone));
  });
});

describe('what a message of ours says of a number beside a privacy id', () => {
  const ours = (over: Partial<MessageItem>) => item(5, { fromMe: true, ...over });

  it('where it may be the line’s own: is believed of a number under which somebody wrote', async () => {
    const [customer, line] = [newPhone(), newPhone()];
    const wrote = await meet(item(1, { conversation: `first-${customer}`, phone: customer }));
    await people.wrote(wrote, at(1));
    for (const [perhapsPhone, person] of [
      [customer, pkOf(customer)],
      [line, undefined],
    ] as const) {
      expect((await meet(ours({ ...lidOf(perhapsPhone), perhapsPhone }))).person).toBe(person);
      expect((await meet(item(6, lidOf(perhapsPhone)))).person).toBe(person);
    }
  });

  it('is not believed of one that goes with another privacy id, until they write under it', async () => {
    const [phone, other] = [newPhone(), newPhone()];
    expect((await meet(ours({ ...lidOf(phone), phone }))).person).toBe(pkOf(phone));
    expect(await meet(ours({ ...lidOf(other), phone }))).toMatchObject({
      person: undefined,
      privacyId: lidOf(other).privacyId,
    });
    await says('stop', item(6, lidOf(phone)));
    expect(await isSilent(item(7, lidOf(other)))).toBe(false);
    expect(await meet(item(8, { ...lidOf(other), phone }))).toMatchObject({ person: pkOf(phone), isShared: true });
    expect((await meet(ours({ ...lidOf(other), phone }))).person).toBe(pkOf(phone));
    expect(await meet(item(9, lidOf(phone)))).toMatchObject({ person: pkOf(phone), isShared: false });
  });

  it('of two privacy ids at once goes with one', async () => {
    const [phone, other] = [newPhone(), newPhone()];
    const met = await Promise.all([phone, other].map((one) => meet(ours({ ...lidOf(one), phone }))));
    expect(met.filter(({ person }) => person !== undefined)).toHaveLength(1);
  });
});

describe('a stop from a conversation without a number finds it', () => {
  const unnamed = (conversation: string) => item(5, { conversation, conversationId: conversation });

  it.each([
    ['a chat has told', (conversationId: string, phone: string) => chat({ conversationId, phone })],
    ['a message has told', (conversation: string, phone: string) => item(1, { conversation, phone })],
  ])('where %s whose it is', async (_, told) => {
    const [phone, conversation] = [newPhone(), `conv-${newPhone()}`];
    await meet(told(conversation, phone));
    expect(await says('stop', unnamed(conversation))).toBe(true);
    expect(await isStopped(phone)).toBe(true);
    await says('start', { ...unnamed(conversation), at: at(6) });
    expect(await isStopped(phone)).toBe(false);
  });

  it('where that is told only afterwards: the stop is handed on', async () => {
    const [phone, conversation] = [newPhone(), `conv-${newPhone()}`];
    expect(await says('stop', unnamed(conversation))).toBe(false);
    expect(await isStopped(phone)).toBe(false);
    await meet(chat({ conversationId: conversation, phone }));
    expect(await isStopped(phone)).toBe(true);
  });

  it('by a privacy id alone, once a chat has named it beside the conversation', async () => {
    const [phone, conversation, privacyId] = [newPhone(), `conv-${newPhone()}`, `4639135${newPhone().slice(-6)}`];
    await meet(item(1, { conversation, phone }));
    await meet(chat({ id: `${privacyId}@lid`, conversationId: conversation, privacyId }));
    expect(await says('stop', item(5, { conversation: `${privacyId}@lid`, privacyId }))).toBe(true);
    expect(await isStopped(phone)).toBe(true);
  });

  it('and a later start with the number outlasts one that is handed on', async () => {
    const [phone, conversation] = [newPhone(), `conv-${newPhone()}`];
    await says('stop', unnamed(conversation));
    await hear(phone, 'start', 7);
    await meet(chat({ conversationId: conversation, phone }));
    expect(await isStopped(phone)).toBe(false);
  });

  it('in whatever order words and chats come, at once and twice', async () => {
    const told = fc.oneof(fc.record({ stop: fc.boolean(), second: fc.nat(4) }), fc.constant('chat' as const));
    await fc.assert(
      fc.asyncProperty(fc.array(told, { minLength: 1, maxLength: 5 }), async (all) => {
        const [phone, conversation] = [newPhone(), `conv-${newPhone()}`];
        const spoken = all.filter((one) => one !== 'chat');
        const tell = (one: Said | 'chat') =>
          one === 'chat'
            ? meet(chat({ conversationId: conversation, phone }))
            : says(one.stop ? 'stop' : 'start', { ...unnamed(conversation), at: at(one.second) });
        await Promise.all([...all, ...all, 'chat' as const].map(tell));
        expect(await isStopped(phone)).toBe(spoken.length > 0 && lastOf(spoken).stop);
      }),
      { numRuns: 60 },
    );
  });

  it('where the word comes just while it is told whose it is', async () => {
    const [phone, conversation] = [newPhone(), `conv-${newPhone()}`];
    await says('start', { ...unnamed(conversation), at: at(1) });
    beforeNextLink = () => says('stop', { ...unnamed(conversation), at: at(2) });
    await meet(chat({ conversationId: conversation, phone }));
    expect(beforeNextLink).toBeUndefined();
    expect(await isStopped(phone)).toBe(true);
  });

  it('where it is told between the look at who it is and the word', async () => {
    const [phone, conversation] = [newPhone(), `conv-${newPhone()}`];
    const who = await meet(unnamed(conversation));
    await meet(chat({ conversationId: conversation, phone }));
    expect(await people.hear(who, 'stop', at(5))).toBe(true);
    expect(await isStopped(phone)).toBe(true);
  });

  it('and is nobody else’s: a conversation that changes its number takes no stop to the next one', async () => {
    const [first, second, conversation] = [newPhone(), newPhone(), `conv-${newPhone()}`];
    await says('stop', item(1, { conversation, phone: first }));
    await meet(item(2, { conversation, phone: second }));
    expect([await isStopped(first), await isStopped(second)]).toEqual([true, false]);
    await says('stop', unnamed(conversation));
    expect(await isStopped(second)).toBe(true);
  });

  it('by one write when it is new, and none afterwards', async () => {
    const told = chat({ conversationId: `conv-${newPhone()}`, phone: newPhone() });
    writes = 0;
    await meet(told);
    expect(writes).toBe(1);
    await meet(told);
    expect(writes).toBe(1);
  });

  it('and a body that answers by that conversation is held against what they said elsewhere', async () => {
    const [phone, conversation] = [newPhone(), `conv-${newPhone()}`];
    await meet(chat({ conversationId: conversation, phone }));
    await says('stop', item(5, { conversation: `other-${conversation}`, phone }));
    expect(await isStopped(`line:${conversation}`)).toBe(true);
  });

  it('no row of it holds the number, the conversation or the privacy id', async () => {
    const [phone, conversation, privacyId] = [newPhone(), `conv-${newPhone()}`, `4639135${newPhone().slice(-6)}`];
    await says('stop', item(1, { conversation, phone, privacyId }));
    const { Items = [] } = await dynamo.send(new ScanCommand({ TableName: 'contacts' }));
    const all = JSON.stringify(Items);
    for (const told of [phone.slice(1), conversation, privacyId]) expect(all).not.toContain(told);
  });
});

describe('who talked last', () => {
  it('is known of a number that is told only afterwards', async () => {
    const [phone, conversation] = [newPhone(), `conv-${newPhone()}`];
    const unnamed = await meet(item(1, { conversation }));
    await people.wrote(unnamed, at(3));
    await people.answered(unnamed, at(5));
    expect((await people.read(phone)).talkedAt).toBeUndefined();
    await meet(chat({ conversationId: conversation, phone }));
    expect((await people.read(phone)).talkedAt).toBe(at(5));
  });

  it('is the later of what they and the team wrote, in whatever order it is told', async () => {
    const [phone, conversation] = [newPhone(), `conv-${newPhone()}`];
    const who = await meet(item(1, { conversation, phone }));
    for (const second of [3, 9, 4]) await people.wrote(who, at(second));
    expect(await people.read(phone)).toMatchObject({ stopped: false, talkedAt: at(9) });
    for (const second of [12, 11]) await people.answered(who, at(second));
    expect(await people.read(phone)).toMatchObject({ stopped: false, talkedAt: at(12) });
    expect(await people.answeredSince(await meet(item(1, { conversation })), at(12))).toBe(true);
    expect(await people.answeredSince(await meet(item(1, { conversation })), at(13))).toBe(false);
  });

  it('is forgotten after two years, and who said stop never is', async () => {
    const [phone, other] = [newPhone(), newPhone()];
    await people.wrote(whoHas(phone), at(1));
    const [row] = await rowsOf(phone);
    expect(row?.expiresAt).toBe(Date.parse(at(0)) / 1000 + 730 * 24 * 3600);
    await hear(phone, 'stop', 2);
    await people.wrote(whoHas(phone), at(3));
    await hear(other, 'stop', 2);
    await people.answered(whoHas(other), at(3));
    for (const one of [phone, other]) {
      expect(await rowsOf(one)).toMatchObject([{ said: 'stop' }]);
      expect((await rowsOf(one))[0]).not.toHaveProperty('expiresAt');
    }
  });
});

it('a row in which nothing was said is none of a stop, neither here nor in the release before', async () => {
  const [phone, conversation] = [newPhone(), `conv-${newPhone()}`];
  await people.wrote(await meet(item(1, { conversation, phone })), at(1));
  const other = newPhone();
  await people.count(await people.read(other), { key: 'a', day: '2026-11-22' });
  for (const one of [phone, other, `line:${conversation}`]) {
    const [row] = await rowsOf(one);
    expect(row).toMatchObject({ said: 'start' });
    expect(row).not.toHaveProperty('at');
    expect(await isStopped(one)).toBe(false);
  }
  // What they say afterwards counts, whatever its time.
  await hear(other, 'stop', 0);
  expect(await isStopped(other)).toBe(true);
});

describe('of a day’s messages to one person', () => {
  const DAY = '2026-11-22';
  const count = async (phone: string, key: string, day = DAY) => people.count(await people.read(phone), { key, day });
  const isFull = async (phone: string, key: string, day = DAY) => tooMany(await people.read(phone), { key, day }, 2);

  it('each key is counted once, and anew on the next day', async () => {
    const phone = newPhone();
    for (const key of ['a', 'a', 'b']) {
      expect(await isFull(phone, key)).toBe(false);
      await count(phone, key);
    }
    expect([await isFull(phone, 'c'), await isFull(phone, 'b'), await isFull(phone, 'c', '2026-11-23')]).toEqual([
      true,
      false,
      false,
    ]);
    await count(phone, 'c', '2026-11-23');
    expect(await rowsOf(phone)).toMatchObject([{ day: '2026-11-23', sentToday: 1 }]);
  });

  it('none is lost when many are counted at once, of who was read before', async () => {
    const phone = newPhone();
    const seen = await people.read(phone);
    await Promise.all(Array.from({ length: 4 }, (_, i) => people.count(seen, { key: `k${i}`, day: DAY })));
    expect(await rowsOf(phone)).toMatchObject([{ sentToday: 4 }]);
  });

  it('one whose answer is lost is counted once', async () => {
    const phone = newPhone();
    await count(phone, 'a');
    loseNextAnswer = async () => undefined;
    await count(phone, 'b');
    expect(loseNextAnswer).toBeUndefined();
    expect(await rowsOf(phone)).toMatchObject([{ sentToday: 2 }]);
  });

  it('who said stop or start is counted too, and is not forgotten for it', async () => {
    for (const word of ['stop', 'start'] as const) {
      const phone = newPhone();
      await hear(phone, word, 1);
      await count(phone, 'a');
      const [row] = await rowsOf(phone);
      expect(row).toMatchObject({ said: word, sentToday: 1 });
      expect(row).not.toHaveProperty('expiresAt');
    }
  });
});

it('what people look for stands in the row: the last word, its time, why, and no number', async () => {
  const phone = newPhone();
  await people.hear(whoHas(phone), 'stop', '2026-11-22T12:00:00+02:00');
  expect(await rowsOf(phone)).toEqual([{ pk: pkOf(phone), said: 'stop', at: at(0), reason: 'said_stop' }]);
  await hear(phone, 'start', 1);
  expect(await rowsOf(phone)).toEqual([{ pk: pkOf(phone), said: 'start', at: at(1), reason: 'said_start' }]);
});

it.each([
  ['525512345678', '5215512345678'],
  ['541123456789', '5491123456789'],
  ['5511987654321', '551187654321'],
  ['5545991234567', '554591234567'],
])('%s and %s are one person: a stop from either holds for both, and so does a later start', async (one, other) => {
  for (const [second, said, sentTo] of [
    [1, `+${one}`, `+${other}`],
    [3, `+${other}`, `+${one}`],
  ] as const) {
    await says('stop', item(second, { conversation: `c-${one}`, phone: said }));
    expect([await isStopped(said), await isStopped(sentTo)]).toEqual([true, true]);
    await says('start', item(second + 1, { conversation: `c-${other}`, phone: sentTo }));
    expect([await isStopped(said), await isStopped(sentTo)]).toEqual([false, false]);
  }
});

it('a stop that an earlier release kept under the other form of a number holds', async () => {
  const [theirs, ours] = ['+551187654322', '+5511987654322'];
  const Item = encode({ pk: pkOf(theirs), said: 'stop', reason: 'said_stop', at: at(1) });
  await dynamo.send(new PutItemCommand({ TableName: 'contacts', Item }));
  expect([await isStopped(theirs), await isStopped(ours)]).toEqual([true, true]);
  await says('start', item(2, { conversation: 'c-old', phone: theirs }));
  expect([await isStopped(theirs), await isStopped(ours)]).toEqual([false, false]);
});

describe('what was sent to somebody last', () => {
  const sent = (key: string, second: number) => ({ key, template: 'order-ready', id: '1044', at: at(second) });
  const item = (phone: string) =>
    ({
      kind: 'message',
      id: 'm',
      conversation: `c-${phone}`,
      phone,
      fromMe: false,
      individual: true,
      type: 'text',
      at: at(0),
    }) as const;

  it('is known, counted or not, beside when they wrote', async () => {
    const phone = newPhone();
    const who = await people.meet('line', item(phone));
    expect(await people.latest(who)).toEqual({});
    await people.noteSent(await people.read(phone), sent('a', 1));
    await people.wrote(who, at(2));
    expect(await people.latest(who)).toEqual({ inboundAt: at(2), sent: sent('a', 1) });
    for (const [key, second] of [
      ['b', 3],
      ['c', 4],
    ] as const) {
      await people.count(await people.read(phone), { key, day: '2026-11-22' }, sent(key, second));
      expect((await people.latest(who)).sent).toEqual(sent(key, second));
    }
    await people.noteSent(await people.read(phone), sent('d', 5), 'replied');
    expect(await people.latest(who)).toEqual({ inboundAt: at(2), sent: sent('c', 4), replied: sent('d', 5) });
  });

  it('silences nobody, and keeps a stop for ever', async () => {
    const [phone, stopped] = [newPhone(), newPhone()];
    await people.noteSent(await people.read(phone), sent('a', 1));
    expect((await people.read(phone)).stopped).toBe(false);
    await people.hear(await people.meet('line', item(stopped)), 'stop', at(1));
    await people.noteSent(await people.read(stopped), sent('a', 2));
    expect((await people.read(stopped)).stopped).toBe(true);
    expect((await rowsOf(stopped))[0]).not.toHaveProperty('expiresAt');
  });
});

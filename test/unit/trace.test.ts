import { describe, expect, it } from 'vitest';
import type { Letter } from '../../cli/dead-letters/letter.ts';
import { askedFor, stemOf } from '../../cli/trace/asked.ts';
import { assertOne, sendsBy } from '../../cli/trace/found.ts';
import { type Line, NOTHING, partsOf } from '../../cli/trace/lines.ts';
import { isAbout, isOurs, learned, type Marks, marksOfLetter, NO_MARKS } from '../../cli/trace/marks.ts';
import { storyOf } from '../../cli/trace/story.ts';
import { assertOne as assertOneInLogs, isStuck, itsOwn, openingOf } from '../../cli/trace/trace.ts';
import client from '../../clients/demo.ts';
import type { SendRecord } from '../../functions/shared/ledger/rules.ts';
import { namesIn } from '../../functions/shared/ledger/tellings.ts';
import { keyPart } from '../../functions/shared/runtime/hashes.ts';

const AT = Date.parse('2026-11-28T16:00:00Z');
let clock = 0;
const line = (fields: Line['fields']): Line => ({ at: AT + 1000 * clock++, fields });
const says = (lines: readonly Line[], over: Parameters<typeof storyOf>[1] = { letters: [], appointments: [] }) =>
  storyOf([], over, lines).map((one) => one.says);
/** What is told of those lines by a mark. */
const ours = (first: Partial<Marks>, lines: readonly Line[]): readonly Line[] => {
  let marks: Marks = { ...NO_MARKS, ...first };
  for (let i = 0; i < 4; i += 1) marks = learned(marks, lines);
  return lines.filter(isOurs(marks, lines));
};

describe('what somebody asks for', () => {
  it.each([
    ['1,001', '1001'],
    ['#1001', '1001'],
    ['"1001"', '1001'],
    ['order #1001', '1001'],
    ['Order#SO-77', 'SO-77'],
    ['"Bestellung # 1001"', '1001'],
    ['SO#77', keyPart('SO#77')],
    ['so-77', 'SO-77'],
    [' \u200e1001\u200f', '1001'],
    ['order:1001', '1001'],
  ])('%s is the id %s', (raw, id) => {
    expect(askedFor(raw, client).ids).toContain(id);
  });

  it.each([
    '\u202a+972 50\u2011123\u20110069\u202c',
    'tel:+972501230069',
    '(050) 123-0069',
    '+972\u00a050\u2013123\u20130069',
    '+972501230069,',
    '(050) 123-0069.',
    'whatsapp:+972501230069',
    'wa.me/972501230069',
    'https://wa.me/972501230069?text=hello',
  ])('%s is a number of which the end alone is shown', (raw) => {
    const { phone, shown } = askedFor(raw, client);
    expect([phone, shown]).toEqual(['+972501230069', '+972 •• ••• ••69']);
  });

  it('is an id of many digits where no number is so, and is not refused for it', () => {
    const { phone, shown, ids } = askedFor('820982911946154508', client);
    expect([phone, shown]).toEqual([undefined, 'a number that ends with 08']);
    expect(ids).toContain('820982911946154508');
  });

  it.each([
    ['Dana 0501230069', 'Dana ••69'],
    ['Dana +972 50-123-0069, call', 'Dana ••69, call'],
    ['x:1230069', 'x:••69'],
  ])('%s holds what may be a number, which is said nowhere', (raw, safe) => {
    const { phone, shown, hidden } = askedFor(raw, client);
    expect([phone, shown]).toEqual([undefined, safe]);
    expect(hidden.length).toBeGreaterThan(0);
    expect(hidden.reduce((text, one) => text.replaceAll(one, ''), raw)).not.toMatch(/\d{3}/);
  });

  it.each([
    'order:820982911946154508:ready',
    '12345678-1234-4234-8234-12345678901a',
    'A-2026-11-28',
    'delivery-123456',
    'so-77',
    't12345678901',
  ])('%s is an id by its form, and shown', (raw) => {
    expect(askedFor(raw, client)).toMatchObject({ shown: raw, hidden: [] });
  });

  it('is a trace id also in capitals', () => {
    expect(askedFor('T3KD81MZ0QPC', client).trace).toBeUndefined();
    expect(askedFor('T3KD81MS0QPC', client).trace).toBe('t3kd81ms0qpc');
  });

  it('is told apart by kind and id, whatever follows', () => {
    expect(['order:1:ready', 'order:1:shipped:p-1', 'order:b::1:ready', 'appointment:A:v2:24h'].map(stemOf)).toEqual([
      'order:1',
      'order:1',
      'order:b::1',
      'appointment:A',
    ]);
  });
});

describe('of what several share each has their own part', () => {
  const shared = { trace: 'ta', template: 'lead-first-touch' };
  const two = [
    line({ event: 'door', ...shared, queued: 2, status: 200 }),
    line({ event: 'work', ...shared, id: 'L1', key: 'lead:L1:first-touch', outcome: 'handed_on', queued: 1 }),
    line({ event: 'work', ...shared, id: 'L2', key: 'lead:L2:first-touch', outcome: 'handed_on', queued: 1 }),
    line({ event: 'send', trace: 'ta', key: 'lead:L1:first-touch', state: 'ACCEPTED' }),
    line({ event: 'send', trace: 'ta', key: 'lead:L2:first-touch', state: 'HELD' }),
  ];

  it('one request with two leads', () => {
    const first = { traces: ['ta'], keys: ['lead:L1:first-touch'], ids: ['L1'], templates: ['lead-first-touch'] };
    for (const isById of [true, false])
      expect(ours({ ...first, isById }, two).map(({ fields: { event, id = '-' } }) => `${event} ${id}`)).toEqual([
        'door -',
        'work L1',
        'send -',
      ]);
    expect(ours({ whole: ['ta'] }, two)).toHaveLength(5);
  });

  const replies = [
    line({ event: 'webhook', delivery: 'd', status: 200, queued: 2 }),
    line({ event: 'escalation', delivery: 'd', item: 0, after: 'order:1:ready', outcome: 'message' }),
    line({ event: 'work', template: 'crm-sync', delivery: 'd', item: 0, reason: 'sink_503', holdSeconds: 30 }),
    line({ event: 'escalation', delivery: 'd', item: 1, after: 'order:2:ready', outcome: 'message' }),
    line({ event: 'escalation', delivery: 'd', item: 1, rule: 'urgent', sink: 'webhook', outcome: 'notified' }),
    line({ event: 'crm-sync', delivery: 'd', item: 1, sink: 'webhook', outcome: 'message' }),
  ];

  it('one delivery with what two people wrote', () => {
    expect(ours({ keys: ['order:1:ready'] }, replies).map(({ fields }) => fields.item)).toEqual([undefined, 0, 0]);
    expect(ours({ keys: ['order:2:ready'] }, replies).map(({ fields }) => fields.item)).toEqual([undefined, 1, 1, 1]);
    expect(ours({ whole: ['d'] }, replies)).toHaveLength(6);
  });

  it('also as the release before wrote it: what names nobody is of a delivery that brought nothing else', () => {
    const before = replies.map(({ at, fields: { item: _, ...fields } }) => ({ at, fields }));
    expect(ours({ keys: ['order:1:ready'] }, before).map(({ fields: { event } }) => event)).toEqual([
      'webhook',
      'escalation',
    ]);
    const alone = before.map(({ at, fields }) => ({
      at,
      fields: { ...fields, ...(fields.event === 'webhook' && { queued: 1 }) },
    }));
    expect(ours({ keys: ['order:1:ready', 'order:2:ready'] }, alone)).toHaveLength(6);
  });

  it('an order and a lead of one id', () => {
    const both = [
      line({ event: 'work', template: 'order-ready', id: '7', outcome: 'nothing_to_send' }),
      line({ event: 'work', template: 'lead-first-touch', id: '7', outcome: 'nothing_to_send' }),
    ];
    expect(ours({ ids: ['7'], isById: true, templates: ['order-ready'] }, both)).toEqual(both.slice(0, 1));
  });

  describe('an order and a lead of one id, of which something else leads to one', () => {
    const order = { template: 'order-ready', trace: 'ta' };
    const lead = { template: 'lead-first-touch', trace: 'tb' };
    const both = [
      line({ event: 'door', ...order, request: 'r', queued: 1, status: 200 }),
      line({ event: 'work', ...order, id: '7', key: 'order:7:ready', outcome: 'handed_on', queued: 1 }),
      line({ event: 'send', trace: 'ta', key: 'order:7:ready', state: 'ACCEPTED' }),
      line({ event: 'work', ...lead, id: '7', key: 'lead:7:first-touch', outcome: 'handed_on', queued: 1 }),
      line({ event: 'send', trace: 'tb', key: 'lead:7:first-touch', state: 'ACCEPTED' }),
      line({ event: 'webhook', delivery: 'd', status: 200, queued: 1 }),
      line({ event: 'escalation', delivery: 'd', item: 0, after: 'order:7:ready', outcome: 'message' }),
    ];
    const letter = { messageId: 'm', about: '', what: '', code: '' };
    const keysOf = (first: Partial<Marks>) => [
      ...new Set(ours({ ...first, isById: true }, both).flatMap(({ fields: { key } }) => key ?? [])),
    ];

    it.each<[string, Partial<Marks>]>([
      ['a delivery of what they wrote', { ids: ['d'], whole: ['d'] }],
      ['the request', { ids: ['r'], words: ['r'] }],
      ['its key, which waits yet', { keys: ['order:7:ready'] }],
      ['a dead letter of its event', marksOfLetter({ ...letter, queue: 'order-ready-dlq', fields: { event: '7' } })],
      [
        'a dead letter of its message',
        marksOfLetter({ ...letter, queue: 'sends-dlq', fields: { key: 'order:7:ready', template: 'order-ready' } }),
      ],
      [
        'a dead letter that names its message alone',
        marksOfLetter({ ...letter, queue: 'escalation-dlq', fields: { key: 'order:7:ready' } }),
      ],
    ])('%s', (_, first) => {
      expect(keysOf(first)).toEqual(['order:7:ready']);
    });

    it('and the dead letters of that one alone', () => {
      const first = { ...NO_MARKS, ...marksOfLetter({ ...letter, queue: 'order-ready-dlq', fields: { event: '7' } }) };
      const queues = ['order-ready-dlq', 'lead-first-touch-dlq'];
      const is = queues.map((queue) =>
        isAbout(first, both)({ ...letter, messageId: 'n', queue, fields: { event: '7' } }),
      );
      expect(is).toEqual([true, false]);
    });

    it('but what is asked for by the id alone is both, until they are named', () => {
      expect(keysOf({ ids: ['7'] })).toEqual(['order:7:ready', 'lead:7:first-touch']);
    });
  });

  it('one message of an order that has others', () => {
    const work = { event: 'work', template: 'order-ready', id: '7' };
    const events = [
      line({ ...work, trace: 'ta', key: 'order:7:ready', outcome: 'handed_on' }),
      line({ ...work, trace: 'tb', outcome: 'nothing_to_send' }),
    ];
    const marks = { ids: ['7'], keys: ['order:7:ready'], traces: ['ta'], templates: ['order-ready'] };
    expect(ours({ ...marks, isById: false }, events)).toEqual(events.slice(0, 1));
    expect(ours({ ...marks, isById: true }, events)).toEqual(events);
  });

  it('their dead letters', () => {
    const letter = (fields: Letter['fields'], more: Partial<Letter> = {}): Letter => ({
      queue: 'crm-sync-dlq',
      messageId: 'm',
      about: '',
      what: '',
      code: '',
      fields,
      ...more,
    });
    const is = isAbout({ ...NO_MARKS, items: ['d#1'], traces: ['ta'], ids: ['L1'] }, two);
    expect([letter({ delivery: 'd', item: 1 }), letter({ delivery: 'd', item: 0 })].map(is)).toEqual([true, false]);
    const queue = 'lead-first-touch-dlq';
    const events = ['L1', 'L2'].map((event) => letter({ event }, { trace: 'ta', queue }));
    expect(events.map(is)).toEqual([true, false]);
  });
});

it('what waits in a queue says of which item of a delivery it is, or of which send', () => {
  const names = (body: object) => namesIn(JSON.stringify(body));
  expect(names({ deliveryId: 'd', index: 3, item: { kind: 'message' } })).toEqual({ delivery: 'd', item: 3 });
  expect(names({ rule: 'r', item: { kind: 'message', delivery: 'd', index: 2 } })).toEqual({ delivery: 'd', item: 2 });
  expect(names({ deliveryId: 'd', index: 1, item: { kind: 'for-crm', crm: 'a' } })).toEqual({
    delivery: 'd',
    item: 1,
    sink: 'a',
  });
  expect(names({ item: { kind: 'note', key: 'order:1:ready' } })).toEqual({ key: 'order:1:ready' });
  // As the release before wrote it.
  expect(names({ rule: 'r', item: { kind: 'message', delivery: 'd' } })).toEqual({ delivery: 'd' });
});

describe('a story', () => {
  it('says of what waited its turn that it did, and for how long', () => {
    const accepted = (waitedMs: number, attempt = 1) =>
      says([line({ event: 'send', key: 'order:1:ready', state: 'ACCEPTED', status: 202, attempt, waitedMs })])[0];
    expect(accepted(118_400)).toBe(
      'EZWhatsApp accepted order:1:ready, status 202, 118 s after it came to the line: the line was held, or others were before it',
    );
    expect([accepted(2000), accepted(118_400, 3)]).toEqual([
      'EZWhatsApp accepted order:1:ready, status 202',
      'EZWhatsApp accepted order:1:ready, status 202 (attempt 3)',
    ]);
  });

  it('says that they wrote, also where nothing came of it yet', () => {
    const failed = [
      line({ event: 'webhook', delivery: 'd', status: 200, queued: 1 }),
      line({
        event: 'escalation',
        delivery: 'd',
        item: 0,
        rule: 'urgent',
        sink: 'webhook',
        reason: 'notifier_400',
        outcome: 'refused',
      }),
      line({
        event: 'work',
        template: 'escalation',
        delivery: 'd',
        item: 0,
        after: 'order:1:ready',
        reason: 'notifier_400',
      }),
    ];
    expect(says(failed)).toEqual([
      'EZWhatsApp brought the delivery d: 1 item',
      'they wrote, after order:1:ready',
      'the alert urgent by webhook was refused: notifier_400',
      'escalation failed: notifier_400',
    ]);
  });

  it('ends what failed of a status by saying that it got through, and is silent of others', () => {
    const of = { delivery: 'd', item: 0, key: 'order:1:ready' };
    const failed = line({ event: 'work', template: 'crm-sync', ...of, reason: 'sink_503', holdSeconds: 30 });
    const through = line({ event: 'crm-sync', ...of, sink: 'webhook', outcome: 'status' });
    expect(says([through])).toEqual([]);
    expect(says([failed, through])).toEqual([
      'crm-sync failed: sink_503, held for 30 s',
      'CRM webhook was told how far order:1:ready got',
    ]);
  });

  it('says nothing of our own message that alerts looked at', () => {
    const of = { delivery: 'd', item: 0 };
    const looked = line({ event: 'escalation', ...of, outcome: 'message' });
    expect(says([looked])).toEqual(['a message was looked at']);
    expect(
      says([looked, line({ event: 'crm-sync', ...of, key: 'order:1:ready', sink: 'webhook', outcome: 'message' })]),
    ).toEqual(['our message order:1:ready, seen on the line, was told to CRM webhook']);
  });

  it('has the door before what it led to, whichever clock was ahead', () => {
    const work = line({
      event: 'work',
      template: 'order-ready',
      trace: 'ta',
      key: 'order:1:ready',
      outcome: 'handed_on',
      ms: 900,
    });
    const door = line({
      event: 'door',
      template: 'order-ready',
      source: 'custom',
      trace: 'ta',
      status: 200,
      queued: 1,
      ms: 5,
    });
    expect(says([work, door])).toEqual([
      'the door order-ready/custom took 1 event',
      'order-ready composed order:1:ready',
    ]);
  });

  it('of the line says why, without gaps where nobody said it', () => {
    expect(
      says([
        line({ event: 'line', level: 'error', reason: 'line_unlinked' }),
        line({ event: 'health', level: 'warn', sendable: false, lifecycleState: 'stopped' }),
        line({ event: 'health', level: 'warn', sendable: false }),
        line({ event: 'new-kind', outcome: 'x' }),
      ]),
    ).toEqual([
      'of the line: line_unlinked',
      'the line could not send: stopped',
      'the line could not send: it did not say why',
      'new-kind: x',
    ]);
  });

  it('names who did something by hand, and nothing that they wrote', () => {
    const hand = { by: 'operator', reason: 'Dana +972501230061 called, dana@x.example', at: AT };
    const record = {
      key: 'order:1:ready',
      template: 'order-ready',
      state: 'REJECTED',
      createdAt: AT,
      updatedAt: AT,
    } as SendRecord;
    const story = storyOf(
      [{ ...record, dropped: hand, resent: hand, resolved: hand }],
      { letters: [], appointments: [] },
      [],
    );
    const told = story.map((one) => one.says).join('; ');
    expect(told).toContain('operator sent it again; operator took it back; operator settled it');
    expect(told).not.toMatch(/Dana|97250|dana@/);
  });

  it('has a stop with the delivery that brought it', () => {
    const stop = { at: '2026-11-28T16:00:00Z', in: 'd#0' };
    expect(says([], { letters: [], appointments: [], stop })).toEqual(['they said stop, in the delivery d']);
  });
});

it('as much as there is to ask for is in parts, none longer than may be, and nothing is lost', () => {
  const wanted = {
    ...NOTHING,
    key: ['k'.repeat(30)],
    delivery: Array.from({ length: 360 }, (_, i) => `delivery-of-many-${i}`),
  };
  const parts = partsOf(wanted, 1000, (value) => value.length + 4);
  expect(parts.flatMap(({ delivery }) => delivery)).toEqual(wanted.delivery);
  expect(parts.flatMap(({ key }) => key)).toEqual(wanted.key);
  expect(parts.length).toBeGreaterThan(5);
  for (const part of parts) expect(JSON.stringify(part).length).toBeLessThan(1200);
});

describe('two orders that share a number are told of none, and named', () => {
  const order = (id: string, number?: string) =>
    ({ key: `order:${id}:ready`, template: 'order-ready', because: { source: 'shopify', id, number } }) as SendRecord;
  const lead = { ...order('L'), key: 'lead:L:first-touch', template: 'lead-first-touch' } as SendRecord;
  const two = [order('A', '1044'), order('B', '1044'), { ...lead, because: { id: 'L', number: '1044' } } as SendRecord];
  const named = /order:1044 is several things.*order:A \(order-ready\), order:B \(order-ready\)\.$/;

  it('as the ledger has them, also by what a key begins with', () => {
    const asked = askedFor('order:1044', client);
    expect(() => assertOne(asked, sendsBy(asked, two), [], { client })).toThrow(named);
    expect(sendsBy(asked, two.slice(1)).map(({ key }) => key)).toEqual(['order:B:ready']);
  });

  it('but not where the one has it for its id', () => {
    const own = order('1044');
    expect(sendsBy(askedFor('order:1044', client), [...two, own])).toEqual([own]);
    expect(sendsBy(askedFor('order:1044:ready', client), two)).toEqual([]);
  });

  it('nor where logs alone know the one, as what has the prefix of a source is none', () => {
    const work = (id: string, number?: string) => line({ event: 'work', template: 'order-ready', id, number });
    const marks = { ...NO_MARKS, ids: ['1044', 'b::1044'], numbers: ['1044'] };
    const others = [work('A', '1044'), work('b::1044')];
    for (const other of others)
      expect(itsOwn('order:1044', marks, [work('1044'), other])).toMatchObject({ ids: ['1044'], numbers: [] });
    for (const [words, lines] of [
      ['order:1044', others],
      ['order:1044', [work('1044')]],
      ['1044', [work('1044'), ...others]],
    ] as const)
      expect(itsOwn(words, marks, lines)).toBeUndefined();
  });

  it('as logs alone have them', () => {
    const work = (id: string) =>
      line({ event: 'work', template: 'order-ready', id, number: '1044', key: `order:${id}:ready` });
    const lines = ['A', 'B'].map(work);
    const marks = { ...NO_MARKS, keys: ['order:1044'] };
    const found = { asked: askedFor('order:1044', client), sends: [], isById: true };
    expect(() => assertOneInLogs(found, { lines, marks })).toThrow(named);
    expect(() => assertOneInLogs(found, { lines: [...lines.slice(1), work('B')], marks })).not.toThrow();
  });
});

it('what waits behind others is no dead letter for that a note of it is one', () => {
  const key = 'lead:N-1:first-touch';
  const fields = [{ key }, { key, kind: 'note' }, { key: 'lead:N-2:first-touch' }];
  expect(fields.map((one) => isStuck(key)({ fields: one }))).toEqual([true, false, false]);
});

it('what waits for the hours of the client says when those begin, and nothing else does', () => {
  const hours = [{ days: ['sun' as const], from: '09:00', to: '17:00' }];
  const target = { client: { ...client, zone: 'UTC', sendWindow: { hours, closed: [] } } } as unknown as Parameters<
    typeof openingOf
  >[0];
  const waits = { state: 'HELD', reason: 'outside_send_window' } as const;
  expect(openingOf(target, waits, AT)).toBe(" The client's hours begin at 2026-11-29 09:00:00Z.");
  expect(openingOf(target, { ...waits, reason: 'paused' }, AT)).toBe('');
  expect(openingOf({ client: { ...client, sendWindow: undefined } }, waits, AT)).toBe('');
});

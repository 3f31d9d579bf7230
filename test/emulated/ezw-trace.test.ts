import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { DeleteScheduleCommand, ListSchedulesCommand, SchedulerClient } from '@aws-sdk/client-scheduler';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Target } from '../../cli/target/target.ts';
import { linesOf, NOTHING } from '../../cli/trace/lines.ts';
import type { SendRecord } from '../../functions/shared/ledger/rules.ts';
import { encode } from '../../functions/shared/runtime/attributes.ts';
import { denied, is } from './account.ts';
import { customAppointment, DAY, daysAhead, moveClock, tellAndWait } from './appointments.ts';
import { AwsMode } from './aws-mode.ts';
import { customOrder, demoForAll, post, recordOf, sandboxOf, signed, untilIdle, untilState } from './demo.ts';
import { ezw } from './ezw.ts';
import { awsClients } from './fixtures/clients.ts';
import { customerSays, deliver } from './inbound.ts';

const demo = demoForAll();
let aws: AwsMode;
beforeAll(async () => {
  expect((await ezw(['webhook', 'register', 'demo', '--local', demo().url])).code).toBe(0);
  aws = await AwsMode.start(demo(), demo().url);
}, 60_000);
afterAll(() => aws.stop());

const trace = (what: string, ...more: string[]) => ezw(['trace', 'demo', what, ...more, '--local', demo().url]);
const told = async (what: string): Promise<string> => {
  const { code, stdout, stderr } = await trace(what);
  expect([code, stderr]).toEqual([0, '']);
  return stdout;
};
const order = async (id: string, phone: string): Promise<string> => {
  const { status } = await post(
    demo(),
    'custom',
    signed('custom', customOrder(id, { customer: { name: 'Dana', phone } })),
  );
  expect(status).toBe(200);
  return `order:${id}:ready`;
};
const replies = (id: string, text: string, phone: string, deliveryId: string) => {
  const chat = `${phone.slice(1)}@s.whatsapp.net`;
  const who = { chat_id: chat, from: chat, contactPhoneNumber: phone, contact_phone_number: phone };
  const where = { conversationId: `conv-${id}`, conversation_id: `conv-${id}` };
  return deliver(demo(), customerSays(id, text, { ...who, ...where }), { deliveryId });
};
const linesWith = (needle: string) =>
  demo()
    .logs()
    .filter(({ line }) => line.includes(needle));
/** Each sentence stands behind the one before. */
const expectInOrder = (text: string, sentences: readonly RegExp[]): void => {
  let from = 0;
  for (const sentence of sentences) {
    const found = text.slice(from).search(sentence);
    expect(found, `${sentence} behind ${from} in\n${text}`).toBeGreaterThanOrEqual(0);
    from += found + 1;
  }
};
/** Of nobody is anything shown that is theirs. */
const PRIVATE = /97250123|5012300|Dana|ready for pickup|urgent, please|ezw_line_|whsec_/;

describe('an order that met an outage, whose person answers, with a CRM that fails', () => {
  const PHONE = '+972501230071';
  const DELIVERY = 'delivery-of-the-reply';
  let key: string;
  let record: SendRecord | undefined;
  it('goes out, is answered, and the answer reaches the CRM', async () => {
    const soon = { 'Retry-After': '1' };
    await sandboxOf(demo()).fault('text', { kind: 'status', status: 503, headers: soon }, 2);
    key = await order('trace-1', PHONE);
    await untilState(demo(), key, 'ACCEPTED', 30_000);
    await expect
      .poll(async () => (await recordOf(demo(), key))?.delivery?.status, { timeout: 20_000 })
      .toBe('delivered');
    await untilIdle(demo());
    await sandboxOf(demo()).fault('crm', { kind: 'status', status: 503, headers: soon }, 1);
    expect((await replies('m-trace-1', 'urgent, please', PHONE, DELIVERY)).status).toBe(200);
    await untilIdle(demo());
    await sandboxOf(demo()).clearFaults();
    record = await recordOf(demo(), key);
  }, 90_000);

  it('has one id from the door to the record, in each line on its way', () => {
    const id = record?.trace ?? '';
    expect(id).toMatch(/^t[0-9a-z]{11}$/);
    const events = linesWith(`"trace":"${id}"`)
      .map(({ function: name, line }) => `${name} ${JSON.parse(line).event}`)
      .filter((event) => event !== 'sender health');
    expect(events).toEqual(['order-ready door', 'order-ready work', 'sender send', 'sender send', 'sender send']);
    const [door] = linesWith(`"trace":"${id}"`);
    expect(JSON.parse(door?.line ?? '')).toMatchObject({ request: expect.any(String), status: 200, queued: 1 });
    const sends = linesWith(`"trace":"${id}"`).filter(({ line }) => line.includes('"event":"send"'));
    for (const { line } of sends)
      expect(JSON.parse(line)).toMatchObject({ key, ms: expect.any(Number), waitedMs: expect.any(Number) });
  });

  it('is told whole, in sentences and in order of time', async () => {
    const story = await told('trace-1');
    expectInOrder(story, [
      /\d\d:\d\d:\d\d {2}the door order-ready\/custom took 1 event/,
      /order-ready composed order:trace-1:ready/,
      /EZWhatsApp answered 503: order:trace-1:ready is uncertain .*held for 1 s/,
      /EZWhatsApp answered 503: .*\(attempt 2\), held for 1 s/,
      /EZWhatsApp accepted order:trace-1:ready, status 20\d \(attempt 3\)/,
      /EZWhatsApp brought the delivery delivery-of-the-reply: 1 item/,
      /crm-sync failed: sink_503, held for 1 s/,
      /the message was told to CRM webhook/,
      /is ACCEPTED, delivered\./,
    ]);
    expectInOrder(story, [/accepted order/, /WhatsApp said of order:trace-1:ready: delivered/]);
    expectInOrder(story, [
      /brought the delivery delivery-of-the-reply/,
      /they wrote, after order:trace-1:ready/,
      /the alert urgent by webhook was told/,
    ]);
    expect(story).not.toMatch(/health|undefined/);
    expect(story).not.toMatch(PRIVATE);
  });

  it.each([
    ['its key', () => key],
    ['its trace id', () => record?.trace ?? ''],
    ['the delivery of the answer', () => DELIVERY],
  ])('is found by %s', async (_, what) => {
    const story = await told(what());
    expectInOrder(story, [/brought the delivery delivery-of-the-reply/, /was told to CRM webhook/]);
    if (what() !== DELIVERY) expectInOrder(story, [/the door order-ready\/custom took/, /EZWhatsApp accepted/]);
  });

  it('is found by the phone, however that is written, which is not shown', async () => {
    for (const phone of [PHONE, '050-123-0071']) {
      const story = await told(phone);
      expectInOrder(story, [
        /asked for {2}\+972 •• ••• ••71/,
        /the door order-ready\/custom took/,
        /EZWhatsApp accepted/,
      ]);
      expect(story).not.toMatch(PRIVATE);
    }
    expect((await trace(PHONE, '--json')).stdout).not.toMatch(PRIVATE);
  });

  it('is told for machines', async () => {
    const { stdout } = await trace(key, '--json');
    const { traces, story, sends, logs } = JSON.parse(stdout);
    expect(traces).toEqual([record?.trace]);
    expect(sends).toMatchObject([{ key, state: 'ACCEPTED', trace: record?.trace }]);
    const times = story.map(({ at }: { at: string }) => at);
    expect(times).toEqual([...times].sort());
    expect(logs.lines).toBeGreaterThan(6);
  });

  it('of a deployed stack is told from CloudWatch Logs, by a query that is printed', async () => {
    const queries: string[] = [];
    let looks = 0;
    aws.account.answers({
      StartQuery: ({ body }) => {
        const { queryString, logGroupNames, startTime, endTime } = JSON.parse(body);
        expect(logGroupNames).toContainEqual(expect.stringMatching(/^Ezw-demo-.*-1ABC$/));
        expect([startTime < endTime, startTime > 1e9 && startTime < 1e10]).toEqual([true, true]);
        queries.push(queryString);
        return is({ queryId: `query-${queries.length}` });
      },
      GetQueryResults: ({ body }) => {
        looks += 1;
        if (looks === 1) return is({ status: 'Running', results: [] });
        const asked = queries[Number(JSON.parse(body).queryId.split('-')[1]) - 1] ?? '';
        return is({ status: 'Complete', results: matching(asked) });
      },
    });
    const { code, stdout, stderr } = await aws.run(['trace', 'demo', 'trace-1']);
    expect(code).toBe(0);
    expectInOrder(stdout, [
      /the door order-ready\/custom took/,
      /EZWhatsApp answered 503/,
      /EZWhatsApp accepted/,
      /brought the delivery/,
      /crm-sync failed: sink_503/,
      /was told to CRM webhook/,
    ]);
    expect(queries[0]).toBe(
      `fields @timestamp, @message | filter trace in ["${record?.trace}"] or key in ["${key}"] or after in ["${key}"] or id in ["trace-1"] | sort @timestamp asc | limit 1000`,
    );
    expect(stderr).toContain(queries[0]);
    expect(stdout).not.toMatch(PRIVATE);
  });

  it('is told from the ledger to whoever may not read the logs, who is told what is lacking', async () => {
    aws.account.answers({ StartQuery: denied('logs:StartQuery') });
    const { code, stdout } = await aws.run(['trace', 'demo', key]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/logs +not all: you may not read them: your role lacks logs:StartQuery/);
    expectInOrder(stdout, [/custom told "ready" of trace-1/, /is ACCEPTED, status 20\d/, /delivered/]);
  });
});

/** What Insights gives for a query of ours over the stack's lines. */
const matching = (query: string) => {
  const wanted = [...query.matchAll(/(\w+) in (\[[^\]]*\])/g)].map(([, name = '', values = '[]']) => ({
    name,
    values: JSON.parse(values) as unknown[],
  }));
  return demo()
    .logs()
    .flatMap(({ line, ...when }) => {
      const at = (when as unknown as { readonly at: number }).at;
      const fields = JSON.parse(line);
      if (!wanted.some(({ name, values }) => values.includes(fields[name]))) return [];
      const timestamp = new Date(at).toISOString().replace('T', ' ').replace('Z', '');
      return [
        [
          { field: '@timestamp', value: timestamp },
          { field: '@message', value: line },
        ],
      ];
    });
};

it('an answer that the CRM refuses is a dead letter, and is told with the order that it came after', async () => {
  const phone = '+972501230075';
  const key = await order('trace-5', phone);
  // What is told of it would meet the fault in the answer's place.
  await expect.poll(async () => (await recordOf(demo(), key))?.delivery?.status).toBe('delivered');
  await untilIdle(demo());
  await sandboxOf(demo()).fault('crm', { kind: 'status', status: 422 }, 1);
  await replies('m-trace-5', 'thank you', phone, 'delivery-refused');
  await untilIdle(demo());
  for (const what of ['trace-5', 'delivery-refused']) {
    const story = await told(what);
    expectInOrder(story, [
      /EZWhatsApp brought the delivery delivery-refused/,
      /message of a delivery is a dead letter in crm-sync-dlq \(sink_422\)/,
      /A dead letter: npx ezw dlq show demo crm-sync-dlq [\w-]+ --local/,
    ]);
    expectInOrder(story, [/brought the delivery delivery-refused/, /crm-sync gave up: sink_422; it is a dead letter/]);
    expect(story).not.toMatch(PRIVATE);
  }
  expect(await told('trace-1')).not.toContain('dead letter');
  const { dlqs } = demo().depths();
  expect(dlqs['crm-sync-dlq']).toMatchObject({ ready: 1, inFlight: 0 });
});

it('an order that was refused for its phone says so', async () => {
  const key = await order('trace-2', '12');
  await untilState(demo(), key, 'REJECTED');
  const story = await told('trace-2');
  expectInOrder(story, [
    /the door order-ready\/custom took 1 event/,
    /order-ready composed order:trace-2:ready/,
    /order:trace-2:ready was refused \(no_usable_phone\)/,
  ]);
  expect(story).toMatch(/No number was given that can be written to/);
});

it('a reminder has the id of its booking, also one whose alarm was lost and is set anew', async () => {
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  const scheduler = new SchedulerClient({ endpoint: demo().endpoints.scheduler, region: 'us-east-1', credentials });
  const start = daysAhead(10);
  const traceAtDoor = (): string =>
    JSON.parse(
      linesWith('"event":"door"')
        .filter(({ function: name }) => name === 'appointment-reminder')
        .at(-1)?.line ?? '',
    ).trace;
  await tellAndWait(demo(), 'custom', customAppointment('booked', 'trace-a', start));
  const ofA = traceAtDoor();
  await tellAndWait(demo(), 'custom', customAppointment('booked', 'trace-b', start));
  const ofB = traceAtDoor();
  const { Schedules = [] } = await scheduler.send(new ListSchedulesCommand({ MaxResults: 100 }));
  for (const { Name, GroupName } of Schedules) await scheduler.send(new DeleteScheduleCommand({ Name, GroupName }));
  scheduler.destroy();
  expect((await ezw(['appointments', 'resync', 'demo', '--local', demo().url])).code).toBe(0);
  await moveClock(demo(), start - DAY + 60_000);
  expect(new Set([ofA, ofB]).size).toBe(2);
  for (const [id, own] of [
    ['trace-a', ofA],
    ['trace-b', ofB],
  ] as const) {
    const { trace: of } = await untilState(demo(), `appointment:${id}:24h`, 'ACCEPTED');
    expect(of).toBe(own);
    expectInOrder(await told(id), [
      /the door appointment-reminder\/custom took 1 event/,
      new RegExp(`the alarm rang for appointment:${id}:24h: send`),
      new RegExp(`EZWhatsApp accepted appointment:${id}:24h`),
    ]);
  }
});

it('a record of an earlier release, without an id and without lines, is told from the ledger', async () => {
  const key = await order('trace-3', '+972501230073');
  const { trace: _, person: __, ...before } = await untilState(demo(), key, 'ACCEPTED');
  const row = {
    ...before,
    pk: before.pk.replace('trace-3', 'trace-4'),
    key: 'order:trace-4:ready',
    because: { ...before.because, id: 'trace-4' },
  };
  await awsClients(demo()).dynamodb.send(
    new PutItemCommand({ TableName: demo().resources().tables.sends, Item: encode(row) }),
  );
  const story = await told('trace-4');
  expect(story).toMatch(/trace +no trace id: of an earlier release/);
  expectInOrder(story, [
    /custom told "ready" of trace-4/,
    /order:trace-4:ready is ACCEPTED, status 20\d, as the ledger has it last/,
  ]);
});

it('an appointment tells its alarms before any of them rang, and that it was cancelled', async () => {
  const phone = '+972501230082';
  const start = daysAhead(400);
  await tellAndWait(demo(), 'custom', customAppointment('booked', 'trace-c', start, { phone }));
  for (const what of ['trace-c', 'appointment:trace-c', 'appointment:trace-c:24h', phone]) {
    const story = await told(what);
    expectInOrder(story, [/trace-c was booked for/, /trace-c is booked: alarms are set for 24h at .*, 2h at /]);
    expect(story).not.toMatch(PRIVATE);
  }
  expect(await told('trace-c')).toMatch(/took note of it: nothing was to be sent just then/);
  await tellAndWait(demo(), 'custom', { ...customAppointment('cancelled', 'trace-c', start) });
  expectInOrder(await told('trace-c'), [
    /door appointment-reminder\/custom took 1 event/,
    /trace-c was cancelled: no reminder of it goes out any more/,
    /trace-c is cancelled: no alarm of it lies ahead/,
  ]);
  expect(JSON.parse((await trace('trace-c', '--json')).stdout).appointments).toEqual([
    { id: 'trace-c', status: 'cancelled', alarms: [] },
  ]);
});

it('of a delivery with what two people wrote each has their own part', async () => {
  const [one, other] = ['+972501230084', '+972501230085'];
  for (const [id, phone] of [
    ['trace-11', one],
    ['trace-12', other],
  ] as const)
    await untilState(demo(), await order(id, phone), 'ACCEPTED');
  await untilIdle(demo());
  const said = (id: string, text: string, phone: string) => {
    const chat = `${phone.slice(1)}@s.whatsapp.net`;
    const who = { chat_id: chat, from: chat, contactPhoneNumber: phone, contact_phone_number: phone };
    return customerSays(id, text, { ...who, conversationId: `conv-${id}`, conversation_id: `conv-${id}` }).messages;
  };
  const messages = [...said('m-trace-11', 'thank you', one), ...said('m-trace-12', 'urgent', other)];
  await deliver(demo(), { event: 'messages.post', messages }, { deliveryId: 'delivery-of-two' });
  await untilIdle(demo());
  const [first, second] = [await told('trace-11'), await told('trace-12')];
  expectInOrder(first, [/brought the delivery delivery-of-two: 2 items/, /they wrote, after order:trace-11:ready/]);
  expect(first).not.toMatch(/urgent|trace-12/);
  expect(first.match(/the message was told to CRM/g)).toHaveLength(1);
  expectInOrder(second, [
    /brought the delivery/,
    /they wrote, after order:trace-12:ready/,
    /the alert urgent by webhook/,
  ]);
  expect(second).not.toMatch(/trace-11/);
  for (const part of ['order', 'ready', '1']) expect((await trace(part)).code).toBe(1);
});

it('is found by the number that people have, however it was copied', async () => {
  const { status } = await post(
    demo(),
    'custom',
    signed(
      'custom',
      customOrder('gid-77', { order_number: '#SO-1077', customer: { name: 'Dana', phone: '+972501230086' } }),
    ),
  );
  expect(status).toBe(200);
  const { trace: id = '' } = await untilState(demo(), 'order:gid-77:ready', 'ACCEPTED');
  const [door] = linesWith(`"trace":"${id}"`);
  const { request } = JSON.parse(door?.line ?? '');
  const wrapped = '\u202a+972 50\u2011123\u20110086\u202c';
  for (const what of [
    'SO-1077',
    '#so-1077',
    '"SO-1077"',
    'order:gid-77',
    id.toUpperCase(),
    request,
    wrapped,
    'tel:+972501230086',
  ])
    expectInOrder(await told(what), [
      /the door order-ready\/custom took 1 event/,
      /EZWhatsApp accepted order:gid-77:ready/,
    ]);
});

it('what is two things is told of neither, and both are named', async () => {
  await tellAndWait(demo(), 'custom', customAppointment('booked', 'trace-1', daysAhead(401)));
  const { code, stderr } = await trace('trace-1');
  expect(code).toBe(2);
  expect(stderr).toMatch(
    /trace-1 is several things.*order:trace-1 \(order-ready\), appointment:trace-1 \(appointment-reminder\)/,
  );
  expect(await told('order:trace-1')).not.toContain('appointment');
  expect(await told('appointment:trace-1')).not.toContain('order:');
});

it('what led to no send is told: another kind of event, and who wrote or said stop', async () => {
  const other = { type: 'order.created', timestamp: new Date().toISOString(), data: { order_id: 'trace-13' } };
  expect((await post(demo(), 'custom', signed('custom', other))).status).toBe(200);
  expect(await told('trace-13')).toMatch(/the door order-ready\/custom took it: of this kind nothing is told/);
  const phone = '+972501230087';
  await replies('m-trace-13', 'urgent, please', phone, 'delivery-of-urgent');
  await untilIdle(demo());
  expectInOrder(await told(phone), [/brought the delivery delivery-of-urgent/, /the alert urgent by webhook/]);
  await replies('m-trace-14', 'stop', phone, 'delivery-of-stop');
  await untilIdle(demo());
  await untilState(demo(), await order('trace-14', phone), 'SUPPRESSED');
  for (const what of [phone, 'trace-14']) {
    const story = await told(what);
    expectInOrder(story, [/they said stop, in the delivery delivery-of-stop/, /order:trace-14:ready was not sent/]);
    expect(story).not.toMatch(PRIVATE);
  }
});

it('as much as there is to ask for is asked for in parts', async () => {
  const delivery = Array.from({ length: 1000 }, (_, i) => `no-such-delivery-of-many-${i}`);
  const target = { url: demo().url, where: 'local' } as Target;
  const ways = { sleep: async () => undefined, now: Date.now, say: () => undefined };
  const wanted = { ...NOTHING, delivery: [...delivery, 'delivery-of-two'] };
  const { lines, lacks } = await linesOf(target, { wanted, since: 0 }, ways);
  expect([lines.length > 3, lacks]).toEqual([true, undefined]);
});

it.each([
  [
    'no-such-order',
    /^ezw: Nothing is known of no-such-order: no send, no dead letter and no line of the logs\. .*sends list demo --local .*\n$/,
    1,
  ],
  ['tvvvvvvvvvvv', /^ezw: Nothing is known of tvvvvvvvvvvv/, 1],
  ['1234567890123', /^ezw: Nothing is known of a number that ends with 23: /, 1],
  ['+972501239999', /^ezw: Nothing is known of \+972 •• ••• ••99/, 1],
  ['  ', /^ezw: Write an order number, a phone, a key, a trace id or a delivery id\.\n$/, 2],
])('%j, of which nothing is known, is answered in clear words', async (what, says, exit) => {
  const { code, stderr } = await trace(what);
  expect([code, stderr]).toEqual([exit, expect.stringMatching(says)]);
});

// Behind all that waits until nothing is under way: an alert that nobody takes is tried again for days.
it('what they wrote is told while CRM and alerts refuse, with each dead letter of it', async () => {
  const phone = '+972501230083';
  for (const on of ['crm', 'notifier']) await sandboxOf(demo()).fault(on, { kind: 'status', status: 400 }, 100);
  const key = await order('trace-10', phone);
  await untilState(demo(), key, 'ACCEPTED');
  await expect.poll(async () => (await recordOf(demo(), key))?.delivery?.status, { timeout: 20_000 }).toBe('delivered');
  await replies('m-trace-10', 'urgent, please', phone, 'delivery-all-refused');
  await expect.poll(() => linesWith('"outcome":"refused"').length, { timeout: 20_000 }).toBeGreaterThan(0);
  await expect
    .poll(() => linesWith('delivery-all-refused').filter(({ line }) => line.includes('dead_letter')).length)
    .toBe(1);
  const story = await told('trace-10');
  expectInOrder(story, [
    /brought the delivery delivery-all-refused/,
    /they wrote, after order:trace-10:ready/,
    /the alert urgent by webhook was refused: notifier_400/,
    /A dead letter: npx ezw dlq show demo crm-sync-dlq/,
  ]);
  expect(story).toMatch(/message of a delivery is a dead letter in crm-sync-dlq \(sink_400\)/);
  expect(story).not.toMatch(PRIVATE);
  await sandboxOf(demo()).clearFaults();
  const [letter] = JSON.parse((await trace('trace-10', '--json')).stdout).letters;
  expect(await told(letter.messageId)).toMatch(/brought the delivery/);
}, 60_000);

describe('while the line is held', () => {
  const phones = ['+972501230088', '+972501230089'] as const;
  it('what is queued behind others is told, and why', async () => {
    // Of a line that was well a moment ago it is not sure what is held and what left.
    const word = ['--reason', 'Dana called', '--by', 'operator'];
    expect((await ezw(['line', 'pause', 'demo', ...word, '--local', demo().url])).code).toBe(0);
    await order('trace-20', phones[0]);
    await untilState(demo(), 'order:trace-20:ready', 'HELD');
    await order('trace-21', phones[1]);
    await expect.poll(() => linesWith('"key":"order:trace-21:ready"').length, { timeout: 20_000 }).toBe(1);
    for (const what of ['trace-21', 'order:trace-21', 'order:trace-21:ready']) {
      const story = await told(what);
      expectInOrder(story, [
        /the door order-ready\/custom took 1 event/,
        /order-ready composed order:trace-21:ready/,
        /order:trace-21:ready is queued behind others: \d+ wait in the queue of the line\. One before them waits \(paused\) since .* The line is paused since/,
      ]);
      expect(story).not.toMatch(/trace-20|called/);
    }
    const { code, stderr } = await trace(phones[1]);
    expect([code, stderr]).toEqual([
      1,
      expect.stringMatching(/stand in the queue of the line, and whom those are for/),
    ]);
  });
});

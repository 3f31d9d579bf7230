import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { DeleteScheduleCommand, ListSchedulesCommand, SchedulerClient } from '@aws-sdk/client-scheduler';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
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
      `fields @timestamp, @message | filter trace in ["${record?.trace}"] or key in ["${key}"] or after in ["${key}"] | sort @timestamp asc | limit 1000`,
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
  await untilState(demo(), key, 'ACCEPTED');
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

it.each([
  [
    'no-such-order',
    /^ezw: Nothing is known of no-such-order: no send, no dead letter and no line of the logs\. .*sends list demo --local .*\n$/,
    1,
  ],
  ['tzzzzzzzzzzz', /^ezw: Nothing is known of tzzzzzzzzzzz/, 1],
  ['+972501239999', /^ezw: Nothing is known of \+972 •• ••• ••99/, 1],
  ['  ', /^ezw: Write an order number, a phone, a key, a trace id or a delivery id\.\n$/, 2],
])('%j, of which nothing is known, is answered in clear words', async (what, says, exit) => {
  const { code, stderr } = await trace(what);
  expect([code, stderr]).toEqual([exit, expect.stringMatching(says)]);
});

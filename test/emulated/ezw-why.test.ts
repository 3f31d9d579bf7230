import { randomUUID } from 'node:crypto';
import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SendRecord } from '../../functions/shared/ledger/rules.ts';
import { encode } from '../../functions/shared/runtime/attributes.ts';
import { AwsMode } from './aws-mode.ts';
import { customOrder, demoForAll, post, recordOf, signed, untilIdle, untilState } from './demo.ts';
import { ezw } from './ezw.ts';
import { awsClients } from './fixtures/clients.ts';
import { customerSays, deliver } from './inbound.ts';
import { customLead, person, postLead, signedLead } from './leads.ts';

const demo = demoForAll();
const run = (...args: string[]) => ezw([...args, '--local', demo().url]);
beforeAll(async () => {
  expect((await run('webhook', 'register', 'demo')).code).toBe(0);
});
const json = async (...args: string[]) => {
  const { code, stdout, stderr } = await run(...args, '--json');
  if (code !== 0) throw new Error(`exit code ${code}: ${stderr}`);
  return JSON.parse(stdout);
};
const order = async (id: string, phone: string, over: Record<string, unknown> = {}): Promise<string> => {
  const sent = await post(
    demo(),
    'custom',
    signed('custom', customOrder(id, { customer: { name: 'Dana', phone }, ...over })),
  );
  expect(sent.status).toBe(200);
  return `order:${id}:ready`;
};
/** A row as a release before this one wrote it. */
const asBefore = async (record: SendRecord, over: Partial<SendRecord>): Promise<void> => {
  const { person: _, because: __, ...before } = record;
  const { dynamodb } = awsClients(demo());
  const row = { ...before, ...over };
  await dynamodb.send(new PutItemCommand({ TableName: demo().resources().tables.sends, Item: encode(row) }));
};
/** Of a number as it stands anywhere. */
const digits = (phone: string): RegExp => new RegExp(phone.slice(-9));

describe('why did I get this', () => {
  const PHONE = '+972501230001';

  it('tells a person each message, the event and source behind it, its ids, how far it got and what they agreed to', async () => {
    const lead = person({ id: 'why-lead-1', phone: '050-123-0001' });
    await postLead(demo(), 'custom', signedLead('custom', customLead(lead)));
    const touch = `lead:${lead.id}:first-touch`;
    await untilState(demo(), touch, 'ACCEPTED');
    const ready = await order('why-1', PHONE);
    await untilState(demo(), ready, 'ACCEPTED');
    await expect.poll(async () => (await recordOf(demo(), ready))?.delivery?.status).toBe('delivered');

    // However it is written, and it is not shown again.
    for (const phone of [PHONE, '050-123-0001', '972 50 123 0001']) {
      const { code, stdout, stderr } = await run('sends', 'show', 'demo', '--phone', phone);
      expect([code, stderr]).toEqual([0, '']);
      expect(stdout).toMatch(/\+972 •• ••• ••01: 2 sends in the last 60 days/);
      expect(stdout).toContain('They are not on the stop list.');
      expect(stdout.indexOf(ready)).toBeLessThan(stdout.indexOf(touch));
      expect(stdout).toMatch(/because\s+custom told "ready" of why-1, which happened at 20/);
      expect(stdout).toMatch(/delivery\s+delivered at 20/);
      expect(stdout).toMatch(/ids at the vendor\s+att_/);
      expect(stdout).toContain(`custom told "lead" of ${lead.id}, which happened at`);
      expect(stdout).toMatch(/consent\s+"consent.whatsapp": "true", to the words "I agree to WhatsApp", at 20/);
      expect(stdout).toMatch(/consent\s+none is recorded beside it/);
      expect(stdout).not.toMatch(digits(PHONE));
      expect(stdout).not.toMatch(/Dana|ready for pickup/);
    }
    const found = await json('sends', 'show', 'demo', '--phone', PHONE);
    expect(found).toMatchObject({
      phone: '+972 •• ••• ••01',
      stopList: { isOn: false },
      sends: [
        { key: ready, because: { source: 'custom', told: 'ready', id: 'why-1' }, delivery: { status: 'delivered' } },
        { key: touch, consent: { field: 'consent.whatsapp', value: 'true', statement: 'I agree to WhatsApp' } },
      ],
    });
    expect(JSON.stringify(found)).not.toMatch(digits(PHONE));
    expect((await run('sends', 'show', 'demo', touch)).stdout).toMatch(
      /because\s+custom told "lead" of[\s\S]*consent\s+"consent/,
    );
  });

  it('tells why a message was refused, a repeat by hand, and since when they are on the stop list', async () => {
    const phone = '+972501230002';
    const first = await order('why-2', phone);
    await untilState(demo(), first, 'ACCEPTED');
    const noConsent = person({ id: 'why-lead-2', phone, consent: false });
    await postLead(demo(), 'custom', signedLead('custom', customLead(noConsent)));
    await untilState(demo(), `lead:${noConsent.id}:first-touch`, 'REJECTED');
    const chat = {
      chat_id: '972501230002@s.whatsapp.net',
      from: '972501230002@s.whatsapp.net',
      conversationId: 'conv-why-2',
    };
    const named = { contactPhoneNumber: phone, contact_phone_number: phone, conversation_id: 'conv-why-2' };
    const at = Math.floor(Date.now() / 1000) - 5;
    await deliver(demo(), customerSays('m-why-2', 'stop', { ...chat, ...named, timestamp: at }));
    await untilIdle(demo());
    const second = await order('why-3', phone);
    await untilState(demo(), second, 'SUPPRESSED');
    const again = ['sends', 'resend', 'demo', first, '--body', '-', '--reason', 'was lost', '--by', 'Noa', '--yes'];
    const body = JSON.stringify({ to: phone, body: 'once more' });
    expect((await ezw([...again, '--local', demo().url], { input: body })).code).toBe(0);
    await untilState(demo(), `${first}:resend:1`, 'SUPPRESSED');

    const { stdout } = await run('sends', 'show', 'demo', '--phone', phone);
    expect(stdout).toContain('4 sends in the last 60 days');
    const when = new Date(at * 1000).toISOString().slice(0, 19).replace('T', ' ');
    expect(stdout).toContain(`They are on the stop list: they said so at ${when}Z.`);
    expect(stdout).toContain(`Noa sent ${first} again at`);
    expect(stdout).toContain('was lost');
    expect(stdout).toContain('They asked not to be written to.');
    expect(stdout).toContain('They did not agree to WhatsApp.');
    expect(stdout).not.toMatch(digits(phone));
  });

  it('finds what was said into their conversation, also if nobody knew whose it was then', async () => {
    const phone = '+972501230003';
    const outcome = {
      path: '/messages/text',
      body: JSON.stringify({ conversationId: 'conv-why-3', body: 'We are closed.' }),
    };
    const key = `delivery:${randomUUID()}:auto-reply`;
    const now = new Date().toISOString();
    const until = new Date(Date.now() + 3600_000).toISOString();
    const because = { source: 'auto-reply', told: 'always', id: 'm-why-3', at: now };
    const command = { key, template: 'auto-reply', asOf: now, usefulUntil: until, because, outcome };
    await awsClients(demo()).sqs.send(
      new SendMessageCommand({
        QueueUrl: demo().resources().queues.sends,
        MessageBody: JSON.stringify(command),
        MessageGroupId: demo().lineId,
        MessageDeduplicationId: key,
      }),
    );
    await untilState(demo(), key, 'ACCEPTED');
    expect((await json('sends', 'show', 'demo', '--phone', phone)).sends).toEqual([]);
    const chat = { chat_id: '972501230003@s.whatsapp.net', from: '972501230003@s.whatsapp.net' };
    const named = { contactPhoneNumber: phone, contact_phone_number: phone };
    const ids = { conversationId: 'conv-why-3', conversation_id: 'conv-why-3' };
    await deliver(demo(), customerSays('m-why-4', 'hello', { ...chat, ...named, ...ids }));
    await untilIdle(demo());
    const { stdout } = await run('sends', 'show', 'demo', '--phone', phone);
    expect(stdout).toContain('the automatic answer (always) to their message m-why-3 of');
  });

  it('says how many sends cannot be searched, for an earlier release recorded nobody, and which are nobody’s', async () => {
    const noNumber = await order('why-5', 'call me');
    await untilState(demo(), noNumber, 'REJECTED');
    const found = await json('sends', 'show', 'demo', '--phone', PHONE);
    expect(found.unsearchable).toMatchObject({ ofEarlierRelease: 0 });
    expect(found.unsearchable.withoutNumber).toBeGreaterThan(0);
    const key = await order('why-6', '+972501230006');
    await untilState(demo(), key, 'ACCEPTED');
    // What is seen of it on the line is told apart from a person's by when it was sent.
    await expect.poll(async () => (await recordOf(demo(), key))?.delivery?.status).toBe('delivered');
    await asBefore(await untilState(demo(), key, 'ACCEPTED'), { createdAt: Date.parse('2026-11-01T10:00:00Z') });
    const { stdout, code } = await run('sends', 'show', 'demo', '--phone', '+972501230006');
    expect(code).toBe(0);
    expect(stdout).toMatch(/no sends in the last 60 days/);
    expect(stdout).toContain(
      '1 sends cannot be searched: an earlier release recorded them without a person, the last at 2026-11-01',
    );
    expect((await run('sends', 'show', 'demo', key)).stdout).toMatch(
      /because\s+not recorded: it is of an earlier release/,
    );
  });

  it('of somebody who got nothing says so and exits with 0; what is no number is wrong input and is not repeated', async () => {
    const { code, stdout } = await run('sends', 'show', 'demo', '--phone', '+972501239999');
    expect([code, stdout]).toEqual([0, expect.stringContaining('no sends in the last 60 days')]);
    for (const bad of ['12', 'dana', '+972501', '', '+972501234567 / +972501234568', '050-123-4567, 050-123-4568']) {
      const refused = await run('sends', 'show', 'demo', '--phone', bad);
      expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining('--phone takes one number') });
      if (bad !== '') expect(refused.stderr).not.toContain(bad);
    }
    expect(await run('sends', 'show', 'demo')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('or --phone'),
    });
    const both = await run('sends', 'show', 'demo', 'order:1:ready', '--phone', PHONE);
    expect(both).toMatchObject({ code: 2, stderr: expect.stringContaining('not both') });
  });
});

describe('usage', () => {
  it('counts the month that goes on: by day, template and reason, with tests and resends told apart', async () => {
    const own = '+972501230020';
    await untilState(demo(), await order('usage-1', own), 'ACCEPTED');
    // A person of the team, on the phone of the line.
    await deliver(demo(), customerSays('m-usage-1', 'I will look into it', { from_me: true }));
    await untilIdle(demo());
    const month = await json('usage', 'demo', '--own', '050-123-0020');
    expect(month).toMatchObject({ client: 'demo', isOpen: true, isPartlyGone: false, total: { tests: 1 } });
    expect(month.total.accepted).toBeGreaterThanOrEqual(4);
    expect(month.total.refused).toBeGreaterThanOrEqual(3);
    expect(month.refused).toContainEqual(
      expect.objectContaining({ reason: 'no_consent', says: expect.stringContaining('did not agree') }),
    );
    expect(month.events.custom).toBeGreaterThanOrEqual(6);
    expect([month.inbound, month.answers]).toEqual([2, 1]);
    const { code, stdout } = await run('usage', 'demo');
    expect(code).toBe(0);
    expect(stdout).toMatch(/demo, 20\d\d-\d\d, days of \S+, as of/);
    expect(stdout).toMatch(/! 20\d\d-\d\d is not over/);
    expect(stdout).toMatch(/order-ready\s+\d/);
    expect(stdout + JSON.stringify(month)).not.toMatch(/50123|Dana/);
  });

  it('prints CSV for the invoice, for Excel with its mark, and what must be known first on stderr', async () => {
    const { code, stdout, stderr } = await run('usage', 'demo', '--csv');
    expect([code, stderr]).toEqual([0, expect.stringContaining('is not over')]);
    const [headings = '', ...rows] = stdout.trimEnd().split('\r\n');
    expect(headings).toMatch(/^client,month,day,known,what,template,/);
    expect(rows.some((row) => /,message,order-ready,custom,ACCEPTED,delivered,,,\d+$/.test(row))).toBe(true);
    expect((await run('usage', 'demo', '--excel')).stdout).toBe(`\uFEFF${stdout}`);
    expect(await run('usage', 'demo', '--csv', '--json')).toMatchObject({ code: 2 });
  });

  it('of a month that is forgotten, has not begun or is none says so and exits with 2', async () => {
    for (const [month, says] of [
      ['2020-01', /back to 20\d\d-/],
      ['2999-01', /has not begun/],
      ['11-2026', /a month such as 2026-11/],
    ] as const) {
      expect(await run('usage', 'demo', '--month', month)).toMatchObject({
        code: 2,
        stderr: expect.stringMatching(says),
      });
    }
    expect((await run('usage', 'nobody')).code).toBe(2);
  });
});

describe('of a deployed stack', () => {
  const PHONE = '+972501230030';
  let aws: AwsMode;
  beforeAll(async () => {
    aws = await AwsMode.start(demo(), demo().url);
  });
  afterAll(() => aws.stop());

  it('finds a person’s messages', async () => {
    await untilState(demo(), await order('why-aws', PHONE), 'ACCEPTED');
    await untilIdle(demo());
    const { code, stdout } = await aws.run(['sends', 'show', 'demo', '--phone', PHONE]);
    expect([code, stdout]).toEqual([0, expect.stringContaining('order:why-aws:ready')]);
  });

  it.each([
    [['sends', 'show', 'demo', '--phone', PHONE]],
    [['sends', 'list', 'demo', '--waiting']],
    [['sends', 'list', 'demo', '--shadow']],
    [['usage', 'demo', '--csv']],
  ])('%j says the same as of the one here', async (args) => {
    // A status may come between the two.
    const told = async () => {
      const there = await aws.run(args);
      expect(there).toMatchObject({ code: 0, stdout: expect.stringMatching(/./) });
      return { there: there.stdout, here: (await run(...args)).stdout };
    };
    await expect.poll(told).toSatisfy(({ there, here }) => there === here);
  });

  it('somebody without rights, and a client that is not deployed, are told in one line', async () => {
    const none = await aws.run(['usage', 'demo'], { env: { AWS_ENDPOINT_URL_DYNAMODB: 'http://127.0.0.1:1' } });
    expect(none).toMatchObject({ code: 1, stdout: '' });
    expect(none.stderr.trim().split('\n')).toHaveLength(1);
    const unknown = await aws.run(['sends', 'show', 'nobody', '--phone', PHONE]);
    expect(unknown).toMatchObject({ code: 2, stderr: expect.stringContaining('No client file clients/nobody.ts.') });
  });
});

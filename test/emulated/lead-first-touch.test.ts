import { createHmac, randomUUID } from 'node:crypto';
import { ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { leadKey } from '../../functions/lead-first-touch/workflow.ts';
import type { OptOut } from '../../functions/shared/people/opt-out.ts';
import type { LocalStack } from '../../local/stack.ts';
import {
  customOrder,
  expectCleanLogs,
  post,
  recordOf,
  sandboxOf,
  signed,
  startDemo,
  untilIdle,
  untilState,
} from './demo.ts';
import { awsClients, saltOf } from './fixtures/clients.ts';
import { customerSays, deliver, rowOfPerson, worldOf } from './inbound.ts';
import {
  customLead,
  e164,
  formLead,
  googleLead,
  metaBody,
  metaUpdate,
  newLeadgenId,
  newPhone,
  type Person,
  person,
  postLead,
  secretOf,
  signedLead,
  typeformLead,
  webflowFirst,
  webflowLead,
} from './leads.ts';

let stack: LocalStack;
let sandbox: ReturnType<typeof sandboxOf>;

beforeAll(async () => {
  stack = await startDemo();
  sandbox = sandboxOf(stack);
});
afterAll(async () => {
  expectCleanLogs(stack);
  await stack.stop();
});

const control = async (method: string, path: string, body: unknown): Promise<void> => {
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(`${stack.url}/_sandbox/${path}`, { method, headers, body: JSON.stringify(body) });
  if (!response.ok) throw new Error(`${path} answered ${response.status}: ${await response.text()}`);
};

/** Meta's event brings an id alone, so the person goes to the Graph stand-in. */
const storeMetaLead = async ({ id, name, phone, country, consent, isTest }: Person): Promise<void> => {
  const values = (value: unknown): string[] => [value].flat().flatMap((one) => (one === null ? [] : [String(one)]));
  const field_data = [
    { name: 'full_name', values: [isTest ? '<test lead: dummy data for full_name>' : (name ?? '')] },
    { name: 'phone_number', values: values(phone) },
    ...(country ? [{ name: 'country', values: [country] }] : []),
    ...(consent === undefined ? [] : [{ name: 'whatsapp_consent', values: [String(consent)] }]),
  ];
  await control('PUT', 'graph/leads', { id, form_id: '1616801872291123', field_data });
};

interface Case {
  readonly newId?: () => string;
  readonly prepare?: (who: Person) => Promise<void>;
  readonly body: (who: Person) => unknown;
  /** What stands in place of a lost box: the words of the form itself, or nothing. */
  readonly withoutBox: 'ACCEPTED' | 'REJECTED';
  readonly marksTests: boolean;
  readonly refusal: string;
}

const SOURCES: Record<string, Case> = {
  custom: { body: customLead, withoutBox: 'REJECTED', marksTests: true, refusal: 'signature_mismatch' },
  form: { body: formLead, withoutBox: 'REJECTED', marksTests: true, refusal: 'secret_mismatch' },
  'google-ads': {
    // Beyond 2^53, so that a rounded id would be another lead's.
    newId: () => `82098291194${newLeadgenId().slice(-8)}`,
    body: googleLead,
    withoutBox: 'ACCEPTED',
    marksTests: true,
    refusal: 'secret_mismatch',
  },
  meta: {
    newId: newLeadgenId,
    prepare: storeMetaLead,
    body: ({ id }) => metaBody(metaUpdate(id)),
    withoutBox: 'ACCEPTED',
    marksTests: true,
    refusal: 'signature_mismatch',
  },
  typeform: { body: typeformLead, withoutBox: 'REJECTED', marksTests: false, refusal: 'signature_mismatch' },
  webflow: { body: webflowLead, withoutBox: 'REJECTED', marksTests: false, refusal: 'signature_mismatch' },
};

const bodyOf = (phone: unknown) => ({
  to: e164(String(phone)),
  body: 'Hi Dana, thank you for your interest. How can we help? Reply STOP to hear no more from us.',
});

describe.each(Object.entries(SOURCES))(
  'from %s',
  (source, { newId, prepare, body, withoutBox, marksTests, refusal }) => {
    const someone = async (over: Partial<Person> = {}): Promise<Person> => {
      const who = person({ ...(newId && { id: newId() }), ...over });
      await prepare?.(who);
      return who;
    };
    const deliver = async (who: Person) => {
      const { status, body: answer } = await postLead(stack, source, signedLead(source, body(who)));
      expect([status, answer]).toEqual([200, { ok: true, queued: 1 }]);
      return leadKey(who.id);
    };

    it('a realistic body gives one POST, and duplicates of it none', async () => {
      const who = await someone();
      const key = await deliver(who);
      await untilState(stack, key, 'ACCEPTED');
      await deliver(who);
      await deliver(who);
      await untilIdle(stack);
      const posts = await sandbox.posts(key);
      expect(posts).toHaveLength(1);
      expect(JSON.parse(posts[0]?.raw ?? '')).toEqual(bodyOf(who.phone));
    });

    it('a bad proof is answered 401 with a reason, and nothing is recorded', async () => {
      const who = await someone();
      const wrong = { current: `${secretOf(source).slice(0, -4)}AAA=` };
      const { status, body: answer } = await postLead(stack, source, signedLead(source, body(who), wrong));
      expect([status, answer?.reason]).toEqual([401, refusal]);
      await untilIdle(stack);
      expect(await recordOf(stack, leadKey(who.id))).toBeUndefined();
    });

    it('a box that was not ticked gives no message: REJECTED, no_consent', async () => {
      const key = await deliver(await someone({ consent: false }));
      expect(await untilState(stack, key, 'REJECTED')).toMatchObject({ reason: 'no_consent', attempts: 0 });
    });

    it(`without any box the lead is ${withoutBox}`, async () => {
      const key = await deliver(await someone({ consent: undefined }));
      const record = await untilState(stack, key, withoutBox);
      if (withoutBox === 'REJECTED') expect(record).toMatchObject({ reason: 'no_consent' });
    });

    // Meta's time stands in the event itself; see below.
    it.each(prepare ? [] : ['a lead that is too old expires'])('%s', async () => {
      const submittedAt = new Date(Date.now() - 2 * 3600_000 - 5000).toISOString();
      const key = await deliver(await someone({ submittedAt }));
      expect(await untilState(stack, key, 'EXPIRED')).toMatchObject({ reason: 'lead_too_old' });
    });

    it.each(marksTests ? ['a test lead is recorded and never messaged'] : [])('%s', async () => {
      const key = await deliver(await someone({ isTest: true }));
      expect(await untilState(stack, key, 'REJECTED')).toMatchObject({ reason: 'test_lead', attempts: 0 });
    });

    it.each<[string, unknown, string]>([
      ['letters', '555-555-SHIP', 'no_usable_phone:letters'],
      ['three digits', '123', 'no_usable_phone'],
      ['null', null, 'no_usable_phone'],
      ['an empty list', [], 'no_usable_phone'],
    ])('a phone of %s is no usable phone: REJECTED', async (_, phone, reason) => {
      const key = await deliver(await someone({ phone }));
      expect(await untilState(stack, key, 'REJECTED')).toMatchObject({ reason, attempts: 0 });
    });

    const usPhone = () => `(212) 555-01${newPhone().slice(-2)}`;
    it.each<[string, () => { phone: unknown; country?: string; to: string }]>([
      [
        'national format, with the country elsewhere as a code',
        () => {
          const phone = usPhone();
          return { phone, country: 'US', to: `+1${phone.replace(/\D/g, '')}` };
        },
      ],
      [
        'a JSON number',
        () => {
          const to = e164(newPhone());
          return { phone: Number(to), to };
        },
      ],
      [
        'a list',
        () => {
          const phone = newPhone();
          return { phone: [phone, '123'], to: e164(phone) };
        },
      ],
    ])('a phone in %s is understood', async (_, make) => {
      const { to, ...over } = make();
      const key = await deliver(await someone(over));
      await expect.poll(async () => (await recordOf(stack, key))?.state).toMatch(/^(ACCEPTED|REJECTED)$/);
      // The few fictitious numbers of the US may have been used before: then it is that very number which was touched.
      const record = await recordOf(stack, key);
      if (record?.reason === 'touched_recently') return;
      expect(JSON.parse((await sandbox.posts(key))[0]?.raw ?? '{}')).toMatchObject({ to });
    });
  },
);

describe('a person', () => {
  const deliver = async (who: Person, lead: (who: Person) => unknown = customLead, source = 'custom') => {
    expect((await postLead(stack, source, signedLead(source, lead(who)))).status).toBe(200);
    return leadKey(who.id);
  };

  it('who fills two forms is touched once: the second lead shows why it was left out', async () => {
    const phone = newPhone();
    const first = await deliver(person({ phone }));
    await untilState(stack, first, 'ACCEPTED');
    const second = await deliver(person({ phone: e164(phone) }), typeformLead, 'typeform');
    expect(await untilState(stack, second, 'REJECTED')).toMatchObject({ reason: 'touched_recently' });
    expect((await sandbox.messages()).filter(({ raw }) => raw.includes(e164(phone)))).toHaveLength(1);
  });

  it('whose first message surely never left can be touched by the next lead', async () => {
    const phone = newPhone();
    await untilIdle(stack);
    await sandbox.fault('text', { kind: 'status', status: 422 });
    const refused = await deliver(person({ phone }));
    await untilState(stack, refused, 'REJECTED');
    const next = await deliver(person({ phone }));
    await untilState(stack, next, 'ACCEPTED');
  });

  it('is known by a salted hash: consent is kept with field, words, time and source, and no number is in the table', async () => {
    const who = person();
    const key = await deliver(who);
    await untilState(stack, key, 'ACCEPTED');
    const rows = (await stack.state()).tables.contacts ?? [];
    expect(rows.find((row) => row.key === key)).toMatchObject({
      pk: expect.stringMatching(/^consent#[0-9a-f]{64}$/),
      field: 'consent.whatsapp',
      value: 'true',
      text: 'I agree to WhatsApp',
      at: who.submittedAt,
      source: 'custom',
    });
    expect(JSON.stringify(rows)).not.toMatch(/50-?123|Dana/);
  });
});

describe('the form door', () => {
  const secret = secretOf('form');
  const browser = (body: URLSearchParams | FormData | string, over: Record<string, string> = {}) =>
    fetch(`${stack.url}/lead-first-touch/form`, {
      method: 'POST',
      headers: {
        origin: 'https://shop.example',
        ...(typeof body === 'string' && { 'content-type': 'application/json' }),
        ...over,
      },
      body,
    });
  const countTo = async (phone: string) =>
    (await sandbox.messages()).filter(({ raw }) => raw.includes(e164(phone))).length;
  /** One message and, once all is done, still one. */
  const expectOneTo = async (phone: string): Promise<void> => {
    await expect.poll(() => countTo(phone)).toBe(1);
    await untilIdle(stack);
    expect(await countTo(phone)).toBe(1);
  };

  it('takes the secret in the path, as Elementor needs it, and a visitor who presses submit twice is one lead', async () => {
    const phone = newPhone();
    for (const time of ['11:58 am', '11:59 am']) {
      const body = new URLSearchParams({
        Name: 'Dana',
        Phone: phone,
        'I agree to WhatsApp messages': 'on',
        form_id: '5f2a',
        form_name: 'Contact',
        Date: 'November 22, 2026',
        Time: time,
        'Remote IP': '192.0.2.1',
        'User Agent': 'Mozilla',
      });
      const response = await fetch(`${stack.url}/lead-first-touch/form/${secret}`, { method: 'POST', body });
      expect([response.status, await response.json()]).toEqual([200, { ok: true, queued: 1 }]);
    }
    await expectOneTo(phone);
    const wrong = await fetch(`${stack.url}/lead-first-touch/form/wrong`, { method: 'POST', body: '{}' });
    expect([wrong.status, await wrong.json()]).toMatchObject([401, { reason: 'secret_mismatch' }]);
  });

  it('takes multipart, as Jotform sends it', async () => {
    const phone = newPhone();
    const body = new FormData();
    body.set('formID', '232');
    body.set('submissionID', `57${Date.now()}`);
    body.set(
      'rawRequest',
      JSON.stringify({ q3_name: { first: 'Dana', last: 'L' }, q5_phoneNumber: { full: phone }, q6_consent: 'Yes' }),
    );
    const response = await fetch(`${stack.url}/lead-first-touch/form/${secret}`, { method: 'POST', body });
    expect(response.status).toBe(200);
    await expectOneTo(phone);
  });

  it('takes a bearer token, and the signatures of WPForms and Tally', async () => {
    const phones = [newPhone(), newPhone(), newPhone()] as const;
    const post = (headers: Record<string, string>, body: string) =>
      fetch(`${stack.url}/lead-first-touch/form`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body,
      });
    const gravity = JSON.stringify({ id: '12', form_id: '3', phone: phones[0], name: 'Dana', consent: '1' });
    expect((await post({ authorization: `Bearer ${secret}` }, gravity)).status).toBe(200);
    const wpforms = JSON.stringify({
      entry_id: '9',
      form_id: '7',
      phone: phones[1],
      name: 'Dana',
      whatsapp_consent: 'Yes',
    });
    const seconds = Math.floor(Date.now() / 1000);
    const sign = (text: string, encoding: 'hex' | 'base64') =>
      createHmac('sha256', secret).update(text).digest(encoding);
    const t = `t=${seconds},v=${sign(`${seconds}.${wpforms}`, 'hex')}`;
    expect((await post({ 'x-wpforms-webhook-signature': t }, wpforms)).status).toBe(200);
    expect((await post({ 'x-wpforms-webhook-signature': t }, `${wpforms} `)).status).toBe(401);
    const stale = `t=${seconds - 301},v=${sign(`${seconds - 301}.${wpforms}`, 'hex')}`;
    expect(await (await post({ 'x-wpforms-webhook-signature': stale }, wpforms)).json()).toMatchObject({
      reason: 'timestamp_stale',
    });
    const fields = [
      { key: 'q1', label: 'Name', type: 'INPUT_TEXT', value: 'Dana' },
      { key: 'q2', label: 'Where?', type: 'INPUT_PHONE_NUMBER', value: e164(phones[2]) },
      { key: 'q3', label: 'Consent', type: 'CHECKBOXES', value: ['o1'], options: [{ id: 'o1', text: 'I agree' }] },
    ];
    const tally = JSON.stringify({
      eventId: 'e1',
      eventType: 'FORM_RESPONSE',
      data: { responseId: `r${Date.now()}`, formId: 'V', createdAt: new Date().toISOString(), fields },
    });
    expect((await post({ 'tally-signature': sign(tally, 'base64') }, tally)).status).toBe(200);
    expect((await post({ 'tally-signature': sign(`${tally} `, 'base64') }, tally)).status).toBe(401);
    for (const phone of phones) await expectOneTo(phone);
  });

  it('answers a page of the client so that its script may read it, before the post and after', async () => {
    const phone = newPhone();
    const preflight = await fetch(`${stack.url}/lead-first-touch/form`, {
      method: 'OPTIONS',
      headers: { origin: 'https://shop.example', 'access-control-request-method': 'POST' },
    });
    expect(preflight.status).toBe(200);
    expect(preflight.headers.get('access-control-allow-headers')).toBe('content-type');
    const who = person({ phone });
    const response = await browser(JSON.stringify(formLead(who)));
    expect(response.status).toBe(200);
    for (const answer of [preflight, response]) {
      expect(answer.headers.get('access-control-allow-origin')).toBe('https://shop.example');
    }
    await expectOneTo(phone);
  });

  it('relays no stranger’s link: a name that is one is left out, and the person is greeted without', async () => {
    const phone = newPhone();
    const name = 'you won! claim at https://evil.example';
    expect((await browser(JSON.stringify(formLead(person({ phone, name }))))).status).toBe(200);
    await expectOneTo(phone);
    const [sent] = (await sandbox.messages()).filter(({ raw }) => raw.includes(e164(phone)));
    expect(JSON.parse(sent?.raw ?? '')).toMatchObject({ body: expect.stringMatching(/^Hi there, /) });
    expect(sent?.raw).not.toContain('evil');
  });

  it('refuses pages of others, and posts that are neither proved nor from a page', async () => {
    const foreign = await browser(JSON.stringify(formLead(person())), { origin: 'https://evil.example' });
    expect([foreign.status, await foreign.json()]).toMatchObject([401, { reason: 'origin_not_allowed' }]);
    expect(foreign.headers.get('access-control-allow-origin')).toBeNull();
    const bare = await fetch(`${stack.url}/lead-first-touch/form`, { method: 'POST', body: '{}' });
    expect([bare.status, await bare.json()]).toMatchObject([401, { reason: 'secret_missing' }]);
    const claimed = await browser(JSON.stringify(formLead(person())), { 'x-ezw-secret': 'wrong' });
    expect(claimed.status).toBe(401);
  });

  it('takes a robot that filled the hidden field with a 200, and leaves it out with a line in the log', async () => {
    const phone = newPhone();
    const body = new URLSearchParams({ name: 'Dana', phone, consent: 'on', website: 'https://spam.example' });
    const response = await browser(body);
    expect([response.status, await response.json()]).toEqual([200, { ok: true, queued: 0, skipped: 1 }]);
    await untilIdle(stack);
    expect(await countTo(phone)).toBe(0);
    expect(stack.logs().some(({ line }) => line.includes('"reason":"honeypot"'))).toBe(true);
    // A form server's field of that name is no trap.
    const server = signedLead('form', { ...formLead(person({ phone })), website: 'https://dana.example' });
    expect((await postLead(stack, 'form', server)).body).toEqual({ ok: true, queued: 1 });
    await expectOneTo(phone);
  });

  it('takes what the form itself calls spam with a 200, and leaves it out with a line in the log', async () => {
    const phone = newPhone();
    const entry = { id: '9', form_id: '3', date_created: '2026-11-22 09:58:00', source_url: 'https://shop.example/' };
    const body = { ...entry, name: 'Dana', phone, consent: 'on' };
    const spam = await postLead(stack, 'form', signedLead('form', { ...body, status: 'spam' }));
    expect([spam.status, spam.body]).toEqual([200, { ok: true, queued: 0, skipped: 1 }]);
    await untilIdle(stack);
    expect(await countTo(phone)).toBe(0);
    expect(stack.logs().some(({ line }) => line.includes('"reason":"spam"'))).toBe(true);
    // A question of that name is no flag.
    const question = signedLead('form', { ...formLead(person({ phone })), status: 'spam' });
    expect((await postLead(stack, 'form', question)).body).toEqual({ ok: true, queued: 1 });
    await expectOneTo(phone);
  });

  it.each<[string, object]>([
    ['our own consent is not true', { consent: { whatsapp: false } }],
    ['our own consent says nothing of WhatsApp', { consent: { text: 'I agree' } }],
    ['the contact does not want to be disturbed', { dnd: true }],
    ['the contact does not want WhatsApp', { contact: { dndSettings: { WhatsApp: { status: 'active' } } } }],
  ])('writes to nobody where %s, whatever else was answered', async (_, no) => {
    const { consent, ...who } = person();
    const body = { ...formLead(who as Person), ...no, 'I agree to WhatsApp': 'yes' };
    expect((await postLead(stack, 'form', signedLead('form', body))).status).toBe(200);
    expect(await untilState(stack, leadKey(who.id), 'REJECTED')).toMatchObject({ reason: 'no_consent' });
  });

  it('lets one address post so often a minute, and says so to the page', async () => {
    const post = () => browser(new URLSearchParams({ name: 'Dana', phone: '123', email: 'a@shop.example' }));
    // Two minutes' worth, so that it is enough wherever in a minute it begins.
    const statuses: number[] = [];
    for (let i = 0; i < 205; i += 1) statuses.push((await post()).status);
    expect(new Set(statuses)).toEqual(new Set([200, 429]));
    const refused = await post();
    if (refused.status === 429) {
      expect(await refused.json()).toMatchObject({ reason: 'too_many_requests' });
      expect(refused.headers.get('access-control-allow-origin')).toBe('https://shop.example');
    }
    const proved = signedLead('form', formLead(person()));
    expect((await postLead(stack, 'form', proved)).status).toBe(200);
  });
});

it('doors that take more than POST say so to a method that they do not take', async () => {
  for (const [path, allow] of [
    ['meta', 'POST, GET'],
    ['meta/', 'POST, GET'],
    ['form', 'POST, OPTIONS'],
    ['form/some-secret-in-the-path', 'POST, OPTIONS'],
    ['typeform', 'POST'],
  ]) {
    for (const method of ['HEAD', 'DELETE']) {
      const { status, headers } = await fetch(`${stack.url}/lead-first-touch/${path}`, { method });
      expect([path, status, headers.get('allow')]).toEqual([path, 405, allow]);
    }
  }
});

describe('Meta', () => {
  it('is greeted with its challenge when it knows the verify token, and with nothing else', async () => {
    const ask = (query: Record<string, string>) =>
      fetch(`${stack.url}/lead-first-touch/meta?${new URLSearchParams(query)}`);
    const good = { 'hub.mode': 'subscribe', 'hub.verify_token': secretOf('meta'), 'hub.challenge': '1158201444' };
    const greeted = await ask(good);
    expect([greeted.status, await greeted.text()]).toEqual([200, '1158201444']);
    expect(greeted.headers.get('content-type')).toMatch(/^text\/plain/);
    const wrong = await ask({ ...good, 'hub.verify_token': 'wrong' });
    expect([wrong.status, await wrong.json()]).toMatchObject([401, { reason: 'verify_token_mismatch' }]);
    const { 'hub.verify_token': _, ...without } = good;
    expect((await ask(without)).status).toBe(401);
  });

  it('is asked again after a failure, and a lead that it does not know is parked', async () => {
    const [id, unknown] = [newLeadgenId(), `${newLeadgenId().slice(0, 12)}404404`];
    await storeMetaLead(person({ id }));
    await control('POST', 'graph/failures', [500]);
    await postLead(stack, 'meta', signedLead('meta', metaBody(metaUpdate(id))));
    await expect.poll(() => stack.logs().some(({ line }) => line.includes('meta_answered_500'))).toBe(true);
    await postLead(stack, 'meta', signedLead('meta', metaBody(metaUpdate(unknown))));
    expect(await untilState(stack, leadKey(unknown), 'REJECTED')).toMatchObject({ reason: 'not_found_at_meta' });
    await untilState(stack, leadKey(id), 'ACCEPTED');
  });

  it('is not asked about a lead that is too old by then', async () => {
    const id = newLeadgenId();
    const created_time = Math.floor(Date.now() / 1000) - 3 * 3600;
    await postLead(stack, 'meta', signedLead('meta', metaBody(metaUpdate(id, { created_time }))));
    expect(await untilState(stack, leadKey(id), 'EXPIRED')).toMatchObject({ reason: 'look_up_too_late' });
  });
});

it("Webflow's first version and its dashboard hooks, which sign nothing, are understood", async () => {
  const who = person();
  const headers = { 'content-type': 'application/json' };
  const body = JSON.stringify(webflowFirst(who));
  expect((await postLead(stack, 'webflow', { headers, body })).status).toBe(401);
  expect((await postLead(stack, `webflow/${secretOf('webflow')}`, { headers, body })).status).toBe(200);
  await untilState(stack, leadKey(who.id), 'ACCEPTED');
});

describe('a lead whose person is talking already', () => {
  const says = async (phone: string, over: Record<string, unknown> = {}) => {
    const number = e164(phone);
    const id = `${number.slice(1)}@s.whatsapp.net`;
    const conversation = `conv-${number.slice(1)}`;
    const ids = { chat_id: id, from: id, conversationId: conversation, conversation_id: conversation };
    const whose = { contactPhoneNumber: number, contact_phone_number: number };
    await deliver(stack, customerSays(randomUUID(), 'Hello', { ...ids, ...whose, ...over }));
  };

  it('is not written to, and stands in the CRM with what they answered', async () => {
    const phone = newPhone();
    await says(phone);
    await expect.poll(() => rowOfPerson(stack, e164(phone))).toHaveProperty('inboundAt');
    const who = person({ phone });
    const body = customLead(who);
    const fields = { interest: ['Roses', 'Trees'] };
    await postLead(stack, 'custom', signedLead('custom', { ...body, data: { ...body.data, fields } }));
    expect(await untilState(stack, leadKey(who.id), 'REJECTED')).toMatchObject({
      reason: 'in_conversation',
      attempts: 0,
    });
    const forms = async () =>
      (await worldOf(stack).crm()).entries.filter(
        (entry) => entry.type === 'form.submitted' && entry.contactId === e164(phone),
      );
    await expect
      .poll(forms)
      .toMatchObject([
        { message: { type: 'lead-first-touch', answers: [{ question: 'interest', value: 'Roses, Trees' }] } },
      ]);
    // An order is no first touch.
    await post(stack, 'custom', signed('custom', customOrder('SO-talking', { customer: { name: 'Dana', phone } })));
    await untilState(stack, 'order:SO-talking:ready', 'ACCEPTED');
  });

  it('is written to when the talk is older than quietFor', async () => {
    const phone = newPhone();
    await says(phone, { timestamp: Math.floor(Date.now() / 1000) - 13 * 3600 });
    await expect.poll(() => rowOfPerson(stack, e164(phone))).toHaveProperty('inboundAt');
    const who = person({ phone });
    await postLead(stack, 'custom', signedLead('custom', customLead(who)));
    await untilState(stack, leadKey(who.id), 'ACCEPTED');
  });

  it('is not written to either when it was the team that wrote', async () => {
    const phone = newPhone();
    await says(phone, { from_me: true, text: { body: 'We call you.' }, body: 'We call you.' });
    await expect.poll(() => rowOfPerson(stack, e164(phone))).toHaveProperty('teamAt');
    const who = person({ phone });
    await postLead(stack, 'custom', signedLead('custom', customLead(who)));
    expect(await untilState(stack, leadKey(who.id), 'REJECTED')).toMatchObject({ reason: 'in_conversation' });
  });
});

it('nobody who opted out is written to, by whichever template', async () => {
  const phone = newPhone();
  process.env.AWS_ENDPOINT_URL_DYNAMODB = stack.endpoints.dynamodb;
  process.env.AWS_REGION = 'us-east-1';
  process.env.AWS_ACCESS_KEY_ID = 'test';
  process.env.AWS_SECRET_ACCESS_KEY = 'test';
  const { People } = await import('../../functions/shared/people/people.ts');
  const { dynamodb } = awsClients(stack);
  const { TableNames = [] } = await dynamodb.send(new ListTablesCommand());
  const salt = await saltOf(stack);
  const people = new People({
    table: TableNames.find((name) => name.includes('Contacts')) ?? '',
    salt: async () => salt,
    now: Date.now,
  });
  const { pk } = await people.read(e164(phone));
  const say = (word: OptOut) => people.hear({ person: pk, names: [], older: [] }, word, new Date().toISOString());
  await say('stop');
  const who = person({ phone });
  await postLead(stack, 'custom', signedLead('custom', customLead(who)));
  expect(await untilState(stack, leadKey(who.id), 'SUPPRESSED')).toMatchObject({ reason: 'opted_out', attempts: 0 });
  await post(stack, 'custom', signed('custom', customOrder('SO-stop', { customer: { name: 'Dana', phone } })));
  await untilState(stack, 'order:SO-stop:ready', 'SUPPRESSED');
  await say('start');
  const again = person({ phone });
  await postLead(stack, 'custom', signedLead('custom', customLead(again)));
  await untilState(stack, leadKey(again.id), 'ACCEPTED');
});

import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { LeadFirstTouchConfig } from '../../functions/lead-first-touch/config.ts';
import type { FirstTouchTools } from '../../functions/lead-first-touch/first-touch.ts';
import type { Lead } from '../../functions/lead-first-touch/schema.ts';
import * as sources from '../../functions/lead-first-touch/sources.ts';
import type { SourceRequest } from '../../functions/shared/door/source.ts';
import type { SendRecord } from '../../functions/shared/ledger/rules.ts';
import type { SendCommand } from '../../functions/shared/ledger/send-command.ts';
import type { Contacts } from '../../functions/shared/people/contacts.ts';
import type { CrmNote } from '../../functions/shared/people/crm-note.ts';
import { startDynamo } from './dynamo.ts';

/** The decision about one phone on a real table; the clock is ours. */
const START = Date.parse('2026-11-22T10:00:00Z');
const DAY = 24 * 3600_000;
const contacts: Contacts = { table: 'contacts', salt: async () => 'salt-of-the-test' };
const config = {
  lineId: 'line',
  keysOf: 'line',
  country: 'IL',
  locale: 'en',
  usefulFor: 'PT2H',
  oncePerPhone: 'P30D',
  texts: { en: { body: 'Hi {name}.' } },
  sources: { custom: {}, form: { browser: { origins: [], honeypot: 'website', perAddressPerMinute: 3 } } },
} as unknown as LeadFirstTouchConfig;

let stop: () => Promise<void>;
let firstTouch: (lead: Lead, tools: FirstTouchTools) => Promise<void>;
let Table: typeof import('../../functions/shared/runtime/table.ts').Table;
let hashed: typeof import('../../functions/shared/people/contacts.ts').hashed;
let oneAddress: typeof import('../../functions/lead-first-touch/throttle.ts').oneAddress;
let clock = START;
let sent: SendCommand[] = [];
let noted: Omit<CrmNote, 'kind'>[] = [];
let records = new Map<string, SendRecord['state']>();

beforeAll(async () => {
  ({ stop } = await startDynamo('contacts'));
  ({ firstTouch } = await import('../../functions/lead-first-touch/first-touch.ts'));
  ({ Table } = await import('../../functions/shared/runtime/table.ts'));
  ({ hashed } = await import('../../functions/shared/people/contacts.ts'));
  ({ oneAddress } = await import('../../functions/lead-first-touch/throttle.ts'));
});
afterAll(() => stop());
beforeEach(() => {
  [clock, sent, noted, records] = [START, [], [], new Map()];
});

const tools = (over: Partial<FirstTouchTools> = {}): FirstTouchTools => ({
  config,
  contacts,
  send: async (command) => {
    sent.push(command);
  },
  tellCrm: async (note) => {
    noted.push(note);
  },
  record: async (key) => {
    const state = records.get(key);
    return state && ({ state } as SendRecord);
  },
  now: () => clock,
  ...over,
});

let next = 0;
const newPhone = (): string => `+97250123${String(next++).padStart(4, '0')}`;
const lead = (phone: string, over: Partial<Lead> = {}): Lead => ({
  id: randomUUID().slice(0, 8),
  source: 'custom',
  name: 'Dana',
  phones: [{ raw: phone }],
  consent: { field: 'consent.whatsapp', value: 'true' },
  submittedAt: new Date(clock).toISOString(),
  ...over,
});
const outcomes = () => sent.map(({ outcome }) => ('reason' in outcome ? outcome.reason : 'message'));

describe('the CRM', () => {
  const answers = [{ question: 'Interested in', value: 'Roses' }];

  it('is told what the form says, whether its message goes or the phone was touched already', async () => {
    const phone = newPhone();
    const [first, second] = [lead(phone, { answers }), lead(phone, { name: 'Yossi' })];
    await firstTouch(first, tools());
    await firstTouch(second, tools());
    expect(outcomes()).toEqual(['message', 'touched_recently']);
    expect(noted).toMatchObject([
      { key: sent[0]?.key, template: 'lead-first-touch', phone, name: 'Dana', answers },
      { key: sent[1]?.key, phone, answers: [] },
    ]);
  });

  it('is told of a post without a secret only with its message, without a name, and not without end', async () => {
    const phone = newPhone();
    for (const one of [phone, phone]) await firstTouch(lead(one, { answers, unproven: true }), tools());
    expect(noted).toMatchObject([{ phone, answers }]);
    expect(noted[0]?.name).toBeUndefined();
    for (let more = 0; more < 35; more += 1) await firstTouch(lead(newPhone(), { unproven: true }), tools());
    expect(noted).toHaveLength(30);
    await firstTouch(lead(newPhone()), tools());
    expect(noted).toHaveLength(31);
    clock += 3_600_000;
    await firstTouch(lead(newPhone(), { unproven: true }), tools());
    expect(noted).toHaveLength(32);
  });

  it('is told nothing of who did not agree, or left no number that can be written to', async () => {
    await firstTouch(lead(newPhone(), { answers, consent: { field: 'consent.whatsapp', value: 'no' } }), tools());
    await firstTouch(lead('call me', { answers }), tools());
    expect(outcomes()).toEqual(['no_consent', 'no_usable_phone:letters']);
    expect(noted).toEqual([]);
  });
});

describe('one phone', () => {
  it('is one however it is written', async () => {
    await firstTouch(lead('+5491123456789'), tools());
    await firstTouch(lead('+541123456789'), tools());
    expect(outcomes()).toEqual(['message', 'touched_recently']);
  });

  it('is not kept from an honest form by one that was set aside for a person', async () => {
    const phone = newPhone();
    const flood = lead(phone, { unproven: true });
    await firstTouch(flood, tools());
    const key = sent[0]?.key ?? '';
    const parked = async () => ({ state: 'HELD', parked: true }) as SendRecord;
    await firstTouch(lead(phone), tools({ record: async (of) => (of === key ? parked() : undefined) }));
    expect(outcomes()).toEqual(['message', 'message']);
  });

  it('was touched by what would have left while the client was tried', async () => {
    const phone = newPhone();
    await firstTouch(lead(phone), tools());
    const shadow = async () => ({ state: 'REJECTED', reason: 'shadow' }) as SendRecord;
    await firstTouch(lead(phone), tools({ record: shadow }));
    expect(outcomes()).toEqual(['message', 'touched_recently']);
  });

  it('keeps the proof of the lead that touched it, whatever is posted afterwards, and no number in its words', async () => {
    const phone = newPhone();
    const proof = async () =>
      new Table<Record<string, unknown>>('contacts').read(await hashed(contacts, 'consent', phone));
    const said = {
      field: 'consent.whatsapp',
      value: 'true',
      text: `Write to me on ${phone}, please`,
      at: '2099-01-01T00:00:00Z',
    };
    const first = lead(phone, { consent: said });
    await firstTouch(first, tools());
    const kept = await proof();
    expect(kept).toMatchObject({ text: 'Write to me on [number], please', at: first.submittedAt, key: sent[0]?.key });
    await firstTouch(lead(phone, { unproven: true }), tools());
    expect(await proof()).toEqual(kept);
  });

  it('is touched by one lead of many that come at once', async () => {
    const phone = newPhone();
    await Promise.all(Array.from({ length: 20 }, () => firstTouch(lead(phone), tools())));
    expect(outcomes().filter((outcome) => outcome === 'message')).toHaveLength(1);
    expect(outcomes().filter((outcome) => outcome === 'touched_recently')).toHaveLength(19);
  });

  it('is touched by the same lead again after a crash between the claim and the queue', async () => {
    const one = lead(newPhone());
    const crash = tools({ send: () => Promise.reject(new Error('killed')) });
    await expect(firstTouch(one, crash)).rejects.toThrow();
    await firstTouch(one, tools());
    await firstTouch(one, tools());
    expect(outcomes()).toEqual(['message', 'message']);
    expect(JSON.stringify(sent[0])).toBe(JSON.stringify(sent[1]));
  });

  it('can be touched again when the window is over, and not a second before', async () => {
    const phone = newPhone();
    await firstTouch(lead(phone), tools());
    clock += 30 * DAY - 1000;
    await firstTouch(lead(phone), tools());
    clock += 1000;
    await firstTouch(lead(phone), tools());
    expect(outcomes()).toEqual(['message', 'touched_recently', 'message']);
  });

  it.each<[SendRecord['state'] | undefined, string]>([
    ['REJECTED', 'message'],
    ['EXPIRED', 'message'],
    ['SUPPRESSED', 'message'],
    ['ACCEPTED', 'touched_recently'],
    ['UNKNOWN', 'touched_recently'],
    ['HELD', 'touched_recently'],
    ['CLAIMED', 'touched_recently'],
    [undefined, 'touched_recently'],
  ])('whose first message is %s: the next lead gets %s', async (state, expected) => {
    const phone = newPhone();
    await firstTouch(lead(phone), tools());
    if (state) records.set(sent[0]?.key ?? '', state);
    await Promise.all(Array.from({ length: 5 }, () => firstTouch(lead(phone), tools())));
    expect(outcomes().slice(1)).toContain(expected);
    expect(outcomes().filter((outcome) => outcome === 'message')).toHaveLength(expected === 'message' ? 2 : 1);
  });

  it('of a lead that is not qualified stays free for one that is', async () => {
    const phone = newPhone();
    await firstTouch(lead(phone, { consent: undefined }), tools());
    await firstTouch(lead(phone), tools());
    expect(outcomes()).toEqual(['no_consent', 'message']);
  });
});

describe('the evidence of a consent', () => {
  const kept = async (over: Partial<Lead>, settings: object) => {
    const phone = newPhone();
    const one = lead(phone, over);
    const own = { ...config, sources: { ...config.sources, ...settings } } as LeadFirstTouchConfig;
    await firstTouch(one, tools({ config: own }));
    const { hashed } = await import('../../functions/shared/people/contacts.ts');
    const { Table } = await import('../../functions/shared/runtime/table.ts');
    const pk = await hashed(contacts, 'consent', phone);
    return new Table<Record<string, unknown> & { pk: string }>('contacts').read(pk);
  };
  const fields = { consent: { fields: ['c1'], values: ['whatsapp'] } };

  it('is what was asked, all that was answered, when, and in which form', async () => {
    const at = '2026-11-22T09:00:00.000Z';
    const consent = { field: 'c1', question: 'How may we write?', value: 'Email\nWhatsApp', at };
    expect(await kept({ id: 'L1', source: 'typeform', formId: 'f1', consent }, { typeform: fields })).toMatchObject({
      field: 'c1',
      question: 'How may we write?',
      value: 'Email\nWhatsApp',
      at,
      source: 'typeform',
      form: 'f1',
      key: 'lead:L1:first-touch',
    });
  });

  it('without words of the form is the name of the question, and the time of the submission', async () => {
    const consent = { field: 'c1', value: 'WhatsApp' };
    expect(await kept({ source: 'typeform', consent }, { typeform: fields })).toMatchObject({
      question: 'c1',
      at: new Date(clock).toISOString(),
    });
  });

  it('by statement is the statement', async () => {
    const statement = 'By sending this form I agree to WhatsApp.';
    const rule = { consent: { fields: [], values: ['yes'], statement } };
    expect(await kept({ source: 'meta', formId: 'f2', consent: undefined }, { meta: rule })).toMatchObject({
      question: statement,
      text: statement,
      value: 'f2',
      form: 'f2',
    });
  });
});

describe('one address', () => {
  const post = (address: string, over: Partial<SourceRequest> = {}): SourceRequest => ({
    method: 'POST',
    headers: { origin: 'https://shop.example' },
    query: {},
    raw: Buffer.from(''),
    receivedAt: clock,
    address,
    fromOwnPage: true,
    ...over,
  });

  it('may post so often a minute from pages, and as often as it likes with a secret', async () => {
    const guard = oneAddress(contacts, sources, config.sources, () => clock);
    for (let i = 0; i < 3; i += 1) await guard(post('192.0.2.1'), 'form');
    await expect(guard(post('192.0.2.1'), 'form')).rejects.toMatchObject({ reason: 'too_many_requests' });
    await guard(post('192.0.2.2'), 'form');
    await guard(post('192.0.2.1', { headers: { 'x-ezw-secret': 's' } }), 'form');
    await guard(post('192.0.2.1'), 'typeform');
    clock += 60_000;
    await guard(post('192.0.2.1'), 'form');
  });

  it('is let in when the count cannot be had', async () => {
    const broken = { ...contacts, table: 'missing' };
    const guard = oneAddress(broken, sources, config.sources, () => clock);
    for (let i = 0; i < 5; i += 1) await guard(post('192.0.2.3'), 'form');
  });
});

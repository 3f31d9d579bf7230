import { randomInt, randomUUID } from 'node:crypto';
import type { Lead } from '../../functions/lead-first-touch/schema.ts';
import * as registry from '../../functions/lead-first-touch/sources.ts';
import type { SourceSecret } from '../../functions/shared/door/signatures.ts';
import type { SignedRequest, Sources } from '../../functions/shared/door/source.ts';
import type { LocalStack } from '../../local/stack.ts';
import { demoSecrets } from './demo.ts';

const sources: Sources<Lead> = registry;

/** Realistic bodies of every source of leads, each with a person and an id of its own. */
export const secretOf = (source: string): string => String(demoSecrets().sources?.[source]);

export const signedLead = (
  source: string,
  body: unknown,
  secret: SourceSecret = { current: secretOf(source) },
  at = new Date(),
): SignedRequest => {
  const found = sources[source];
  if (!found) throw new Error(`no source ${source}`);
  return found.sign(typeof body === 'string' ? body : JSON.stringify(body), secret, at);
};

export const postLead = async (stack: LocalStack, path: string, { headers, body }: SignedRequest) => {
  const response = await fetch(`${stack.url}/lead-first-touch/${path}`, { method: 'POST', headers, body });
  return {
    status: response.status,
    headers: response.headers,
    body: (await response.json().catch(() => undefined)) as Record<string, unknown> | undefined,
  };
};

let next = randomInt(1000);
/** A number that no other lead of this run has, in the range of the demo. */
export const newPhone = (): string => `050-123-${String(next++ % 10_000).padStart(4, '0')}`;
/** A leadgen id whose last digits no other lead of this run has: the stand-in makes its number of them. */
export const newLeadgenId = (): string => `14590767487${newPhone().slice(-4).padStart(5, '0')}`;
export const e164 = (phone: string): string => `+972${phone.replace(/\D/g, '').replace(/^0/, '')}`;

/** What a test may change about a lead. `consent: undefined` leaves the box out. */
export interface Person {
  readonly id: string;
  readonly name?: string | undefined;
  readonly phone: unknown;
  readonly country?: string;
  readonly consent?: unknown;
  readonly isTest?: boolean;
  /** ISO 8601 */
  readonly submittedAt: string;
}

export const person = (over: Partial<Person> = {}): Person => ({
  id: randomUUID(),
  name: 'Dana',
  phone: newPhone(),
  consent: true,
  submittedAt: new Date().toISOString(),
  ...over,
});

const given = (fields: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));

export const customLead = ({ id, name, phone, country, consent, isTest, submittedAt }: Person) => ({
  type: 'lead.created',
  timestamp: new Date().toISOString(),
  data: given({
    lead_id: id,
    submitted_at: submittedAt,
    name,
    phone,
    phone_country: country,
    is_test: isTest,
    consent: consent === undefined ? undefined : { whatsapp: consent, text: 'I agree to WhatsApp', at: submittedAt },
  }),
});

/** The id is written as a number beyond 2^53 where it is digits, as Google does. */
export const googleLead = ({ id, name, phone, country, consent, isTest, submittedAt }: Person): string => {
  const columns = [
    { column_id: 'FULL_NAME', string_value: name },
    { column_id: 'PHONE_NUMBER', column_name: 'User Phone', string_value: phone },
    ...(country ? [{ column_id: 'COUNTRY', string_value: country }] : []),
    ...(consent === undefined ? [] : [{ column_id: 'whatsapp_consent', string_value: consent }]),
  ];
  const body = JSON.stringify({
    lead_id: id,
    api_version: '1.0',
    form_id: 40000000000,
    campaign_id: 123456789,
    is_test: isTest ?? false,
    gcl_id: 'Cj0',
    lead_submit_time: submittedAt,
    user_column_data: columns,
  });
  return /^\d+$/.test(id) ? body.replace(`"${id}"`, id) : body;
};

export const typeformLead = ({ id, name, phone, country, consent, submittedAt }: Person) => ({
  event_id: randomUUID(),
  event_type: 'form_response',
  form_response: {
    form_id: 'lT4Z3j',
    token: id,
    submitted_at: submittedAt,
    hidden: given({ country }),
    definition: {
      fields: [
        { id: 'n1', ref: 'aaa', type: 'short_text', title: 'What is your full name?' },
        { id: 'p1', ref: 'bbb', type: 'phone_number', title: 'Where can we reach you?' },
        { id: 'c1', ref: 'ccc', type: 'yes_no', title: 'Do you agree to receive WhatsApp messages?' },
      ],
    },
    answers: [
      { type: 'text', text: name, field: { id: 'n1', ref: 'name', type: 'short_text' } },
      { type: 'phone_number', phone_number: phone, field: { id: 'p1', ref: 'bbb', type: 'phone_number' } },
      ...(consent === undefined
        ? []
        : [{ type: 'boolean', boolean: consent, field: { id: 'c1', ref: 'ccc', type: 'yes_no' } }]),
    ],
  },
});

export const webflowLead = ({ id, name, phone, country, consent, submittedAt }: Person) => ({
  triggerType: 'form_submission',
  payload: {
    name: 'Contact',
    siteId: '65427cf400e02b306eaa049c',
    data: given({ Name: name, 'Phone Number': phone, Country: country, 'WhatsApp consent': consent }),
    schema: [],
    submittedAt,
    id,
    formId: '65429eadebe8a9f3a30f62d0',
    formElementId: '4e038d2c-6a1e-4953-7be9-a59a2b453177',
  },
});

export const webflowFirst = ({ id, name, phone, consent, submittedAt }: Person) => ({
  name: 'Contact',
  site: '65427cf400e02b306eaa049c',
  data: given({ Name: name, Phone: phone, Consent: consent }),
  d: submittedAt,
  _id: id,
});

/** A page of the client's own. */
export const formLead = ({ id, name, phone, country, consent, isTest, submittedAt }: Person) =>
  given({
    form_id: 'landing',
    submission_id: id,
    submitted_at: submittedAt,
    name,
    phone,
    phone_country: country,
    is_test: isTest,
    email: 'dana@shop.example',
    page_url: 'https://shop.example/lp',
    fields: { budget: '5' },
    consent: consent === undefined ? undefined : { whatsapp: consent, text: 'I agree to WhatsApp', at: submittedAt },
  });

export const metaUpdate = (leadgenId: string, over: Record<string, unknown> = {}) => ({
  field: 'leadgen',
  value: {
    created_time: Math.floor(Date.now() / 1000),
    leadgen_id: leadgenId,
    page_id: '112464600187557',
    form_id: '1616801872291123',
    ad_id: '120210000000000444',
    adgroup_id: '120210000000000444',
    ...over,
  },
});

export const metaBody = (...changes: unknown[]) => ({
  object: 'page',
  entry: changes.map((change) => ({ id: '112464600187557', time: Math.floor(Date.now() / 1000), changes: [change] })),
});

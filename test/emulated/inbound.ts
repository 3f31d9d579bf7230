import { randomUUID } from 'node:crypto';
import { contactHash } from '../../functions/shared/people/contact-hash.ts';
import { identityOf } from '../../functions/shared/people/identity.ts';
import type { LocalStack } from '../../local/stack.ts';
import { demoSecrets } from './demo.ts';
import { saltOf } from './fixtures/clients.ts';

/** What tests of the webhook door ask of a running stack. */
export const PHONE = '+972501234567';

export const webhookUrl = (stack: LocalStack, token = demoSecrets().webhookToken as string): string =>
  `${stack.url}/ezw/webhook/${token}`;

export interface Given {
  readonly deliveryId?: string;
  readonly event?: string;
  readonly lineId?: string;
  readonly token?: string;
  /** Headers to leave out. */
  readonly without?: readonly string[];
  /** What the header says of how the body is compressed. */
  readonly encoding?: string;
}

const isBytes = (body: unknown): body is Uint8Array<ArrayBuffer> => body instanceof Uint8Array;

/** One delivery straight to the door, as the vendor makes it. */
export const deliver = async (stack: LocalStack, body: unknown, given: Given = {}) => {
  const {
    deliveryId = randomUUID(),
    event = 'messages.post',
    lineId = stack.lineId,
    token,
    without = [],
    encoding,
  } = given;
  const headers = {
    'content-type': 'application/json',
    'x-ezw-delivery-id': deliveryId,
    'x-ezw-webhook-event': event,
    'x-ezw-line-id': lineId,
    ...(encoding !== undefined && { 'content-encoding': encoding }),
  };
  const response = await fetch(webhookUrl(stack, token), {
    method: 'POST',
    headers: Object.fromEntries(Object.entries(headers).filter(([name]) => !without.includes(name))),
    body: typeof body === 'string' || isBytes(body) ? body : JSON.stringify(body),
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
};

/** What the stack knows of the people with these numbers, by number. */
export const rowsOfPeople = async (stack: LocalStack, phones: readonly string[], client = 'demo') => {
  const salt = await saltOf(stack, client);
  const rows = new Map((await stack.state()).tables.contacts?.map((row) => [row.pk, row]));
  return new Map(phones.map((phone) => [phone, rows.get(`suppressed#${contactHash(salt, identityOf(phone))}`)]));
};

export const rowOfPerson = async (stack: LocalStack, phone: string, client?: string) =>
  (await rowsOfPeople(stack, [phone], client)).get(phone);

/** A payload of `messages.post` with one message of a customer. */
export const customerSays = (id: string, text: string, over: Record<string, unknown> = {}) => ({
  event: 'messages.post',
  messages: [
    {
      id,
      message_id: id,
      chat_id: '972501234567@s.whatsapp.net',
      from: '972501234567@s.whatsapp.net',
      conversationId: 'conv-1',
      conversation_id: 'conv-1',
      contactPhoneNumber: PHONE,
      contact_phone_number: PHONE,
      from_me: false,
      timestamp: Math.floor(Date.now() / 1000),
      type: 'text',
      text: { body: text },
      body: text,
      ...over,
    },
  ],
});

export interface CrmEntryShown {
  readonly id: string;
  readonly webhookId: string;
  readonly type: string;
  readonly contactId: string;
  readonly message: Record<string, unknown>;
}
export interface CrmShown {
  readonly contacts: Record<string, unknown>[];
  readonly entries: CrmEntryShown[];
}
export interface NotificationShown {
  /** When it arrived. */
  readonly at: string;
  readonly notifier: string;
  readonly headers: Record<string, string>;
  readonly body: { type: string; data: Record<string, unknown> };
}

/** The sandbox's other end: the customer, the team, and what CRMs and notifiers got. */
export const worldOf = (stack: LocalStack) => {
  const call = async (method: string, path: string, body?: unknown): Promise<unknown> => {
    const init = body === undefined ? {} : { body: JSON.stringify(body) };
    const response = await fetch(`${stack.url}/_sandbox/${path}`, { method, ...init });
    if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${await response.text()}`);
    return response.status === 204 ? undefined : response.json();
  };
  return {
    register: async (over: Record<string, unknown> = {}) => {
      const body = { targetUrl: webhookUrl(stack), payloadFormat: 'whapi', enabled: true, persistent: true, ...over };
      const response = await fetch(`${stack.sandboxUrl}/api/v1/webhooks`, {
        method: 'POST',
        headers: { authorization: `Bearer ${demoSecrets().lineToken}`, 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
      return response.status;
    },
    settings: (settings: object) => call('POST', 'webhook-settings', settings),
    customer: (message: object) =>
      call('POST', 'customer-messages', { phone: PHONE, ...message }) as Promise<{ id: string; deliveries: string[] }>,
    team: (text: string, phone = PHONE) => call('POST', 'human-messages', { phone, text }),
    status: (status: object) => call('POST', 'statuses', status),
    deliveries: () =>
      call('GET', 'deliveries') as Promise<{ id: string; event: string; state: string; attempts: unknown[] }[]>,
    repeat: (id: string) => call('POST', `deliveries/${id}/repeat`),
    crm: async () => ((await call('GET', 'crm')) as Record<string, CrmShown>).webhook as CrmShown,
    notifications: () => call('GET', 'notifications') as Promise<NotificationShown[]>,
    forget: async () => {
      await call('DELETE', 'crm');
      await call('DELETE', 'notifications');
    },
  };
};

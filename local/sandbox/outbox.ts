import { statusIdOf } from './contract/answers.ts';
import type { Contract } from './contract/assumptions.ts';
import type { Timers } from './contract/later.ts';
import type { Payloads } from './contract/payloads.ts';
import { isToNobody } from './contract/refusals.ts';
import { type Steps, tellAll, timed } from './contract/telling.ts';
import type { Conversations } from './conversations.ts';
import type { Line } from './line.ts';
import type { Taken } from './message-store.ts';
import type { Webhooks } from './webhooks.ts';

/** What really went out, as it is on the person's phone. */
export interface OnPhone {
  /** WhatsApp's. */
  id: string;
  key?: string;
  /** Missing where the conversation is nobody's that is known here. */
  phone?: string;
  conversationId?: string;
  body?: string;
  media?: string;
  at: string;
}

/** A send as statuses name it. */
interface Observed {
  id: string;
  phone?: string;
}

interface OutboxParts {
  contract: () => Contract;
  line: Line;
  conversations: Conversations;
  payloads: Payloads;
  webhooks: Webhooks;
  timers: Timers;
  now: () => number;
}

/** WhatsApp's own code and words for a number that cannot be written to. */
const TO_NOBODY = [{ code: 131026, title: 'Message undeliverable' }];

/** So long an answer may take to arrive: what comes after it must not overtake it on another connection. */
const ANSWERED_MS = 25;

/** From the acceptance of a send to the person's phone, with what the webhooks are told of it on the way. */
export function createOutbox({ contract, line, conversations, payloads, webhooks, timers, now }: OutboxParts) {
  const settings = { echoes: true, statuses: ['sent', 'delivered'] as readonly string[] };
  const byKey = new Map<string, Observed>();
  let waiting: Taken[] = [];
  let phone: OnPhone[] = [];

  const report = (observed: Observed, status: string, at: number, errors?: object) =>
    webhooks.emit(...payloads.reported({ ...observed, status, at, ...(errors && { errors }) }));

  const recipientOf = ({ message }: Taken): string | undefined => {
    if ('conversationId' in message) return conversations.phoneOf(message.conversationId ?? '');
    return message.to;
  };
  const wordsOf = ({ message }: Taken) => ('media' in message ? message.caption : message.body);

  const echoOf = ({ message, ids }: Taken, to: string, body: string | undefined) => {
    const isMedia = 'media' in message;
    const content = isMedia ? { image: { link: message.media, caption: body } } : { text: { body }, body };
    const conversationId = conversations.idOf(to);
    const said = { id: ids.whatsapp, phone: to, conversationId, fromMe: true, by: 'api' as const, content, over: {} };
    return { ...said, type: isMedia ? 'image' : 'text', at: now(), ...(body !== undefined && { body }) };
  };

  const stepsOf = (taken: Taken): Steps => {
    const to = recipientOf(taken);
    if (webhooks.list().length === 0 || !settings.echoes || to === undefined) return { statuses: [] };
    const fails = isToNobody(taken.message);
    const observed = { id: statusIdOf(contract(), taken.ids), ...(!fails && { phone: to }) };
    if (taken.message.key !== undefined) byKey.set(taken.message.key, observed);
    const step = (status: string, errors?: object) => () => report(observed, status, now(), errors).tried;
    if (fails) return { statuses: [step('failed', TO_NOBODY)] };
    return {
      echo: async () => {
        for (const [event, item] of payloads.said(echoOf(taken, to, wordsOf(taken)))) {
          await webhooks.emit(event, item).tried;
        }
      },
      statuses: settings.statuses.map((status) => step(status)),
    };
  };

  const arrive = (taken: Taken): void => {
    const { message, ids } = taken;
    const { conversationId, media } = { conversationId: undefined, media: undefined, ...message };
    const [to, body] = [recipientOf(taken), wordsOf(taken)];
    phone.push({
      id: ids.whatsapp,
      ...(message.key !== undefined && { key: message.key }),
      ...(to !== undefined && { phone: to }),
      ...(conversationId !== undefined && { conversationId }),
      ...(body !== undefined && { body }),
      ...(media !== undefined && { media }),
      at: new Date(now()).toISOString(),
    });
  };

  const leave = async (taken: Taken): Promise<void> => {
    if (!isToNobody(taken.message)) arrive(taken);
    const { before, after } = timed(contract(), stepsOf(taken));
    await tellAll(before);
    if (after.length > 0) timers.later(() => void tellAll(after), ANSWERED_MS);
  };

  return {
    /** @returns when the send may be answered */
    take: async (taken: Taken): Promise<void> => {
      if (line.sendable) await leave(taken);
      else waiting.push(taken);
    },
    /** The line is back: what waited leaves. */
    release: (): void => {
      const leaving = waiting;
      waiting = [];
      for (const taken of leaving) void leave(taken);
    },
    report,
    /** The send under this key, as far as the webhooks were told of it. */
    observed: (key: string): Observed | undefined => byKey.get(key),
    set: (to: Partial<typeof settings>): void => {
      Object.assign(settings, to);
    },
    phone: (): readonly OnPhone[] => phone,
    clear: (): void => {
      waiting = [];
      phone = [];
    },
  };
}

export type Outbox = ReturnType<typeof createOutbox>;

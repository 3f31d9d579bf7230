import type { Message } from '@aws-sdk/client-sqs';
import { sendCommandSchema } from '../../functions/sender/schema.ts';
import { isRequest, type SendCommand } from '../../functions/shared/ledger/send-command.ts';
import { plainWords } from '../../functions/shared/runtime/characters.ts';
import { REASON, REDRIVEN } from '../../functions/shared/runtime/errors.ts';
import { keyPart } from '../../functions/shared/runtime/hashes.ts';
import { fieldsIn, jsonIn } from '../../functions/shared/runtime/json.ts';
import { traceIn } from '../../functions/shared/runtime/marks.ts';
import { maskedWords } from './masked-words.ts';
import { UNREAD } from './unread.ts';

/** Of what the Scheduler could not put into its queue: https://docs.aws.amazon.com/scheduler/latest/UserGuide/configuring-schedule-dlq.html */
const ERROR_CODE = 'ERROR_CODE';
const RETRY_ATTEMPTS = 'RETRY_ATTEMPTS';
export const ATTRIBUTES = [REASON, REDRIVEN, ERROR_CODE, RETRY_ATTEMPTS];

export const SENDS = 'sends-dlq';
/** What SQS moved by itself: nobody said why. */
export const FAILED_TOO_OFTEN = 'failed_too_often';
/** The reason that was noted is empty. Of a message for the line: the sender of an earlier release set it aside, or SQS did; the ledger may know. */
export const NOT_NOTED = 'not_noted';

/** A dead letter as it may be shown: never its body. */
export interface Letter {
  /** Its queue, by short name. */
  readonly queue: string;
  readonly messageId: string;
  /** Epoch milliseconds, when it was queued first, as far as is known. */
  readonly sentAt?: number;
  /** Epoch milliseconds: of what was set aside at once when that was, of what SQS moved out of a standard queue when it was queued. */
  readonly arrivedAt?: number;
  /** What it is about, as far as its form tells. */
  readonly about: string;
  /** What kind of thing it is, alike for all of that kind. */
  readonly what: string;
  /** Why it is here, as a code. */
  readonly code: string;
  /** Why it was set aside at once: the code, and the other system's own words without numbers, addresses and secrets. */
  readonly reason?: string;
  /** The Scheduler set it aside. */
  readonly byScheduler?: true;
  /** A delivery of which no bytes are kept: nobody can read it any more. */
  readonly withoutBytes?: true;
  /** How often it was put back before. */
  readonly redriven?: number;
  /** By what its event is followed. */
  readonly trace?: string;
  /** What else of it may be shown. */
  readonly fields: Fields;
}

type Fields = Readonly<Record<string, string | number>>;
type Seen = Pick<Letter, 'about' | 'what' | 'fields' | 'byScheduler' | 'withoutBytes'> & { readonly code?: string };

export const sendCommandOf = (body = ''): SendCommand | undefined => sendCommandSchema.safeParse(jsonIn(body)).data;

/** How a letter of a delivery is called; more may follow. */
export const ofDelivery = (deliveryId: string): string => `delivery ${deliveryId}`;

/** Names of our own: of templates, sources, kinds, rules, and codes. What is none may hold anything. */
const name = (value: unknown): string | undefined =>
  typeof value === 'string' && /^[a-z][\w./#-]{0,63}$/i.test(value) ? value : undefined;
/** `Date.parse` alone takes anything in brackets for a remark. */
const time = (value: unknown): string | undefined =>
  typeof value === 'string' && /^\d{4}-[\d:.TZ+-]{1,32}$/.test(value) && !Number.isNaN(Date.parse(value))
    ? value
    : undefined;
/** Of another system, as it stands in keys. */
const id = (value: unknown): string | undefined => (typeof value === 'string' ? keyPart(value) : undefined);
/** Of our own. */
const key = (value: unknown): string | undefined => (typeof value === 'string' ? plainWords(value) : undefined);

/** Of a delivery, which its door takes in these characters alone: whole, for "replay" goes by it. */
const delivery = (value: unknown): string | undefined =>
  typeof value === 'string' && /^[ -~]{1,512}$/.test(value) ? value : key(value);

const only = (fields: Readonly<Record<string, string | number | undefined>>): Fields =>
  Object.fromEntries(
    Object.entries(fields).filter((entry): entry is [string, string | number] => entry[1] !== undefined),
  );

const inside = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null ? { ...value } : {};

const ofSend = (command: SendCommand): Seen => {
  const { template, because, outcome, asOf, usefulUntil, queuedAt } = command;
  return {
    about: plainWords(command.key),
    what: `message of ${name(template) ?? 'an unknown template'}`,
    fields: only({
      key: key(command.key),
      template: name(template),
      source: name(because?.source),
      'happened at': time(asOf),
      'queued at': time(queuedAt),
      'useful until': time(usefulUntil),
      ...(!isRequest(outcome) && { 'became no message': `${outcome.state} ${name(outcome.reason) ?? ''}`.trim() }),
    }),
  };
};

const ofAlarm = (alarm: Readonly<Record<string, unknown>>): Seen => ({
  about: 'alarm',
  what: 'alarm',
  fields: only({
    alarm: name(alarm.stage ?? alarm.name),
    appointment: id(alarm.appointmentId),
    order: id(alarm.orderId),
    'set for': time(alarm.scheduledFor),
    key: key(inside(alarm.command).key),
  }),
});

const ofEvent = (body: Readonly<Record<string, unknown>>, source: string): Seen => {
  const { event, refused, forPeople, reference } = body;
  const from = name(source) ?? 'an unknown source';
  const kind = (what: string, fields: Readonly<Record<string, string | undefined>> = {}): Seen => ({
    about: `event of ${from}${fields.event === undefined ? '' : `: ${fields.event}`}`,
    what: `${what} of ${from}`,
    fields: only({ source: name(source), 'happened at': time(body.occurredAt), ...fields }),
  });
  if (event !== undefined) return kind('event', { event: id(inside(event).id), kind: name(inside(event).kind) });
  if (forPeople !== undefined) return kind('notice', { code: name(inside(forPeople).code) });
  if (refused !== undefined) return kind('refused event', { event: id(body.id), 'refused for': name(refused) });
  return kind(reference === undefined ? 'event of an unknown kind' : 'event to be looked up', { event: id(body.id) });
};

/** What a CRM is told of an event: by the key of the event's message. Nothing of what was answered. */
const ofNote = (note: Readonly<Record<string, unknown>>, crm: string | undefined): Seen => {
  const what = `note of an event${crm === undefined ? '' : ` for ${crm}`}`;
  const { key: of, template, at } = note;
  const fields = { key: key(of), kind: 'note', template: name(template), crm, 'happened at': time(at) };
  return { about: key(of) ?? what, what, fields: only(fields) };
};

/** What a webhook brought, or what people are to be told. */
const ofItem = (body: Readonly<Record<string, unknown>>): Seen | undefined => {
  const item = inside(body.item);
  const kind = name(item.kind);
  if (kind === 'notice' || kind === 'failed-send') {
    const said = kind === 'notice' ? name(item.code) : key(item.key);
    const fields = {
      code: name(item.code),
      source: name(item.source),
      key: key(item.key),
      'happened at': time(item.at),
    };
    return { about: `${kind} ${said ?? ''}`.trim(), what: kind, fields: only(fields) };
  }
  if (typeof body.rule === 'string') {
    const fields = { rule: name(body.rule), since: time(body.since), due: time(body.due) };
    return { about: 'wait for an answer', what: 'wait for an answer', fields: only(fields) };
  }
  if (body.digest !== undefined || body.group !== undefined) {
    const fields = { group: name(body.group), since: time(body.since), due: time(body.due) };
    return { about: 'tellings that wait for each other', what: 'tellings', fields: only(fields) };
  }
  const of = name(inside(item.of).kind);
  if ((of ?? kind) === 'note') return ofNote(of === undefined ? item : inside(item.of), name(item.crm));
  if (typeof body.deliveryId !== 'string') return undefined;
  return {
    about: ofDelivery(delivery(body.deliveryId) ?? ''),
    what: `${of ?? kind ?? 'item'} of a delivery${name(item.crm) === undefined ? '' : ` for ${name(item.crm)}`}`,
    fields: only({
      delivery: delivery(body.deliveryId),
      item: typeof body.index === 'number' ? body.index : undefined,
      kind: of ?? kind,
      crm: name(item.crm),
      'received at': time(body.receivedAt),
      'happened at': time(item.at),
    }),
  };
};

const ofUnread = (body: Readonly<Record<string, unknown>>): Seen => {
  const { deliveryId, event, reason, bytes, contentType, raw, gzip } = body;
  const code = name(reason) ?? 'unreadable';
  return {
    about: typeof deliveryId === 'string' ? `${ofDelivery(delivery(deliveryId) ?? '')} (${code})` : 'unreadable',
    what: `delivery of ${name(event) ?? 'an unknown event'}`,
    code,
    ...(raw === undefined && gzip === undefined && { withoutBytes: true }),
    fields: only({
      delivery: delivery(deliveryId),
      event: name(event),
      'bytes as they came': typeof bytes === 'number' ? bytes : undefined,
      'content type': name(contentType),
      sha256: /^[\da-f]{64}$/.test(String(body.sha256)) ? String(body.sha256) : undefined,
    }),
  };
};

const seenIn = (queue: string, text: string): Seen => {
  const body = fieldsIn(text);
  if (queue === UNREAD) return ofUnread(body);
  const command = sendCommandOf(text);
  if (command) return ofSend(command);
  if (queue === SENDS) return { about: 'no send command', what: 'no send command', fields: {} };
  // What the Scheduler could not put into the queue: the call that it made.
  if (typeof body.MessageBody === 'string') return { ...seenIn(queue, body.MessageBody), byScheduler: true };
  if (body.alarm !== undefined) return ofAlarm(inside(body.alarm));
  if (body.resync !== undefined) return { about: 'resync', what: 'resync', fields: {} };
  if (typeof body.source === 'string') return ofEvent(body, body.source);
  return ofItem(body) ?? { about: 'unreadable', what: 'unreadable', fields: {} };
};

const numberIn = (text: string | undefined): number | undefined => {
  const number = Number(text);
  return text !== undefined && Number.isFinite(number) ? number : undefined;
};

/** What there is to say of a message of a dead-letter queue. */
export const letterOf = (
  queue: string,
  { MessageId = '', Body = '', Attributes, MessageAttributes }: Message,
): Letter => {
  const said = (attribute: string): string | undefined => MessageAttributes?.[attribute]?.StringValue;
  const { code: own, byScheduler: wrapped, ...seen } = seenIn(queue, Body);
  const reason = said(REASON);
  const words = reason === undefined ? undefined : maskedWords(reason);
  const [fromReason] = (reason ?? '').split(':');
  const refusal = said(ERROR_CODE);
  const byScheduler = wrapped === true || refusal !== undefined;
  const byItself =
    words === '' || (queue === SENDS && Attributes?.DeadLetterQueueSourceArn === undefined)
      ? NOT_NOTED
      : FAILED_TOO_OFTEN;
  const arrivedAt = numberIn(Attributes?.SentTimestamp);
  const sentAt = Date.parse(sendCommandOf(Body)?.queuedAt ?? '') || arrivedAt;
  const { trace } = traceIn(Body);
  const [redriven = 0, again] = [numberIn(said(REDRIVEN)), numberIn(said(RETRY_ATTEMPTS))];
  return {
    queue,
    messageId: MessageId,
    ...seen,
    fields: { ...seen.fields, ...(again !== undefined && { 'tried again': again }) },
    code: own ?? name(fromReason) ?? name(refusal) ?? (byScheduler ? 'not_put_into_its_queue' : byItself),
    ...(words && { reason: words }),
    ...(byScheduler && { byScheduler }),
    ...(redriven > 0 && { redriven }),
    ...(trace !== undefined && { trace }),
    ...(sentAt !== undefined && { sentAt }),
    ...(arrivedAt !== undefined && { arrivedAt }),
  };
};

/** What its event or its delivery is called by whoever sent it, as it is shown. */
const outsideId = ({ queue, fields: { event, delivery: of } }: Letter): string | number | undefined =>
  // Of what could not be read `event` is the name of a kind.
  queue === UNREAD ? of : (event ?? of);

/** Whether a person names it: by its id, what it is about, or the id of its event or delivery, as shown or as its source has it. */
export const isNamed = (words: string): ((letter: Letter) => boolean) => {
  const ids = [words, keyPart(words)];
  return (letter) => {
    const { messageId, about, fields } = letter;
    const names = [messageId, about, ...(fields.delivery === undefined ? [] : [ofDelivery(String(fields.delivery))])];
    return names.includes(words) || ids.includes(String(outsideId(letter) ?? ''));
  };
};

/** Whether a person means it: by a name of it, or the code of its reason. */
export const isMeant = (words: string): ((letter: Letter) => boolean) => {
  const named = isNamed(words);
  return (letter) => letter.code === words || named(letter);
};

/** Letters that are here for the same reason and of the same kind. */
export interface Group {
  readonly code: string;
  readonly what: string;
  readonly count: number;
  /** Epoch milliseconds. */
  readonly oldest?: number;
  readonly newest?: number;
  /** Of one of them. */
  readonly example: string;
  readonly about: string;
  readonly reason?: string;
}

/** The most first. */
export const grouped = (letters: readonly Letter[]): readonly Group[] => {
  const groups = new Map<string, Group>();
  for (const { code, what, sentAt, messageId, about, reason } of letters) {
    const known = groups.get(`${code} ${what}`);
    const times = [known?.oldest, known?.newest, sentAt].filter((one) => one !== undefined);
    groups.set(`${code} ${what}`, {
      ...(known ?? { code, what, example: messageId, about, ...(reason !== undefined && { reason }) }),
      count: (known?.count ?? 0) + 1,
      ...(times.length > 0 && { oldest: Math.min(...times), newest: Math.max(...times) }),
    });
  }
  return [...groups.values()].sort((a, b) => b.count - a.count);
};

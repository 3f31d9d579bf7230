import middy from '@middy/core';
import type { APIGatewayProxyEventV2, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import type { OwnNotice } from '../people/notice.ts';
import type { CachedSecret } from '../runtime/cached-secret.ts';
import { env } from '../runtime/config.ts';
import { type Answer, Permanent, reasonOf, unknownItem } from '../runtime/errors.ts';
import { keyPart } from '../runtime/hashes.ts';
import { http } from '../runtime/http.ts';
import { inTime, warmUp } from '../runtime/in-time.ts';
import { fieldsIn } from '../runtime/json.ts';
import { log } from '../runtime/log.ts';
import { marks, newTrace } from '../runtime/marks.ts';
import { workThrough } from '../runtime/queue-worker.ts';
import { storedParameter } from '../runtime/stored-parameter.ts';
import { sourceBy } from './kinds.ts';
import { openDoor } from './open-door.ts';
import { Proofs } from './proofs.ts';
import type { ForPeople, Parsed, SourceRequest, Sources } from './source.ts';
import { sourceSecret } from './source-secret.ts';
import { tellPeople } from './tell-people.ts';
import type { Resync } from './walk.ts';
import {
  type EventTimes,
  idInKeys,
  isOldNews,
  OLD_NEWS,
  type Owned,
  type OwnSettings,
  owned,
  ownId,
  type SourceEvent,
} from './whose.ts';

/** What a failed look-up leaves behind. */
export interface Lost {
  readonly id: string;
  /** By its name in the client file. */
  readonly source: string;
  readonly occurredAt: string;
  readonly state: 'REJECTED' | 'EXPIRED';
  readonly reason: string;
  /** The event itself, or the reference to it. */
  readonly about?: unknown;
}

/** How a template's function works; what it is stands in its `template.ts`. */
export interface Wiring<Event extends SourceEvent> {
  readonly name: string;
  readonly sources: Sources<Event>;
  /** Settings of the sources that the client has turned on, by the names that they have there. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** When what an event is about began and happened. */
  readonly times: (event: Event) => EventTimes;
  /** Decides on one event. */
  readonly onEvent: (event: Owned<Event>) => Promise<void>;
  /** Records an event whose look-up can never succeed, or did not while it mattered. */
  readonly onLost: (lost: Lost) => Promise<void>;
  /** Whether an event of that time is too old to be looked up any longer. */
  readonly isLate: (occurredAt: string) => boolean;
  /** A last look at a request that is proved; what it throws is the answer. */
  readonly guard?: (request: SourceRequest, source: string) => Promise<void>;
  /** Throws `Invalid` for an event of our own that the client file knows nothing of: whoever wrote the program that sends it is told. */
  readonly assertMeant?: (event: Event) => void;
  /** Acts on an alarm that the template set for itself. */
  readonly onAlarm?: (alarm: unknown) => Promise<void>;
  /** Walks through the template's own rows and sets anew what hangs on them, a part of them at a time. */
  readonly onResync?: (resync: Resync) => Promise<void>;
  /** First calls to what the template needs beside its sources' secrets: they open the connections and fill the memory. */
  readonly warmUps?: readonly (() => Promise<unknown>)[];
}

/** An event that the door refused to everybody's face, to be recorded under an id of its own. */
type Refused = Pick<Lost, 'id' | 'occurredAt'> & { readonly refused: string };

type WorkItem<Event> =
  | ({ readonly source: string } & (Parsed<Event, unknown> | Refused | ForPeople))
  | { readonly alarm: unknown }
  | { readonly resync: Resync };

/** Of one of the template's sources, whose ids are its own. */
const tellOf = (template: string, source: string) => (notice: OwnNotice) => {
  const place = `${template}/${source}`;
  return tellPeople({ ...notice, id: `${place}#${notice.id}`, source: place });
};

/**
 * What the Scheduler could not put into the queue it sets aside as the call that failed, `{"MessageBody": …, "QueueUrl": …}`
 * (https://docs.aws.amazon.com/scheduler/latest/UserGuide/configuring-schedule-dlq.html): put back, it is what it was to say.
 */
const itemIn = <Event>(body: string): WorkItem<Event> => {
  const found = JSON.parse(body) as WorkItem<Event> | { readonly MessageBody: string };
  return 'MessageBody' in found ? itemIn(found.MessageBody) : found;
};

/** Always under the source's prefix: without it the record might be another source's, whose message still waits. */
const oldNews = (id: string, source: string, occurredAt: string, settings: OwnSettings): Lost => ({
  id: ownId(id, undefined, settings),
  source,
  occurredAt,
  ...OLD_NEWS,
});

/** The one place where an event becomes the client's: under ids of its own, and none that happened before its source was turned on. */
const take = <Event extends SourceEvent>(template: Wiring<Event>, source: string, event: Event): Promise<void> => {
  const settings = (template.settings[source] ?? {}) as OwnSettings;
  const times = template.times(event);
  const { happened } = times;
  if (!isOldNews(happened, settings)) return template.onEvent(owned(event, source, settings, times));
  return template.onLost({ ...oldNews(event.id, source, happened, settings), about: event });
};

const handleItem = async <Event extends SourceEvent>(
  template: Wiring<Event>,
  secrets: CachedSecret,
  body: string,
): Promise<void> => {
  const item = itemIn<Event>(body);
  if ('alarm' in item) {
    if (!template.onAlarm) throw new Permanent('no_alarms', 'This template sets no alarms.');
    return template.onAlarm(item.alarm);
  }
  if ('resync' in item) {
    if (!template.onResync) throw new Permanent('no_resync', 'This template has no rows to walk through.');
    return template.onResync(item.resync);
  }
  if ('event' in item) return take(template, item.source, item.event);
  const tell = tellOf(template.name, item.source);
  if ('forPeople' in item) return tell(item.forPeople);
  if (!('refused' in item || 'reference' in item)) throw unknownItem();
  const { occurredAt } = item;
  if ('refused' in item) {
    return template.onLost({ id: item.id, source: item.source, occurredAt, state: 'REJECTED', reason: item.refused });
  }
  const settings = template.settings[item.source];
  const own = (settings ?? {}) as OwnSettings;
  const about = item.reference;
  if (isOldNews(occurredAt, own)) return template.onLost({ ...oldNews(item.id, item.source, occurredAt, own), about });
  const lost = { id: ownId(item.id, occurredAt, own), source: item.source, occurredAt, about };
  if (template.isLate(occurredAt)) return template.onLost({ ...lost, state: 'EXPIRED', reason: 'look_up_too_late' });
  const source = sourceBy(template.sources, item.source);
  if (!source?.lookUp) throw new Permanent('no_look_up', 'This source cannot look anything up.');
  const secret = sourceSecret(await secrets.get(), item.source);
  let event: Event | undefined;
  try {
    event = await source.lookUp(item.reference, { settings, secret, http, now: Date.now, tell });
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'Permanent') throw error;
    return template.onLost({ ...lost, state: 'REJECTED', reason: reasonOf(error) });
  }
  if (event !== undefined) return take(template, item.source, event);
  log('info', { event: 'look-up', template: template.name, source: item.source, outcome: 'means_nothing' });
};

/** By what logs know an event that waits here: its id as it stands in keys, under the prefix of its source. */
const eventIn = (settings: Wiring<SourceEvent>['settings'], body: string): { readonly id?: string } => {
  const { source, event, id = event?.id, alarm } = itemOf(body);
  const own = alarm?.appointmentId ?? alarm?.orderId;
  if (typeof own === 'string') return { id: keyPart(own) };
  if (typeof id !== 'string') return {};
  return { id: idInKeys(id, settings[source ?? '']) };
};

/** Whatever it is. */
interface Waiting {
  readonly source?: string;
  readonly id?: unknown;
  readonly event?: { readonly id?: unknown };
  readonly alarm?: { readonly appointmentId?: unknown; readonly orderId?: unknown };
}

const itemOf = (body: string): Waiting => {
  const found = fieldsIn(body);
  return typeof found.MessageBody === 'string' ? itemOf(found.MessageBody) : found;
};

/** What became of one event, as one line; what fails the queue's worker tells. */
const worked = async <Event extends SourceEvent>(
  template: Wiring<Event>,
  secrets: CachedSecret,
  body: string,
): Promise<void> => {
  const startedAt = Date.now();
  await handleItem(template, secrets, body);
  const item = itemIn<Event>(body);
  if (!('source' in item) || 'forPeople' in item) return;
  const { keys = [], number } = marks();
  const [source, outcome] = [item.source, keys.length > 0 ? 'handed_on' : 'nothing_to_send'];
  const ms = Date.now() - startedAt;
  const [key, queued] = [keys[0], keys.length];
  log('info', { event: 'work', template: template.name, source, number, key, queued, outcome, ms });
};

/** One Lambda for a template: its door behind the HTTP API and the work behind its queue, told apart by the event's shape. */
export const templateHandler = async <Event extends SourceEvent>(template: Wiring<Event>) => {
  const secrets = storedParameter(env('SOURCES_SECRET'));
  const workQueueUrl = env('WORK_QUEUE_URL');
  const proofs = new Proofs({ table: process.env.DELIVERIES_TABLE, template: template.name, log, now: Date.now });
  const door = openDoor({ ...template, template: template.name, secrets, workQueueUrl, log, proofs, newTrace });
  const work = workThrough({
    template: template.name,
    queueUrl: workQueueUrl,
    log,
    about: (body) => eventIn(template.settings, body),
    handle: (body) => worked(template, secrets, body),
  });
  // In INIT the CPU is not throttled and nobody waits; all at once, for there is no time for two rounds of calls.
  const { warmUps = [] } = template;
  await warmUp(secrets.get(), ...warmUps.map((call) => call()));
  return middy<APIGatewayProxyEventV2 | SQSEvent, Answer | SQSBatchResponse>().handler(
    inTime(async (event: APIGatewayProxyEventV2 | SQSEvent) => ('Records' in event ? work(event) : door(event))),
  );
};

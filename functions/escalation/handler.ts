import { randomUUID } from 'node:crypto';
import middy from '@middy/core';
import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { Deliveries } from '../shared/ledger/deliveries.ts';
import { ObservedSends } from '../shared/ledger/observed-sends.ts';
import { type SendRecord, sendPk } from '../shared/ledger/rules.ts';
import { queueSend } from '../shared/ledger/send-command.ts';
import { namesIn } from '../shared/ledger/tellings.ts';
import { People } from '../shared/people/people.ts';
import { UnwrittenStops } from '../shared/people/unwritten-stops.ts';
import { env, readConfig } from '../shared/runtime/config.ts';
import { http } from '../shared/runtime/http.ts';
import { inTime, warmUp } from '../shared/runtime/in-time.ts';
import { log } from '../shared/runtime/log.ts';
import { enqueue } from '../shared/runtime/queue.ts';
import { workThrough } from '../shared/runtime/queue-worker.ts';
import { storedParameter } from '../shared/runtime/stored-parameter.ts';
import { Table } from '../shared/runtime/table.ts';
import type { EscalationConfig } from './config.ts';
import { ConversationState } from './conversation-state.ts';
import { Escalation } from './escalate.ts';
import { Groups } from './groups.ts';
import { notifierFailures } from './notifier-failures.ts';
import { notify, resolver, writer } from './notify.ts';
import { quietMs, Replayed } from './replayed.ts';
import { engine } from './workflow.ts';

const config = readConfig<EscalationConfig>('escalation', ['optOut', 'rules', 'notifiers', 'window']);
const [secret, salt] = [storedParameter(env('NOTIFIERS_SECRET')), storedParameter(env('CONTACT_SALT_SECRET'))];
const own = { now: Date.now, newOwner: randomUUID };
const deliveriesTable = env('DELIVERIES_TABLE');
const deliveries = new Deliveries(deliveriesTable, own);
const queueUrl = env('ESCALATION_QUEUE_URL');
const sendsUrl = env('SENDS_QUEUE_URL');
const outside = { secret: () => secret.get(), http, now: Date.now };

const sends = new Table<SendRecord>(env('SENDS_TABLE'));
const ofLine = { table: deliveriesTable, lineId: config.keysOf, now: Date.now };

const escalation = new Escalation({
  config,
  engine: engine(config),
  deliveries,
  observed: new ObservedSends(env('SENDS_TABLE'), Date.now),
  state: new ConversationState(ofLine),
  replayed: new Replayed({ ...ofLine, quietMs: quietMs(config) }),
  refusals: notifierFailures(ofLine),
  people: new People({ table: env('CONTACTS_TABLE'), salt: () => salt.get(), now: Date.now }),
  unwritten: new UnwrittenStops(env('SENDS_TABLE'), config.keysOf, Date.now),
  groups: new Groups({ table: deliveriesTable, lineId: config.keysOf, now: Date.now }),
  sendOf: (key) => sends.read(sendPk(config.keysOf, key)),
  notify: (name, alert) => notify(name, alert, config.notifiers, outside),
  resolver: (name) => resolver(name, config.notifiers, outside),
  write: writer(config.notifiers, outside),
  remind: (bodies, delaySeconds) => enqueue(queueUrl, bodies, delaySeconds),
  send: (command) => queueSend(sendsUrl, config.lineId, command),
  log,
  now: Date.now,
});

// In INIT the CPU is not throttled and nobody waits: open the connections and fetch the secrets now.
await warmUp(secret.get(), salt.get(), deliveries.known(config.keysOf, 'warm-up', ''));

const deadLettersUrl = env('ESCALATION_DLQ_URL');
const handle = (body: string, attempt: number) => escalation.handle(body, attempt);
const work = workThrough({ template: 'escalation', queueUrl, deadLettersUrl, log, about: namesIn, handle });
export const handler = middy<SQSEvent, SQSBatchResponse>().handler(inTime((event: SQSEvent) => work(event)));

import { randomUUID } from 'node:crypto';
import middy from '@middy/core';
import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { tellOfFailedSend, tellPeople } from '../shared/door/tell-people.ts';
import { Deliveries } from '../shared/ledger/deliveries.ts';
import { markHidesNumbers } from '../shared/ledger/line-control.ts';
import { ObservedSends } from '../shared/ledger/observed-sends.ts';
import { namesIn } from '../shared/ledger/tellings.ts';
import { contactHash } from '../shared/people/contact-hash.ts';
import { People } from '../shared/people/people.ts';
import { env, readConfig } from '../shared/runtime/config.ts';
import { http } from '../shared/runtime/http.ts';
import { inTime, warmUp } from '../shared/runtime/in-time.ts';
import { log } from '../shared/runtime/log.ts';
import { enqueue } from '../shared/runtime/queue.ts';
import { workThrough } from '../shared/runtime/queue-worker.ts';
import { storedParameter } from '../shared/runtime/stored-parameter.ts';
import type { CrmSyncConfig } from './config.ts';
import { connector, takesStatuses } from './connect.ts';
import { ContactsMap } from './contacts-map.ts';
import { CrmFailures } from './crm-failures.ts';
import { storedFor } from './crm-secret.ts';
import { crmName, crmsOf } from './named.ts';
import { Pause } from './pause.ts';
import { Sink } from './sink.ts';
import { CrmSync } from './sync.ts';

const config = readConfig<CrmSyncConfig>('crm-sync', ['optOut']);
const [secret, salt] = [storedParameter(env('CRM_SECRET')), storedParameter(env('CONTACT_SALT_SECRET'))];
const own = { now: Date.now, newOwner: randomUUID };
const deliveries = new Deliveries(env('DELIVERIES_TABLE'), own);

const people = new People({ table: env('CONTACTS_TABLE'), salt: () => salt.get(), now: Date.now });
const contacts = new ContactsMap({ table: env('CONTACTS_TABLE'), ...own });
const failures = new CrmFailures({ table: env('DELIVERIES_TABLE'), lineId: config.keysOf, now: Date.now });
const queueUrl = env('CRM_SYNC_QUEUE_URL');

const sync = new CrmSync({
  config,
  deliveries,
  observed: new ObservedSends(env('SENDS_TABLE'), Date.now),
  people,
  sinks: crmsOf(config.crm).map((settings, _, all) => {
    const name = crmName(settings);
    return new Sink({
      name,
      text: settings.text,
      takesStatuses: takesStatuses(settings),
      config,
      contacts,
      people,
      contactPk: async (crm, key) => `crm#${crm}#${contactHash(await salt.get(), key)}`,
      connect: connector(settings, async () => storedFor(await secret.get(), name, all.length === 1), {
        http,
        now: Date.now,
      }),
      refresh: () => secret.refreshAfterMismatch(),
      pause: new Pause(Date.now),
      failures,
      tell: tellPeople,
      log,
      now: Date.now,
    });
  }),
  enqueue: (bodies) => enqueue(queueUrl, bodies),
  markHidesNumbers: () => markHidesNumbers(env('SENDS_TABLE'), config.keysOf, Date.now()),
  tellOfFailed: tellOfFailedSend,
  log,
  now: Date.now,
});

// In INIT the CPU is not throttled and nobody waits: open the connections and fetch the secrets now.
await warmUp(secret.get(), salt.get(), deliveries.known(config.keysOf, 'warm-up', ''));

const deadLettersUrl = env('CRM_SYNC_DLQ_URL');
const handle = (body: string) => sync.handle(body);
const work = workThrough({ template: 'crm-sync', queueUrl, deadLettersUrl, log, about: namesIn, handle });
export const handler = middy<SQSEvent, SQSBatchResponse>().handler(inTime((event: SQSEvent) => work(event)));

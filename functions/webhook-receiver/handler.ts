import { randomUUID } from 'node:crypto';
import middy from '@middy/core';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { Deliveries } from '../shared/ledger/deliveries.ts';
import { heardSign } from '../shared/ledger/signs.ts';
import { env, readConfig } from '../shared/runtime/config.ts';
import type { Answer } from '../shared/runtime/errors.ts';
import { inTime, warmUp } from '../shared/runtime/in-time.ts';
import { log } from '../shared/runtime/log.ts';
import { enqueue } from '../shared/runtime/queue.ts';
import { storedParameter } from '../shared/runtime/stored-parameter.ts';
import type { WebhookReceiverConfig } from './config.ts';
import { receiver } from './receive.ts';

const { lineId, keysOf, linePhone } = readConfig<WebhookReceiverConfig>('webhook-receiver', []);
const secret = storedParameter(env('WEBHOOK_TOKEN_SECRET'));
const deliveries = new Deliveries(env('DELIVERIES_TABLE'), { now: Date.now, newOwner: randomUUID });
const [crmSyncUrl, escalationUrl] = [env('CRM_SYNC_QUEUE_URL'), env('ESCALATION_QUEUE_URL')];

const receive = receiver({
  lineId,
  keysOf,
  linePhone,
  secret,
  deliveries,
  heard: heardSign(env('DELIVERIES_TABLE'), keysOf, { now: Date.now, log }),
  enqueue: {
    crmSync: (bodies) => enqueue(crmSyncUrl, bodies),
    escalation: (bodies) => enqueue(escalationUrl, bodies),
    // Asked for when it is needed: for moments of a deployment a function has its new code and its old environment.
    unread: async (bodies) => (bodies.length > 0 ? enqueue(env('UNREAD_QUEUE_URL'), bodies) : undefined),
  },
  log,
  now: Date.now,
});

// In INIT the CPU is not throttled and nobody waits: open the connections and fetch the token now.
await warmUp(secret.get(), deliveries.known(keysOf, 'warm-up', ''));

export const handler = middy<APIGatewayProxyEventV2, Answer>().handler(inTime(receive));

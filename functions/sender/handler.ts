import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import middy from '@middy/core';
import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { tellPeople } from '../shared/door/tell-people.ts';
import { lineApi } from '../shared/ezwhatsapp/line-api.ts';
import { lineToken } from '../shared/ezwhatsapp/tokens.ts';
import { KeysNote } from '../shared/ledger/keys-note.ts';
import { Ledger } from '../shared/ledger/ledger.ts';
import { LineControl } from '../shared/ledger/line-control.ts';
import { LinePace } from '../shared/ledger/line-pace.ts';
import { ShadowTexts } from '../shared/ledger/shadow-texts.ts';
import { acceptedSign } from '../shared/ledger/signs.ts';
import { WordsNote } from '../shared/ledger/words-note.ts';
import { People } from '../shared/people/people.ts';
import { UnwrittenStops } from '../shared/people/unwritten-stops.ts';
import { env, readConfig } from '../shared/runtime/config.ts';
import { http } from '../shared/runtime/http.ts';
import { inTime, warmUp } from '../shared/runtime/in-time.ts';
import { toJson } from '../shared/runtime/json.ts';
import { log } from '../shared/runtime/log.ts';
import { enqueueInOrder, hide, setAsideInOrder } from '../shared/runtime/queue.ts';
import { storedParameter } from '../shared/runtime/stored-parameter.ts';
import { storedSecret } from '../shared/runtime/stored-secret.ts';
import type { SenderConfig } from './config.ts';
import { premiseHolds } from './premise.ts';
import { Sender } from './send.ts';

const config = readConfig<SenderConfig>('sender', [
  'burstPerHour',
  'perPersonPerDay',
  'browserPostsPerHour',
  'minGapSeconds',
  'hold',
  'zone',
]);
const secret = storedSecret(env('LINE_TOKEN_SECRET'));
const ledger = new Ledger(env('SENDS_TABLE'), { now: Date.now, newOwner: randomUUID });
const salt = storedParameter(env('CONTACT_SALT_SECRET'));
const tokens = {
  get: async () => lineToken(await secret.get()),
  reread: async () => lineToken(await secret.reread()),
};
const shadows = new ShadowTexts(env('SENDS_TABLE'), config.keysOf, Date.now);
const keysNote = new KeysNote(env('SENDS_TABLE'));
/** It changes with the client file alone, which is another function's then. */
let noted: string | undefined;
const keysLine = async (): Promise<string> => {
  noted ??= await keysNote.readOrNote(config.keysOf);
  return noted;
};
const sender = new Sender({
  config,
  ledger,
  pace: new LinePace(env('SENDS_TABLE'), Date.now),
  log,
  sleep,
  api: lineApi(env('EZW_BASE_URL'), tokens, http),
  now: Date.now,
  newTurn: randomUUID,
  random: Math.random,
  people: new People({ table: env('CONTACTS_TABLE'), salt: () => salt.get(), now: Date.now }),
  unwritten: new UnwrittenStops(env('SENDS_TABLE'), config.keysOf, Date.now),
  words: new WordsNote(env('SENDS_TABLE'), Date.now),
  accepted: acceptedSign(env('SENDS_TABLE'), config.keysOf, { now: Date.now, log }),
  control: new LineControl(env('SENDS_TABLE'), config.keysOf),
  tell: tellPeople,
  keepShadow: (key, body) => shadows.keep(key, body),
  holds: premiseHolds(process.env.APPOINTMENTS_TABLE),
  keysLine,
  hide: (handles, seconds) => hide(env('SENDS_QUEUE_URL'), handles, seconds, log),
  requeue: (command, group, id) => enqueueInOrder(env('SENDS_QUEUE_URL'), toJson(command), group, id),
  setAside: (body, reason) => setAsideInOrder(env('SENDS_DLQ_URL'), body, reason, randomUUID()),
});

// In INIT the CPU is not throttled and nobody waits: open the connections and fetch the token now. What fails here fails again,
// with a state to show for it, when there is a message.
await warmUp(secret.get(), salt.get(), keysLine());

export const handler = middy<SQSEvent, SQSBatchResponse>().handler(
  inTime((event: SQSEvent, context) => sender.run(event.Records, () => context.getRemainingTimeInMillis())),
);

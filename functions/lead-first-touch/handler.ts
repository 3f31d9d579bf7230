import { randomUUID } from 'node:crypto';
import { tellCrm } from '../shared/door/tell-crm.ts';
import { templateHandler } from '../shared/door/template-handler.ts';
import { Ledger } from '../shared/ledger/ledger.ts';
import { queueSend, type SendCommand } from '../shared/ledger/send-command.ts';
import type { Contacts } from '../shared/people/contacts.ts';
import { env, readConfig } from '../shared/runtime/config.ts';
import { storedParameter } from '../shared/runtime/stored-parameter.ts';
import type { LeadFirstTouchConfig } from './config.ts';
import { firstTouch } from './first-touch.ts';
import type { Lead } from './schema.ts';
import * as sources from './sources.ts';
import { oneAddress } from './throttle.ts';
import { times } from './times.ts';
import { commandFor, touchUntil } from './workflow.ts';

const config = readConfig<LeadFirstTouchConfig>('lead-first-touch', [
  'sources',
  'usefulFor',
  'oncePerPhone',
  'quietFor',
]);
const salt = storedParameter(env('CONTACT_SALT_SECRET'));
const contacts: Contacts = { table: env('CONTACTS_TABLE'), salt: () => salt.get() };
const ledger = new Ledger(env('SENDS_TABLE'), { now: Date.now, newOwner: randomUUID });
const send = (command: SendCommand): Promise<void> => queueSend(env('SENDS_QUEUE_URL'), config.lineId, command);
const record = (key: string) => ledger.read(config.keysOf, key);

export const handler = await templateHandler<Lead>({
  name: 'lead-first-touch',
  sources,
  settings: config.sources,
  times,
  onEvent: (lead) => firstTouch(lead, { config, contacts, send, tellCrm, record, now: Date.now }),
  onLost: ({ id, source, occurredAt: submittedAt, state, reason }) =>
    send(commandFor({ id, source, submittedAt }, config, { state, reason })),
  isLate: (submittedAt) => Date.now() > Date.parse(touchUntil(submittedAt, config)),
  guard: oneAddress(contacts, sources, config.sources, Date.now),
  warmUps: [() => salt.get(), () => record('warm-up')],
});

import { withoutNumbers } from '../shared/door/consent.ts';
import { noteOf } from '../shared/door/tell-crm.ts';
import { durationMs } from '../shared/hours/duration.ts';
import { isNotSent, type SendRecord } from '../shared/ledger/rules.ts';
import type { Parked, SendCommand } from '../shared/ledger/send-command.ts';
import { type Contacts, count, hashed, putContact, stake } from '../shared/people/contacts.ts';
import type { CrmNote } from '../shared/people/crm-note.ts';
import { identityOf } from '../shared/people/identity.ts';
import type { LeadFirstTouchConfig } from './config.ts';
import { noteworthy } from './noteworthy.ts';
import type { Lead } from './schema.ts';
import { commandFor, leadKey, type Qualified, qualify } from './workflow.ts';

export interface FirstTouchTools {
  readonly config: LeadFirstTouchConfig;
  readonly contacts: Contacts;
  readonly send: (command: SendCommand) => Promise<void>;
  readonly tellCrm: (note: Omit<CrmNote, 'kind'>) => Promise<void>;
  /** What became of an earlier send, by its key. */
  readonly record: (key: string) => Promise<SendRecord | undefined>;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

const TOUCHED: Parked = { state: 'REJECTED', reason: 'touched_recently' };
/**
 * True if this lead is the one that touches its phone: the first within the window, or the same lead again, so that a retry
 * after a crash goes through. A lead whose message surely never left gives its place to the next one: what was set aside for a person does not
 * keep others from being heard, least of all a stranger's post that was one too many.
 */
const touches = async (key: string, phone: string, tools: FirstTouchTools): Promise<boolean> => {
  const { config, contacts, record, now } = tools;
  const pk = await hashed(contacts, 'touch', identityOf(phone));
  const expiresAt = Math.floor((now() + durationMs(config.oncePerPhone)) / 1000);
  const row = { pk, holder: key, expiresAt };
  const seconds = Math.floor(now() / 1000);
  const holder = await stake(contacts, row, seconds);
  if (holder === key) return true;
  const earlier = holder === undefined ? undefined : await record(holder);
  if (!earlier || !isNotSent(earlier)) return false;
  return (await stake(contacts, row, seconds, holder)) === key;
};

/**
 * Keeps what the person was asked and answered, when and where, under the hash of the phone: of the lead that touches it, for its
 * message needs the proof.
 */
const keepEvidence = async (
  lead: Lead,
  { phone, consent }: Qualified,
  { contacts }: FirstTouchTools,
): Promise<void> => {
  const { field, value, text, question = text ?? field, at: said = lead.submittedAt } = consent;
  // Nobody agrees after they have sent the form.
  const at = Date.parse(said) <= Date.parse(lead.submittedAt) ? said : lead.submittedAt;
  const pk = await hashed(contacts, 'consent', identityOf(phone));
  await putContact(contacts, {
    pk,
    field,
    question: withoutNumbers(question),
    value: withoutNumbers(value),
    text: withoutNumbers(text),
    at,
    source: lead.source,
    form: lead.formId,
    unproven: lead.unproven,
    key: leadKey(lead.id),
  });
};

/** Lines of an hour that go back to posts without a secret: as many as messages, unless the client file says otherwise of those. */
const UNPROVEN_LINES = 30;
const HOUR_SECONDS = 3600;

/**
 * Whether the CRM is told: whatever becomes of the message, above all when people are talking already. Of what anybody can post only
 * with a message of its own, and not without end.
 */
const isToldOf = async ({ unproven }: Lead, touches: boolean, { contacts, now }: FirstTouchTools): Promise<boolean> => {
  if (!unproven) return true;
  if (!touches) return false;
  const hour = Math.floor(now() / 1000 / HOUR_SECONDS);
  return (await count(contacts, `unproven-lines#${hour}`, (hour + 2) * HOUR_SECONDS)) <= UNPROVEN_LINES;
};

/** One lead becomes one message, or one record that says why there is none. */
export const firstTouch = async (lead: Lead, tools: FirstTouchTools): Promise<void> => {
  const { config, send, tellCrm, now } = tools;
  const verdict = qualify(lead, config, now());
  if (!('phone' in verdict)) return send(commandFor(lead, config, verdict));
  const command = commandFor(lead, config, verdict.request, verdict.consent);
  const first = await touches(command.key, verdict.phone, tools);
  if (first) await keepEvidence(lead, verdict, tools);
  await send(first ? command : { ...command, outcome: TOUCHED });
  if (!(await isToldOf(lead, first, tools))) return;
  const note = noteOf(command, {
    // A stranger gives nobody a name.
    name: lead.unproven ? undefined : lead.name,
    from: lead.unproven ? undefined : [lead.source, lead.formId].filter(Boolean).join(', '),
    answers: noteworthy(lead, config),
  });
  if (note) await tellCrm(note);
};

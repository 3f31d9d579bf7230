import { crmName, crmsOf } from '../../functions/crm-sync/named.ts';
import { durationMs } from '../../functions/shared/hours/duration.ts';
import { nextOpening } from '../../functions/shared/hours/opening-hours.ts';
import { pauseOf } from '../../functions/shared/ledger/line-control.ts';
import { isNotSent, type SendRecord } from '../../functions/shared/ledger/rules.ts';
import { isOneOf } from '../../functions/shared/people/identity.ts';
import { isOneTooMany } from '../../functions/shared/people/people.ts';
import { Table } from '../../functions/shared/runtime/table.ts';
import { settingsOf, storedLineOf, turnedOn } from '../../lib/client.ts';
import { deadLetterQueues, depthOf } from '../dead-letters/dead-letters.ts';
import { controlOf } from '../line/control.ts';
import { crmSecretsOf } from '../secrets/crms.ts';
import { ledgerOf } from '../sends/ledger.ts';
import { peopleOf, touchOf } from '../sends/person.ts';
import { until } from '../sends/wait.ts';
import { commandOn, deployOn } from '../target/command.ts';
import { describeHealth, healthOf, lineTodo } from '../target/line.ts';
import { tableOf } from '../target/named.ts';
import { sourceSecretOf, templateNamed } from '../target/registry.ts';
import type { Target } from '../target/target.ts';
import { Failed } from '../terminal/errors.ts';
import { time } from '../terminal/output.ts';
import { deliver } from '../trigger/deliver.ts';
import { dayNamer } from '../usage/period.ts';
import { isCurrent, registrationOf, webhookToken } from '../webhook/registration.ts';
import { isStopped, todoOf, todoOfRecord } from './stops.ts';
import type { TestEvent } from './test-event.ts';

/** The way of a message, in its order. */
export type StepName = 'ready' | 'door' | 'queue' | 'sender' | 'status' | 'crm';

/** What is known of a step: that it came, that there is none here, or that it did not come, and what to do. */
type Found =
  | { readonly state: 'came' | 'none'; readonly found: string }
  | { readonly state: 'stopped'; readonly found: string; readonly todo: string };

export type Step = Found & {
  readonly step: StepName;
  /** How long it took, in milliseconds. */
  readonly ms: number;
};

const came = (found: string): Found => ({ state: 'came', found });
const stopped = (found: string, todo: string): Found => ({ state: 'stopped', found, todo });

/** What a walk is about. */
export interface Walked {
  readonly target: Target;
  readonly event: TestEvent;
  /** E.164 */
  readonly to: string;
  /** For how long each step is waited for. */
  readonly waitMs: number;
}

/** Of a template that writes to a person once: whether it has. The lead would be in the CRM, and nobody would be written to. */
const touched = async ({ target, event, to }: Walked): Promise<Found | undefined> => {
  const { client } = target;
  if (!templateNamed(event.template).oncePerPerson) return undefined;
  const touch = await touchOf(target, to);
  const earlier = touch && (await ledgerOf(target).read(touch.holder));
  if (!touch || (earlier && isNotSent(earlier))) return undefined;
  const { oncePerPhone = 'PT0S' } = settingsOf(client, event.template) as { readonly oncePerPhone?: string };
  const at = earlier?.createdAt ?? touch.expiresAt * 1000 - durationMs(oncePerPhone);
  const other = turnedOn(client).length > 1 ? ', or another --template,' : '';
  return stopped(
    `this phone was touched at ${time(at)} by ${touch.holder}, and is again after oncePerPhone (${oncePerPhone}) only`,
    `--to another number${other} shows the whole way; ${commandOn(target, 'sends show', touch.holder)} tells how far that one came`,
  );
};

/** What the sender would refuse because of whom it is to. */
const refusedTo = async ({ target, event, to }: Walked): Promise<Found | undefined> => {
  const { client } = target;
  const person = await (await peopleOf(target)).read(to);
  const refused = (reason: string, found: string): Found => stopped(found, todoOf(reason, target) ?? '');
  const { said, talkedAt, today } = person;
  if (said?.word === 'stop') {
    return refused('opted_out', `this number is on the stop list: they said so at ${time(Date.parse(said.at))}`);
  }
  const { quietFor, key } = event;
  const talked = Date.parse(talkedAt ?? '');
  if (quietFor !== undefined && Date.now() - talked < durationMs(quietFor)) {
    return refused('in_conversation', `they or the team wrote at ${time(talked)}, within quietFor (${quietFor})`);
  }
  const most = client.sender.perPersonPerDay;
  const day = dayNamer(client.zone)(Date.now());
  if (most !== 'off' && isOneTooMany(person, { key, day }, most)) {
    return refused(
      'person_cap',
      `this number had ${today.sentToday} messages today, of ${most} that a person may have`,
    );
  }
  return undefined;
};

/** Whether it would leave now, as far as that is known before anything is sent. */
export const ready = async (walked: Walked): Promise<Found> => {
  const { target, event, to } = walked;
  const { client } = target;
  const { delivery } = client;
  const secret = await sourceSecretOf(target, event.sourceName).catch((error: unknown) => error as Error);
  if (secret instanceof Error) {
    if (!(secret instanceof Failed)) throw secret;
    return stopped(
      `no secret is stored for ${event.sourceName}: its door answers 503`,
      commandOn(target, 'secrets set', `sources.${event.sourceName}`),
    );
  }
  const window = client.sendWindow;
  const opening = window && nextOpening({ ...window, zone: window.zone ?? client.zone }, Date.now());
  if (window && opening !== undefined && opening > Date.now()) {
    return stopped(
      `outside sendWindow, which opens at ${time(opening)}`,
      'run it again then: it would wait until then',
    );
  }
  if (delivery !== 'live' && !isOneOf(to, delivery.only)) {
    return stopped(
      'delivery.only does not name this number: it would end as REJECTED shadow',
      todoOf('shadow', target) ?? '',
    );
  }
  const refused = (await refusedTo(walked)) ?? (await touched(walked));
  if (refused) return refused;
  const control = await controlOf(target).read();
  const pause = pauseOf(control, event.template);
  if (pause) {
    const whole = control.paused ? '' : `--template ${event.template}`;
    const why = pause.reason === undefined ? '' : ` (${pause.reason})`;
    return stopped(`paused by ${pause.by} at ${time(pause.at)}${why}`, commandOn(target, 'line resume', whole));
  }
  if (control.trouble?.kind === 'banned') return stopped('the line is shut out', todoOf('line_banned', target) ?? '');
  const health = await healthOf(target);
  if (!health.sendable) {
    return stopped(describeHealth(health), todoOf(health.problem ?? '', target) ?? lineTodo(health, target));
  }
  return came(describeHealth(health));
};

/** By the door's answer. */
const doorTodo = (status: number, { target, event }: Walked): string => {
  if (status === 401)
    return `the deployed function has another secret than the one that is stored: wait five minutes after a change, or ${commandOn(target, 'secrets set', `sources.${event.sourceName}`)}`;
  if (status === 404) return `the stack does not know this source yet: ${deployOn(target)}`;
  if (status === 429) return 'too many events in a minute: wait, and run it again';
  return `look at the log of ${event.template}, and at ${commandOn(target, 'doctor')}`;
};

const door = async (walked: Walked): Promise<Found> => {
  const { target, event } = walked;
  const secret = await sourceSecretOf(target, event.sourceName);
  try {
    const path = `/${event.template}/${event.sourceName}`;
    const { status, answer } = await deliver(target, path, event.event, event.source, secret);
    const found = `${event.template}/${event.sourceName} answered ${status} ${answer}`.trim();
    return status === 200 ? came(found) : stopped(found, doorTodo(status, walked));
  } catch (error) {
    if (!(error instanceof Failed)) throw error;
    return stopped(error.message, commandOn(target, 'doctor'));
  }
};

type Told = SendRecord & { readonly delivery?: { readonly status: string; readonly at: string } };
const recordOf = ({ target, event }: Walked): Promise<Told | undefined> => ledgerOf(target).read(event.key);

/** Where it may have come to a stand. */
const depths = async (target: Target, template: string): Promise<string> => {
  const names = [`${template}-work`, 'sends', ...deadLetterQueues(target)].filter((name) => name in target.queues);
  const counted = await Promise.all(names.map(async (name) => `${name} ${await depthOf(target, name)}`));
  return counted.filter((one) => !one.endsWith(' 0')).join(', ') || 'all queues are empty';
};

const seconds = (ms: number): string => `${Math.round(ms / 1000)} s`;

const queue = async (walked: Walked): Promise<Found> => {
  const { target, event, waitMs } = walked;
  const record = await until(
    () => recordOf(walked),
    (one) => one !== undefined,
    waitMs,
  );
  if (record) return came(`the sender has ${event.key}`);
  return stopped(
    `the sender has not seen ${event.key} within ${seconds(waitMs)}: ${await depths(target, event.template)}`,
    `${commandOn(target, 'dlq list')}, and the logs of ${event.template} and sender`,
  );
};

const sender = async (walked: Walked): Promise<Found> => {
  const { target, waitMs } = walked;
  const isOver = (one: Told | undefined): boolean => one?.state === 'ACCEPTED' || (one !== undefined && isStopped(one));
  // While it is tried again it is held no more, and the record says nothing of why it was.
  let held: Told | undefined;
  const look = async (): Promise<Told | undefined> => {
    const record = await recordOf(walked);
    if (record?.state !== 'CLAIMED') held = record;
    return record;
  };
  const record = await until(look, isOver, waitMs);
  if (record?.state === 'ACCEPTED') {
    const { status, id } = record.response ?? {};
    const answer = [status, id].filter((one) => one !== undefined).join(' ');
    return came(`EZWhatsApp answered ${answer}. Accepted is not delivered`);
  }
  const last = held ?? record;
  if (!last) return stopped('its record is gone', commandOn(target, 'doctor'));
  const { state, reason } = last;
  const waits = state === 'HELD' && !last.parked ? ', and waits: it leaves by itself once that is mended' : '';
  return stopped(`${[state, reason].filter(Boolean).join(' ')}${waits}`, todoOfRecord(last, target));
};

const ARRIVED = ['delivered', 'read', 'played'];

/** Whether this address is registered, and with the token that is stored. */
const registered = async (target: Target): Promise<'no token' | 'no' | 'older token' | 'yes'> => {
  const token = await webhookToken(target).catch(() => undefined);
  if (token === undefined) return 'no token';
  const registration = await registrationOf(target);
  if (registration === undefined) return 'no';
  return isCurrent(registration, token) ? 'yes' : 'older token';
};

const statusTodo = (is: Awaited<ReturnType<typeof registered>>, target: Target): string => {
  const register = commandOn(target, 'webhook register');
  if (is === 'no token') return `${commandOn(target, 'secrets rotate', 'webhook-token')} && ${register}`;
  if (is === 'older token') return `it is registered with an older token: ${register}`;
  return is === 'no'
    ? `it is not registered by this command: ${register}`
    : 'it is registered: look at the phone, at the log of webhook-receiver, and for the webhook in the workspace';
};

const status = async (walked: Walked): Promise<Found> => {
  const { target, waitMs } = walked;
  const is = await registered(target);
  // Without a token its door refuses whatever comes.
  const limit = is === 'no token' ? 0 : waitMs;
  const isTold = (one: Told | undefined): boolean =>
    [...ARRIVED, 'failed', 'deleted'].includes(one?.delivery?.status ?? '');
  const told = (await until(() => recordOf(walked), isTold, limit))?.delivery?.status;
  if (told === undefined) {
    return stopped(`no status came within ${seconds(limit)}`, statusTodo(is, target));
  }
  if (ARRIVED.includes(told)) return came(told);
  if (told === 'failed' || told === 'deleted')
    return stopped(told, 'WhatsApp did not bring it: is the number on WhatsApp?');
  return came(`${told}; not delivered within ${seconds(limit)}: is that phone on and online?`);
};

/** What the consumer noted of a message. */
interface Claim {
  readonly state: 'CLAIMED' | 'DONE';
  readonly attempts: number;
}

const crm = async (walked: Walked): Promise<Found> => {
  const { target, waitMs } = walked;
  const names = crmsOf(target.client.crm).map(crmName);
  if (names.length === 0) return { state: 'none', found: 'no CRM in the client file' };
  const end = Date.now() + waitMs;
  const observed = await until(
    () => recordOf(walked),
    (one) => one?.observedId !== undefined,
    waitMs,
  );
  if (observed?.observedId === undefined) {
    return stopped(
      `the line has not told of the message within ${seconds(waitMs)}, so ${names.join(', ')} knows nothing of it`,
      statusTodo(await registered(target), target),
    );
  }
  const claims = new Table<Claim>(tableOf(target, 'deliveries'), target.dynamodb);
  const claimOf = (name: string) => claims.read(crmClaim(target, names, name, observed.observedId ?? ''));
  const found = await until(
    () => Promise.all(names.map(claimOf)),
    (all) => all?.every((one) => one?.state === 'DONE') ?? false,
    Math.max(0, end - Date.now()),
  );
  const late = names.filter((_, i) => found?.[i]?.state !== 'DONE');
  if (late.length === 0) return came(`${names.join(', ')} ${names.length === 1 ? 'has' : 'have'} it`);
  const secrets = (await crmSecretsOf(target)).filter(({ name }) => late.includes(name));
  const without = secrets.filter(({ isStored }) => !isStored);
  const commands = (some: typeof secrets): string => some.map(({ todo }) => todo).join(' && ');
  if (without.length > 0)
    return stopped(`no secret is stored for ${without.map(({ name }) => name).join(', ')}`, commands(without));
  const tries = late.map((name) => `${name} after ${found?.[names.indexOf(name)]?.attempts ?? 0} tries`);
  return stopped(
    `not taken within ${seconds(waitMs)}: ${tries.join(', ')}`,
    `the log of crm-sync says what is answered; the access: ${commands(secrets)}`,
  );
};

/** What one of the client's CRMs noted of a message. */
const crmClaim = ({ client }: Target, names: readonly string[], name: string, messageId: string): string =>
  `crm-sync#${storedLineOf(client)}#${names.length === 1 ? '' : `for#${name}#`}message#${messageId}`;

const AFTER_READY: readonly (readonly [StepName, (walked: Walked) => Promise<Found>])[] = [
  ['door', door],
  ['queue', queue],
  ['sender', sender],
  ['status', status],
  ['crm', crm],
];

const AFTER_SILENCE_MS = 2_000;

/** A step with its time. */
export const timed = async (step: StepName, look: () => Promise<Found>): Promise<Step> => {
  const startedAt = Date.now();
  const found = await look();
  return { ...found, step, ms: Date.now() - startedAt };
};

/** Sends it and follows it. The CRM hears of it without the status, so that is looked at too where no status came. */
export const walk = async (walked: Walked, onStep: (step: Step) => void): Promise<readonly Step[]> => {
  const steps: Step[] = [];
  for (const [name, look] of AFTER_READY) {
    const last = steps.at(-1);
    if (last?.state === 'stopped' && last.step !== 'status') break;
    // What the webhook has not brought by then it has not brought for the next step either.
    const waitMs = last?.state === 'stopped' ? Math.min(AFTER_SILENCE_MS, walked.waitMs) : walked.waitMs;
    const step = await timed(name, () => look({ ...walked, waitMs }));
    steps.push(step);
    onStep(step);
  }
  return steps;
};

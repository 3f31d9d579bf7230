import { isDeepStrictEqual } from 'node:util';
import type { NotifierName } from '../../functions/escalation/config.ts';
import { NotifierRefusals } from '../../functions/escalation/notifier-refusals.ts';
import { writerAmong } from '../../functions/escalation/notify.ts';
import { type Walk, walkKey } from '../../functions/shared/door/walk.ts';
import type { Health } from '../../functions/shared/ezwhatsapp/line-api.ts';
import { lineToken } from '../../functions/shared/ezwhatsapp/tokens.ts';
import { KeysNote } from '../../functions/shared/ledger/keys-note.ts';
import { hasFailed, type SendRecord, SHADOW } from '../../functions/shared/ledger/rules.ts';
import { reasonOf } from '../../functions/shared/runtime/errors.ts';
import { jsonIn } from '../../functions/shared/runtime/json.ts';
import { Table } from '../../functions/shared/runtime/table.ts';
import { lettersOf, storedLineOf, turnedOn } from '../../lib/client.ts';
import { mailIdentities } from '../../lib/mail-identities.ts';
import { parameterName, SALT, SALTED } from '../../lib/parameter-names.ts';
import { parametersOf } from '../../lib/parameters.ts';
import { deadLetterQueues, depthOf } from '../dead-letters/dead-letters.ts';
import { UNSUPPORTED_ASKS } from '../decisions/unsupported-asks.ts';
import { otherwise, protectionOf } from '../deploy/protection.ts';
import { fingerprint } from '../deploy/salt.ts';
import { controlOf, failingNow, heldBack, resumeOf, waitingInQueue } from '../line/control.ts';
import { openProbeOf } from '../probe/open-probe.ts';
import { explain, oneLine } from '../run.ts';
import { crmSecretsOf } from '../secrets/crms.ts';
import { sourcesOf } from '../secrets/names.ts';
import { entriesOf, readParameter, readSecret, readsParameters } from '../secrets/store.ts';
import { refusalOf } from '../sends/advice.ts';
import { allSends, isWaiting } from '../sends/ledger.ts';
import { rowsOfPeople, unwrittenStops } from '../sends/person.ts';
import { connectionFindings } from '../source/findings.ts';
import { commandOn, deployOn } from '../target/command.ts';
import { describeHealth, healthOf, lineTodo } from '../target/line.ts';
import { tableOf } from '../target/named.ts';
import { alarmsOf } from '../target/registry.ts';
import { isDeployed, type Target } from '../target/target.ts';
import { call } from '../terminal/call.ts';
import { time } from '../terminal/output.ts';
import { isCurrent, registrationOf, webhookToken } from '../webhook/registration.ts';

export interface Finding {
  readonly level: 'good' | 'warning' | 'bad';
  readonly about: string;
  readonly found: string;
  /** Only where there is something to do. */
  readonly todo?: string;
}

const lineTokenFinding = async (target: Target): Promise<Finding> => {
  const about = 'line token';
  const secret = await readSecret(target, 'line-token');
  try {
    lineToken(secret?.value ?? '');
    return { level: 'good', about, found: `stored, version ${secret?.versionId}` };
  } catch (error) {
    const found = oneLine(error instanceof Error ? error.message : 'unusable');
    return { level: 'bad', about, found, todo: commandOn(target, 'secrets set', 'line-token') };
  }
};

/** Whether the salt is there, and the one that was made. */
const saltFindings = async (target: Target): Promise<readonly Finding[]> => {
  const about = `parameter ${parameterName(target.client.name, SALT)}`;
  const [stored, made] = await Promise.all([SALT, SALTED].map((name) => readParameter(target, name)));
  const putBack = 'put back the one that was made, from where you keep it';
  if (!stored) {
    const found = 'missing: nobody who said stop is known, so nothing is sent, nothing told, and a form answers 503';
    return [{ level: 'bad', about, found, todo: isDeployed(target) ? putBack : deployOn(target) }];
  }
  if (!made || made.value === fingerprint(stored.value)) return [];
  const found = 'not the one that was made: nobody who said stop is known';
  return [{ level: 'bad', about, found, todo: `${putBack} or from the history of the parameter` }];
};

/** What the functions read in Parameter Store: whether it is there. */
const parameterFindings = async (target: Target): Promise<readonly Finding[]> => {
  const { client } = target;
  const each = parametersOf(client).map(async ({ name }): Promise<readonly Finding[]> => {
    if (name === SALT) return saltFindings(target);
    if (await readParameter(target, name)) return [];
    const about = `parameter ${parameterName(client.name, name)}`;
    const found = 'missing: what needs it waits, and a door answers 503';
    return [{ level: 'bad', about, found, todo: deployOn(target) }];
  });
  return (await Promise.all(each)).flat();
};

const ofBefore = (target: Target): Finding => {
  const found = 'of a release before this one: what it reads is stored elsewhere, and is not looked at';
  return { level: 'warning', about: 'stack', found, todo: deployOn(target) };
};

const sourceFindings = async (target: Target): Promise<readonly Finding[]> => {
  const entries = await entriesOf(target);
  return sourcesOf(target.client).map((source): Finding => {
    const about = `secret of ${source}`;
    const [entry, ...others] = entries(source);
    const rotating = typeof entry === 'object' && entry !== null && 'previous' in entry;
    const todoSet = commandOn(target, 'secrets set', `sources.${source}`);
    if ([entry, ...others].some((one) => one === undefined || one === ''))
      return { level: 'bad', about, found: 'missing: its events are answered 503', todo: todoSet };
    if (!others.every((one) => isDeepStrictEqual(one, entry)))
      return { level: 'bad', about, found: 'not the same for all templates that have it', todo: todoSet };
    if (!rotating) return { level: 'good', about, found: 'stored' };
    const todo = commandOn(target, 'secrets rotate', `sources.${source} --finish`);
    const when = 'when what comes is signed with the new one: ';
    return { level: 'warning', about, found: 'stored, a rotation is under way', todo: `${when}${todo}` };
  });
};

/** Of several CRMs each on its own. */
const crmFindings = async (target: Target): Promise<readonly Finding[]> => {
  const found = 'missing: what is for it waits for three days, then it is a dead letter';
  return (await crmSecretsOf(target)).map(({ name, isStored, todo }): Finding => {
    const about = `secret of ${name}`;
    return isStored ? { level: 'good', about, found: 'stored' } : { level: 'bad', about, found, todo };
  });
};

/** Whether what was told is looked for where it is stored. */
const keys = async (target: Target): Promise<Finding> => {
  const about = 'keys of sends';
  const stored = storedLineOf(target.client);
  const noted = await new KeysNote(tableOf(target, 'sends'), target.dynamodb).read();
  if (noted === undefined) return { level: 'good', about, found: 'none yet' };
  if (noted === stored) return { level: 'good', about, found: `stored under ${noted}` };
  const found = `stored under ${noted}, looked for under ${stored}: nothing is sent, or everybody would be told again`;
  const todo = `write keysOf: '${noted}' beside lineId in clients/${target.client.name}.ts, and deploy`;
  return { level: 'bad', about, found, todo };
};

const health = (target: Target, answer: Health): Finding => {
  const found = describeHealth(answer);
  const about = 'line';
  if (answer.sendable) return { level: 'good', about, found };
  return { level: 'bad', about, found, todo: lineTodo(answer, target) };
};

/** Of a deployed stack whether it can be deleted by mistake. */
const protection = async (target: Target): Promise<readonly Finding[]> => {
  if (!isDeployed(target)) return [];
  const about = 'protection against deletion';
  const open = otherwise(await protectionOf(target), true);
  if (open.length === 0) return [{ level: 'good', about, found: 'on, of the stack and of each table' }];
  const found = `off: ${open.join(', ')} can be deleted by mistake`;
  return [{ level: 'bad', about, found, todo: commandOn(target, 'protect') }];
};

/** Whether messages leave, by the word of people, and to whom. */
const control = async (
  target: Target,
  all: readonly SendRecord[],
  { sendable }: Health,
): Promise<readonly Finding[]> => {
  const { client } = target;
  const held = await controlOf(target).read();
  const waiting = await waitingInQueue(target);
  const about = 'what may leave';
  const findings = heldBack(held, sendable).map((one): Finding => {
    const todo = one.resume && resumeOf(target, one);
    const found = `${one.says}; ${waiting} messages wait in the queue`;
    return { level: one.isOver ? 'good' : 'bad', about, found, ...(todo && { todo }) };
  });
  const failing = failingNow(held, waiting, client);
  if (failing !== undefined) {
    const todo = `does EZWhatsApp answer its API? It goes on by itself. Where it is the messages themselves: ${commandOn(target, 'sends list', '--waiting')}, and "sends drop"`;
    findings.push({ level: 'bad', about, found: `${failing}; ${waiting} messages wait in the queue`, todo });
  }
  if (client.delivery === 'live') return findings;
  const shadows = all.filter(({ reason }) => reason === SHADOW).length;
  const found = `${client.delivery.only.length} phones of the client file alone are written to; ${shadows} messages would have gone to others`;
  const todo = `${commandOn(target, 'sends list', '--shadow')}; when they are as the client wants them, write delivery: 'live' and deploy`;
  return [...findings, { level: 'warning', about: 'delivery', found, todo }];
};

/** The sandbox knows its webhooks; the vendor publishes no way to ask. */
const isRegisteredAtSandbox = async ({ sandboxUrl, url }: Target): Promise<boolean> => {
  if (sandboxUrl === undefined) return false;
  const { text } = await call(`${url}/_sandbox/webhooks`);
  const known = jsonIn(text);
  return Array.isArray(known) && known.length > 0;
};

const webhook = async (target: Target): Promise<Finding> => {
  const about = 'webhook';
  const todo = commandOn(target, 'webhook register');
  if (await isRegisteredAtSandbox(target)) return { level: 'good', about, found: 'registered at the sandbox' };
  const registration = await registrationOf(target);
  const token = await webhookToken(target).catch(() => undefined);
  if (token === undefined) {
    const first = commandOn(target, 'secrets rotate', 'webhook-token');
    return { level: 'warning', about, found: 'no token is stored: deliveries are answered 503', todo: first };
  }
  if (registration === undefined) return { level: 'warning', about, found: 'not registered by this command', todo };
  if (!isCurrent(registration, token))
    return { level: 'warning', about, found: 'registered with an older token', todo };
  return { level: 'good', about, found: `registered on ${registration.registeredAt}` };
};

/** A probe that was killed leaves its webhook beside the client's own, or in its place. */
const openProbe = async (target: Target): Promise<readonly Finding[]> => {
  const open = await openProbeOf(target);
  if (!open) return [];
  const since = `open since ${time(Date.parse(open.openedAt))} by ${open.by}`;
  if (open.targetUrl === undefined) {
    const over = open.expiresAt === undefined ? '' : ` and is over at ${time(open.expiresAt * 1000)}`;
    return [
      { level: 'good', about: 'probe', found: `${since}: it sends messages alone, leaves nothing to undo${over}` },
    ];
  }
  const stands = open.stands === 'beside' ? "beside the client's own" : "perhaps in the place of the client's own";
  const todo = `if it does not run any more: ${commandOn(target, 'probe', '--restore')}`;
  const level = open.stands === 'beside' ? 'warning' : 'bad';
  return [{ level, about: 'probe', found: `${since}: its webhook stands ${stands}`, todo }];
};

const sends = (all: readonly SendRecord[], target: Target): Finding => {
  const waiting = all.filter(isWaiting);
  const parked = waiting.filter((record) => record.parked).length;
  const found = `${waiting.length} waiting, ${parked} of them for a person`;
  const todo = commandOn(target, 'sends list', '--waiting');
  return { level: waiting.length > 0 ? 'warning' : 'good', about: 'sends', found, ...(waiting.length > 0 && { todo }) };
};

const DAY_MS = 24 * 3600_000;

/** What was accepted and did not arrive, by when that was said. */
const failures = (all: readonly SendRecord[], target: Target, now: number): Finding => {
  const about = 'sends that did not arrive';
  const failed = all.filter((record) => hasFailed(record) && now - Date.parse(record.delivery?.at ?? '') < 7 * DAY_MS);
  if (failed.length === 0) return { level: 'good', about, found: 'none in 7 days' };
  const times = failed.map(({ delivery }) => Date.parse(delivery?.at ?? ''));
  const today = times.filter((at) => now - at < DAY_MS).length;
  const found = `${today} in 24 hours, ${failed.length} in 7 days, the oldest at ${time(Math.min(...times))}: accepted, and then WhatsApp said that they failed`;
  return { level: 'warning', about, found, todo: commandOn(target, 'sends list', '--failed') };
};

/** They are tried again from the queue for three days, and are dead letters only then. */
const storeThem = async (target: Target): Promise<string> => {
  const wait = `they wait in the queue and are stored by themselves within a quarter of an hour of the functions being able to write to the table contacts`;
  const letters = await depthOf(target, 'escalation-dlq');
  return letters === 0
    ? wait
    : `${wait}; what waited for three days: ${commandOn(target, 'dlq redrive', 'escalation-dlq')}`;
};

/** Whether stops are stored and can be read. */
const stops = async (target: Target, records: Promise<readonly SendRecord[]>): Promise<Finding> => {
  const about = 'stops';
  const waiting = async (): Promise<number> =>
    (await records).filter(({ state, reason }) => state === 'HELD' && reason === 'suppression_list_unreadable').length;
  try {
    await rowsOfPeople(target).read('suppressed#');
  } catch (error) {
    const held = await waiting().catch(() => 0);
    const found = `who said stop cannot be read (${reasonOf(error)})${held > 0 ? `, and ${held} messages wait for it` : ''}: nothing is sent`;
    const todo = `see that the table contacts (${tableOf(target, 'contacts')}) is there, and that the functions may read and write it; deploying restores what they may do, and no table that is gone`;
    return { level: 'bad', about, found, todo };
  }
  const open = await unwrittenStops(target);
  if (open.length > 0) {
    const found = `${open.length} that could not be stored, the oldest of ${time(Math.min(...open))}: nothing is sent to them, as long as this is here`;
    return { level: 'bad', about, found, todo: await storeThem(target) };
  }
  const held = await waiting();
  if (held === 0) return { level: 'good', about, found: 'stored, and can be read' };
  const found = `can be read here, and the sender could not for ${held} messages that wait`;
  return {
    level: 'warning',
    about,
    found,
    todo: 'they leave by themselves; if they do not, deploy: that restores what the sender may read',
  };
};

const REFUSED_FOR_MS = 7 * 24 * 3600_000;

/** What was refused within a week, reason by reason: what it means, and what the client can do. */
const refusals = (all: readonly SendRecord[], now: number): readonly Finding[] => {
  const told = all.filter(({ createdAt }) => now - createdAt < REFUSED_FOR_MS);
  const named = told.map((record) => [`${record.state} ${record.reason}`, refusalOf(record)] as const);
  return [...new Map(named)].flatMap(([about, refusal]): Finding[] => {
    if (!refusal) return [];
    const found = `${named.filter(([name]) => name === about).length} in 7 days`;
    return [{ level: refusal.isTheirs ? 'good' : 'warning', about, found, todo: refusal.say }];
  });
};

const deadLetters = async (target: Target): Promise<readonly Finding[]> => {
  const findings: Finding[] = [];
  for (const queue of deadLetterQueues(target)) {
    const depth = await depthOf(target, queue);
    const todo = commandOn(target, 'dlq list');
    const level = depth === 0 ? 'good' : 'warning';
    findings.push({ level, about: queue, found: String(depth), ...(depth > 0 && { todo }) });
  }
  return findings;
};

/** A night that was missed may be one of an outage; two are not. */
const WALKED_WITHIN_MS = 2 * 24 * 3600_000;

/** Whether alarms were set anew of late, of a client with a template that sets some. */
const alarms = async (target: Target, now: number): Promise<readonly Finding[]> => {
  const physical = target.tables[alarmsOf(target.client)?.table ?? ''];
  if (!physical) return [];
  const about = 'alarms';
  const walk = await new Table<Walk>(physical, target.dynamodb).read(walkKey(storedLineOf(target.client)));
  if (!walk) return [{ level: 'good', about, found: 'set as bookings come; the first night is yet to come' }];
  const { appointments, failed, done, touchedAt } = walk;
  const found = `set anew at ${time(touchedAt)}: ${appointments} appointments, ${failed} failed${done ? '' : ', not at its end'}`;
  if (failed === 0 && now - touchedAt < WALKED_WITHIN_MS) return [{ level: 'good', about, found }];
  return [{ level: 'warning', about, found, todo: commandOn(target, 'appointments resync') }];
};

/** What people hear of, of a template that tells more than one thing. */
const updates = ({ client }: Target): readonly Finding[] =>
  turnedOn(client).flatMap(([name, { template, settings }]): Finding[] => {
    const told = template.tells?.(settings);
    return told ? [{ level: 'good', about: name, found: `tells ${told.join(', ')}` }] : [];
  });

/** Who hears that the line must be linked again, or is shut out. Addresses are in the client file, and not here. */
const toldOfTheLine = ({ client }: Target): Finding => {
  const about = 'who is told of the line';
  const { contacts, escalation, name } = client;
  const { language } = lettersOf(client);
  const named = Object.entries(escalation.notifiers).flatMap(([one, settings]) => (settings ? [one] : []));
  const team = named.length > 0 ? `the team by ${named.join(', ')}` : 'nobody of the team';
  const isWritten = contacts.client !== undefined && writerAmong(escalation.notifiers) !== undefined;
  const found = `${team}; ${contacts.client && isWritten ? `${contacts.client.name} by mail, in ${language}` : 'nobody at the client'}. They ask ${contacts.operator.name}`;
  if (isWritten) return { level: 'good', about, found };
  const missing = [
    ...(contacts.client ? [] : ['contacts.client, who holds the phone of the line']),
    ...(writerAmong(escalation.notifiers) === undefined
      ? ['a notifier that sends mail, under escalation.notifiers']
      : []),
  ];
  return { level: 'warning', about, found, todo: `write ${missing.join(', and ')}, in clients/${name}.ts` };
};

/** What mends a notifier: what SES says of the address that it sends from, or else its secret. */
const mend = (target: Target, name: NotifierName): string => {
  const { escalation, name: client } = target.client;
  const [identity] = mailIdentities({ [name]: escalation.notifiers[name] });
  const first =
    identity === undefined
      ? commandOn(target, 'secrets set', `notifiers.${name}`)
      : `aws sesv2 get-email-identity --email-identity ${identity}, and verify it and the recipients`;
  return `${first}; or see to escalation.notifiers.${name} in clients/${client}.ts. It is well again with the next alert that it takes`;
};

/** Notifiers that refused the last alert they were given for good. */
const notifiers = async (target: Target): Promise<readonly Finding[]> => {
  const [table, lineId] = [tableOf(target, 'deliveries'), storedLineOf(target.client)];
  const refusals = new NotifierRefusals({ table, client: target.dynamodb, lineId, now: Date.now });
  const { notifiers: all } = target.client.escalation;
  const named = (Object.keys(all) as NotifierName[]).filter((name) => all[name] !== undefined);
  const found = await Promise.all(named.map(async (name) => [name, await refusals.last(name)] as const));
  return found.map(([name, refusal]): Finding => {
    const about = `notifier ${name}`;
    if (refusal?.refusedAt === undefined) return { level: 'good', about, found: 'refuses nothing' };
    const said = `refused an alert at ${time(refusal.refusedAt)}, ${refusal.reason}: ${refusal.says}`;
    return { level: 'bad', about, found: said, todo: mend(target, name) };
  });
};

const decisions = ({ client }: Target): Finding => {
  const open = UNSUPPORTED_ASKS.filter(({ ask }) => !client.decisions.some((decision) => decision.ask === ask));
  if (open.length === 0) return { level: 'good', about: 'decisions', found: 'all recorded' };
  const found = `not recorded: ${open.map(({ ask }) => ask).join(', ')}`;
  return { level: 'warning', about: 'decisions', found, todo: `npx ezw decisions --client ${client.name}` };
};

/** One thing to look at, and the tables that it reads, by short name. */
interface Look {
  readonly about: string;
  readonly tables?: readonly string[];
  readonly look: () => Finding | readonly Finding[] | Promise<Finding | readonly Finding[]>;
}

/** What cannot be looked at is bad, and hides nothing else. */
const looked = async (target: Target, { about, tables = [], look }: Look): Promise<readonly Finding[]> => {
  try {
    return [await look()].flat();
  } catch (error) {
    const named = tables.map((name) => `${name} (${target.tables[name] ?? 'not of this stack'})`).join(', ');
    const found = `cannot be looked at${named === '' ? '' : `, it reads the table ${named}`}: ${explain(error)}`;
    const todo = `see that ${named === '' ? 'what it asks' : 'each table'} is there and answers, then run this again`;
    return [{ level: 'bad', about, found, todo }];
  }
};

/**
 * Looks at everything, each thing on its own, and changes nothing. The client file and the stack were found already, or there would be no
 * target.
 */
export const diagnose = async (target: Target): Promise<readonly Finding[]> => {
  const records = allSends(target);
  // Whoever looks at them hears of it.
  records.catch(() => undefined);
  const answer = await healthOf(target);
  const now = Date.now();
  const reads = readsParameters(target);
  const looks: readonly Look[] = [
    { about: 'parameters', look: () => (reads ? parameterFindings(target) : ofBefore(target)) },
    { about: 'protection against deletion', look: () => protection(target) },
    { about: 'updates', look: () => updates(target) },
    { about: 'what may leave', tables: ['sends'], look: async () => control(target, await records, answer) },
    { about: 'line token', look: () => lineTokenFinding(target) },
    { about: 'secrets of sources', look: () => (reads ? sourceFindings(target) : []) },
    { about: 'sources at their vendors', tables: ['deliveries'], look: () => connectionFindings(target) },
    { about: 'secret of the CRM', look: () => (reads ? crmFindings(target) : []) },
    { about: 'line', look: () => health(target, answer) },
    { about: 'keys of sends', tables: ['sends'], look: () => keys(target) },
    { about: 'webhook', tables: ['deliveries'], look: () => webhook(target) },
    { about: 'probe', tables: ['deliveries'], look: () => openProbe(target) },
    { about: 'sends', tables: ['sends'], look: async () => sends(await records, target) },
    { about: 'sends that did not arrive', tables: ['sends'], look: async () => failures(await records, target, now) },
    { about: 'stops', tables: ['contacts', 'sends'], look: () => stops(target, records) },
    { about: 'refusals', tables: ['sends'], look: async () => refusals(await records, now) },
    { about: 'dead letters', look: () => deadLetters(target) },
    { about: 'alarms', tables: [alarmsOf(target.client)?.table ?? []].flat(), look: () => alarms(target, now) },
    { about: 'who is told of the line', look: () => toldOfTheLine(target) },
    { about: 'notifiers', tables: ['deliveries'], look: () => notifiers(target) },
    { about: 'decisions', look: () => decisions(target) },
  ];
  const findings: Finding[] = [
    { level: 'good', about: 'client file', found: `clients/${target.client.name}.ts` },
    {
      level: 'good',
      about: 'stack',
      found: target.where === 'aws' ? `deployed, ${target.url}` : `on this machine, ${target.url}`,
    },
  ];
  for (const look of looks) findings.push(...(await looked(target, look)));
  return findings;
};

import { Command, Option } from 'commander';
import type { Settled } from '../../functions/shared/ledger/by-hand.ts';
import { hasFailed, isWaiting, leftAt, type SendRecord, SHADOW } from '../../functions/shared/ledger/rules.ts';
import { waitingInQueue } from '../line/control.ts';
import { operatorName } from '../target/operator.ts';
import { usualEvent } from '../target/registry.ts';
import { openTarget, type Target } from '../target/target.ts';
import { Failed, WrongInput } from '../terminal/errors.ts';
import { examples, type TargetOptions, wholeNumber, withTarget } from '../terminal/options.ts';
import { columns, show, style, time } from '../terminal/output.ts';
import { advice } from './advice.ts';
import { drop } from './drop.ts';
import { allSends, ledgerOf, sendOf, stateOf } from './ledger.ts';
import { resend } from './resend.ts';
import { failedAt, reasonsOf, showPerson, whyFailed } from './why.ts';

const STATES: readonly SendRecord['state'][] = [
  'CLAIMED',
  'HELD',
  'UNKNOWN',
  'ACCEPTED',
  'REJECTED',
  'EXPIRED',
  'SUPPRESSED',
];

interface ListOptions extends TargetOptions {
  readonly state?: string;
  readonly waiting?: true;
  readonly shadow?: true;
  readonly failed?: true;
  readonly limit: number;
}

const wantedStates = (list: string | undefined): readonly string[] => {
  const wanted = list?.toUpperCase().split(',') ?? STATES;
  const unknown = wanted.find((state) => !STATES.includes(state as SendRecord['state']));
  if (unknown !== undefined) throw new WrongInput(`There is no state "${unknown}". There are: ${STATES.join(', ')}.`);
  return wanted;
};

const list = async (clientName: string, options: ListOptions): Promise<void> => {
  const wanted = wantedStates(options.state);
  const target = await openTarget(clientName, options);
  const found = (await allSends(target))
    .filter((record) => wanted.includes(record.state) && (!options.waiting || isWaiting(record)))
    .filter((record) => !options.shadow || record.reason === SHADOW)
    .filter((record) => !options.failed || hasFailed(record))
    .slice(0, options.limit);
  if (options.shadow) return listShadows(target, found, options);
  if (options.failed) return listFailed(found, options);
  const rows = found.map((one) => [
    time(one.createdAt),
    stateOf(one),
    one.reason ?? '',
    String(one.attempts),
    one.template,
    one.key,
  ]);
  const text =
    found.length === 0
      ? 'No sends.'
      : columns([['FIRST SEEN', 'STATE', 'REASON', 'POSTS', 'TEMPLATE', 'KEY'], ...rows]);
  const queued = options.waiting ? await waitingInQueue(target) : 0;
  const behind =
    queued > found.filter(({ parked }) => !parked).length
      ? `\n${queued} messages stand in the queue of the line; of those behind the first nothing is recorded before their turn.`
      : '';
  show(options.json, { sends: found, ...(options.waiting && { queued }) }, `${text}${behind}`);
};

/** What left and did not arrive. */
const listFailed = (found: readonly SendRecord[], options: TargetOptions): void => {
  const rows = found.map((record) => [
    time(leftAt(record)),
    failedAt(record),
    whyFailed(record),
    record.resends ? `${record.resends}` : '',
    record.template,
    record.key,
  ]);
  const text =
    rows.length === 0
      ? 'No send that was accepted is known to have failed.'
      : columns([['SENT', 'FAILED', 'WHY', 'SENT AGAIN', 'TEMPLATE', 'KEY'], ...rows]);
  show(options.json, { sends: found }, text);
};

/** What would have been said; the newest texts alone are kept. */
const listShadows = async (target: Target, found: readonly SendRecord[], options: TargetOptions): Promise<void> => {
  const texts = await ledgerOf(target).shadows();
  const sends = found.map((record) => {
    const { body, button, to } = texts.get(record.key) ?? {};
    return {
      ...record,
      ...(body !== undefined && { text: body }),
      ...(button !== undefined && { button }),
      ...(to && { to }),
    };
  });
  const rows = sends.map(({ createdAt, template, key, to = '', text = '(not kept any more)', button }) => [
    time(createdAt),
    template,
    to,
    key,
    `${text.replace(/\s*\n\s*/g, ' ⏎ ')}${button === undefined ? '' : ` [${button}]`}`,
  ]);
  const text = rows.length === 0 ? 'No sends in shadow.' : columns([['AT', 'TEMPLATE', 'TO', 'KEY', 'TEXT'], ...rows]);
  show(options.json, { sends }, text);
};

interface ShowOptions extends TargetOptions {
  readonly phone?: string;
}

const showOne = async (clientName: string, key: string | undefined, options: ShowOptions): Promise<void> => {
  const { phone } = options;
  if (key !== undefined && phone !== undefined) throw new WrongInput('Write a key or --phone, not both.');
  if (phone !== undefined) return showPerson(phone, await openTarget(clientName, options), options);
  if (key === undefined) throw new WrongInput('Write the key of a send, or --phone for all that one person got.');
  const record = await sendOf(await openTarget(clientName, options), key);
  const fields = [
    ['key', record.key],
    ['template', record.template],
    ['state', stateOf(record)],
    ['reason', record.reason ?? ''],
    ['posts', String(record.attempts)],
    ['first post', time(record.firstAttemptAt)],
    ...reasonsOf(record),
    ['answer', record.response ? `${record.response.status} ${record.response.id ?? ''}`.trim() : ''],
    ['useful until', record.usefulUntil],
    ['refused bodies', String(record.conflicts ?? 0)],
    ['settled by', record.resolved ? `${record.resolved.by}: ${record.resolved.reason}` : ''],
    ['taken back by', record.dropped ? `${record.dropped.by}: ${record.dropped.reason}` : ''],
    ['sent again by', record.resent ? `${record.resent.by}: ${record.resent.reason} (${record.resends})` : ''],
    ['first seen', time(record.createdAt)],
    ['last change', time(record.updatedAt)],
  ].filter(([, value]) => value !== '');
  show(options.json, record, `${columns(fields)}\n\n${style('bold', advice(record))}`);
};

interface ResolveOptions extends TargetOptions {
  readonly as: Settled;
  readonly reason: string;
  readonly by?: string;
}

const resolve = async (clientName: string, key: string, options: ResolveOptions): Promise<void> => {
  const target = await openTarget(clientName, options);
  const record = await sendOf(target, key);
  if (record.state !== 'UNKNOWN' || !record.parked) {
    throw new Failed(`${key} is ${stateOf(record)}: only an UNKNOWN that is parked is settled by hand.`);
  }
  const hand = { by: operatorName(options.by), reason: options.reason };
  if (!(await ledgerOf(target).settle(key, options.as, hand))) {
    throw new Failed(`${key} has moved meanwhile. Look again with "sends show".`);
  }
  const after = await sendOf(target, key);
  const next =
    options.as === 'not-sent'
      ? ' The key is free: the same event from its source sends it now. Nothing is sent by this command.'
      : '';
  show(options.json, after, `${key} is now ${stateOf(after)}.${next}`);
};

export const sendsCommand = (): Command => {
  const sends = new Command('sends').description('the ledger: what was sent, what waits, and why');
  withTarget(sends.command('list <client>'))
    .description('list sends, newest first')
    .option('--state <states>', `only these, with commas: ${STATES.join(',')}`)
    .option('--waiting', 'only what is held, uncertain or parked')
    .option('--failed', 'only what was accepted and, by the word of WhatsApp, did not arrive')
    .option('--shadow', 'only what would have left while the client is tried (delivery), with its text')
    .option('--limit <n>', 'at most so many', wholeNumber(1), 100)
    .addHelpText(
      'after',
      examples(
        'sends list bakery --waiting',
        'sends list bakery --failed',
        'sends list bakery --state UNKNOWN,REJECTED --json',
      ),
    )
    .action(list);
  withTarget(sends.command('show <client> [key]'))
    .description(
      'one send: its state, why, where it comes from, and what to do; or, by --phone, why a person got what they got',
    )
    .option('--phone <number>', 'all sends to this person, whichever way the number is written; it is shown masked')
    .addHelpText('after', examples('sends show bakery order:1044:ready', 'sends show bakery --phone +972501234567'))
    .action(showOne);
  withTarget(sends.command('resolve <client> <key>'))
    .description('settle an uncertain send after looking into the workspace; sends nothing')
    .addOption(
      new Option('--as <outcome>', 'what the workspace shows').choices(['accepted', 'not-sent']).makeOptionMandatory(),
    )
    .requiredOption('--reason <text>', 'how you know; recorded')
    .option('--by <name>', 'who says so (else the login of this machine)')
    .addHelpText(
      'after',
      examples('sends resolve bakery order:1044:ready --as not-sent --reason "no such message in the conversation"'),
    )
    .action(resolve);
  withTarget(sends.command('drop <client> [key]'))
    .description('take back what waits and surely did not leave: one by its key, or all of a template; shown first')
    .option('--template <name>', 'all that wait of this template, or of auto-reply')
    .option(
      '--before <time>',
      'only what was queued before: 2026-11-29T08:30 on the client’s clocks, or with an offset (else: by now)',
    )
    .requiredOption('--reason <text>', 'why; recorded')
    .option('--by <name>', 'who wants it (else the login of this machine)')
    .option('--yes', 'answer the question beforehand')
    .addHelpText(
      'after',
      examples(
        'sends drop bakery order:1044:ready --reason "the order was a test"',
        `sends drop bakery --template ${usualEvent()[0]} --before 2026-11-29T08:30 --reason "wrong opening hours in the text"`,
      ),
    )
    .action(drop);
  withTarget(sends.command('resend <client> <key>'))
    .description(
      'send a message again under a new key, <key>:resend:<n>. The ledger keeps no texts and no numbers, so give the message itself with --body',
    )
    .requiredOption('--reason <text>', 'why it must go out again; recorded')
    .requiredOption('--body <file>', 'the message as JSON, {"to": "+…", "body": "…"}; - reads standard input')
    .option('--by <name>', 'who wants it (else the login of this machine)')
    .option('--useful-for <minutes>', 'after so many minutes it is not sent any more', wholeNumber(1), 120)
    .option('--yes', 'answer the question beforehand')
    .addHelpText(
      'after',
      `\nFirst think of what needs no new key: a message in the dead letters goes out with "dlq redrive", an uncertain one is settled\nwith "sends resolve", and a held one waits for its line. For those, a resend could reach the person twice.\n${examples(
        'sends resend bakery order:1044:ready --body message.json --reason "phone number was wrong"',
      )}`,
    )
    .action(resend);
  return sends;
};

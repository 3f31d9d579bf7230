import { setTimeout as sleep } from 'node:timers/promises';
import { Command } from 'commander';
import { lineTroubleOf } from '../../functions/shared/ezwhatsapp/line-trouble.ts';
import type { Control, Pause } from '../../functions/shared/ledger/line-control.ts';
import { plainWords } from '../../functions/shared/runtime/characters.ts';
import { allSends } from '../sends/ledger.ts';
import { describeHealth, healthOf } from '../target/line.ts';
import { operatorName } from '../target/operator.ts';
import { usualEvent } from '../target/registry.ts';
import { openTarget, type Target } from '../target/target.ts';
import { askConsent } from '../terminal/ask.ts';
import { Failed } from '../terminal/errors.ts';
import { masked } from '../terminal/mask.ts';
import { examples, type TargetOptions, withTarget } from '../terminal/options.ts';
import { show, style, time } from '../terminal/output.ts';
import {
  assertHeeded,
  assertSendsOf,
  controlOf,
  failingNow,
  heldBack,
  resumeOf,
  waitingInQueue,
  withoutTable,
} from './control.ts';

interface LineOptions extends TargetOptions {
  readonly template?: string;
  readonly reason?: string;
  readonly by?: string;
  readonly yes?: true;
}

/** The sender looks at what it read a second ago at most, of a person that it read a second ago at most. */
const HEEDED_MS = 2_500;

const [USUAL] = usualEvent();

/** A queue forgets what it has kept for two weeks. */
const QUEUE_DAYS = 13;

const wordOf = (options: LineOptions): Pause => {
  const reason = plainWords(options.reason ?? '');
  return { by: operatorName(options.by), ...(reason !== '' && { reason }), at: Date.now() };
};

const pause = async (clientName: string, options: LineOptions): Promise<void> => {
  const { template } = options;
  if (template !== undefined) assertSendsOf(template);
  const target = await openTarget(clientName, options);
  assertHeeded(target);
  const word = wordOf(options);
  const line = controlOf(target);
  let earlier: Pause | undefined;
  // Who paused it first, and why, stands.
  const change = line.change((before) => {
    const { paused, templates } = before;
    earlier = template === undefined ? paused : templates?.[template];
    return template === undefined
      ? { ...before, paused: paused ?? word }
      : { ...before, templates: { ...templates, [template]: earlier ?? word } };
  });
  const control = await change.catch((error: unknown) => {
    throw withoutTable(target, error);
  });
  // When this command is over, every sender knows.
  await sleep(HEEDED_MS);
  const what = template ?? `The line of ${clientName}`;
  const until = new Date(word.at + QUEUE_DAYS * 24 * 3600_000).toISOString().slice(0, 10);
  show(
    options.json,
    { client: clientName, ...control },
    [
      ...(earlier ? [`It was paused already, at ${time(earlier.at)} by ${earlier.by}: that stands.`] : []),
      `${what} is paused: nothing of it leaves from now on, but for what is being sent at this very moment.`,
      'Doors, queues and records go on. What waits leaves at "line resume" if it still helps and is still true; the rest expires.',
      `Resume it before ${until}: a queue keeps nothing for longer than two weeks.`,
    ].join('\n'),
  );
};

/** What would leave, so that nobody is surprised by it. */
const consequence = async (target: Target): Promise<string> => {
  const held = (await allSends(target)).filter(
    ({ state, parked, reason }) => state === 'HELD' && !parked && (reason === 'paused' || reason === 'line_banned'),
  );
  const late = held.filter(({ usefulUntil }) => Date.parse(usefulUntil) < Date.now()).length;
  const queue = await waitingInQueue(target);
  return `${queue} messages of the line wait in its queue; of ${held.length} that came up while it was paused, ${late} are too late and will expire.`;
};

const resume = async (clientName: string, options: LineOptions): Promise<void> => {
  const { template } = options;
  if (template !== undefined) assertSendsOf(template);
  const target = await openTarget(clientName, options);
  const line = controlOf(target);
  const before = await line.read();
  const isHeld =
    template === undefined ? before.paused || before.trouble?.kind === 'banned' : before.templates?.[template];
  if (!isHeld) {
    const others = heldBack(before);
    const rest = others.map((one) => ` But ${one.says}.${one.resume ? ` → ${resumeOf(target, one)}` : ''}`).join('');
    return show(options.json, { client: clientName, ...before }, `Not paused: nothing was changed.${rest}`);
  }
  const health = await healthOf(target);
  if (template === undefined && before.trouble?.kind === 'banned' && lineTroubleOf(health) === 'banned') {
    throw new Failed(
      `WhatsApp still shuts this number out, says the workspace (${describeHealth(health)}): let go now, the line would hold itself again at once. Nothing was changed. When the number is back, run this again.`,
    );
  }
  const states = health.sendable
    ? ''
    : ` The line cannot send now (${describeHealth(health)}): they will go on waiting.`;
  const ban =
    before.trouble?.kind === 'banned' && template === undefined
      ? ' WhatsApp had shut this number out, and many messages at once may bring that back: think of "sends drop" first.'
      : '';
  await askConsent(`${await consequence(target)}${states}${ban} Let them go?`, options.yes);
  const resumed = { ...wordOf(options), ...(template !== undefined && { template }) };
  const after = await line.change(({ paused, trouble, templates, ...rest }) => {
    const others = { ...templates };
    if (template !== undefined) delete others[template];
    const kept = { ...rest, resumed, ...(Object.keys(others).length > 0 && { templates: others }) };
    if (template !== undefined) return { ...kept, paused, trouble };
    return { ...kept, ...(trouble?.kind !== 'banned' && { trouble }) };
  });
  const left = heldBack(after, health.sendable).filter(({ isOver }) => !isOver);
  const rest = left.length === 0 ? '' : ` Still held: ${left.map(({ says }) => says).join('; ')}.`;
  show(
    options.json,
    { client: clientName, ...after },
    health.sendable
      ? `Resumed. What waited leaves within a minute, at the pace of the line.${rest}`
      : `Resumed.${states}${rest}`,
  );
};

const drops = ({ drops: all = {} }: Control): readonly string[] =>
  Object.entries(all).map(
    ([template, { before, by, reason }]) =>
      `${template}: what was queued before ${new Date(before).toISOString()} was taken back by ${by} (${reason})`,
  );

const letGo = ({ by, reason, at, template = 'the line' }: NonNullable<Control['resumed']>): string =>
  `${template} was let go last at ${time(at)} by ${by}${reason === undefined ? '' : ` (${reason})`}`;

const showLine = async (clientName: string, options: TargetOptions): Promise<void> => {
  const target = await openTarget(clientName, options);
  const control = await controlOf(target).read();
  const [health, waiting] = [await healthOf(target), await waitingInQueue(target)];
  const { delivery } = target.client;
  const held = heldBack(control, health.sendable);
  const failing = failingNow(control, waiting, target.client, Date.now());
  const text = [
    ...held.map(({ says, isOver }) => style(isOver ? 'yellow' : 'red', says)),
    ...(held.some(({ isOver }) => !isOver) ? [] : ['nothing is paused']),
    ...(control.resumed ? [letGo(control.resumed)] : []),
    ...(failing === undefined ? [] : [style('red', failing)]),
    describeHealth(health),
    `${waiting} messages wait in the queue`,
    delivery === 'live'
      ? 'everybody is written to'
      : `only ${delivery.only.map(masked).join(', ')} are written to (delivery)`,
    ...drops(control),
  ];
  const only = delivery === 'live' ? {} : { only: delivery.only.map(masked) };
  show(options.json, { client: clientName, waiting, health, ...only, ...control }, text.join('\n'));
};

export const lineCommand = (): Command => {
  const line = new Command('line').description('what may leave: hold the line or a template, and let it go on');
  const withWord = (command: Command): Command =>
    command
      .option('--template <name>', 'only this template, or auto-reply; the others go on')
      .option('--reason <text>', 'why; shown to whoever looks')
      .option('--by <name>', 'who says so (else the login of this machine)');
  withTarget(withWord(line.command('pause <client>')))
    .description('let nothing leave any more, at once; events are taken and recorded all the same')
    .addHelpText(
      'after',
      examples('line pause bakery --reason "wrong price in the text"', `line pause bakery --template ${USUAL}`),
    )
    .action(pause);
  withTarget(withWord(line.command('resume <client>')))
    .description('let go what waited, if it still helps and is still true')
    .option('--yes', 'answer the question beforehand')
    .addHelpText('after', examples('line resume bakery', `line resume bakery --template ${USUAL}`))
    .action(resume);
  withTarget(line.command('show <client>'))
    .description('whether messages leave, and what keeps them')
    .addHelpText('after', examples('line show bakery'))
    .action(showLine);
  return line;
};

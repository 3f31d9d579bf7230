import { Command } from 'commander';
import { protectAfterwards } from '../deploy/protection.ts';
import { usualEvent } from '../target/registry.ts';
import { openTarget } from '../target/target.ts';
import { askConsent } from '../terminal/ask.ts';
import { masked } from '../terminal/mask.ts';
import { examples, type TargetOptions, wholeNumber, withTarget } from '../terminal/options.ts';
import { progress, show, style } from '../terminal/output.ts';
import { phoneOf } from '../trigger/occurrence.ts';
import { isLive } from '../trigger/recipient.ts';
import { ready, type Step, timed, type Walked, walk } from './steps.ts';
import { testEvent } from './test-event.ts';

interface TestSendOptions extends TargetOptions {
  readonly to?: string;
  readonly template?: string;
  readonly wait: number;
  readonly yes?: true;
}

const MARKS = { came: style('green', '✓'), none: style('dim', '–'), stopped: style('red', '✗') } as const;

/** What each step is, for people. */
const NAMES: Readonly<Record<Step['step'], string>> = {
  ready: 'it may leave',
  door: 'door',
  queue: 'queue',
  sender: 'sender and API',
  status: 'status',
  crm: 'CRM',
};

const took = (ms: number): string => (ms < 1000 ? `${ms} ms` : `${(ms / 1000).toFixed(1)} s`);

const line = (step: Step): string => {
  const todo = step.state === 'stopped' ? `\n    → ${step.todo}` : '';
  return `${MARKS[step.state]} ${style('bold', NAMES[step.step])} (${took(step.ms)}): ${step.found}${todo}`;
};

const testSend = async (clientName: string, options: TestSendOptions): Promise<void> => {
  const given = options.to === undefined ? undefined : phoneOf(options.to, '--to');
  const target = await openTarget(clientName, options);
  const to = given ?? target.client.contacts.operator.phone;
  const event = await testEvent(target, { template: options.template, to });
  const walked: Walked = { target, event, to, waitMs: options.wait * 1000 };
  const tell = (step: Step): void => (options.json ? progress(line(step)) : console.log(line(step)));
  const first = await timed('ready', () => ready(walked));
  tell(first);
  const sends = first.state !== 'stopped';
  if (sends && isLive(target)) {
    await askConsent(
      `One real message leaves on the line ${target.client.lineId}: ${event.template}, of the made-up ${event.id}, to ${masked(to)}. Send it?`,
      options.yes,
    );
  }
  const steps = [first, ...(sends ? await walk(walked, tell) : [])];
  const failed = steps.filter(({ state }) => state === 'stopped');
  const { template, sourceName: source, sample, id, key } = event;
  const whole = steps.reduce((sum, { ms }) => sum + ms, 0);
  const text =
    failed.length === 0
      ? `${id} came all the way in ${took(whole)}: ${template}, by ${source}, to ${masked(to)}.`
      : sends
        ? `${id} did not come all the way: ${failed.map(({ step }) => NAMES[step]).join(', ')}.`
        : 'Nothing was sent.';
  show(
    options.json,
    {
      client: clientName,
      where: target.where,
      template,
      source,
      sample,
      id,
      key,
      to: masked(to),
      ok: failed.length === 0,
      steps,
    },
    `\n${text}`,
  );
  if (failed.length > 0) process.exitCode = 1;
  else await protectAfterwards(target);
};

export const testSendCommand = (): Command =>
  withTarget(new Command('test-send').argument('<client>'))
    .description(
      'send one message to your own phone by the real path, step by step; exit code 1 if a step did not come',
    )
    .option('--to <phone>', "your own number (else the operator's in the client file)")
    .option('--template <name>', 'which message (else the first that can be tried again and again)')
    .option('--wait <seconds>', 'for how long each step is waited for', wholeNumber(1), 60)
    .option('--yes', 'send it without asking, where messages really leave')
    .addHelpText('after', () =>
      examples(
        'test-send bakery',
        `test-send bakery --to +972501234567 --template ${usualEvent()[0]}`,
        'test-send demo --local',
      ),
    )
    .action(testSend);

import { Command } from 'commander';
import { openTarget, type Target } from '../target/target.ts';
import { WrongInput } from '../terminal/errors.ts';
import { examples, type TargetOptions, wholeNumber, withTarget } from '../terminal/options.ts';
import { columns, show, time } from '../terminal/output.ts';
import { deadLetterQueues, depthOf, look, redrive, sourceOf } from './dead-letters.ts';

interface DlqOptions extends TargetOptions {
  readonly limit: number;
}

const list = async (clientName: string, options: DlqOptions): Promise<void> => {
  const target = await openTarget(clientName, options);
  const queues = [];
  for (const queue of deadLetterQueues(target)) {
    const count = await depthOf(target, queue);
    queues.push({ queue, count, letters: count === 0 ? [] : await look(target, queue, options.limit) });
  }
  const text = queues.flatMap(({ queue, count, letters }) => [
    `${queue}: ${count}`,
    ...(letters.length > 0
      ? [columns(letters.map((one) => ['  ', time(one.sentAt), one.about, one.messageId, one.reason ?? '']))]
      : []),
  ]);
  show(options.json, { queues }, text.join('\n'));
};

const known = (target: Target, queue: string): string => {
  const all = deadLetterQueues(target);
  if (all.includes(queue)) return queue;
  throw new WrongInput(`There is no dead-letter queue "${queue}". Choose one of: ${all.join(', ')}.`);
};

const move = async (clientName: string, name: string, options: DlqOptions): Promise<void> => {
  const target = await openTarget(clientName, options);
  const queue = known(target, name);
  const { moved, left } = await redrive(target, queue, options.limit);
  const to = sourceOf(queue, target.queues);
  const text = [`${moved} moved from ${queue} to ${to}. What was done stays done.`];
  if (left.length > 0) text.push(`${left.length} stayed:`, columns(left.map((one) => ['  ', one.about, one.why])));
  show(options.json, { queue, to, moved, left: left.length, letters: left }, text.join('\n'));
  if (left.length > 0) process.exitCode = 1;
};

export const dlqCommand = (): Command => {
  const dlq = new Command('dlq').description('dead letters: what failed too often, or was set aside for a person');
  withTarget(dlq.command('list <client>'))
    .description('count and name the dead letters; bodies are never shown')
    .option('--limit <n>', 'look at most at so many per queue', wholeNumber(1), 50)
    .addHelpText('after', examples('dlq list bakery'))
    .action(list);
  withTarget(dlq.command('redrive <client> <queue>'))
    .description('put dead letters back into their queue, once the reason is gone')
    .option('--limit <n>', 'move at most so many', wholeNumber(1), 1000)
    .addHelpText('after', examples('dlq redrive bakery sends-dlq', 'dlq redrive bakery order-ready-dlq --limit 1'))
    .action(move);
  return dlq;
};

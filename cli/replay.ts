import { Command } from 'commander';
import { deliveryIdOf } from '../functions/shared/ledger/deliveries.ts';
import { deadLetterQueues } from './dead-letters/dead-letters.ts';
import { type Letter, ofDelivery } from './dead-letters/letter.ts';
import { type LeftLetter, redrive } from './dead-letters/redrive.ts';
import { openTarget, type Target } from './target/target.ts';
import { call } from './terminal/call.ts';
import { Failed } from './terminal/errors.ts';
import { examples, type TargetOptions, withTarget } from './terminal/options.ts';
import { show } from './terminal/output.ts';

interface ReplayOptions extends TargetOptions {
  readonly client: string;
}

const MAX = 1000;

/** The sandbox delivers again as the vendor may at any time. False where there is no sandbox, or it knows no such delivery. */
const delivered = async ({ sandboxUrl, url }: Target, id: string): Promise<boolean> => {
  if (sandboxUrl === undefined) return false;
  const path = `/_sandbox/deliveries/${encodeURIComponent(id)}/repeat`;
  return (await call(`${url}${path}`, { method: 'POST' })).ok;
};

const replay = async (id: string, options: ReplayOptions): Promise<void> => {
  const target = await openTarget(options.client, options);
  let moved = 0;
  const left: LeftLetter[] = [];
  const ours = ofDelivery(deliveryIdOf(id));
  const wanted = ({ about }: Letter) => about === ours || about.startsWith(`${ours} (`);
  for (const queue of deadLetterQueues(target)) {
    const done = await redrive(target, queue, { max: MAX, again: true, wanted });
    moved += done.moved;
    left.push(...done.left);
  }
  const again = await delivered(target, id);
  if (moved === 0 && left.length === 0 && !again) {
    throw new Failed(
      `No dead letter belongs to the delivery ${id}. What was done is done; only what failed can be replayed.`,
    );
  }
  const text = [
    ...(moved > 0 ? [`${moved} letters of ${id} are back where they came from.`] : []),
    ...left.map(({ about, why }) => `It stayed, ${about}: ${why}.`),
    ...(again ? [`The sandbox delivers ${id} again.`] : []),
    'What was done stays done.',
  ];
  show(options.json, { deliveryId: id, moved, left, delivered: again }, text.join(' '));
  if (left.length > 0) process.exitCode = 1;
};

export const replayCommand = (): Command =>
  withTarget(new Command('replay').argument('<deliveryId>'))
    .description('replay what failed of one webhook delivery, under its own id')
    .requiredOption('--client <name>', 'whose delivery')
    .addHelpText('after', examples('replay 5f0c2a --client bakery'))
    .action(replay);

import { stackNameOf } from '../../lib/client.ts';
import { resourcesOf } from './aws.ts';
import { CHECKED } from './clients.ts';
import { type Check, passIf, type Row, skipped } from './row.ts';

/** CloudWatch has the counts of a queue some minutes later. */
const LATER_MS = 6 * 60_000;

/** Of one poller, which waits for 20 s; a queue has five at most while nothing comes (`cli/cost/idle.ts`). */
const POLLS_A_MINUTE = 3;
const MOST_POLLERS = 5;

/** How often a queue was asked in vain in these minutes. @throws where there is no AWS CLI, or it says no */
const emptyReceives = async ({ cli, place }: Check, queue: string, from: Date, to: Date): Promise<number> => {
  const times = `--start-time ${from.toISOString()} --end-time ${to.toISOString()} --period 60`;
  const asked = `cloudwatch get-metric-statistics --namespace AWS/SQS --metric-name NumberOfEmptyReceives --dimensions Name=QueueName,Value=${queue} ${times} --statistics Sum --region ${place.region} --output json`;
  const { code, stdout } = await cli(asked.split(' '));
  if (code !== 0) throw new Error(`"aws cloudwatch" ended with ${code}.`);
  const { Datapoints } = JSON.parse(stdout) as { readonly Datapoints: readonly { readonly Sum: number }[] };
  return Datapoints.reduce((sum, { Sum }) => sum + Sum, 0);
};

const minuteOf = (ms: number): Date => new Date(Math.floor(ms / 60_000) * 60_000);

const counts = async (check: Check, queues: readonly string[]) => {
  // Whole minutes, as CloudWatch counts.
  const from = minuteOf(check.now().getTime() + 60_000);
  const to = new Date(from.getTime() + check.waitMinutes * 60_000);
  await check.pause(to.getTime() - check.now().getTime() + LATER_MS);
  const each = await Promise.all(
    queues.map(async (queue) => [queue, (await emptyReceives(check, queue, from, to)) / check.waitMinutes] as const),
  );
  return each.filter(([, aMinute]) => aMinute > 0);
};

export const idle: Row = {
  name: 'idle queues',
  proves:
    'a queue in which nothing is costs no more than `ezw cost` says: no more than five pollers of three calls a minute',
  asked: 'CloudWatch `NumberOfEmptyReceives` by the AWS CLI, after `--wait-minutes`',
  needs: ['deploy'],
  run: async (check) => {
    if (check.waitMinutes === 0) return skipped('--wait-minutes was not given');
    const known = await check.cli(['--version']).catch(() => undefined);
    if (known?.code !== 0) return skipped('there is no "aws" command here');
    const resources = await resourcesOf(check.aws, stackNameOf({ name: CHECKED }));
    const queues = resources.flatMap(({ ResourceType, PhysicalResourceId = '' }) =>
      ResourceType === 'AWS::SQS::Queue' ? [PhysicalResourceId.split('/').at(-1) ?? ''] : [],
    );
    const asked = await counts(check, queues);
    const said = asked.map(([queue, aMinute]) => `${queue}: ${aMinute.toFixed(1)}`).join(', ');
    const isCheap = asked.every(([, aMinute]) => aMinute <= POLLS_A_MINUTE * MOST_POLLERS);
    return passIf(asked.length > 0 && isCheap, said === '' ? 'no counts' : `a minute: ${said}`);
  },
};

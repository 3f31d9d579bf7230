import { GetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import type { Target } from '../target/target.ts';
import { UNREAD } from './unread.ts';

/** Queue that these dead letters came from, by short name; of unread deliveries their door. */
export const sourceOf = (deadLetterQueue: string, queues: Readonly<Record<string, string>>): string => {
  if (deadLetterQueue === UNREAD) return 'the door';
  const name = deadLetterQueue.replace(/-dlq$/, '');
  return queues[`${name}-work`] === undefined ? name : `${name}-work`;
};

export const deadLetterQueues = ({ queues }: Pick<Target, 'queues'>): readonly string[] =>
  Object.keys(queues)
    .filter((name) => name.endsWith('-dlq'))
    .sort();

/** How many messages a queue holds, as far as SQS knows: those that can be received, and those that somebody holds. */
export interface Depths {
  readonly ready: number;
  readonly held: number;
}

export const depthsOf = async (target: Pick<Target, 'sqs' | 'queues'>, queue: string): Promise<Depths> => {
  const [ready, held] = ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'] as const;
  const { Attributes = {} } = await target.sqs.send(
    new GetQueueAttributesCommand({ QueueUrl: target.queues[queue], AttributeNames: [ready, held] }),
  );
  return { ready: Number(Attributes[ready] ?? 0), held: Number(Attributes[held] ?? 0) };
};

export const depthOf = async (target: Pick<Target, 'sqs' | 'queues'>, queue: string): Promise<number> => {
  const { ready, held } = await depthsOf(target, queue);
  return ready + held;
};

import type { SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import { isPermanent, REDRIVEN, reasonOf, triesOf } from './errors.ts';
import type { Log } from './log.ts';
import { type Marks, marked, marks, traceIn } from './marks.ts';
import { backOffSeconds, hide, setAside } from './queue.ts';

const FIRST_SECONDS = 30;
const MAX_SECONDS = 900;
/** After so many tries a short "come again in" is not believed: the tries that a queue allows would be over within minutes. */
export const BELIEVED_TRIES = 50;

export interface Work {
  readonly template: string;
  readonly queueUrl: string;
  /** Where what throws `Permanent` goes at once, with the reason. Without it that comes back like anything else that fails. */
  readonly deadLettersUrl?: string;
  readonly log: Log;
  /** What logs say of a message, by its body. */
  readonly about?: (body: string) => Marks;
  /**
   * Handles the body of one message, received for so many times (from 1 on). What it throws sends this message, and no other, back to the
   * queue.
   */
  readonly handle: (body: string, attempt: number) => Promise<void>;
}

const retryAfter = (error: unknown): number | undefined =>
  error instanceof Error && 'retryAfterSeconds' in error && typeof error.retryAfterSeconds === 'number'
    ? error.retryAfterSeconds
    : undefined;

/** What a line about a message that failed leads to others by: what it is about, as far as that was known by then. */
const ledTo = ({ about }: Work, body: string) => {
  const { keys: [key] = [], after } = marks();
  return { key, after, ...about?.(body) };
};

/** Whether a message that will be refused every time is where people look. Where that fails it comes back, and is set aside then. */
const putAside = async (
  work: Work,
  { body, messageId, messageAttributes }: SQSRecord,
  error: unknown,
): Promise<boolean> => {
  const { template, log, deadLettersUrl } = work;
  if (deadLettersUrl === undefined || !isPermanent(error)) return false;
  try {
    const redriven = messageAttributes?.[REDRIVEN]?.stringValue;
    await setAside(deadLettersUrl, body, `${reasonOf(error)}: ${error.message}`, { redriven });
  } catch {
    return false;
  }
  log('error', {
    event: 'work',
    template,
    ...ledTo(work, body),
    outcome: 'dead_letter',
    reason: reasonOf(error),
    messageId,
  });
  return true;
};

/** Until the next try. @param told in seconds, where the other side said when to come again @param tries in earnest, where they are known */
const holdFor = (told: number | undefined, attempt: number, tries = attempt): number => {
  if (told === undefined) return backOffSeconds(Math.min(attempt, tries), FIRST_SECONDS, MAX_SECONDS);
  const least = attempt > BELIEVED_TRIES ? backOffSeconds(attempt - BELIEVED_TRIES, FIRST_SECONDS, MAX_SECONDS) : 0;
  return Math.max(told, least);
};

const handleOne = async (work: Work, record: SQSRecord): Promise<boolean> => {
  const attempt = Number(record.attributes.ApproximateReceiveCount);
  try {
    await work.handle(record.body, attempt);
    return true;
  } catch (error) {
    if (await putAside(work, record, error)) return true;
    const holdSeconds = holdFor(retryAfter(error), attempt, triesOf(error));
    const { template, log } = work;
    log('warn', {
      event: 'work',
      template,
      ...ledTo(work, record.body),
      reason: reasonOf(error),
      attempt,
      holdSeconds,
      messageId: record.messageId,
    });
    await hide(work.queueUrl, [record.receiptHandle], holdSeconds, log);
    return false;
  }
};

const marksOf = ({ about }: Work, body: string): Marks => ({ ...traceIn(body), ...about?.(body) });

/** The whole contract of a batch: every record on its own, the failed ones named, so one poison item holds back no other. */
export const workThrough =
  (work: Work) =>
  async (event: SQSEvent): Promise<SQSBatchResponse> => {
    const done = await Promise.all(
      event.Records.map((record) => marked(marksOf(work, record.body), () => handleOne(work, record))),
    );
    const failed = event.Records.filter((_, i) => !done[i]);
    return { batchItemFailures: failed.map((record) => ({ itemIdentifier: record.messageId })) };
  };

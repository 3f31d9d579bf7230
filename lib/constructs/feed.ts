import { EventSourceMapping, type EventSourceMappingProps } from 'aws-cdk-lib/aws-lambda';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import type { RuntimeFunction } from './runtime-function.ts';

/**
 * Lets a queue wake a function, ten messages at most; a failed message alone goes back. The mapping grants nothing:
 * the function's role names its own permissions.
 * @param limits `maxConcurrency` where a burst must not take the whole account's concurrency
 */
export function feed(
  to: RuntimeFunction,
  from: Queue,
  limits: Pick<EventSourceMappingProps, 'maxConcurrency'> = {},
): EventSourceMapping {
  return new EventSourceMapping(to, 'Feed', {
    target: to.lambda,
    eventSourceArn: from.queueArn,
    batchSize: 10,
    reportBatchItemFailures: true,
    ...limits,
  });
}

import { z } from 'zod';
import { StartError } from '../start-error.ts';
import type { ResourceType } from './resource.ts';

/** Processes that a function gets for each queue that feeds it. */
const queueProcesses = 2;

/** Strict: a filter or a window that is not emulated would change what reaches the function. */
const schema = z.strictObject({
  EventSourceArn: z.string(),
  FunctionName: z.string(),
  BatchSize: z.coerce.number().min(1).max(10, 'the local stack makes batches of ten at most').default(10),
  FunctionResponseTypes: z.array(z.literal('ReportBatchItemFailures')).default([]),
  // https://docs.aws.amazon.com/lambda/latest/api/API_ScalingConfig.html
  ScalingConfig: z.object({ MaximumConcurrency: z.coerce.number().min(2).max(1000) }).optional(),
  Enabled: z.literal(true).optional(),
  Tags: z.unknown().optional(),
});

/** AWS::Lambda::EventSourceMapping from a queue to a function. */
export const eventSourceMapping: ResourceType = ({ logicalId, properties }, workshop) => {
  const mapping = schema.parse(properties);
  const queue = workshop.queues.find(mapping.EventSourceArn);
  const target = [...workshop.functions].find(([arn]) => arn.endsWith(mapping.FunctionName));
  if (!queue || !target) throw new StartError(`${logicalId} does not join a queue and a function of this stack.`);
  const [functionArn, { pool, timeoutSeconds }] = target;
  const visibility = Number(queue.attributes.VisibilityTimeout);
  // In Lambda's words: https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
  if (visibility < timeoutSeconds) {
    throw new StartError(
      `${logicalId}: Queue visibility timeout: ${visibility} seconds is less than Function timeout: ${timeoutSeconds} seconds`,
    );
  }
  const pollers = Math.min(queueProcesses, mapping.ScalingConfig?.MaximumConcurrency ?? queueProcesses);
  pool.reserve(queue.arn, pollers);
  workshop.mappings.push({
    queue,
    pool,
    batchSize: mapping.BatchSize,
    reportsFailures: mapping.FunctionResponseTypes.length > 0,
    pollers,
  });
  workshop.access.feeds.push({ id: logicalId, queueArn: queue.arn, functionArn });
  return { ref: logicalId, attributes: {} };
};

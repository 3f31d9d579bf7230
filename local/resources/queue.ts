import type { ResourceType } from './resource.ts';

/** The properties that are SQS attributes of the same name. The others (encryption, who may redrive) change nothing here. */
const attributeNames = [
  'ContentBasedDeduplication',
  'DeduplicationScope',
  'DelaySeconds',
  'FifoQueue',
  'FifoThroughputLimit',
  'MaximumMessageSize',
  'MessageRetentionPeriod',
  'ReceiveMessageWaitTimeSeconds',
  'RedrivePolicy',
  'VisibilityTimeout',
];

/** AWS::SQS::Queue on fauxqs. */
export const queue: ResourceType = ({ logicalId, name, properties }, { assembly, queues, queueList }) => {
  const attributes: Record<string, string> = {};
  for (const attribute of attributeNames) {
    const value = properties[attribute];
    if (value !== undefined) attributes[attribute] = typeof value === 'object' ? JSON.stringify(value) : String(value);
  }
  const suffix = attributes.FifoQueue === 'true' ? '.fifo' : '';
  const created = queues.create(`${assembly.stackName}-${logicalId}${suffix}`, attributes);
  queueList.push({ name, queue: created });
  return { ref: created.url, attributes: { Arn: created.arn, QueueName: created.name, QueueUrl: created.url } };
};

import { z } from 'zod';
import { addRules } from '../iam/access.ts';
import { policyDocument } from '../iam/policy.ts';
import type { SnsServer } from '../sns/server.ts';
import { StartError } from '../start-error.ts';
import type { ResourceType, Workshop } from './resource.ts';

const topicSchema = z.strictObject({ TopicName: z.string(), Tags: z.unknown().optional() });

const served = ({ sns }: Workshop, logicalId: string): SnsServer => {
  if (sns) return sns;
  throw new StartError(`${logicalId}: this stack runs without SNS, which the watcher alone has.`);
};

/** AWS::SNS::Topic on our own SNS. */
export const topic: ResourceType = ({ logicalId, properties }, workshop) => {
  const { TopicName } = topicSchema.parse(properties);
  const arn = served(workshop, logicalId).store.create(TopicName);
  return { ref: arn, attributes: { TopicArn: arn, TopicName } };
};

const subscriptionSchema = z.strictObject({
  TopicArn: z.string(),
  Protocol: z.string().regex(/^email$/, 'only mail is emulated here'),
  Endpoint: z.string(),
  FilterPolicy: z.record(z.string(), z.array(z.string())).optional(),
});

/** AWS::SNS::Subscription: of a message it is noted whom it would reach. */
export const subscription: ResourceType = ({ logicalId, properties }, workshop) => {
  const { TopicArn, Endpoint, FilterPolicy } = subscriptionSchema.parse(properties);
  served(workshop, logicalId).store.subscribe(TopicArn, Endpoint, FilterPolicy);
  return { ref: `${TopicArn}:${logicalId}`, attributes: {} };
};

const policySchema = z.strictObject({ PolicyDocument: policyDocument, Topics: z.array(z.string()) });

/** AWS::SNS::TopicPolicy. */
export const topicPolicy: ResourceType = ({ logicalId, properties }, { access }) => {
  const { PolicyDocument, Topics } = policySchema.parse(properties);
  for (const arn of Topics) addRules(access, arn, PolicyDocument);
  return { ref: logicalId, attributes: {} };
};

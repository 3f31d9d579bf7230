import { z } from 'zod';
import { accountId, region } from '../account.ts';
import { addRules } from '../iam/access.ts';
import { policyDocument } from '../iam/policy.ts';
import type { ResourceType } from './resource.ts';

const queueSchema = z.strictObject({ PolicyDocument: policyDocument, Queues: z.array(z.string()) });

/** AWS::SQS::QueuePolicy. */
export const queuePolicy: ResourceType = ({ logicalId, properties }, { access }) => {
  const { PolicyDocument, Queues } = queueSchema.parse(properties);
  for (const url of Queues)
    addRules(access, `arn:aws:sqs:${region}:${accountId}:${url.split('/').at(-1)}`, PolicyDocument);
  return { ref: logicalId, attributes: {} };
};

const secretSchema = z.strictObject({
  BlockPublicPolicy: z.unknown().optional(),
  ResourcePolicy: policyDocument,
  SecretId: z.string(),
});

/** AWS::SecretsManager::ResourcePolicy. */
export const secretPolicy: ResourceType = ({ logicalId, properties }, { access, secrets }) => {
  const { ResourcePolicy, SecretId } = secretSchema.parse(properties);
  addRules(access, secrets.store.find(SecretId).arn, ResourcePolicy);
  return { ref: logicalId, attributes: {} };
};

const permissionSchema = z.strictObject({
  Action: z.string(),
  FunctionName: z.string(),
  Principal: z.string(),
  SourceArn: z.string(),
});

/** AWS::Lambda::Permission: one rule of a function's own policy. Without a source anybody's API could invoke it, so it is asked for. */
export const permission: ResourceType = ({ logicalId, properties }, { access }) => {
  const { Action, FunctionName, Principal, SourceArn } = permissionSchema.parse(properties);
  const arn = FunctionName.startsWith('arn:')
    ? FunctionName
    : `arn:aws:lambda:${region}:${accountId}:function:${FunctionName}`;
  const condition = { operator: 'ArnLike', key: 'aws:SourceArn', values: [SourceArn] } as const;
  const about = { action: Action, resource: arn, principals: [Principal], conditions: [condition] };
  addRules(access, arn, [{ effect: 'Allow', ...about }]);
  return { ref: logicalId, attributes: {} };
};

import { StartError } from '../start-error.ts';
import { eventSourceMapping } from './event-source-mapping.ts';
import { lambdaFunction } from './function.ts';
import { api, integration, route, stage } from './http-api.ts';
import { layer } from './layer.ts';
import { logGroup } from './log-group.ts';
import { queue } from './queue.ts';
import type { ResourceType } from './resource.ts';
import { permission, queuePolicy, secretPolicy } from './resource-policy.ts';
import { role, rolePolicy } from './role.ts';
import { eventInvokeConfig, rule } from './rule.ts';
import { schedule } from './schedule.ts';
import { scheduleGroup } from './schedule-group.ts';
import { secret } from './secret.ts';
import { table } from './table.ts';
import { subscription, topic, topicPolicy } from './topic.ts';

/** What the local stack emulates. */
const emulated: Record<string, ResourceType> = {
  'AWS::ApiGatewayV2::Api': api,
  'AWS::ApiGatewayV2::Integration': integration,
  'AWS::ApiGatewayV2::Route': route,
  'AWS::ApiGatewayV2::Stage': stage,
  'AWS::DynamoDB::Table': table,
  'AWS::Events::Rule': rule,
  'AWS::IAM::Policy': rolePolicy,
  'AWS::IAM::Role': role,
  'AWS::Lambda::EventInvokeConfig': eventInvokeConfig,
  'AWS::Lambda::EventSourceMapping': eventSourceMapping,
  'AWS::Lambda::Function': lambdaFunction,
  'AWS::Lambda::LayerVersion': layer,
  'AWS::Lambda::Permission': permission,
  'AWS::Logs::LogGroup': logGroup,
  'AWS::Scheduler::Schedule': schedule,
  'AWS::Scheduler::ScheduleGroup': scheduleGroup,
  'AWS::SecretsManager::ResourcePolicy': secretPolicy,
  'AWS::SecretsManager::Secret': secret,
  'AWS::SNS::Subscription': subscription,
  'AWS::SNS::Topic': topic,
  'AWS::SNS::TopicPolicy': topicPolicy,
  'AWS::SQS::Queue': queue,
  'AWS::SQS::QueuePolicy': queuePolicy,
};

/** What only matters in the cloud. Anything in neither list stops the start, so that nothing is left out unnoticed. */
const cloudOnly = new Set(['AWS::CDK::Metadata', 'AWS::CloudWatch::Alarm', 'AWS::CloudWatch::Dashboard']);

/** The maker of a resource type, or undefined for a cloud-only one. Throws a StartError that names an unknown type. */
export function resourceType(type: string, logicalId: string): ResourceType | undefined {
  if (cloudOnly.has(type)) return undefined;
  const found = emulated[type];
  if (found) return found;
  throw new StartError(
    `${logicalId} is a ${type}, which the local stack does not know: add it to local/resources/registry.ts.`,
  );
}

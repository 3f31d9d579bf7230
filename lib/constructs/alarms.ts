import { ArnFormat, Stack, Validations } from 'aws-cdk-lib';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { CfnScheduleGroup } from 'aws-cdk-lib/aws-scheduler';
import { ANYWHERE, allow, policy } from './allow.ts';
import type { Extras, TemplateParts } from './template-parts.ts';

export interface Alarms {
  /** Name of the group that its schedules are in. */
  readonly group: string;
  /** ARN of what lets the Scheduler put a message of this group into the work queue. */
  readonly role: string;
  /** What the function needs to set alarms, and to clear them if it ever does, for a client that has the template on. */
  use(more?: { readonly clears: true }): Extras;
}

/**
 * An alarm clock that rings into a template's own work queue. It holds something, so it is in every stack: what rings while the
 * template is off waits in the queue.
 */
export function alarms(parts: TemplateParts): Alarms {
  const { queue, deadLetters } = parts.work;
  // Schedules go with their group, so none outlives the stack.
  const group = new CfnScheduleGroup(parts, 'Alarms', {});
  const stack = Stack.of(parts);
  const role = new Role(parts, 'AlarmsRole', {
    assumedBy: new ServicePrincipal('scheduler.amazonaws.com', {
      // The service acts for many accounts: only this stack's own alarms may use the role.
      conditions: { StringEquals: { 'aws:SourceAccount': ANYWHERE.account, 'aws:SourceArn': group.attrArn } },
    }),
    inlinePolicies: {
      Ring: policy(allow(queue.queueArn, 'sqs:SendMessage'), allow(deadLetters.queueArn, 'sqs:SendMessage')),
    },
  });
  return {
    group: group.ref,
    role: role.roleArn,
    use(more) {
      const schedules = stack.formatArn({
        ...ANYWHERE,
        service: 'scheduler',
        resource: 'schedule',
        resourceName: `${group.ref}/*`,
        arnFormat: ArnFormat.SLASH_RESOURCE_NAME,
      });
      Validations.of(parts).acknowledge({
        id: `AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:scheduler:<AWS::Region>:<AWS::AccountId>:schedule/<${stack.getLogicalId(group)}>/*]`,
        reason:
          'The function makes and removes the schedules of its own group, whose names it makes up as events come in.',
      });
      return {
        environment: {
          ALARMS_GROUP: group.ref,
          ALARMS_ROLE_ARN: role.roleArn,
          WORK_QUEUE_ARN: queue.queueArn,
          WORK_DLQ_ARN: deadLetters.queueArn,
        },
        permissions: [
          allow(
            schedules,
            'scheduler:CreateSchedule',
            'scheduler:UpdateSchedule',
            ...(more?.clears ? ['scheduler:DeleteSchedule'] : []),
          ),
          new PolicyStatement({
            actions: ['iam:PassRole'],
            resources: [role.roleArn],
            conditions: { StringEquals: { 'iam:PassedToService': 'scheduler.amazonaws.com' } },
          }),
        ],
      };
    },
  };
}

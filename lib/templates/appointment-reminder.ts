import { ArnFormat, Stack, Validations } from 'aws-cdk-lib';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { CfnSchedule, CfnScheduleGroup } from 'aws-cdk-lib/aws-scheduler';
import { allow, policy } from '../constructs/allow.ts';
import { keptTable } from '../constructs/kept-table.ts';
import type { Extras } from '../constructs/template-parts.ts';
import type { TemplateResources } from '../template-resources.ts';

/** The alarm clock that rings into the work queue, and what the function needs to set it and to keep the table. */
const extras: TemplateResources['extras'] = (parts, { premises: table, zone }) => {
  const { queue, deadLetters } = parts.work;
  // Schedules go with their group, so none outlives the stack.
  const group = new CfnScheduleGroup(parts, 'Alarms', {});
  const stack = Stack.of(parts);
  // It stays with them: what rings while the template is off waits in the queue.
  const role = new Role(parts, 'AlarmsRole', {
    assumedBy: new ServicePrincipal('scheduler.amazonaws.com', {
      // The service acts for many accounts: only this stack's own alarms may use the role.
      conditions: { StringEquals: { 'aws:SourceAccount': stack.account, 'aws:SourceArn': group.attrArn } },
    }),
    inlinePolicies: {
      Ring: policy(allow(queue.queueArn, 'sqs:SendMessage'), allow(deadLetters.queueArn, 'sqs:SendMessage')),
    },
  });
  return (): Extras => {
    if (!table) throw new Error('Its own table is not in the stack.');
    // The one who begins a walk at a time when few write to it; `<…>` is filled in by the Scheduler.
    new CfnSchedule(parts, 'Nightly', {
      description: 'Sets the alarms of all appointments anew',
      groupName: group.ref,
      scheduleExpression: 'cron(30 3 * * ? *)',
      scheduleExpressionTimezone: zone,
      flexibleTimeWindow: { mode: 'OFF' },
      target: {
        arn: queue.queueArn,
        roleArn: role.roleArn,
        input: JSON.stringify({ resync: { at: '<aws.scheduler.scheduled-time>' } }),
        deadLetterConfig: { arn: deadLetters.queueArn },
      },
    });
    const arnFormat = ArnFormat.SLASH_RESOURCE_NAME;
    const schedules = stack.formatArn({
      service: 'scheduler',
      resource: 'schedule',
      resourceName: `${group.ref}/*`,
      arnFormat,
    });
    Validations.of(parts).acknowledge({
      id: `AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:scheduler:<AWS::Region>:<AWS::AccountId>:schedule/<${stack.getLogicalId(group)}>/*]`,
      reason:
        'The function makes and removes the schedules of its own group, whose names it makes up as bookings come in.',
    });
    return {
      environment: {
        APPOINTMENTS_TABLE: table.tableName,
        ALARMS_GROUP: group.ref,
        ALARMS_ROLE_ARN: role.roleArn,
        WORK_QUEUE_ARN: queue.queueArn,
        WORK_DLQ_ARN: deadLetters.queueArn,
      },
      permissions: [
        allow(table.tableArn, 'dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:Scan'),
        allow(schedules, 'scheduler:CreateSchedule', 'scheduler:DeleteSchedule', 'scheduler:UpdateSchedule'),
        new PolicyStatement({
          actions: ['iam:PassRole'],
          resources: [role.roleArn],
          conditions: { StringEquals: { 'iam:PassedToService': 'scheduler.amazonaws.com' } },
        }),
      ],
    };
  };
};

export const resources: TemplateResources = {
  /** What is booked: one item per appointment, and one for each later id of it. */
  // Whoever loses it sends no reminder of what is booked: no calendar tells everything a second time.
  premises: (stack) => keptTable(stack, 'Appointments', 'appointments'),
  extras,
};

import { CfnSchedule } from 'aws-cdk-lib/aws-scheduler';
import { alarms } from '../constructs/alarms.ts';
import { allow } from '../constructs/allow.ts';
import { keptTable } from '../constructs/kept-table.ts';
import type { Extras } from '../constructs/template-parts.ts';
import type { TemplateResources } from '../template-resources.ts';

/** The alarm clock, and what the function needs to set it and to keep the table. */
const extras: TemplateResources['extras'] = (parts, { premises: table, zone }) => {
  const { group, role, use } = alarms(parts);
  return (): Extras => {
    if (!table) throw new Error('Its own table is not in the stack.');
    const { queue, deadLetters } = parts.work;
    // The one who begins a walk at a time when few write to it; `<…>` is filled in by the Scheduler.
    new CfnSchedule(parts, 'Nightly', {
      description: 'Sets the alarms of all appointments anew',
      groupName: group,
      scheduleExpression: 'cron(30 3 * * ? *)',
      scheduleExpressionTimezone: zone,
      flexibleTimeWindow: { mode: 'OFF' },
      target: {
        arn: queue.queueArn,
        roleArn: role,
        input: JSON.stringify({ resync: { at: '<aws.scheduler.scheduled-time>' } }),
        deadLetterConfig: { arn: deadLetters.queueArn },
      },
    });
    const { environment, permissions } = use({ clears: true });
    return {
      environment: { APPOINTMENTS_TABLE: table.tableName, ...environment },
      permissions: [allow(table.tableArn, 'dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:Scan'), ...permissions],
    };
  };
};

export const resources: TemplateResources = {
  /** What is booked: one item per appointment, and one for each later id of it. */
  // Whoever loses it sends no reminder of what is booked: no calendar tells everything a second time.
  premises: (stack) => keptTable(stack, 'Appointments', 'appointments'),
  extras,
};

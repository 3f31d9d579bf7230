import { dailyAt, groupArn, nameSchema, scheduleInput } from '../scheduler/schedule.ts';
import type { ResourceType } from './resource.ts';

const schema = scheduleInput.extend({ Name: nameSchema.optional() });

/** AWS::Scheduler::Schedule on our own scheduler: of a template, what rings every day. */
export const schedule: ResourceType = ({ logicalId, properties }, { assembly, access, daily }) => {
  const { Name, GroupName, ScheduleExpression, ScheduleExpressionTimezone, Target } = schema.parse(properties);
  const name = Name ?? `${assembly.stackName}-${logicalId}`.slice(-64);
  daily.push({
    name,
    group: GroupName,
    target: Target,
    after: dailyAt(ScheduleExpression, ScheduleExpressionTimezone),
  });
  access.schedules.push({ id: logicalId, roleArn: Target.RoleArn, groupArn: groupArn(GroupName) });
  return { ref: name, attributes: {} };
};

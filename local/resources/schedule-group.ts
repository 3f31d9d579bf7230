import { z } from 'zod';
import type { ResourceType } from './resource.ts';

const schema = z.object({ Name: z.string().optional() });

/** AWS::Scheduler::ScheduleGroup on our own scheduler. */
export const scheduleGroup: ResourceType = ({ logicalId, properties }, { assembly, scheduler }) => {
  const { Name: name = `${assembly.stackName}-${logicalId}` } = schema.parse(properties);
  return { ref: name, attributes: { Arn: scheduler.createGroup(name) } };
};

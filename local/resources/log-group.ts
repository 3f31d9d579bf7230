import { z } from 'zod';
import { accountId, region } from '../account.ts';
import type { ResourceType } from './resource.ts';

const schema = z.object({ LogGroupName: z.string().optional() });

/** AWS::Logs::LogGroup: a name that policies speak of. The lines themselves are in the terminal. */
export const logGroup: ResourceType = ({ logicalId, properties }, { assembly }) => {
  const { LogGroupName: name = `${assembly.stackName}-${logicalId}` } = schema.parse(properties);
  return { ref: name, attributes: { Arn: `arn:aws:logs:${region}:${accountId}:log-group:${name}:*` } };
};

import { z } from 'zod';
import { accountId, region } from '../account.ts';
import { StartError } from '../start-error.ts';
import type { ResourceType } from './resource.ts';

const MINUTE_MS = 60_000;

const schema = z.strictObject({
  Description: z.unknown().optional(),
  Name: z.string().optional(),
  ScheduleExpression: z.string().regex(/^rate\(\d+ minutes?\)$/, 'only rate(n minutes) is emulated here'),
  State: z.literal('ENABLED'),
  Targets: z.tuple([z.strictObject({ Arn: z.string(), Id: z.string(), RetryPolicy: z.unknown().optional() })]),
});

/** AWS::Events::Rule: calls a function again and again, by the scheduler's clock. */
export const rule: ResourceType = ({ logicalId, properties }, { assembly, functions, rates }) => {
  const { Name, ScheduleExpression, Targets } = schema.parse(properties);
  const name = Name ?? `${assembly.stackName}-${logicalId}`;
  const arn = `arn:aws:events:${region}:${accountId}:rule/${name}`;
  const [{ Arn: functionArn }] = Targets;
  const found = functions.get(functionArn);
  if (!found) throw new StartError(`${logicalId}: only functions are called here.`);
  found.pool.reserve(`rule ${name}`, 1);
  const everyMs = Number(/\d+/.exec(ScheduleExpression)?.[0]) * MINUTE_MS;
  rates.push({ arn, everyMs, functionArn, pool: found.pool });
  return { ref: name, attributes: { Arn: arn } };
};

const invokeSchema = z.strictObject({
  FunctionName: z.string(),
  MaximumEventAgeInSeconds: z.unknown().optional(),
  MaximumRetryAttempts: z.literal(0, 'only 0 is emulated here: what failed is not tried again'),
  Qualifier: z.string(),
});

/** AWS::Lambda::EventInvokeConfig: what a rule calls it calls once. */
export const eventInvokeConfig: ResourceType = ({ logicalId, properties }) => {
  invokeSchema.parse(properties);
  return { ref: logicalId, attributes: {} };
};

import { GetAccountSettingsCommand, type LambdaClient } from '@aws-sdk/client-lambda';
import type { Finding } from '../finding.ts';
import { administratorsCommand, type Place } from './place.ts';

/** Doors and workers of all clients in the account share it, beside whatever else runs there. */
const LEAST_AT_ONCE = 100;
/** What an account that is in use has. */
const USUAL_AT_ONCE = 1000;
const FULL = 0.9;

const GB = 1024 ** 3;
const inGb = (bytes: number): string => `${(bytes / GB).toFixed(1)} GB`;

/** How many functions may run at once: a new account may have ten (https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html). */
const atOnce = (limit: number, place: Place): Finding => {
  const about = 'functions at once';
  if (limit >= LEAST_AT_ONCE) return { level: 'good', about, found: String(limit) };
  const found = `${limit}, for all that the account runs in ${place.region}: what is more at a time is turned away at the doors, and not every shop asks again`;
  const command = administratorsCommand(
    place,
    `service-quotas request-service-quota-increase --service-code lambda --quota-code L-B99A9384 --desired-value ${USUAL_AT_ONCE}`,
  );
  return { level: 'warning', about, found, todo: `before the client goes live: ${command}. AWS takes hours or days` };
};

const code = (used: number, limit: number): Finding => {
  const about = 'code of functions';
  const found = `${inGb(used)} of ${inGb(limit)}`;
  if (used < FULL * limit) return { level: 'good', about, found };
  const todo =
    'delete functions and versions that nobody calls, or ask for more: Service Quotas, AWS Lambda, Function and layer storage';
  return { level: 'warning', about, found, todo };
};

/** What the account leaves to functions. */
export const roomFindings = async (lambda: LambdaClient, place: Place): Promise<readonly Finding[]> => {
  const { AccountLimit: limit, AccountUsage: usage } = await lambda.send(new GetAccountSettingsCommand({}));
  return [
    atOnce(limit?.ConcurrentExecutions ?? 0, place),
    code(usage?.TotalCodeSize ?? 0, limit?.TotalCodeSize ?? Number.POSITIVE_INFINITY),
  ];
};

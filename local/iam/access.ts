import { accountId } from '../account.ts';
import { StartError } from '../start-error.ts';
import { type Call, deciding, type Rule } from './policy.ts';

/** A role of the template. */
export interface Role {
  readonly arn: string;
  readonly name: string;
  /** Who may be it. */
  readonly trust: readonly Rule[];
  /** What it may do; a policy resource adds to it. */
  readonly rules: Rule[];
}

/** A function as one who calls. */
export interface FunctionIdentity {
  /** Short name. */
  readonly name: string;
  readonly functionName: string;
  readonly arn: string;
  readonly roleArn: string;
  /** Name of the log group that it writes to. */
  readonly logGroup: string;
}

/** Who may do what, as a template says it. */
export interface Access {
  /** By ARN. */
  readonly roles: Map<string, Role>;
  /** By access key. */
  readonly functions: Map<string, FunctionIdentity>;
  /** What a resource itself says, by its ARN: of queues, secrets, and of functions who may invoke them. */
  readonly resources: Map<string, Rule[]>;
  /** Queue and function of each event-source mapping, both by ARN. */
  readonly feeds: { readonly id: string; readonly queueArn: string; readonly functionArn: string }[];
  /** Schedules of the template, with the ARN of their group. */
  readonly schedules: { readonly id: string; readonly roleArn: string; readonly groupArn: string }[];
}

export const newAccess = (): Access => ({
  roles: new Map(),
  functions: new Map(),
  resources: new Map(),
  feeds: [],
  schedules: [],
});

export const addRules = (access: Access, arn: string, rules: readonly Rule[]): void => {
  access.resources.set(arn, [...(access.resources.get(arn) ?? []), ...rules]);
};

/** What Lambda does with a queue that feeds a function, as that function's role. */
export const FEED_ACTIONS = ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'] as const;

/** A service that wants to be a role for what is the resource `source`. */
export const assuming = (principal: string, source?: string): Call => ({
  action: 'sts:AssumeRole',
  resource: '*',
  principal,
  context: { ...(source !== undefined && { 'aws:SourceArn': source }), 'aws:SourceAccount': accountId },
});

export const trusts = (role: Role | undefined, call: Call): boolean =>
  deciding(role?.trust ?? [], call)?.effect === 'Allow';

/** Throws a StartError for what CloudFormation would not create, in the words of AWS. */
export function checkAccess({ roles, functions, feeds, schedules }: Access): void {
  for (const { name, roleArn } of functions.values()) {
    if (!trusts(roles.get(roleArn), assuming('lambda.amazonaws.com')))
      throw new StartError(`${name}: The role defined for the function cannot be assumed by Lambda.`);
  }
  for (const { id, queueArn, functionArn } of feeds) {
    const owner = [...functions.values()].find(({ arn }) => arn === functionArn);
    const rules = roles.get(owner?.roleArn ?? '')?.rules ?? [];
    const missing = FEED_ACTIONS.find((action) => deciding(rules, { action, resource: queueArn })?.effect !== 'Allow');
    if (missing === undefined) continue;
    const [, operation] = missing.split(':');
    throw new StartError(`${id}: The function execution role does not have permissions to call ${operation} on SQS`);
  }
  for (const { id, roleArn, groupArn } of schedules) {
    if (!trusts(roles.get(roleArn), assuming('scheduler.amazonaws.com', groupArn)))
      throw new StartError(`${id}: ${CANNOT_ASSUME}`);
  }
}

export const CANNOT_ASSUME = 'The execution role you provide must allow AWS EventBridge Scheduler to assume the role.';

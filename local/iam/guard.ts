import { accountId, region } from '../account.ts';
import type { LogLine } from '../lambda/definition.ts';
import {
  type Access,
  assuming,
  CANNOT_ASSUME,
  FEED_ACTIONS,
  type FunctionIdentity,
  newAccess,
  trusts,
} from './access.ts';
import { type Call, deciding, type Rule } from './policy.ts';

/** Keys of the account's own administrator, who may do everything: the operator's command, tests, the stack itself. */
const ADMINISTRATORS: readonly string[] = ['local', 'operator', 'test'];

/** Why a call is refused: the key is nobody's, or its owner may not. `message` is what AWS says. */
export interface Refusal {
  readonly reason: 'unknown-key' | 'denied';
  readonly message: string;
}

/** One thing that the template allows, and how often a call needed it since the stack is there. */
export interface Grant {
  /** Short name of the function, `Scheduler for <function>` of the role that its alarms ring with, `API Gateway` or `EventBridge`. */
  readonly to: string;
  readonly action: string;
  readonly resource: string;
  readonly conditions: string[];
  readonly used: number;
}

const UNKNOWN_KEY: Refusal = {
  reason: 'unknown-key',
  message: 'The security token included in the request is invalid.',
};

const ADVICE = 'grant it in lib/constructs or lib/templates, where the permissions of the function are';

/** Holds each call against what the template allows, and notes which grant allowed it. */
export class Guard {
  readonly #log: (line: LogLine) => void;
  #access: Access = newAccess();
  readonly #uses = new Map<string, number>();
  /** The same calls come again and again; what a rule is to one does not change before another template. */
  readonly #decided = new Map<string, Rule | undefined>();
  readonly #ids = new WeakMap<Rule, string>();

  constructor(log: (line: LogLine) => void = () => {}) {
    this.#log = log;
  }

  /**
   * From now on this counts. Whoever is not in it any more keeps what it had: what is under way ends as it began.
   */
  take(access: Access): void {
    const { roles, functions } = this.#access;
    this.#decided.clear();
    this.#access = {
      ...access,
      roles: new Map([...roles, ...access.roles]),
      functions: new Map([...functions, ...access.functions]),
    };
    for (const { queueArn, functionArn } of access.feeds) {
      const owner = this.#owner(functionArn);
      for (const action of FEED_ACTIONS) if (owner) this.#may(owner, { action, resource: queueArn });
    }
  }

  /** Short name of the function that signed a request; undefined where it was nobody's, or the administrator. */
  caller(authorization: string | undefined): string | undefined {
    return this.#access.functions.get(keyIn(authorization))?.name;
  }

  /** Why a request is refused that asks for all of these; undefined when it may. `authorization` is its header. */
  refusal(authorization: string | undefined, calls: readonly Call[]): Refusal | undefined {
    const key = keyIn(authorization);
    if (ADMINISTRATORS.includes(key)) return undefined;
    const caller = this.#access.functions.get(key);
    if (caller === undefined) return UNKNOWN_KEY;
    for (const call of calls) {
      const rule = this.#may(caller, call);
      if (rule?.effect !== 'Allow') return this.#refuse(caller, call, rule);
    }
    return undefined;
  }

  /** The same for a request that needs one of these alone. */
  refusalOfAny(authorization: string | undefined, calls: readonly Call[]): Refusal | undefined {
    const key = keyIn(authorization);
    const caller = this.#access.functions.get(key);
    const allowed = calls.find((call) => caller && this.#decide(caller, call)?.effect === 'Allow');
    return this.refusal(authorization, allowed ? [allowed] : calls.slice(0, 1));
  }

  /** Why the Scheduler cannot be this role for a group's schedules; undefined when it can. */
  notAssumable(roleArn: string, groupArn: string): string | undefined {
    const role = this.#access.roles.get(roleArn);
    return trusts(role, assuming('scheduler.amazonaws.com', groupArn)) ? undefined : CANNOT_ASSUME;
  }

  /** Whether the Scheduler, as this role, may put a message into a queue. */
  mayRing(roleArn: string, groupArn: string, queueArn: string): boolean {
    // Of alarms in a data folder that is older than roles with ARNs.
    if (!roleArn.startsWith('arn:')) return true;
    const call = { action: 'sqs:SendMessage', resource: queueArn, context: SECURE };
    const role = this.#access.roles.get(roleArn);
    const rule = deciding([...this.#policyOf(queueArn), ...(role?.rules ?? [])], call);
    const assumable = trusts(role, assuming('scheduler.amazonaws.com', groupArn));
    if (assumable && rule?.effect === 'Allow') {
      this.#note(roleArn, rule);
      return true;
    }
    this.#tell(this.#nameOf(roleArn), assumable ? call : { action: 'sts:AssumeRole', resource: roleArn });
    return false;
  }

  /** Whether API Gateway may invoke a function for a route, whose ARN that is. */
  mayInvoke(functionArn: string, sourceArn: string): boolean {
    const call: Call = {
      action: 'lambda:InvokeFunction',
      resource: functionArn,
      principal: 'apigateway.amazonaws.com',
      context: { 'aws:SourceArn': sourceArn, 'aws:SourceAccount': accountId },
    };
    const rule = deciding(this.#policyOf(functionArn), call);
    if (rule?.effect === 'Allow') {
      this.#note(functionArn, rule);
      return true;
    }
    this.#tell(this.#owner(functionArn)?.name ?? functionArn, { ...call, resource: sourceArn });
    return false;
  }

  /** Whether a rule of EventBridge may call a function. */
  mayCall(functionArn: string, ruleArn: string): boolean {
    const call: Call = {
      action: 'lambda:InvokeFunction',
      resource: functionArn,
      principal: 'events.amazonaws.com',
      context: { 'aws:SourceArn': ruleArn, 'aws:SourceAccount': accountId },
    };
    const rule = deciding(this.#policyOf(functionArn), call);
    if (rule?.effect === 'Allow') {
      this.#note(functionArn, rule);
      return true;
    }
    this.#tell(this.#owner(functionArn)?.name ?? functionArn, { ...call, resource: ruleArn });
    return false;
  }

  /** Whether a function may write its log. In AWS it goes on without one. */
  mayLog(functionArn: string): boolean {
    const owner = this.#owner(functionArn);
    if (owner === undefined) return true;
    const resource = `arn:aws:logs:${region}:${accountId}:log-group:${owner.logGroup}:log-stream:local`;
    for (const action of ['logs:CreateLogStream', 'logs:PutLogEvents']) {
      if (this.#may(owner, { action, resource })?.effect === 'Allow') continue;
      this.#tell(owner.name, { action, resource });
      return false;
    }
    return true;
  }

  /** All that the template allows now. */
  grants(): Grant[] {
    const { roles, functions, resources } = this.#access;
    const ofRoles = [...roles.values()].flatMap(({ arn, rules }) => rules.map((rule) => this.#shown(arn, rule)));
    const ofFunctions = [...functions.values()].flatMap(({ arn }) =>
      (resources.get(arn) ?? []).map((rule) => ({ ...this.#shown(arn, rule), to: callerIn(rule) })),
    );
    return [...ofRoles, ...ofFunctions];
  }

  #owner(functionArn: string): FunctionIdentity | undefined {
    return [...this.#access.functions.values()].find(({ arn }) => arn === functionArn);
  }

  #policyOf(arn: string): readonly Rule[] {
    return this.#access.resources.get(arn) ?? [];
  }

  #decide({ roleArn }: FunctionIdentity, call: Call): Rule | undefined {
    const { action, resource, context } = call;
    const id = [roleArn, action, resource, context?.['iam:PassedToService'], context?.['dynamodb:LeadingKeys']].join(
      ' ',
    );
    if (this.#decided.has(id)) return this.#decided.get(id);
    const rules = this.#access.roles.get(roleArn)?.rules ?? [];
    const rule = deciding([...this.#policyOf(resource), ...rules], call);
    // Names of alarms and keys of rows are made up without end.
    if (this.#decided.size >= MAX_DECIDED) this.#decided.clear();
    this.#decided.set(id, rule);
    return rule;
  }

  #may(caller: FunctionIdentity, call: Call): Rule | undefined {
    const rule = this.#decide(caller, call);
    if (rule?.effect === 'Allow') this.#note(caller.roleArn, rule);
    return rule;
  }

  #note(holder: string, rule: Rule): void {
    const id = this.#ids.get(rule) ?? idOf(holder, rule);
    this.#ids.set(rule, id);
    this.#uses.set(id, (this.#uses.get(id) ?? 0) + 1);
  }

  /** https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html */
  #refuse({ name, functionName, roleArn }: FunctionIdentity, call: Call, rule: Rule | undefined): Refusal {
    this.#tell(name, call);
    const { name: role = '' } = this.#access.roles.get(roleArn) ?? {};
    const user = `arn:aws:sts::${accountId}:assumed-role/${role}/${functionName}`;
    return { reason: 'denied', message: deniedText(user, call, rule) };
  }

  #tell(name: string, { action, resource }: Call): void {
    const line = { level: 'error', event: 'not_allowed', action, resource, help: ADVICE };
    this.#log({ function: name, line: JSON.stringify(line) });
  }

  #nameOf(holder: string): string {
    const { functions, roles } = this.#access;
    const owners = [...functions.values()].filter(({ roleArn, arn }) => roleArn === holder || arn === holder);
    if (owners.length > 0) return owners.map(({ name }) => name).join(' and ');
    const passes = ({ action, resource }: Rule) => action === 'iam:PassRole' && resource === holder;
    const passer = [...functions.values()].find(({ roleArn }) => roles.get(roleArn)?.rules.some(passes));
    return passer ? `Scheduler for ${passer.name}` : (roles.get(holder)?.name ?? holder);
  }

  #shown(holder: string, rule: Rule): Grant {
    const { action, resource, conditions } = rule;
    return {
      to: this.#nameOf(holder),
      action,
      resource,
      conditions: conditions.map(({ key, values }) => `${key} = ${values.join(' or ')}`),
      used: this.#uses.get(idOf(holder, rule)) ?? 0,
    };
  }
}

/** Whom a rule of a function's own policy is about. */
const callerIn = ({ principals = [] }: Rule): string =>
  principals.includes('events.amazonaws.com') ? 'EventBridge' : 'API Gateway';

/** The access key that a request is signed with. */
const keyIn = (authorization = ''): string => /\bCredential=([^/,\s]+)/.exec(authorization)?.[1] ?? '';

const MAX_DECIDED = 10_000;

const SECURE = { 'aws:SecureTransport': 'true' } as const;

const idOf = (holder: string, { action, resource, conditions }: Rule): string =>
  JSON.stringify([holder, action, resource, conditions]);

/** SES has words of its own; SQS writes its actions in small letters. */
function deniedText(user: string, { action, resource }: Call, rule: Rule | undefined): string {
  if (action.startsWith('ses:'))
    return `User \`${user}' is not authorized to perform \`${action}' on resource \`${resource}'`;
  const said = action.startsWith('sqs:') ? action.toLowerCase() : action;
  const kind = rule?.principals ? 'a resource-based policy' : 'an identity-based policy';
  const why = rule ? `with an explicit deny in ${kind}` : `because no identity-based policy allows the ${said} action`;
  return `User: ${user} is not authorized to perform: ${said} on resource: ${resource} ${why}`;
}

import { z } from 'zod';

/** What a policy says of one action on one resource. A statement with several of each is as many rules. */
export interface Rule {
  readonly effect: 'Allow' | 'Deny';
  /** Such as `sqs:SendMessage`; `*` and `?` stand for any characters, as in AWS. */
  readonly action: string;
  /** ARN, with the same wildcards. */
  readonly resource: string;
  /** Services whom it is about, `*` for anybody; none in the policy of a role itself. */
  readonly principals?: readonly string[];
  readonly conditions: readonly Condition[];
}

interface Condition {
  readonly operator: keyof typeof OPERATORS;
  readonly key: string;
  /** One of them must hold. */
  readonly values: readonly string[];
}

/** A call as policies see it. */
export interface Call {
  readonly action: string;
  /** ARN, or `*` of a call that is about no one resource. */
  readonly resource: string;
  readonly principal?: string;
  /** Condition keys that the call has. */
  readonly context?: Readonly<Partial<Record<ConditionKey, string>>>;
}

const OPERATORS = {
  ArnLike: (value: string, pattern: string) => matches(pattern, value),
  // Of calls with one value.
  'ForAllValues:StringLike': (value: string, pattern: string) => matches(pattern, value),
  Bool: (value: string, wanted: string) => value.toLowerCase() === wanted.toLowerCase(),
  StringEquals: (value: string, wanted: string) => value === wanted,
};

/** Those that somebody here fills in: of another one nobody would notice that it never holds. */
const CONDITION_KEYS = [
  'aws:SecureTransport',
  'aws:SourceAccount',
  'aws:SourceArn',
  'dynamodb:LeadingKeys',
  'iam:PassedToService',
] as const;
export type ConditionKey = (typeof CONDITION_KEYS)[number];

const oneOrMany = <T extends z.ZodType>(schema: T) =>
  z.union([schema.transform((one) => [one]), z.array(schema)]) as z.ZodType<z.output<T>[]>;

const unknown = {
  error: ({ code, keys }: { readonly code?: string | undefined; readonly keys?: unknown }) =>
    code === 'unrecognized_keys' ? `${keys}: this stack knows no such condition` : undefined,
};

const conditions = z.partialRecord(
  z.enum(Object.keys(OPERATORS) as (keyof typeof OPERATORS)[]),
  z.partialRecord(z.enum(CONDITION_KEYS), oneOrMany(z.union([z.string(), z.boolean()]).transform(String)), unknown),
  unknown,
);

const principal = z.union([
  z.literal('*').transform(() => ['*']),
  z.strictObject({ AWS: oneOrMany(z.literal('*')) }).transform(({ AWS }) => AWS as string[]),
  z.strictObject({ Service: oneOrMany(z.string()) }).transform(({ Service }) => Service),
]);

/** Strict: what is not evaluated must not be taken in silence, `NotAction` least of all. */
const statement = z.strictObject({
  Sid: z.string().optional(),
  Effect: z.enum(['Allow', 'Deny']),
  Principal: principal.optional(),
  Action: oneOrMany(z.string()),
  Resource: oneOrMany(z.string()).default(['*']),
  Condition: conditions.default({}),
});

/** A policy document as its rules, in its order. */
export const policyDocument = z
  .strictObject({ Version: z.string().optional(), Id: z.string().optional(), Statement: oneOrMany(statement) })
  .transform(({ Statement }) => Statement.flatMap(rulesOf));

function rulesOf({ Effect, Principal, Action, Resource, Condition }: z.infer<typeof statement>): Rule[] {
  const conditions = Object.entries(Condition).flatMap(([operator, keys]) =>
    Object.entries(keys ?? {}).map(([key, values]) => ({ operator, key, values }) as Condition),
  );
  return Action.flatMap((action) =>
    Resource.map((resource) => ({
      effect: Effect,
      action,
      resource,
      ...(Principal && { principals: Principal }),
      conditions,
    })),
  );
}

/** The rule that decides: one that denies before any that allows. Undefined when none speaks of the call, which is a no. */
export function deciding(rules: readonly Rule[], call: Call): Rule | undefined {
  let allows: Rule | undefined;
  for (const rule of rules) {
    if (!isAbout(rule, call)) continue;
    if (rule.effect === 'Deny') return rule;
    allows ??= rule;
  }
  return allows;
}

function isAbout({ action, resource, principals, conditions }: Rule, call: Call): boolean {
  return (
    matches(action.toLowerCase(), call.action.toLowerCase()) &&
    matches(resource, call.resource) &&
    (principals === undefined || principals.some((one) => one === '*' || one === call.principal)) &&
    conditions.every((condition) => holds(condition, call))
  );
}

/** A key that the call does not have holds nothing. */
function holds({ operator, key, values }: Condition, { context }: Call): boolean {
  const value = context?.[key as ConditionKey];
  return value !== undefined && values.some((wanted) => OPERATORS[operator](value, wanted));
}

/** Character by character, but for `*` (any number of any) and `?` (any one) in the pattern. */
function matches(pattern: string, text: string): boolean {
  if (!/[*?]/.test(pattern)) return pattern === text;
  const parts = pattern
    .replace(/[\\^$+.()|[\]{}]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${parts}$`, 's').test(text);
}

import type { StackTemplate } from '../target/target.ts';

interface Statement {
  readonly Effect: string;
  readonly Action: string | readonly string[];
  readonly Resource: unknown;
}

const list = <T>(value: T | readonly T[] | undefined): readonly T[] =>
  value === undefined ? [] : Array.isArray(value) ? value : [value as T];

/** Logical id that a `Ref` or `Fn::GetAtt` points to. */
const target = (value: unknown): string | undefined => {
  const { Ref, 'Fn::GetAtt': attribute } = (value ?? {}) as { Ref?: string; 'Fn::GetAtt'?: readonly string[] };
  return Ref ?? attribute?.[0];
};

const READS = /^(\*|secretsmanager:(\*|Get\*|GetSecret\*|GetSecretValue|BatchGetSecretValue))$/i;

/** A statement that lets the secret be read: by its own reference, by `*`, or by a pattern that cannot be told apart from it. */
const letsRead = ({ Effect, Action, Resource }: Statement, secretId: string): boolean =>
  Effect === 'Allow' &&
  list(Action).some((action) => READS.test(action)) &&
  list(Resource).some(
    (resource) =>
      target(resource) === secretId ||
      (typeof resource === 'string' && resource.includes('*')) ||
      'Fn::Join' in Object(resource),
  );

/** Inline policies of the role itself, and policies of the stack that are attached to it. */
const statementsOf = ({ Resources }: StackTemplate, roleId: string): readonly Statement[] => {
  const inline = list(Resources[roleId]?.Properties?.Policies as { PolicyDocument: { Statement: unknown } }[]);
  const attached = Object.values(Resources)
    .filter(
      ({ Type, Properties }) =>
        Type === 'AWS::IAM::Policy' && list(Properties?.Roles).some((role) => target(role) === roleId),
    )
    .map(({ Properties }) => Properties as unknown as { PolicyDocument: { Statement: unknown } });
  return [...inline, ...attached].flatMap(({ PolicyDocument }) => list(PolicyDocument.Statement as Statement[]));
};

/** Short names of the functions whose roles may read a secret, sorted. A role with a managed policy counts as one that may. */
export const readersOf = (template: StackTemplate, secretName: string): readonly string[] => {
  const resources = Object.entries(template.Resources);
  const [secretId = ''] =
    resources.find(
      ([, { Type, Properties }]) => Type === 'AWS::SecretsManager::Secret' && Properties?.Name === secretName,
    ) ?? [];
  return resources
    .filter(([, { Type }]) => Type === 'AWS::Lambda::Function')
    .filter(([, { Properties }]) => {
      const roleId = target(Properties?.Role) ?? '';
      const managed = list(template.Resources[roleId]?.Properties?.ManagedPolicyArns);
      return managed.length > 0 || statementsOf(template, roleId).some((statement) => letsRead(statement, secretId));
    })
    .map(([logicalId, { Metadata }]) => String(Metadata?.['ezw:name'] ?? logicalId))
    .sort();
};

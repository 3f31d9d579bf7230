import { z } from 'zod';
import { accountId } from '../account.ts';
import { policyDocument } from '../iam/policy.ts';
import { StartError } from '../start-error.ts';
import type { ResourceType } from './resource.ts';

/** Strict: a managed policy or a boundary would change what a function may do. */
const roleSchema = z.strictObject({
  AssumeRolePolicyDocument: policyDocument,
  Description: z.unknown().optional(),
  Policies: z.array(z.strictObject({ PolicyName: z.string(), PolicyDocument: policyDocument })).default([]),
  RoleName: z.string().optional(),
  Tags: z.unknown().optional(),
});

/** AWS::IAM::Role. What it may do holds: local/iam. */
export const role: ResourceType = ({ logicalId, properties }, { assembly, access }) => {
  const { AssumeRolePolicyDocument: trust, Policies, RoleName } = roleSchema.parse(properties);
  const name = RoleName ?? `${assembly.stackName}-${logicalId}`;
  const arn = `arn:aws:iam::${accountId}:role/${name}`;
  access.roles.set(arn, { arn, name, trust, rules: Policies.flatMap(({ PolicyDocument }) => PolicyDocument) });
  return { ref: name, attributes: { Arn: arn, RoleId: `AROA${logicalId}` } };
};

const policySchema = z.strictObject({
  PolicyDocument: policyDocument,
  PolicyName: z.string(),
  Roles: z.array(z.string()),
});

/** AWS::IAM::Policy: more of what a role may do. */
export const rolePolicy: ResourceType = ({ logicalId, properties }, { access }) => {
  const { PolicyDocument, Roles } = policySchema.parse(properties);
  for (const name of Roles) {
    const found = [...access.roles.values()].find((one) => one.name === name);
    if (!found) throw new StartError(`${logicalId}: ${name} is not a role of this stack.`);
    found.rules.push(...PolicyDocument);
  }
  return { ref: logicalId, attributes: {} };
};

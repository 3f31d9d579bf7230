import { CfnResource } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/**
 * Gives a resource the short name that people and the local stack know it by. Physical names stay CloudFormation's, so
 * that a resource can be replaced; the short name travels as metadata.
 */
export function named<T extends IConstruct>(construct: T, name: string): T {
  const resource = construct.node.defaultChild;
  if (!CfnResource.isCfnResource(resource))
    throw new Error(`${construct.node.path} has no resource to name "${name}".`);
  resource.addMetadata('ezw:name', name);
  return construct;
}

/** The short name that was given to a resource. */
export function nameOf(construct: IConstruct): string | undefined {
  const resource = construct.node.defaultChild;
  return CfnResource.isCfnResource(resource) ? resource.getMetadata('ezw:name') : undefined;
}

import { z } from 'zod';
import { accountId, region } from '../account.ts';
import { checkAccess } from '../iam/access.ts';
import { StartError } from '../start-error.ts';
import type { TemplateResource } from '../template/assembly.ts';
import { referencesIn, resolve, type Scope } from '../template/intrinsics.ts';
import { createParameters } from './parameters.ts';
import { resourceType } from './registry.ts';
import type { Created, Workshop } from './resource.ts';

/** Creates every resource of the template, each after those that it refers to. Throws a StartError for the first that cannot be. */
export async function createAll(workshop: Workshop): Promise<void> {
  createParameters(workshop);
  const { Resources, Parameters } = workshop.assembly.template;
  const created = new Map<string, Created>();
  const scope = scopeOf(workshop, created);

  const create = async (logicalId: string, resource: TemplateResource): Promise<void> => {
    if (created.has(logicalId)) return;
    const make = resourceType(resource.Type, logicalId);
    if (make === undefined) {
      created.set(logicalId, cloudOnlyResource(logicalId));
      return;
    }
    if (resource.Condition !== undefined) {
      throw new StartError(`${logicalId} has a condition, which the local stack does not evaluate.`);
    }
    for (const id of referencesIn(resource.Properties)) {
      const needed = Resources[id];
      if (needed) await create(id, needed);
      else if (!id.startsWith('AWS::') && !(id in Parameters))
        throw new StartError(`${logicalId} refers to ${id}, which is not in the template.`);
    }
    const properties = resolve(resource.Properties, scope) as Record<string, unknown>;
    const name = String(resource.Metadata['ezw:name'] ?? logicalId);
    try {
      created.set(logicalId, await make({ logicalId, name, properties }, workshop));
    } catch (error) {
      throw error instanceof z.ZodError ? notEmulated(logicalId, resource.Type, error) : error;
    }
  };

  for (const [logicalId, resource] of Object.entries(Resources)) await create(logicalId, resource);
  checkAccess(workshop.access);
}

function scopeOf({ assembly }: Workshop, created: Map<string, Created>): Scope {
  const pseudo: Record<string, unknown> = {
    'AWS::AccountId': accountId,
    'AWS::NoValue': undefined,
    'AWS::Partition': 'aws',
    'AWS::Region': region,
    'AWS::StackId': `arn:aws:cloudformation:${region}:${accountId}:stack/${assembly.stackName}/local`,
    'AWS::StackName': assembly.stackName,
    'AWS::URLSuffix': 'amazonaws.com',
  };
  return {
    ref(name) {
      if (name in pseudo) return pseudo[name];
      const resource = created.get(name);
      if (resource) return resource.ref;
      const parameter = assembly.template.Parameters[name];
      if (parameter) return parameter.Default;
      throw new StartError(`The template refers to ${name}, which the local stack does not know.`);
    },
    attribute(logicalId, attribute) {
      const value = created.get(logicalId)?.attributes[attribute];
      if (value === undefined) throw new StartError(`${logicalId}.${attribute} is not known to the local stack.`);
      return value;
    },
  };
}

/** It has a name and any attribute, which nothing here looks at. */
function cloudOnlyResource(logicalId: string): Created {
  const attributes = new Proxy<Record<string, string>>(
    {},
    { get: (_, attribute) => `${logicalId}.${String(attribute)}` },
  );
  return { ref: logicalId, attributes };
}

function notEmulated(logicalId: string, type: string, error: z.ZodError): StartError {
  const [issue] = error.issues;
  return new StartError(`${logicalId} (${type}) cannot be emulated: ${issue?.path.join('.')} ${issue?.message}`);
}

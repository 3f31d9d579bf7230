import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { ResourceType } from './resource.ts';

const schema = z.object({
  Name: z.string().optional(),
  SecretString: z.string().optional(),
});

/** AWS::SecretsManager::Secret. `ezw/demo/line-token` gets `lineToken` of the secrets file, else its first value. */
export const secret: ResourceType = ({ logicalId, properties }, { secrets, secretValues }) => {
  const { Name: name = logicalId, SecretString: initial } = schema.parse(properties);
  const value = secretValues[camelCase(name.slice(name.lastIndexOf('/') + 1))];
  // Without a value in the template AWS makes one up once (GenerateSecretString). Here it comes from the name, so that it is the
  // same after a restart: what it hides in a data folder must be found again.
  const text = value ?? initial ?? createHash('sha256').update(`local ${name}`).digest('hex');
  const arn = secrets.store.create(name, typeof text === 'string' ? text : JSON.stringify(text));
  return { ref: arn, attributes: { Id: arn } };
};

function camelCase(name: string): string {
  return name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
}

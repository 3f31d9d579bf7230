import { z } from 'zod';
import type { ResourceType } from './resource.ts';

const schema = z.object({
  Name: z.string().optional(),
  // What AWS would make up itself (GenerateSecretString) is not emulated.
  SecretString: z.string(),
});

/** AWS::SecretsManager::Secret. `ezw/demo/line-token` gets `lineToken` of the secrets file, else its first value. */
export const secret: ResourceType = ({ logicalId, properties }, { secrets, secretValues }) => {
  const { Name: name = logicalId, SecretString: initial } = schema.parse(properties);
  const text = secretValues[fileKey(name)] ?? initial;
  const arn = secrets.store.create(name, typeof text === 'string' ? text : JSON.stringify(text));
  return { ref: arn, attributes: { Id: arn } };
};

/** The name in a secrets file of what a stack calls `ezw/demo/line-token`: `lineToken`. */
export function fileKey(name: string): string {
  return name.slice(name.lastIndexOf('/') + 1).replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
}

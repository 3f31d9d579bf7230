import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { accountId, region } from '../account.ts';
import { usualSandboxUrl } from '../address.ts';
import type { ResourceType } from './resource.ts';

const schema = z.object({ Content: z.object({ S3Key: z.string() }) });

/** AWS::Lambda::LayerVersion: a copy of the files, in which the sandbox's address is the real one. */
export const layer: ResourceType = ({ logicalId, properties }, { assembly, sandboxUrl, scratch, layerFolders }) => {
  const { Content } = schema.parse(properties);
  const folder = join(scratch, logicalId);
  cpSync(assembly.assetFolder(Content.S3Key), folder, { recursive: true });
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    if (!name.endsWith('.json')) continue;
    const file = join(folder, name);
    writeFileSync(file, readFileSync(file, 'utf8').replaceAll(usualSandboxUrl, sandboxUrl));
  }
  const arn = `arn:aws:lambda:${region}:${accountId}:layer:${logicalId}:1`;
  layerFolders.set(arn, folder);
  return { ref: arn, attributes: { LayerVersionArn: arn } };
};

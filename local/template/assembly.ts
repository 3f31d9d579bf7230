import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { StartError } from '../start-error.ts';

const properties = z.record(z.string(), z.unknown());

const templateSchema = z.object({
  Resources: z.record(
    z.string(),
    z.object({
      Type: z.string(),
      Properties: properties.default({}),
      Metadata: properties.default({}),
      Condition: z.string().optional(),
    }),
  ),
  Outputs: z.record(z.string(), z.object({ Value: z.unknown() })).default({}),
  Metadata: properties.default({}),
  Parameters: z.record(z.string(), z.object({ Default: z.unknown().optional() })).default({}),
});

const manifestSchema = z.object({
  files: z.record(
    z.string(),
    z.object({
      source: z.object({ path: z.string().optional() }),
      destinations: z.record(z.string(), z.object({ objectKey: z.string() })),
    }),
  ),
});

export type Template = z.infer<typeof templateSchema>;
export type TemplateResource = Template['Resources'][string];

/** One stack of a synthesised cloud assembly: its template, and where the files are that it names by S3 key. */
export interface Assembly {
  stackName: string;
  template: Template;
  /** The client's stack alone, where another one runs beside it. */
  own?: Template;
  /** Folder of the asset that would be uploaded under this key. Throws a StartError for a key the manifest lacks. */
  assetFolder(objectKey: string): string;
}

/** Reads `Ezw-<client>` from a `cdk.out` folder. Throws a StartError when the folder does not hold that stack. */
export function readAssembly(folder: string, client: string): Assembly {
  const stackName = `Ezw-${client}`;
  const template = read(join(folder, `${stackName}.template.json`), templateSchema);
  const manifest = read(join(folder, `${stackName}.assets.json`), manifestSchema);
  const folders = new Map<string, string>();
  for (const { source, destinations } of Object.values(manifest.files)) {
    for (const { objectKey } of Object.values(destinations)) {
      if (source.path !== undefined) folders.set(objectKey, resolve(folder, source.path));
    }
  }
  return {
    stackName,
    template,
    assetFolder(objectKey) {
      const found = folders.get(objectKey);
      if (found === undefined)
        throw new StartError(`${stackName}.assets.json has no asset ${objectKey}. Synthesise it again.`);
      return found;
    },
  };
}

/** The stack `Ezw-watch` of the same folder; undefined where none was synthesised. */
export function readWatch(folder: string): Assembly | undefined {
  return existsSync(join(folder, 'Ezw-watch.template.json')) ? readAssembly(folder, 'watch') : undefined;
}

/** Two stacks as one, which has the name of the first. Throws a StartError for two resources of one logical id. */
export function together(client: Assembly, watch: Assembly): Assembly {
  const [one, other] = [client.template, watch.template];
  const both = Object.keys(other.Resources).filter((id) => id in one.Resources);
  if (both.length > 0) throw new StartError(`${client.stackName} and ${watch.stackName} both have ${both.join(', ')}.`);
  return {
    stackName: client.stackName,
    template: {
      ...one,
      Resources: { ...one.Resources, ...other.Resources },
      Outputs: { ...other.Outputs, ...one.Outputs },
      Parameters: { ...other.Parameters, ...one.Parameters },
    },
    own: one,
    assetFolder: (key) => {
      const owner = JSON.stringify(one.Resources).includes(key) ? client : watch;
      return owner.assetFolder(key);
    },
  };
}

function read<T>(file: string, schema: z.ZodType<T>): T {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    throw new StartError(`${file} cannot be read. Synthesise the stack first (npx cdk synth).`);
  }
  return schema.parse(JSON.parse(text));
}

import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Architecture, Code, LayerVersion, Runtime } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { inLayer } from '../../functions/shared/runtime/config.ts';

export interface ConfigLayerProps {
  /** Name of the client, which each slice says: the layers of all clients of an account have the same name. */
  readonly client: string;
  /** Function name → its slice of the client file. */
  readonly slices: Readonly<Record<string, object>>;
  /** Folder of this client to write the layer's files into; emptied first. */
  readonly directory: string;
}

/** The client file, cut into one `/opt/<function>.json` per function: no network call to learn a configuration. */
export class ConfigLayer extends Construct {
  readonly layer: LayerVersion;

  constructor(scope: Construct, id: string, { client, slices, directory }: ConfigLayerProps) {
    super(scope, id);
    rmSync(directory, { recursive: true, force: true });
    mkdirSync(directory, { recursive: true });
    for (const [name, slice] of Object.entries(slices)) {
      writeFileSync(join(directory, `${name}.json`), JSON.stringify(inLayer(name, client, slice)));
    }
    this.layer = new LayerVersion(this, 'Layer', {
      description: 'Configuration: one file per function',
      code: Code.fromAsset(directory),
      compatibleRuntimes: [Runtime.NODEJS_24_X],
      compatibleArchitectures: [Architecture.ARM_64],
    });
  }
}

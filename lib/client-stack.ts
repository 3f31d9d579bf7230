import { join } from 'node:path';
import { CfnOutput, Stack, Tags } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { Bundles } from './bundle.ts';
import { type Client, slices } from './client.ts';
import { ClientSecret } from './constructs/client-secret.ts';
import { ConfigLayer } from './constructs/config-layer.ts';
import { ContactsTable } from './constructs/contacts-table.ts';
import { DoorApi } from './constructs/door-api.ts';
import { Inbound } from './constructs/inbound.ts';
import { Sender } from './constructs/sender.ts';
import { TemplateFunction } from './constructs/template-function.ts';

/** What each template does, for whoever reads the console. */
const DESCRIPTIONS: Readonly<Record<string, string>> = {
  'order-ready': 'Tells a customer that the order can be collected',
};

export interface ClientStackProps {
  readonly client: Client;
  readonly bundles: Bundles;
  /** Folder to write the configuration layers into, one folder per client. */
  readonly layers: string;
}

/** Everything of one client line: token, queues, ledger, doors. Two lines share nothing but the bundles. */
export class ClientStack extends Stack {
  constructor(scope: Construct, { client, bundles, layers }: ClientStackProps) {
    super(scope, `Ezw-${client.name}`, {
      description: `EZWhatsApp templates for ${client.name}`,
      // Waiting messages go with the queues: removing a client takes two deliberate steps.
      terminationProtection: true,
    });
    Tags.of(this).add('ezw:client', client.name);

    const { layer: config } = new ConfigLayer(this, 'Config', {
      slices: slices(client),
      directory: join(layers, client.name),
    });
    const sender = new Sender(this, 'Sending', {
      client: client.name,
      ezwBaseUrl: client.ezwBaseUrl,
      code: bundleOf(bundles, 'sender'),
      config,
    });
    const { secret: sourceSecrets } = new ClientSecret(this, 'Sources', {
      client: client.name,
      name: 'sources',
      placeholder: '{}',
    });
    const door = new DoorApi(this, 'Door', { client: client.name });

    for (const [template, settings] of Object.entries(client.templates)) {
      if (!settings) continue;
      new TemplateFunction(this, pascal(template), {
        name: template,
        description: DESCRIPTIONS[template] ?? template,
        code: bundleOf(bundles, template),
        config,
        door,
        sourceSecrets,
        sends: sender.sends.queue,
      });
      for (const source of Object.keys(settings.sources)) {
        this.output(pascal(`${template}-${source}-url`), `${door.url}/${template}/${source}`);
      }
    }

    const { email } = client.escalation.notifiers;
    new Inbound(this, 'Inbound', {
      client: client.name,
      code: (name) => bundleOf(bundles, name),
      config,
      door,
      sender,
      contacts: new ContactsTable(this, 'Contacts', { client: client.name }),
      mailIdentity: email && (email.identity ?? email.from),
    });

    this.output('LineId', client.lineId);
    this.output('WebhookUrl', `${door.url}/ezw/webhook/`);
    this.output('ApiUrl', door.url);
    this.output('LineTokenSecretName', sender.lineTokenName);
    this.output('SourcesSecretName', `ezw/${client.name}/sources`);
  }

  private output(id: string, value: string): void {
    new CfnOutput(this, id, { value });
  }
}

function bundleOf(bundles: Bundles, name: string): string {
  const directory = bundles.get(name);
  if (!directory) throw new Error(`There is no function "${name}": functions/${name}/handler.ts is missing.`);
  return directory;
}

/** `order-ready` → `OrderReady` */
function pascal(name: string): string {
  return name.replace(/(?:^|-)(\w)/g, (_, first: string) => first.toUpperCase());
}

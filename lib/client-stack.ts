import { join } from 'node:path';
import { CfnOutput, Stack, Tags } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { Bundles } from './bundle.ts';
import { type Client, slices, TEMPLATES } from './client.ts';
import { allow } from './constructs/allow.ts';
import { appointmentExtras, appointmentsTable } from './constructs/appointments.ts';
import { ClientSecret } from './constructs/client-secret.ts';
import { ConfigLayer } from './constructs/config-layer.ts';
import { Contacts } from './constructs/contacts.ts';
import { DoorApi } from './constructs/door-api.ts';
import { Inbound } from './constructs/inbound.ts';
import { openLeadDoors } from './constructs/lead-doors.ts';
import { Sender } from './constructs/sender.ts';
import { type Extras, TemplateFunction, type TemplateFunctionProps } from './constructs/template-function.ts';

/** What each template does, for whoever reads the console. */
const DESCRIPTIONS: Readonly<Record<string, string>> = {
  'lead-first-touch': 'Writes to a person who left a number in a form, once and with consent',
  'order-ready': 'Tells a customer that the order can be collected',
  'appointment-reminder': 'Reminds people of their appointments',
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
    const contacts = new Contacts(this, 'Contacts', { client: client.name });
    const appointments = client.templates['appointment-reminder'] && appointmentsTable(this);
    const sender = new Sender(this, 'Sending', {
      client: client.name,
      ezwBaseUrl: client.ezwBaseUrl,
      code: bundleOf(bundles, 'sender'),
      config,
      contacts,
      appointments,
    });
    // What single templates have beside the usual.
    const extras: Readonly<Record<string, TemplateFunctionProps['extras']>> = {
      'appointment-reminder': appointments && appointmentExtras(appointments),
      'lead-first-touch': () => leadExtras(contacts, sender),
    };
    const { secret: sourceSecrets } = new ClientSecret(this, 'Sources', {
      client: client.name,
      name: 'sources',
      placeholder: '{}',
    });
    const door = new DoorApi(this, 'Door', { client: client.name });

    for (const [template, settings] of Object.entries(client.templates)) {
      if (!settings) continue;
      const { lambda } = new TemplateFunction(this, pascal(template), {
        name: template,
        description: DESCRIPTIONS[template] ?? template,
        code: bundleOf(bundles, template),
        config,
        door,
        sourceSecrets,
        sends: sender.sends.queue,
        extras: extras[template],
      });
      if (template === 'lead-first-touch') openLeadDoors(door, settings.sources, lambda);
      for (const source of Object.keys(settings.sources)) {
        this.output(pascal(`${template}-${source}-url`), `${door.url}/${template}/${source}`);
      }
    }

    const { email } = client.escalation.notifiers;
    const { receiver } = new Inbound(this, 'Inbound', {
      client: client.name,
      code: (name) => bundleOf(bundles, name),
      config,
      door,
      sender,
      contacts,
      mailIdentity: email && (email.identity ?? email.from),
    });

    for (const template of TEMPLATES) {
      if (!client.templates[template]) door.rest(`/${template}`, receiver);
    }

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

/** A lead is touched once per phone, and again only if the earlier message surely never left. */
function leadExtras({ table, salt }: Contacts, { ledger }: Sender): Extras {
  return {
    environment: {
      CONTACTS_TABLE: table.tableName,
      CONTACT_SALT_SECRET: salt.secretArn,
      SENDS_TABLE: ledger.tableName,
    },
    permissions: [
      allow(table.tableArn, 'dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem'),
      allow(salt.secretArn, 'secretsmanager:GetSecretValue'),
      allow(ledger.tableArn, 'dynamodb:GetItem'),
    ],
  };
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

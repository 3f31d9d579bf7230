import { join } from 'node:path';
import { CfnOutput, CfnParameter, CfnRule, Fn, Stack, Tags } from 'aws-cdk-lib';
import type { Table } from 'aws-cdk-lib/aws-dynamodb';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { crmsOf } from '../functions/crm-sync/named.ts';
import { sourceBy } from '../functions/shared/door/kinds.ts';
import type { Bundles } from './bundle.ts';
import { type Client, slices, stackNameOf, turnedOn } from './client.ts';
import { ConfigLayer } from './constructs/config-layer.ts';
import { Contacts } from './constructs/contacts.ts';
import { DoorApi } from './constructs/door-api.ts';
import { Inbound } from './constructs/inbound.ts';
import { nameOf } from './constructs/named.ts';
import { NativeAlarms } from './constructs/native-alarms.ts';
import { parameter } from './constructs/parameter.ts';
import { Sender } from './constructs/sender.ts';
import { openSourceDoors } from './constructs/source-doors.ts';
import { TemplateParts } from './constructs/template-parts.ts';
import { mailIdentities } from './mail-identities.ts';
import { CLIENT, PREPARED, READS, sourcesOf } from './parameter-names.ts';
import { readBy } from './parameters.ts';
import { templateResources } from './template-resources.ts';

export interface ClientStackProps {
  readonly client: Client;
  readonly bundles: Bundles;
  /** Folder to write the configuration layers into, one folder per client. */
  readonly layers: string;
  /** Templates that a client may have: what waits for one that this client has not is kept, and whoever asks for it is told so. */
  readonly templates: readonly string[];
}

/** Everything of one client line: token, queues, ledger, doors. Two lines share nothing but the bundles. */
export class ClientStack extends Stack {
  constructor(scope: Construct, { client, bundles, layers, templates: known }: ClientStackProps) {
    super(scope, stackNameOf(client), {
      description: `EZWhatsApp templates for ${client.name}`,
      ...(client.aws && { env: client.aws }),
    });
    Tags.of(this).add('ezw:client', client.name);
    // Before anything is changed CloudFormation refuses a client whose values are not there. Not by a look at Parameter Store: nobody promises by
    // whose rights it looks (https://github.com/aws/aws-cdk/issues/10083). Nor by a parameter without a default, for which "cdk import" has no value.
    const prepared = new CfnParameter(this, PREPARED, {
      default: 'no',
      description: 'Whether the values are there that the functions read',
    });
    new CfnRule(this, 'IsPrepared', {
      assertions: [
        {
          assert: Fn.conditionEquals(prepared.valueAsString, 'yes'),
          assertDescription: `Nothing was changed: what the functions read is made by "npx ezw deploy ${client.name}".`,
        },
      ],
    });
    this.templateOptions.metadata = { [READS]: readBy(client), [CLIENT]: client };

    const { layer: config } = new ConfigLayer(this, 'Config', {
      client: client.name,
      slices: slices(client),
      directory: join(layers, client.name),
    });
    const contacts = new Contacts(this, 'Contacts', { client: client.name });
    const on = new Map(turnedOn(client));
    const crms = crmsOf(client.crm);
    const names = [...new Set([...known, ...on.keys()])];
    const premises = this.premises(names);
    const inbound = new Inbound(this, 'Inbound', { client: client.name });
    const hasNotifiers = Object.values(client.escalation.notifiers).some((one) => one !== undefined);
    const people = hasNotifiers ? inbound.escalationQueue : undefined;
    const sender = new Sender(this, 'Sending', {
      client: client.name,
      ezwBaseUrl: client.ezwBaseUrl,
      code: bundleOf(bundles, 'sender'),
      config,
      contacts,
      premises,
      people,
    });
    const door = new DoorApi(this, 'Door', { client: client.name });

    const receiver = inbound.open({
      code: (name) => bundleOf(bundles, name),
      config,
      door,
      sender,
      contacts,
      mailIdentities: mailIdentities(client.escalation.notifiers),
      crms: crms.length,
    });

    for (const name of names) {
      const parts = new TemplateParts(this, pascal(name), name);
      const extras = templateResources[name]?.extras(parts, { contacts, sender, premises, zone: client.zone });
      const found = on.get(name);
      if (!found) {
        door.rest(`/${name}`, receiver);
        continue;
      }
      const { template, settings } = found;
      const lambda = parts.turnOn({
        client: client.name,
        description: template.description,
        code: bundleOf(bundles, name),
        config,
        door,
        deliveries: inbound.deliveries,
        sourceSecrets: parameter(this, client.name, sourcesOf(name)),
        sends: sender.sends.queue,
        crm: crms.length > 0 ? inbound.crmQueue : undefined,
        people,
        extras: extras?.(),
      });
      for (const [source, own] of Object.entries(settings.sources)) {
        const declared = sourceBy(template.sources, source);
        if (declared) openSourceDoors(door, `/${name}/${source}`, declared, own, lambda);
        this.output(pascal(`${name}-${source}-url`), `${door.url}/${name}/${source}`);
      }
    }

    if (client.alarms?.native)
      new NativeAlarms(this, 'Native', { client: client.name, door, deadLetters: lettersIn(this) });

    this.output('LineId', client.lineId);
    this.output('WebhookUrl', `${door.url}/ezw/webhook/`);
    this.output('ApiUrl', door.url);
    this.output('LineTokenSecretName', sender.lineTokenName);
  }

  /** The one table that waiting messages are held against. */
  private premises(templates: readonly string[]): Table | undefined {
    const makers = templates.flatMap((name) => templateResources[name]?.premises ?? []);
    // The sender knows one: a second template with premises must share it, or teach the sender to tell them apart.
    if (makers.length > 1)
      throw new Error('Two templates bring premises; the sender holds messages against one table.');
    return makers[0]?.(this);
  }

  private output(id: string, value: string): void {
    new CfnOutput(this, id, { value });
  }
}

/** The queues of a stack whose messages wait for a person. */
function lettersIn(stack: Stack): Queue[] {
  const queues = stack.node.findAll().filter((one): one is Queue => one instanceof Queue);
  return queues.filter((queue) => nameOf(queue)?.endsWith('-dlq'));
}

function bundleOf(bundles: Bundles, name: string): string {
  const directory = bundles.get(name);
  if (!directory) throw new Error(`There is no function "${name}": functions/${name}/handler.ts is missing.`);
  return directory;
}

/** `such-a-name` → `SuchAName` */
function pascal(name: string): string {
  return name.replace(/(?:^|-)(\w)/g, (_, first: string) => first.toUpperCase());
}

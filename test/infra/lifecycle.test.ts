import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { KEPT_TABLES } from '../../cli/deploy/earlier-life.ts';
import { DEMO_ASSEMBLY, type Resource, templateOf } from './assembly.ts';

/**
 * What CloudFormation does with each resource when a first deployment fails, when one follows, and when the stack goes. It is read off the
 * template, for there is no account here: the pages of AWS that say so are named in docs/deploy.md.
 */

const template = templateOf(DEMO_ASSEMBLY, 'demo');
const resources = Object.entries(template.Resources);
const nameOf = (id: string): string => String(template.Resources[id]?.Metadata?.['ezw:name'] ?? id);

/** What holds something that nobody can make again, or whose address others have. */
const HOLDS = new Set([
  'AWS::DynamoDB::Table',
  'AWS::SQS::Queue',
  'AWS::SecretsManager::Secret',
  'AWS::ApiGatewayV2::Api',
  'AWS::Scheduler::ScheduleGroup',
]);

/** By type: properties of which a change makes another resource in the place of the one that stands ("Update requires: Replacement"). */
const REPLACING: Readonly<Record<string, readonly string[]>> = {
  'AWS::DynamoDB::Table': ['TableName', 'KeySchema', 'ImportSourceSpecification'],
  'AWS::SQS::Queue': ['QueueName', 'FifoQueue'],
  'AWS::SecretsManager::Secret': ['Name'],
  'AWS::ApiGatewayV2::Api': ['ProtocolType'],
  'AWS::Scheduler::ScheduleGroup': ['Name'],
};

/** Properties by which a second one of the name is refused. */
const NAMES = ['TableName', 'QueueName', 'Name', 'LogGroupName', 'FunctionName', 'RoleName'];
const fixedName = ({ Properties = {} }: Resource): unknown =>
  NAMES.map((name) => Properties[name]).find((one) => typeof one === 'string');

const PK = [[{ AttributeName: 'pk', KeyType: 'HASH' }]];

const INDEXES = { sends: ['fingerprint', 'providerId', 'waits'], deliveries: [], contacts: [], appointments: [] };

/** Never change a line of it: add those of a new resource. A line that is gone or another is data, or messages, that are gone. */
const STANDS: Readonly<Record<string, readonly unknown[]>> = {
  AppointmentReminderAlarms38838239: [],
  AppointmentReminderWorkDeadLetters08EED902: [],
  AppointmentReminderWorkQueue59101C80: [],
  AppointmentsD5946CB7: PK,
  ContactsTable16C20946: PK,
  DoorHttp1ED7DE28: ['HTTP'],
  InboundDeliveriesTableF2D5D6F7: PK,
  InboundUnreadCE445011: [],
  InboundcrmsyncqueueDeadLetters25219A7A: [],
  InboundcrmsyncqueueQueue7E924CDC: [],
  InboundescalationqueueDeadLetters3FABAE09: [],
  InboundescalationqueueQueue4CC0ED03: [],
  LeadFirstTouchWorkDeadLettersC3780EB4: [],
  LeadFirstTouchWorkQueue030FDAF0: [],
  OrderReadyAlarms5CA8E4B4: [],
  OrderReadyWorkDeadLetters93AC0F71: [],
  OrderReadyWorkQueue7E9E9CC0: [],
  SendingLedgerTableC6970368: PK,
  SendingLineTokenSecret40FAFB2C: ['ezw/demo/line-token'],
  SendingSendsDeadLetters93C03772: [true],
  SendingSendsQueue1ABCE7D6: [true],
};

describe('a first deployment that fails', () => {
  test('is taken back whole, and can be repeated: nothing is kept of it, and nothing refuses to be deleted', () => {
    const kept = resources.filter(([, { DeletionPolicy }]) => DeletionPolicy === 'Retain').map(([id]) => nameOf(id));
    const refusing = resources.filter(
      ([, { Properties = {} }]) => 'DeletionProtectionEnabled' in Properties || 'DeletionProtection' in Properties,
    );
    expect([kept, refusing.map(([id]) => nameOf(id))]).toEqual([[], []]);
  });

  test('is no stack that refuses to be deleted: the CDK deletes it before it tries again', () => {
    const { artifacts } = JSON.parse(readFileSync(join(DEMO_ASSEMBLY, 'manifest.json'), 'utf8'));
    expect(artifacts['Ezw-demo'].properties.terminationProtection ?? false).toBe(false);
  });
});

describe('a stack that is deleted', () => {
  const kept = resources.filter(([, { DeletionPolicy }]) => DeletionPolicy === 'RetainExceptOnCreate');

  test('leaves its tables, and of what it made nothing else', () => {
    expect(kept.map(([id]) => nameOf(id)).sort()).toEqual(['appointments', 'contacts', 'deliveries', 'sends']);
  });

  test('leaves tables whose ids begin as the command looks for them before it makes the client again', () => {
    const kinds = kept.map(([id]) => KEPT_TABLES.find((kind) => id.startsWith(kind)));
    expect(kinds.sort()).toEqual([...KEPT_TABLES].sort());
  });

  test('stands in the way of no other one of its name: what is kept has no name of its own', () => {
    expect(kept.flatMap(([, one]) => fixedName(one) ?? [])).toEqual([]);
  });
});

describe('a deployment over one that runs', () => {
  test('keeps what is kept also where it would be replaced', () => {
    for (const [, { DeletionPolicy, UpdateReplacePolicy }] of resources)
      expect(UpdateReplacePolicy === 'Retain').toBe(DeletionPolicy === 'RetainExceptOnCreate');
  });

  test('replaces nothing that holds something: its logical ids and what CloudFormation goes by are those of every release', () => {
    const holding = resources.filter(([, { Type }]) => HOLDS.has(Type));
    const seen = holding.map(([id, { Type, Properties }]) => {
      const by = (REPLACING[Type] ?? []).flatMap((name) => (Properties[name] === undefined ? [] : [Properties[name]]));
      return [id, by];
    });
    expect(Object.fromEntries(seen)).toEqual(STANDS);
  });

  test('adds no more than one index to a table: of two at once DynamoDB refuses the update', () => {
    const indexes = resources.flatMap(([id, { Type, Properties }]) =>
      Type === 'AWS::DynamoDB::Table'
        ? [
            [
              nameOf(id),
              ((Properties.GlobalSecondaryIndexes ?? []) as { IndexName: string }[]).map((one) => one.IndexName),
            ],
          ]
        : [],
    );
    // One that is added here is of the release that is to come: add another in the release behind it.
    expect(Object.fromEntries(indexes)).toEqual(INDEXES);
  });
});

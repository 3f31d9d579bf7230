import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { bundleFunctions } from '../../lib/bundle.ts';
import type { Client } from '../../lib/client.ts';
import { synthesise } from '../../lib/synthesise.ts';
import { byName, DEMO_ASSEMBLY, demoClient, KNOWN, ofType, target, templateOf } from './assembly.ts';

const BUNDLES = join(DEMO_ASSEMBLY, 'bundles');

// Only how often it is called matters here: the bundles are those of the shared assembly.
vi.mock(import('../../lib/bundle.ts'), () => ({
  bundleFunctions: vi.fn(async () => new Map(readdirSync(BUNDLES).map((name) => [name, join(BUNDLES, name)]))),
}));

const NAMES = ['north', 'south'];
let outdir: string;

beforeAll(async () => {
  const demo = demoClient();
  const named = NAMES.map((name): Client => ({ ...demo, name }));
  const quiet: Client = { ...demo, name: 'quiet', templates: {} };
  outdir = await mkdtemp(join(tmpdir(), 'ezw-infra-'));
  const { crm: _, ...rest } = demo;
  const escalation = { ...demo.escalation, rules: [], notifiers: {} };
  const withoutCrm: Client = { ...rest, name: 'without-crm', escalation };
  await synthesise([...named, quiet, withoutCrm], outdir, KNOWN);
});
afterAll(() => rm(outdir, { recursive: true, force: true }));

function codeOf(client: string): string[] {
  return ofType(templateOf(outdir, client), 'AWS::Lambda::Function')
    .map(([, { Properties }]) => (Properties.Code as { S3Key: string }).S3Key)
    .sort();
}

test('functions are bundled once for any number of clients, which all deploy the same code', () => {
  expect(bundleFunctions).toHaveBeenCalledTimes(1);
  const [first, ...others] = NAMES.map(codeOf);
  for (const code of others) expect(code).toEqual(first);
  const folders = readdirSync(outdir).filter((name) => name.startsWith('asset.'));
  const withCode = folders.filter((folder) => readdirSync(join(outdir, folder)).includes('index.mjs'));
  expect(withCode).toHaveLength(7);
});

test('a bundle is one file and needs nothing beside it', () => {
  for (const name of readdirSync(BUNDLES)) {
    expect(readdirSync(join(BUNDLES, name))).toEqual(['index.mjs']);
    // What esbuild leaves where ESM code would have to require() at run time.
    expect(readFileSync(join(BUNDLES, name, 'index.mjs'), 'utf8')).not.toContain('Dynamic require of');
  }
});

test('a template that the client has not turned on has no function and no address, and nothing consumes its queues; the receiver answers there', () => {
  const template = templateOf(outdir, 'quiet');
  const names = Object.values(template.Resources).map(({ Metadata }) => Metadata?.['ezw:name']);
  expect(names.filter((name) => String(name).startsWith('order-ready'))).toEqual([
    'order-ready-dlq',
    'order-ready-work',
  ]);
  expect(names).toContain('sender');
  const fed = ofType(template, 'AWS::Lambda::EventSourceMapping').map(([, { Properties }]) =>
    target(Properties.EventSourceArn),
  );
  expect(fed.map((id) => template.Resources[id]?.Metadata?.['ezw:name']).sort()).toEqual([
    'crm-sync',
    'escalation',
    'sends',
  ]);
  expect(ofType(template, 'AWS::Scheduler::Schedule')).toEqual([]);
  const routes = ofType(template, 'AWS::ApiGatewayV2::Route').map(([, { Properties }]) => Properties.RouteKey);
  expect(routes.sort()).toEqual([
    'ANY /appointment-reminder/{path+}',
    'ANY /ezw/webhook/{path+}',
    'ANY /lead-first-touch/{path+}',
    'ANY /order-ready/{path+}',
    'POST /ezw/webhook/{token}',
  ]);
  const [receiver] = byName(template, 'AWS::Lambda::Function', 'webhook-receiver');
  const behind = ofType(template, 'AWS::ApiGatewayV2::Integration').map(
    ([, { Properties }]) => Properties.IntegrationUri,
  );
  expect(new Set(behind.map(target))).toEqual(new Set([receiver]));
  expect(Object.keys(template.Outputs).filter((key) => key.startsWith('OrderReady'))).toEqual([]);
});

/** Types of what holds something that a deployment must not throw away. */
const HOLDING = ['AWS::DynamoDB::Table', 'AWS::SQS::Queue', 'AWS::SQS::QueuePolicy', 'AWS::Scheduler::ScheduleGroup'];

/** What waits, or is known, by logical id: as CloudFormation sees it. */
const holding = (client: string) =>
  HOLDING.flatMap((type) => ofType(templateOf(outdir, client), type)).map(
    ([id, resource]) => [id, JSON.parse(JSON.stringify(resource).replaceAll(`"${client}"`, '"client"'))] as const,
  );

test('turning every template off, or on again, makes, changes and removes nothing that holds appointments, alarms or waiting messages', () => {
  const on = Object.fromEntries(holding('north'));
  expect(Object.keys(on)).toHaveLength(4 + 2 * (6 + 6 + 1) + 2);
  expect(Object.fromEntries(holding('quiet'))).toEqual(on);
});

test('what rings while the template is off may still ring into its queue, and the sender still asks whether the appointment stands', () => {
  const roles = (client: string) =>
    ofType(templateOf(outdir, client), 'AWS::IAM::Role')
      .filter(([, { Properties }]) => JSON.stringify(Properties.AssumeRolePolicyDocument).includes('scheduler'))
      .map(([id, { Properties }]) => [id, Properties.Policies]);
  expect(roles('quiet')).toHaveLength(2);
  expect(roles('quiet')).toEqual(roles('north'));
  const [, sender] = byName(templateOf(outdir, 'quiet'), 'AWS::Lambda::Function', 'sender');
  const { Variables } = sender.Properties.Environment as { Variables: Record<string, unknown> };
  expect(target(Variables.APPOINTMENTS_TABLE)).toBe(
    byName(templateOf(outdir, 'quiet'), 'AWS::DynamoDB::Table', 'appointments')[0],
  );
});

test('stacks that are deployed keep what they hold: its logical ids are those of the first release', () => {
  // CloudFormation takes another id for another resource: it would make an empty one beside the one that it retains or deletes.
  const ids = HOLDING.filter((type) => type !== 'AWS::SQS::QueuePolicy').flatMap((type) =>
    ofType(templateOf(outdir, 'quiet'), type).map(([id]) => id),
  );
  expect(ids.sort()).toMatchInlineSnapshot(`
    [
      "AppointmentReminderAlarms38838239",
      "AppointmentReminderWorkDeadLetters08EED902",
      "AppointmentReminderWorkQueue59101C80",
      "AppointmentsD5946CB7",
      "ContactsTable16C20946",
      "InboundDeliveriesTableF2D5D6F7",
      "InboundUnreadCE445011",
      "InboundcrmsyncqueueDeadLetters25219A7A",
      "InboundcrmsyncqueueQueue7E924CDC",
      "InboundescalationqueueDeadLetters3FABAE09",
      "InboundescalationqueueQueue4CC0ED03",
      "LeadFirstTouchWorkDeadLettersC3780EB4",
      "LeadFirstTouchWorkQueue030FDAF0",
      "OrderReadyAlarms5CA8E4B4",
      "OrderReadyWorkDeadLetters93AC0F71",
      "OrderReadyWorkQueue7E9E9CC0",
      "SendingLedgerTableC6970368",
      "SendingSendsDeadLetters93C03772",
      "SendingSendsQueue1ABCE7D6",
    ]
  `);
});

test('a template tells the CRM only of a client that has one', () => {
  const tells = (client: string) =>
    ['order-ready', 'lead-first-touch', 'appointment-reminder'].map((name) => {
      const { Properties } = byName(templateOf(outdir, client), 'AWS::Lambda::Function', name)[1];
      return JSON.stringify(Properties.Environment).includes('CRM_SYNC_QUEUE_URL');
    });
  expect([tells('north'), tells('without-crm')]).toEqual([
    [true, true, true],
    [false, false, false],
  ]);
});

test('a template tells people only of a client that has a notifier', () => {
  const tells = (client: string) =>
    ['order-ready', 'lead-first-touch', 'appointment-reminder'].map((name) => {
      const { Properties } = byName(templateOf(outdir, client), 'AWS::Lambda::Function', name)[1];
      return JSON.stringify(Properties.Environment).includes('ESCALATION_QUEUE_URL');
    });
  expect([tells('north'), tells('without-crm')]).toEqual([
    [true, true, true],
    [false, false, false],
  ]);
});

test('each function says whose client’s it is, and so do its settings: the layers of all clients have one name', () => {
  for (const client of [...NAMES, 'quiet']) {
    const lambdas = ofType(templateOf(outdir, client), 'AWS::Lambda::Function');
    for (const [, { Metadata, Properties }] of lambdas) {
      const { Variables } = Properties.Environment as { Variables: Record<string, unknown> };
      const slice = join(outdir, 'layers', client, `${Metadata?.['ezw:name']}.json`);
      expect([Variables.EZW_CLIENT, JSON.parse(readFileSync(slice, 'utf8')).client]).toEqual([client, client]);
    }
  }
  const layers = NAMES.map((client) =>
    ofType(templateOf(outdir, client), 'AWS::Lambda::LayerVersion').map(([id]) => id),
  );
  expect(layers[0]).toEqual(layers[1]);
});

test('two clients share no name in an account', () => {
  const physical = NAMES.map((name) => {
    const { Resources } = templateOf(outdir, name);
    return Object.values(Resources).flatMap(({ Properties }) => [Properties.Name, Properties.LogGroupName]);
  });
  const names = physical.flat().filter(Boolean);
  expect(names).toHaveLength(NAMES.length * 3);
  expect(new Set(names).size).toBe(names.length);
});

import { describe, expect, it, test } from 'vitest';
import { ofEvents } from '../../cli/cost/cost.ts';
import { idleOf, type Template, totalOf } from '../../cli/cost/idle.ts';

type Resources = Template['Resources'];

const QUEUE = { Type: 'AWS::SQS::Queue', Properties: {} };
const FIFO = { Type: 'AWS::SQS::Queue', Properties: { FifoQueue: true } };
const SECRET = { Type: 'AWS::SecretsManager::Secret' };
const arnOf = (id: string) => ({ 'Fn::GetAtt': [id, 'Arn'] });
const feed = (more: object = {}) => ({
  Type: 'AWS::Lambda::EventSourceMapping',
  Properties: { EventSourceArn: arnOf('Queue'), ...more },
});
const schedule = (ScheduleExpression: string, more: object = {}) => ({
  Type: 'AWS::Scheduler::Schedule',
  Properties: { ScheduleExpression, Target: { Arn: arnOf('Queue') }, ...more },
});

const idle = (resources: Resources) => idleOf({ Resources: resources });
const usd = (resources: Resources): number => totalOf(idle(resources).services);

/** Seven values are decrypted, and nine times a table's key is asked for. */
const PARAMETERS_AND_TABLES = 7 + 9;

/** A poller asks every 20 s, for 30 days. */
const ASKED = 129_600;

describe('a month without events', () => {
  it('has each secret, with its copies', () => {
    expect(usd({ A: SECRET, B: SECRET })).toBeCloseTo(0.8);
    expect(usd({ A: { ...SECRET, Properties: { ReplicaRegions: [{ Region: 'eu-west-1' }] } } })).toBeCloseTo(0.8);
  });

  it.each<[string, object, object, number]>([
    ['a standard queue by two pollers', QUEUE, {}, 2 * ASKED * 0.4e-6],
    ['one with a maximum concurrency by five', QUEUE, { ScalingConfig: { MaximumConcurrency: 2 } }, 5 * ASKED * 0.4e-6],
    ['a FIFO queue by five, for nothing less is promised', FIFO, {}, 5 * ASKED * 0.5e-6],
    ['a queue whose mapping is off by none', QUEUE, { Enabled: false }, 0],
  ])('has Lambda asking %s', (_, queue, more, expected) => {
    const { services, unpriced } = idle({ Queue: queue as Resources[string], Feed: feed(more) });
    expect(services.SQS ?? 0).toBeCloseTo(expected, 6);
    expect(unpriced).toEqual([]);
  });

  it('has what rings each night: the Scheduler, the queue, the function', () => {
    const { services } = idle({ Queue: QUEUE, Nightly: schedule('cron(30 3 * * ? *)') });
    expect(services['EventBridge Scheduler']).toBeCloseTo(30e-6, 9);
    expect(services.SQS).toBeCloseTo(30 * 3 * 0.4e-6, 9);
    expect(services.Lambda).toBeGreaterThan(30 * 0.2e-6);
    const often = idle({ Queue: QUEUE, Often: schedule('cron(0,30 * * * ? *)') });
    expect(often.services['EventBridge Scheduler']).toBeCloseTo(48 * 30e-6, 9);
    expect(usd({ Queue: QUEUE, Off: schedule('cron(30 3 * * ? *)', { State: 'DISABLED' }) })).toBe(0);
  });

  it('never takes for free what may cost something and is not known', () => {
    const { services, unpriced } = idle({
      Key: { Type: 'AWS::KMS::Key' },
      Nat: { Type: 'AWS::EC2::NatGateway' },
      Alarm: { Type: 'AWS::CloudFront::Distribution' },
      Again: { Type: 'AWS::CloudFront::Distribution' },
      Zone: { Type: 'AWS::Route53::HostedZone' },
      Advanced: { Type: 'AWS::SSM::Parameter', Properties: { Tier: 'Advanced' } },
      A: SECRET,
    });
    expect(unpriced).toEqual([
      'AWS::CloudFront::Distribution',
      'AWS::EC2::NatGateway',
      'AWS::KMS::Key',
      'AWS::Route53::HostedZone',
      'AWS::SSM::Parameter',
    ]);
    expect(services).toEqual({ 'Secrets Manager': 0.4 });
  });

  it.each<[string, Resources]>([
    ['a table with provisioned capacity', { Table: { Type: 'AWS::DynamoDB::Table', Properties: {} } }],
    ['a function that is kept ready', { Fn: { Type: 'AWS::Lambda::Function', Properties: { SnapStart: {} } } }],
    ['pollers that are provisioned', { Queue: QUEUE, Feed: feed({ ProvisionedPollerConfig: {} }) }],
    ['a mapping of what is no queue of the stack', { Feed: feed() }],
    ['a schedule into what is no queue of the stack', { Nightly: schedule('cron(30 3 * * ? *)') }],
    ['a schedule of some days', { Queue: QUEUE, Weekly: schedule('cron(0 3 ? * MON *)') }],
    ['a schedule with steps', { Queue: QUEUE, Often: schedule('cron(0/5 * * * ? *)') }],
    ['a schedule by rate', { Queue: QUEUE, Often: schedule('rate(5 minutes)') }],
  ])('does not know %s', (_, resources) => {
    expect(idle(resources)).toEqual({ services: {}, unpriced: [expect.stringMatching(/^AWS::/)] });
  });
});

test('no events add nothing, and each service is dearer with more of them', () => {
  expect(totalOf(ofEvents(0))).toBe(0);
  const [some, more] = [ofEvents(1_000), ofEvents(2_000)];
  for (const [service, amount] of Object.entries(some)) expect(more[service]).toBeCloseTo(2 * amount, 9);
});

test('secrets, parameters and keys are read once in five minutes, however many events those have', () => {
  const [some, more] = [ofEvents(8_640), ofEvents(1_000_000)];
  for (const service of ['Secrets Manager', 'KMS']) expect(more[service]).toBe(some[service]);
  expect(some['Secrets Manager']).toBeCloseTo(8_640 * 5e-6, 6);
  expect(some.KMS).toBeCloseTo(8_640 * PARAMETERS_AND_TABLES * 3e-6, 6);
});

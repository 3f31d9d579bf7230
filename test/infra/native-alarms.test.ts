import { readdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { idleOf, totalOf } from '../../cli/cost/idle.ts';
import { synthesise } from '../../lib/synthesise.ts';
import { DEMO_ASSEMBLY, demoClient, KNOWN, ofType, type Template, target, templateOf } from './assembly.ts';

const BUNDLES = join(DEMO_ASSEMBLY, 'bundles');
vi.mock(import('../../lib/bundle.ts'), () => ({
  bundleFunctions: vi.fn(async () => new Map(readdirSync(BUNDLES).map((name) => [name, join(BUNDLES, name)]))),
}));

let outdir: string;
let template: Template;
beforeAll(async () => {
  outdir = await mkdtemp(join(tmpdir(), 'ezw-native-'));
  const demo = demoClient();
  await synthesise([{ ...demo, name: 'loud', alarms: { native: true } }], outdir, KNOWN);
  template = templateOf(outdir, 'loud');
});
afterAll(() => rm(outdir, { recursive: true, force: true }));

const alarms = () => ofType(template, 'AWS::CloudWatch::Alarm').map(([, { Properties }]) => Properties);

test('a client has no alarms of CloudWatch unless its file asks for them: they cost', () => {
  expect(ofType(templateOf(DEMO_ASSEMBLY, 'demo'), 'AWS::CloudWatch::Alarm')).toEqual([]);
  expect(alarms()).toHaveLength(2);
});

test('one goes off at the second 5xx within an hour, and a quiet door is no trouble', () => {
  const doors = alarms().filter(({ MetricName }) => MetricName === '5xx');
  const [api] = ofType(template, 'AWS::ApiGatewayV2::Api')[0] ?? [];
  expect(doors).toEqual([
    expect.objectContaining({
      Namespace: 'AWS/ApiGateway',
      Dimensions: [{ Name: 'ApiId', Value: { Ref: api } }],
      ComparisonOperator: 'GreaterThanOrEqualToThreshold',
      Statistic: 'Sum',
      Period: 3600,
      EvaluationPeriods: 1,
      Threshold: 2,
      TreatMissingData: 'notBreaching',
    }),
  ]);
});

test('one goes off at the first dead letter, in whichever queue, and stays until they are gone', () => {
  const [found] = alarms().filter(({ Metrics }) => Metrics !== undefined);
  expect(found).toMatchObject({
    ComparisonOperator: 'GreaterThanOrEqualToThreshold',
    Threshold: 1,
    EvaluationPeriods: 1,
    TreatMissingData: 'ignore',
  });
  interface Stat {
    readonly Metric: { readonly MetricName: string; readonly Dimensions: readonly { readonly Value: unknown }[] };
    readonly Stat: string;
  }
  const [sum, ...metrics] = (found?.Metrics ?? []) as readonly { Expression?: string; MetricStat?: Stat }[];
  expect(sum?.Expression).toBe('SUM(METRICS())');
  const stats = metrics.flatMap(({ MetricStat }) => MetricStat ?? []);
  const kinds = new Set(stats.map(({ Metric, Stat }) => `${Stat} of ${Metric.MetricName}`));
  expect([...kinds]).toEqual(['Maximum of ApproximateNumberOfMessagesVisible']);
  const named = ofType(template, 'AWS::SQS::Queue').filter(([, { Metadata }]) =>
    String(Metadata?.['ezw:name']).endsWith('-dlq'),
  );
  const queues = stats.map(({ Metric }) => target(Metric.Dimensions[0]?.Value));
  expect(queues.sort()).toEqual(named.map(([id]) => id).sort());
  // As many as one alarm takes.
  expect(queues.length).toBeLessThanOrEqual(10);
});

test('both tell the topic that every operator hears, of this account and region, at their end too', () => {
  for (const { AlarmActions, OKActions, AlarmDescription } of alarms()) {
    expect(JSON.stringify(AlarmActions)).toContain(':Ezw-watch-alarms"');
    expect(OKActions).toEqual(AlarmActions);
    expect(AlarmDescription).toMatch(/npx ezw \w+( list)? loud/);
  }
});

test('they are counted: ten cents for each metric', () => {
  const { services, unpriced } = idleOf(template);
  const letters = ofType(template, 'AWS::SQS::Queue').filter(([, { Metadata }]) =>
    String(Metadata?.['ezw:name']).endsWith('-dlq'),
  );
  expect(services.CloudWatch).toBeCloseTo(0.1 * (letters.length + 1));
  expect(unpriced).toEqual([]);
  expect(totalOf(services)).toBeGreaterThan(0.5);
});

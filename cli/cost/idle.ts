import { DAYS, LOOK, MEMORY, PRICES, START } from './prices.ts';

/** Dollars a month by service. */
export type Bill = Readonly<Record<string, number>>;

type Properties = Readonly<Record<string, unknown>>;

/** Of a synthesised CloudFormation template, what is counted. */
export interface Template {
  readonly Resources: Readonly<Record<string, { readonly Type: string; readonly Properties?: Properties }>>;
}

/** What a stack costs without any event. */
export interface Idle {
  readonly services: Bill;
  /** Types of which it is not known what they cost so, or not as they are set here. */
  readonly unpriced: readonly string[];
}

/** What a resource costs; undefined where that is not known. */
type Rule = (properties: Properties, queueOf: (arn: unknown) => Properties | undefined) => Bill | undefined;

/** Lambda waits for a message for 20 s at most, around the clock. */
const POLLS_A_MONTH = 3 * 60 * 24 * DAYS;

const callPrice = ({ FifoQueue }: Properties): number => (FifoQueue === true ? PRICES.sqsFifoCall : PRICES.sqsCall);

/**
 * "When traffic is low, Lambda scales back the processing to five concurrent batches, and can optimize to as few as 2 […]. However, this optimization
 * is not available when you enable the maximum concurrency setting." Said of standard queues; of FIFO queues nothing is promised, so they count as five:
 * https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html
 */
const pollers = (queue: Properties, scaling: unknown): number =>
  queue.FifoQueue === true || (scaling as Properties | undefined)?.MaximumConcurrency !== undefined ? 5 : 2;

const feed: Rule = ({ Enabled, EventSourceArn, ScalingConfig, ProvisionedPollerConfig }, queueOf) => {
  const queue = queueOf(EventSourceArn);
  if (queue === undefined || ProvisionedPollerConfig !== undefined) return undefined;
  return Enabled === false ? {} : { SQS: pollers(queue, ScalingConfig) * POLLS_A_MONTH * callPrice(queue) };
};

/** How many values of so many a field of a cron expression names. */
const named = (field: string, all: number): number | undefined => {
  if (field === '*') return all;
  return /^\d+(,\d+)*$/.test(field) ? field.split(',').length : undefined;
};

/** How often a month a schedule of every day rings; undefined of others. */
const ringsOf = (expression: unknown): number | undefined => {
  const [, minutes = '', hours = ''] = /^cron\((\S+) (\S+) \* \* \? \*\)$/.exec(`${expression}`) ?? [];
  const [inHour, inDay] = [named(minutes, 60), named(hours, 24)];
  return inHour && inDay && inHour * inDay * DAYS;
};

/** It rings into a queue: sent, received, deleted, and a function started for it, which works for a second. */
const schedule: Rule = ({ State, ScheduleExpression, Target }, queueOf) => {
  const rings = ringsOf(ScheduleExpression);
  const queue = queueOf((Target as Properties | undefined)?.Arn);
  if (rings === undefined || queue === undefined) return undefined;
  if (State === 'DISABLED') return {};
  return {
    'EventBridge Scheduler': rings * PRICES.schedulerRing,
    SQS: rings * 3 * callPrice(queue),
    Lambda: rings * (PRICES.lambdaRequest + MEMORY * (START + 1) * PRICES.lambdaGbSecond),
  };
};

const secret: Rule = ({ ReplicaRegions = [] }) => ({
  'Secrets Manager': (1 + (ReplicaRegions as readonly unknown[]).length) * PRICES.secretMonth,
});

/** It calls the watcher, which looks at clients for a while. */
const rule: Rule = ({ ScheduleExpression }) => {
  const [, minutes] = /^rate\((\d+) minutes\)$/.exec(`${ScheduleExpression}`) ?? [];
  if (minutes === undefined) return undefined;
  const looks = (DAYS * 24 * 60) / Number(minutes);
  return { Lambda: looks * (PRICES.lambdaRequest + MEMORY * LOOK * PRICES.lambdaGbSecond) };
};

/** Of one over an expression each metric that goes into it. */
const alarm: Rule = ({ Metrics = [{ MetricStat: {} }] }) => {
  const metrics = (Metrics as readonly Properties[]).filter(({ MetricStat }) => MetricStat !== undefined);
  return { CloudWatch: metrics.length * PRICES.alarmMetric };
};

const dashboard: Rule = () => ({ CloudWatch: PRICES.dashboardMonth });

const free: Rule = () => ({});
const freeIf =
  (is: (properties: Properties) => boolean): Rule =>
  (properties) =>
    is(properties) ? {} : undefined;

/** All types whose price is known. What is not among them may cost something, and never counts as free. */
const RULES: Readonly<Record<string, Rule | undefined>> = {
  'AWS::SecretsManager::Secret': secret,
  'AWS::CloudWatch::Alarm': alarm,
  'AWS::CloudWatch::Dashboard': dashboard,
  'AWS::Events::Rule': rule,
  'AWS::Lambda::EventSourceMapping': feed,
  'AWS::Scheduler::Schedule': schedule,
  // What they hold is paid for, what nobody asks of them is not.
  'AWS::DynamoDB::Table': freeIf(({ BillingMode }) => BillingMode === 'PAY_PER_REQUEST'),
  'AWS::Lambda::Function': freeIf(({ SnapStart }) => SnapStart === undefined),
  'AWS::SQS::Queue': free,
  'AWS::SQS::QueuePolicy': free,
  'AWS::Logs::LogGroup': free,
  'AWS::Lambda::EventInvokeConfig': free,
  'AWS::Lambda::LayerVersion': free,
  'AWS::Lambda::Permission': free,
  'AWS::IAM::Role': free,
  'AWS::ApiGatewayV2::Api': free,
  'AWS::ApiGatewayV2::Integration': free,
  'AWS::ApiGatewayV2::Route': free,
  'AWS::ApiGatewayV2::Stage': free,
  'AWS::Scheduler::ScheduleGroup': free,
  // The first thousand mails a month cost nothing, and nobody reads more.
  'AWS::SNS::Subscription': free,
  'AWS::SNS::Topic': free,
  'AWS::SNS::TopicPolicy': free,
};

/** Adds bills up, service by service. */
export const sumOf = (bills: readonly Bill[]): Bill => {
  const sum: Record<string, number> = {};
  for (const [service, usd] of bills.flatMap(Object.entries<number>)) sum[service] = (sum[service] ?? 0) + usd;
  return sum;
};

export const timesOf = (bill: Bill, times: number): Bill =>
  Object.fromEntries(Object.entries(bill).map(([service, usd]) => [service, usd * times]));

export const totalOf = (bill: Bill): number => Object.values(bill).reduce((sum, usd) => sum + usd, 0);

/** What the stack of a template costs a month without any event, resource by resource. */
export const idleOf = ({ Resources }: Template): Idle => {
  const queueOf = (arn: unknown): Properties | undefined => {
    const [id = ''] = (arn as { readonly 'Fn::GetAtt'?: readonly string[] } | undefined)?.['Fn::GetAtt'] ?? [];
    const found = Resources[id];
    return found?.Type === 'AWS::SQS::Queue' ? (found.Properties ?? {}) : undefined;
  };
  const bills = Object.values(Resources).map(({ Type, Properties = {} }) => ({
    type: Type,
    bill: RULES[Type]?.(Properties, queueOf),
  }));
  return {
    services: sumOf(bills.flatMap(({ bill }) => (bill ? [bill] : []))),
    unpriced: [...new Set(bills.flatMap(({ type, bill }) => (bill ? [] : [type])))].sort(),
  };
};

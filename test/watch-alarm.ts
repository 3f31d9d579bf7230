/** What CloudWatch knows of a function in one period: how often it ran, and how often that failed. Nothing where it did not run. */
export interface Period {
  readonly Invocations?: number;
  readonly Errors?: number;
}

interface Metric {
  readonly Id: string;
  readonly Expression?: string;
  readonly MetricStat?: { readonly Metric: { readonly MetricName: keyof Period }; readonly Stat: string };
  readonly ReturnData?: boolean;
}

const FILLED = /^FILL\((\w+), (\d+)\)$/;

/** The value of a sum or difference of filled metrics; of anything else nothing is known here. */
const sumIn = (expression: string, metrics: readonly Metric[], period: Period): number =>
  expression.split(/ (?=[+-] )/).reduce((sum, term) => {
    const [, sign = '+', rest = ''] = /^(?:([+-]) )?(.*)$/.exec(term) ?? [];
    const [, id, filling] = FILLED.exec(rest) ?? [];
    const name = metrics.find(({ Id }) => Id === id)?.MetricStat?.Metric.MetricName;
    if (name === undefined) throw new Error(`What is ${rest}?`);
    return sum + (sign === '-' ? -1 : 1) * (period[name] ?? Number(filling));
  }, 0);

/**
 * Whether an alarm of a template is on after these periods, the last one last. Of the alarms that there are it evaluates one over an expression of
 * filled metrics, which is below a threshold in all of its periods.
 */
export const isOn = (alarm: Readonly<Record<string, unknown>>, periods: readonly Period[]): boolean => {
  const { ComparisonOperator, DatapointsToAlarm, EvaluationPeriods, Threshold, TreatMissingData } = alarm;
  if (ComparisonOperator !== 'LessThanThreshold' || DatapointsToAlarm !== EvaluationPeriods)
    throw new Error('Such an alarm is not evaluated here.');
  const metrics = alarm.Metrics as readonly Metric[];
  const { Expression = '' } = metrics.find(({ ReturnData }) => ReturnData) ?? {};
  const last = periods.slice(-Number(EvaluationPeriods));
  // An expression of metrics that have nothing at all has nothing either.
  if (periods.every((period) => Object.keys(period).length === 0)) return TreatMissingData === 'breaching';
  return (
    last.length === EvaluationPeriods && last.every((period) => sumIn(Expression, metrics, period) < Number(Threshold))
  );
};

/** Runs of a function as CloudWatch counts them, in periods of so long that end at an instant; all times in milliseconds. */
export const periodsOf = (
  runs: readonly { readonly at: number; readonly ended: string }[],
  until: number,
  periods: number,
  lengthMs: number,
): readonly Period[] =>
  Array.from({ length: periods }, (_, i): Period => {
    const end = until - (periods - 1 - i) * lengthMs;
    const own = runs.filter(({ at }) => at > end - lengthMs && at <= end);
    if (own.length === 0) return {};
    return { Invocations: own.length, Errors: own.filter(({ ended }) => ended !== 'well').length };
  });

import { Duration, Stack } from 'aws-cdk-lib';
import { Alarm, ComparisonOperator, type IMetric, MathExpression, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { Topic } from 'aws-cdk-lib/aws-sns';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { ALARMS_TOPIC } from '../watch-names.ts';
import { ANYWHERE } from './allow.ts';
import type { DoorApi } from './door-api.ts';

/** "Alarms based on metric math expressions can reference a maximum of 10 metrics": https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-limits.html */
const MOST_METRICS = 10;

export interface NativeAlarmsProps {
  readonly client: string;
  readonly door: DoorApi;
  readonly deadLetters: readonly Queue[];
}

interface Condition {
  readonly says: string;
  readonly metric: IMetric;
  readonly threshold: number;
  readonly missing: TreatMissingData;
}

/** CloudWatch's own alarms on a client, beside the watcher and without it. Each of their metrics is billed, so a client file asks for them. */
export class NativeAlarms extends Construct {
  constructor(scope: Construct, id: string, { client, door, deadLetters }: NativeAlarmsProps) {
    super(scope, id);
    // Of another stack, by its name: what is deployed first does not matter.
    const topic = Topic.fromTopicArn(
      this,
      'Topic',
      Stack.of(this).formatArn({ ...ANYWHERE, service: 'sns', resource: ALARMS_TOPIC }),
    );
    const tell = (name: string, { says, metric, threshold, missing }: Condition): void => {
      const alarm = new Alarm(this, name, {
        alarmDescription: says,
        metric,
        threshold,
        comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
        evaluationPeriods: 1,
        treatMissingData: missing,
      });
      alarm.addAlarmAction(new SnsAction(topic));
      alarm.addOkAction(new SnsAction(topic));
    };

    tell('Doors', {
      says: `Doors of ${client} answered 5xx, and not only once in an hour: what came must be sent again by whoever sent it, and some do not for long. Run "npx ezw doctor ${client}".`,
      // One alone is mended by the vendor's next try; the second within an hour is that try, or another event.
      metric: door.serverErrors(Duration.hours(1)),
      threshold: 2,
      missing: TreatMissingData.NOT_BREACHING,
    });
    for (let from = 0; from < deadLetters.length; from += MOST_METRICS) {
      const some = deadLetters.slice(from, from + MOST_METRICS);
      tell(`DeadLetters${from === 0 ? '' : from / MOST_METRICS + 1}`, {
        says: `${client} has dead letters: what they say was not done. Run "npx ezw dlq list ${client}".`,
        metric: new MathExpression({
          label: 'Dead letters',
          expression: 'SUM(METRICS())',
          // Those in flight are left out: whoever looks at letters hides them for a moment, and the count of these is known to show some that are gone.
          usingMetrics: Object.fromEntries(
            some.map((queue, i) => [
              `queue${i}`,
              queue.metricApproximateNumberOfMessagesVisible({ statistic: 'Maximum', period: Duration.minutes(5) }),
            ]),
          ),
          period: Duration.minutes(5),
        }),
        threshold: 1,
        // A queue that nothing happened to for six hours tells nothing: what was wrong still is.
        missing: TreatMissingData.IGNORE,
      });
    }
  }
}

import { ArnFormat, CfnOutput, Duration, RemovalPolicy, Stack, Validations } from 'aws-cdk-lib';
import { Alarm, CfnDashboard, ComparisonOperator, MathExpression, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { AttributeType, BillingMode, Table, TableEncryption } from 'aws-cdk-lib/aws-dynamodb';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction as Call } from 'aws-cdk-lib/aws-events-targets';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { SubscriptionFilter, Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import type { Construct } from 'constructs';
import type { Client } from './client.ts';
import { ANYWHERE, allow } from './constructs/allow.ts';
import { named } from './constructs/named.ts';
import { RuntimeFunction } from './constructs/runtime-function.ts';
import { dashboardBody } from './dashboard.ts';
import { ALARMS_TOPIC, CLIENT_ATTRIBUTE, listenersOf, OF_ALL, TOLD_TOPIC, WATCH_STACK } from './watch-names.ts';

export interface WatchStackProps {
  /** All of one account and region. */
  readonly clients: readonly Client[];
  /** Folder with the bundle of the watcher. */
  readonly code: string;
  /** Where it is deployed; nowhere yet without it. */
  readonly env?: { readonly account: string; readonly region: string } | undefined;
  /** With the dashboard, which costs by the month. */
  readonly hasDashboard?: boolean;
}

/** How often it looks. */
const EVERY = Duration.minutes(5);

/** The watcher of all clients of an account and region: it looks at their stacks, changes nothing there, and tells their operators. */
export class WatchStack extends Stack {
  constructor(scope: Construct, id: string, { clients, code, env, hasDashboard = false }: WatchStackProps) {
    super(scope, id, {
      stackName: WATCH_STACK,
      description: 'Watches the EZWhatsApp templates of all clients, and tells their operators',
      ...(env && { env }),
    });
    const told = this.topic('Told', TOLD_TOPIC);
    const alarms = this.topic('Alarms', ALARMS_TOPIC);
    // The account in a condition: the service acts for many.
    alarms.addToResourcePolicy(
      new PolicyStatement({
        principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
        actions: ['sns:Publish'],
        resources: [alarms.topicArn],
        conditions: { StringEquals: { 'aws:SourceAccount': ANYWHERE.account } },
      }),
    );
    for (const { email, only } of listenersOf(clients)) {
      told.addSubscription(
        new EmailSubscription(email, {
          ...(only && {
            filterPolicy: { [CLIENT_ATTRIBUTE]: SubscriptionFilter.stringFilter({ allowlist: [...only, OF_ALL] }) },
          }),
        }),
      );
      alarms.addSubscription(new EmailSubscription(email));
    }

    const table = this.memory();
    const watcher = new RuntimeFunction(this, 'Watcher', {
      name: 'watcher',
      description: 'Looks at the stacks of all clients, and tells what is wrong',
      code,
      environment: { WATCH_TABLE: table.tableName, WATCH_TOPIC: told.topicArn },
      permissions: [
        ...this.reading(),
        // All that it remembers is a few rows, which it reads whole.
        allow(table.tableArn, 'dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:Scan', 'dynamodb:UpdateItem'),
        allow(told.topicArn, 'sns:Publish'),
      ],
    });
    this.acknowledgeNames(watcher);
    // The next look is as good as another try, and what could not be begun in time is looked at by then.
    watcher.lambda.configureAsyncInvoke({ retryAttempts: 0, maxEventAge: EVERY });
    new Rule(this, 'Clock', {
      description: 'Calls the watcher',
      schedule: Schedule.rate(EVERY),
      targets: [new Call(watcher.lambda, { retryAttempts: 0, maxEventAge: EVERY })],
    });
    const alarm = this.alarm(watcher.lambda);
    alarm.addAlarmAction(new SnsAction(alarms));
    alarm.addOkAction(new SnsAction(alarms));
    if (hasDashboard)
      new CfnDashboard(this, 'Dashboard', {
        // Dashboards are of the account, not of a region: two stacks may not share a name.
        dashboardName: `${WATCH_STACK}-${this.region}`,
        dashboardBody: this.toJsonString(dashboardBody(this.region)),
      });
    new CfnOutput(this, 'TopicArn', { value: told.topicArn });
  }

  /**
   * Not encrypted at rest: alarms of CloudWatch cannot publish to a topic that is encrypted with the key of SNS
   * (https://repost.aws/knowledge-center/cloudwatch-configure-alarm-sns), and a key of one's own bills a dollar a month. What is told names no
   * phone and no text of a message.
   */
  private topic(id: string, topicName: string): Topic {
    return new Topic(this, id, { topicName, enforceSSL: true });
  }

  /** What was told. Whoever loses it is told once more what is still wrong, so it goes with its stack and has no backups. */
  private memory(): Table {
    const table = new Table(this, 'Memory', {
      partitionKey: { name: 'pk', type: AttributeType.STRING },
      billingMode: BillingMode.PAY_PER_REQUEST,
      timeToLiveAttribute: 'expiresAt',
      encryption: TableEncryption.AWS_MANAGED,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    Validations.of(table).acknowledge({
      id: 'AwsSolutions-DDB3',
      reason: 'It holds what was told; whoever loses it is told once more what is still wrong.',
    });
    return named(table, 'watch');
  }

  /** What it may look at: by names, for it is to know the stacks of clients that come after it. It may change none of it. */
  private reading(): readonly PolicyStatement[] {
    const ofClients = (service: string, resource: string, resourceName: string, arnFormat: ArnFormat): string =>
      this.formatArn({ ...ANYWHERE, service, resource, resourceName, arnFormat });
    const slashed = ArnFormat.SLASH_RESOURCE_NAME;
    const colons = ArnFormat.COLON_RESOURCE_NAME;
    const tables = ofClients('dynamodb', 'table', 'Ezw-*', slashed);
    return [
      // Which stacks there are: names and states alone, which is of no one resource. By "DescribeStacks" without a name it could read the outputs and
      // parameters of every stack of the account: https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeStacks.html
      allow('*', 'cloudformation:ListStacks'),
      // The outputs and the protection of a client's stack, its client file, and which resources it has.
      allow(
        ofClients('cloudformation', 'stack', 'Ezw-*', slashed),
        'cloudformation:DescribeStacks',
        'cloudformation:GetTemplate',
        'cloudformation:ListStackResources',
      ),
      // The rows of what waits, failed, was told; and whether the table is protected. No scan: that is every row of every client, every five minutes.
      allow(tables, 'dynamodb:DescribeTable', 'dynamodb:GetItem', 'dynamodb:Query'),
      allow(`${tables}/index/*`, 'dynamodb:Query'),
      // How many dead letters, how many wait.
      allow(this.formatArn({ ...ANYWHERE, service: 'sqs', resource: 'Ezw-*' }), 'sqs:GetQueueAttributes'),
      // Whether values are there that the functions read, and not only placeholders.
      allow(ofClients('ssm', 'parameter', 'ezw/*', slashed), 'ssm:GetParameter', 'ssm:GetParameters'),
      // The token of a line, to ask how the line is.
      allow(ofClients('secretsmanager', 'secret', 'ezw/*', colons), 'secretsmanager:GetSecretValue'),
    ];
  }

  private acknowledgeNames(watcher: RuntimeFunction): void {
    const own = 'arn:<AWS::Partition>';
    const here = '<AWS::Region>:<AWS::AccountId>';
    for (const resource of [
      '*',
      `${own}:cloudformation:${here}:stack/Ezw-*`,
      `${own}:dynamodb:${here}:table/Ezw-*`,
      `${own}:dynamodb:${here}:table/Ezw-*/index/*`,
      `${own}:sqs:${here}:Ezw-*`,
      `${own}:ssm:${here}:parameter/ezw/*`,
      `${own}:secretsmanager:${here}:secret:ezw/*`,
    ])
      Validations.of(watcher).acknowledge({
        id: `AwsSolutions-IAM5[Resource::${resource}]`,
        reason: 'It reads what is of any client of the account, those that are still to come too, and changes nothing.',
      });
  }

  /** Goes off when of three looks in a row none ended well: not called, failed, or not through in time. What is missing counts as not called. */
  private alarm(watcher: IFunction): Alarm {
    const sum = { period: EVERY, statistic: 'Sum' };
    return new Alarm(this, 'IsBlind', {
      alarmDescription:
        'The watcher of the EZWhatsApp templates did not look at the clients for 15 minutes, so nobody is told what is wrong. Run "npx ezw doctor --all" to see how the clients are, and look at the log of the function "watcher" of the stack Ezw-watch for why it does not run.',
      metric: new MathExpression({
        label: 'Looks that ended well',
        expression: 'FILL(runs, 0) - FILL(errors, 0)',
        usingMetrics: { runs: watcher.metricInvocations(sum), errors: watcher.metricErrors(sum) },
        period: EVERY,
      }),
      threshold: 1,
      comparisonOperator: ComparisonOperator.LESS_THAN_THRESHOLD,
      evaluationPeriods: 3,
      datapointsToAlarm: 3,
      treatMissingData: TreatMissingData.BREACHING,
    });
  }
}

/** Where a call is made. */
export type Place =
  | 'anywhere'
  | 'bootstrap'
  | 'feed'
  | 'identity'
  | 'index'
  | 'log group'
  | 'parameter'
  | 'queue'
  | 'role of the CDK'
  | 'secret'
  | 'stack'
  | 'table'
  | 'topic';

/** What one who runs `npx ezw` calls. */
export interface OperatorCall {
  /** The SDK's command; or what is typed beside `npx ezw`, as the pages have it. */
  readonly by: string;
  readonly action: string;
  readonly on: readonly Place[];
}

const call = (by: string, action: string, ...on: Place[]): OperatorCall => ({ by, action, on });

/** One line for each command that something below cli/ sends to AWS, and for what is typed by hand. */
export const OPERATOR_CALLS: readonly OperatorCall[] = [
  call('npx cdk', 'sts:AssumeRole', 'role of the CDK'),

  call('DescribeStacksCommand', 'cloudformation:DescribeStacks', 'stack'),
  call('GetTemplateCommand', 'cloudformation:GetTemplate', 'stack'),
  call('ListStackResourcesCommand', 'cloudformation:ListStackResources', 'stack'),
  call('UpdateTerminationProtectionCommand', 'cloudformation:UpdateTerminationProtection', 'stack'),
  call('aws cloudformation describe-stacks', 'cloudformation:DescribeStacks', 'stack'),
  call('aws cloudformation describe-stack-resource', 'cloudformation:DescribeStackResource', 'stack'),
  call('aws cloudformation describe-stack-events', 'cloudformation:DescribeStackEvents', 'stack'),
  // By the role that the stack was deployed with, which nobody need be allowed to pass: https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_ContinueUpdateRollback.html
  call('aws cloudformation continue-update-rollback', 'cloudformation:ContinueUpdateRollback', 'stack'),

  call('ListTablesCommand', 'dynamodb:ListTables', 'anywhere'),
  call('DescribeTableCommand', 'dynamodb:DescribeTable', 'table'),
  call('GetItemCommand', 'dynamodb:GetItem', 'table'),
  call('PutItemCommand', 'dynamodb:PutItem', 'table'),
  call('QueryCommand', 'dynamodb:Query', 'index'),
  call('ScanCommand', 'dynamodb:Scan', 'table'),
  call('UpdateItemCommand', 'dynamodb:UpdateItem', 'table'),
  call('UpdateTableCommand', 'dynamodb:UpdateTable', 'table'),

  call('ChangeMessageVisibilityCommand', 'sqs:ChangeMessageVisibility', 'queue'),
  call('DeleteMessageCommand', 'sqs:DeleteMessage', 'queue'),
  call('GetQueueAttributesCommand', 'sqs:GetQueueAttributes', 'queue'),
  call('ReceiveMessageCommand', 'sqs:ReceiveMessage', 'queue'),
  call('SendMessageCommand', 'sqs:SendMessage', 'queue'),

  call('DescribeSecretCommand', 'secretsmanager:DescribeSecret', 'secret'),
  call('GetSecretValueCommand', 'secretsmanager:GetSecretValue', 'secret'),
  call('PutSecretValueCommand', 'secretsmanager:PutSecretValue', 'secret'),

  call('ListSubscriptionsByTopicCommand', 'sns:ListSubscriptionsByTopic', 'topic'),
  // SNS knows no subscriptions as resources: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsns.html
  call('GetSubscriptionAttributesCommand', 'sns:GetSubscriptionAttributes', 'anywhere'),

  call('GetParameterCommand', 'ssm:GetParameter', 'parameter', 'bootstrap'),
  call('PutParameterCommand', 'ssm:PutParameter', 'parameter'),
  call('aws ssm get-parameter', 'ssm:GetParameter', 'parameter'),
  call('aws ssm delete-parameter', 'ssm:DeleteParameter', 'parameter'),

  call('StartQueryCommand', 'logs:StartQuery', 'log group'),
  call('GetQueryResultsCommand', 'logs:GetQueryResults', 'anywhere'),

  call('GetAccountSettingsCommand', 'lambda:GetAccountSettings', 'anywhere'),
  call('GetAccountCommand', 'ses:GetAccount', 'anywhere'),
  call('GetEmailIdentityCommand', 'ses:GetEmailIdentity', 'identity'),
  call('aws sesv2 get-email-identity', 'ses:GetEmailIdentity', 'identity'),

  call('aws sns confirm-subscription', 'sns:ConfirmSubscription', 'topic'),
  call('aws dynamodb describe-table', 'dynamodb:DescribeTable', 'table'),
  call('aws dynamodb list-tables', 'dynamodb:ListTables', 'anywhere'),
  call('aws dynamodb update-table', 'dynamodb:UpdateTable', 'table'),
  call('aws lambda list-event-source-mappings', 'lambda:ListEventSourceMappings', 'anywhere'),
  call('aws lambda update-event-source-mapping', 'lambda:UpdateEventSourceMapping', 'feed'),
];

/** What nobody must be allowed: AWS answers everybody who they are. */
export const FREE = ['GetCallerIdentityCommand'];

/** What is loaded with the rest and sent by functions, or to the stack of `npm start`, alone. */
export const NOT_THE_OPERATORS = [
  'ChangeMessageVisibilityBatchCommand',
  'CreateTableCommand',
  'DeleteItemCommand',
  'SendEmailCommand',
  'SendMessageBatchCommand',
];

/** What is typed to log in, and to see as whom: it asks for no permission of ours. */
export const LOG_IN = /^aws (?:configure|login|sso login|sts get-caller-identity)\b/;

/** What the pages and the hints of the command have an administrator type, who deploys by no policy of ours. */
export const ADMINISTRATORS = [
  'aws account enable-region',
  'aws account get-region-opt-status',
  'aws budgets create-budget',
  'aws ce get-cost-and-usage',
  'aws ce start-cost-allocation-tag-backfill',
  'aws ce update-cost-allocation-tags-status',
  'aws cloudformation delete-stack',
  'aws dynamodb delete-table',
  'aws iam attach-group-policy',
  'aws iam create-policy',
  'aws iam create-policy-version',
  'aws iam create-service-linked-role',
  'aws logs delete-log-group',
  'aws secretsmanager delete-secret',
  'aws secretsmanager restore-secret',
  'aws service-quotas request-service-quota-increase',
  'aws sesv2 create-email-identity',
];

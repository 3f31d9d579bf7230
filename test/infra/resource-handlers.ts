/** What CloudFormation asks of the role that it works with, for one type of resource. */
export interface Handlers {
  /** What its schema in the CloudFormation registry names, by handler. */
  readonly create: readonly string[];
  readonly read: readonly string[];
  readonly update: readonly string[];
  readonly delete: readonly string[];
  /** What it needs beside them, by the page that says so. */
  readonly beside: Readonly<Record<string, readonly string[]>>;
  /** What is named there for what no resource of ours has, and why: not granted. A `*` at the end stands for any. */
  readonly spared: Readonly<Record<string, string>>;
}

/** `of('sqs', 'CreateQueue TagQueue')` → `['sqs:CreateQueue', 'sqs:TagQueue']` */
const of = (service: string, names: string): string[] => names.split(' ').map((name) => `${service}:${name}`);

const OWN_KEYS = 'every key is one of AWS’s own, whose policy lets its account use it';
const LATER = 'read by handlers that are newer than this copy, as policies of others have it';
const LOGGING = 'https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-logging.html';
const FROM_S3 = 'no OpenAPI document is read from S3';
const NO_MANAGED = 'roles have policies of their own alone, and no boundary';

const NONE = { beside: {}, spared: {} } as const;
const ROUTED = {
  create: of('apigateway', 'POST'),
  read: of('apigateway', 'GET'),
  update: of('apigateway', 'PATCH GET PUT'),
  delete: of('apigateway', 'GET DELETE'),
  ...NONE,
};

/**
 * By type of the template. Copied in November 2026 from the resource schemas ("handlers") in
 * https://github.com/pulumi/pulumi-aws-native/tree/master/aws-cloudformation-schema; those of today are shown by
 * `aws cloudformation describe-type --type RESOURCE --type-name AWS::SQS::Queue`.
 */
export const HANDLERS: Readonly<Record<string, Handlers>> = {
  'AWS::ApiGatewayV2::Api': {
    create: [...of('apigateway', 'POST PUT'), 's3:getObject'],
    read: [...of('apigateway', 'GET'), 's3:getObject'],
    update: [...of('apigateway', 'PATCH GET PUT POST DELETE'), 's3:getObject'],
    delete: [...of('apigateway', 'GET DELETE'), 's3:getObject'],
    beside: {},
    spared: { 's3:*': FROM_S3 },
  },
  'AWS::ApiGatewayV2::Integration': ROUTED,
  'AWS::ApiGatewayV2::Route': ROUTED,
  'AWS::ApiGatewayV2::Stage': {
    create: of('apigateway', 'POST TagResource'),
    read: of('apigateway', 'GET'),
    update: of('apigateway', 'PATCH POST DELETE'),
    delete: of('apigateway', 'DELETE'),
    beside: {
      [LOGGING]: of(
        'logs',
        'DescribeLogGroups CreateLogDelivery PutResourcePolicy UpdateLogDelivery DeleteLogDelivery DescribeResourcePolicies GetLogDelivery ListLogDeliveries',
      ),
    },
    spared: {},
  },
  'AWS::CloudWatch::Alarm': {
    create: of('cloudwatch', 'PutMetricAlarm DescribeAlarms TagResource'),
    read: of('cloudwatch', 'DescribeAlarms ListTagsForResource'),
    update: of('cloudwatch', 'PutMetricAlarm DescribeAlarms TagResource UntagResource'),
    delete: of('cloudwatch', 'DeleteAlarms DescribeAlarms'),
    ...NONE,
  },
  'AWS::CloudWatch::Dashboard': {
    create: of('cloudwatch', 'GetDashboard PutDashboard'),
    read: of('cloudwatch', 'GetDashboard'),
    update: of('cloudwatch', 'GetDashboard PutDashboard'),
    delete: of('cloudwatch', 'GetDashboard DeleteDashboards'),
    ...NONE,
  },
  'AWS::DynamoDB::Table': {
    create: [
      ...of(
        'dynamodb',
        'CreateTable DescribeImport DescribeTable DescribeTimeToLive UpdateTimeToLive UpdateContributorInsights UpdateContinuousBackups DescribeContinuousBackups DescribeContributorInsights EnableKinesisStreamingDestination DisableKinesisStreamingDestination DescribeKinesisStreamingDestination ImportTable ListTagsOfResource TagResource UpdateTable GetResourcePolicy PutResourcePolicy',
      ),
      ...of('kinesis', 'DescribeStream PutRecords'),
      'iam:CreateServiceLinkedRole',
      ...of('kms', 'CreateGrant Decrypt DescribeKey ListAliases Encrypt RevokeGrant'),
      ...of(
        'logs',
        'CreateLogGroup CreateLogStream DescribeLogGroups DescribeLogStreams PutLogEvents PutRetentionPolicy',
      ),
      ...of('s3', 'GetObject GetObjectMetadata ListBucket'),
    ],
    read: of(
      'dynamodb',
      'DescribeTable DescribeContinuousBackups DescribeContributorInsights DescribeKinesisStreamingDestination ListTagsOfResource GetResourcePolicy',
    ),
    update: [
      ...of(
        'dynamodb',
        'UpdateTable DescribeTable DescribeTimeToLive UpdateTimeToLive UpdateContinuousBackups UpdateContributorInsights UpdateKinesisStreamingDestination DescribeContinuousBackups DescribeKinesisStreamingDestination ListTagsOfResource TagResource UntagResource DescribeContributorInsights EnableKinesisStreamingDestination DisableKinesisStreamingDestination GetResourcePolicy PutResourcePolicy DeleteResourcePolicy',
      ),
      ...of('kinesis', 'DescribeStream PutRecords'),
      'iam:CreateServiceLinkedRole',
      ...of('kms', 'CreateGrant DescribeKey ListAliases RevokeGrant'),
    ],
    delete: of('dynamodb', 'DeleteTable DescribeTable'),
    beside: {},
    spared: {
      'kms:*': OWN_KEYS,
      'kinesis:*': 'no table has a stream',
      'dynamodb:EnableKinesisStreamingDestination': 'no table has a stream',
      'dynamodb:DisableKinesisStreamingDestination': 'no table has a stream',
      'dynamodb:UpdateKinesisStreamingDestination': 'no table has a stream',
      'iam:CreateServiceLinkedRole': 'for replicas, insights and capacity that scales: there are none',
      'dynamodb:UpdateContributorInsights': 'no table asks for them',
      'dynamodb:PutResourcePolicy': 'no table has a policy of its own',
      'dynamodb:DeleteResourcePolicy': 'no table has a policy of its own',
      'dynamodb:ImportTable': 'no table is filled from S3',
      'dynamodb:DescribeImport': 'no table is filled from S3',
      's3:*': 'no table is filled from S3',
      'logs:*': 'the log of such an import',
    },
  },
  // The schema of that copy names nothing: what its operations are (https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_Operations.html).
  'AWS::Events::Rule': {
    create: [...of('events', 'DescribeRule PutRule PutTargets TagResource'), 'iam:PassRole'],
    read: of('events', 'DescribeRule ListTargetsByRule ListTagsForResource'),
    update: [
      ...of('events', 'DescribeRule PutRule PutTargets RemoveTargets TagResource UntagResource'),
      'iam:PassRole',
    ],
    delete: of('events', 'DescribeRule DeleteRule ListTargetsByRule RemoveTargets'),
    beside: {},
    spared: { 'iam:PassRole': 'the function says itself that the rule may call it' },
  },
  'AWS::IAM::Role': {
    create: of(
      'iam',
      'CreateRole PutRolePolicy AttachRolePolicy GetRole ListAttachedRolePolicies ListRolePolicies GetRolePolicy',
    ),
    read: of('iam', 'GetRole ListAttachedRolePolicies ListRolePolicies GetRolePolicy'),
    update: of(
      'iam',
      'UpdateRole UpdateRoleDescription UpdateAssumeRolePolicy DetachRolePolicy AttachRolePolicy DeleteRolePermissionsBoundary PutRolePermissionsBoundary DeleteRolePolicy PutRolePolicy TagRole UntagRole GetRole ListAttachedRolePolicies ListRolePolicies GetRolePolicy',
    ),
    delete: of('iam', 'DeleteRole DetachRolePolicy DeleteRolePolicy GetRole ListAttachedRolePolicies ListRolePolicies'),
    beside: {},
    spared: {
      'iam:AttachRolePolicy': NO_MANAGED,
      'iam:DetachRolePolicy': NO_MANAGED,
      'iam:DeleteRolePermissionsBoundary': NO_MANAGED,
      'iam:PutRolePermissionsBoundary': NO_MANAGED,
    },
  },
  'AWS::Lambda::EventInvokeConfig': {
    create: of('lambda', 'PutFunctionEventInvokeConfig'),
    read: of('lambda', 'GetFunctionEventInvokeConfig'),
    update: of('lambda', 'UpdateFunctionEventInvokeConfig'),
    delete: of('lambda', 'DeleteFunctionEventInvokeConfig'),
    ...NONE,
  },
  'AWS::Lambda::EventSourceMapping': {
    create: [
      ...of('lambda', 'CreateEventSourceMapping GetEventSourceMapping TagResource'),
      ...of('kms', 'DescribeKey GenerateDataKey Decrypt'),
    ],
    read: [...of('lambda', 'GetEventSourceMapping ListTags'), 'kms:Decrypt'],
    update: [
      ...of('lambda', 'UpdateEventSourceMapping GetEventSourceMapping ListTags TagResource UntagResource'),
      ...of('kms', 'DescribeKey GenerateDataKey Decrypt'),
    ],
    delete: [...of('lambda', 'DeleteEventSourceMapping GetEventSourceMapping'), 'kms:Decrypt'],
    beside: {},
    spared: { 'kms:*': OWN_KEYS },
  },
  'AWS::Lambda::Function': {
    create: [
      ...of(
        'lambda',
        'CreateFunction GetFunction PutFunctionConcurrency GetCodeSigningConfig GetFunctionCodeSigningConfig GetLayerVersion GetRuntimeManagementConfig PutRuntimeManagementConfig TagResource',
      ),
      'iam:PassRole',
      ...of('s3', 'GetObject GetObjectVersion'),
      ...of('ec2', 'DescribeSecurityGroups DescribeSubnets DescribeVpcs'),
      'elasticfilesystem:DescribeMountTargets',
      ...of('kms', 'CreateGrant Decrypt Encrypt GenerateDataKey'),
    ],
    read: of('lambda', 'GetFunction GetFunctionCodeSigningConfig'),
    update: [
      ...of(
        'lambda',
        'DeleteFunctionConcurrency GetFunction PutFunctionConcurrency ListTags TagResource UntagResource UpdateFunctionConfiguration UpdateFunctionCode GetRuntimeManagementConfig PutRuntimeManagementConfig PutFunctionCodeSigningConfig DeleteFunctionCodeSigningConfig GetCodeSigningConfig GetFunctionCodeSigningConfig',
      ),
      'iam:PassRole',
      ...of('s3', 'GetObject GetObjectVersion'),
      ...of('ec2', 'DescribeSecurityGroups DescribeSubnets DescribeVpcs'),
      'elasticfilesystem:DescribeMountTargets',
      ...of('kms', 'CreateGrant Decrypt GenerateDataKey'),
    ],
    delete: [...of('lambda', 'DeleteFunction GetFunction'), 'ec2:DescribeNetworkInterfaces'],
    beside: { [LATER]: of('lambda', 'GetFunctionRecursionConfig') },
    spared: {
      'kms:*': OWN_KEYS,
      'ec2:*': 'no function is in a network of ours',
      'elasticfilesystem:*': 'no function has a file system',
      's3:GetObjectVersion': 'the CDK names no versions of its archives',
      'lambda:PutFunctionConcurrency': 'no function has capacity set aside',
      'lambda:DeleteFunctionConcurrency': 'no function has capacity set aside',
      'lambda:PutRuntimeManagementConfig': 'AWS looks after the runtime',
      'lambda:GetCodeSigningConfig': 'no archive is signed',
      'lambda:PutFunctionCodeSigningConfig': 'no archive is signed',
      'lambda:DeleteFunctionCodeSigningConfig': 'no archive is signed',
    },
  },
  'AWS::Lambda::LayerVersion': {
    create: [...of('lambda', 'PublishLayerVersion'), ...of('s3', 'GetObject GetObjectVersion')],
    read: of('lambda', 'GetLayerVersion'),
    update: [],
    delete: of('lambda', 'GetLayerVersion DeleteLayerVersion'),
    beside: {},
    spared: { 's3:GetObjectVersion': 'the CDK names no versions of its archives' },
  },
  'AWS::Lambda::Permission': {
    create: of('lambda', 'AddPermission'),
    read: of('lambda', 'GetPolicy'),
    update: [],
    delete: of('lambda', 'RemovePermission'),
    ...NONE,
  },
  'AWS::Logs::LogGroup': {
    create: [
      ...of(
        'logs',
        'DescribeLogGroups CreateLogGroup PutRetentionPolicy TagResource GetDataProtectionPolicy PutDataProtectionPolicy CreateLogDelivery PutResourcePolicy DescribeResourcePolicies',
      ),
      's3:REST.PUT.OBJECT',
      'firehose:TagDeliveryStream',
    ],
    read: of('logs', 'DescribeLogGroups ListTagsForResource GetDataProtectionPolicy'),
    update: [
      ...of(
        'logs',
        'DescribeLogGroups AssociateKmsKey DisassociateKmsKey PutRetentionPolicy DeleteRetentionPolicy TagResource UntagResource GetDataProtectionPolicy PutDataProtectionPolicy CreateLogDelivery',
      ),
      's3:REST.PUT.OBJECT',
      'firehose:TagDeliveryStream',
    ],
    delete: of('logs', 'DescribeLogGroups DeleteLogGroup DeleteDataProtectionPolicy'),
    beside: { [LATER]: of('logs', 'DescribeIndexPolicies') },
    spared: {
      's3:*': 'logs stay in CloudWatch',
      'firehose:*': 'logs stay in CloudWatch',
      'logs:PutDataProtectionPolicy': 'no group masks: nothing of people is logged',
      'logs:DeleteDataProtectionPolicy': 'no group masks: nothing of people is logged',
      'logs:AssociateKmsKey': OWN_KEYS,
      'logs:DisassociateKmsKey': OWN_KEYS,
      'logs:DeleteRetentionPolicy': 'every group has its days',
    },
  },
  // The schema of that copy names nothing: what its operations are (https://docs.aws.amazon.com/sns/latest/api/API_Operations.html).
  'AWS::SNS::Subscription': {
    create: of('sns', 'Subscribe'),
    read: of('sns', 'GetSubscriptionAttributes'),
    update: of('sns', 'SetSubscriptionAttributes'),
    delete: of('sns', 'Unsubscribe'),
    ...NONE,
  },
  'AWS::SNS::Topic': {
    create: [
      ...of('sns', 'CreateTopic TagResource Subscribe GetTopicAttributes PutDataProtectionPolicy'),
      ...of('iam', 'GetRole PassRole'),
    ],
    read: of('sns', 'GetTopicAttributes ListTagsForResource ListSubscriptionsByTopic GetDataProtectionPolicy'),
    update: [
      ...of(
        'sns',
        'SetTopicAttributes TagResource UntagResource Subscribe Unsubscribe GetTopicAttributes ListTagsForResource ListSubscriptionsByTopic GetDataProtectionPolicy PutDataProtectionPolicy',
      ),
      ...of('iam', 'GetRole PassRole'),
    ],
    delete: of('sns', 'GetTopicAttributes DeleteTopic'),
    beside: {},
    spared: {
      'iam:*': 'no topic logs what it delivers, for which it would have a role',
      'sns:PutDataProtectionPolicy': 'no topic has such a policy',
    },
  },
  'AWS::SNS::TopicPolicy': {
    create: of('sns', 'SetTopicAttributes'),
    read: [],
    update: of('sns', 'SetTopicAttributes'),
    delete: of('sns', 'SetTopicAttributes'),
    ...NONE,
  },
  'AWS::SQS::Queue': {
    create: of('sqs', 'CreateQueue GetQueueUrl GetQueueAttributes ListQueueTags TagQueue'),
    read: of('sqs', 'GetQueueAttributes ListQueueTags'),
    update: of('sqs', 'SetQueueAttributes GetQueueAttributes ListQueueTags TagQueue UntagQueue'),
    delete: of('sqs', 'DeleteQueue GetQueueAttributes'),
    ...NONE,
  },
  'AWS::SQS::QueuePolicy': {
    create: of('sqs', 'SetQueueAttributes'),
    read: [],
    update: of('sqs', 'SetQueueAttributes'),
    delete: of('sqs', 'SetQueueAttributes'),
    ...NONE,
  },
  'AWS::Scheduler::Schedule': {
    create: [...of('scheduler', 'CreateSchedule GetSchedule'), 'iam:PassRole'],
    read: of('scheduler', 'GetSchedule'),
    update: [...of('scheduler', 'UpdateSchedule GetSchedule'), 'iam:PassRole'],
    delete: of('scheduler', 'DeleteSchedule GetSchedule'),
    ...NONE,
  },
  'AWS::Scheduler::ScheduleGroup': {
    create: of('scheduler', 'TagResource CreateScheduleGroup GetScheduleGroup ListTagsForResource'),
    read: of('scheduler', 'GetScheduleGroup ListTagsForResource'),
    update: of('scheduler', 'TagResource UntagResource ListTagsForResource GetScheduleGroup'),
    delete: of('scheduler', 'DeleteScheduleGroup GetScheduleGroup DeleteSchedule'),
    ...NONE,
  },
  'AWS::SecretsManager::Secret': {
    create: of('secretsmanager', 'DescribeSecret GetRandomPassword CreateSecret TagResource ReplicateSecretToRegions'),
    read: of('secretsmanager', 'DescribeSecret GetSecretValue'),
    update: of(
      'secretsmanager',
      'UpdateSecret TagResource UntagResource GetRandomPassword GetSecretValue ReplicateSecretToRegions RemoveRegionsFromReplication',
    ),
    delete: of('secretsmanager', 'DeleteSecret DescribeSecret RemoveRegionsFromReplication'),
    beside: {},
    spared: {
      'secretsmanager:ReplicateSecretToRegions': 'no secret is in two regions',
      'secretsmanager:RemoveRegionsFromReplication': 'no secret is in two regions',
    },
  },
};

import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { accountId, region } from '../account.ts';
import { refusedEnvironment } from '../lambda/limits.ts';
import { StartError } from '../start-error.ts';
import type { ResourceType, Workshop } from './resource.ts';

const schema = z.object({
  Code: z.object({ S3Key: z.string() }),
  Handler: z.string(),
  Timeout: z.coerce.number().default(3),
  MemorySize: z.coerce.number().default(128),
  Layers: z.array(z.string()).max(5).default([]),
  LoggingConfig: z.object({ LogGroup: z.string() }).optional(),
  Role: z.string(),
  Environment: z.object({ Variables: z.record(z.string(), z.coerce.string()) }).default({ Variables: {} }),
});

/** The one that looks at clients; nobody waits for it. */
const WATCHER = 'watcher';

/** AWS::Lambda::Function: a pool of child processes that run the synthesised bundle. */
export const lambdaFunction: ResourceType = ({ logicalId, name, properties }, workshop) => {
  const { Code, Handler, Timeout, MemorySize, Layers, Role, LoggingConfig, Environment } = schema.parse(properties);
  const problem = refusedEnvironment(Environment.Variables);
  if (problem !== undefined) throw new StartError(`${logicalId}: ${problem}`);
  const functionName = `${workshop.assembly.stackName}-${logicalId}`;
  const arn = `arn:aws:lambda:${region}:${accountId}:function:${functionName}`;
  const logGroup = LoggingConfig?.LogGroup ?? `/aws/lambda/${functionName}`;
  const folder = workshop.assembly.assetFolder(Code.S3Key);
  const own = Object.entries(Environment.Variables).map(
    ([key, value]) => [key, onDisk(value, Layers, workshop)] as const,
  );
  const environment: Record<string, string> = {
    ...Object.fromEntries(own),
    ...('EZW_BASE_URL' in Environment.Variables ? { EZW_BASE_URL: workshop.ezwUrl } : {}),
    ...(name === WATCHER ? { EZW_LOCAL_URL: workshop.url } : {}),
    ...awsEnvironment(functionName, workshop),
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(MemorySize),
    AWS_LAMBDA_LOG_GROUP_NAME: logGroup,
    LAMBDA_TASK_ROOT: folder,
    _HANDLER: Handler,
  };
  // The code by its key, which is its hash, and of each file of a layer what is in it: their folders are others in each assembly.
  const inLayers = own.map(([key, value]) => [
    key,
    Environment.Variables[key]?.startsWith('/opt/') ? readFileSync(value, 'utf8') : value,
  ]);
  const fingerprint = JSON.stringify([Code.S3Key, Handler, Timeout, MemorySize, inLayers]);
  const { scratch } = workshop;
  const isLazy = name === WATCHER;
  const pool = workshop.newPool(
    { name, arn, folder, timeoutSeconds: Timeout, scratch, environment, isLazy },
    fingerprint,
  );
  workshop.functions.set(arn, { name, pool, timeoutSeconds: Timeout });
  const { AWS_ACCESS_KEY_ID: key = '' } = environment;
  workshop.access.functions.set(key, { name, functionName, arn, roleArn: Role, logGroup });
  return { ref: functionName, attributes: { Arn: arn } };
};

/** What Lambda itself puts into the environment, with endpoints on this machine. */
function awsEnvironment(
  functionName: string,
  { fronts, parameters, queues, sandboxUrl, scheduler, secrets, sns, tables }: Workshop,
): Record<string, string> {
  // A key of its own for each function, made from its name, so that a call shows who made it, and is held against its role.
  const digest = createHash('sha256').update(functionName).digest('hex').toUpperCase();
  return {
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    AWS_ACCESS_KEY_ID: `AKIA${digest.slice(0, 16)}`,
    AWS_SECRET_ACCESS_KEY: digest.slice(16, 56),
    AWS_ENDPOINT_URL_DYNAMODB: fronts?.dynamodb ?? tables.url,
    AWS_ENDPOINT_URL_SCHEDULER: fronts?.scheduler ?? scheduler.url,
    AWS_ENDPOINT_URL_SECRETS_MANAGER: fronts?.secrets ?? secrets.url,
    AWS_ENDPOINT_URL_SESV2: `${sandboxUrl}/notifier/ses`,
    ...(sns && { AWS_ENDPOINT_URL_SNS: sns.url }),
    AWS_ENDPOINT_URL_SQS: fronts?.sqs ?? queues.url,
    AWS_ENDPOINT_URL_SSM: fronts?.ssm ?? parameters.url,
    AWS_LAMBDA_FUNCTION_NAME: functionName,
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_LOG_STREAM_NAME: 'local',
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
    TZ: ':UTC',
  };
}

/** Layers are under /opt in Lambda; here each has a folder of its own. */
function onDisk(value: string, layers: string[], { layerFolders }: Workshop): string {
  if (!value.startsWith('/opt/')) return value;
  for (const arn of layers) {
    const file = join(layerFolders.get(arn) ?? '', value.slice('/opt/'.length));
    if (existsSync(file)) return file;
  }
  throw new StartError(`No layer of the function holds ${value}.`);
}

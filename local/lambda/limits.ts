/** 6 MB each way, in bytes: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html. Of an answer Lambda's own words say 100 more. */
export const MAX_EVENT_BYTES = 6 * 1024 * 1024;
const MAX_ANSWER_BYTES = 6_291_556;
/** All variables of one function, names and values: the same page. */
const MAX_ENVIRONMENT_BYTES = 4096;

/** https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime */
const RESERVED: readonly string[] = [
  '_HANDLER',
  '_X_AMZN_TRACE_ID',
  'AWS_ACCESS_KEY',
  'AWS_ACCESS_KEY_ID',
  'AWS_DEFAULT_REGION',
  'AWS_EXECUTION_ENV',
  'AWS_LAMBDA_FUNCTION_MEMORY_SIZE',
  'AWS_LAMBDA_FUNCTION_NAME',
  'AWS_LAMBDA_FUNCTION_VERSION',
  'AWS_LAMBDA_INITIALIZATION_TYPE',
  'AWS_LAMBDA_LOG_GROUP_NAME',
  'AWS_LAMBDA_LOG_STREAM_NAME',
  'AWS_LAMBDA_RUNTIME_API',
  'AWS_REGION',
  'AWS_SECRET_ACCESS_KEY',
  'AWS_SESSION_TOKEN',
  'LAMBDA_RUNTIME_DIR',
  'LAMBDA_TASK_ROOT',
];

/** Why Lambda does not hand an answer on; undefined when it does. */
export function answerTooLarge(result: string): string | undefined {
  if (Buffer.byteLength(result) <= MAX_ANSWER_BYTES) return undefined;
  return `Function.ResponseSizeTooLarge: Response payload size exceeded maximum allowed payload size (${MAX_ANSWER_BYTES} bytes).`;
}

/** Why a function cannot be made with these variables; undefined when it can. */
export function refusedEnvironment(variables: Readonly<Record<string, string>>): string | undefined {
  const reserved = Object.keys(variables).filter((name) => RESERVED.includes(name));
  if (reserved.length > 0)
    return `Lambda was unable to configure your environment variables because the environment variables you have provided contains reserved keys that are currently not supported for modification. Reserved keys used in this request: ${reserved.join(', ')}`;
  const measured = JSON.stringify(variables);
  if (Buffer.byteLength(measured) <= MAX_ENVIRONMENT_BYTES) return undefined;
  return `Lambda was unable to configure your environment variables because the environment variables you have provided exceeded the 4KB limit. String measured: ${measured}`;
}

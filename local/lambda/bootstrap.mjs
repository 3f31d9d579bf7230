// Runs one function the way Lambda's Node runtime does: load the bundle once, then ask the Runtime API for invocations,
// one at a time, for ever. Ends with the local stack: when the Runtime API is gone there is nothing left to do.
import { Agent, request } from 'node:http';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const api = `http://${process.env.AWS_LAMBDA_RUNTIME_API}/2018-06-01/runtime`;
const agent = new Agent({ keepAlive: true });

function call(method, path, body) {
  return new Promise((resolve) => {
    const outgoing = request(`${api}/${path}`, { method, agent }, (incoming) => {
      const chunks = [];
      incoming.on('data', (chunk) => chunks.push(chunk));
      incoming.on('end', () => resolve({ headers: incoming.headers, body: Buffer.concat(chunks).toString() }));
      incoming.on('error', () => process.exit(1));
    });
    outgoing.on('error', () => process.exit(1));
    outgoing.end(body);
  });
}

function described(error) {
  const known = error instanceof Error ? error : new Error(String(error));
  return JSON.stringify({
    errorType: known.name,
    errorMessage: known.message,
    trace: (known.stack ?? '').split('\n'),
  });
}

async function load() {
  const [file, name] = process.env._HANDLER.split('.');
  const module = await import(pathToFileURL(join(process.env.LAMBDA_TASK_ROOT, `${file}.mjs`)).href);
  if (typeof module[name] !== 'function') throw new Error(`${file}.mjs does not export a function "${name}".`);
  return module[name];
}

function contextOf(headers) {
  const deadline = Number(headers['lambda-runtime-deadline-ms']);
  return {
    awsRequestId: headers['lambda-runtime-aws-request-id'],
    invokedFunctionArn: headers['lambda-runtime-invoked-function-arn'],
    functionName: process.env.AWS_LAMBDA_FUNCTION_NAME,
    functionVersion: process.env.AWS_LAMBDA_FUNCTION_VERSION,
    memoryLimitInMB: process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    logGroupName: process.env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: process.env.AWS_LAMBDA_LOG_STREAM_NAME,
    callbackWaitsForEmptyEventLoop: true,
    getRemainingTimeInMillis: () => Math.max(0, deadline - Date.now()),
  };
}

let handler;
try {
  handler = await load();
} catch (error) {
  console.error(error);
  await call('POST', 'init/error', described(error));
  process.exit(1);
}

for (;;) {
  const { headers, body } = await call('GET', 'invocation/next');
  const id = headers['lambda-runtime-aws-request-id'];
  try {
    const result = await handler(JSON.parse(body), contextOf(headers));
    await call('POST', `invocation/${id}/response`, JSON.stringify(result) ?? 'null');
  } catch (error) {
    console.error(error);
    await call('POST', `invocation/${id}/error`, described(error));
  }
}

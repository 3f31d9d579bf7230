import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { LambdaPool } from '../../local/lambda/pool.ts';
import { RuntimeApi } from '../../local/lambda/runtime-api.ts';

const folder = fileURLToPath(new URL('./fixtures/local-function', import.meta.url));
let runtime: RuntimeApi;
let bin: string;
beforeAll(async () => {
  runtime = await RuntimeApi.start();
  bin = mkdtempSync(join(tmpdir(), 'ezw-node-'));
});
afterAll(async () => {
  vi.unstubAllEnvs();
  rmSync(bin, { recursive: true });
  await runtime.stop();
});

it('functions run on the Node that EZW_FUNCTION_NODE names', async () => {
  const node = join(bin, 'node');
  writeFileSync(node, `#!/bin/sh\nON_NODE=other exec "${process.execPath}" "$@"\n`);
  chmodSync(node, 0o755);
  vi.stubEnv('EZW_FUNCTION_NODE', node);
  const environment = { _HANDLER: 'index.handler', LAMBDA_TASK_ROOT: folder };
  const pool = new LambdaPool(
    { name: 'told', arn: 'told', folder, timeoutSeconds: 3, environment },
    runtime,
    () => undefined,
  );
  try {
    await pool.start();
    const answer = await pool.invoke(JSON.stringify({ pathParameters: { act: 'environment' } }));
    expect(JSON.parse(answer)).toMatchObject({ ON_NODE: 'other' });
  } finally {
    await pool.stop();
  }
});

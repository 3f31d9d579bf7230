import { LambdaPool } from '../local/lambda/pool.ts';
import type { RuntimeApi } from '../local/lambda/runtime-api.ts';

const ROUNDS = 300;
const WARM_UP = 50;

/** Milliseconds of each warm invocation over the real Runtime API: all functions in turn, one at a time, each in its own process. */
export const measureWarm = async (
  runtimeApi: RuntimeApi,
  folders: Readonly<Record<string, string>>,
  environment: Record<string, string>,
  nextEvent: () => string,
): Promise<Record<string, number[]>> => {
  const pools = Object.entries(folders).map(([name, folder]) => {
    const definition = {
      name,
      arn: name,
      folder,
      timeoutSeconds: 30,
      environment: { ...environment, LAMBDA_TASK_ROOT: folder, _HANDLER: 'index.handler' },
    };
    return { name, pool: new LambdaPool(definition, runtimeApi, () => undefined), samples: [] as number[] };
  });
  try {
    await Promise.all(pools.map(({ pool }) => pool.start()));
    for (let round = 0; round < WARM_UP + ROUNDS; round += 1) {
      for (const { pool, samples } of pools) {
        const event = nextEvent();
        const before = performance.now();
        await pool.invoke(event);
        if (round >= WARM_UP) samples.push(performance.now() - before);
      }
    }
  } finally {
    for (const { pool } of pools) pool.stop();
  }
  return Object.fromEntries(pools.map(({ name, samples }) => [name, samples]));
};

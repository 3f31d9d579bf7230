import { readFileSync } from 'node:fs';
import type { Context } from 'aws-lambda';
import { afterEach, expect, it, vi } from 'vitest';
import { inTime, warmUp, within } from '../../functions/shared/runtime/in-time.ts';
import { handlers } from '../../lib/bundle.ts';

const left = (ms: number) => ({ getRemainingTimeInMillis: () => ms }) as Context;
afterEach(() => {
  vi.useRealTimers();
});

it('what an invocation leaves is what a call may take, less what is kept of it; outside of one nothing is taken off', async () => {
  vi.useFakeTimers({ toFake: ['Date'] });
  const seen: number[] = [];
  const handler = inTime(async (step: number) => {
    seen.push(within(10_000, 10_000));
    vi.setSystemTime(Date.now() + step);
    seen.push(within(10_000, 10_000));
    if (step === 0) throw new Error('x');
  });
  await handler(6_000, left(25_000));
  await handler(50_000, left(25_000));
  await expect(handler(0, left(60_000))).rejects.toThrow('x');
  expect(seen).toEqual([10_000, 9_000, 10_000, 0, 10_000, 10_000]);
  expect(within(10_000, 10_000)).toBe(10_000);
});

it('a start waits two seconds at most for what it warms up, whether that fails or never answers', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const never = new Promise<never>(() => undefined);
  let isReady = false;
  const ready = warmUp(never, Promise.reject(new Error('x'))).then(() => {
    isReady = true;
  });
  await vi.advanceTimersByTimeAsync(1_999);
  expect(isReady).toBe(false);
  await vi.advanceTimersByTimeAsync(1);
  await ready;
  await warmUp(Promise.resolve(), Promise.reject(new Error('x')));
  expect(vi.getTimerCount()).toBe(0);
});

it.each([...handlers().values()])(
  '%s waits for nothing else in INIT, and all that it does it does in its time',
  (path) => {
    const code = readFileSync(path, 'utf8');
    const waits = code.match(/^(?:export )?(?:const \w+ = )?await (?!warmUp\(|templateHandler(?:<\w+>)?\().*/gm) ?? [];
    expect(waits).toEqual([]);
    expect(code).toMatch(/inTime\(|templateHandler[<(]/);
  },
);

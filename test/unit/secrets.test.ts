import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { mockClient } from 'aws-sdk-client-mock';
import { afterAll, afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { CachedSecret } from '../../functions/shared/runtime/cached-secret.ts';
import { storedParameter } from '../../functions/shared/runtime/stored-parameter.ts';

const MINUTE = 60_000;
const manager = mockClient(SSMClient);
afterAll(() => manager.restore());
const reads = (): number => manager.commandCalls(GetParameterCommand).length;
const answers = (Value: string) => manager.on(GetParameterCommand).resolves({ Parameter: { Value } });
/** As the SDK when nobody answers: it ends with the signal that the call brought. */
const hangs = () =>
  manager.on(GetParameterCommand).callsFake(() => {
    const [, { abortSignal }] = manager.send.lastCall.args as unknown as [unknown, { abortSignal: AbortSignal }];
    return new Promise((_, reject) => abortSignal.addEventListener('abort', () => reject(abortSignal.reason)));
  });

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'] });
});
afterEach(() => {
  vi.useRealTimers();
  manager.reset();
});

const known = async (): Promise<CachedSecret> => {
  const secret = storedParameter('/ezw/demo/crm');
  answers('one');
  expect(await secret.get()).toBe('one');
  return secret;
};

it('is read once in five minutes', async () => {
  const secret = await known();
  answers('two');
  vi.advanceTimersByTime(5 * MINUTE - 1);
  expect(await secret.get()).toBe('one');
  vi.advanceTimersByTime(1);
  expect(await secret.get()).toBe('two');
  expect(reads()).toBe(2);
});

it('goes on with what it has when nobody answers, and keeps nobody waiting for long or again and again', async () => {
  const secret = await known();
  vi.advanceTimersByTime(5 * MINUTE);
  hangs();
  const from = performance.now();
  const first = secret.get();
  // Who comes meanwhile does not wait at all.
  expect(await secret.get()).toBe('one');
  expect(await first).toBe('one');
  expect(performance.now() - from).toBeLessThan(2_000);
  vi.advanceTimersByTime(MINUTE - 1);
  expect(await secret.get()).toBe('one');
  expect(reads()).toBe(2);
  answers('two');
  vi.advanceTimersByTime(1);
  expect(await secret.get()).toBe('two');
});

it('that was never read is not asked for twice by one request', async () => {
  const secret = storedParameter('/ezw/demo/crm');
  manager.on(GetParameterCommand).rejects(new Error('down'));
  await expect(secret.get()).rejects.toThrow('down');
  expect(await secret.refreshAfterMismatch()).toBe(false);
  expect(reads()).toBe(1);
});

it('is read again after a refused proof, at most once a minute', async () => {
  const secret = await known();
  answers('two');
  expect(await secret.refreshAfterMismatch()).toBe(false);
  vi.advanceTimersByTime(MINUTE);
  expect(await secret.refreshAfterMismatch()).toBe(true);
  expect(await secret.get()).toBe('two');
});

it('that cannot be read again after a refused proof leaves open who is right, and keeps one sender a minute waiting', async () => {
  const secret = await known();
  vi.advanceTimersByTime(MINUTE);
  hangs();
  const first = secret.refreshAfterMismatch();
  await expect(first).rejects.toThrow('timeout');
  manager.on(GetParameterCommand).rejects(new Error('asked again'));
  vi.advanceTimersByTime(MINUTE - 1);
  for (let i = 0; i < 20; i += 1) await expect(secret.refreshAfterMismatch()).rejects.toThrow('timeout');
  expect(await secret.get()).toBe('one');
  expect(reads()).toBe(2);
  answers('two');
  vi.advanceTimersByTime(1);
  expect(await secret.refreshAfterMismatch()).toBe(true);
  expect(await secret.refreshAfterMismatch()).toBe(false);
  expect(reads()).toBe(3);
});

it('is tried once a minute whatever asks for it: the age of the value and a refused proof share the try', async () => {
  const secret = await known();
  vi.advanceTimersByTime(5 * MINUTE);
  manager.on(GetParameterCommand).rejects(new Error('down'));
  expect(await secret.get()).toBe('one');
  await expect(secret.refreshAfterMismatch()).rejects.toThrow('down');
  expect(await secret.get()).toBe('one');
  expect(reads()).toBe(2);
});

it.each([
  [
    'is not there',
    () => manager.on(GetParameterCommand).rejects(Object.assign(new Error(''), { name: 'ParameterNotFound' })),
  ],
  ['holds nothing', () => manager.on(GetParameterCommand).resolves({ Parameter: {} })],
])('that %s is never taken for an empty one: nothing is proved, hidden or sent by nothing', async (_, answer) => {
  answer();
  await expect(storedParameter('/ezw/demo/contact-salt').get()).rejects.toThrow();
});

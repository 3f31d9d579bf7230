import { expect, it, vi } from 'vitest';
import { storedFor } from '../../functions/crm-sync/crm-secret.ts';
import { Pause } from '../../functions/crm-sync/pause.ts';
import { Permanent, Unavailable } from '../../functions/shared/runtime/errors.ts';

const paused = (error: Error) => {
  let now = 0;
  const pause = new Pause(() => now);
  const call = vi.fn(async () => {
    throw error;
  });
  const tried = async () => {
    const before = call.mock.calls.length;
    const failure = (await pause.around(call).catch((one: unknown) => one)) as Unavailable;
    return { wasCalled: call.mock.calls.length > before, failure };
  };
  return { tried, wait: (ms: number) => (now += ms) };
};

it.each([
  ['throttles and says for how long', new Unavailable('sink_429', 'x', 30), 30_000],
  ['throttles without a word', new Unavailable('sink_429', 'x'), 60_000],
  ['is down and says for how long', new Unavailable('sink_503', 'x', 5), 5_000],
  [
    'says a whole day, of which no more than a quarter of an hour is waited',
    new Unavailable('sink_429', 'x', 86_400),
    900_000,
  ],
  ['does not answer', new Unavailable('sink_timeout', 'x'), 15_000],
  ['cannot be reached', new Unavailable('sink_ECONNREFUSED', 'x'), 15_000],
])('a CRM that %s is not asked until then', async (_, error, ms) => {
  const { tried, wait } = paused(error);
  expect((await tried()).wasCalled).toBe(true);
  wait(ms - 1);
  const { wasCalled, failure } = await tried();
  expect([wasCalled, failure.reason]).toEqual([false, 'sink_paused']);
  wait(1);
  expect((await tried()).wasCalled).toBe(true);
});

it.each([
  ['fails on one message without a word', new Unavailable('sink_500', 'x')],
  ['was not asked for lack of time', new Unavailable('sink_no_time_left', 'x')],
  ['answers in an unknown form', new Unavailable('sink_answer_unknown', 'x')],
  ['refuses one for good', new Permanent('sink_422', 'x')],
  ['has no secret', new Unavailable('crm_secret_not_set', 'x')],
  ['works at the same person already', new Unavailable('contact_in_progress', 'x', 2)],
])('a CRM that %s is asked for the next one', async (_, error) => {
  const { tried } = paused(error);
  await tried();
  expect((await tried()).wasCalled).toBe(true);
});

it('where the CRM named no time, each message keeps its own growing distance', async () => {
  const silent = paused(new Unavailable('sink_timeout', 'x'));
  await silent.tried();
  expect((await silent.tried()).failure.retryAfterSeconds).toBeUndefined();
  const told = paused(new Unavailable('sink_429', 'x', 30));
  await told.tried();
  told.wait(10_000);
  expect((await told.tried()).failure.retryAfterSeconds).toBe(20);
});

it('what is stored without a name is that of the only CRM, and of several nobody gets that of another', () => {
  const named = JSON.stringify({ current: 'pat-1', byName: { sheets: { private_key: 'k' }, plain: 'text' } });
  expect(storedFor('pat-1', 'hubspot', true)).toBe('pat-1');
  expect(storedFor('pat-1', 'hubspot', false)).toBe('');
  expect(JSON.parse(storedFor(named, 'sheets', false))).toEqual({ private_key: 'k' });
  expect(storedFor(named, 'plain', true)).toBe('text');
  // Once one has a name, what has none may be that of whoever was there before.
  expect([storedFor(named, 'hubspot', true), storedFor(named, 'hubspot', false)]).toEqual(['', '']);
});

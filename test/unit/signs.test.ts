import { afterEach, expect, it, vi } from 'vitest';
import { heardSign } from '../../functions/shared/ledger/signs.ts';
import { Table } from '../../functions/shared/runtime/table.ts';

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

it('a table that does not answer takes half a second of what gave the sign, and no more', async () => {
  vi.useFakeTimers();
  vi.spyOn(Table.prototype, 'put').mockReturnValue(new Promise(() => undefined));
  const lines: object[] = [];
  let isOver = false;
  const noted = heardSign('deliveries', 'line', { now: () => 0, log: (_, fields) => lines.push(fields) })
    .note()
    .then(() => {
      isOver = true;
    });
  await vi.advanceTimersByTimeAsync(499);
  expect(isOver).toBe(false);
  await vi.advanceTimersByTimeAsync(1);
  await noted;
  expect(lines).toEqual([{ event: 'sign', reason: 'not_in_time', outcome: 'not_noted' }]);
});

import { expect, it } from 'vitest';
import { isStill, premiseHolds } from '../../functions/sender/premise.ts';

it('a message whose appointment cannot be known does not hold, so it does not leave after it had to wait', async () => {
  expect(await premiseHolds(undefined)({ pk: 'line#a', standing: 'v1' })).toBe(false);
});

it('a message is held against whom it is for, and one that an earlier release queued against the version alone', () => {
  expect(isStill('v2.0123456789ab', 'v2.0123456789ab')).toBe(true);
  expect(isStill('v2.0123456789ab', 'v2.ba9876543210')).toBe(false);
  expect(isStill('v2.0123456789ab', 'v2')).toBe(true);
  expect(isStill('v2', 'v2')).toBe(true);
  expect(isStill('v3.0123456789ab', 'v2')).toBe(false);
  expect(isStill('v21.0123456789ab', 'v2')).toBe(false);
  expect(isStill('cancelled', 'v2')).toBe(false);
  expect(isStill(undefined, 'v2')).toBe(false);
});

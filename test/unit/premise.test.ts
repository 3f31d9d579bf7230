import { expect, it } from 'vitest';
import { premiseHolds } from '../../functions/sender/premise.ts';

it('a message whose appointment cannot be known does not hold, so it does not leave after it had to wait', async () => {
  expect(await premiseHolds(undefined)({ pk: 'line#a', standing: 'v1' })).toBe(false);
});

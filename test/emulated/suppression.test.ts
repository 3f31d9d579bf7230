import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { SuppressionList } from '../../functions/shared/suppression.ts';
import { startDynamo } from './dynamo.ts';

let stop: () => Promise<void>;
let list: SuppressionList;
beforeAll(async () => {
  ({ stop } = await startDynamo());
  const module = await import('../../functions/shared/suppression.ts');
  list = new module.SuppressionList({ table: 'contacts', salt: async () => 'salt' });
});
afterAll(() => stop());

it('of stop and start words in any order of arrival the one that was said last counts', async () => {
  let number = 0;
  const word = fc.record({ stop: fc.boolean(), second: fc.nat(59) });
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(word, { selector: ({ second }) => second, minLength: 1, maxLength: 5 }),
      async (said) => {
        number += 1;
        const phone = `+97250123${String(number).padStart(4, '0')}`;
        for (const { stop: isStop, second } of said) {
          const at = `2026-11-22T10:00:${String(second).padStart(2, '0')}.000Z`;
          await (isStop ? list.suppress(phone, at, 'said_stop') : list.unsuppress(phone, at));
        }
        const last = said.reduce((a, b) => (b.second > a.second ? b : a));
        expect(await list.isSuppressed(phone)).toBe(last.stop);
      },
    ),
    { numRuns: 60 },
  );
});

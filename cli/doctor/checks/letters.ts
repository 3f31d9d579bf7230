import { deadLetterQueues, depthsOf } from '../../dead-letters/dead-letters.ts';
import { commandOn } from '../../target/command.ts';
import type { Target } from '../../target/target.ts';
import type { Check } from '../check.ts';
import { type Finding, steps } from '../finding.ts';

const letterFindings = async (target: Target): Promise<readonly Finding[]> => {
  const all = deadLetterQueues(target).map(async (about): Promise<Finding> => {
    const { ready: size, held } = await depthsOf(target, about);
    // Somebody looks at them just now; or AWS counts what is not there (https://github.com/cdklabs/construct-hub/pull/1779).
    if (size === 0 && held > 0) return { level: 'warning', about, found: `${held} in flight`, isUnsure: true };
    if (size === 0) return { level: 'good', about, found: '0' };
    const redrive = `when the reason is gone: ${commandOn(target, 'dlq redrive', about)}`;
    const todo = steps(commandOn(target, 'dlq list'), redrive);
    const told = `${size} dead letter${size === 1 ? '' : 's'}: what failed too often, or was set aside for a person`;
    return { level: 'bad', about, found: String(size), told, size, todo, ...(held > 0 && { held }) };
  });
  return Promise.all(all);
};

export const deadLetters: Check = {
  id: 'dead-letters',
  about: 'dead letters',
  look: ({ target }) => letterFindings(target),
  watched: { each: true },
};

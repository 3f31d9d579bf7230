import { isWaiting } from '../../functions/shared/ledger/rules.ts';
import { allSends } from '../sends/ledger.ts';
import type { Target } from '../target/target.ts';
import { type Diagnosed, looked } from './check.ts';
import { CHECKS } from './checks.ts';
import { once, sightOf } from './sight.ts';

/**
 * Looks at everything, each thing on its own, and changes nothing. The client file and the stack were found already, or there would be no
 * target.
 */
export const diagnose = async (target: Target): Promise<readonly Diagnosed[]> => {
  const findings: readonly Diagnosed[] = [
    { check: 'client-file', level: 'good', about: 'client file', found: `clients/${target.client.name}.ts` },
    {
      check: 'stack',
      level: 'good',
      about: 'stack',
      found: target.where === 'aws' ? `deployed, ${target.url}` : `on this machine, ${target.url}`,
    },
  ];
  const sends = once(() => allSends(target));
  // Among all that is there: an earlier release put nothing into the index.
  const waiting = async () => (await sends()).filter(isWaiting);
  const sight = sightOf(target, Date.now(), { sends, waiting });
  const each = await Promise.all(CHECKS.map((check) => looked(check, sight)));
  return [...findings, ...each.flat()];
};

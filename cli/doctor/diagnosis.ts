import type { Target } from '../target/target.ts';
import { type Diagnosed, looked, sightOf } from './check.ts';
import { CHECKS } from './checks.ts';

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
  const sight = sightOf(target, Date.now());
  const each = await Promise.all(CHECKS.map((check) => looked(check, sight)));
  return [...findings, ...each.flat()];
};

import { otherwise, protectionOf } from '../../deploy/protection.ts';
import { commandOn } from '../../target/command.ts';
import { isDeployed, type Target } from '../../target/target.ts';
import type { Check } from '../check.ts';
import type { Finding } from '../finding.ts';

/** Of a deployed stack whether it can be deleted by mistake. */
const protectionFindings = async (target: Target): Promise<readonly Finding[]> => {
  if (!isDeployed(target)) return [];
  const about = 'protection against deletion';
  const open = otherwise(await protectionOf(target), true);
  if (open.length === 0) return [{ level: 'good', about, found: 'on, of the stack and of each table' }];
  const found = `off: ${open.join(', ')} can be deleted by mistake`;
  return [{ level: 'bad', about, found, todo: commandOn(target, 'protect') }];
};

export const protection: Check = {
  id: 'protection',
  about: 'protection against deletion',
  look: ({ target }) => protectionFindings(target),
  // The CDK lets go of it while it deploys.
  watched: { every: 60, after: 60 },
};

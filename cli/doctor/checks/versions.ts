import { crmsOf } from '../../../functions/crm-sync/named.ts';
import { kindOf } from '../../../functions/shared/door/kinds.ts';
import { ageing } from '../../../lib/ageing.ts';
import { type Client, turnedOn } from '../../../lib/client.ts';
import type { Check } from '../check.ts';
import type { Finding } from '../finding.ts';

/** Kinds of sources, CRMs and notifiers that a client has. */
const kindsOf = ({ crm, escalation, ...client }: Client): ReadonlySet<string> =>
  new Set([
    ...turnedOn({ crm, escalation, ...client }).flatMap(([, { template, settings }]) =>
      Object.keys(settings.sources).map((source) => kindOf(template.sources, source) ?? source),
    ),
    ...crmsOf(crm).map(({ kind }) => kind),
    ...Object.entries(escalation.notifiers).flatMap(([name, settings]) => (settings ? [name] : [])),
  ]);

/** Versions of vendors' APIs that end soon, or have. */
export const versions: Check = {
  id: 'api-versions',
  about: 'versions of APIs',
  look: ({ target, now }) => {
    const own = kindsOf(target.client);
    return ageing(now)
      .filter(({ kind }) => own.has(kind))
      .map(({ what, version, ends, isOver }): Finding => {
        const found = isOver
          ? `version ${version} is promised no longer since ${ends}: its calls may fail at any time`
          : `version ${version} is promised until ${ends}`;
        const about = `${what} ${version}`;
        const todo = 'bring this project up to its newest release, and deploy every client';
        return { level: isOver ? 'bad' : 'warning', about, found, todo, outage: about };
      });
  },
  watched: { every: 60, alsoWarnings: true },
};

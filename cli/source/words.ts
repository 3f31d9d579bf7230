import type { Subscribed, Wanted } from '../../functions/shared/door/connection.ts';
import { plainWords } from '../../functions/shared/runtime/characters.ts';
import { columns, style } from '../terminal/output.ts';
import type { Comparison, Judged } from './compare.ts';

export const nameOf = ({ key, events }: Wanted): string => plainWords(key || events.join(', '));

/** Of other people's addresses the host alone: the rest may be what opens them. */
const hostOf = ({ address }: Subscribed): string =>
  URL.canParse(address) ? new URL(address).host : 'an address that is none';

const counted = (all: readonly Subscribed[]): string => {
  const hosts = [...new Set(all.map(hostOf))].map((host) => {
    const ids = all.filter((one) => hostOf(one) === host).map(({ id }) => id);
    return plainWords(`${host} (${ids.join(', ')})`);
  });
  return hosts.join(', ');
};

const lineOf = ({ wanted, found, faults, hints }: Judged): string => {
  const warns = found?.warns ?? [];
  const said = [...faults, ...hints, ...warns].map(plainWords).join('; ');
  const says = found?.says && found.state === 'on' ? ` (${plainWords(found.says)})` : '';
  if (faults.length > 0) return `${style('red', '✗')} ${nameOf(wanted)}: ${said}`;
  if (hints.length + warns.length > 0) return `${style('yellow', '!')} ${nameOf(wanted)}: on${says}; ${said}`;
  return `${style('green', '✓')} ${nameOf(wanted)}: on${says}`;
};

/** What the vendor says beside what must be, line by line. */
export const describe = ({ each, surplus, similar, elsewhere }: Comparison): readonly string[] => [
  ...each.map(lineOf),
  ...surplus.map(
    (one) => `${style('yellow', '!')} ${nameOf(one)}: not needed, at this address too (${plainWords(one.id)})`,
  ),
  ...(similar.length > 0
    ? [
        `${style('yellow', '!')} of another stack, or of this one before it was made anew: ${counted(similar)}. Left alone; remove it there if nobody needs it`,
      ]
    : []),
  ...(elsewhere.length > 0 ? [`  to other addresses, left alone: ${counted(elsewhere)}`] : []),
];

/** What will be done, line by line. */
export const plan = ({ each, surplus }: Comparison): readonly string[] => {
  const rows = [
    ...each.flatMap(({ wanted, found, faults, hints }) => {
      if (!found) return [['make', nameOf(wanted), '']];
      return faults.length + hints.length > 0
        ? [['mend', nameOf(wanted), [...faults, ...hints].map(plainWords).join('; ')]]
        : [];
    }),
    ...surplus.map((one) => ['remove', nameOf(one), `${plainWords(one.id)}, not needed at this address`]),
  ];
  return columns(rows).split('\n');
};

/** The same for machines; addresses of others by their hosts alone. */
export const asJson = ({ each, surplus, similar, elsewhere }: Comparison) => {
  const brief = (one: Subscribed) => ({
    id: one.id,
    host: hostOf(one),
    key: one.key,
    events: one.events,
    state: one.state,
  });
  return {
    subscriptions: each.map(({ wanted, found, faults, hints }) => ({
      ...wanted,
      ...(found && { id: found.id, state: found.state, says: found.says, warns: found.warns }),
      faults,
      hints,
    })),
    surplus: surplus.map(brief),
    similar: similar.map(brief),
    elsewhere: elsewhere.map(brief),
  };
};

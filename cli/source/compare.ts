import type { Subscribed, Wanted } from '../../functions/shared/door/connection.ts';
import { withoutSlash } from '../../functions/shared/runtime/without-slash.ts';

/** Whether the vendor signs with what is stored, as far as is known: it shows no secret. */
export type SecretState = 'theirs' | 'given' | 'previous' | 'changed' | 'unknown';

/** One that there must be, and the one of the vendor's that is nearest to it. */
export interface Judged {
  readonly wanted: Wanted;
  readonly found?: Subscribed;
  /** Why events do not come, or are refused; none where all is as it must be. */
  readonly faults: readonly string[];
  /** What had better be otherwise. */
  readonly hints: readonly string[];
}

export interface Comparison {
  readonly each: readonly Judged[];
  /** At our address and not needed: a second one of a kind, or one of what means nothing here. */
  readonly surplus: readonly Subscribed[];
  /** At another address that ends like ours: this stack's of earlier, or another stack's. */
  readonly similar: readonly Subscribed[];
  readonly elsewhere: readonly Subscribed[];
}

/** Addresses as a vendor may give them back. */
const plain = (address: string): string => {
  if (!URL.canParse(address)) return address;
  const { origin, pathname, search } = new URL(address);
  return `${origin}${withoutSlash(pathname)}${search}`;
};

const pathOf = (address: string): string => (URL.canParse(address) ? new URL(plain(address)).pathname : '');

const SECRETS: Readonly<Record<SecretState, Pick<Judged, 'faults' | 'hints'>>> = {
  theirs: { faults: [], hints: [] },
  given: { faults: [], hints: [] },
  previous: { faults: [], hints: ['it signs with the secret before the one that is stored'] },
  changed: {
    faults: ['the secret that is stored is not the one that it was given: its events are refused'],
    hints: [],
  },
  unknown: {
    faults: [],
    hints: ['whether it signs with the secret that is stored is not known: it was not given by this command'],
  },
};

const BEST_FIRST: readonly SecretState[] = ['theirs', 'given', 'previous', 'unknown', 'changed'];

const judge = (wanted: Wanted, found: Subscribed, stateOf: (found: Subscribed) => SecretState): Judged => {
  const secret = stateOf(found);
  const lacks = wanted.events.filter((event) => !found.events.includes(event));
  const faults = [
    ...(found.state === 'off' ? [`it is off${found.says ? ` (${found.says})` : ''}`] : []),
    ...(lacks.length > 0 ? [`it does not tell of ${lacks.join(', ')}`] : []),
    ...(found.wrong ?? []),
  ];
  return {
    wanted,
    found,
    faults: [...faults, ...SECRETS[secret].faults],
    hints: SECRETS[secret].hints,
  };
};

/** What a vendor has, beside what must be. */
export const compare = (
  wanted: readonly Wanted[],
  all: readonly Subscribed[],
  address: string,
  stateOf: (found: Subscribed) => SecretState,
): Comparison => {
  const ours = all.filter((one) => plain(one.address) === plain(address));
  const others = all.filter((one) => !ours.includes(one));
  const rank = (one: Subscribed): number => BEST_FIRST.indexOf(stateOf(one));
  const each = wanted.map((want): Judged => {
    const known = ours.filter(({ key }) => key === want.key).sort((one, other) => rank(one) - rank(other));
    const judged = known.map((one) => judge(want, one, stateOf));
    // Of equals the first: the one whose secret is known to be ours.
    const [best] = judged.sort((one, other) => one.faults.length - other.faults.length);
    return best ?? { wanted: want, faults: ['there is none'], hints: [] };
  });
  const kept = each.map(({ found }) => found);
  const isSimilar = (one: Subscribed): boolean => pathOf(one.address) === pathOf(address);
  return {
    each,
    surplus: ours.filter((one) => !kept.includes(one)),
    similar: others.filter(isSimilar),
    elsewhere: others.filter((one) => !isSimilar(one)),
  };
};

/** Nothing is wrong, and nothing had better be otherwise. */
export const isDone = ({ each, surplus }: Comparison): boolean =>
  surplus.length === 0 && each.every(({ faults, hints }) => faults.length === 0 && hints.length === 0);

/** Events come, as far as the vendor tells. */
export const isHealthy = ({ each }: Comparison): boolean => each.every(({ faults }) => faults.length === 0);

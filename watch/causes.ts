import type { Check, Diagnosed } from '../cli/doctor/check.ts';
import { typedOn } from '../cli/target/command.ts';

/** What one look at a client came to: by each check that was looked at what it found. */
export interface Looked {
  readonly client: string;
  /** Of a stack on this machine its address. */
  readonly url?: string | undefined;
  readonly checks: readonly { readonly check: Check; readonly findings: readonly Diagnosed[] }[];
}

/** One thing that people are told of: once, however many clients it is of. */
export interface Cause {
  readonly key: string;
  readonly check: string;
  /** Of an outage all that it fails, sorted. */
  readonly clients: readonly string[];
  readonly about: string;
  readonly found: string;
  readonly todo?: string | undefined;
  /** Minutes for which it must stand before anybody is told. */
  readonly after: number;
  /** How much there is of it; of an outage how many clients. */
  readonly size?: number | undefined;
  /** How much more there may be. */
  readonly held?: number | undefined;
  /** As its check says. */
  readonly wavers?: true;
  readonly each?: true;
}

/** What was looked at, whatever it came to. */
export const pairOf = (client: string, check: string): string => `${client}#${check}`;

/** Everything that was seen, and of what nothing is known. */
export interface Seen {
  readonly causes: readonly Cause[];
  /** Pairs that were looked at and gave an answer. */
  readonly known: ReadonlySet<string>;
  /** Of these, and of those that are not sure of something else, it is known whether the outside system fails them. */
  readonly answered: ReadonlySet<string>;
}

/** For so long nothing being known may be a moment of AWS's, or of the network. */
const UNSEEN_AFTER = 30;

/** No client is called so. */
export const ALL = '*';

/** In the place of a check: something could not be looked at. */
export const UNSEEN = 'unseen';

/** Each client's is its own: what is seen of another says nothing of it. */
const unseen = ({ client, url = '' }: Looked, blind: readonly Diagnosed[]): readonly Cause[] => {
  const [first] = blind;
  const where = url === '' ? 'aws' : 'local';
  if (!first) return [];
  const more = blind.length > 1 ? `, and ${blind.length - 1} more` : '';
  return [
    {
      key: pairOf(client, UNSEEN),
      check: UNSEEN,
      clients: [client],
      about: 'what cannot be looked at',
      found: `${first.about} ${first.found}${more}`,
      todo: `${typedOn({ where, url }, 'doctor', client)}\nwhere that works: see to what the function "watcher" of the stack Ezw-watch may do`,
      after: UNSEEN_AFTER,
    },
  ];
};

const isTold = ({ level, lasting }: Diagnosed, { watched }: Check): boolean =>
  lasting === true || level === 'bad' || (level === 'warning' && watched?.alsoWarnings === true);

/** Whether it is one for all clients. */
export const isOutage = ({ key }: Pick<Cause, 'key'>): boolean => key.startsWith(`${ALL}#`);

const sumOf = (a: number | undefined, b: number | undefined): number | undefined =>
  a === undefined ? b : a + (b ?? 0);

/** Of one client's, or of an outage's, that are one: the first says what to do. */
const joined = (a: Cause, b: Cause): Cause => {
  const clients = [...new Set([...a.clients, ...b.clients])].sort();
  if (isOutage(a)) return { ...a, clients, size: clients.length, after: Math.min(a.after, b.after) };
  const found = a.found === b.found ? a.found : `${a.found}; ${b.found}`;
  const todo = a.todo === b.todo ? a.todo : [a.todo, b.todo].filter(Boolean).join('\n');
  return { ...a, found, todo, size: sumOf(a.size, b.size), held: sumOf(a.held, b.held) };
};

interface Found {
  readonly client: string;
  readonly check: Check;
  readonly finding: Diagnosed;
}

const outageKeyOf = ({ check, finding: { outage } }: Found): string | undefined =>
  outage === undefined ? undefined : `${pairOf(ALL, check.id)}#${outage}`;

/** Outages that are seen: of what one client alone may have for reasons of its own where two have it, there is no other, or it stood before. */
const outagesIn = (
  told: readonly Found[],
  clients: number,
  standing: readonly Pick<Cause, 'key'>[],
): ReadonlySet<string> => {
  const least = Math.min(2, clients);
  const stood = new Set(standing.map(({ key }) => key));
  const isSeen = (key: string): boolean => {
    const signs = told.filter((one) => outageKeyOf(one) === key);
    const failed = new Set(signs.map(({ client }) => client));
    return stood.has(key) || failed.size >= least || signs.some(({ finding }) => !finding.isSign);
  };
  return new Set([...new Set(told.flatMap((one) => outageKeyOf(one) ?? []))].filter(isSeen));
};

const causeOf = (one: Found, outages: ReadonlySet<string>): Cause => {
  const { client, check, finding } = one;
  const { about, told, found, todo, outage = '', size, held } = finding;
  const { after = 0, wavers, each } = check.watched ?? {};
  const how = { ...(wavers && { wavers }), ...(each && { each }) };
  const common = { check: check.id, clients: [client], found: told ?? found, todo, after, ...how };
  const key = outageKeyOf(one);
  if (key !== undefined && outages.has(key)) return { ...common, key, about: outage, size: 1 };
  return { ...common, key: `${pairOf(client, check.id)}#${about}`, about, size, held };
};

/**
 * What people may have to be told of after a look at all clients.
 * @param standing what stood before
 */
export const causesIn = (all: readonly Looked[], standing: readonly Pick<Cause, 'key'>[] = []): Seen => {
  const each = all.flatMap(({ client, checks }) =>
    checks.flatMap(({ check, findings }) => findings.map((finding) => ({ client, check, finding }))),
  );
  const isSure = ({ finding }: Found): boolean => !finding.isUnknown && !finding.isUnsure;
  const told = each.filter((one) => isSure(one) && isTold(one.finding, one.check));
  const outages = outagesIn(told, all.length, standing);
  const causes = new Map<string, Cause>();
  for (const one of told) {
    const cause = causeOf(one, outages);
    const before = causes.get(cause.key);
    causes.set(cause.key, before ? joined(before, cause) : cause);
  }
  const blindOf = (client: string): readonly Diagnosed[] =>
    each.flatMap((one) => (one.client === client && one.finding.isUnknown ? [one.finding] : []));
  const pairsOf = (some: readonly Found[]) => new Set(some.map(({ client, check }) => pairOf(client, check.id)));
  const notSure = each.filter((one) => !isSure(one));
  const isNotSure = pairsOf(notSure);
  const isUnanswered = pairsOf(notSure.filter(({ finding }) => finding.isUnknown || finding.outage !== undefined));
  const pairs = all.flatMap(({ client, checks }) => [
    ...checks.map(({ check }) => pairOf(client, check.id)),
    // Something was looked at, and nothing failed.
    ...(checks.length > 0 ? [pairOf(client, UNSEEN)] : []),
  ]);
  return {
    causes: [...causes.values(), ...all.flatMap((one) => unseen(one, blindOf(one.client)))],
    known: new Set(pairs.filter((pair) => !isNotSure.has(pair))),
    answered: new Set(pairs.filter((pair) => !isUnanswered.has(pair))),
  };
};

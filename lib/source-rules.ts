import { Temporal } from 'temporal-polyfill';
import { kindOf, sourceBy } from '../functions/shared/door/kinds.ts';
import type { Origin, Sources } from '../functions/shared/door/source.ts';
import type { Common } from '../functions/shared/door/sources-schema.ts';
import type { OwnSettings } from '../functions/shared/door/whose.ts';
import type { Problem } from './client-problems.ts';

/** What is said of a template's sources, by name, and of their ids. */
export interface WhoseEvents {
  readonly ids?: 'shared' | 'separate' | undefined;
  readonly sources: Readonly<Record<string, unknown>>;
}

const commonOf = (sources: WhoseEvents['sources']): [name: string, common: Common][] =>
  Object.entries(sources) as [string, Common][];

type Kinds = Sources<unknown>;
const ANY = 'any';

const written = (origin: Common['origin']): readonly string[] => (origin === undefined ? [] : [origin].flat());

const suggested = ({ write, such }: Origin<never>): string =>
  `write ${write}, such as origin: '${such}', a list of several, or '${ANY}' for any`;

/** What cannot be an origin of its source's kind: nothing that comes would ever be like it. */
const originProblems = (all: readonly [name: string, common: Common][], kinds: Kinds): Problem[] =>
  all.flatMap(([name, { origin: given }]): Problem[] => {
    const places = written(given);
    if (places.every((one) => one === ANY)) return [];
    const path = ['sources', name, 'origin'];
    const origin = sourceBy(kinds, name)?.origin;
    if (!origin)
      return [{ path, message: `${kindOf(kinds, name)} does not say where its events come from: leave it out` }];
    const wrong = places.find((one) => one === ANY || one === origin.write || origin.names(one).length === 0);
    return wrong === undefined ? [] : [{ path, message: `'${wrong}' is none: ${suggested(origin)}` }];
  });

const UNSAID =
  "more than one source is turned on: write whether their ids mean the same things. ids: 'shared' where they do, as of an ERP and the shop beside it: an order that both tell of is told once. ids: 'separate' where each counts by itself, as two shops do: every source but one then has an idPrefix, or the second order 1044 would be taken for the first";

/** What sources of one template say about each other, by paths from the top of its settings: every problem with what to write. */
export const sourceProblems = ({ ids, sources }: WhoseEvents, kinds: Kinds): Problem[] => {
  const all = commonOf(sources);
  const twins = all.flatMap(([name], i): Problem[] => {
    const other = all.slice(0, i).find(([one]) => one.replaceAll('-', '') === name.replaceAll('-', ''));
    const message = `differs from ${other?.[0]} by hyphens alone, which outputs of the stack do not show: write another name`;
    return other ? [{ path: ['sources', name], message }] : [];
  });
  const alike = [...twins, ...originProblems(all, kinds)];
  if (all.length < 2) return alike;
  if (ids === undefined) return [...alike, { path: ['ids'], message: UNSAID }];
  const twice = all.flatMap(([name, { idPrefix }], i): Problem[] => {
    const other = all.slice(0, i).find(([, one]) => idPrefix !== undefined && one.idPrefix === idPrefix);
    const message = `${other?.[0]} has the same one: write another`;
    return ids === 'separate' && other ? [{ path: ['sources', name, 'idPrefix'], message }] : [];
  });
  const [first, ...bare] = all.flatMap(([name, { idPrefix }]) => (idPrefix === undefined ? [name] : []));
  const missing = bare.map((name): Problem => {
    const message = `is missing: with ids: 'separate' only one source may be without, and ${first} is. Write such as idPrefix: '${short(name)}', idPrefixSince: '2000-01-01' at the newer one; at one that runs already idPrefixSince is the day of the change`;
    return { path: ['sources', name, 'idPrefix'], message };
  });
  return [...alike, ...twice, ...(ids === 'separate' ? missing : [])];
};

const MAX_PREFIX = 16;
/** `<kind>-haifa` → `haifa` */
const short = (name: string): string => name.slice(name.indexOf('-') + 1).slice(0, MAX_PREFIX);

const NO_SINCE =
  "has no since: write when it is turned on, such as since: '2026-12-01' or '2026-12-01T08:30Z'. What happened before is recorded and not sent; without it a re-save of old orders, forms or appointments may tell people old news";
const NO_DATE =
  "has no date: write idPrefixSince beside it. Where the source ran before without the prefix that is the day of the change: what began before keeps its key, and is not told again under another one. For a new source it is any early day, such as '2000-01-01'";

/** What a source can tell and nobody has written. */
const noOrigin = (name: string, common: Common, kinds: Kinds): Problem[] => {
  const origin = sourceBy(kinds, name)?.origin as Origin<unknown> | undefined;
  if (!origin || common.origin !== undefined) return [];
  if (origin.isNeedless?.(common) || origin.usual?.(common) !== undefined) return [];
  const message = `has no origin: ${suggested(origin)}. Without it whoever has this secret writes to people: a copy of a shop keeps the webhook and the secret`;
  return [{ path: ['sources', name], message }];
};

/** What they had better not leave out. */
export const sourceWarnings = ({ sources }: WhoseEvents, kinds: Kinds): Problem[] =>
  commonOf(sources).flatMap(([name, common]): Problem[] => {
    const { since, idPrefix, idPrefixSince } = common;
    return [
      ...(since === undefined ? [{ path: ['sources', name], message: NO_SINCE }] : []),
      ...noOrigin(name, common, kinds),
      ...(idPrefix !== undefined && idPrefixSince === undefined
        ? [{ path: ['sources', name, 'idPrefix'], message: NO_DATE }]
        : []),
    ];
  });

/** A day begins at midnight in the zone. */
const instantOf = (moment: string, zone: string): string =>
  moment.includes('T')
    ? new Date(moment).toISOString()
    : new Date(Temporal.PlainDate.from(moment).toZonedDateTime(zone).epochMilliseconds).toISOString();

/** Where a source's events come from, as they are compared; undefined where any will do. */
const originIn = (name: string, common: Common, kinds: Kinds): readonly string[] | undefined => {
  const origin = sourceBy(kinds, name)?.origin as Origin<unknown> | undefined;
  const places = written(common.origin ?? origin?.usual?.(common));
  if (!origin || places.length === 0 || places.includes(ANY)) return undefined;
  return places.flatMap((one) => origin.names(one)[0] ?? []);
};

/** The same sources with instants in place of days, origins as they are compared, and nothing left to be looked up elsewhere. */
export const resolved = (sources: WhoseEvents['sources'], zone: string, kinds: Kinds): WhoseEvents['sources'] =>
  Object.fromEntries(
    commonOf(sources).map(([name, common]) => {
      const { origin: _, ...others } = common;
      const { since, idPrefix, idPrefixSince } = others;
      const origin = originIn(name, common, kinds);
      const own: OwnSettings = {
        ...(origin && { origin }),
        ...(since !== undefined && { since: instantOf(since, zone) }),
        ...(idPrefix !== undefined && idPrefixSince !== undefined && { idPrefixSince: instantOf(idPrefixSince, zone) }),
      };
      return [name, { ...others, ...own }];
    }),
  );

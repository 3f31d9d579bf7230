import { Temporal } from 'temporal-polyfill';
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

const UNSAID =
  "more than one source is turned on: write whether their ids mean the same things. ids: 'shared' where they do, as of an ERP and the shop beside it: an order that both tell of is told once. ids: 'separate' where each counts by itself, as two shops do: every source but one then has an idPrefix, or the second order 1044 would be taken for the first";

/** What sources of one template say about each other, by paths from the top of its settings: every problem with what to write. */
export const sourceProblems = ({ ids, sources }: WhoseEvents): Problem[] => {
  const all = commonOf(sources);
  const alike = all.flatMap(([name], i): Problem[] => {
    const other = all.slice(0, i).find(([one]) => one.replaceAll('-', '') === name.replaceAll('-', ''));
    const message = `differs from ${other?.[0]} by hyphens alone, which outputs of the stack do not show: write another name`;
    return other ? [{ path: ['sources', name], message }] : [];
  });
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

/** What they had better not leave out. */
export const sourceWarnings = ({ sources }: WhoseEvents): Problem[] =>
  commonOf(sources).flatMap(([name, { since, idPrefix, idPrefixSince }]): Problem[] => [
    ...(since === undefined ? [{ path: ['sources', name], message: NO_SINCE }] : []),
    ...(idPrefix !== undefined && idPrefixSince === undefined
      ? [{ path: ['sources', name, 'idPrefix'], message: NO_DATE }]
      : []),
  ]);

/** A day begins at midnight in the zone. */
const instantOf = (moment: string, zone: string): string =>
  moment.includes('T')
    ? new Date(moment).toISOString()
    : new Date(Temporal.PlainDate.from(moment).toZonedDateTime(zone).epochMilliseconds).toISOString();

/** The same sources with instants in place of days, and nothing left to be looked up elsewhere. */
export const resolved = (sources: WhoseEvents['sources'], zone: string): WhoseEvents['sources'] =>
  Object.fromEntries(
    commonOf(sources).map(([name, common]) => {
      const { since, idPrefix, idPrefixSince } = common;
      const times: OwnSettings = {
        ...(since !== undefined && { since: instantOf(since, zone) }),
        ...(idPrefix !== undefined && idPrefixSince !== undefined && { idPrefixSince: instantOf(idPrefixSince, zone) }),
      };
      return [name, { ...common, ...times }];
    }),
  );

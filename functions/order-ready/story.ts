import { isDeepStrictEqual } from 'node:util';
import { KEEP_SECONDS } from '../shared/ledger/rules.ts';
import { encode } from '../shared/runtime/attributes.ts';
import { keyPart } from '../shared/runtime/hashes.ts';
import type { OrderEvent } from './schema.ts';
import { isEnd } from './updates.ts';
import { nameOf, orderKey } from './workflow.ts';

/** What is known of one message of an order. No person is in it. */
export interface Known {
  readonly update: string;
  readonly rank: number;
  /** ISO 8601, of what the shop said last of it. */
  readonly asOf: string;
  /** The part that it is about, as it stands in keys; absent for the whole order. */
  readonly part?: string;
  /** All parts of which it was said, as they stand in keys: those of the whole order, or the ids that a parcel had. */
  readonly of?: Readonly<Record<string, true>> | undefined;
  /** It was told before there was a story: of one of the parts, and nobody knows of which. */
  readonly isAny?: true | undefined;
  /** What its tracking number is known by again: a parcel that was made anew is the same one. */
  readonly track?: string | undefined;
  /** ISO 8601: until when it waits for its tracking number; absent where it has one, or needs none. */
  readonly waits?: string;
  /** The shop said that the order stands so, and may say that it does not any more. */
  readonly isState?: true | undefined;
  /** An end before anything was heard of the order, as of one that was not paid in time: what happens later is told all the same. */
  readonly isSoft?: true | undefined;
}

/** What an order went through. */
export interface Content {
  /** By the names of its messages. */
  readonly steps: Readonly<Record<string, Known>>;
  /** Parcels that are none any more, as they stand in keys, and since when, ISO 8601. */
  readonly voids?: Readonly<Record<string, string>> | undefined;
}

/** A row of the table `sends` beside an order's messages, so that no step is told backwards. */
export interface Story extends Content {
  readonly pk: string;
  /** Rises with every write. */
  readonly rev: number;
  /** Epoch seconds; DynamoDB's TTL. */
  readonly expiresAt: number;
}

/** A step that is to be told. */
export interface Step extends Omit<Known, 'part' | 'of' | 'isAny'> {
  readonly part?: { readonly id: string; readonly isFirst?: true | undefined } | undefined;
  /** Ids of the parts that a step of the whole order tells of. */
  readonly ids?: readonly string[] | undefined;
  /** It ends the order: nothing that the shop says later of other steps is told any more. `final`: whatever the times say, for this shop opens none again. */
  readonly end?: 'usual' | 'final' | undefined;
}

/** What a step means for an order. */
export interface Plan {
  /** With the step in it, unless it is behind; the very same where nothing is new. */
  readonly story: Content;
  /** What its message is called. */
  readonly name: string;
  /** Why nothing is told: it is behind what was told or waits, or of a parcel that is none any more. */
  readonly behind?: 'superseded' | 'parcel_voided';
  /** Messages that it takes the place of, and that end if they still wait. */
  readonly ends: readonly string[];
}

/** No message is called so, whatever a shop's own steps are called. */
export const storyKey = (lineId: string, orderId: string): string => `${lineId}#${orderKey(orderId, '#story')}`;

export const expiryOf = (now: number): number => Math.floor(now / 1000) + KEEP_SECONDS;

const seconds = (instant: string): number => Math.floor(Date.parse(instant) / 1000);

type Scope = Pick<Known, 'part' | 'of' | 'track'>;

/** A parcel that was made anew has another id and the same number. */
const isSameParcel = (one: Scope, other: Scope): boolean =>
  (one.track !== undefined && one.track === other.track) ||
  Object.keys(one.of ?? {}).some((id) => Object.hasOwn(other.of ?? {}, id));

/** Steps of two parcels have nothing to do with each other; one of the whole order has with all. */
const concerns = (one: Scope, other: Scope): boolean =>
  one.part === undefined || other.part === undefined || isSameParcel(one, other);

/** What a step is about, with all ids that its parcel is known to have had. */
const scopeOf = (steps: Content['steps'], { part, ids = [], track }: Step): Scope => {
  const own = { track, of: marked(part ? [keyPart(part.id)] : ids.map((id) => keyPart(id))) };
  if (!part) return own;
  const kin = Object.values(steps).filter((one) => one.part !== undefined && isSameParcel(one, own));
  return { part: keyPart(part.id), track, of: Object.assign({}, own.of, ...kin.map(({ of }) => of)) };
};

const marked = (ids: readonly string[]): Known['of'] =>
  ids.length > 0 ? Object.fromEntries(ids.map((id) => [id, true as const])) : undefined;

/**
 * What a step's message is called. An update that was to be told of the whole order, because the shop had not said of which parcel,
 * becomes that of the first parcel that it names; a parcel that was made anew is known by its number.
 */
const nameIn = (steps: Content['steps'], step: Step, scope: Scope): string => {
  const { update, part } = step;
  const name = nameOf(update, part);
  if (part === undefined) return name;
  const same = Object.entries(steps).find(
    ([, one]) => one.update === update && one.part !== undefined && isSameParcel(one, scope),
  );
  if (same) return same[0];
  const whole = steps[update];
  if (whole === undefined || whole.isAny) return name;
  // The order's own name may be another part's.
  return whole.part === undefined ? update : nameOf(update, { id: part.id });
};

const others = (steps: Content['steps'], name: string): [string, Known][] =>
  Object.entries(steps).filter(([one]) => one !== name);

/** The shop says of the whole order what it said of its parcels: nothing is new. */
const isToldByParts = (steps: Content['steps'], { update, part }: Step): boolean =>
  part === undefined &&
  !Object.hasOwn(steps, update) &&
  Object.keys(steps).some((name) => name.startsWith(`${update}:`));

/**
 * What becomes of an order by a step.
 *
 *   a step that concerns the same parcel, or all,
 *     of a higher rank is known    → this one is behind
 *     of a lower rank is known     → its message ends if it waits
 *   the end of an order            → behind only what happened in a later second, for the order goes on; all others end
 */
export const planOf = (story: Content, step: Step): Plan => {
  const { steps, voids = {} } = story;
  const { part, end, ids: _, ...known } = step;
  const scope = scopeOf(steps, step);
  const name = nameIn(steps, step, scope);
  const before = steps[name];
  const key = before?.part ?? scope.part;
  const now: Known = {
    ...known,
    ...(key !== undefined && { part: key }),
    of: before?.of || scope.of ? { ...before?.of, ...scope.of } : undefined,
    track: step.track ?? before?.track,
    ...(before && Date.parse(before.asOf) > Date.parse(step.asOf) && { asOf: before.asOf }),
    // From when it was first heard of: a parcel is no later for being edited.
    ...(before && known.waits !== undefined && { waits: before.waits }),
    ...(end === 'usual' && Object.values(steps).every(({ isSoft }) => isSoft) && { isSoft: true }),
  };
  const concerned = others(steps, name).filter(([, one]) => concerns(one, now));
  const isPast = (one: Known): boolean => one.isSoft === true && seconds(one.asOf) < seconds(step.asOf);
  const isLater = ([, one]: [string, Known]): boolean =>
    (one.rank > now.rank && !isPast(one)) || (end === 'usual' && !isEnd(one) && seconds(one.asOf) > seconds(step.asOf));
  const voided = part && voids[keyPart(part.id)];
  if (voided !== undefined && Date.parse(voided) >= Date.parse(step.asOf)) {
    return { story, name, behind: 'parcel_voided', ends: [] };
  }
  if (concerned.some(isLater) || isToldByParts(steps, step)) return { story, name, behind: 'superseded', ends: [] };
  const ends = concerned.filter(([, one]) => one.rank < now.rank).map(([one]) => one);
  const kept = Object.fromEntries(Object.entries(steps).filter(([, one]) => !isPast(one)));
  const isSame = before && isDeepStrictEqual(encode(before), encode(now));
  return { story: isSame ? story : { ...story, steps: { ...kept, [name]: now } }, name, ends };
};

/**
 * Steps beyond this one that were true, and of which the shop says later that the order does not stand so: what it said by mistake.
 * One that ends an order stays in its story: staff move orders to and fro, and a person tells of one that goes on.
 */
export const takenBackBy = ({ steps }: Content, step: Step): readonly string[] => {
  if (!step.isState) return [];
  const own = scopeOf(steps, step);
  const name = nameIn(steps, step, own);
  return others(steps, name)
    .filter(
      ([, one]) =>
        concerns(one, own) && one.isState && one.rank > step.rank && Date.parse(one.asOf) < Date.parse(step.asOf),
    )
    .map(([one]) => one);
};

/** Whether a message that waited for its number is to go without: unless it came, or the parcel is none any more, or is behind. */
export const goesWithout = ({ steps }: Content, name: string): boolean => {
  const known = steps[name];
  if (known?.waits === undefined) return false;
  return !others(steps, name).some(([, one]) => concerns(one, known) && one.rank > known.rank);
};

/** What was told of parcels that are none any more, whatever ids they had: the shop says so, or names all that there are of an update without them. */
export const voidedBy = (
  { steps, voids = {} }: Content,
  { update, parts = [], isAllParts }: Pick<OrderEvent, 'update' | 'parts' | 'isAllParts'>,
): readonly string[] => {
  const there = new Set(parts.filter(({ isVoid }) => !isVoid).map(({ id }) => keyPart(id)));
  const gone = parts.filter(({ isVoid }) => isVoid);
  const isGone = (id: string): boolean =>
    !there.has(id) && (Object.hasOwn(voids, id) || gone.some((one) => keyPart(one.id) === id));
  return Object.entries(steps)
    .filter(([, one]) => {
      const ids = Object.keys(one.of ?? {});
      if (one.isAny) return gone.some(({ isFirst }) => isFirst);
      if (ids.length === 0) return false;
      return ids.every((id) => isGone(id) || (isAllParts && one.update === update && !there.has(id)));
    })
    .map(([name]) => name);
};

/** Notes which parcels an event says are none any more, for what comes late of them. */
export const withVoids = (story: Content, { parts = [] }: Pick<OrderEvent, 'parts'>, asOf: string): Content => {
  const { voids = {} } = story;
  const gone = parts.filter(({ isVoid }) => isVoid).map(({ id }) => keyPart(id));
  const news = gone.filter((part) => !(Date.parse(voids[part] ?? '') >= Date.parse(asOf)));
  return news.length === 0
    ? story
    : { ...story, voids: { ...voids, ...Object.fromEntries(news.map((part) => [part, asOf])) } };
};

/** Of an end of which somebody heard: what happens later is not told. */
export const hardened = (story: Content, name: string): Content => {
  const { isSoft, ...end } = story.steps[name] ?? {};
  return isSoft ? { ...story, steps: { ...story.steps, [name]: end as Known } } : story;
};

export const without = (story: Content, name: string): Content => {
  const { [name]: gone, ...steps } = story.steps;
  return gone ? { ...story, steps } : story;
};

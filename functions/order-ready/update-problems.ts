import { isEnd, RANKS, updatesOn } from './updates.ts';

interface Problem {
  readonly path: readonly string[];
  readonly message: string;
}

type Group = Readonly<Record<string, unknown>>;
const groupIn = (value: unknown): Group => (typeof value === 'object' && value !== null ? (value as Group) : {});

/** Where one parcel cannot be told from another. */
const WHOLE = new Set(['confirmed', 'cancelled', 'refunded']);
const NUMBERLESS = new Set([...WHOLE, 'ready']);

const rankProblem = (name: string, rank: unknown): string | undefined => {
  if (Object.hasOwn(RANKS, name)) {
    return rank === undefined ? undefined : `leave it out: ${name} stands at ${RANKS[name]}`;
  }
  const known = Object.entries(RANKS).map((one) => one.join(' '));
  return rank === undefined
    ? `is missing: write where this step stands among the others (${known.join(', ')}), such as rank: 35`
    : undefined;
};

const ofUpdate = (name: string, update: Group, texts: unknown): Problem[] => {
  const problem = (field: string, message: string | undefined): Problem[] =>
    message === undefined ? [] : [{ path: ['updates', name, field], message }];
  const isReady = name === 'ready';
  const hasTexts = update.texts !== undefined || (isReady && texts !== undefined);
  return [
    ...problem('texts', hasTexts ? undefined : 'is missing: write what is told, by locale'),
    ...problem(
      'texts',
      isReady && update.texts !== undefined && texts !== undefined
        ? 'stands beside the updates already: write it in one place'
        : undefined,
    ),
    ...problem('rank', rankProblem(name, update.rank)),
    ...problem(
      'per',
      WHOLE.has(name) && update.per === 'parcel'
        ? `${name} is told once per order: a parcel is not ${name} by itself`
        : undefined,
    ),
    ...problem(
      'waitForTracking',
      NUMBERLESS.has(name) && update.waitForTracking !== undefined ? `${name} has no tracking number` : undefined,
    ),
    ...problem(
      'always',
      !isEnd({ rank: RANKS[name] ?? 0 }) && update.always !== undefined
        ? 'is for cancelled and refunded alone: all others are always told'
        : undefined,
    ),
  ];
};

const sameRanks = (updates: Group): Problem[] => {
  const ranks = Object.entries(updates).map(([name, one]) => ({ name, rank: RANKS[name] ?? groupIn(one).rank }));
  return ranks.flatMap(({ name, rank }, i) => {
    const known = [...ranks.slice(0, i), ...Object.entries(RANKS).map(([one, at]) => ({ name: one, rank: at }))];
    const other = Object.hasOwn(RANKS, name) ? undefined : known.find((one) => rank !== undefined && one.rank === rank);
    const message = `${other?.name} stands there: which of the two comes first must be clear`;
    return other ? [{ path: ['updates', name, 'rank'], message }] : [];
  });
};

/** A list of a shop's statuses means ready, a map names the update of each. */
const ofSources = (sources: Group, on: readonly string[]): Problem[] =>
  Object.entries(sources).flatMap(([source, settings]) => {
    const named = ['statuses', 'shipmentStatuses'].flatMap((field): [path: string[], name: string][] => {
      const [written, path] = [groupIn(settings)[field], ['sources', source, field]];
      if (Array.isArray(written)) return [[path, 'ready']];
      return Object.entries(groupIn(written)).map(([status, name]) => [[...path, status], String(name)]);
    });
    return named.flatMap(([at, name]): Problem[] => {
      const where = name === 'ready' ? 'texts, or in updates.ready' : `updates.${name}`;
      const message = `means ${name}, of which nothing is told: write its texts in ${where}. There are: ${on.join(', ')}`;
      return on.includes(name) ? [] : [{ path: at, message }];
    });
  });

/** What is wrong with the updates of a client file, by paths from the top of the template's settings. */
export const updateProblems = (settings: object): Problem[] => {
  const { texts, updates, sources } = groupIn(settings);
  const written = groupIn(updates);
  const on = updatesOn({ texts, updates: written } as Parameters<typeof updatesOn>[0]);
  if (on.length === 0) {
    return [{ path: ['texts'], message: 'write what is told of an order that is ready, or other steps in updates' }];
  }
  return [
    ...Object.entries(written).flatMap(([name, one]) => ofUpdate(name, groupIn(one), texts)),
    ...sameRanks(written),
    ...ofSources(groupIn(sources), on),
  ];
};

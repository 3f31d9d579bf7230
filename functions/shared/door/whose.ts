import { keyPart, withPrefix } from '../runtime/hashes.ts';

/** What the client file may say of every source, beside the settings of its kind. Times are instants, ISO 8601. */
export interface OwnSettings {
  readonly kind?: string | undefined;
  /** Keeps its ids apart from those of other sources. */
  readonly idPrefix?: string | undefined;
  /** What began before goes on without the prefix, under the key that it has. */
  readonly idPrefixSince?: string | undefined;
  /** What happened before is recorded and not sent. */
  readonly since?: string | undefined;
  /** Where its events come from, as its kind compares it; what says that it is from elsewhere is recorded and not worked on. */
  readonly origin?: readonly string[] | undefined;
}

/** What every event has, whichever template it is of. */
export interface SourceEvent {
  /** The source's own id, exact. */
  readonly id: string;
  /** The id that it had before, where one event takes the place of another. */
  readonly previousId?: string | undefined;
}

/** What a template knows of an event's time, ISO 8601. */
export interface EventTimes {
  /** When what it is about began, such as an order that was placed; undefined if the event does not tell. */
  readonly began: string | undefined;
  /** When what it tells happened; undefined for what must be heeded whenever it happened. */
  readonly happened: string | undefined;
}

/** An event as the client's: of the source by its name in the client file, under ids that are no other source's. */
export type Owned<Event> = Event & {
  readonly source: string;
  /** Where the event does not tell when it began: the ids without the prefix, which what began before `until` goes by. */
  readonly plain?: { readonly id: string; readonly previousId?: string | undefined; readonly until: string };
};

const isBefore = (at: string | undefined, limit: string | undefined): at is string =>
  at !== undefined && limit !== undefined && Date.parse(at) < Date.parse(limit);

/** Whether something is old news: it happened before the source was turned on. */
export const isOldNews = (happened: string | undefined, { since }: OwnSettings): happened is string =>
  isBefore(happened, since);

/** Why the old news of a source is not sent. */
export const OLD_NEWS = { state: 'EXPIRED', reason: 'before_since' } as const;

/** A source's id as it stands in keys and rows: with its prefix, unless it began before that. */
export const ownId = (id: string, began: string | undefined, { idPrefix, idPrefixSince }: OwnSettings): string =>
  idPrefix === undefined || isBefore(began, idPrefixSince) ? id : withPrefix(idPrefix, id);

/** The same in short, for logs: of what began before the prefix they are told the later one. */
export const idInKeys = (id: string, settings: unknown): string =>
  keyPart(ownId(id, undefined, (settings ?? {}) as OwnSettings));

export const owned = <Event extends SourceEvent>(
  event: Event,
  source: string,
  settings: OwnSettings,
  { began }: EventTimes,
): Owned<Event> => {
  const { id, previousId } = event;
  const until = began === undefined && settings.idPrefix !== undefined ? settings.idPrefixSince : undefined;
  return {
    ...event,
    source,
    id: ownId(id, began, settings),
    ...(previousId !== undefined && { previousId: ownId(previousId, began, settings) }),
    ...(until !== undefined && { plain: { id, previousId, until } }),
  };
};

import type { Owned } from '../shared/door/whose.ts';
import type { AppointmentEvent, AppointmentRow } from './schema.ts';

/** The row that an id leads to. */
type Find = (id: string) => Promise<AppointmentRow | undefined>;

/**
 * The event under the ids that its booking has here: with the source's prefix if a row stands under one of those, without it if one
 * stands there that began before the prefix did, and else as its own time tells.
 */
export const underOwnIds = async (event: Owned<AppointmentEvent>, find: Find): Promise<AppointmentEvent> => {
  const { plain, ...prefixed } = event;
  if (!plain) return prefixed;
  const { until, ...bare } = plain;
  const rowOf = async ({ id, previousId }: Omit<typeof plain, 'until'>) =>
    (await find(id)) ?? (previousId === undefined ? undefined : await find(previousId));
  if (await rowOf(prefixed)) return prefixed;
  const row = await rowOf(bare);
  const began = row ? (row.began ?? row.updatedAt) : event.updatedAt;
  return Date.parse(began) < Date.parse(until) ? { ...prefixed, ...bare } : prefixed;
};

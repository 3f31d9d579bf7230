import type { Owned } from '../shared/door/whose.ts';
import type { AppointmentEvent, AppointmentRow, Booking } from './schema.ts';

/** The row that an id leads to. */
type Find = (id: string) => Promise<AppointmentRow | undefined>;

const same = (name: string | undefined): string => name?.trim().toLowerCase() ?? '';

/**
 * An event of one seat that is about a booking made before seats were told apart, under the ids that it has: if it still stands there, and is
 * of the same number or name. A seat that is booked is a new one.
 */
export const underFormerIds = async (
  event: AppointmentEvent,
  find: Find,
  phoneOf: (phones: Booking['phones']) => string | undefined,
): Promise<AppointmentEvent> => {
  const { seat, id, previousId } = event;
  if (!seat || event.kind === 'booked') return event;
  const former = async (own: string | undefined): Promise<string | undefined> => {
    const bare = own?.endsWith(seat.suffix) ? own.slice(0, -seat.suffix.length) : undefined;
    if (own === undefined || bare === undefined || (await find(own))) return own;
    const row = await find(bare);
    const phone = phoneOf(seat.phones);
    const isTheirs =
      (phone !== undefined && phone === row?.phone) || (seat.name !== undefined && same(seat.name) === same(row?.name));
    return isTheirs ? bare : own;
  };
  return { ...event, id: (await former(id)) ?? id, previousId: await former(previousId) };
};

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

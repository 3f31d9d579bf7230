import type { EventTimes } from '../shared/door/whose.ts';
import type { AppointmentEvent } from './schema.ts';

/** No event tells when its appointment was first booked. What ends one is heeded whenever it happened: nobody is to come for nothing. */
export const times = (event: AppointmentEvent): EventTimes => ({
  began: undefined,
  happened: event.kind === 'cancelled' || event.kind === 'replaced' ? undefined : event.updatedAt,
});

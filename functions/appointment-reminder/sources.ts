import type { Source } from '../shared/door/source.ts';
import type { AppointmentEvent } from './schema.ts';
import { acuity } from './sources/acuity.ts';
import { calCom } from './sources/cal-com.ts';
import { calendly } from './sources/calendly.ts';
import { custom } from './sources/custom.ts';

/** By the name in the route. */
// biome-ignore lint/suspicious/noExplicitAny: each source has settings and references of its own, which only it reads
export const sources: Readonly<Record<string, Source<AppointmentEvent, any, any>>> = {
  acuity,
  'cal-com': calCom,
  calendly,
  custom,
};

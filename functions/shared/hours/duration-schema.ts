import * as z from 'zod/mini';
import { ISO_DURATION } from './duration.ts';

/** Of the client file. Months and years have no fixed length and are refused. */
export const durationSchema = z
  .string()
  .check(
    z.regex(
      ISO_DURATION,
      'write an ISO 8601 duration of days, hours, minutes or seconds, such as PT24H, PT30M or P14D',
    ),
  );

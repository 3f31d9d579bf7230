import { sha256 } from '../shared/runtime/hashes.ts';
import type { Alarm } from './schema.ts';

/**
 * The same reminder always has the same name, so setting it twice makes one alarm. Names take 64 characters, ids more. By another
 * name than it was set by, an alarm that waits would never be found again.
 * @param again the second time that a reminder's alarm is set, for the opening of the send window
 */
export const alarmName = ({ appointmentId, version, stage }: Omit<Alarm, 'scheduledFor'>, again: boolean): string =>
  `${stage}-v${version}-${sha256(JSON.stringify([appointmentId, version, stage])).slice(0, 32)}${again ? '-again' : ''}`;

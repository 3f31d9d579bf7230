import { type Walk, walkKey } from '../../../functions/shared/door/walk.ts';
import { Table } from '../../../functions/shared/runtime/table.ts';
import { storedLineOf } from '../../../lib/client.ts';
import { commandOn } from '../../target/command.ts';
import { alarmsOf } from '../../target/registry.ts';
import type { Target } from '../../target/target.ts';
import { time } from '../../terminal/output.ts';
import type { Check } from '../check.ts';
import type { Finding } from '../finding.ts';

/** A night that was missed may be one of an outage; two are not. */
const WALKED_WITHIN_MS = 2 * 24 * 3600_000;

/** Whether alarms were set anew of late, of a client with a template that sets some. */
const alarmFindings = async (target: Target, now: number): Promise<readonly Finding[]> => {
  const physical = target.tables[alarmsOf(target.client)?.table ?? ''];
  if (!physical) return [];
  const about = 'alarms';
  const walk = await new Table<Walk>(physical, target.dynamodb).read(walkKey(storedLineOf(target.client)));
  if (!walk) return [{ level: 'good', about, found: 'set as bookings come; the first night is yet to come' }];
  const { appointments, failed, done, touchedAt } = walk;
  const found = `set anew at ${time(touchedAt)}: ${appointments} appointments, ${failed} failed${done ? '' : ', not at its end'}`;
  if (failed === 0 && now - touchedAt < WALKED_WITHIN_MS) return [{ level: 'good', about, found }];
  return [{ level: 'warning', about, found, todo: commandOn(target, 'appointments resync') }];
};

export const alarms: Check = {
  id: 'alarms',
  about: 'alarms',
  tables: ({ client }) => [alarmsOf(client)?.table ?? []].flat(),
  look: ({ target, now }) => alarmFindings(target, now),
  watched: { every: 60, alsoWarnings: true },
};

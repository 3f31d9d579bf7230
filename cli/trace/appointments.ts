import type { ClientFacts, Template } from '../../functions/shared/door/template.ts';
import { scanned } from '../../functions/shared/ledger/by-hand.ts';
import { encode } from '../../functions/shared/runtime/attributes.ts';
import { keyPart } from '../../functions/shared/runtime/hashes.ts';
import { Table } from '../../functions/shared/runtime/table.ts';
import { slices, storedLineOf } from '../../lib/client.ts';
import { alarmsOf, templateNamed } from '../target/registry.ts';
import type { Target } from '../target/target.ts';

/** Of what sets alarms, as far as it is told. Nothing of who it is for. */
export interface AppointmentRow {
  readonly pk: string;
  readonly appointmentId: string;
  readonly link: string;
  readonly past?: Readonly<Record<string, true>>;
  readonly status: string;
  /** ISO 8601, of the event that it shows. */
  readonly updatedAt: string;
  readonly receivedAt?: string;
  readonly source?: string;
  readonly trace?: string;
  readonly startsAt?: string;
}

type Stored = AppointmentRow | { readonly pk: string; readonly into: string };

/** A booking system moves an appointment a few times. */
const MOST_MOVES = 20;

const isOwn = (row: Stored | undefined): row is AppointmentRow => row !== undefined && 'standing' in row;

/**
 * The rows of ids, or of a phone (E.164).
 * @param ids as they stand in keys
 */
export const appointmentsOf = async (
  target: Target,
  { ids, phone }: { readonly ids: readonly string[]; readonly phone?: string | undefined },
): Promise<readonly AppointmentRow[]> => {
  const alarms = alarmsOf(target.client);
  const table = alarms && target.tables[alarms.table];
  if (alarms === undefined || table === undefined) return [];
  const rows = new Table<Stored>(table, target.dynamodb);
  const line = storedLineOf(target.client);
  const follow = async (id: string): Promise<AppointmentRow | undefined> => {
    let row = await rows.read(`${line}#${id}`);
    for (let moves = 0; row && 'into' in row && moves < MOST_MOVES; moves += 1)
      row = await rows.read(`${line}#${keyPart(row.into)}`);
    return isOwn(row) ? row : undefined;
  };
  const byId = (await Promise.all(ids.map(follow))).filter(isOwn);
  const ofPerson: AppointmentRow[] = [];
  if (phone !== undefined) {
    const filter = {
      FilterExpression: 'begins_with(pk, :line) AND #phone = :phone',
      ExpressionAttributeNames: { '#phone': 'phone' },
      ExpressionAttributeValues: encode({ ':line': `${line}#`, ':phone': phone }),
    };
    for await (const row of scanned<Stored>(target.dynamodb, table, filter)) if (isOwn(row)) ofPerson.push(row);
  }
  const found = new Map([...byId, ...ofPerson].map((row) => [row.pk, row]));
  return [...found.values()];
};

/** What sets alarms, by name, and what its keys begin with. */
export const reminderOf = ({
  client,
}: Pick<Target, 'client'>): { readonly template: string; readonly kind: string } | undefined => {
  const { name } = alarmsOf(client) ?? {};
  return name === undefined ? undefined : { template: name, kind: name.split('-')[0] ?? name };
};

/** When it is said next by each of its alarms, as far as the client file tells; epoch milliseconds. */
export const alarmsAhead = (
  target: Target,
  row: AppointmentRow,
  now: number,
): readonly { readonly stage: string; readonly at: number }[] => {
  const alarms = alarmsOf(target.client);
  if (alarms === undefined) return [];
  // biome-ignore lint/suspicious/noExplicitAny: each template has rows and settings of its own, which only it reads
  const template: Template<any, any> = templateNamed(alarms.name);
  const config = slices(target.client)[alarms.name] as ClientFacts;
  return template.ahead?.(row as never, config as never, now) ?? [];
};

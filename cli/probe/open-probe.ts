import { webhookAt } from '../../functions/shared/ezwhatsapp/webhook-order.ts';
import type { HttpResult } from '../../functions/shared/runtime/http.ts';
import { type Change, Table } from '../../functions/shared/runtime/table.ts';
import { explain } from '../run.ts';
import { commandOn } from '../target/command.ts';
import { tableOf } from '../target/named.ts';
import type { Target } from '../target/target.ts';
import { Failed } from '../terminal/errors.ts';
import { register, registrationOf, webhookToken } from '../webhook/registration.ts';
import type { Calls } from './calls.ts';
import type { Stands } from './evidence.ts';

/** What a probe has at EZWhatsApp that is to be undone. */
export interface Registered {
  /** What is to be switched off. */
  readonly targetUrl: string;
  readonly stands: Stands;
  /** Whether the client's own was registered before. */
  readonly hasOwn: boolean;
}

/** What stands beside the line's registration while a probe runs: it outlives the process. */
export interface OpenProbe {
  /** Its name; none once somebody else has restored the line. */
  readonly run?: string;
  /** ISO 8601 */
  readonly openedAt: string;
  readonly by: string;
  /** Epoch seconds: of one that sends alone, which leaves nothing to undo, it is over by itself. */
  readonly expiresAt?: number;
}

type Row = OpenProbe & Partial<Registered>;

const pkOf = ({ client }: Target): string => `probe#${client.lineId}`;

const rowsOf = (target: Target): Table<Row> => new Table(tableOf(target, 'deliveries'), target.dynamodb);

const HOUR_SECONDS = 3600;
const seconds = (): number => Math.floor(Date.now() / 1000);

/** The probe of this line that has not come to its end, if there is one. */
export const openProbeOf = async (target: Target): Promise<Row | undefined> => {
  const row = await rowsOf(target).read(pkOf(target));
  return row && (row.expiresAt ?? Number.POSITIVE_INFINITY) > seconds() ? row : undefined;
};

/** Opens a probe, which sends alone until it says more. @throws Failed where another one is open: two would undo each other's webhooks */
export const openProbe = async (target: Target, run: string, by: string): Promise<void> => {
  const row = { run, by, openedAt: new Date().toISOString(), expiresAt: seconds() + HOUR_SECONDS };
  const { mine } = await rowsOf(target).put(
    { pk: pkOf(target), ...row },
    {
      if: 'attribute_not_exists(#pk) OR #expiresAt <= :now',
      values: { now: seconds() },
      isMine: (found) => found.run === run,
    },
  );
  if (!mine) throw new Failed('Another probe of this line is open. Nothing was sent.');
};

/** @returns false where the note is not this run's any more: then nothing is written */
const note = (target: Target, run: string, change: Change): Promise<boolean> =>
  rowsOf(target).update(pkOf(target), change, {
    if: '#run = :run',
    values: { run },
    isMine: (row) => row.run === run,
  });

/** Before it is so: whatever ends this process, somebody knows what to switch off. */
export const noteRegistered = (target: Target, run: string, registered: Partial<Registered>): Promise<boolean> =>
  note(target, run, { set: registered, remove: ['expiresAt'] });

/** Nothing was registered after all. */
export const noteNothing = (target: Target, run: string): Promise<boolean> =>
  note(target, run, { set: { expiresAt: seconds() + HOUR_SECONDS }, remove: ['targetUrl'] });

export const isNoted = async (target: Target, run: string): Promise<boolean> =>
  (await rowsOf(target).read(pkOf(target)))?.run === run;

/** Nothing is to be undone any more. */
export const forgetProbe = (target: Target, run: string): Promise<boolean> =>
  note(target, run, { set: { expiresAt: seconds() }, remove: ['targetUrl'] });

export const hasWorked = (result: HttpResult): boolean =>
  result.kind === 'answer' && result.status >= 200 && result.status < 300;

/** Whether the client's own address is registered, as far as this project knows. */
export const hasOwnWebhook = async (target: Target): Promise<boolean> =>
  (await registrationOf(target)) !== undefined && (await webhookToken(target).catch(() => undefined)) !== undefined;

const NOWHERE =
  "The client's own may stand nowhere now, and what customers write – a stop, too – does not come until it does.";

/**
 * Switches the listener's address off and, unless the client's own is known to stand beside it, registers that again: told twice it is
 * harmless, and without it the client hears nothing.
 * @returns what was done, in words
 * @throws Failed with what to type
 */
export const putBack = async (target: Target, calls: Calls, probe: Registered): Promise<string> => {
  const off = await calls.webhook(webhookAt(probe.targetUrl, false));
  const isOurs = probe.hasOwn && probe.stands !== 'beside';
  const ownFailed = async (): Promise<string> => {
    const why = await register(target, await webhookToken(target)).then(() => undefined, explain);
    return why === undefined ? '' : `${why} ${NOWHERE}`;
  };
  const answer = off.kind === 'answer' ? `answered ${off.status}` : `did not answer (${off.code})`;
  // The client's own does not wait for the other.
  const failed = [
    hasWorked(off) ? '' : `EZWhatsApp ${answer} when the probe's webhook was to be switched off.`,
    isOurs ? await ownFailed() : '',
  ].filter((one) => one !== '');
  if (failed.length > 0)
    throw new Failed(`${failed.join(' ')} Run "${commandOn(target, 'probe', '--restore')}" in a minute.`);
  const own = isOurs
    ? "the client's own is registered again"
    : probe.hasOwn
      ? "the client's own stood beside it all the time"
      : "none of the client's own was registered by this project before";
  return `The probe's webhook is switched off; ${own}.`;
};

/** Ends the open probe of a line, whether or not it still runs. @returns what was done, in words @throws Failed; then the note stays */
export const restore = async (target: Target, calls: Calls): Promise<string> => {
  const probe = await openProbeOf(target);
  if (!probe) return 'No probe is open: the webhooks of this line are as they were.';
  const { run = '', targetUrl, stands = 'unknown', hasOwn = true } = probe;
  const done =
    targetUrl === undefined
      ? 'The probe that was open sent messages alone: nothing was changed at EZWhatsApp.'
      : await putBack(target, calls, { targetUrl, stands, hasOwn });
  // One that still runs sees that its name is gone.
  await note(target, run, { set: { expiresAt: seconds() }, remove: ['targetUrl', 'run'] });
  return done;
};

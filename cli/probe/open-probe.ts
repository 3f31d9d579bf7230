import { webhookAt } from '../../functions/shared/ezwhatsapp/webhook-order.ts';
import type { HttpResult } from '../../functions/shared/runtime/http.ts';
import { Table } from '../../functions/shared/runtime/table.ts';
import { commandOn } from '../target/command.ts';
import { tableOf } from '../target/named.ts';
import type { Target } from '../target/target.ts';
import { Failed } from '../terminal/errors.ts';
import { register, registrationOf, webhookToken } from '../webhook/registration.ts';
import type { Calls } from './calls.ts';
import type { Stands } from './evidence.ts';

/** What stands beside the line's registration while a probe listens: it outlives the process. */
export interface OpenProbe {
  /** ISO 8601 */
  readonly openedAt: string;
  readonly by: string;
  /** What is to be switched off. */
  readonly targetUrl: string;
  readonly stands: Stands;
  /** Whether the client's own was registered before. */
  readonly hasOwn: boolean;
}

const pkOf = ({ client }: Target): string => `probe#${client.lineId}`;

const rowsOf = (target: Target): Table<OpenProbe & { readonly isOver?: boolean }> =>
  new Table(tableOf(target, 'deliveries'), target.dynamodb);

/** The probe that changed the line's webhooks and did not change them back, if there is one. */
export const openProbeOf = async (target: Target): Promise<OpenProbe | undefined> => {
  const row = await rowsOf(target).read(pkOf(target));
  return row && row.isOver !== true ? row : undefined;
};

/** Opens a probe, unless another one is open. @returns whether it was opened */
export const noteProbe = async (target: Target, probe: OpenProbe): Promise<boolean> => {
  const when = {
    if: 'attribute_not_exists(#pk) OR #isOver = :over',
    values: { over: true },
    isMine: ({ targetUrl }: OpenProbe) => targetUrl === probe.targetUrl,
  };
  return (await rowsOf(target).put({ pk: pkOf(target), ...probe }, when)).mine;
};

export const noteStands = (target: Target, stands: Stands): Promise<unknown> =>
  rowsOf(target).update(pkOf(target), { set: { stands } });

const DAY_SECONDS = 24 * 3600;

/** Nothing is to be undone any more. */
export const forgetProbe = (target: Target): Promise<unknown> =>
  rowsOf(target).update(pkOf(target), {
    set: { isOver: true, expiresAt: Math.floor(Date.now() / 1000) + DAY_SECONDS },
    remove: ['targetUrl'],
  });

export const hasWorked = (result: HttpResult): boolean =>
  result.kind === 'answer' && result.status >= 200 && result.status < 300;

/** Whether the client's own address is registered, as far as this project knows. */
export const hasOwnWebhook = async (target: Target): Promise<boolean> =>
  (await registrationOf(target)) !== undefined && (await webhookToken(target).catch(() => undefined)) !== undefined;

/**
 * Switches the listener's address off and, unless the client's own is known to have stood beside it all the time, registers that again: told
 * twice it is harmless, and without it the client hears nothing.
 * @returns what was done, in words
 * @throws Failed with what to type; the note stays
 */
export const restore = async (target: Target, calls: Calls): Promise<string> => {
  const probe = await openProbeOf(target);
  if (!probe) return 'No probe is open: the webhooks of this line are as they were.';
  const off = await calls.webhook(webhookAt(probe.targetUrl, false));
  const isOurs = probe.hasOwn && probe.stands !== 'beside';
  if (!hasWorked(off)) {
    // The client's own does not wait for that: it may be registered nowhere.
    if (isOurs) await register(target, await webhookToken(target)).catch(() => undefined);
    const answer = off.kind === 'answer' ? `answered ${off.status}` : `did not answer (${off.code})`;
    throw new Failed(
      `EZWhatsApp ${answer} when the probe's webhook was to be switched off: run "${commandOn(target, 'probe', '--restore')}" in a minute.`,
    );
  }
  if (isOurs) await register(target, await webhookToken(target));
  await forgetProbe(target);
  const own = isOurs
    ? "the client's own is registered again"
    : probe.hasOwn
      ? "the client's own stood beside it all the time"
      : "none of the client's own was registered by this project before";
  return `The probe's webhook is switched off; ${own}.`;
};

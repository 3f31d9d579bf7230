import type { PlannedSend } from '../../functions/shared/door/template.ts';
import { isRequest } from '../../functions/shared/ledger/send-command.ts';
import { hasPhone } from '../../local/samples/event.ts';
import type { Placed } from '../../local/samples/library.ts';
import type { Target } from '../target/target.ts';
import { WrongInput } from '../terminal/errors.ts';
import { phoneOf } from './occurrence.ts';

/** Belongs to nobody. Never used where a message would leave. */
const NOBODY = '+972501234567';
const MOST = { local: 100, aws: 5 } as const;

type Where = Pick<Target, 'where'>;

/** What was asked for, as far as it says who is written to. */
export interface Asked {
  readonly phone?: string | undefined;
  readonly id?: string | undefined;
  readonly times: number;
}

/**
 * The one number that an event is about, E.164. On a deployed client it is the operator's own, for messages really leave there;
 * undefined where only the vendor knows it.
 * @throws WrongInput
 */
export const recipientOf = (
  { where }: Where,
  { name, sample }: Placed,
  { phone, id, times }: Asked,
): string | undefined => {
  if (times > MOST[where]) throw new WrongInput(`--times: at most ${MOST[where]} here.`);
  if (phone !== undefined && !hasPhone(sample)) {
    throw new WrongInput(`The phone of ${name} is at the vendor, so --phone has no effect: leave it out.`);
  }
  const given = phone === undefined ? undefined : phoneOf(phone, '--phone');
  if (where === 'local') return given ?? NOBODY;
  const isAtVendor = sample.held.length > 0;
  if (isAtVendor && phone !== undefined) {
    throw new WrongInput('The vendor has the phone, and the one of the event is not used: leave --phone out.');
  }
  if (isAtVendor && id === undefined) {
    throw new WrongInput('The vendor knows no event that was made up: give --id of a real one of your own.');
  }
  if (!isAtVendor && given === undefined) {
    throw new WrongInput('On a deployed client messages really leave: give --phone, your own number.');
  }
  return given;
};

/** @throws WrongInput when something that was set would make a deployed client write to anybody else */
export const assertOwn = ({ where }: Where, sends: readonly PlannedSend[], phone: string | undefined): void => {
  const bodies = sends.flatMap(({ command: { outcome } }) => (isRequest(outcome) ? [JSON.parse(outcome.body)] : []));
  if (where === 'aws' && bodies.some(({ to }) => to !== phone)) {
    throw new WrongInput('With these --set it would write to another number than --phone.');
  }
};

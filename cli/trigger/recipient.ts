import { randomInt } from 'node:crypto';
import { type CountryCode, parsePhoneNumberFromString } from 'libphonenumber-js/min';
import type { PlannedSend } from '../../functions/shared/door/template.ts';
import { isRequest } from '../../functions/shared/ledger/send-command.ts';
import { eventOf, hasPhone } from '../../local/samples/event.ts';
import type { Placed } from '../../local/samples/library.ts';
import { isNationalOnly } from '../../local/samples/render.ts';
import type { Setting } from '../../local/samples/set-fields.ts';
import type { Target } from '../target/target.ts';
import { WrongInput } from '../terminal/errors.ts';
import { phoneOf } from './occurrence.ts';

let drawn = randomInt(10_000);

/** A number that belongs to nobody, another one each time, for a person may be written to once. Never used where a message would leave. */
const nobody = (): string => {
  drawn = (drawn + 1) % 10_000;
  return `+97250123${String(drawn).padStart(4, '0')}`;
};
const MOST = { rehearsed: 100, live: 5 } as const;

/** Where an event goes, as far as it matters to whom. */
type Where = Pick<Target, 'where' | 'sandboxUrl'> & { readonly client: Pick<Target['client'], 'country' | 'name'> };

/** Messages really leave, from a deployed client as from a stack on this machine that was given the address of EZWhatsApp. */
export const isLive = ({ sandboxUrl }: Pick<Target, 'sandboxUrl'>): boolean => sandboxUrl === undefined;

/** What was asked for, as far as it says who is written to. */
export interface Asked {
  readonly phone?: string | undefined;
  readonly id?: string | undefined;
  readonly times: number;
}

/**
 * The one number that an event is about, E.164. Where messages really leave it is the operator's own; undefined where only the
 * vendor knows it.
 * @throws WrongInput
 */
export const recipientOf = (at: Where, { name, sample }: Placed, { phone, id, times }: Asked): string | undefined => {
  const most = MOST[isLive(at) ? 'live' : 'rehearsed'];
  if (times > most) throw new WrongInput(`--times: at most ${most} here.`);
  if (phone !== undefined && !hasPhone(sample)) {
    throw new WrongInput(`The phone of ${name} is at the vendor, so --phone has no effect: leave it out.`);
  }
  const given = phone === undefined ? undefined : phoneOf(phone, '--phone');
  const to = given ?? (isLive(at) ? undefined : nobody());
  if (to !== undefined && hasPhone(sample)) assertReadable(at, sample, name, to);
  if (!isLive(at)) return to;
  // On this machine a stand-in says what the vendor would.
  if (at.where === 'aws' && sample.held.length > 0) {
    if (given !== undefined) {
      throw new WrongInput('The vendor has the phone, and the one of the event is not used: leave --phone out.');
    }
    if (id !== undefined) return undefined;
    throw new WrongInput('The vendor knows no event that was made up: give --id of a real one of your own.');
  }
  if (given !== undefined) return given;
  throw new WrongInput('Messages really leave from here: give --phone, your own number.');
};

/** As its vendor writes it, the phone must be read as the one that was named, and not as somebody's of the client's country. */
const assertReadable = ({ client }: Where, { body, held }: Placed['sample'], name: string, phone: string): void => {
  if (![body, ...held.map((one) => one.body)].some(isNationalOnly)) return;
  const national = parsePhoneNumberFromString(phone)?.formatNational() ?? '';
  if (parsePhoneNumberFromString(national, client.country as CountryCode)?.number === phone) return;
  throw new WrongInput(
    `${name} writes the phone in national form, without a country: give a --phone of ${client.country}, the country of ${client.name}, or choose another sample.`,
  );
};

/** @throws WrongInput when what is to be sent would be written to anybody else than was named */
export const assertOwn = (sends: readonly PlannedSend[], phone: string | undefined): void => {
  const bodies = sends.flatMap(({ command: { outcome } }) => (isRequest(outcome) ? [JSON.parse(outcome.body)] : []));
  if (bodies.some(({ to }) => to !== phone)) {
    throw new WrongInput('With this --phone and these --set it would write to another number: nothing was sent.');
  }
};

/** Where the phone is at the vendor, what stands in its place is not read. */
export const UNREAD = '+972501234567';

/** An id that stands nowhere in a sample but where its placeholder is. */
const MARK = '90817263544536271809';

/** What the vendor is asked for is held under the event's id: another one in the body alone would bring somebody else's. @throws WrongInput */
export const assertSameId = ({ sample }: Placed, settings: readonly Setting[] = []): void => {
  if (sample.held.length === 0) return;
  const marks = (set: readonly Setting[]): number =>
    eventOf(sample, { id: MARK, phone: UNREAD, now: 0 }, set).body.split(MARK).length;
  const all = marks([]);
  const changed = settings.find((setting) => marks([setting]) < all);
  if (changed === undefined) return;
  throw new WrongInput(`${changed.field} holds the id by which the rest is looked up: give --id, not --set.`);
};

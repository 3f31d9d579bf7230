import { deliveryIdOf } from '../../functions/shared/ledger/deliveries.ts';
import type { SendRecord } from '../../functions/shared/ledger/rules.ts';
import { deliveryName } from '../../functions/shared/ledger/tellings.ts';
import { keyPart } from '../../functions/shared/runtime/hashes.ts';
import { deadLetterQueues, depthOf } from '../dead-letters/dead-letters.ts';
import type { Letter } from '../dead-letters/letter.ts';
import { look } from '../dead-letters/look.ts';
import { allSends } from '../sends/ledger.ts';
import { phoneOfPerson, somebody } from '../sends/person.ts';
import type { Target } from '../target/target.ts';
import { WrongInput } from '../terminal/errors.ts';
import { masked } from '../terminal/mask.ts';

/** What a person asks for, and what the tables and queues know of it. */
export interface Found {
  /** As it may be shown: of a number its end alone. */
  readonly shown: string;
  /** Newest first. */
  readonly sends: readonly SendRecord[];
  /** All, of whatever. */
  readonly letters: readonly Letter[];
  /** Perhaps it is one, and only the logs know. */
  readonly trace?: string;
  readonly delivery?: string;
}

/** Of one person there may be many. */
const MOST = 20;
/** A look at letters is no work on them: it holds them for some seconds. */
const MOST_LETTERS = 200;

/** Whether an event's id, or a key, is meant: whole, by one of its parts, or by what follows the client's own prefix. */
const isOf =
  (asked: string) =>
  ({ key, because, trace, providerId, observedId }: SendRecord): boolean => {
    const id = keyPart(asked);
    const parts = key.split(':');
    return (
      [key, trace, providerId, observedId].includes(asked) ||
      because?.id === id ||
      because?.id.endsWith(`::${id}`) === true ||
      parts.includes(id)
    );
  };

const looksLikePhone = (asked: string): boolean =>
  /^[+(\d][\d\s()./-]+$/.test(asked) && asked.replace(/\D/g, '').length >= 9;

const ofPerson = async (asked: string, target: Target, all: readonly SendRecord[]): Promise<Omit<Found, 'letters'>> => {
  const phone = phoneOfPerson(asked, target, 'trace');
  const { rows } = await somebody(target, phone);
  const sends = all.filter(({ person }) => person !== undefined && rows.has(person));
  return { shown: masked(phone), sends: sends.slice(0, MOST) };
};

const send = async (asked: string, target: Target): Promise<Omit<Found, 'letters'>> => {
  const all = await allSends(target);
  const sends = all.filter(isOf(asked));
  if (sends.length > 0) return { shown: asked, sends: sends.slice(0, MOST) };
  if (looksLikePhone(asked)) return ofPerson(asked, target, all);
  const name = deliveryName(deliveryIdOf(asked));
  return { shown: asked, sends: [], ...(/^t[0-9a-z]{11}$/.test(asked) ? { trace: asked } : { delivery: name }) };
};

/** All that can be seen. */
const allLetters = async (target: Target): Promise<readonly Letter[]> => {
  const found: Letter[] = [];
  for (const queue of deadLetterQueues(target)) {
    if ((await depthOf(target, queue)) === 0) continue;
    found.push(...(await look(target, queue, { max: MOST_LETTERS })).letters);
  }
  return found;
};

/** By what an event is known. */
export interface Marks {
  readonly traces: readonly string[];
  readonly keys: readonly string[];
  readonly deliveries: readonly string[];
}

/** Whether a letter is what was asked for, or bears one of its marks. */
export const isAbout =
  (asked: string, { traces, keys, deliveries }: Marks) =>
  ({ messageId, trace, fields: { key, event, delivery } }: Letter): boolean =>
    messageId === asked ||
    event === keyPart(asked) ||
    (trace !== undefined && traces.includes(trace)) ||
    (typeof key === 'string' && keys.includes(key)) ||
    (typeof delivery === 'string' && deliveries.includes(deliveryName(delivery)));

/** @throws WrongInput for a number that is none, or Failed where nobody can be found by one */
export const find = async (asked: string, target: Target): Promise<Found> => {
  const words = asked.trim();
  if (words === '') throw new WrongInput('Write an order number, a phone, a key, a trace id or a delivery id.');
  return { ...(await send(words, target)), letters: await allLetters(target) };
};

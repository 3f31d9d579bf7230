import { createHash } from 'node:crypto';

/** Where something may go wrong: a service of AWS, EZWhatsApp, everybody else outside, and what brings work to a function. */
export type Port =
  | 'dynamodb'
  | 'sqs'
  | 'secrets-manager'
  | 'ssm'
  | 'scheduler'
  | 'api'
  | 'outside'
  | 'index'
  | 'queue'
  | 'alarm';

export type Fault =
  /** No effect: too many calls, a 5xx, nobody listens. */
  | 'refused-before'
  /** An effect, and a 5xx all the same. */
  | 'refused-after'
  /** Never answered, without an effect or with one. */
  | 'lost-before'
  | 'lost-after'
  /** Answered late, and within its time; a message that comes late, an alarm that rings late. */
  | 'late'
  /** The process that calls dies there. */
  | 'killed-before'
  | 'killed-after'
  /** The process that calls stands still, longer than its lease or its invocation, and then goes on as if nothing were. */
  | 'frozen'
  /** Comes once more, perhaps while the first is in work. */
  | 'twice'
  /** A batch without its last messages. */
  | 'cut'
  /** An index that does not know yet what was just written. */
  | 'unfound';

/** A call by what it is about: never by when it is made, nor by what was called before it. */
export interface Call {
  readonly port: Port;
  readonly operation: string;
  readonly about: string;
  /** How often this was called before, from 0 on. */
  readonly nth: number;
}

export interface Blow {
  readonly fault: Fault;
  /** 1 to 3: how many tries of the one call it strikes, one after the other. Three are all that a client of the SDK makes. */
  readonly tries: number;
  /** 0 ≤ n < 1: how long it lasts, between its least and its most, or which of several ways. */
  readonly strength: number;
}

export type Plan = (call: Call) => Blow | undefined;

/** What was called so often is left alone: whatever happens comes to an end. */
export const MOST = 3;

/** In so many of a thousand calls. */
type Rates = Readonly<Partial<Record<Fault, number>>>;

const OF_AWS: Rates = {
  'refused-before': 12,
  'refused-after': 8,
  'lost-before': 8,
  'lost-after': 14,
  late: 16,
  'killed-before': 4,
  'killed-after': 6,
  frozen: 6,
};

/** A call over the network is not repeated by a client of its own. */
const OVER_HTTP: Rates = {
  'refused-before': 30,
  'refused-after': 30,
  'lost-before': 20,
  'lost-after': 40,
  late: 40,
  'killed-before': 10,
  'killed-after': 25,
  frozen: 25,
};

const RATES: Readonly<Record<Port, Rates>> = {
  dynamodb: OF_AWS,
  sqs: OF_AWS,
  'secrets-manager': OF_AWS,
  ssm: OF_AWS,
  scheduler: OF_AWS,
  api: OVER_HTTP,
  outside: OVER_HTTP,
  index: { unfound: 300 },
  queue: { twice: 60, late: 60, cut: 60 },
  alarm: { twice: 100, late: 200 },
};

/** Numbers from 0 up to 1 that a text stands for. */
const dice = (text: string): readonly [number, number, number] => {
  const bytes = createHash('sha256').update(text).digest();
  return [bytes.readUInt32BE(0) / 2 ** 32, bytes.readUInt32BE(4) / 2 ** 32, bytes.readUInt32BE(8) / 2 ** 32];
};

/**
 * What goes wrong, by a seed: the same call meets the same fault whatever else happens, and the same seed tells the same story.
 * @param strength of all rates: 1 as they stand, 0 for none; unless given some seeds are gentle and some rough
 */
export const chaosPlan =
  (seed: number, strength = 1 + (seed % 3)): Plan =>
  ({ port, operation, about, nth }) => {
    if (nth >= MOST) return undefined;
    const [which, tries, how] = dice(JSON.stringify([seed, port, operation, about, nth]));
    let left = which * 1000;
    for (const [fault, rate = 0] of Object.entries(RATES[port]) as [Fault, number | undefined][]) {
      left -= rate * strength;
      if (left < 0) return { fault, tries: 1 + Math.floor(tries * 3), strength: how };
    }
    return undefined;
  };

/** Counts how often each call was made, for a plan to be asked. */
export const counted = (plan: Plan) => {
  const times = new Map<string, number>();
  return (port: Port, operation: string, about: string): Blow | undefined => {
    const id = JSON.stringify([port, operation, about]);
    const nth = times.get(id) ?? 0;
    times.set(id, nth + 1);
    return plan({ port, operation, about, nth });
  };
};

import type { Health } from '../../functions/shared/ezwhatsapp/line-api.ts';
import type { Control } from '../../functions/shared/ledger/line-control.ts';
import type { SendRecord } from '../../functions/shared/ledger/rules.ts';
import type { WaitingSend } from '../../functions/shared/ledger/waiting-sends.ts';
import { explain } from '../run.ts';
import type { Target } from '../target/target.ts';
import type { Finding } from './finding.ts';

/** What the checks of one look have before them. Each thing is asked for when the first of them needs it, and once. */
export interface Sight {
  readonly target: Target;
  /** Epoch milliseconds. */
  readonly now: number;
  /** What the line says of itself; it never throws. */
  readonly health: () => Promise<Health>;
  readonly control: () => Promise<Control>;
  /** Sends that wait for something or somebody. */
  readonly waiting: () => Promise<readonly WaitingSend[]>;
  /** Every send that is kept: the whole table is read, which a look every few minutes must not. */
  readonly sends: () => Promise<readonly SendRecord[]>;
}

/** How the watcher goes about a check. */
export interface Watched {
  /** Minutes from one look to the next; each run's unless given. */
  readonly every?: number;
  /** For how many minutes it must stand so before anybody is told: what comes and goes wakes nobody. At once unless given. */
  readonly after?: number;
  /** People are told of its warnings too. */
  readonly alsoWarnings?: true;
  /** What comes and goes, and is there half of an hour, is told as well. */
  readonly wavers?: true;
  /** Each that is counted is a matter of its own: one more is told before there are twice as many. */
  readonly each?: true;
}

type Found = Finding | readonly Finding[];

/** One thing to look at. Looking changes nothing. */
export interface Check {
  /** It stays as it is: pipelines know it by this, and whoever remembers what was told. */
  readonly id: string;
  readonly about: string;
  /** Short names of the tables that it reads. */
  readonly tables?: (target: Target) => readonly string[];
  readonly look: (sight: Sight) => Found | Promise<Found>;
  /** Absent where the doctor alone looks: nobody is woken for it. */
  readonly watched?: Watched;
}

/** What a check found. */
export type Diagnosed = Finding & { readonly check: string };

/** What a check says of something that it could not look at. @param target where it is known what it reads */
export const unknown = ({ id, about, tables }: Check, error: unknown, target?: Target): Diagnosed => {
  const named =
    target && (tables?.(target) ?? []).map((name) => `${name} (${target.tables[name] ?? 'not of this stack'})`);
  const list = named?.join(', ') ?? '';
  const found = `cannot be looked at${list === '' ? '' : `, it reads the table ${list}`}: ${explain(error)}`;
  const todo = `see that ${list === '' ? 'what it asks' : 'each table'} is there and answers, then run this again`;
  return { check: id, level: 'bad', about, found, todo, isUnknown: true };
};

/** What a check finds. */
export const foundBy = async ({ id, look }: Check, sight: Sight): Promise<readonly Diagnosed[]> =>
  [await look(sight)].flat().map((finding) => ({ ...finding, check: id }));

/** The same; what cannot be looked at is bad, and hides nothing else. */
export const looked = (check: Check, sight: Sight): Promise<readonly Diagnosed[]> =>
  foundBy(check, sight).catch((error: unknown) => [unknown(check, error, sight.target)]);

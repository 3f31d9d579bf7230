import {
  type Ask,
  ConnectProblem,
  type ConnectTools,
  type Subscribed,
} from '../../functions/shared/door/connection.ts';
import type { SourceSecret } from '../../functions/shared/door/signatures.ts';
import { type Http, http } from '../../functions/shared/runtime/http.ts';
import { usualSandboxUrl } from '../../local/address.ts';
import { readEntry } from '../secrets/store.ts';
import type { Target } from '../target/target.ts';
import { askAll } from '../terminal/ask.ts';
import { Failed, WrongInput } from '../terminal/errors.ts';
import { type Comparison, compare } from './compare.ts';
import type { AnyConnection } from './connections.ts';
import { type ConnectionNote, noteOf, secretState } from './note.ts';
import { commandFor, connectionOf, type Place } from './place.ts';

/** A source, how it is connected, and what is stored of it. */
export interface Opened {
  readonly target: Target;
  readonly place: Place;
  readonly connection: AnyConnection;
  /** Of its entry of the sources secret; `current` is empty where none is stored. */
  readonly secret: SourceSecret;
  /** What must be asked for before the vendor can be. */
  readonly asks: readonly Ask[];
  readonly note: ConnectionNote | undefined;
}

/** The vendor refuses a login that is stored. */
export const isStale = ({ connection, place, asks }: Opened, { status }: ConnectProblem): boolean =>
  status === 401 && asks.length < connection.asks(place.settings).length;

/** What to type to store another login. */
export const loginAnew = ({ target, place }: Opened): string =>
  commandFor(target, place, 'connect', '--login', '--keep');

/** A problem at a vendor, as the command tells it. @param opened whose stored login the vendor may have refused */
export const told = async <T>(work: Promise<T>, opened?: Opened): Promise<T> => {
  try {
    return await work;
  } catch (error) {
    if (!(error instanceof ConnectProblem)) throw error;
    if (error.isInput) throw new WrongInput(error.message);
    const todo =
      opened && isStale(opened, error) ? ` The login is the stored one; to give another: ${loginAnew(opened)}` : '';
    throw new Failed(`${error.message}${todo}`);
  }
};

const named = ({ template, source }: Place): string => `${template}/${source}`;

export const addressOf = ({ url }: Target, place: Place): string => `${url}/${named(place)}`;

/** @param anew all logins are asked for, although they are stored */
export const openPlace = async (target: Target, place: Place, anew = false): Promise<Opened> => {
  const connection = await connectionOf(place);
  const entry = await readEntry(target, { secret: 'sources', field: place.source });
  const stored = (typeof entry === 'string' ? { current: entry } : entry) as SourceSecret | undefined;
  const secret: SourceSecret = { ...stored, current: stored?.current ?? '' };
  const asks = connection.asks(place.settings).filter(({ field }) => anew || !secret[field]);
  return { target, place, connection, secret, asks, note: await noteOf(target, place) };
};

/** What was asked for just now, by its field. */
export const askLogins = async ({ asks, connection }: Opened): Promise<Readonly<Record<string, string>>> => {
  const answers = await askAll(asks.map((ask) => ({ ...ask, what: `${connection.vendor}: ${ask.what}` })));
  return Object.fromEntries(asks.map(({ field }, i) => [field, answers[i] ?? '']));
};

const isHere = (address: string): boolean => /^https?:\/\/(localhost|127\.|\[::1\])/.test(address);

/** No vendor can call this machine: of it only what stands in for one is told. */
const httpOf =
  ({ where, url, standInsUrl = usualSandboxUrl }: Target): Http =>
  (request) => {
    if (where === 'local' && isHere(url) && !isHere(request.url) && request.method !== 'GET') {
      const { host } = new URL(request.url);
      throw new ConnectProblem(`${host} cannot call ${url}. Deploy the stack, and leave out --local.`, {
        isInput: true,
      });
    }
    return http({ ...request, url: request.url.replace(usualSandboxUrl, standInsUrl) });
  };

/** What a paste brings along and no login holds, such as the direction marks of a Hebrew mail. */
const NO_LOGIN = /[^\x20-\x7e]/;

/** @throws ConnectProblem as if the vendor refused it, for what no header can hold */
const assertLogins = ({ connection, place }: Opened, login: Readonly<Record<string, string>>): void => {
  for (const { field } of connection.asks(place.settings)) {
    if (!NO_LOGIN.test(login[field] ?? '')) continue;
    throw new ConnectProblem(`The stored ${field} of ${place.source} holds a character that no login has.`, {
      status: 401,
    });
  }
};

/**
 * @param given what was asked for just now
 * @throws ConnectProblem for a stored login that cannot be one
 */
export const toolsOf = (opened: Opened, given: Readonly<Record<string, string>>): ConnectTools<unknown> => {
  const { target, place, connection, secret } = opened;
  const stored = Object.fromEntries(Object.entries(secret).flatMap(([name, value]) => (value ? [[name, value]] : [])));
  const login = { ...stored, ...given };
  assertLogins(opened, login);
  return {
    vendor: connection.vendor,
    settings: place.settings,
    secret,
    login,
    address: addressOf(target, place),
    wanted: connection.wants(place.settings, place.templateSettings),
    http: httpOf(target),
    now: Date.now,
  };
};

/** What a vendor's list comes to. */
export const weigh = (
  { connection, note }: Opened,
  { wanted, address, secret }: ConnectTools<unknown>,
  list: readonly Subscribed[],
): Comparison => compare(wanted, list, address, (found) => secretState(connection, note, secret, found));

/** What the vendor has, beside what must be. */
export const look = async (opened: Opened, tools: ConnectTools<unknown>): Promise<Comparison> =>
  weigh(opened, tools, await opened.connection.list(tools));

import type { Client } from './client.ts';

/** Of the stack that watches all clients of an account and region, in CloudFormation. */
export const WATCH_STACK = 'Ezw-watch';

/** Of the row of its table in which it notes that it looked. */
export const LOOKED = 'run';

/** Whether whoever synthesises it wants the dashboard. */
export const wantsDashboard = (env: NodeJS.ProcessEnv): boolean => env.EZW_DASHBOARD === '1';

/** What the watcher tells. */
export const TOLD_TOPIC = 'Ezw-watch';

/** What alarms of CloudWatch tell. They cannot say whose they are, and a filter lets nothing through that says nothing: it has no filters. */
export const ALARMS_TOPIC = 'Ezw-watch-alarms';

/** Of a message of the watcher, which client it is about. */
export const CLIENT_ATTRIBUTE = 'client';

/** In the place of a client: it is about all of them. */
export const OF_ALL = '*';

/** "The total combination of values in a filter policy must not exceed 150": https://docs.aws.amazon.com/sns/latest/dg/subscription-filter-policy-constraints.html */
const MOST_VALUES = 150;

export interface Listener {
  readonly email: string;
  /** Of which clients they hear, beside what is about all; of every one without it. */
  readonly only?: readonly string[];
}

/**
 * Who hears what the watcher tells: each operator of their own clients. Whoever has more than a filter can name hears of every one: too
 * much is put right by hand, what nobody hears is not.
 */
export const listenersOf = (clients: readonly Pick<Client, 'name' | 'contacts'>[]): readonly Listener[] => {
  const emails = [...new Set(clients.map(({ contacts }) => contacts.operator.email))].sort();
  return emails.map((email) => {
    const own = clients.filter(({ contacts }) => contacts.operator.email === email).map(({ name }) => name);
    const isWhole = own.length === clients.length || own.length + 1 > MOST_VALUES;
    return isWhole ? { email } : { email, only: own };
  });
};

import { ALL, isOutage } from './causes.ts';
import type { Kind, Telling } from './decide.ts';

/** What people get. */
export interface Message {
  /** ASCII, at most 100 characters, as SNS takes it for a mail's subject. */
  readonly subject: string;
  readonly text: string;
  /** Whose it is, for the filters of the subscriptions. */
  readonly clients: readonly string[];
  readonly tellings: readonly Telling[];
}

const MAX_SUBJECT = 100;
const MAX_NAMES = 10;

const namesOf = (clients: readonly string[]): string => {
  const shown = clients.slice(0, MAX_NAMES).join(', ');
  return clients.length > MAX_NAMES ? `${shown} and ${clients.length - MAX_NAMES} more` : shown;
};

const HEADS: Readonly<Record<Kind, string>> = {
  new: '',
  again: 'again: ',
  other: 'otherwise now: ',
  more: 'more of it: ',
  still: 'still: ',
  well: 'well again: ',
  gone: '',
};

const subjectOf = (kind: Kind, clients: readonly string[], about: string): string => {
  const whose = clients.length > 3 ? `${clients.length} clients` : clients.join(', ');
  const text = `Ezw ${HEADS[kind]}${whose}: ${about}`.replace(/[^\x20-\x7e]/g, '?');
  return text.length > MAX_SUBJECT ? `${text.slice(0, MAX_SUBJECT - 3)}...` : text;
};

const at = (ms: number): string => `${new Date(ms).toISOString().slice(0, 16).replace('T', ' ')} UTC`;

const spanOf = (ms: number): string => {
  const hours = Math.round(ms / 3600_000);
  if (hours < 1) return `${Math.max(1, Math.round(ms / 60_000))} minutes`;
  return hours < 48 ? `${hours} hour${hours === 1 ? '' : 's'}` : `${Math.round(hours / 24)} days`;
};

const lasted = ({ kind, row }: Telling): string =>
  kind === 'well'
    ? `It stood for ${spanOf((row.goneAt ?? row.firstAt) - row.firstAt)}, since ${at(row.firstAt)}.`
    : `Since ${at(row.firstAt)}${row.waver ? ', on and off' : ''}.`;

const partOf = (telling: Telling): string => {
  const { kind, row } = telling;
  const { clients, about, found, todo } = row;
  const lines = [`${namesOf(clients)}: ${about}`];
  if (kind === 'well') lines.push(`Before: ${found}`);
  else lines.push(found);
  lines.push(lasted(telling));
  if (kind !== 'well' && todo !== undefined) lines.push(`What to do: ${todo}`);
  return lines.join('\n');
};

const ENDS: Readonly<Record<Kind, string>> = {
  new: 'You are told once; again if it still stands after a day, has become more or something else is to be done; and when it is over.',
  again: 'It was over, and is back. What comes and goes is told later each time.',
  other: 'You were told of it before; it is another matter now, with something else to do.',
  more: 'You were told of it before; there is more of it now.',
  still: 'You were told of it before.',
  well: 'Of this one nothing is to be done any more.',
  gone: 'You are told once. If it is made again, it is looked at as before.',
};

const messageOf = (tellings: readonly Telling[]): readonly Message[] => {
  const [first] = tellings;
  if (!first) return [];
  const { kind, row } = first;
  const clients = [...new Set(tellings.flatMap((one) => one.row.clients))].sort();
  // An outage is everybody's: whom it fails next would not hear that it began.
  const whose = tellings.some((one) => isOutage(one.row)) ? [ALL] : clients;
  const abouts = [...new Set(tellings.map((one) => one.row.about))];
  const about = abouts.length === 1 ? row.about : `${row.about} and ${abouts.length - 1} more`;
  const runbook = `More: docs/operations.md, "${row.check}"`;
  const text = [...tellings.map(partOf), ...(kind === 'well' ? [] : [runbook]), ENDS[kind]].join('\n\n');
  return [{ subject: subjectOf(kind, clients, about), text, clients: whose, tellings }];
};

/** From so many of one kind in one look on they are one message: SNS shuts a mailbox that gets more than ten mails in a second. */
const TOGETHER_FROM = 3;
/** So many are told in one message at most: a mail has its limits, too. */
const MOST_TOGETHER = 100;

/** What is told of a look, message by message: what many clients have at once is one. */
export const messagesOf = (tellings: readonly Telling[]): readonly Message[] => {
  const groups = new Map<string, Telling[]>();
  for (const one of tellings) {
    const name = `${one.kind} ${one.row.check}`;
    groups.set(name, [...(groups.get(name) ?? []), one]);
  }
  return [...groups.values()].flatMap((group) => {
    if (group.length < TOGETHER_FROM) return group.flatMap((one) => messageOf([one]));
    const parts = Array.from({ length: Math.ceil(group.length / MOST_TOGETHER) }, (_, i) =>
      group.slice(i * MOST_TOGETHER, (i + 1) * MOST_TOGETHER),
    );
    return parts.flatMap(messageOf);
  });
};

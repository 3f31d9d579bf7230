import { setTimeout as sleep } from 'node:timers/promises';
import { mayActOn, readPayload } from '../../functions/shared/ezwhatsapp/events.ts';
import { bodyOf, type Item, itemsOf } from './items.ts';
import type { Came } from './listener.ts';
import type { Person } from './person.ts';
import { shapeOf } from './shape.ts';
import { plain } from './vocabulary.ts';

/** What a person is asked to send, one after the other. */
const TYPES: readonly (readonly [type: string, ask: string])[] = [
  ['text', 'Write "hello" from this phone to the line'],
  ['link', 'Write a text with a link in it, such as https://shop.example'],
  ['image', 'Send a picture with a caption'],
  ['voice', 'Send a voice message'],
  ['location', 'Send a location'],
  ['contact', 'Send a contact'],
  ['sticker', 'Send a sticker'],
  ['reaction', 'React with a thumb to a message of the probe'],
  ['quoted', 'Reply to a message of the probe, by quoting it'],
  ['edit', 'Edit your first message into "hello again"'],
  ['delete', 'Delete your last text for everyone'],
  ['poll', 'Send a poll'],
  ['view-once', 'Send a picture to be viewed once'],
];

/** What came when a type was asked for. No value of a message is in it. */
export interface Inbound {
  readonly asked: string;
  readonly state: 'came' | 'did not come' | 'skipped';
  readonly deliveries: readonly {
    readonly event: string;
    readonly shape: readonly string[];
    readonly read: readonly Reading[];
  }[];
}

/** What our reader makes of an item. */
interface Reading {
  readonly kind: string;
  readonly type?: string;
  readonly hasWords?: boolean;
  /** By what the other person is known. */
  readonly by?: 'number' | 'privacy id' | 'number and privacy id' | 'conversation';
  readonly isActedOn?: boolean;
  readonly unread?: string;
}

const readingsOf = (came: Came): readonly Reading[] => {
  const { items, unread } = readPayload(came.event, came.raw, came.at);
  return [
    ...items.map((item): Reading => {
      if (item.kind !== 'message') return { kind: item.kind };
      const { phone, privacyId, type, text } = item;
      const both = phone && privacyId ? 'number and privacy id' : undefined;
      const by = both ?? (phone ? 'number' : privacyId ? 'privacy id' : 'conversation');
      return { kind: 'message', type: plain(type), hasWords: text !== undefined, by, isActedOn: mayActOn(item) };
    }),
    ...unread.map((reason): Reading => ({ kind: 'unread', unread: reason })),
  ];
};

export const namesIn = ({ raw, read }: Item): readonly string[] => {
  const known =
    read?.kind === 'message' ? [read.phone, read.privacyId && `lid ${read.privacyId}`, read.conversation] : [];
  const given = [raw.chat_id, raw.conversationId, raw.conversation_id];
  return [...known, ...given].filter((one): one is string => typeof one === 'string' && one !== '');
};

/** Whatever names the one person of this probe: what anybody else writes to the line meanwhile is none of its business. */
export const namesOf = (phone: string, ours: readonly Item[]): ReadonlySet<string> =>
  new Set([phone, ...ours.flatMap(namesIn)]);

const isTheirs = (came: Came, names: ReadonlySet<string>): boolean => {
  const items = itemsOf(came);
  return (
    items.length > 0 && items.every((item) => item.kind === 'messages' && namesIn(item).some((one) => names.has(one)))
  );
};

const isInbound = (came: Came): boolean =>
  itemsOf(came).some(({ raw }) => raw.from_me === false || raw.fromMe === false);

export interface InboundTools {
  readonly person: Person;
  readonly came: readonly Came[];
  /** E.164 */
  readonly phone: string;
  /** Messages of the probe as the line told of them. */
  readonly ours: readonly Item[];
  readonly waitMs: number;
  readonly signal: AbortSignal;
  readonly tell: (line: string) => void;
}

const POLL_MS = 100;

const ask = async (
  type: string,
  question: string,
  tools: InboundTools,
  names: ReadonlySet<string>,
): Promise<Inbound> => {
  const { person, came, waitMs, signal } = tools;
  const before = came.length;
  if (!(await person.does(question))) return { asked: type, state: 'skipped', deliveries: [] };
  const theirs = (): readonly Came[] => came.slice(before).filter((one) => isInbound(one) && isTheirs(one, names));
  const end = Date.now() + waitMs;
  while (theirs().length === 0 && Date.now() < end) await sleep(POLL_MS, undefined, { signal });
  const found = theirs();
  return {
    asked: type,
    state: found.length > 0 ? 'came' : 'did not come',
    deliveries: found.map((one) => ({ event: plain(one.event), shape: shapeOf(bodyOf(one)), read: readingsOf(one) })),
  };
};

/** Asks for every type, and keeps what each is made of and what we would make of it. */
export const askInbound = async (tools: InboundTools): Promise<readonly Inbound[]> => {
  const names = namesOf(tools.phone, tools.ours);
  const found: Inbound[] = [];
  for (const [type, question] of TYPES) {
    const one = await ask(type, question, tools, names);
    found.push(one);
    tools.tell(`${type}: ${one.state}`);
  }
  return found;
};

import { type InboundItem, readPayload } from '../../functions/shared/ezwhatsapp/events.ts';
import { type Fields, fields, isFields } from '../../functions/shared/ezwhatsapp/fields.ts';
import { jsonIn } from '../../functions/shared/runtime/json.ts';
import type { Came } from './listener.ts';
import { textOf } from './plan.ts';

export type Kind = 'messages' | 'statuses' | 'chats';

/** One thing that a delivery told. */
export interface Item {
  readonly came: Came;
  readonly kind: Kind;
  readonly raw: Fields;
  /** What our reader makes of it; undefined where it makes nothing. */
  readonly read: InboundItem | undefined;
}

export const bodyOf = ({ raw }: Pick<Came, 'raw'>): Fields => fields(jsonIn(raw.toString('utf8')));

const KINDS: readonly Kind[] = ['messages', 'statuses', 'chats'];

/** Everything that a delivery told. */
export const itemsOf = (came: Came): readonly Item[] => {
  const body = bodyOf(came);
  return KINDS.flatMap((kind) => {
    const list = body[kind];
    const entries = (Array.isArray(list) ? list : list === undefined ? [] : [list]).filter(isFields);
    return entries.map((raw) => ({ came, kind, raw, read: readOne(came, kind, raw) }));
  });
};

const readOne = ({ at }: Came, kind: Kind, raw: Fields): InboundItem | undefined =>
  readPayload(`${kind}.post`, Buffer.from(JSON.stringify({ [kind]: [raw] })), at).items[0];

const text = (value: unknown): string => (typeof value === 'string' || typeof value === 'number' ? String(value) : '');

/** Every name by which it names itself: as it stands, and as our reader has it. */
export const idsOf = ({ raw, read }: Pick<Item, 'raw' | 'read'>): readonly string[] =>
  [text(raw.id), text(raw.message_id), read?.id ?? ''].filter((one) => one !== '');

/** What makes it the same thing, whichever delivery brings it. */
export const thingOf = ({ kind, raw, read }: Item): string =>
  [kind, read?.id ?? text(raw.id), text(raw.status), kind === 'chats' ? JSON.stringify(raw) : ''].join(' ');

/** Whether two deliveries tell the same things. */
export const sameThing = (one: Came, other: Came): boolean => {
  const things = (came: Came): string =>
    itemsOf(came)
      .map((item) => thingOf(item))
      .sort()
      .join('\n');
  const told = things(one);
  return told === '' ? one.raw.equals(other.raw) : told === things(other);
};

const wordsIn = ({ raw, read }: Item): readonly unknown[] =>
  read?.kind === 'message' ? [read.text] : [fields(raw.text).body, raw.text, raw.body, raw.caption];

const isFromUs = ({ raw, read }: Item): boolean =>
  read?.kind === 'message' ? read.fromMe : raw.from_me === true || raw.fromMe === true;

/** What stands behind the words of a long one. */
const REST = /^[x\s]*$/;

/** Messages of ours with this marker: no other that quotes one, or in which its words stand among others. */
export const echoesOf = (items: readonly Item[], marker: string): readonly Item[] => {
  const own = textOf(marker);
  const isOwn = (words: unknown): boolean =>
    typeof words === 'string' && words.startsWith(own) && REST.test(words.slice(own.length));
  return items.filter((item) => item.kind === 'messages' && isFromUs(item) && wordsIn(item).some(isOwn));
};

/** Of several tellings of one message the first. */
export const messagesOf = (items: readonly Item[], marker: string): readonly Item[] => {
  const found = new Map<string, Item>();
  for (const item of echoesOf(items, marker)) {
    const id = item.read?.id ?? text(item.raw.id);
    if (!found.has(id)) found.set(id, item);
  }
  return [...found.values()];
};

import { AsyncLocalStorage } from 'node:async_hooks';
import { randomBytes } from 'node:crypto';
import { fieldsIn } from './json.ts';

/** By what one event is followed from its door to the last effect. Nothing that is decided goes by it. */
export interface Marks {
  /** Made at the door for one event, 12 letters and digits; or by the release before this one, none. */
  readonly trace?: string | undefined;
  /** Of an event: its id at its source, as it stands in keys. */
  readonly id?: string | undefined;
  /** Of what EZWhatsApp brought: the delivery, as logs name it, and the place of the item in it: a delivery may hold several people's. */
  readonly delivery?: string | undefined;
  readonly item?: number | undefined;
}

interface Work extends Marks {
  /** What it came to: keys of sends. */
  readonly keys: string[];
  /** By what people know the event, where that is not its id. */
  number?: string | undefined;
  /** Key of what was sent before it to the person that it is about. */
  after?: string | undefined;
}

/** Messages of a batch are worked on side by side: each has its own. */
const current = new AsyncLocalStorage<Work>();

/** Does a piece of work, all of whose log lines and queue messages bear these marks; what is done within another is a part of that. */
export const marked = <T>({ trace, id, delivery, item }: Marks, work: () => T): T =>
  current.run({ trace, id, delivery, item, keys: current.getStore()?.keys ?? [] }, work);

/** Of the work that is being done; none outside of any. */
export const marks = (): Partial<Work> => current.getStore() ?? {};

/** @param number by what people know the event, where that is not its id */
export const noteKey = (key: string, number?: string): void => {
  const work = current.getStore();
  work?.keys.push(key);
  if (work && number !== undefined) work.number = number;
};

export const noteAfter = (key: string | undefined): void => {
  const work = current.getStore();
  if (work && key !== undefined) work.after = key;
};

/** The item of a delivery that is being worked on, as rows name it: `<delivery>#<place>`. */
export const itemNow = (): string | undefined => {
  const { delivery, item } = marks();
  return delivery === undefined || item === undefined ? undefined : `${delivery}#${item}`;
};

/** A queue message with the trace of the work that puts it there. An earlier release leaves it alone. */
export const traced = <Body extends object>(body: Body): Body => {
  const { trace } = marks();
  return trace === undefined ? body : { trace, ...body };
};

/** As it stands in a queue message or a row; what is none of ours is no trace. */
export const traceOf = (value: unknown): string | undefined =>
  typeof value === 'string' && /^\w{1,40}$/.test(value) ? value : undefined;

export const traceIn = (body: string): Marks => ({ trace: traceOf(fieldsIn(body).trace) });

/** 55 bits by chance, behind a letter: none is a number. */
export const newTrace = (random: (bytes: number) => Uint8Array = randomBytes): string =>
  `t${[...random(11)].map((byte) => (byte & 31).toString(32)).join('')}`;

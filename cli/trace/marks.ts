import { deliveryName } from '../../functions/shared/ledger/tellings.ts';
import type { Letter } from '../dead-letters/letter.ts';
import { idIn, templatesOf } from './asked.ts';
import type { Line } from './lines.ts';

/** By what lines and letters are known to be of one story. Of what several share, an event's door or a delivery, its own part alone is. */
export interface Marks {
  /** Of its events; each may be that of others too, who came in the same request. */
  readonly traces: readonly string[];
  readonly keys: readonly string[];
  /** Of its events at their source; `isById` where all that is told of those belongs to it, and not only what a trace leads to. */
  readonly ids: readonly string[];
  readonly isById: boolean;
  /** What those ids are ids of: in another template the same one is another thing. None: of any. */
  readonly templates: readonly string[];
  /** Ids that something led to, each of its own template alone: `<template>#<id>`. */
  readonly things: readonly string[];
  readonly numbers: readonly string[];
  /** Of deliveries, `<delivery>#<place>`. */
  readonly items: readonly string[];
  /** Traces and deliveries that were asked for themselves, with all that is in them. */
  readonly whole: readonly string[];
  /** Asked for as it stands: a request of API Gateway, a message of a queue. */
  readonly words: readonly string[];
}

export const NO_MARKS: Marks = {
  traces: [],
  keys: [],
  ids: [],
  isById: false,
  templates: [],
  things: [],
  numbers: [],
  items: [],
  whole: [],
  words: [],
};

type Fields = Line['fields'];

/** What the door of EZWhatsApp wrote of a delivery. */
export const isDelivery = ({ event }: Fields): boolean => /^webhook$/.test(String(event));

export const and = <T>(known: readonly T[], ...more: readonly T[]): readonly T[] => [...new Set([...known, ...more])];

const has = (known: readonly string[], value: unknown): boolean => typeof value === 'string' && known.includes(value);

/** `<delivery>#<place>`; undefined where an earlier release did not note the place. */
export const itemOf = ({ delivery, item }: Fields): string | undefined =>
  typeof delivery === 'string' && typeof item === 'number' ? `${delivery}#${item}` : undefined;

export const deliveryOfItem = (item: string): string => item.slice(0, item.lastIndexOf('#'));

/** What is of one alone. */
interface Alone {
  readonly traces: ReadonlySet<string>;
  readonly deliveries: ReadonlySet<string>;
}

/** Requests that brought one event, and deliveries that brought one item, by their doors' own word. */
const aloneIn = (lines: readonly Line[]): Alone => {
  const ones = (field: string, isDoor: (fields: Fields) => boolean): ReadonlySet<string> =>
    new Set(
      lines.flatMap(({ fields }) => {
        const { [field]: value, queued } = fields;
        return isDoor(fields) && Number(queued) <= 1 && typeof value === 'string' ? [value] : [];
      }),
    );
  return { traces: ones('trace', ({ event }) => event === 'door'), deliveries: ones('delivery', isDelivery) };
};

const isOfTemplate = ({ templates }: Marks, template: unknown): boolean =>
  templates.length === 0 || template === undefined || has(templates, template);

/** Of a line that does not say it, what its key says. */
const templateIn = ({ template, key }: Fields): string | undefined =>
  typeof template === 'string' ? template : templatesOf(String(key))[0];

/** What the line is about. */
const thingIn = (fields: Fields): string => `${templateIn(fields)}#${fields.id}`;

export const idOfThing = (thing: string): string => thing.slice(thing.indexOf('#') + 1);

const isAboutId = (marks: Marks, fields: Fields): boolean =>
  (has(marks.ids, fields.id) && isOfTemplate(marks, fields.template)) || marks.things.includes(thingIn(fields));

/** Whether a line belongs to the story. */
export const isOurs = (marks: Marks, lines: readonly Line[]): ((line: Line) => boolean) => {
  const alone = aloneIn(lines);
  const deliveries = new Set(marks.items.map(deliveryOfItem));
  // Of an earlier release, which told no places: by what a line says beside its delivery.
  const known = new Set(
    lines.flatMap(({ fields: { key, after, delivery } }) =>
      (has(marks.keys, key) || has(marks.keys, after)) && typeof delivery === 'string' ? [delivery] : [],
    ),
  );
  const ofDelivery = (fields: Fields): boolean => {
    const { delivery } = fields;
    if (has(marks.whole, delivery)) return true;
    const item = itemOf(fields);
    if (item !== undefined) return marks.items.includes(item);
    if (isDelivery(fields)) return deliveries.has(String(delivery)) || known.has(String(delivery));
    return known.has(String(delivery)) && alone.deliveries.has(String(delivery));
  };
  return ({ fields }) => {
    const { key, after, id, number, event, template, trace, delivery, request, messageId } = fields;
    if (has(marks.keys, key) || has(marks.keys, after) || has(marks.whole, trace)) return true;
    if (has(marks.words, request) || has(marks.words, messageId)) return true;
    if (delivery !== undefined) return ofDelivery(fields);
    if (has(marks.numbers, number) && isOfTemplate(marks, template)) return true;
    if (id !== undefined) return isAboutId(marks, fields) && (marks.isById || has(marks.traces, trace));
    if (!has(marks.traces, trace)) return false;
    return event === 'door' || event === 'health' || (alone.traces.has(String(trace)) && isLoose(marks, fields));
  };
};

/** Of one event all is told together, but where one of its messages was asked for. */
const isLoose = ({ isById }: Marks, { key }: Fields): boolean => key === undefined || isById;

/** What the lines of a story lead to. */
export const learned = (marks: Marks, lines: readonly Line[]): Marks => {
  const ours = lines.filter(isOurs(marks, lines));
  const alone = aloneIn(lines);
  // Of a delivery that is told whole, the order of which one person writes.
  const about = and(
    [],
    ...ours.flatMap(({ fields }) =>
      has(marks.whole, fields.delivery) ? [fields.key, fields.after].filter((one) => typeof one === 'string') : [],
    ),
  );
  let next: Marks = about.length === 1 ? { ...marks, keys: and(marks.keys, ...about) } : marks;
  for (const { fields } of ours) {
    const { key, id, trace, event, delivery, request, messageId } = fields;
    const isAsked = has(marks.words, request) || has(marks.words, messageId);
    const isById =
      isAsked || has(next.whole, trace) || (isAboutId(next, fields) && next.isById) || has(next.numbers, fields.number);
    const isOfOne = isById || (has(next.traces, trace) && alone.traces.has(String(trace)) && next.isById);
    const isOwn = has(next.keys, key) || isById;
    const item = itemOf(fields);
    const leads = has(next.keys, key) || has(next.keys, fields.after) || isAsked;
    next = {
      ...next,
      traces: isOwn && typeof trace === 'string' ? and(next.traces, trace) : next.traces,
      keys: isOfOne && delivery === undefined && typeof key === 'string' ? and(next.keys, key) : next.keys,
      things:
        isOwn && typeof id === 'string' && event !== 'door' && templateIn(fields) !== undefined
          ? and(next.things, thingIn(fields))
          : next.things,
      items: leads && item !== undefined ? and(next.items, item) : next.items,
    };
  }
  return next;
};

/** Whose dead letters those of a queue are. */
const templateOf = (queue: string): string => queue.replace(/-dlq$/, '');

/** Whether a letter is of the story. */
export const isAbout =
  ({ words, whole, traces, keys, ids, items, templates, things }: Marks, lines: readonly Line[] = []) =>
  ({ messageId, trace, queue, fields }: Letter): boolean => {
    const { key, event, appointment, order, delivery, item } = fields;
    const id = event ?? appointment ?? order;
    if (words.includes(messageId) || has(keys, key) || has(whole, trace)) return true;
    if (typeof delivery === 'string') {
      const name = deliveryName(delivery);
      const isOne = item === undefined && items.some((one) => deliveryOfItem(one) === name);
      return whole.includes(name) || isOne || items.includes(`${name}#${item}`);
    }
    const isItsKind = templates.length === 0 || templates.some((one) => queue.startsWith(one));
    if (id !== undefined) return (has(ids, id) && isItsKind) || things.includes(`${templateOf(queue)}#${id}`);
    return key === undefined && has(traces, trace) && aloneIn(lines).traces.has(trace ?? '');
  };

/** What a dead letter leads to that was asked for itself. */
export const marksOfLetter = ({ messageId, trace, queue, fields }: Letter): Marks => {
  const { key, event, appointment, order, delivery, item } = fields;
  const id = typeof delivery === 'string' ? undefined : (event ?? appointment ?? order);
  const name = typeof delivery === 'string' ? deliveryName(delivery) : undefined;
  return {
    ...NO_MARKS,
    words: [messageId],
    traces: trace === undefined ? [] : [trace],
    keys: typeof key === 'string' ? [key] : [],
    things: [
      ...(typeof id === 'string' ? [`${templateOf(queue)}#${id}`] : []),
      ...(typeof key === 'string' ? [`${templateIn(fields)}#${idIn(key)}`] : []),
    ],
    items: name !== undefined && item !== undefined ? [`${name}#${item}`] : [],
    whole: name !== undefined && item === undefined ? [name] : [],
  };
};

/** Both of them. */
export const joined = (one: Marks, other: Marks): Marks => ({
  traces: and(one.traces, ...other.traces),
  keys: and(one.keys, ...other.keys),
  ids: and(one.ids, ...other.ids),
  isById: one.isById || other.isById,
  templates: and(one.templates, ...other.templates),
  things: and(one.things, ...other.things),
  numbers: and(one.numbers, ...other.numbers),
  items: and(one.items, ...other.items),
  whole: and(one.whole, ...other.whole),
  words: and(one.words, ...other.words),
});

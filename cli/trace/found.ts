import type { SendRecord } from '../../functions/shared/ledger/rules.ts';
import { AUTO_REPLY } from '../../functions/shared/ledger/send-command.ts';
import { keyPart } from '../../functions/shared/runtime/hashes.ts';
import { Table } from '../../functions/shared/runtime/table.ts';
import { deadLetterQueues, depthOf } from '../dead-letters/dead-letters.ts';
import type { Letter } from '../dead-letters/letter.ts';
import { look } from '../dead-letters/look.ts';
import { allSends, RESEND } from '../sends/ledger.ts';
import { peopleOf, somebody } from '../sends/person.ts';
import { tableOf } from '../target/named.ts';
import type { Target } from '../target/target.ts';
import { WrongInput } from '../terminal/errors.ts';
import { type AppointmentRow, appointmentsOf, reminderOf } from './appointments.ts';
import { type Asked, askedFor, idIn, isStem, stemOf, templatesOf } from './asked.ts';
import { and, joined, type Marks, marksOfLetter, NO_MARKS } from './marks.ts';

/** What was said by somebody, or written: when (ISO 8601), and what brought it. */
export interface Heard {
  readonly at: string;
  readonly in?: string | undefined;
}

/** What a person asks for, and what the tables and queues know of it. */
export interface Found {
  readonly asked: Asked;
  /** Newest first. */
  readonly sends: readonly SendRecord[];
  /** How many there are beside. */
  readonly more: number;
  /** All of the line. */
  readonly all: readonly SendRecord[];
  /** All, of whatever. */
  readonly letters: readonly Letter[];
  readonly appointments: readonly AppointmentRow[];
  /** Their last word about being written to, and what else they wrote last. */
  readonly stop?: Heard | undefined;
  readonly wrote?: Heard | undefined;
  readonly marks: Marks;
  /** Several things are told apart by what is told of them. */
  readonly isById: boolean;
}

/** Of one person there may be many. */
const MOST = 20;
/** A look at letters is no work on them: it holds them for some seconds. */
const MOST_LETTERS = 200;

/** One message alone. */
const isItself =
  ({ words, trace }: Asked) =>
  (record: SendRecord): boolean =>
    [record.key, record.providerId, record.observedId].includes(words) ||
    (trace !== undefined && record.trace === trace);

/** A message of what has this id, or this number. */
const isOf =
  ({ words, ids, numbers, delivery }: Asked) =>
  ({ key, because, template }: SendRecord): boolean => {
    if (key.startsWith(`${words}:`) && words.includes(':')) return true;
    if (words.includes(':')) return false;
    if (template === AUTO_REPLY) return idIn(key) === delivery || (because !== undefined && ids.includes(because.id));
    // Without a note of what it came from, or with the note of a message that was sent again, the key tells.
    if (because === undefined || because.source === RESEND) return ids.includes(idIn(key));
    return ids.includes(because.id) || (because.number !== undefined && numbers.includes(because.number));
  };

/** By what is not a key: `order:1044` may be the id, or the number, of one order or of two. */
export const sendsBy = (asked: Asked, all: readonly SendRecord[]): readonly SendRecord[] => {
  const { words, numbers } = asked;
  const found = all.filter(isOf(asked));
  if (found.length > 0 || !isStem(words)) return found;
  const templates = templatesOf(words);
  return all.filter(
    ({ template, because }) =>
      templates.includes(template) && because?.number !== undefined && numbers.includes(because.number),
  );
};

/** An order and a lead may have the same id, and one order the number of another. */
export const assertOne = (
  { shown }: Asked,
  sends: readonly SendRecord[],
  rows: readonly AppointmentRow[],
  target: Pick<Target, 'client'>,
): void => {
  const { template: reminds = '', kind = '' } = reminderOf(target) ?? {};
  const things = new Map([
    ...sends.flatMap(({ key, template }) => (template === AUTO_REPLY ? [] : [[stemOf(key), template] as const])),
    ...rows.map(({ appointmentId }) => [`${kind}:${keyPart(appointmentId)}`, reminds] as const),
  ]);
  if (things.size > 1) throw severalThings(shown, [...things]);
};

export const severalThings = (
  shown: string,
  things: readonly (readonly [what: string, template: string])[],
): WrongInput =>
  new WrongInput(
    `${shown} is several things, and each has a story of its own: write one of ${things.map(([what, template]) => `${what} (${template})`).join(', ')}.`,
  );

const marksOfSends = (sends: readonly SendRecord[], isById: boolean): Marks => ({
  ...NO_MARKS,
  traces: and([], ...sends.flatMap(({ trace }) => trace ?? [])),
  keys: sends.map(({ key }) => key),
  ids: and(
    [],
    ...sends.flatMap(({ key, because }) => [idIn(key), ...(because && because.source !== RESEND ? [because.id] : [])]),
  ),
  templates: and([], ...sends.map(({ template }) => template)),
  isById,
});

/** What stands of whoever has a number. */
const ofPerson = async (phone: string, target: Target, all: readonly SendRecord[]) => {
  const { rows } = await somebody(target, phone);
  const { said, wrote } = await (await peopleOf(target)).read(phone);
  const sends = all.filter(({ person }) => person !== undefined && rows.has(person));
  return { sends, stop: said?.word === 'stop' ? said : undefined, wrote };
};

/** When and how those said stop who are written to no more. */
const stopBehind = async (target: Target, sends: readonly SendRecord[]): Promise<Heard | undefined> => {
  const silent = sends.find(({ state, person }) => state === 'SUPPRESSED' && person !== undefined);
  if (silent?.person === undefined) return undefined;
  const rows = new Table<{ said?: string; at?: string; saidIn?: string }>(tableOf(target, 'contacts'), target.dynamodb);
  const { said = 'stop', at, saidIn } = (await rows.read(silent.person)) ?? {};
  return said === 'stop' && at !== undefined ? { at, in: saidIn } : undefined;
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

const marksOfAppointments = (
  rows: readonly AppointmentRow[],
  isById: boolean,
  template: string | undefined,
): Marks => ({
  ...NO_MARKS,
  traces: rows.flatMap(({ trace }) => trace ?? []),
  templates: template !== undefined && rows.length > 0 ? [template] : [],
  ids: rows.flatMap(({ appointmentId, link, past = {} }) =>
    [appointmentId, link, ...Object.keys(past)].map((id) => keyPart(id)),
  ),
  isById,
});

/** @throws WrongInput for what is nothing, or several things, or Failed where nobody can be found by a number */
export const find = async (raw: string, target: Target): Promise<Found> => {
  const asked = askedFor(raw, target.client);
  const { words, ids, numbers, trace, delivery, phone } = asked;
  if (words === '') throw new WrongInput('Write an order number, a phone, a key, a trace id or a delivery id.');
  const all = await allSends(target);
  const letters = await allLetters(target);
  const itself = all.filter(isItself(asked));
  const byId = itself.length > 0 ? [] : sendsBy(asked, all);
  const person =
    itself.length + byId.length === 0 && phone !== undefined ? await ofPerson(phone, target, all) : undefined;
  // Nobody writes an id so.
  const isPerson = phone !== undefined && !/^\d+$/.test(words);
  const isById = itself.length === 0 && (person === undefined || person.sends.length === 0);
  const sends = [...itself, ...byId, ...(person?.sends ?? [])];
  const keyed = words.includes(':');
  const reminder = reminderOf(target);
  const isReminder = keyed ? words.startsWith(`${reminder?.kind}:`) : itself.length === 0;
  const own = keyed ? [idIn(words)] : isPerson ? [] : ids;
  const appointments = await appointmentsOf(target, { ids: isReminder ? own : [], phone: person && phone });
  if (!person) assertOne(asked, byId, appointments, target);
  const shownSends = sends.slice(0, MOST);
  const stop = person ? person.stop : await stopBehind(target, shownSends);
  const wrote = person?.wrote;
  const letter = letters.find(({ messageId }) => messageId === words);
  const isUnknown = sends.length === 0 && appointments.length === 0;
  // What only logs know is looked for as it was asked for; a number of somebody's stands in none.
  const isSearched = isUnknown && !isPerson && (!keyed || isStem(words));
  const literal: Marks = {
    ...NO_MARKS,
    ids: isSearched ? ids : [],
    templates: isSearched ? templatesOf(words) : [],
    numbers: isSearched ? numbers : [],
    keys: keyed ? [words] : [],
    whole: [...(trace === undefined ? [] : [trace]), ...(isSearched && !keyed ? [delivery] : [])],
    words: isSearched && !keyed ? [words] : [],
    items: [stop?.in, wrote?.in].filter((one) => one !== undefined),
    isById,
  };
  return {
    asked,
    sends: shownSends,
    more: sends.length - shownSends.length,
    all,
    letters,
    appointments,
    stop,
    wrote,
    isById,
    marks: [
      marksOfSends(shownSends, isById),
      marksOfAppointments(appointments, isById, reminder?.template),
      ...(letter ? [marksOfLetter(letter)] : []),
    ].reduce(joined, literal),
  };
};

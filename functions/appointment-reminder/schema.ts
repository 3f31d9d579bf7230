import type { NoPhone, PhoneCandidate } from '../shared/people/phone.ts';
import type { FormAnswer } from '../shared/wording/form-answer.ts';
import type { Values } from '../shared/wording/texts.ts';

interface Common {
  /** The source's own id of this booking, exact. */
  readonly id: string;
  /** Name of the source in the client file, once the worker has it. */
  readonly source?: string | undefined;
  /** The booking that this one took the place of, where a move gives a new id. */
  readonly previousId?: string | undefined;
  /** ISO 8601, when the source says that it happened: of two events of one booking the later one counts. */
  readonly updatedAt: string;
  /** Counts the changes of one booking at its source: tells two events of one and the same time apart. */
  readonly sequence?: number | undefined;
  /** The sender's id of this delivery, the same when it is repeated; what the event says stands for it where there is none. */
  readonly delivery?: string | undefined;
  /** Of one seat among several: what its ids end with, and who sits there. Before seats were told apart its booking stood under the ids without it. */
  readonly seat?:
    | { readonly suffix: string; readonly name?: string | undefined; readonly phones: readonly PhoneCandidate[] }
    | undefined;
  /** ISO 8601, when the door heard of it. */
  readonly receivedAt: string;
}

/** What is known of an appointment that will take place. */
export interface Booking extends Common {
  readonly kind: 'booked' | 'moved';
  /** The series that it is one of: of one person and one kind of appointment. */
  readonly series?: { readonly id: string } | undefined;
  /** ISO 8601 instant. */
  readonly startsAt: string;
  /** IANA, of whoever booked; the client's own where it is missing or unknown. */
  readonly zone?: string | undefined;
  /** Where they meet, if they meet in a place: then its clocks count. The client's own zone unless given. */
  readonly place?: { readonly zone?: string | undefined } | undefined;
  readonly name?: string | undefined;
  readonly phones: readonly PhoneCandidate[];
  readonly service?: string | undefined;
  readonly locale?: string | undefined;
  /** Where they are being talked with already. */
  readonly conversationId?: string | undefined;
  /** What was asked at the booking. */
  readonly answers?: readonly FormAnswer[];
  /** The event is about the time alone: what it does not say of the person stays as it was. */
  readonly isAboutTime?: true | undefined;
}

/** `replaced`: another booking takes its place, which may be known already, come later, or await its confirmation. */
export interface Ending extends Common {
  readonly kind: 'replaced' | 'cancelled';
  /** All of a series ends with it that starts at that instant (ISO 8601) or later. */
  readonly series?: { readonly id: string; readonly from: string } | undefined;
}

/** What a calendar, a booking system or a CRM says about one appointment. */
export type AppointmentEvent = Booking | Ending;

/** An appointment as it stands: the truth that every alarm is held against. Kept until some days after its start. */
export interface AppointmentRow {
  /** `{lineId}#{appointmentId}`, the id as it stands in a key. */
  readonly pk: string;
  /** The first id of its chain: it stays while moves give new ones. */
  readonly appointmentId: string;
  readonly status: AppointmentEvent['kind'];
  /** Counts the starts that it had; 0 until one is known. */
  readonly version: number;
  /**
   * What a reminder that waits is held against: `v{version}.{digest}` of who is reminded and what is said while it will take place,
   * else its status.
   */
  readonly standing: string;
  /** The id that the source knows it by now. */
  readonly link: string;
  /** Ids that it was known by before. */
  readonly past: Readonly<Record<string, true>>;
  /** Of the event that it shows. */
  readonly updatedAt: string;
  /** By what that event is followed; of an earlier release's row none is known. */
  readonly trace?: string | undefined;
  /** Its source, by the name in the client file. */
  readonly source?: string | undefined;
  readonly sequence?: number | undefined;
  readonly receivedAt?: string | undefined;
  /** The deliveries that came of that very time, whichever it shows: none of them counts again. */
  readonly heard?: Readonly<Record<string, true>> | undefined;
  /** Of the first event of it. */
  readonly began?: string | undefined;
  readonly startsAt?: string | undefined;
  /** Whose clocks are told and counted by. */
  readonly zone?: string | undefined;
  /** The zone of whoever booked, where it is another one. */
  readonly otherZone?: string | undefined;
  readonly name?: string | undefined;
  /** All that is known came of an event about the time alone: an older one may still say who it is. */
  readonly lacksWho?: true | undefined;
  /** E.164; absent if none of those given can be written to, and then `noPhone` says why. */
  readonly phone?: string | undefined;
  readonly noPhone?: NoPhone | undefined;
  readonly service?: string | undefined;
  readonly locale?: string | undefined;
  readonly conversationId?: string | undefined;
  /** What stands for the placeholders that the client file made of answers; of others nothing is kept. */
  readonly answers?: Values | undefined;
  /** ISO 8601: a reminder that was due before, when this start was not known yet, is not sent. */
  readonly remindFrom?: string | undefined;
  /** Stages that the client file had when it was written: others were never promised. */
  readonly stages?: Readonly<Record<string, true>> | undefined;
  /** Stage → version that its reminder was handed to the sender for. */
  readonly sent: Readonly<Record<string, number>>;
  /** Stage → standing that it was handed over with, where that is known and still says something. */
  readonly told?: Readonly<Record<string, string>> | undefined;
  /** Counts the writes. */
  readonly rev: number;
  /** Epoch seconds; DynamoDB's TTL. */
  readonly expiresAt: number;
}

/** Stands under every later id of a chain and names its first one. */
export interface AliasRow {
  readonly pk: string;
  readonly into: string;
  readonly rev: number;
  readonly expiresAt: number;
}

export type StoredRow = AppointmentRow | AliasRow;

export const isBooking = (event: AppointmentEvent): event is Booking => 'startsAt' in event;

export const isAlias = (row: StoredRow): row is AliasRow => 'into' in row;

/** Whether it will take place, as far as is known. */
export const isLive = ({ status }: AppointmentRow): boolean => status === 'booked' || status === 'moved';

/** What an alarm clock brings back: nothing about the person, for the row may have changed since. */
export interface Alarm {
  readonly appointmentId: string;
  readonly version: number;
  readonly stage: string;
  /** ISO 8601, the instant that it was set for. */
  readonly scheduledFor: string;
}

/** What a source makes: by this name a new one knows it. */
export type Event = AppointmentEvent;

import type * as z from 'zod/mini';
import type { OpeningHours } from '../hours/opening-hours.ts';
import type { SendCommand } from '../ledger/send-command.ts';
import type { OptOutWords } from '../people/opt-out.ts';
import type { Sources, Warning } from './source.ts';
import type { EventTimes, SourceEvent } from './whose.ts';

/** What every template learns of the client beside its own settings. */
export interface ClientFacts {
  /** The line that messages leave by. */
  readonly lineId: string;
  /** The line under whose id all that is kept by line is stored: the line itself, or an earlier one. */
  readonly keysOf: string;
  readonly country: string;
  readonly locale: string;
  readonly zone: string;
  readonly sendWindow?: OpeningHours | undefined;
}

/** One message that an event leads to, or the reason why there is none, and the moment at which it is handed to the sender. */
export interface PlannedSend {
  /** Epoch milliseconds. */
  readonly at: number;
  readonly command: SendCommand;
}

/**
 * What one template is. Its folder and its line in `functions/templates.ts` are all there is of it, and resources of its own in
 * `lib/templates/`: the client file's schema and types, the stack, doors, outputs and commands follow from this.
 */
export interface Template<Event extends SourceEvent, Settings extends z.ZodMiniType> {
  /** For reports that people read. */
  readonly title: { readonly en: string; readonly he: string };
  /** One line for whoever looks at the account. */
  readonly description: string;
  /** Its slice of the client file, with `sources`. Whatever is called `texts` in it must have the client's own locale. */
  readonly settings: Settings;
  readonly sources: Sources<Event>;
  /** Settings as an agency writes them, without sources: for a new client file, and for the demo where that names none. */
  example(locale: string): Omit<z.input<Settings> & object, 'sources'>;
  /** Settings that a new client file shows beside them, turned off. */
  offers?(locale: string): Partial<z.input<Settings>>;
  /** Names of what it tells by these settings, where that is more than one thing. */
  tells?(settings: z.output<Settings>): readonly string[];
  /** Bytes that its minified function may have, where it needs more than others; say why beside the number. */
  readonly bundleBytes?: number;
  /** Short name of the table from whose rows `{resync}` in its work queue sets its alarms anew. */
  readonly alarmsFrom?: string;
  /** Of such a row the alarms that lie ahead, as far as the settings tell. Pure: times in epoch milliseconds. */
  ahead?(
    row: never,
    config: z.output<Settings> & ClientFacts,
    now: number,
  ): readonly { readonly stage: string; readonly at: number }[];
  /** True if a second event about the same person is refused, so that nothing can be tried with several. */
  readonly oncePerPerson?: true;
  /** True if people answer its messages with "cancel" or "move", which others must see to. */
  readonly reminds?: true;
  /** What its settings had better not say. It is shown wherever the client file is read, and stops nothing. */
  warnings?(settings: z.output<Settings>, client: ClientFacts & { readonly optOut: OptOutWords }): readonly Warning[];
  /** When what an event is about began and happened. */
  times(event: Event): EventTimes;
  /** Throws `Invalid` for an event of our own that the settings know nothing of. */
  assertMeant?(event: Event, config: z.output<Settings> & ClientFacts): void;
  /** What becomes of an event of which nothing is known yet, all of it. Pure: `now` in epoch milliseconds. */
  sends(event: Event, config: z.output<Settings> & ClientFacts, now: number): readonly PlannedSend[];
}

/** The templates by name, as `import * as templates from '../templates.ts'` gives them. */
// biome-ignore lint/suspicious/noExplicitAny: each template has events and settings of its own, which only it reads
export type Templates = Readonly<Record<string, Template<any, any>>>;

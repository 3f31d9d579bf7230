import type * as z from 'zod/mini';
import type { OwnNotice } from '../people/notice.ts';
import type { Http } from '../runtime/http.ts';
import type { VendorApi } from '../runtime/vendor-api.ts';
import type { SourceSecret } from './signatures.ts';

/** One request at a door, before anything of it is believed. */
export interface SourceRequest {
  readonly method: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly query: Readonly<Record<string, string | undefined>>;
  /**
   * The bytes of the body, decompressed if they came compressed; for `parse` without byte order marks and, unless it is a form,
   * as UTF-8, whatever charset they were in.
   */
  readonly raw: Uint8Array;
  /** Epoch milliseconds at the door. */
  readonly receivedAt: number;
  /** A secret that stood in the path, for senders that cannot send headers. Never logged: the log knows routes, not paths. */
  readonly pathSecret?: string | undefined;
  /** The caller's address. */
  readonly address?: string | undefined;
  /** The browser names a page of the client as the sender; anything but a browser can claim that too. */
  readonly fromOwnPage?: boolean;
}

/** What `sign` makes of a body: the request a real sender would have made. */
export interface SignedRequest {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface LookUpTools<Settings> {
  readonly settings: Settings;
  readonly secret: SourceSecret;
  readonly http: Http;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** Tells people what they have to see to, once for each id. */
  readonly tell?: (notice: OwnNotice) => Promise<void>;
}

/** Something that a client file had better not say, though it can be used. */
export interface Warning {
  /** Names and places in lists, from the top of the settings. */
  readonly path: readonly (string | number)[];
  /** What is wrong and what to write. */
  readonly message: string;
}

/** Posts that come straight from a visitor's browser, which can keep no secret. */
export interface BrowserPosts<Settings> {
  /** Which pages may post, and how often from one address; undefined where the client file lets none. */
  rules(settings: Settings): { readonly origins: readonly string[]; readonly perAddressPerMinute: number } | undefined;
  /** A request that brought no proof at all: at best a page made it. */
  isUnproven(request: SourceRequest): boolean;
}

/** What a vendor itself says of where an event comes from: a signature says only whose secret it is, and a copy of a shop keeps that. */
export interface Origin<Settings> {
  /** What it is, for people, in one word. */
  readonly what: string;
  /** What is to be written of it, which a new client file has in its place and nothing is compared with; and one that could be. */
  readonly write: string;
  readonly such: string;
  /** Headers that say it of a whole request, in lower case, the first that is there; without them `parse` says it of each event. */
  readonly headers?: readonly string[];
  /** Where the body says it, as `--set` names it: an event that is made up says there that it is the client's. */
  readonly field?: string;
  /** All that one goes by, exact first; none for what is none, which counts as not said. What the client file writes goes by the exact one. */
  names(text: string): readonly string[];
  /** What other settings say of it already. */
  usual?(settings: Settings): string | undefined;
  /** Nobody is asked for it: what is secret is one account's alone, or other settings say which events count. */
  isNeedless?(settings: Settings): boolean;
}

/**
 * How one outside system proves itself and what its event means. Its folder and its line in the template's `sources.ts` are all
 * there is of it: the client file's schema and types, routes, secrets, commands and samples follow from this.
 * `Event` is what the template's workflow decides on; `Reference` is what a look-up needs to make an event of it.
 */
export interface Source<Event, Settings extends z.ZodMiniType, Reference = never> {
  /** What the client file says of it; `z.strictObject({})` where there is nothing to say. */
  readonly settings: Settings;
  /**
   * Settings as an agency writes them: for a new client file, and for the demo where that names none.
   * @param standIn address of the source's stand-in, for the demo
   */
  example(standIn?: string): z.input<Settings>;
  /** Our own event, which every template can be tried and handed over with. */
  readonly isOurs?: true;
  /** The versions of its API that are spoken, where it names any. */
  readonly apis?: readonly VendorApi[];
  /** Makes the shared secret where it is ours to choose and the sender is told it. */
  newSecret?(): string;
  /** The secret may be the last part of the address, for senders that can send no header. */
  readonly secretInPath?: true;
  readonly browser?: BrowserPosts<z.output<Settings>>;
  /** Where its events come from, if it says so. */
  readonly origin?: Origin<z.output<Settings>>;
  /** Bytes of the largest body that this source sends; 256 KB unless given. */
  readonly maxBytes?: number;
  /** The text that answers a GET of somebody who knows the shared secret. Throws `Unauthorized`. */
  handshake?(request: SourceRequest, secret: SourceSecret): string;
  /** A request that asks for a greeting instead of bringing an event; the text to answer with 200, or undefined. */
  greet?(request: SourceRequest, settings: z.output<Settings>): string | undefined;
  /** What its settings had better not say, with paths from their top. Pure: `now` in epoch milliseconds. */
  warnings?(settings: z.output<Settings>, now: number): readonly Warning[];
  /** Throws `Unauthorized` with a reason code unless the raw bytes prove the sender. */
  authenticate(request: SourceRequest, secret: SourceSecret): void;
  /**
   * The same proof from the other side, for tests and for agencies.
   * @param headers of the request, in lower case, where a sender of several kinds must be told apart by them
   */
  sign(body: string, secret: SourceSecret, at: Date, headers?: Readonly<Record<string, string>>): SignedRequest;
  /** Events of an authenticated request, none for topics that mean nothing here. Throws `Invalid` for what can never be read. */
  parse(
    request: SourceRequest,
    settings: z.output<Settings>,
  ): readonly (Parsed<Event, Reference> | Skipped | ForPeople)[];
  /** The id in a body of which `parse` makes nothing, for whoever asks what became of it. */
  about?(raw: Uint8Array): string | undefined;
  /**
   * Behind the queue. Undefined for what turns out to mean nothing here. Throws `Unavailable` to be tried again, `Permanent` when the
   * event can never become a message.
   */
  lookUp?(reference: Reference, tools: LookUpTools<z.output<Settings>>): Promise<Event | undefined>;
}

/** The sources of a template by the name in the route, as `import * as sources from './sources.ts'` gives them. */
// biome-ignore lint/suspicious/noExplicitAny: each source has settings and references of its own, which only it reads
export type Sources<Event> = Readonly<Record<string, Source<Event, any, any>>>;

/** An event that is complete, or a reference that must be looked up; as JSON in the work queue. */
export type Parsed<Event, Reference> = (
  | { readonly event: Event }
  | {
      readonly reference: Reference;
      /** What stands for the event in the ledger if the look-up never succeeds. */
      readonly id: string;
      /** ISO 8601, when it happened at the source. */
      readonly occurredAt: string;
    }
) & {
  /** Where it comes from, if the body says so; the door looks at it and passes it on to nobody. */
  readonly origin?: string | undefined;
};

/** Something that is taken and left out on purpose, such as a robot's post: counted in the answer and logged, never queued. */
export interface Skipped {
  readonly skipped: string;
}

/** Something that people have to see to and that becomes no message. */
export interface ForPeople {
  readonly forPeople: OwnNotice;
}

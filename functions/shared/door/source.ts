import type { Http } from '../runtime/http.ts';
import type { SourceSecret } from './signatures.ts';

/** One request at a door, before anything of it is believed. */
export interface SourceRequest {
  readonly method: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly query: Readonly<Record<string, string | undefined>>;
  /**
   * The bytes of the body, decompressed if they came compressed; for `parse`, unless it is a form, as UTF-8 without a mark,
   * whatever charset they were in.
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
}

/**
 * How one outside system proves itself and what its event means.
 * `Event` is what the template's workflow decides on; `Reference` is what a look-up needs to make an event of it.
 */
export interface Source<Event, Settings, Reference = never> {
  /** Bytes of the largest body that this source sends; 256 KB unless given. */
  readonly maxBytes?: number;
  /** The text that answers a GET of somebody who knows the shared secret. Throws `Unauthorized`. */
  handshake?(request: SourceRequest, secret: SourceSecret): string;
  /** Headers that let a page of this origin post here and read the answer; undefined for an origin that may not. */
  cors?(origin: string, settings: Settings): Readonly<Record<string, string>> | undefined;
  /** A request that asks for a greeting instead of bringing an event; the text to answer with 200, or undefined. */
  greet?(request: SourceRequest, settings: Settings): string | undefined;
  /** Throws `Unauthorized` with a reason code unless the raw bytes prove the sender. */
  authenticate(request: SourceRequest, secret: SourceSecret): void;
  /** The same proof from the other side, for tests and for agencies. */
  sign(body: string, secret: SourceSecret, at: Date): SignedRequest;
  /** Events of an authenticated request, none for topics that mean nothing here. Throws `Invalid` for what can never be read. */
  parse(request: SourceRequest, settings: Settings): readonly (Parsed<Event, Reference> | Skipped)[];
  /** Behind the queue. Throws `Unavailable` to be tried again, `Permanent` when the event can never become a message. */
  lookUp?(reference: Reference, tools: LookUpTools<Settings>): Promise<Event>;
}

/** An event that is complete, or a reference that must be looked up; as JSON in the work queue. */
export type Parsed<Event, Reference> =
  | { readonly event: Event }
  | {
      readonly reference: Reference;
      /** What stands for the event in the ledger if the look-up never succeeds. */
      readonly id: string;
      /** ISO 8601, when it happened at the source. */
      readonly occurredAt: string;
    };

/** Something that is taken and left out on purpose, such as a robot's post: counted in the answer and logged, never queued. */
export interface Skipped {
  readonly skipped: string;
}

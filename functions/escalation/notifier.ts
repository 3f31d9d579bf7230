import type * as z from 'zod/mini';
import type { Http } from '../shared/runtime/http.ts';
import type { VendorApi } from '../shared/runtime/vendor-api.ts';
import type { Alert } from './alert.ts';
import type { Letter } from './letter.ts';

export interface NotifierTools {
  /** This notifier's entry of the notifiers secret. Throws `Unavailable` while it is not set. */
  readonly secret: () => Promise<string>;
  readonly http: Http;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

/** A way to tell people: what a client file says of it, and how an alert is sent. */
export interface Notifier<Settings extends z.ZodMiniObject = z.ZodMiniObject> {
  /** What its part of the client file may hold. */
  readonly settings: Settings;
  /** Settings as an agency would write them. */
  readonly example: z.input<Settings>;
  /** The versions of its API that are spoken, where it names any. */
  readonly apis?: readonly VendorApi[];
  /** Sends one alert, once per call. Throws `Unavailable` or `Permanent` for whatever is not a clear yes. */
  send(alert: Alert, settings: z.infer<Settings>, tools: NotifierTools): Promise<void>;
  /** Closes what alerts with this `incident` opened, where it keeps such a thing. Throws as `send` does. */
  resolve?(incident: string, settings: z.infer<Settings>, tools: NotifierTools): Promise<void>;
  /**
   * Writes to one person outside of the team, where it can, once per call. Throws `Permanent` for what will be refused every time,
   * and anything else for what may work later.
   */
  write?(letter: Letter, settings: z.infer<Settings>, tools: NotifierTools): Promise<void>;
  /** The SES identity that it sends mail from: the function may then do so. */
  mailIdentity?(settings: z.infer<Settings>): string;
}

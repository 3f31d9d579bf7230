import type * as z from 'zod/mini';
import type { Notifier } from '../../functions/escalation/notifier.ts';

/** One call that a notifier took. */
export interface Notification {
  at: string;
  /** Its part of the address. */
  notifier: string;
  path: string;
  headers: Record<string, string>;
  // biome-ignore lint/suspicious/noExplicitAny: the shapes are the vendors'; each stand-in knows its own
  body: any;
}

/** `stand-in.ts` of a notifier: how the sandbox answers in its place, and what the contract of all notifiers must know of this one. */
export interface NotifierStandIn<Of extends Notifier = Notifier> {
  /** Its part of the address, where that is not the folder's name: `/notifier/<at>`. */
  readonly at?: string;
  /** The name of its faults, where that is not `notifier`. */
  readonly fault?: 'mail';
  /** Status and body of the original's answer to a call that it takes, the `nth` of all: a text, JSON, or nothing. */
  answer(call: Notification, nth: number): readonly [status: number, body?: string | object];
  /**
   * How to reach it: settings as in a client file, its entry of the notifiers secret if it has one, and what must stand in the
   * environment before its file is loaded. `base` is its address.
   */
  connection(base: string): {
    readonly settings: z.input<Of['settings']>;
    readonly secret?: string;
    readonly environment?: Readonly<Record<string, string>>;
  };
  /** What the original knows an alert by that comes again; left out where it keeps nothing once. */
  onceBy?(call: Notification): unknown;
  /** Whatever in a call the original would read as a mention, a link or a format. Plain text has none. */
  formatsIn(call: Notification): readonly string[];
}

import type * as z from 'zod/mini';
import type { Status } from '../shared/ezwhatsapp/events.ts';
import type { Http } from '../shared/runtime/http.ts';
import type { VendorApi } from '../shared/runtime/vendor-api.ts';
import type { FormAnswer } from '../shared/wording/form-answer.ts';

/** A person as the CRM gets to know them. */
export interface CrmContact {
  /** Ours, and stable: the phone, else the conversation. It goes into a unique field where the CRM has one. */
  readonly key: string;
  readonly phone?: string | undefined;
  /** The ways in which others may have written the phone, the likeliest first; none without one. */
  readonly forms: readonly string[];
  /** Ours, of the conversation and of WhatsApp's privacy id: the keys of whoever was met under them before their number was known. */
  readonly names?: readonly string[] | undefined;
  /** The same as others may see them: without WhatsApp's privacy ids. */
  readonly also?: readonly string[] | undefined;
  readonly name?: string | undefined;
}

/** One line of the timeline: one message of the conversation, or the form that began it. */
export interface CrmEntry {
  /** Ours, and stable: the line and the provider's message id, or the key of the form's own message. */
  readonly key: string;
  readonly conversationId?: string | undefined;
  readonly phone?: string | undefined;
  /** WhatsApp keeps the phone to itself. */
  readonly hidden?: boolean | undefined;
  readonly direction: 'inbound' | 'outbound';
  readonly type: string;
  /** Of the webhook that brought it, as all logs name it. */
  readonly delivery?: string | undefined;
  /** These are other words in the place of a message that is known already. */
  readonly changed?: boolean | undefined;
  /** ISO 8601. */
  readonly at: string;
  /** The client's own day of it, `2026-11-22`. */
  readonly day: string;
  /** Only if the client file says so. */
  readonly text?: string | undefined;
  /** Of the conversation in EZWhatsApp. */
  readonly link?: string | undefined;
  /** Of a form: the source, and which of its forms. */
  readonly from?: string | undefined;
  /** Of a form: what was asked and answered. Then it is no message. */
  readonly answers?: readonly FormAnswer[] | undefined;
  /** It is no message: it tells that the contact with this id, the CRM's, is the same person's. */
  readonly same?: string | undefined;
}

/** A secret as stored: a text, or the fields that the CRM's file names. */
export type CrmSecret = string | Readonly<Record<string, string | undefined>>;

export interface CrmTools {
  readonly http: Http;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

/**
 * A CRM with its settings and secret. Everything throws `Unavailable` for what passes and `Permanent` for what a person must mend; a 404 of
 * the HTTP helper, or `contactGone` of api.ts, says that the contact is not there any more: then it is found or made anew.
 */
export interface CrmConnection {
  /**
   * The CRM's id of a person, found or made. Never called twice at once for one person. `again` when an earlier call may have
   * made it without anyone learning the id.
   */
  contactId(contact: CrmContact, again: boolean): Promise<string>;
  /**
   * Of a contact that was made by its conversation the number is known now: it is written there, unless there is somebody with this
   * number: then that one. Gives the id of whom it is. Without it such a person is a contact of their own.
   */
  learnPhone?(contactId: string, contact: CrmContact): Promise<string>;
  /**
   * Merges a contact that we made into another, of the same person, for good; once they are one it does nothing. Gives the id of what is left.
   * Without it a line on each of the two names the other.
   */
  merge?(from: string, into: string): Promise<string>;
  /** Writes the name if there is none yet but one of ours that stands in for it; never over a person's. */
  nameContact?(contactId: string, contact: CrmContact): Promise<void>;
  /** Writes one line of the timeline, once however often it is called. `again` when an earlier call may have written it. */
  addEntry(contactId: string, contact: CrmContact, entry: CrmEntry, again: boolean): Promise<void>;
  /** Shows on the contact whether they have said stop. `entryKey` is that of the message that said so. */
  setOptOut(contactId: string, contact: CrmContact, optedOut: boolean, entry: CrmEntry): Promise<void>;
  /** How far a message got. Called of a CRM alone that says so (`statuses`). */
  onStatus?(key: string, messageId: string, status: Status, at: string): Promise<void>;
}

/** One CRM: what a client file says of it, and the way to make a connection of that and of the secret. */
export interface Crm<Settings extends z.ZodMiniObject = z.ZodMiniObject> {
  /** What its part of the client file may hold, beside `kind`, `name` and `text`, which all have. */
  readonly settings: Settings;
  /** Settings as an agency would write them. */
  readonly example: z.input<Settings>;
  /** The versions of its API that are spoken, where it names any. */
  readonly apis?: readonly VendorApi[];
  /** Whether it is told how far messages got. */
  readonly statuses?: true;
  connect(settings: z.infer<Settings>, secret: CrmSecret, tools: CrmTools): CrmConnection;
}

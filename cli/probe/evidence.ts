import type { HttpResult } from '../../functions/shared/runtime/http.ts';
import type { Came } from './listener.ts';

/** What is sent, in its order. */
export type SendName =
  | 'text'
  | 'same-key'
  | 'other-body'
  | 'no-key'
  | 'bad-token'
  | 'bad-to'
  | 'long-text'
  | 'media'
  | 'conversation'
  | 'retried'
  | 'twice'
  | 'unlinked'
  | 'again';

/** One POST and what became of it. Times are epoch milliseconds. */
export interface SendFact {
  readonly name: SendName;
  /** With what its text begins; of a repeat that of the first. */
  readonly marker: string;
  readonly askedAt: number;
  readonly answeredAt: number;
  readonly result: HttpResult;
  /** Whether it was refused by a line that could not send any more: it shows nothing else. */
  readonly isMoot?: boolean;
}

/** A delivery that was not answered 200 at first: what became of it. */
export interface Attempt {
  readonly at: number;
  readonly deliveryId: string;
  readonly answered: number | 'nothing';
}

/** Where the listener's webhook stands beside the client's own. */
export type Stands = 'beside' | 'instead' | 'unknown';

/** All that was seen of the line's webhooks. */
export interface Webhooks {
  readonly came: readonly Came[];
  /** When the listener's address was registered a second time. */
  readonly againAt?: number | undefined;
  readonly attempts: readonly Attempt[];
  readonly stands: Stands;
  /** Whether the client's own is registered, as far as this project knows. */
  readonly hasOwn: boolean;
}

/** What health was answered while the phone was not linked. */
export interface Unlinked {
  readonly health: number | string;
  /** In its documented fields. */
  readonly says: string;
  readonly isSendable: boolean;
  /** Whether the message came when the phone was back; undefined where nobody can know. */
  readonly left?: boolean;
}

/** Whatever was found out, for the verdicts. */
export interface Evidence {
  /** E.164, to whom it was sent. */
  readonly to: string;
  /** With what the text of every message of this probe begins. */
  readonly sends: readonly SendFact[];
  /** By marker: how many messages a person counted on the phone. */
  readonly counted: ReadonlyMap<string, number>;
  readonly webhooks?: Webhooks | undefined;
  readonly unlinked?: Unlinked | undefined;
  /** Why no more messages left, where they ended before the last. */
  readonly halted?: string | undefined;
  /** What a token that was replaced is answered. */
  readonly oldToken?: number | string | undefined;
}

export const statusOf = ({ result }: Pick<SendFact, 'result'>): number | undefined =>
  result.kind === 'answer' ? result.status : undefined;

export const isTaken = (send: SendFact | undefined): boolean =>
  send !== undefined && [200, 201, 202].includes(statusOf(send) ?? 0);

/** Whether nobody knows by its answer if it is a message. */
export const isLost = (send: SendFact): boolean => {
  const status = statusOf(send);
  return status === undefined || status === 408 || status >= 500;
};

export const sendNamed = ({ sends }: Pick<Evidence, 'sends'>, name: SendName): SendFact | undefined =>
  sends.find((one) => one.name === name && one.isMoot !== true);

import type { HttpRequest } from '../shared/runtime/http.ts';
import type { Alert } from './alert.ts';

/** One call that tells people. */
export interface NotifierCall<Settings> {
  readonly settings: Settings;
  /** This notifier's entry of the notifiers secret. */
  readonly secret: string;
  readonly now: Date;
}

/** A chat tool or pager that takes one HTTP request; any 2xx means that it was taken. */
export interface Notifier<Settings> {
  request(alert: Alert, call: NotifierCall<Settings>): HttpRequest;
}

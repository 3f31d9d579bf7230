import { HttpMethod } from 'aws-cdk-lib/aws-apigatewayv2';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { Client } from '../client.ts';
import type { DoorApi } from './door-api.ts';

type Sources = NonNullable<Client['templates']['lead-first-touch']>['sources'];

/** Far more than the visitors of one site send, far less than the whole door takes: a flood of one page shuts no webhook out. */
const BROWSERS = { perSecond: 10, burst: 40 };

/** What `lead-first-touch` needs besides `POST /lead-first-touch/{source}`. */
export function openLeadDoors(door: DoorApi, sources: Sources, handler: IFunction): void {
  // Meta asks once, when the webhook is set up.
  if (sources.meta) door.open(HttpMethod.GET, '/lead-first-touch/meta', handler);
  // For senders that cannot send a header. The access log knows the route, not the path.
  for (const source of ['form', 'webflow'] as const) {
    if (sources[source]) door.post(`/lead-first-touch/${source}/{secret}`, handler);
  }
  if (!sources.form?.browser) return;
  door.open(HttpMethod.OPTIONS, '/lead-first-touch/form', handler, BROWSERS);
  door.open(HttpMethod.POST, '/lead-first-touch/form', handler, BROWSERS);
}

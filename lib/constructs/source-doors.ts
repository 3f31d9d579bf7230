import { HttpMethod } from 'aws-cdk-lib/aws-apigatewayv2';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { Sources } from '../../functions/shared/door/source.ts';
import type { DoorApi } from './door-api.ts';

/**
 * What the visitors of one page send while a webinar ends; beyond it a browser sees a refusal without CORS, and the lead is gone. Each route by itself:
 * a flood of one page shuts no webhook out. One address is held to far less by the function.
 */
const BROWSERS = { perSecond: 100, burst: 500 };

/** What a source that is turned on needs besides `POST <template>/{source}`. */
export function openSourceDoors(
  door: DoorApi,
  path: string,
  source: Sources<unknown>[string],
  settings: unknown,
  handler: IFunction,
): void {
  // The vendor asks once, when the webhook is set up.
  if (source.handshake) door.open(HttpMethod.GET, path, handler);
  // For senders that cannot send a header. The access log knows the route, not the path.
  if (source.secretInPath) door.post(`${path}/{secret}`, handler);
  if (!source.browser?.rules(settings)) return;
  door.open(HttpMethod.OPTIONS, path, handler, BROWSERS);
  door.open(HttpMethod.POST, path, handler, BROWSERS);
}

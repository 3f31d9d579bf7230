import { HttpMethod } from 'aws-cdk-lib/aws-apigatewayv2';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { Sources } from '../../functions/shared/door/source.ts';
import type { DoorApi } from './door-api.ts';

/** Far more than the visitors of one site send, far less than the whole door takes: a flood of one page shuts no webhook out. */
const BROWSERS = { perSecond: 10, burst: 40 };

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

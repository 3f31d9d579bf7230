import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { fitting } from '../shared/door/gateway-event.ts';
import { type Answer, answerFor, Shut } from '../shared/runtime/errors.ts';
import type { Log } from '../shared/runtime/log.ts';

/**
 * Templates that the client does not have leave their doors to this function, the only one with a door in every stack. The
 * answer at one of them; undefined at the function's own door.
 */
export const answerForAbsentTemplate = (event: APIGatewayProxyEventV2, log: Log): Answer | undefined => {
  // Its own route names the token; the looser one of its own path is `ANY /ezw/webhook/{path+}`.
  const template = event.pathParameters?.token === undefined ? event.routeKey.split('/')[1] : 'ezw';
  if (template === 'ezw') return undefined;
  log('warn', { event: 'door', template, status: 503, reason: 'template_off' });
  const shut = new Shut('template_off', `The template ${template} is not turned on for this client.`);
  return fitting(event, answerFor(shut));
};

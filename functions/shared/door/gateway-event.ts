import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { type Answer, Invalid } from '../runtime/errors.ts';

/** What the doors read of the event that API Gateway makes of a request. */

/** SQS and API Gateway would take more; few sources come near it. */
export const MAX_BODY_BYTES = 256 * 1024;

/** Names in lower case. */
export const headersOf = ({ headers }: APIGatewayProxyEventV2): Readonly<Record<string, string | undefined>> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));

/** Bytes as they were sent: API Gateway hands over in base64 what is not text. Throws `Invalid` for more than `maxBytes`. */
export const bytesOf = ({ body, isBase64Encoded }: APIGatewayProxyEventV2, maxBytes = MAX_BODY_BYTES): Uint8Array => {
  const bytes = Buffer.from(body ?? '', isBase64Encoded ? 'base64' : 'utf8');
  if (bytes.length > maxBytes) throw new Invalid('too_large', `The body is larger than ${maxBytes} bytes.`);
  return bytes;
};

/** The parts of a path that came by a route for all that is no door to the letter (`{path+}`): slashes too many do not count. */
export const looseParts = ({ pathParameters }: APIGatewayProxyEventV2): readonly string[] | undefined =>
  pathParameters?.path?.split('/').filter((part) => part !== '');

export const methodOf = ({ requestContext }: APIGatewayProxyEventV2): string => requestContext.http.method;

/** Throws `Invalid` for a method that is none of these. */
export const assertMethod = (event: APIGatewayProxyEventV2, allowed: readonly string[]): void => {
  if (allowed.includes(methodOf(event))) return;
  const allow = allowed.join(', ');
  throw new Invalid('method_not_allowed', `This door is there, and takes ${allow}.`, { allow });
};

/** An answer to HEAD has no body. */
export const fitting = (event: APIGatewayProxyEventV2, given: Answer): Answer =>
  methodOf(event) === 'HEAD' ? { ...given, body: '' } : given;

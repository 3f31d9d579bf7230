import { errorXml } from '../sns/answers.ts';
import type { Refusal } from './guard.ts';

/** A refusal as one of the services words it. */
export interface RefusedAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const nameOf = ({ reason }: Refusal): string =>
  reason === 'denied' ? 'AccessDeniedException' : 'UnrecognizedClientException';

/** DynamoDB and Secrets Manager (AWS JSON). */
export const jsonRefusal = (refusal: Refusal, contentType: string): RefusedAnswer => ({
  status: 400,
  headers: { 'content-type': contentType },
  body: JSON.stringify({ __type: `com.amazon.coral.service#${nameOf(refusal)}`, Message: refusal.message }),
});

/** SQS: AWS JSON too, with the names of its older protocol in a header. */
export const sqsRefusal = (refusal: Refusal): RefusedAnswer => {
  const code = refusal.reason === 'denied' ? 'AccessDenied' : 'InvalidClientTokenId';
  return {
    status: 403,
    headers: { 'content-type': 'application/x-amz-json-1.0', 'x-amzn-query-error': `${code};Sender` },
    body: JSON.stringify({ __type: `com.amazon.coral.service#${nameOf(refusal)}`, message: refusal.message }),
  };
};

/** SES and the Scheduler (REST-JSON). */
export const restRefusal = (refusal: Refusal): RefusedAnswer => ({
  status: 403,
  headers: { 'content-type': 'application/json', 'x-amzn-errortype': nameOf(refusal) },
  body: JSON.stringify({ message: refusal.message, Message: refusal.message }),
});

/** SNS (AWS query protocol). */
export const snsRefusal = (refusal: Refusal): RefusedAnswer => ({
  status: 403,
  headers: { 'content-type': 'text/xml' },
  body: errorXml(refusal.reason === 'denied' ? 'AuthorizationError' : 'InvalidClientTokenId', refusal.message),
});

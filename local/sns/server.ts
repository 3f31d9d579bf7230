import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { jsonIn } from '../../functions/shared/runtime/json.ts';
import { readBody } from '../http.ts';
import { snsRefusal } from '../iam/answers.ts';
import type { Guard } from '../iam/guard.ts';
import { ServiceServer } from '../service-server.ts';
import { element, errorXml } from './answers.ts';
import { SnsError } from './sns-error.ts';
import { type Publication, SnsStore } from './store.ts';

const VERSION = 'http://sns.amazonaws.com/doc/2010-03-31/';

/** A message of the greatest length, each of its bytes encoded. */
const MOST_BYTES = 1024 * 1024;

/** SNS on this machine, as far as somebody publishes (AWS query protocol: a form asks, XML answers). In memory. */
export type SnsServer = ServiceServer<SnsStore>;

export const SnsServer = {
  /**
   * @param guard holds each call against the role of whoever makes it
   * @param now epoch milliseconds
   */
  start(guard?: Guard, now: () => number = Date.now): Promise<SnsServer> {
    const store = new SnsStore(now);
    return ServiceServer.of(store, (request, response) => answer(request, response, store, guard));
  },
};

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  store: SnsStore,
  guard: Guard | undefined,
): Promise<void> {
  const body = await readBody(request, MOST_BYTES);
  response.setHeader('content-type', 'text/xml');
  try {
    if (body === undefined) throw new SnsError(413, 'InvalidParameter', 'Invalid parameter: Message too long');
    const form = new URLSearchParams(String(body));
    if (form.get('Action') !== 'Publish')
      throw new SnsError(400, 'InvalidAction', `${form.get('Action')} is not emulated here.`);
    const publication = publicationIn(form);
    const refusal = guard?.refusal(request.headers.authorization, [
      { action: 'sns:Publish', resource: publication.topicArn },
    ]);
    if (refusal) {
      const { status, headers, body: text } = snsRefusal(refusal);
      response.writeHead(status, headers).end(text);
      return;
    }
    const id = element('MessageId', store.publish(publication));
    response.end(
      `<PublishResponse xmlns="${VERSION}"><PublishResult>${id}</PublishResult><ResponseMetadata>${element('RequestId', randomUUID())}</ResponseMetadata></PublishResponse>`,
    );
  } catch (error) {
    if (!(error instanceof SnsError)) throw error;
    response.statusCode = error.status;
    response.end(errorXml(error.name, error.message));
  }
}

function publicationIn(form: URLSearchParams): Publication {
  const known =
    /^(Action|Version|TopicArn|Message|Subject|MessageAttributes\.entry\.\d+\.(Name|Value\.(DataType|StringValue)))$/;
  const other = [...form.keys()].find((key) => !known.test(key));
  if (other !== undefined) throw new SnsError(400, 'InvalidParameter', `${other} is not emulated here.`);
  return {
    topicArn: form.get('TopicArn') ?? '',
    message: form.get('Message') ?? '',
    subject: form.get('Subject') ?? undefined,
    attributes: attributesIn(form),
  };
}

/** Of a list each of its texts: https://docs.aws.amazon.com/sns/latest/dg/sns-message-attributes.html */
const textsOf = (type: string, text: string): readonly string[] | undefined => {
  if (type === 'String') return [text];
  const list = type === 'String.Array' ? jsonIn(text) : undefined;
  return Array.isArray(list) && list.every((one) => typeof one === 'string') ? list : undefined;
};

function attributesIn(form: URLSearchParams): Publication['attributes'] {
  const attributes: Record<string, readonly string[]> = {};
  for (let i = 1; form.has(`MessageAttributes.entry.${i}.Name`); i += 1) {
    const at = `MessageAttributes.entry.${i}`;
    const [name, type, text] = ['Name', 'Value.DataType', 'Value.StringValue'].map((part) => form.get(`${at}.${part}`));
    const texts = textsOf(type ?? '', text ?? '');
    if (!name || !text || !texts)
      throw new SnsError(
        400,
        'ParameterValueInvalid',
        `The message attribute '${name}' must contain non-empty message attribute value for message attribute type '${type}'.`,
      );
    attributes[name] = texts;
  }
  return attributes;
}

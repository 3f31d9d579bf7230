import { randomUUID } from 'node:crypto';

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

export const element = (name: string, text: string): string => `<${name}>${escaped(text)}</${name}>`;

/** An error as the AWS query protocol words it: https://smithy.io/2.0/aws/protocols/aws-query-protocol.html */
export const errorXml = (code: string, message: string): string =>
  `<ErrorResponse><Error>${element('Type', 'Sender')}${element('Code', code)}${element('Message', message)}</Error>${element('RequestId', randomUUID())}</ErrorResponse>`;

import type { SendBody } from '../message-schema.ts';
import { type Answer, refusal } from './answers.ts';
import type { Contract } from './assumptions.ts';

const MAX_TEXT = 4096;
const E164 = /^\+[1-9]\d{6,14}$/;

type Rule = (contract: Contract, send: SendBody) => Answer | undefined;

/** Nobody has this number, for it is none. */
export const isToNobody = (send: SendBody): boolean => send.to !== undefined && !E164.test(send.to);

const badTo: Rule = ({ 'bad-to': does }, send) => {
  if (!isToNobody(send) || does === 'failed') return undefined;
  const problem = 'to: must be E.164 with a leading +, digits only, e.g. +972501234567';
  return refusal(does === '422' ? 422 : 400, 'invalid_body', problem);
};

const longText: Rule = ({ 'long-text': does }, send) => {
  const [field, text = ''] = 'media' in send ? ['caption', send.caption] : ['body', send.body];
  if (text.length <= MAX_TEXT || does === 'accepted') return undefined;
  const problem = `${field}: must be at most ${MAX_TEXT} characters`;
  return does === '413' ? refusal(413, 'too_long', problem) : refusal(400, 'invalid_body', problem);
};

const media: Rule = ({ media: does }, send) => {
  if (does === '202' || !('media' in send)) return undefined;
  if (does === '404') return refusal(404, 'not_found', 'no such endpoint in the sandbox');
  return refusal(400, 'invalid_body', 'media: cannot be sent');
};

const conversation: Rule = ({ conversation: does }, send) => {
  if (does === 'taken' || !('conversationId' in send)) return undefined;
  if (does === '404') return refusal(404, 'not_found', 'there is no such conversation');
  return refusal(400, 'invalid_body', 'conversationId: is not known');
};

/** Why this send is refused, whatever the line and its key. */
export const refusalOf = (contract: Contract, send: SendBody): Answer | undefined => {
  for (const rule of [media, conversation, badTo, longText]) {
    const answer = rule(contract, send);
    if (answer !== undefined) return answer;
  }
  return undefined;
};

/** What is said to a send while the line cannot send. Nothing where it is taken and waits. */
export const unlinkedRefusal = ({ unlinked }: Contract): Answer | undefined => {
  if (unlinked === 'queued') return undefined;
  const status = unlinked === '503' ? 503 : unlinked === '409' ? 409 : 400;
  return refusal(status, 'line_not_sendable', 'the line cannot send now: its QR must be scanned');
};

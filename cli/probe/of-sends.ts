import { isFields } from '../../functions/shared/ezwhatsapp/fields.ts';
import type { HttpResult } from '../../functions/shared/runtime/http.ts';
import { jsonIn } from '../../functions/shared/runtime/json.ts';
import { type Evidence, isTaken, type SendFact, type SendName, sendNamed, statusOf } from './evidence.ts';
import { type Finding, other, unasked, variant } from './finding.ts';
import { idsOf, itemsOf, messagesOf } from './items.ts';
import { shapeOf } from './shape.ts';

export const NOT_REACHED = 'it was not reached';

/** How an answer is told: its status, or why there was none. */
export const answered = (result: HttpResult): string =>
  result.kind === 'answer' ? `answered ${result.status}` : `not answered (${result.code})`;

/** A refusal that is about the line, the account or the moment: of what was asked it tells nothing. */
export const isAboutTheLine = (status: number): boolean =>
  status >= 500 || [401, 402, 403, 408, 425, 429].includes(status);

/** What is none of the known, where it is an answer to the question at all. */
const unknown = (status: number, found: string): Finding =>
  isAboutTheLine(status) ? unasked(`not asked: ${found}`) : other(found);

/** By the status alone. */
const byStatus = (send: SendFact | undefined, names: Readonly<Record<number, string>>, taken?: string): Finding => {
  if (send === undefined) return unasked(NOT_REACHED);
  const status = statusOf(send);
  if (status === undefined) return unasked(answered(send.result));
  const name = names[status] ?? (isTaken(send) ? taken : undefined);
  return name === undefined ? unknown(status, answered(send.result)) : variant(name, answered(send.result));
};

/** How many messages with these words came; undefined where neither the line told of any nor a person counted. */
const cameOf = ({ webhooks, counted, sends }: Evidence, marker: string): number | undefined => {
  const byHand = counted.get(marker);
  if (byHand !== undefined) return byHand;
  const items = (webhooks?.came ?? []).flatMap(itemsOf);
  // Where the line tells of no send, it tells nothing of this one.
  const isTold = sends.some((send) => messagesOf(items, send.marker).length > 0);
  return isTold ? messagesOf(items, marker).length : undefined;
};

const inWords = (n: number | undefined): string =>
  n === undefined ? 'how many messages came was not counted' : n === 1 ? 'one message came' : `${n} messages came`;

interface NamedId {
  readonly path: string;
  readonly id: string;
}

const HOLDERS = ['', 'message', 'data', 'attempt'];
const ID_NAMES = ['id', 'messageId', 'message_id', 'attemptId', 'outboundMessageId', 'queueId'];

/** The id in an answer to a send, and where it stands. */
export const idIn = ({ result }: Pick<SendFact, 'result'>): NamedId | undefined => {
  const body = result.kind === 'answer' ? jsonIn(result.body) : undefined;
  if (!isFields(body)) return undefined;
  for (const holder of HOLDERS) {
    const fields = holder === '' ? body : body[holder];
    if (!isFields(fields)) continue;
    for (const name of ID_NAMES) {
      const id = fields[name];
      if (typeof id !== 'string' && typeof id !== 'number') continue;
      return { path: holder === '' ? name : `${holder}.${name}`, id: String(id) };
    }
  }
  return undefined;
};

const withId = (send: SendFact, first: SendFact): string => {
  const [one, before] = [idIn(send), idIn(first)];
  if (!one || !before) return '';
  return one.id === before.id ? ' with the first id' : ' with another id';
};

const COUNT_IT = 'run it at a terminal or with --webhook';

const sameKey = (evidence: Evidence): Finding => {
  const [first, again] = [sendNamed(evidence, 'text'), sendNamed(evidence, 'same-key')];
  if (!first || !again) return unasked(NOT_REACHED);
  const came = cameOf(evidence, first.marker);
  const found = `${answered(again.result)}${withId(again, first)}; ${inWords(came)}`;
  if (came !== undefined && came > 1) return other(`a key that is worth nothing, a second message at once: ${found}`);
  if (came === undefined && isTaken(first) && isTaken(again) && idIn(first)?.id !== idIn(again)?.id)
    return other(`perhaps a key that is worth nothing: ${found}, so ${COUNT_IT}`);
  const status = statusOf(again);
  if (status === undefined || isAboutTheLine(status)) return unasked(`not asked: ${found}`);
  // Whatever it is answered: a message may be behind it.
  if (came === undefined) return unasked(`${found}: ${COUNT_IT}`);
  if (!isTaken(again)) return [409, 422].includes(status) ? variant(String(status), found) : other(found);
  if (status === 202 || status === statusOf(first)) return variant('202', found);
  return status === 200 ? variant('200', found) : other(found);
};

const otherBody = (evidence: Evidence): Finding => {
  const [first, send] = [sendNamed(evidence, 'text'), sendNamed(evidence, 'other-body')];
  if (!first || !send) return unasked(NOT_REACHED);
  if (!isTaken(send)) return byStatus(send, { 409: '409', 422: '422' });
  const came = cameOf(evidence, send.marker);
  const found = `${answered(send.result)}${withId(send, first)}; ${inWords(came)}`;
  if (came !== undefined) return variant(came === 0 ? 'first-answer' : 'sent', found);
  const [one, before] = [idIn(send), idIn(first)];
  if (!one || !before) return unasked(`${found}, so it is not known whether it is a message`);
  return variant(one.id === before.id ? 'first-answer' : 'sent', found);
};

const accepted = (evidence: Evidence): Finding => {
  const send = sendNamed(evidence, 'text');
  if (send && (statusOf(send) ?? 0) > 299)
    return unasked(`the first message was ${answered(send.result)}, so nothing was accepted`);
  return byStatus(send, { 200: '200', 201: '201', 202: '202' });
};

/** Ids by which the line tells of the message that a send made. */
const echoIdsOf = ({ webhooks }: Evidence, { marker }: SendFact): readonly string[] =>
  messagesOf((webhooks?.came ?? []).flatMap(itemsOf), marker).flatMap(idsOf);

const answerId = (evidence: Evidence): Finding => {
  const send = sendNamed(evidence, 'text');
  if (!send || !isTaken(send)) return unasked('no message was accepted');
  const found = idIn(send);
  if (!found) return variant('none', 'the answer holds no id');
  const at = `the answer holds one in \`${found.path}\``;
  const echoed = echoIdsOf(evidence, send);
  if (echoed.includes(found.id)) return variant('whatsapp', `${at}, that of the observed message`);
  const named: Readonly<Record<string, string>> = { id: 'queued', 'message.id': 'nested' };
  const name = named[found.path];
  if (name === undefined) return other(at);
  if (echoed.length === 0 && name === 'queued' && !evidence.webhooks)
    return unasked(`${at}; whether anything else names it is seen by webhooks alone`);
  return variant(name, echoed.length === 0 ? at : `${at}, and not that of the observed message`);
};

const conversation = (evidence: Evidence): Finding => {
  const send = sendNamed(evidence, 'conversation');
  if (!send && evidence.halted !== undefined) return unasked(NOT_REACHED);
  if (!send) return unasked(evidence.webhooks ? 'no webhook named a conversation' : 'webhooks name conversations');
  if (!isTaken(send)) return byStatus(send, { 400: '400', 404: '404' });
  return variant('taken', `${answered(send.result)}; ${inWords(cameOf(evidence, send.marker))}`);
};

const badTo = (evidence: Evidence): Finding => {
  const send = sendNamed(evidence, 'bad-to');
  return byStatus(send, { 400: '400', 422: '422' }, 'failed');
};

const media = (evidence: Evidence): Finding => {
  const send = sendNamed(evidence, 'media');
  if (!send) return unasked(evidence.halted === undefined ? 'no picture was named' : NOT_REACHED);
  return byStatus(send, { 400: '400', 404: '404' }, '202');
};

type Wording = 'object' | 'text' | 'html' | { readonly paths: readonly string[] };

/** How an answer that refuses is worded. */
const wordingOf = ({ body, headers }: Extract<HttpResult, { kind: 'answer' }>): Wording => {
  const json = jsonIn(body);
  if (isFields(json)) {
    const { error } = json;
    const isObject = isFields(error) && 'code' in error && 'message' in error;
    return isObject ? 'object' : { paths: shapeOf(json) };
  }
  return /html/i.test(headers['content-type'] ?? '') || /^\s*</.test(body) ? 'html' : 'text';
};

const REFUSALS: readonly SendName[] = ['same-key', 'other-body', 'no-key', 'bad-token', 'bad-to', 'long-text', 'media'];

/** Of what was refused of its own fault: a gateway that is down words its errors in its own way. */
const errors = (evidence: Evidence): Finding => {
  const refused = evidence.sends.flatMap(({ name, result, isMoot }) =>
    isMoot !== true &&
    REFUSALS.includes(name) &&
    result.kind === 'answer' &&
    result.status >= 400 &&
    (name === 'bad-token' ? [401, 403].includes(result.status) : !isAboutTheLine(result.status))
      ? [result]
      : [],
  );
  if (refused.length === 0) return unasked('nothing was refused');
  const wordings = [...new Set(refused.map((one) => JSON.stringify(wordingOf(one))))];
  const [first] = refused.map(wordingOf);
  const found = `${refused.length} errors were seen`;
  if (wordings.length > 1) return other(`${found}, not all alike: ${wordings.join('; ')}`);
  return typeof first === 'string' ? variant(first, found) : other(`${found}: ${first?.paths.join(', ')}`);
};

const unlinked = (evidence: Evidence): Finding => {
  const send = sendNamed(evidence, 'unlinked');
  if (!send) return unasked('the phone was not unlinked');
  if (!isTaken(send)) return byStatus(send, { 503: '503', 400: '400', 409: '409' });
  const left = evidence.unlinked?.left;
  const then = left === undefined ? 'whether it left later is not known' : left ? 'it left later' : 'it did not leave';
  return left === false
    ? other(`${answered(send.result)}; ${then}`)
    : variant('queued', `${answered(send.result)}; ${then}`);
};

const health = ({ unlinked: seen }: Evidence): Finding => {
  if (!seen) return unasked('the phone was not unlinked');
  const found = `answered ${seen.health}: ${seen.says}`;
  if (seen.isSendable) return other(found);
  return seen.health === 200 || seen.health === 503 ? variant(String(seen.health), found) : other(found);
};

const oldToken = ({ oldToken: status }: Evidence): Finding => {
  if (status === undefined) return unasked('the token was not rotated');
  const found = `its health is answered ${status}`;
  if (status === 401 || status === 403) return variant('dies', found);
  return status === 200 ? variant('lives', found) : other(found);
};

type OfSends = readonly [name: string, look: (evidence: Evidence) => Finding];

/** What answers to sends tell. */
export const OF_SENDS: readonly OfSends[] = [
  ['same-key', sameKey],
  ['other-body', otherBody],
  ['no-key', (evidence) => byStatus(sendNamed(evidence, 'no-key'), { 400: '400' }, 'accepted')],
  ['accepted', accepted],
  ['answer-id', answerId],
  ['conversation', conversation],
  ['media', media],
  ['long-text', (evidence) => byStatus(sendNamed(evidence, 'long-text'), { 400: '400', 413: '413' }, 'accepted')],
  ['bad-to', badTo],
  ['errors', errors],
  ['bad-token', (evidence) => byStatus(sendNamed(evidence, 'bad-token'), { 401: '401', 403: '403' })],
  ['old-token', oldToken],
  ['unlinked', unlinked],
  ['health', health],
];

import { randomUUID } from 'node:crypto';
import type { MiddlewareHandler } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import type { SandboxEnv } from '../env.ts';
import type { Contract } from './assumptions.ts';

export interface Answer {
  readonly status: ContentfulStatusCode;
  readonly body: object;
}

export const refusal = (status: ContentfulStatusCode, code: string, message: string): Answer => ({
  status,
  body: { error: { code, message } },
});

/** By which names one send may be known. */
export interface SendIds {
  /** The queued attempt's. */
  readonly queued: string;
  /** WhatsApp's own, which the observed message has. */
  readonly whatsapp: string;
  /** One that at most statuses name. */
  readonly other: string;
}

export const newSendIds = (): SendIds => ({
  queued: `att_${randomUUID()}`,
  whatsapp: `wamid_${randomUUID()}`,
  other: `wamid_${randomUUID()}`,
});

const answeredId = (contract: Contract, ids: SendIds): string | undefined => {
  if (contract['answer-id'] === 'none') return undefined;
  return contract['answer-id'] === 'whatsapp' ? ids.whatsapp : ids.queued;
};

const ACCEPTED = { '200': 200, '201': 201, '202': 202 } as const;

export const acceptance = (contract: Contract, ids: SendIds): Answer => {
  const id = answeredId(contract, ids);
  const named = contract['answer-id'] === 'nested' ? { message: { id } } : { ...(id !== undefined && { id }) };
  return { status: ACCEPTED[contract.accepted], body: { ...named, status: 'queued' } };
};

export const statusIdOf = (contract: Contract, ids: SendIds): string => {
  if (contract['status-id'] === 'echo') return ids.whatsapp;
  return (contract['status-id'] === 'answer' ? answeredId(contract, ids) : undefined) ?? ids.other;
};

/** To the bytes that this key had before. `first` is what they were answered then. */
export const answerToSame = (contract: Contract, first: Answer): Answer => {
  switch (contract['same-key']) {
    case '202':
    case '200':
      return { ...first, status: ACCEPTED[contract['same-key']] };
    case '409':
      return refusal(409, 'idempotency_key_used', 'this Idempotency-Key was used before');
    case '422':
      return refusal(422, 'idempotency_key_used', 'this Idempotency-Key was used before');
    case 'again-after-24h':
      return first;
  }
};

/** To other bytes under a key. Nothing where they are a message of their own. */
export const answerToOther = (contract: Contract, first: Answer): Answer | undefined => {
  const words = ['idempotency_conflict', 'this Idempotency-Key was used with another body'] as const;
  switch (contract['other-body']) {
    case '409':
      return refusal(409, ...words);
    case '422':
      return refusal(422, ...words);
    case 'first-answer':
      return first;
    case 'sent':
      return undefined;
  }
};

const asPage = (status: number, message: string): string => {
  const text = message.replace(/[&<>]/g, (character) => `&#${character.charCodeAt(0)};`);
  return `<!doctype html><html><head><title>${status}</title></head><body><h1>${status}</h1><p>${text}</p></body></html>`;
};

/** Words each refusal as the contract has it. Health that is told under 503 is none. */
export const wordedErrors =
  (contract: () => Contract): MiddlewareHandler<SandboxEnv> =>
  async (c, next) => {
    await next();
    const { errors } = contract();
    const { status } = c.res;
    if (status < 400 || errors === 'object') return;
    const { error } = (await c.res.clone().json()) as { error?: { message: string } };
    if (error === undefined) return;
    const [type, text] = errors === 'html' ? ['html', asPage(status, error.message)] : ['plain', error.message];
    c.res = new Response(text, { status, headers: { 'content-type': `text/${type}; charset=utf-8` } });
  };

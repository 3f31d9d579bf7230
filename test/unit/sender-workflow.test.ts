import { describe, expect, it } from 'vitest';
import { afterPost, notSendable, recipientOf, tooLate } from '../../functions/sender/workflow.ts';
import type { Claim } from '../../functions/shared/ledger/ledger.ts';
import type { SendRecord } from '../../functions/shared/ledger/rules.ts';
import type { HttpResult } from '../../functions/shared/runtime/http.ts';

const NOW = Date.parse('2026-11-22T10:00:00Z');
const record: SendRecord = {
  pk: 'line#k',
  key: 'k',
  template: 'order-ready',
  state: 'CLAIMED',
  owner: 'o',
  leaseUntil: NOW + 60_000,
  attempts: 1,
  interruptions: 0,
  firstAttemptAt: NOW,
  bodyHash: 'h',
  asOf: '2026-11-22T09:00:00Z',
  usefulUntil: '2026-11-23T09:00:00Z',
  createdAt: NOW,
  updatedAt: NOW,
  expiresAt: NOW / 1000 + 1,
};
describe('whom a body is for, as the suppression list knows them', () => {
  it.each([
    ['{"to":"+972501234567","body":"Hi"}', '+972501234567'],
    ['{"conversationId":"conv-1","body":"Hi"}', 'line:conv-1'],
  ])('%s: %s', (body, person) => {
    expect(recipientOf('line', body)).toBe(person);
  });
});

const first: Claim = { record, before: undefined };
const uncertain = (agoMs: number): Claim => {
  const before: SendRecord = { ...record, state: 'UNKNOWN', firstAttemptAt: NOW - agoMs };
  return { record: { ...record, attempts: 2, firstAttemptAt: NOW - agoMs }, before };
};
const answered = (status: number, headers: Record<string, string> = {}, body = ''): HttpResult => ({
  kind: 'answer',
  status,
  headers,
  body,
});

describe('what a POST means', () => {
  it.each([200, 201, 202])('%i is accepted, and accepted is not delivered', (status) => {
    const { settlement, hold } = afterPost(first, answered(status, {}, '{"id":"q1","status":"queued"}'), NOW);
    expect(settlement).toMatchObject({ state: 'ACCEPTED', response: { status, id: 'q1' } });
    expect(hold).toBeUndefined();
  });

  it.each([401, 402, 403, 404, 405, 429, 501, 302])(
    '%i was surely not taken: the message waits, the line is held',
    (status) => {
      const { settlement, hold } = afterPost(first, answered(status), NOW);
      expect(settlement.state).toBe('HELD');
      expect(settlement.firstAttemptAt).toBeUndefined();
      expect(hold).toEqual({});
    },
  );

  it.each([500, 502, 503, 504, 408, 425, 206])(
    '%i leaves it unknown: same key and bytes again, the line is held',
    (status) => {
      const { settlement, hold } = afterPost(first, answered(status), NOW);
      expect(settlement).toMatchObject({ state: 'UNKNOWN', firstAttemptAt: NOW });
      expect(settlement.parked).toBeUndefined();
      expect(hold).toBeDefined();
    },
  );

  it.each([400, 413, 415, 422, 410, 451])("%i is the message's own fault: parked, the line goes on", (status) => {
    const { settlement, hold } = afterPost(first, answered(status), NOW);
    expect(settlement).toMatchObject({ state: 'REJECTED', reason: `api_${status}` });
    expect(hold).toBeUndefined();
  });

  it('a refused connection waits, a connection that broke off is unknown', () => {
    expect(afterPost(first, { kind: 'never-left', code: 'ECONNREFUSED' }, NOW).settlement).toMatchObject({
      state: 'HELD',
      reason: 'ECONNREFUSED',
    });
    expect(afterPost(first, { kind: 'unknown', code: 'timeout' }, NOW).settlement.state).toBe('UNKNOWN');
  });

  it('what was uncertain before stays so after a failure that proves nothing about the first attempt', () => {
    for (const result of [{ kind: 'never-left', code: 'ECONNREFUSED' } as const, answered(429), answered(401)]) {
      const { settlement } = afterPost(uncertain(60_000), result, NOW);
      expect(settlement).toMatchObject({ state: 'UNKNOWN', firstAttemptAt: NOW - 60_000 });
    }
  });

  it('a 409 on a retry is most likely the first attempt showing; on a first attempt it is a refusal', () => {
    expect(afterPost(uncertain(60_000), answered(409), NOW).settlement).toMatchObject({
      state: 'UNKNOWN',
      parked: true,
    });
    expect(afterPost(first, answered(409), NOW).settlement).toMatchObject({ state: 'REJECTED', reason: 'api_409' });
  });

  it.each([
    ['120', 120],
    [new Date(NOW + 90_000).toUTCString(), 90],
    ['soon', undefined],
    ['-5', undefined],
  ])('Retry-After %s holds the line for %s seconds', (value, seconds) => {
    const { hold } = afterPost(first, answered(429, { 'retry-after': value }), NOW);
    expect(hold?.seconds).toBe(seconds);
  });
});

describe('time', () => {
  it('a message is not sent after its useful time, and says so', () => {
    const late = { ...first, record: { ...record, usefulUntil: '2026-11-22T09:59:59Z' } };
    expect(tooLate(late, NOW)?.settlement).toMatchObject({ state: 'EXPIRED', attempts: 0 });
    expect(tooLate(first, NOW)).toBeUndefined();
  });

  it('an uncertain one is tried for at most 15 minutes and then left to a person', () => {
    expect(tooLate(uncertain(15 * 60_000 - 1), NOW)).toBeUndefined();
    expect(tooLate(uncertain(15 * 60_000), NOW)?.settlement).toMatchObject({ state: 'UNKNOWN', parked: true });
  });

  it('an uncertain one that is too late is never called expired, for it may have arrived', () => {
    const claim = uncertain(60_000);
    const late = { ...claim, record: { ...claim.record, usefulUntil: '2026-11-22T09:59:59Z' } };
    expect(tooLate(late, NOW)?.settlement).toMatchObject({ state: 'UNKNOWN', parked: true });
  });
});

it('a line that cannot send holds everything and counts no attempt', () => {
  const { settlement, hold } = notSendable(first, { sendable: false });
  expect(settlement).toMatchObject({ state: 'HELD', reason: 'line_not_sendable', attempts: 0 });
  expect(settlement.firstAttemptAt).toBeUndefined();
  expect(hold).toEqual({});
});

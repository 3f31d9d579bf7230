import { describe, expect, it } from 'vitest';
import {
  afterPost,
  isNoMedia,
  notSendable,
  type Posted,
  posted,
  recipientOf,
  seenOnLine,
  tooLate,
} from '../../functions/sender/workflow.ts';
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

const TEXT = { path: '/messages/text', body: '{"to":"+972501234567","body":"Hi"}' } as const;
const MEDIA = {
  path: '/messages/media',
  body: '{"to":"+972501234567","media":"https://media.example/1.png"}',
} as const;
const IN_CONVERSATION = { path: '/messages/text', body: '{"conversationId":"conv-1","body":"Hi"}' } as const;
const became = (claim: Claim, result: HttpResult, sent: Posted = TEXT) => afterPost(claim, sent, result, NOW);

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
  it.each([400, 404, 410, 422])(
    '%i to what names a conversation alone is a no to that, and holds nothing back',
    (status) => {
      const { settlement, hold } = became(first, answered(status), IN_CONVERSATION);
      expect(settlement).toMatchObject({ state: 'REJECTED', reason: 'conversation_refused', response: { status } });
      expect(hold).toBeUndefined();
      const doubtful = became(uncertain(60_000), answered(status), IN_CONVERSATION);
      expect(doubtful.settlement).toMatchObject({ state: 'UNKNOWN', parked: true });
      expect(doubtful.hold).toBeUndefined();
    },
  );

  it('429 to it is the line’s matter all the same', () => {
    expect(became(first, answered(429), IN_CONVERSATION)).toMatchObject({ settlement: { state: 'HELD' }, hold: {} });
  });

  it.each([200, 201, 202])('%i is accepted, and accepted is not delivered', (status) => {
    const { settlement, hold } = became(first, answered(status, {}, '{"id":"q1","status":"queued"}'));
    expect(settlement).toMatchObject({ state: 'ACCEPTED', response: { status, id: 'q1' } });
    expect(hold).toBeUndefined();
  });

  it.each([401, 402, 403, 404, 405, 429, 501, 302])(
    '%i was surely not taken: the message waits, the line is held',
    (status) => {
      const { settlement, hold } = became(first, answered(status));
      expect(settlement.state).toBe('HELD');
      expect(settlement.firstAttemptAt).toBeUndefined();
      expect(hold).toEqual({});
    },
  );

  it.each([500, 502, 503, 504, 408, 425, 206])(
    '%i leaves it unknown: same key and bytes again, the line is held',
    (status) => {
      const { settlement, hold } = became(first, answered(status));
      expect(settlement).toMatchObject({ state: 'UNKNOWN', firstAttemptAt: NOW });
      expect(settlement.parked).toBeUndefined();
      expect(hold).toBeDefined();
    },
  );

  it.each([400, 413, 415, 422, 410, 451])("%i is the message's own fault: parked, the line goes on", (status) => {
    const { settlement, hold } = became(first, answered(status));
    expect(settlement).toMatchObject({ state: 'REJECTED', reason: `api_${status}` });
    expect(hold).toBeUndefined();
  });

  it('a refused connection waits, a connection that broke off is unknown', () => {
    expect(became(first, { kind: 'never-left', code: 'ECONNREFUSED' }).settlement).toMatchObject({
      state: 'HELD',
      reason: 'ECONNREFUSED',
    });
    expect(became(first, { kind: 'unknown', code: 'timeout' }).settlement.state).toBe('UNKNOWN');
  });

  it('what was uncertain before stays so after a failure that proves nothing about the first attempt', () => {
    for (const result of [{ kind: 'never-left', code: 'ECONNREFUSED' } as const, answered(429), answered(401)]) {
      const { settlement } = became(uncertain(60_000), result);
      expect(settlement).toMatchObject({ state: 'UNKNOWN', firstAttemptAt: NOW - 60_000 });
    }
  });

  it('a 409 on a retry is most likely the first attempt showing; on a first attempt it is a refusal', () => {
    expect(became(uncertain(60_000), answered(409)).settlement).toMatchObject({
      state: 'UNKNOWN',
      parked: true,
    });
    expect(became(first, answered(409)).settlement).toMatchObject({ state: 'REJECTED', reason: 'api_409' });
  });

  it.each([400, 409, 410, 413, 415, 422, 451])(
    '%i on a retry says nothing of the attempt before: for a person, and never refused',
    (status) => {
      const { settlement, hold } = became(uncertain(60_000), answered(status));
      expect(settlement).toMatchObject({ state: 'UNKNOWN', parked: true, firstAttemptAt: NOW - 60_000 });
      expect(hold).toBeUndefined();
    },
  );

  it('a 409 that says when to come again is one that is still being handled: the same bytes again then', () => {
    for (const claim of [first, uncertain(60_000)]) {
      const { settlement, hold } = became(claim, answered(409, { 'retry-after': '5' }));
      expect(settlement).toMatchObject({ state: 'UNKNOWN' });
      expect(settlement.parked).toBeUndefined();
      expect(hold).toEqual({ seconds: 5 });
    }
  });

  it.each([404, 405, 501])('%i for media or a conversation is that message, and holds no line', (status) => {
    for (const sent of [MEDIA, IN_CONVERSATION]) {
      const refused = became(first, answered(status), sent);
      expect(refused).toMatchObject({ settlement: { state: 'REJECTED' }, isRefusal: true });
      expect(refused.hold).toBeUndefined();
      const later = became(uncertain(60_000), answered(status), sent);
      expect(later).toMatchObject({ settlement: { state: 'UNKNOWN', parked: true } });
      expect(later.hold).toBeUndefined();
    }
  });

  it('media that is refused goes as its text with the address, unless an attempt may have left', () => {
    for (const status of [400, 404, 405, 415, 422, 501]) expect(isNoMedia(first, MEDIA, answered(status))).toBe(true);
    for (const status of [202, 401, 403, 429, 500]) expect(isNoMedia(first, MEDIA, answered(status))).toBe(false);
    expect(isNoMedia(first, TEXT, answered(404))).toBe(false);
    expect(isNoMedia(uncertain(60_000), MEDIA, answered(404))).toBe(false);
    expect(isNoMedia(first, MEDIA, { kind: 'unknown', code: 'timeout' })).toBe(false);
    const body = '{"to":"+972501234567","media":"https://media.example/1.png","caption":"Your invoice"}';
    expect(posted({ path: '/messages/media', body }, { asText: true })).toEqual({
      path: '/messages/text',
      body: '{"to":"+972501234567","body":"Your invoice\\nhttps://media.example/1.png"}',
    });
  });

  it.each([
    ['120', 120],
    [new Date(NOW + 90_000).toUTCString(), 90],
    ['soon', undefined],
    ['-5', undefined],
  ])('Retry-After %s holds the line for %s seconds', (value, seconds) => {
    const { hold } = became(first, answered(429, { 'retry-after': value }));
    expect(hold?.seconds).toBe(seconds);
  });
});

describe('seen on the line', () => {
  it('an uncertain one that was seen on the line left, and is not sent again', () => {
    const claim = uncertain(60_000);
    const seen = { ...claim, before: { ...record, ...claim.before, observedId: 'wamid-1' } };
    expect(seenOnLine(seen)?.settlement).toMatchObject({ state: 'ACCEPTED', reason: 'seen_on_line', attempts: 1 });
    expect(seenOnLine(claim)).toBeUndefined();
    const { firstAttemptAt: _, ...held } = record;
    expect(seenOnLine({ record, before: { ...held, state: 'HELD', observedId: 'wamid-1' } })).toBeUndefined();
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

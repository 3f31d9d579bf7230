import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { aboutOfAws, shortHash, withoutNew } from '../../local/chaos/about.ts';

const PHONE = '+972501234567';

let made = 0;
/** Milliseconds of the years from 2001 to 2027, another one each time. */
const newTime = (): number => {
  made += 7_919_000_123;
  return 1_000_000_000_000 + (made % 800_000_000_000);
};

describe('what a call is about', () => {
  it.each<[string, () => string]>([
    ['an id', () => `wamid_${randomUUID()}`],
    ['an id in capitals', () => randomUUID().toUpperCase()],
    ['a time', () => new Date(newTime()).toISOString()],
    ['a time to the second', () => new Date(newTime()).toISOString().replace(/\.\d+Z$/, 'Z')],
    ['a time without a zone', () => `at(${new Date(newTime()).toISOString().slice(0, 19)})`],
    ['a time of another zone', () => new Date(newTime()).toISOString().replace('Z', '+02:00')],
    ['a time in an address', () => `?since=${encodeURIComponent(new Date(newTime()).toISOString())}`],
    ['milliseconds', () => `{"at":${newTime()}}`],
    ['seconds', () => `{"N":"${Math.floor(newTime() / 1000)}"}`],
    ['seconds and a part of one', () => `${newTime() / 1000}`],
    ['the port of a server', () => `http://sqs.us-east-1.localhost:${1024 + (newTime() % 60_000)}/q`],
    ['the port in an address', () => `?to=${encodeURIComponent(`http://127.0.0.1:${1024 + (newTime() % 60_000)}`)}`],
  ])('is the same with another one: %s', (_, newOne) => {
    const texts = Array.from({ length: 50 }, () => `${PHONE} ${newOne()} said`);
    expect(new Set(texts).size).toBeGreaterThan(1);
    expect(new Set(texts.map(shortHash)).size).toBe(1);
    expect(withoutNew(newOne())).toContain('*');
  });

  it.each([
    '+972501230007',
    '0501230007',
    '+15555550100',
    '447911123456',
    '5678901234567',
    'order:chaos-1:ready',
    '12',
  ])('keeps what comes from outside: %s', (text) => {
    expect(withoutNew(`{"about":"${text}"}`)).toBe(`{"about":"${text}"}`);
  });

  it('is the row or the secret, whatever is done to it', () => {
    const none = () => undefined;
    const key = { pk: { S: 'line#order:1' } };
    expect(aboutOfAws('/', JSON.stringify({ Item: key }), none)).toBe('line#order:1');
    expect(aboutOfAws('/', JSON.stringify({ Key: key, UpdateExpression: 'SET a = :a' }), none)).toBe('line#order:1');
    expect(aboutOfAws('/', JSON.stringify({ SecretId: 'ezw/demo/line-token' }), none)).toBe('ezw/demo/line-token');
    expect(aboutOfAws('/schedules/a', '{"b":1}', none)).toBe('/schedules/a {"b":1}');
  });

  it('of handles is their messages', () => {
    const bodies: Readonly<Record<string, string>> = { a: 'first', b: 'second' };
    const bodyOf = (url: string, handle: string) => (url === 'work' ? bodies[handle] : undefined);
    const of = (asked: object) => aboutOfAws('/', JSON.stringify({ QueueUrl: 'work', ...asked }), bodyOf);
    expect(of({ ReceiptHandle: 'b', VisibilityTimeout: 9 })).toBe('work second');
    expect(of({ Entries: [{ ReceiptHandle: 'a' }, { ReceiptHandle: 'b' }, { ReceiptHandle: 'gone' }] })).toBe(
      'work first second ',
    );
    expect(of({})).toBe('work ');
  });

  it('of messages that are sent is what they say, whenever it is and however late', () => {
    const of = (asked: object) => aboutOfAws('/', JSON.stringify({ QueueUrl: 'work', ...asked }), () => undefined);
    expect(of({ MessageBody: 'first', MessageDeduplicationId: 'any' })).toBe('work first');
    const entry = (MessageBody: string) => ({ Id: '0', MessageBody, DelaySeconds: 7 });
    expect(of({ Entries: [entry('first'), entry('second')] })).toBe('work first second');
  });
});

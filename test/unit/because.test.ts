import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { mockClient } from 'aws-sdk-client-mock';
import { afterAll, describe, expect, it } from 'vitest';
import { sendCommandSchema } from '../../functions/sender/schema.ts';
import { consentNote } from '../../functions/shared/door/consent.ts';
import { becauseOf, queueSend, type SendCommand } from '../../functions/shared/ledger/send-command.ts';

const command: SendCommand = {
  key: 'order:1044:ready',
  template: 'order-ready',
  asOf: '2026-11-22T10:00:00.000Z',
  usefulUntil: '2026-11-23T10:00:00.000Z',
  outcome: { path: '/messages/text', body: '{"to":"+972501234567","body":"Ready"}' },
};
const because = becauseOf('shopify', 'ready', '1044', command.asOf);

describe('why a message is sent', () => {
  const sqs = mockClient(SQSClient);
  afterAll(() => sqs.restore());
  const idOf = async (one: SendCommand, now = Date.parse(command.asOf)): Promise<string | undefined> => {
    sqs.reset();
    sqs.on(SendMessageCommand).resolves({});
    await queueSend('https://queue.example/sends', 'line', one, now);
    const [call] = sqs.commandCalls(SendMessageCommand);
    const queuedAt = new Date(now).toISOString();
    expect(JSON.parse(call?.args[0].input.MessageBody ?? '')).toEqual({ queuedAt, ...one });
    return call?.args[0].input.MessageDeduplicationId;
  };

  it('is no part of what copies of one event are told by: those of two releases, or of two sources, melt together', async () => {
    const plain = await idOf(command);
    expect(await idOf({ ...command, because, to: '+972501234567' })).toBe(plain);
    expect(await idOf({ ...command, because: { ...because, source: 'erp' } })).toBe(plain);
    expect(await idOf({ ...command, asOf: '2026-11-22T10:00:01.000Z' })).not.toBe(plain);
  });

  it('and by what it is followed is no part of that either: the same event told twice has two ids, and melts together', async () => {
    expect(await idOf({ ...command, trace: 'ta' })).toBe(await idOf(command));
    expect(await idOf({ ...command, trace: 'tb' })).toBe(await idOf(command));
  });

  it('and when it was queued is no part of that either, and goes with it: a dead letter has another time of its own', async () => {
    expect(await idOf(command, Date.parse(command.usefulUntil))).toBe(await idOf(command));
    await idOf({ ...command, queuedAt: command.usefulUntil });
  });

  it('keeps what a later release adds to it, and beside it, on a command that is queued anew', () => {
    const later = { ...because, consent: { field: 'a', value: 'b', proof: [1] }, shop: null };
    const written = { ...command, because: later, more: 1 };
    expect(sendCommandSchema.parse(written)).toEqual(written);
  });

  it.each([
    ['a text', 'shopify'],
    ['null', null],
    ['without what this release asks for', { source: 'shopify' }],
    ['with another type', { ...because, id: 7 }],
  ])('keeps no message back where another release wrote it %s', (_, odd) => {
    const read = sendCommandSchema.parse({ ...command, because: odd, to: 5 });
    expect(read).toMatchObject(command);
    expect([read.because, read.to]).toEqual([undefined, undefined]);
  });
});

describe('a consent beside a message', () => {
  const SENT = '2026-11-22T10:00:00.000Z';

  it('is the field and the value as they came, cut, with the words and the time', () => {
    const at = '2026-11-22T09:59:00.000Z';
    expect(consentNote({ field: 'whatsapp', value: 'Yes ', text: 'I agree', at }, SENT)).toEqual({
      field: 'whatsapp',
      value: 'Yes ',
      statement: 'I agree',
      at,
    });
    const long = consentNote({ field: 'f'.repeat(200), value: 'כ'.repeat(200), text: 't'.repeat(900) }, SENT);
    expect([long.field.length, long.value.length, long.statement?.length]).toEqual([100, 100, 300]);
  });

  it('holds no number and no address that somebody typed into it', () => {
    const answer = {
      field: 'whatsapp',
      value: 'yes, 050-123-4567 or dana@shop.example',
      question: 'Call +972 50 123 4567?',
    };
    expect(JSON.stringify(consentNote(answer, SENT))).not.toMatch(/123|dana|example/);
  });

  it('was not given after the form was sent, whatever its clock says', () => {
    expect(consentNote({ field: 'a', value: 'b', at: '2027-01-01T00:00:00Z' }, SENT).at).toBe(SENT);
    expect(consentNote({ field: 'a', value: 'b', at: 'yesterday' }, SENT).at).toBe(SENT);
  });
});

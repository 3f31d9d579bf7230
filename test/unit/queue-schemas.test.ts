import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { sendCommandSchema } from '../../functions/sender/schema.ts';
import type { SendCommand } from '../../functions/shared/ledger/send-command.ts';

const command: SendCommand = {
  key: 'order:1044:ready',
  template: 'order-ready',
  asOf: '2026-11-27T10:00:00.000Z',
  usefulUntil: '2026-11-29T10:00:00.000Z',
  premise: { pk: 'line-demo#1', standing: 'v1.abc' },
  because: {
    source: 'custom',
    told: 'ready',
    id: '1044',
    at: '2026-11-27T10:00:00.000Z',
    consent: { field: 'terms', value: 'yes' },
  },
  outcome: { path: '/messages/text', body: '{"to":"+972501234567","body":"Ready."}', conversationId: 'conv-1' },
};
const parked: SendCommand = { ...command, outcome: { state: 'REJECTED', reason: 'no_phone' } };

/** The same with a field more in each object, as a later release may write it. */
const later = (value: unknown): unknown =>
  typeof value === 'object' && value !== null
    ? { ...Object.fromEntries(Object.entries(value).map(([name, one]) => [name, later(one)])), laterOn: { a: 1 } }
    : value;

it.each([
  ['a message', command],
  ['why there is none', parked],
])('a command of a later release is read, and keeps at every depth what is not known here: %s', (_, one) => {
  expect(sendCommandSchema.safeParse(later(one))).toMatchObject({ success: true });
  expect(sendCommandSchema.parse(later(one))).toEqual(later(one));
});

it.each([
  ['a path', { ...command, outcome: { ...command.outcome, path: '/messages/poll' } }],
  ['a state', { ...parked, outcome: { state: 'POSTPONED', reason: 'later' } }],
  ['a time', { ...command, quietFor: 'until tomorrow' }],
])('what it cannot know how to send it sets aside, and sends nothing: %s', (_, one) => {
  expect(sendCommandSchema.safeParse(one).success).toBe(false);
});

/** Whose schemas read client files, forms of outside systems and settings: all that is strict is there. */
const OF_CLIENT_FILES = /(config|-schema|-schemas|settings|our-event)\.ts$|\/(sources|crms|notifiers)\//;

it('no schema of what waits in a queue is strict', () => {
  const root = fileURLToPath(new URL('../../functions', import.meta.url));
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((one) => one.endsWith('.ts'));
  const strict = files.filter(
    (file) => !OF_CLIENT_FILES.test(file) && /strictObject|\.strict\(\)/.test(readFileSync(join(root, file), 'utf8')),
  );
  expect(strict.filter((file) => !file.endsWith('door/source.ts'))).toEqual([]);
});

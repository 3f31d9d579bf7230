import { cut } from './characters.ts';
import { marks } from './marks.ts';

/** Every field that may stand in a log line. There is no field for a body, a text, a phone number, a URL or a token. */
export const FIELDS = [
  'event',
  'template',
  'source',
  'status',
  'reason',
  'error',
  'key',
  'state',
  'attempt',
  'outcome',
  'holdSeconds',
  'queued',
  'skipped',
  'records',
  'trace',
  'request',
  'id',
  'number',
  'delivery',
  'item',
  'after',
  'consumer',
  'sink',
  'rule',
  'ms',
  'waitedMs',
  'tookMs',
  'appointments',
  'alarms',
  'overdue',
  'failed',
  'messageId',
  'sendable',
  'healthCode',
  'healthText',
  'lifecycleState',
  'effectiveSendState',
] as const;

export type LogFields = { readonly [field in (typeof FIELDS)[number]]?: string | number | boolean | undefined };

export type Log = (level: 'info' | 'warn' | 'error', fields: LogFields) => void;

const MAX_CHARACTERS = 120;

/**
 * One JSON line, written past `console`, which Lambda would prefix with text. Fields that are not on the list are left out even if a
 * caller gets them past the type checker. What the work is followed by stands on each line of it.
 */
export const log: Log = (level, fields) => {
  const line: Record<string, unknown> = { level };
  const { trace, delivery, id, item } = marks();
  const marked: LogFields = { trace, delivery, id, item };
  for (const field of FIELDS) {
    const value = fields[field] ?? marked[field];
    if (value !== undefined) line[field] = typeof value === 'string' ? cut(value, MAX_CHARACTERS) : value;
  }
  process.stdout.write(`${JSON.stringify(line)}\n`);
};

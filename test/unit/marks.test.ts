import { describe, expect, it } from 'vitest';
import { sendCommandSchema } from '../../functions/sender/schema.ts';
import { marked, marks, newTrace, noteKey, traced, traceIn, traceOf } from '../../functions/shared/runtime/marks.ts';

describe('what an event is followed by', () => {
  it('is made by chance, short, and never looks like a number', () => {
    expect(newTrace(() => new Uint8Array(11))).toBe('t00000000000');
    expect(newTrace(() => Uint8Array.from({ length: 11 }, (_, i) => 255 - i))).toBe('tvutsrqponml');
    const many = new Set(Array.from({ length: 1000 }, () => newTrace()));
    expect(many.size).toBe(1000);
    for (const one of many) expect(one).toMatch(/^t[0-9a-v]{11}$/);
  });

  it('is its own for each piece of work that goes on beside others', async () => {
    const seen: unknown[] = [];
    const work = async (ms: number) => {
      await Promise.resolve();
      for (let i = 0; i < ms; i += 1) await Promise.resolve();
      seen.push(marks().trace);
    };
    await Promise.all([marked({ trace: 'ta' }, () => work(5)), marked({ trace: 'tb' }, () => work(1)), work(3)]);
    expect(seen.sort()).toEqual(['ta', 'tb', undefined]);
  });

  it('stands on what is queued meanwhile, unless that bears one; and on nothing else', () => {
    expect(traced({ a: 1 })).toEqual({ a: 1 });
    marked({ trace: 'ta' }, () => {
      expect(traced({ a: 1 })).toEqual({ trace: 'ta', a: 1 });
      expect(traced({ trace: 'tb' })).toEqual({ trace: 'tb' });
      marked({}, () => expect(traced({ a: 1 })).toEqual({ a: 1 }));
    });
  });

  it('has the keys of what it came to, also of work within it', () => {
    noteKey('of nothing');
    marked({ trace: 'ta' }, () => {
      marked({ trace: 'tb' }, () => noteKey('order:1:ready'));
      expect(marks().keys).toEqual(['order:1:ready']);
    });
  });

  it.each([undefined, null, 7, {}, '', 'a b', '+972501234567', 'x'.repeat(41), 'a"b'])(
    'is none where it is %j',
    (value) => {
      expect(traceOf(value)).toBeUndefined();
      expect(traceIn(JSON.stringify({ trace: value }))).toEqual({ trace: undefined });
      const command = {
        key: 'order:1:ready',
        template: 'order-ready',
        asOf: '2026-11-27T10:00:00.000Z',
        usefulUntil: '2026-11-29T10:00:00.000Z',
        trace: value,
        outcome: { state: 'REJECTED', reason: 'no_phone' },
      };
      expect(sendCommandSchema.safeParse(command)).toMatchObject({ success: true });
      expect(sendCommandSchema.parse(command).trace).toBeUndefined();
      expect(sendCommandSchema.parse({ ...command, trace: 'ta' }).trace).toBe('ta');
    },
  );
});

import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import { written as demo } from '../../clients/demo.ts';
import { defineClient, slices } from '../../lib/client.ts';
import { asJson, forPeople } from '../../local/log-line.ts';

const AT = new Date(2026, 10, 25, 12, 3, 4);
const written = (fields: unknown) => ({ function: 'order-ready', line: JSON.stringify(fields) });
const plain = (fields: unknown) => forPeople(written(fields), AT, false);
const FRONT = '12:03:04  order-ready         ';

describe('a log line for people', () => {
  it('says when, who, how bad and what, then every other field', () => {
    expect(plain({ level: 'info', event: 'door', template: 'order-ready', status: 200, queued: 1, ms: 110 })).toBe(
      `${FRONT}  info   door        template=order-ready status=200 queued=1 ms=110`,
    );
  });

  it('has its columns below each other, whoever wrote it', () => {
    const lines = ['sender', 'appointment-reminder'].flatMap((name) =>
      ['info', 'warn', 'error'].map((level) => {
        const line = JSON.stringify({ level, event: 'send', ms: 1 });
        return forPeople({ function: name, line }, AT, false);
      }),
    );
    expect(new Set(lines.map((line) => line.indexOf('send        ms=1')))).toEqual(new Set([39]));
  });

  it('marks warnings yellow, errors red, and a function in the same colour each time', () => {
    const coloured = (level: string) => forPeople(written({ level, event: 'door' }), AT, true);
    expect(coloured('warn')).toContain('\x1b[33mwarn ');
    expect(coloured('error')).toContain('\x1b[31merror');
    expect(coloured('info')).not.toContain('\x1b[33m');
    expect(coloured('info')).toBe(coloured('info'));
    expect(stripVTControlCharacters(coloured('info'))).toBe(plain({ level: 'info', event: 'door' }));
  });

  it('gives every function of the demo a colour of its own', () => {
    const names = Object.keys(slices(defineClient(demo)));
    const colours = names.map((name) => forPeople({ function: name, line: '' }, AT, true).split(name)[0]);
    expect(new Set(colours).size).toBe(names.length);
  });

  it.each([
    ['text with spaces', 'two words', '"two words"'],
    ['quotes and equals signs', 'a="b"', '"a=\\"b\\""'],
    ['lines', 'a\nlevel=error', '"a\\nlevel=error"'],
    ['an object', { deep: ['x', null] }, '{"deep":["x",null]}'],
    ['Hebrew and emoji', 'דנה🎂', 'דנה🎂'],
    ['nothing', '', ''],
    ['null', null, 'null'],
    ['a long text', 'x'.repeat(5000), `${'x'.repeat(120)}…`],
    ['a long text of emoji', '🎂'.repeat(200), `${'🎂'.repeat(120)}…`],
    ['a colour', '\x1b[31mred\x1b[0m', '\\u001b[31mred\\u001b[0m'],
    ['what clears a screen, in one character', '\x9b2J\x7f\b', '\\u009b2J\\u007f\\u0008'],
    ['a title for the window', '\x1b]0;owned\x07', '\\u001b]0;owned\\u0007'],
    ['what turns the direction', 'a\u202eb\u2066c\u200f', 'a\\u202eb\\u2066c\\u200f'],
  ])('shows a value that is %s on one line', (_, value, shown) => {
    expect(plain({ level: 'info', event: 'x', value })).toBe(`${FRONT}  info   x           value=${shown}`.trimEnd());
  });

  it('shows odd names, levels and events as harmlessly as values', () => {
    const line = plain({ level: '\x1b[2J', event: '\x1b[H', '\x1b[0m': 1 });
    expect(line).toBe(`${FRONT}  \\u001b[2J  \\u001b[H    \\u001b[0m=1`);
  });

  it.each([
    'RangeError: told to fail',
    '    at Object.<anonymous> (/x/index.mjs:1:1)',
    '{"cut off',
    '"text"',
    '[1]',
    'null',
    '7',
    '',
    'a\ttab',
    'דנה: שלום',
  ])('leaves what is no JSON object as it is: %j', (line) => {
    expect(forPeople({ function: 'order-ready', line }, AT, false)).toBe(`${FRONT}  ${line}`);
  });

  it('leaves nothing in such a line that moves a cursor', () => {
    const line = forPeople({ function: 'order-ready', line: 'no \x1b[2J\u009b1A' }, AT, false);
    expect(line).toBe(`${FRONT}  no \\u001b[2J\\u009b1A`);
  });
});

describe('a line for machines', () => {
  it('is one JSON object: the name of the function, and what it wrote', () => {
    const line = '{"level":"info","event":"send","key":"order:7:ready"}';
    expect(asJson({ function: 'sender', line })).toBe(`{"function":"sender",${line.slice(1)}`);
    expect(asJson({ function: 'sender', line: '{}' })).toBe('{"function":"sender"}');
    expect(asJson({ function: 'sender', line: '{"function":"other","n":1}' })).toBe('{"function":"sender","n":1}');
  });

  it.each(['no JSON', '7', '[1]', 'null', '{"a": "\x1b"}', '{"cut": "of'])('holds %j, which is no object', (line) => {
    expect(JSON.parse(asJson({ function: 'sender', line }))).toEqual({ function: 'sender', line });
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { reminderKey } from '../../functions/appointment-reminder/workflow.ts';
import { leadKey } from '../../functions/lead-first-touch/workflow.ts';
import { orderKey } from '../../functions/order-ready/workflow.ts';
import { keyPart, withPrefix } from '../../functions/shared/runtime/hashes.ts';
import { fieldsIn, jsonIn, parseJson, toJson } from '../../functions/shared/runtime/json.ts';

describe('an outside id in a key', () => {
  it.each(['1', 'SO-1044', '820982911946154508', 'a_b'])('%s stays as it is', (id) => {
    expect(keyPart(id)).toBe(id);
  });

  it.each(['a:b', 'a b', 'ä', '', 'x'.repeat(35), 'h_abc', 'a\r\nX-Evil: 1', '1044/2', '%41'])(
    '%j is encoded',
    (id) => {
      expect(keyPart(id)).toMatch(/^h_[0-9a-f]{32}$/);
    },
  );

  it('no two ids meet, and every key part is safe in a header', () => {
    const anyId = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 80 }),
      fc.stringMatching(/^h_[0-9a-f]{32}$/),
      fc.stringMatching(/^[A-Za-z0-9_-]{1,40}$/),
    );
    fc.assert(
      fc.property(anyId, anyId, (left, right) => {
        expect(keyPart(left)).toMatch(/^[A-Za-z0-9_-]{1,34}$/);
        if (left !== right) expect(keyPart(left)).not.toBe(keyPart(right));
      }),
      { numRuns: 1000 },
    );
  });
});

describe('an id with a prefix', () => {
  it('shows both, and is hashed with it when the two are too long or the id is no plain one', () => {
    expect(keyPart(withPrefix('haifa', '1044'))).toBe('haifa::1044');
    expect(keyPart(withPrefix('a-prefix-of-16ch', '1234567890123456'))).toBe('a-prefix-of-16ch::1234567890123456');
    for (const id of ['12345678901234567', 'a b', 'h_1', 'x'.repeat(500)]) {
      expect(keyPart(withPrefix('a-prefix-of-16ch', id))).toMatch(/^h_[0-9a-f]{32}$/);
    }
  });

  it('meets no other id, with another prefix or none, in the characters and the length of every other', () => {
    const prefix = fc.stringMatching(/^[a-z0-9][a-z0-9-]{0,15}$/);
    // What the doors let in: an id that holds the mark of a lost character is refused.
    const id = fc.oneof(
      fc.stringMatching(/^[A-Za-z0-9_:-]{1,40}$/),
      fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 }).filter((text) => !text.includes('\uFFFD')),
    );
    const named = fc.oneof(
      id,
      fc.tuple(prefix, id).map(([before, own]) => withPrefix(before, own)),
      fc.tuple(prefix, id).map(([before, own]) => `${before}::${own}`),
    );
    fc.assert(
      fc.property(named, named, (left, right) => {
        expect(keyPart(left)).toMatch(/^[A-Za-z0-9_:-]{1,34}$/);
        if (left !== right) expect(keyPart(left)).not.toBe(keyPart(right));
      }),
      { numRuns: 1000 },
    );
  });

  it('is at most as long in every key as an id without one', () => {
    const longest = withPrefix('a-prefix-of-16ch', '1234567890123456');
    for (const key of [orderKey(longest), leadKey(longest), reminderKey(longest, 9999, 'P1DT12H30M')]) {
      expect(key).toMatch(/^[A-Za-z0-9:_-]{1,64}$/);
    }
  });
});

describe('JSON with large ids', () => {
  it('keeps integers beyond 2^53 exact and leaves everything else alone', () => {
    const text =
      '{"id":820982911946154508,"n":12,"f":1.5,"e":1e400,"s":"820982911946154508 \\" 99999999999999999","neg":-9007199254740993,"max":9007199254740991}';
    expect(parseJson(text)).toEqual({
      id: '820982911946154508',
      n: 12,
      f: 1.5,
      e: Number.POSITIVE_INFINITY,
      s: '820982911946154508 " 99999999999999999',
      neg: '-9007199254740993',
      max: 9007199254740991,
    });
  });

  it('agrees with JSON.parse on everything that holds no large integer', () => {
    fc.assert(
      fc.property(fc.json(), fc.bigInt({ min: 0n, max: 9007199254740991n }), (text, safe) => {
        fc.pre(!/\d{16}/.test(text));
        const wrapped = `{"a":${text},"b":${safe},"c":"1234567890123456789"}`;
        expect(parseJson(wrapped)).toEqual(JSON.parse(wrapped));
      }),
      { numRuns: 1000 },
    );
  });

  it.each(['', '{', '{"a":01}', 'nul', '{"a":1}x', '[1,]'])(
    'refuses %j with Invalid and no word of its content',
    (text) => {
      expect(() => parseJson(text)).toThrow(
        expect.objectContaining({ name: 'Invalid', message: 'The body is not valid JSON.' }),
      );
    },
  );

  it('survives nesting that would overflow a stack', () => {
    const deep = '['.repeat(100_000);
    expect(() => parseJson(deep)).toThrow(expect.objectContaining({ name: 'Invalid' }));
  });
});

describe('JSON in what may be anything', () => {
  it('is read as all JSON here, and nothing else is any', () => {
    expect(jsonIn('{"id":820982911946154508}')).toEqual({ id: '820982911946154508' });
    expect(jsonIn('null')).toBeNull();
    for (const text of ['', '<html>', '{', '['.repeat(100_000)]) expect(jsonIn(text)).toBeUndefined();
  });

  it('has fields where it is an object, and else none', () => {
    expect(fieldsIn('{"a":1,"b":null}')).toEqual({ a: 1, b: null });
    for (const text of ['', 'null', '"text"', '7', '{', 'not-set']) expect(fieldsIn(text)).toEqual({});
  });
});

describe('JSON for a queue', () => {
  const units = fc.array(fc.integer({ min: 0, max: 0xffff })).map((all) => String.fromCharCode(...all));
  const texts = fc.oneof(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'binary' }), units);

  it('reads back as what it was, and holds nothing that SQS or its stand-in refuses or changes', () => {
    fc.assert(
      fc.property(fc.jsonValue(), texts, (value, text) => {
        const json = toJson({ value, [text]: text });
        expect(JSON.parse(json)).toEqual(JSON.parse(JSON.stringify({ value, [text]: text })));
        expect(json).toMatch(/^[\t\n\r\u0020-\ud7ff\ue000-\ufffd]*$/);
      }),
      { numRuns: 1000 },
    );
  });

  it('of 4,096 cakes in each of ten messages fits into one call', () => {
    expect(toJson('🎂'.repeat(4096)).length * 10).toBeLessThan(1_000_000);
  });
});

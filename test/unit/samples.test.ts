import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { eventOf, signedEvent } from '../../local/samples/event.ts';
import { library, sampleNamed } from '../../local/samples/library.ts';
import { idLike, render, type Values } from '../../local/samples/render.ts';
import { isSaid, readSample, type Sample } from '../../local/samples/sample.ts';
import { settingOf, withFields } from '../../local/samples/set-fields.ts';

const VALUES: Values = { id: 'A-1', phone: '+972501234567', now: Date.parse('2026-11-22T10:00:00.250Z') };
const JSON_TYPE = 'application/json';
const FORM_TYPE = 'application/x-www-form-urlencoded';
const sampleOf = (body: string, type = JSON_TYPE, more = ''): Sample =>
  readSample(`# A title\n# from: our own event\n# ends: nothing\n\nContent-Type: ${type}\n\n${body}\n${more}`);
const set = (body: string, field: string, value: string, type = JSON_TYPE): string =>
  withFields(body, type, [{ field, value }]);

describe('placeholders', () => {
  it.each([
    ['id', 'A-1'],
    ['phone', '+972501234567'],
    ['phone.national', '050-123-4567'],
    ['phone.international', '+972 50 123 4567'],
    ['phone.digits', '972501234567'],
    ['phone.country', 'IL'],
    ['now', '2026-11-22T10:00:00Z'],
    ['now-30s', '2026-11-22T09:59:30Z'],
    ['now-2min', '2026-11-22T09:58:00Z'],
    ['now-2h', '2026-11-22T08:00:00Z'],
    ['now+3d', '2026-11-25T10:00:00Z'],
    ['now|ms', '2026-11-22T10:00:00.250Z'],
    ['now|micro', '2026-11-22T10:00:00.250000Z'],
    ['now|gmt', '2026-11-22T10:00:00'],
    ['now|sql', '2026-11-22 10:00:00'],
    ['now|unix', '1795341600'],
    ['now|unixms', '1795341600250'],
    ['now|date', 'November 22, 2026'],
    ['now+3h|time', '1:00 pm'],
    ['now|+02:00', '2026-11-22T12:00:00+02:00'],
    ['now-1d|-03:30', '2026-11-21T06:30:00-03:30'],
  ])('{{%s}} becomes %s', (name, expected) => {
    expect(render(`<{{${name}}}>`, VALUES)).toBe(`<${expected}>`);
  });

  it.each([
    '',
    'Id',
    'phone.',
    'phone.e164',
    ' now ',
    'now+3w',
    'now+3',
    'now|',
    'now|iso',
    'now|toString',
    'now|+2:00',
  ])('{{%s}} is none, and is told with those that there are', (name) => {
    expect(() => render(`{{${name}}}`, VALUES)).toThrow(
      expect.objectContaining({ name: 'SampleError', message: expect.stringContaining('|unixms') }),
    );
  });

  it('are filled in body, headers, keys, the text and what the sandbox holds, and nowhere twice', () => {
    const sample = readSample(
      [
        '# A title',
        '# from: our own event',
        '# ends: ACCEPTED order:9{{id}}:ready',
        '# says: Hi {{id}}',
        '',
        'X-Id: {{id}}',
        'X-Signature:',
        '',
        '{"id":"{{id}}"}',
        '',
        '### PUT /_sandbox/x',
        '{"id":"{{id}}"}',
      ].join('\n'),
    );
    const event = eventOf(sample, { ...VALUES, id: '{{now}}' });
    expect(event).toMatchObject({
      headers: { 'x-id': '{{now}}', 'x-signature': '' },
      body: '{"id":"{{now}}"}',
      says: 'Hi {{now}}',
      held: [{ path: '/_sandbox/x', body: '{"id":"{{now}}"}' }],
    });
    expect(eventOf(sample, VALUES).ends).toEqual([{ state: 'ACCEPTED', key: 'order:9A-1:ready' }]);
  });
});

describe('values', () => {
  it('stay what they are in JSON, also in what the sandbox holds, and in a form', () => {
    const held = '\n### PUT /_sandbox/x\n{"id":"{{id}}"}';
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (id) => {
        const event = eventOf(sampleOf('{"id":"{{id}}"}', JSON_TYPE, held), { ...VALUES, id });
        expect(JSON.parse(event.body)).toEqual({ id });
        expect(JSON.parse(event.held[0]?.body ?? '')).toEqual({ id });
      }),
    );
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (id) => {
        const { body } = eventOf(sampleOf('a=1&id={{id}}&b=2', FORM_TYPE), { ...VALUES, id });
        expect([...new URLSearchParams(body)]).toEqual([
          ['a', '1'],
          ['id', id],
          ['b', '2'],
        ]);
      }),
    );
  });

  it('of an id are hashed in a key as the ledger hashes them', () => {
    const sample = sampleNamed('appointment-reminder', 'calendly', 'created').sample;
    const [first] = eventOf(sample, { ...VALUES, id: sample.id }).ends;
    expect(first?.key).toMatch(/^appointment:h_[\da-f]{32}:24h$/);
  });
});

describe('a multipart body', () => {
  const type = 'multipart/form-data; boundary=b0undary';
  const parts = (text: string, end = '\n'): string =>
    ['--b0undary', 'Content-Disposition: form-data; name="text"', '', text, '--b0undary--'].join(end);

  it('has CRLF at the end of every line, whether the file has or not', () => {
    for (const end of ['\n', '\r\n']) {
      expect(eventOf(sampleOf(parts('a', end), type), VALUES).body).toBe(`${parts('a', '\r\n')}\r\n`);
    }
  });

  it('can be set field by field, whatever stands in the values', async () => {
    const odd = 'a\n-- \nname="other"\n\n$& $1';
    const body = set(parts(odd), 'text', `${odd}!`, type);
    const sent = eventOf(sampleOf(body, type), VALUES).body;
    const form = await new Response(sent, { headers: { 'content-type': type } }).formData();
    expect(String(form.get('text'))).toBe(`${odd}!`.replaceAll('\n', '\r\n'));
    expect(() => set(parts(odd), 'other', 'x', type)).toThrow('no field "other". There are: text.');
  });
});

describe('--set', () => {
  it('takes everything behind the first = as the value', () => {
    expect(settingOf('a=b=c')).toEqual({ field: 'a', value: 'b=c' });
    expect(settingOf('a=')).toEqual({ field: 'a', value: '' });
    for (const wrong of ['a', '=a', '']) expect(() => settingOf(wrong)).toThrow('must be field=value');
  });

  const TEXTS = ['0501234567', '00215e6', '12345678901234567890', 'a=b=c', '', '🌹 דנה', '"\\', 'true', 'null', '$&'];

  it.each(TEXTS)('leaves a text a text: %j', (value) => {
    expect(set('{"a":"x","n":1}', 'a', value)).toBe(`{"a":${JSON.stringify(value)},"n":1}`);
    expect([...new URLSearchParams(set('a=x&n=1', 'a', value, FORM_TYPE))]).toEqual([
      ['a', value],
      ['n', '1'],
    ]);
  });

  it('takes a number for a number, a yes or no for one, and JSON or a text for null', () => {
    for (const value of ['7', '-1.5', '12345678901234567890'])
      expect(set('{"n":1}', 'n', value)).toBe(`{"n":${value}}`);
    for (const value of ['', 'x', '"7"', 'true', 'null', '07', '+7', '[7]']) {
      expect(() => set('{"n":1}', 'n', value)).toThrow(`n is 1 in the sample: "${value}" is no JSON of that kind.`);
    }
    expect(set('{"b":true}', 'b', 'false')).toBe('{"b":false}');
    expect(() => set('{"b":true}', 'b', '1')).toThrow();
    expect(set('{"x":null}', 'x', '{"a":[1]}')).toBe('{"x":{"a":[1]}}');
    expect(set('{"x":null}', 'x', '050-123-4567')).toBe('{"x":"050-123-4567"}');
  });

  it('finds fields in objects and lists, and replaces whole ones too', () => {
    const body = '{ "a": { "b": [ { "c": 1 }, { "c": "2" } ], "1.3": "x" } }';
    expect(set(body, 'a.b[1].c', '3')).toBe(body.replace('"2"', '"3"'));
    expect(set(body, 'a.1.3', 'y')).toBe(body.replace('"x"', '"y"'));
    expect(set(body, 'a.b', '[]')).toBe('{ "a": { "b": [], "1.3": "x" } }');
    expect(set('{"a":{},"b":[],"c":1}', 'c', '2')).toBe('{"a":{},"b":[],"c":2}');
  });

  it('changes no other byte: no number is rounded and no escape rewritten', () => {
    const body = '{"id":820982911946154508,"url":"https:\\/\\/shop.example","name":"\\u05d3","e":1e2, "a":"x"}';
    expect(set(body, 'a', 'y')).toBe(body.replace('"x"', '"y"'));
    const form = 'a%5B0%5D=x&b=1+2&c=%d7%93&?d=1';
    expect(set(form, 'a[0]', 'y', FORM_TYPE)).toBe(form.replace('=x', '=y'));
    expect(set(form, '?d', '2', FORM_TYPE)).toBe(form.replace('?d=1', '%3Fd=2'));
  });

  it('of a field that is none names those that it could have been', () => {
    const body = '{"data":{"customer":{"name":"x","phone":"y"},"a":1,"b":1,"c":1,"d":1}}';
    expect(() => set(body, 'customer.phone', 'z')).toThrow('"customer.phone". There are: data.customer.phone');
    expect(() => set(body, 'data.nothing', 'z')).toThrow(/There are: data.customer.name, .*, …\.$/);
    expect(() => set('a=1&b=2', 'c', 'z', FORM_TYPE)).toThrow('There are: a, b.');
    expect(() => set('no JSON', 'a', 'z')).toThrow('The body is not JSON');
  });

  it('is laid over a sample after its placeholders were filled in', () => {
    const settings = [settingOf('a={{id}}'), settingOf('b=2')];
    expect(eventOf(sampleOf('{"a":"{{phone}}","b":1}'), VALUES, settings).body).toBe('{"a":"{{id}}","b":2}');
  });
});

type Path = readonly (string | number)[];

const leavesOf = (value: unknown, path: Path = []): { path: Path; value: unknown }[] =>
  typeof value === 'object' && value !== null && Object.keys(value).length > 0
    ? Object.entries(value).flatMap(([name, one]) =>
        leavesOf(one, [...path, Array.isArray(value) ? Number(name) : name]),
      )
    : [{ path, value }];

const written = (path: Path): string =>
  path.map((part, i) => (typeof part === 'number' ? `[${part}]` : `${i > 0 ? '.' : ''}${part}`)).join('');

const replaced = (value: unknown, [first, ...rest]: Path, by: unknown): unknown => {
  if (first === undefined) return by;
  const copy = (Array.isArray(value) ? [...value] : { ...(value as object) }) as Record<string | number, unknown>;
  copy[first] = replaced(copy[first], rest, by);
  return copy;
};

const OTHER: Readonly<Record<string, readonly [given: string, becomes: unknown]>> = {
  string: ['a="☃" 050', 'a="☃" 050'],
  number: ['7', 7],
  boolean: ['false', false],
  object: ['{"x":1}', { x: 1 }],
};

describe.each(library().map((one) => [one.file, one] as const))('%s', (_, { sample }) => {
  const { headers, body } = eventOf(sample, { ...VALUES, id: sample.id });
  const type = headers['content-type'] ?? '';

  it('can be set in every place of it, and there alone', async () => {
    if (type.startsWith(JSON_TYPE)) {
      const before = JSON.parse(body);
      const big = body.match(/(?<=:)\d{16,}/g) ?? [];
      for (const { path, value } of leavesOf(before)) {
        if (Array.isArray(value)) continue;
        const [given, becomes] = OTHER[typeof value] ?? ['', ''];
        const after = set(body, written(path), given, type);
        expect(JSON.parse(after), written(path)).toEqual(replaced(before, path, becomes));
        for (const number of big) if (String(value) !== String(Number(number))) expect(after).toContain(number);
      }
      return;
    }
    const read = async (text: string): Promise<[string, string][]> =>
      [...(await new Response(text, { headers: { 'content-type': type } }).formData())].map(([name, value]) => [
        name,
        String(value),
      ]);
    const before = await read(body);
    for (const [name] of before) {
      const after = await read(set(body, name, 'a="☃" 050', type));
      expect(after).toEqual(before.map(([one, value]) => [one, one === name ? 'a="☃" 050' : value]));
    }
  });
});

describe('a new id', () => {
  const randoms = [() => 0, () => 0.999999, Math.random];

  it.each(['SO-1044', '820982911946154508', 'bFJeNb2uX8ANpT3JL5EfXw', '6321ca84df3949bfc6752327', 'Z9Z97Go'])(
    'looks like %s',
    (example) => {
      for (const random of randoms) {
        const id = idLike(example, random);
        expect(id).toHaveLength(example.length);
        // A hexadecimal one may swap letters for digits.
        if (example.startsWith('6321')) expect(id).toMatch(/^[\da-f]{24}$/);
        else expect(id.replace(/[a-z]/g, 'a').replace(/[A-Z]/g, 'A').replace(/\d/g, '0')).toBe(shapeOf(example));
      }
    },
  );

  it('of a number never begins with a zero, which would be no number or a shorter one', () => {
    expect(idLike('1044', () => 0)).toBe('1000');
  });
});

const shapeOf = (text: string): string => text.replace(/[a-z]/g, 'a').replace(/[A-Z]/g, 'A').replace(/\d/g, '0');

describe('a file', () => {
  const HEAD = '# A title\n# from: our own event\n# ends: nothing\n';

  it.each([
    ['It must be comments', `${HEAD}Content-Type: x\n\n{}`],
    ['The first lines must be', `# A title\n# ends: nothing\n\nA: b\n\n{}`],
    ['What must come of it is missing', '# A title\n# from: here\n\nA: b\n\n{}'],
    ['"# ends: ACCEPTED" must be', '# A title\n# from: here\n# ends: ACCEPTED\n\nA: b\n\n{}'],
    ['"# ends: REJECTED a:b" must be', '# A title\n# from: here\n# ends: REJECTED a:b\n\nA: b\n\n{}'],
    ['"no header" is neither a comment', `${HEAD}\nno header\n\n{}`],
  ])('that cannot be used is told what is wrong: %s', (message, text) => {
    expect(() => readSample(text)).toThrow(message);
  });

  it('may have notes, several ends and several things that the sandbox holds', () => {
    const text = `${HEAD.replace('nothing', 'EXPIRED a:b c')}# ends: ACCEPTED d\n# A note: with a colon\n\nA: b\n\n1\n\n\n### PUT /_sandbox/a\n2\n\n### PUT /_sandbox/b\n3\n`;
    expect(readSample(text.replaceAll('\n', '\r\n'))).toMatchObject({
      title: 'A title',
      ends: [
        { state: 'EXPIRED', reason: 'a:b', key: 'c' },
        { state: 'ACCEPTED', key: 'd' },
      ],
      headers: { a: 'b' },
      body: '1',
      held: [
        { path: '/_sandbox/a', body: '2' },
        { path: '/_sandbox/b', body: '3' },
      ],
    });
  });

  it('may leave out of a key what is made of the answers', () => {
    expect(isSaid('lead:f-…:first-touch', 'lead:f-1:first-touch')).toBe(true);
    expect(isSaid('lead:f-…:first-touch', 'lead:1:first-touch')).toBe(false);
    expect(isSaid('lead:f-…:first-touch', 'lead:f-1:other')).toBe(false);
    expect(isSaid('lead:1', 'lead:12')).toBe(false);
  });
});

describe('a signed event', () => {
  const source = {
    sign: (body: string) => ({ headers: { 'content-type': 'a', signature: 'made', topic: 'guess' }, body }),
  };

  it('has the headers of the sample, and a signature that is made over its very body', () => {
    const given = { headers: { 'content-type': 'b', signature: '', topic: 'own' }, body: '{}' };
    expect(signedEvent(given, source, { current: 'x' }, new Date(0))).toEqual({
      headers: { 'content-type': 'b', signature: 'made', topic: 'own' },
      body: '{}',
    });
  });
});

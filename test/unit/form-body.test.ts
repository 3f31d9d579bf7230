import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { personOf } from '../../functions/lead-first-touch/person.ts';
import { formBody } from '../../functions/lead-first-touch/sources/form/body.ts';
import { encodedFields } from '../../functions/lead-first-touch/sources/form/encoded.ts';
import { readPost } from '../../functions/lead-first-touch/sources/form/shapes.ts';
import { isLike, textOf } from '../../functions/shared/door/answers.ts';

const request = (contentType: string, body: string | Uint8Array) => ({
  method: 'POST',
  headers: { 'content-type': contentType },
  query: {},
  raw: Buffer.from(body),
  receivedAt: 0,
});
const tree = (contentType: string, body: string | Uint8Array): unknown =>
  JSON.parse(JSON.stringify(formBody(request(contentType, body))));
const URLENCODED = 'application/x-www-form-urlencoded; charset=UTF-8';

describe('a form body', () => {
  it('says the same as JSON, form-encoded and multipart', async () => {
    const pairs = { name: 'דנה לוי', 'fields[phone][value]': '050-123-4567', 'colour[]': 'red' };
    const expected = { name: 'דנה לוי', fields: { phone: { value: '050-123-4567' } }, colour: { 0: 'red' } };
    const multipart = new Response(
      Object.entries(pairs).reduce((form, [name, value]) => {
        form.set(name, value);
        return form;
      }, new FormData()),
    );
    const type = multipart.headers.get('content-type') ?? '';
    expect(tree(type, new Uint8Array(await multipart.arrayBuffer()))).toEqual(expected);
    expect(tree(URLENCODED, new URLSearchParams(pairs).toString())).toEqual(expected);
    expect(tree('application/json', JSON.stringify(expected))).toEqual(expected);
  });

  it('keeps any text whole through multipart, and leaves files out', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'grapheme' }), async (text) => {
        const form = new FormData();
        form.set('text', text);
        form.set('file', new Blob(['x']), 'x.pdf');
        const made = new Response(form);
        const type = made.headers.get('content-type') ?? '';
        // FormData makes CRLF of every line break.
        const expected = text.replace(/\r\n|\r|\n/g, '\r\n');
        expect(tree(type, new Uint8Array(await made.arrayBuffer()))).toEqual({ text: expected });
      }),
      { numRuns: 200 },
    );
  });

  it('takes the ticked box and not the hidden field before or behind it, and reaches no prototype', () => {
    expect(tree(URLENCODED, 'consent=0&consent=1')).toEqual({ consent: '1' });
    expect(tree(URLENCODED, 'consent=1&consent=')).toEqual({ consent: '1' });
    for (const [yes, no] of [
      ['true', 'false'],
      ['True', 'False'],
      ['1', '0'],
      ['on', 'off'],
    ])
      expect(tree(URLENCODED, `consent=${yes}&consent=${no}`)).toEqual({ consent: yes });
    expect(tree(URLENCODED, 'consent=yes&consent=no')).toEqual({ consent: 'no' });
    expect(tree(URLENCODED, 'consent=WhatsApp&consent=false')).toEqual({ consent: 'false' });
    formBody(request(URLENCODED, '__proto__[polluted]=1&constructor[prototype][polluted]=1'));
    expect({}).not.toHaveProperty('polluted');
  });

  it.each([
    ['+442079460018', '+\t442079460018'],
    ['+44+20+7946+0018', '+\t44 20 7946 0018'],
    ['+%2844%29+20', ' (44) 20'],
    ['%28+44%29+20', '(+44) 20'],
    ['(+44)+20', '(+44) 20'],
    ['++4420', ' +4420'],
    ['+44-20%2F7946', '+\t44-20/7946'],
    ['%2B44+20', '+44 20'],
    ['+04420', ' 04420'],
    ['050+123+4567', '050 123 4567'],
    ['0501+234567', '0501 234567'],
    ['Unit+5', 'Unit 5'],
    ['+5+Star+Cleaning', ' 5 Star Cleaning'],
    ['call+me+2+times', 'call me 2 times'],
    ['3%2C+5', '3, 5'],
  ])('that is form-encoded says %j and means %j', (value, meant) => {
    expect(tree(URLENCODED, `a=${value}`)).toEqual({ a: meant });
    expect(tree('application/json', JSON.stringify({ a: value }))).toEqual({ a: value });
  });

  it('that is form-encoded says the same as the platform reads, but for a forgotten plus', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.stringMatching(/^[a-z]{1,8}$/), fc.string({ unit: 'grapheme' }))), (pairs) => {
        const body = new URLSearchParams(pairs).toString();
        fc.pre(!/=[+]*[1-9]/.test(body));
        // A mark at the beginning of a text is none of its characters.
        expect(encodedFields(Buffer.from(body), URLENCODED)).toEqual(
          pairs.map(([name, value]) => [name, value.replace(/^\ufeff+/, '')]),
        );
      }),
      { numRuns: 500 },
    );
    expect(encodedFields(Buffer.from('a&b=1=2&&%=%zz&c=%4'), URLENCODED)).toEqual([
      ['a', ''],
      ['b', '1=2'],
      ['%', '%zz'],
      ['c', '%4'],
    ]);
  });

  const JSON_FORM = '{"name":"דנה = Co","phone":"+972501234567"}';
  const DANA = JSON.parse(JSON_FORM);
  const ENCODED_FORM = new URLSearchParams(DANA).toString();

  it.each(['', 'text/plain', 'text/plain;charset=UTF-8', 'application/json', 'application/octet-stream'])(
    'is read form-encoded under the label %j',
    (contentType) => {
      expect(tree(contentType, ENCODED_FORM)).toEqual(DANA);
      expect(tree(contentType, `${ENCODED_FORM}\r\n`)).toMatchObject({ name: DANA.name });
      expect(tree(contentType, 'fields[a]=1&fields[b]=Dana Levi')).toEqual({ fields: { a: '1', b: 'Dana Levi' } });
    },
  );

  it.each(['', 'text/plain', URLENCODED, 'multipart/form-data'])(
    'is read as JSON under the label %j',
    (contentType) => {
      for (const body of [JSON_FORM, ` \n${JSON_FORM}`, `[${JSON_FORM}]`])
        expect(tree(contentType, body)).toEqual(DANA);
    },
  );

  it.each(['', 'application/json', 'multipart/form-data'])(
    'is read as multipart under the label %j',
    async (contentType) => {
      const form = new FormData();
      for (const [name, value] of Object.entries(DANA)) form.set(name, String(value));
      expect(tree(contentType, new Uint8Array(await new Response(form).arrayBuffer()))).toEqual(DANA);
    },
  );

  it('is read where JSON became a name without a value, or stands alone as payload', () => {
    const encoded = encodeURIComponent(JSON_FORM);
    for (const body of [`${JSON_FORM}=`, encoded, `${encoded}=`, `payload=${encoded}`]) {
      expect(tree(URLENCODED, body), body).toEqual(DANA);
    }
    for (const [body, read] of [
      ['payload=%7B%7D&name=Dana', { payload: '{}', name: 'Dana' }],
      ['payload=text', { payload: 'text' }],
      ['other=%7B%7D', { other: '{}' }],
      ['{field}=1', { '{field}': '1' }],
    ] as const) {
      expect(tree(URLENCODED, body), body).toEqual(read);
    }
  });

  it('has no byte order mark in its first name, once or more, as bytes or encoded', () => {
    for (const mark of ['%EF%BB%BF', '%ef%bb%bf%EF%BB%BF']) {
      expect(tree(URLENCODED, `${mark}submission_id=1`)).toEqual({ submission_id: '1' });
    }
  });

  it('that holds several is refused with a reason that says it', () => {
    expect(() => tree('application/json', `[${JSON_FORM},${JSON_FORM}]`)).toThrow(
      expect.objectContaining({ name: 'Invalid', reason: 'several_events' }),
    );
  });

  it("that is neither is refused under any label but a form's", () => {
    for (const body of [
      'Hello, I am Dana',
      '<a href="x">=</a>',
      'a=1\r\nb=2',
      '"a=b"',
      '{"a":1',
      '{"a":1}=',
      'no',
      '1',
    ]) {
      for (const contentType of ['', 'text/plain', 'application/json']) {
        expect(() => tree(contentType, body), body).toThrow(
          expect.objectContaining({ name: 'Invalid', reason: expect.stringMatching(/^(not_json|wrong_shape)$/) }),
        );
      }
    }
  });

  it('that is no form is Invalid', () => {
    for (const body of ['', '[]', '"x"', 'null', '{']) {
      expect(() => formBody(request('application/json', body))).toThrow(expect.objectContaining({ name: 'Invalid' }));
    }
  });
});

describe('a plug-in', () => {
  it('that numbers its entries gives an id with the form in it; an "id" that a visitor typed is none', () => {
    expect(readPost({ id: '12', form_id: '3', date_created: '2026-11-22 09:58:00' })).toMatchObject({
      id: '3-12',
      submittedAt: '2026-11-22T09:58:00Z',
    });
    expect(readPost({ id: '012345678', form_id: '3', phone: '1' }).id).toBeUndefined();
  });

  it('gives its id as it stands, or none if a part of it was lost', () => {
    expect(readPost({ submission_id: '<b>1</b>&amp;2 🎂' }).id).toBe('<b>1</b>&amp;2 🎂');
    for (const lost of ['1\ud83c', '1\ufffd', '1'.repeat(501)])
      expect(readPost({ submission_id: lost }).id).toBeUndefined();
  });

  it('with phone and name in parts is put together', () => {
    const { answers } = readPost({
      formID: '1',
      rawRequest: JSON.stringify({
        q3_name: { first: 'Dana', last: 'L' },
        q5_phone: { area: '050', phone: '1234567' },
      }),
    });
    expect(answers).toEqual([
      { names: ['name', 'first name'], value: 'Dana' },
      { names: ['phone'], value: '0501234567', looksLikePhone: true },
    ]);
  });

  it.each([
    ['+971', { value: '+971501234567' }],
    ['44', { value: '+44501234567' }],
    ['Ukraine', { value: '501234567', country: 'Ukraine' }],
  ])('keeps the country %s that was chosen beside a phone in parts', (country, expected) => {
    const rawRequest = JSON.stringify({ q5_phone: { country, area: '50', phone: '1234567' } });
    expect(readPost({ formID: '1', rawRequest }).answers).toEqual([
      { names: ['phone'], looksLikePhone: true, ...expected },
    ]);
  });

  it('with a place for consent that says nothing of WhatsApp says no', () => {
    const { answers } = readPost({ phone: '1', consent: { email: true, text: 'true' } });
    expect(answers.filter(({ names }) => names.some((name) => name.includes('consent')))).toEqual([
      { names: ['consent.whatsapp'], value: 'not answered', evidence: { text: 'true', at: undefined } },
    ]);
  });
});

it('every phone of a form is a candidate, each once, whether the field is asked for or marked', () => {
  const fields = { phone: ['phone'], country: [], area: [], name: [], firstName: [], email: [], locale: [] };
  const answers = [
    { names: ['phone'], value: ['03-7654321', null] },
    { names: ['mobile'], value: '050-1234567', isPhone: true },
    { names: ['mobile'], value: '03-7654321', isPhone: true },
  ];
  expect(personOf(answers, fields).phones).toEqual([{ raw: '03-7654321' }, { raw: '050-1234567' }]);
});

describe('names', () => {
  it.each([
    ['Phone Number', 'phone_number', true],
    ['phoneNumber', 'phone number', true],
    ['phone', 'phone_number', false],
    ['1.3', '1.3', true],
    ['13', '1.3', false],
    ['טלפון נייד', 'טלפון-נייד', true],
    ['Do you agree to get WhatsApp messages?', '*agree*whatsapp*', true],
    ['WhatsApp number', '*whatsapp*agree*', false],
    ['aba', 'ab*ba', false],
    ['i agree to all', 'i agree*', true],
    ['I disagree', 'i agree*', false],
    ['*', 'no', false],
    ['', '', true],
  ])('%j is like %j: %s', (name, pattern, expected) => {
    expect(isLike(name, pattern)).toBe(expected);
  });

  it.each([
    [' x ', 'x'],
    [['050', '051'], '050'],
    [972501234567, '972501234567'],
    [false, 'false'],
    [null, undefined],
    [[], undefined],
    [{ a: 1 }, undefined],
    ['', undefined],
  ])('%j as an answer is %j', (value, text) => {
    expect(textOf(value)).toBe(text);
  });
});

import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { type HeaderHmac, headerHmac } from '../../functions/shared/door/header-hmac.ts';

const AT = new Date('2026-11-22T10:00:00.700Z');
const [SECONDS, MILLISECONDS] = ['1795341600', '1795341600700'];
const BODY = '{"hello":"wörld"}';
const secret = { current: 'new', previous: 'old' };
const mac = (encoding: 'base64' | 'hex', text: string, key = 'new') =>
  createHmac('sha256', key).update(text).digest(encoding);

const plain: HeaderHmac = { header: 'x-signature', alias: 'signature', encoding: 'base64' };
const prefixed: HeaderHmac = { header: 'x-signature', encoding: 'hex', prefix: 'sha256=' };
const keyed: HeaderHmac = { header: 'x-signature', encoding: 'hex', key: (stored) => stored.toUpperCase() };
const beside: HeaderHmac = {
  header: 'x-signature',
  encoding: 'hex',
  time: { beside: 'v1', unitMs: 1000, separator: '.', toleranceSeconds: 180 },
};
const alone: HeaderHmac = {
  header: 'x-signature',
  encoding: 'hex',
  time: { beside: 'v', alone: true, unitMs: 1000, separator: '.', toleranceSeconds: 300 },
};
const apart: HeaderHmac = {
  header: 'x-signature',
  encoding: 'hex',
  time: { header: 'x-time', unitMs: 1, separator: ':', toleranceSeconds: 300 },
};
const rows: [string, HeaderHmac, Record<string, string>][] = [
  ['the bare signature', plain, { 'x-signature': mac('base64', BODY) }],
  ['a prefix', prefixed, { 'x-signature': `sha256=${mac('hex', BODY)}` }],
  ['a key made of the secret', keyed, { 'x-signature': mac('hex', BODY, 'NEW') }],
  ['a time beside it', beside, { 'x-signature': `t=${SECONDS},v1=${mac('hex', `${SECONDS}.${BODY}`)}` }],
  ['a time of its own', apart, { 'x-time': MILLISECONDS, 'x-signature': mac('hex', `${MILLISECONDS}:${BODY}`) }],
];

const check = (row: HeaderHmac, headers: Record<string, string>, body = BODY, receivedAt = AT.getTime()) =>
  headerHmac(row).authenticate({ method: 'POST', headers, query: {}, raw: Buffer.from(body), receivedAt }, secret);
const refusal = (reason: string) => expect.objectContaining({ name: 'Unauthorized', reason });

describe.each(rows)('with %s', (_, row, headers) => {
  it('signs as the sender does', () => {
    const signed = headerHmac(row).sign(BODY, secret, AT);
    expect(signed).toEqual({ headers: { 'content-type': 'application/json', ...headers }, body: BODY });
  });

  it('lets in the current and the previous secret, and no other', () => {
    check(row, headers);
    check(row, headerHmac(row).sign(BODY, { current: 'old' }, AT).headers);
    expect(() => check(row, headerHmac(row).sign(BODY, { current: 'other' }, AT).headers)).toThrow(
      refusal('signature_mismatch'),
    );
  });

  it('refuses another body, and no signature at all', () => {
    expect(() => check(row, headers, `${BODY} `)).toThrow(refusal('signature_mismatch'));
    expect(() => check(row, {})).toThrow(refusal('signature_missing'));
    expect(() => check(row, { ...headers, 'x-signature': '' })).toThrow(refusal('signature_missing'));
  });
});

describe('a signed time', () => {
  it.each([
    ['beside', beside, 180],
    ['apart', apart, 300],
  ] as const)('%s counts as long as it is near', (_, row, tolerance) => {
    const { headers } = headerHmac(row).sign(BODY, secret, new Date(Number(SECONDS) * 1000));
    for (const way of [-1, 1]) {
      const edge = (Number(SECONDS) + way * tolerance) * 1000;
      check(row, headers, BODY, edge);
      expect(() => check(row, headers, BODY, edge + way)).toThrow(refusal('timestamp_stale'));
    }
  });

  const [v, v1] = [mac('hex', `${SECONDS}.${BODY}`), mac('hex', `${SECONDS}.${BODY}`)];
  it.each([
    `v=${v},t=${SECONDS}`,
    `t=${SECONDS}&v=${v}`,
    `t=${SECONDS},v=${v},x=1`,
    `t=${SECONDS}, v=${v}`,
    `t=${SECONDS},v=%${v.charCodeAt(0).toString(16)}${v.slice(1)}`,
    `t=${SECONDS}`,
    `t=x,v=${mac('hex', `x.${BODY}`)}`,
    `v=${mac('hex', `.${BODY}`)}`,
    'garbage',
  ])('that stands alone with its signature is refused in any other form: %s', (header) => {
    check(alone, { 'x-signature': `t=${SECONDS},v=${v}` });
    expect(() => check(alone, { 'x-signature': header })).toThrow(refusal('signature_mismatch'));
  });

  it('may have signatures of later versions beside it where its sender says so', () => {
    check(beside, { 'x-signature': `t=${SECONDS},v1=${v1},v2=x` });
  });

  it('is part of what is signed', () => {
    const later = String(Number(SECONDS) + 1);
    expect(() => check(beside, { 'x-signature': `t=${later},v1=${mac('hex', `${SECONDS}.${BODY}`)}` })).toThrow(
      refusal('signature_mismatch'),
    );
  });

  it('must be there, and a number', () => {
    expect(() => check(beside, { 'x-signature': `v1=${mac('hex', `.${BODY}`)}` })).toThrow(
      refusal('timestamp_missing'),
    );
    expect(() => check(apart, { 'x-time': 'noon', 'x-signature': mac('hex', `noon:${BODY}`) })).toThrow(
      refusal('timestamp_missing'),
    );
  });
});

it('a signature may come under another name', () => {
  check(plain, { signature: mac('base64', BODY) });
});

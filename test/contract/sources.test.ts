import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import * as appointmentReminder from '../../functions/appointment-reminder/sources.ts';
import * as leadFirstTouch from '../../functions/lead-first-touch/sources.ts';
import * as orderReady from '../../functions/order-ready/sources.ts';
import type { SourceSecret } from '../../functions/shared/door/signatures.ts';
import type { SourceRequest, Sources } from '../../functions/shared/door/source.ts';

/** Every template registers its sources under the names of the files in its folder. */
const TEMPLATES: Record<string, Sources<unknown>> = {
  'appointment-reminder': appointmentReminder,
  'lead-first-touch': leadFirstTouch,
  'order-ready': orderReady,
};

/** Sources whose proof is a secret that is sent along: nothing ties it to the body, so only the secret can be told from a changed one. */
const SECRET_ALONE = new Set(['lead-first-touch/form', 'lead-first-touch/google-ads']);

const AT = new Date('2026-11-22T10:00:00Z');

interface Fixture {
  readonly secret: SourceSecret;
  readonly settings: unknown;
  /** JSON, or the very text where it must stand as it is. */
  readonly body?: unknown;
  readonly text?: string;
  /** Over those that `sign` makes. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly parsed: unknown;
}

const templatesWithSources = readdirSync('functions').filter((name) => existsSync(join('functions', name, 'sources')));

it('every template with a sources folder is walked by this contract', () => {
  expect(Object.keys(TEMPLATES).sort()).toEqual(templatesWithSources.sort());
});

/** `it`, or nothing where a promise is not this source's to make: unlike a skipped test it leaves nothing to explain. */
const itIf = (applies: boolean) => (applies ? it : () => {});

describe.each(templatesWithSources)('%s', (template) => {
  const files = readdirSync(join('functions', template, 'sources')).map(String);
  const fixtures = readdirSync(join('test/fixtures', template)).map((file) => file.replace(/\.json$/, ''));

  it('registers exactly the sources of its folder', () => {
    expect(Object.keys(TEMPLATES[template] ?? {}).sort()).toEqual(files.sort());
  });

  it('has a fixture for each source, and no fixture without one', () => {
    expect([...new Set(fixtures.map((fixture) => fixture.split('.')[0]))].sort()).toEqual(files.sort());
    expect(fixtures).toEqual(expect.arrayContaining(files));
  });

  // `webflow.v1.json` is one more body that the source `webflow` must understand.
  describe.each(fixtures)('%s', (file) => {
    const name = file.split('.')[0] ?? '';
    const source = TEMPLATES[template]?.[name] as Sources<unknown>[string];
    const fixture = JSON.parse(readFileSync(join('test/fixtures', template, `${file}.json`), 'utf8')) as Fixture;
    const unsigned = fixture.text ?? JSON.stringify(fixture.body);
    const signed = (secret: SourceSecret = fixture.secret, body = unsigned): SourceRequest => {
      const { headers, body: sent } = source.sign(body, secret, AT);
      const all = { ...headers, ...fixture.headers };
      return { method: 'POST', headers: all, query: {}, raw: Buffer.from(sent), receivedAt: AT.getTime() };
    };
    const signsBody = !SECRET_ALONE.has(`${template}/${name}`);

    it('accepts its own signature, with the current and with the previous secret', () => {
      source.authenticate(signed(), fixture.secret);
      source.authenticate(signed({ current: fixture.secret.previous ?? '' }), fixture.secret);
      expect(() =>
        source.authenticate(signed({ current: fixture.secret.previous ?? '' }), { current: fixture.secret.current }),
      ).toThrow();
    });

    it('reads or refuses its body whatever stands in any place of it, and never fails', () => {
      // Every value of the JSON is one place. Of the first ones no `String()`, `Number()` or template makes anything: they throw.
      const places = [...unsigned.matchAll(/(?<=":)\s*("(?:[^"\\]|\\.)*"|-?[\d.]+|true|false|null)/g)];
      for (const odd of [
        '{"toString":null,"valueOf":null}',
        '[{"toString":null}]',
        '[]',
        '{}',
        'null',
        '1e999',
        '""',
        '-1',
      ]) {
        for (const { 0: value, index } of places) {
          const body = unsigned.slice(0, index) + odd + unsigned.slice(index + value.length);
          try {
            source.parse(signed(fixture.secret, body), fixture.settings);
          } catch (error) {
            expect(error, body).toMatchObject({ reason: expect.stringMatching(/^\w+$/) });
          }
        }
      }
    });

    it('refuses a request without proof, with a reason code', () => {
      const headers = { 'content-type': 'application/json', ...fixture.headers };
      const bare = { ...signed(), headers, raw: Buffer.from(unsigned) };
      expect(() => source.authenticate(bare, fixture.secret)).toThrow(
        expect.objectContaining({ name: 'Unauthorized', reason: expect.stringMatching(/_missing$/) }),
      );
    });

    itIf(!signsBody)('refuses every single-bit change of the secret, and a secret cut short or lengthened', () => {
      const { current } = fixture.secret;
      const flipped = Array.from({ length: current.length * 7 }, (_, bit) => {
        const bytes = Buffer.from(current);
        bytes[Math.floor(bit / 7)] = (bytes[Math.floor(bit / 7)] ?? 0) ^ (1 << (bit % 7));
        return bytes.toString();
      });
      for (const wrong of [...flipped, current.slice(0, -1), `${current}A`, current.toUpperCase()]) {
        expect(() => source.authenticate(signed({ current: wrong }), fixture.secret)).toThrow(
          expect.objectContaining({ name: 'Unauthorized', reason: expect.stringMatching(/_(mismatch|missing)$/) }),
        );
      }
    });

    itIf(signsBody)('refuses every single-bit change of the body', () => {
      const request = signed();
      for (let bit = 0; bit < request.raw.length * 8; bit += 13) {
        const raw = Buffer.from(request.raw);
        raw[bit >> 3] = (raw[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        expect(() => source.authenticate({ ...request, raw }, fixture.secret)).toThrow();
      }
    });

    itIf(signsBody)('refuses a truncated or altered signature', () => {
      const request = signed();
      const [header] = Object.keys(request.headers).filter((key) => /signature|hmac/.test(key));
      const value = request.headers[header ?? ''] ?? '';
      for (const wrong of [value.slice(0, -1), value.slice(0, 10), '', `${value}A`, value.toLowerCase()]) {
        if (wrong === value) continue;
        const forged = { ...request, headers: { ...request.headers, [header ?? '']: wrong } };
        expect(() => source.authenticate(forged, fixture.secret)).toThrow(
          expect.objectContaining({ name: 'Unauthorized' }),
        );
      }
    });

    it('parses its fixture to the stated event', () => {
      expect(JSON.parse(JSON.stringify(source.parse(signed(), fixture.settings)))).toEqual([fixture.parsed]);
    });

    it('gives the same id for the same event however often it comes', () => {
      const ids = [1, 2].map(() => JSON.stringify(source.parse(signed(), fixture.settings)));
      expect(ids[0]).toBe(ids[1]);
    });

    it('answers broken JSON with Invalid, never with another error', () => {
      for (const broken of ['', '{', '[]', '"x"', 'null', '{"id":', '\u0000']) {
        const request = signed(fixture.secret, broken);
        try {
          source.parse(request, fixture.settings);
        } catch (error) {
          expect((error as Error).name).toBe('Invalid');
        }
      }
    });

    it('is described in the README of its template', () => {
      expect(readFileSync(join('functions', template, 'README.md'), 'utf8')).toContain(`\`${name}\``);
    });
  });
});

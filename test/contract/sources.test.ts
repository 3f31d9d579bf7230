import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { sources as appointmentReminder } from '../../functions/appointment-reminder/sources.ts';
import { sources as orderReady } from '../../functions/order-ready/sources.ts';
import type { SourceSecret } from '../../functions/shared/signature.ts';
import type { Source, SourceRequest } from '../../functions/shared/source.ts';

/** Every template registers its sources under the names of the files in its folder. */
// biome-ignore lint/suspicious/noExplicitAny: events and settings differ by template
const TEMPLATES: Record<string, Readonly<Record<string, Source<any, any, any>>>> = {
  'order-ready': orderReady,
  'appointment-reminder': appointmentReminder,
};

const AT = new Date('2026-11-22T10:00:00Z');

interface Fixture {
  readonly secret: SourceSecret;
  readonly settings: unknown;
  /** JSON, or the text itself where a source is form-encoded. */
  readonly body: unknown;
  readonly parsed: unknown;
}

const templatesWithSources = readdirSync('functions').filter((name) => existsSync(join('functions', name, 'sources')));

it('every template with a sources folder is walked by this contract', () => {
  expect(Object.keys(TEMPLATES).sort()).toEqual(templatesWithSources.sort());
});

describe.each(templatesWithSources)('%s', (template) => {
  const files = readdirSync(join('functions', template, 'sources')).map((file) => basename(file, '.ts'));

  it('registers exactly the sources of its folder', () => {
    expect(Object.keys(TEMPLATES[template] ?? {}).sort()).toEqual(files.sort());
  });

  describe.each(files)('%s', (name) => {
    const source = TEMPLATES[template]?.[name] as Source<unknown, unknown, unknown>;
    const fixture = JSON.parse(readFileSync(join('test/fixtures', template, `${name}.json`), 'utf8')) as Fixture;
    const text = typeof fixture.body === 'string' ? fixture.body : JSON.stringify(fixture.body);
    const signed = (secret: SourceSecret = fixture.secret, body = text): SourceRequest => {
      const { headers, body: sent } = source.sign(body, secret, AT);
      return { method: 'POST', headers, query: {}, raw: Buffer.from(sent), receivedAt: AT.getTime() };
    };

    it('accepts its own signature, with the current and with the previous secret', () => {
      source.authenticate(signed(), fixture.secret);
      source.authenticate(signed({ current: fixture.secret.previous ?? '' }), fixture.secret);
      expect(() =>
        source.authenticate(signed({ current: fixture.secret.previous ?? '' }), { current: fixture.secret.current }),
      ).toThrow();
    });

    it('refuses a request without proof, with a reason code', () => {
      const bare = { ...signed(), headers: { 'content-type': 'application/json' } };
      expect(() => source.authenticate(bare, fixture.secret)).toThrow(
        expect.objectContaining({ name: 'Unauthorized', reason: expect.stringMatching(/_missing$/) }),
      );
    });

    it('refuses every single-bit change of the body', () => {
      const request = signed();
      for (let bit = 0; bit < request.raw.length * 8; bit += 13) {
        const raw = Buffer.from(request.raw);
        raw[bit >> 3] = (raw[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        expect(() => source.authenticate({ ...request, raw }, fixture.secret)).toThrow();
      }
    });

    it('refuses a truncated or altered signature', () => {
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

import { existsSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Connection } from '../../functions/shared/door/connection.ts';
import type { SourceSecret } from '../../functions/shared/door/signatures.ts';
import type { SourceRequest, Sources } from '../../functions/shared/door/source.ts';
import type { ClientFacts, PlannedSend, Template, Templates } from '../../functions/shared/door/template.ts';
import { after, isRequest } from '../../functions/shared/ledger/send-command.ts';
import { http } from '../../functions/shared/runtime/http.ts';
import type { TurnedOn } from '../../lib/client.ts';
import { type Event, eventOf, signedEvent } from '../../local/samples/event.ts';
import { sampleNamed, sampleNames, sourceFolders, templateFolders } from '../../local/samples/library.ts';
import { type End, isSaid } from '../../local/samples/sample.ts';
import { createSandbox } from '../../local/sandbox/sandbox.ts';
import { openIn } from './folders.ts';

/**
 * Every source of every template, by the folders there are. What is missing is told line by line; each source is imported by
 * itself, so that a wrong one fails its own tests alone.
 */
type AnySource = Sources<unknown>[string];

const AT = Date.parse('2026-11-22T10:00:00Z');
const HOUR = 3600_000;
const PHONE = '+972501234567';

const lineOf = (source: string) =>
  `export { source as ${/^\w+$/.test(source) ? source : `'${source}'`} } from './sources/${source}/source.ts';`;
const sourceOf = async (template: string, source: string): Promise<AnySource> =>
  (await import(`../../functions/${template}/sources/${source}/source.ts`)).source;

/** What its secret holds on this machine beside itself, or in its place where it is none of letters: hexadecimal, say. */
const demoSecretOf = (template: string, source: string): Partial<SourceSecret> => {
  const file = `functions/${template}/sources/${source}/demo-secret.json`;
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {};
};

/** Hebrew, Arabic, an emoji: as they are, as JSON escapes them, or with percent signs. */
const BEYOND_ASCII = /[\u0590-\u06ff]|\p{Emoji_Presentation}|\\u0[56][\da-f]{2}|%d7%|%d8%|%f0%9f/iu;

/** What the folder of a source still lacks: for each thing one line that says what to write and where. */
const missingIn = (template: string, source: string): string[] => {
  const folder = `functions/${template}/sources/${source}`;
  const registry = `functions/${template}/sources.ts`;
  const readme = existsSync(`${folder}/README.md`) ? readFileSync(`${folder}/README.md`, 'utf8') : '';
  const names = sampleNames(template, source);
  const samples = names.flatMap((name) => {
    try {
      return [sampleNamed(template, source, name).sample];
    } catch {
      return [];
    }
  });
  return [
    ...(readFileSync(registry, 'utf8').includes(lineOf(source)) ? [] : [`${registry}: add the line ${lineOf(source)}`]),
    ...(readme === '' ? [`${folder}/README.md: write how it is set up at the vendor and what is read`] : []),
    ...openIn(folder),
    ...(names.length === 0
      ? [`${folder}/samples/: write a body as the vendor sends it, <name>.http (docs/samples.md)`]
      : []),
    ...(samples.some(({ ends }) => ends.some(({ state }) => state === 'ACCEPTED'))
      ? []
      : [`${folder}/samples/: write one that becomes a message, "# ends: ACCEPTED <key>"`]),
    ...(samples.length === 0 ||
    samples.some(({ body, held }) => [body, ...held.map((one) => one.body)].some((text) => BEYOND_ASCII.test(text)))
      ? []
      : [`${folder}/samples/: write one with a name in another script and an emoji, escaped as the vendor escapes it`]),
    ...(samples.filter(({ isUsual }) => isUsual).length > 1
      ? [`${folder}/samples/: only one can be "# usual: yes"`]
      : []),
    ...(samples.some(({ ends }) => ends.every(({ state }) => state !== 'ACCEPTED'))
      ? []
      : [
          `${folder}/samples/: write one that must become none, "# ends: nothing" or "# ends: REJECTED <reason> <key>"`,
        ]),
  ];
};

describe.each(templateFolders())('%s', (template) => {
  const folders = sourceFolders(template);

  it('is finished, and has its line', () => {
    const line = `export { template as ${/^\w+$/.test(template) ? template : `'${template}'`} } from './${template}/template.ts';`;
    const known = readFileSync('functions/templates.ts', 'utf8').includes(line);
    const own = openIn(`functions/${template}`).filter((place) => !place.includes('/sources/'));
    expect([...own, ...(known ? [] : [`functions/templates.ts: add the line ${line}`])]).toEqual([]);
  });

  it('has a folder for each line of its sources.ts', () => {
    const lines = readFileSync(`functions/${template}/sources.ts`, 'utf8').trim().split('\n').filter(Boolean);
    expect(lines.filter((line) => !folders.some((source) => line === lineOf(source)))).toEqual([]);
  });

  describe.each(folders)('%s', (name) => {
    let source: AnySource;
    /** Its proof is a secret that is sent along: nothing ties it to the body, so only the secret can be told from a changed one. */
    let signsBody: boolean;
    let secret: SourceSecret;
    beforeAll(async () => {
      source = await sourceOf(template, name);
      const make = () => source.newSecret?.() ?? `demo-${Math.random()}-secret`;
      secret = { current: make(), previous: make(), ...demoSecretOf(template, name) };
      const [one, other] = ['{"a":1}', '{"a":2}'].map((body) => source.sign(body, secret, new Date(AT)).headers);
      signsBody = JSON.stringify({ ...one, 'webhook-id': '' }) !== JSON.stringify({ ...other, 'webhook-id': '' });
    });

    it('lacks nothing', () => {
      expect(missingIn(template, name)).toEqual([]);
    });

    // What is begun keeps its promises when it is finished; until then the list above is what there is to do.
    if (missingIn(template, name).length > 0) return;

    it('takes the settings that it gives as an example, with and without a stand-in', () => {
      for (const standIn of [undefined, 'http://127.0.0.1:8788/x']) source.settings.parse(source.example(standIn));
    });

    it('that a command connects says in both languages, step for step, what is the owner’s to do', async () => {
      const file = `functions/${template}/sources/${name}/connection.ts`;
      if (!existsSync(file)) return;
      const { connection } = (await import(`../../${file}`)) as { connection: Connection<unknown> };
      const { en, he } = connection.checklist;
      expect(en.length).toBeGreaterThan(1);
      expect(he).toHaveLength(en.length);
      expect(en.join()).not.toMatch(/[\u0590-\u05ff]/);
      for (const step of he) expect(step).toMatch(/[\u0590-\u05ff]/);
      expect(connection.asks(source.settings.parse(source.example())).every(({ field }) => /^\w+$/.test(field))).toBe(
        true,
      );
    });

    describe.each(sampleNames(template, name))('sample %s', (sampleName) => {
      // Read when the first test asks, so that a broken one fails its own tests alone, and once: some tests ask a thousand times.
      const event = once((): Event => {
        const { sample } = sampleNamed(template, name, sampleName);
        return eventOf(sample, { id: sample.id, phone: PHONE, now: AT });
      });
      const signed = (given: SourceSecret = secret, body = event().body): SourceRequest => {
        const { headers } = event();
        const { headers: all, body: sent } = signedEvent({ headers, body }, source, given, new Date(AT));
        return { method: 'POST', headers: all, query: {}, raw: Buffer.from(sent), receivedAt: AT };
      };
      /** `expect` itself takes longer than a proof, of which there are hundreds. */
      const isAccepted = (request: SourceRequest, given: SourceSecret): boolean => {
        try {
          source.authenticate(request, given);
          return true;
        } catch {
          return false;
        }
      };
      const settings = once(() => source.settings.parse(source.example('http://127.0.0.1:8788/x')));

      it('can be read, and leaves no header to a signature that the source does not make', () => {
        const { headers } = event();
        const sent = Object.keys(signedEvent(event(), source, secret, new Date(AT)).headers);
        expect(Object.keys(headers).filter((name) => headers[name] === '' && !sent.includes(name))).toEqual([]);
      });

      it('is accepted with its own signature, of the current and of the previous secret', () => {
        const { current, previous = '' } = secret;
        source.authenticate(signed(), secret);
        source.authenticate(signed({ current: previous }), secret);
        expect(() => source.authenticate(signed({ current: previous }), { current })).toThrow();
      });

      it('is read or refused whatever stands in any place of it, and never fails', () => {
        const { body } = event();
        // Every value of the JSON is one place. Of the first ones no `String()`, `Number()` or template makes anything: they throw.
        const places = [...body.matchAll(/(?<=":)\s*("(?:[^"\\]|\\.)*"|-?[\d.]+|true|false|null)/g)];
        const odd = [
          '{"toString":null,"valueOf":null}',
          '[{"toString":null}]',
          '[]',
          '{}',
          'null',
          '1e999',
          '""',
          '-1',
        ];
        for (const { 0: value, index } of places) {
          for (const one of odd) {
            const changed = body.slice(0, index) + one + body.slice(index + value.length);
            try {
              source.parse(signed(secret, changed), settings());
            } catch (error) {
              expect(error, changed).toMatchObject({ reason: expect.stringMatching(/^\w+$/) });
            }
          }
        }
      });

      it('has no id with the mark of a lost character, by which our own prefixes are set apart', () => {
        const { body } = event();
        for (const { 0: value, index } of body.matchAll(/(?<=":)\s*("(?:[^"\\]|\\.)*"|-?[\d.]+)/g)) {
          const changed = `${body.slice(0, index)}"haifa\uFFFD5"${body.slice(index + value.length)}`;
          let items: ReturnType<typeof source.parse> = [];
          try {
            items = source.parse(signed(secret, changed), settings());
          } catch (error) {
            expect(error, changed).toMatchObject({ reason: expect.stringMatching(/^\w+$/) });
          }
          const said = items.map((item) =>
            'event' in item ? (item.event as { id: string; previousId?: string }) : item,
          );
          for (const one of said) {
            const ids = 'id' in one ? [one.id, 'previousId' in one ? one.previousId : undefined] : [];
            expect(ids.join(), changed).not.toContain('\uFFFD');
          }
        }
      });

      it('is refused without proof, with a reason code', () => {
        const { headers, body } = event();
        const given = Object.fromEntries(Object.entries(headers).filter(([, value]) => value !== ''));
        const bare = { ...signed(), headers: given, raw: Buffer.from(body) };
        expect(() => source.authenticate(bare, secret)).toThrow(
          expect.objectContaining({ name: 'Unauthorized', reason: expect.stringMatching(/_missing$/) }),
        );
      });

      it('is refused with any other secret, or one cut short or lengthened', () => {
        // Bits that base64 leaves over at the end are no part of a key.
        const current = secret.current.replace(/=+$/, '');
        const changed = [...current].map(
          (sign, i) => current.slice(0, i) + (sign === 'x' ? 'y' : 'x') + current.slice(i + 1),
        );
        for (const wrong of [...changed.slice(0, -1), current.slice(0, -2), `${current}zzzz`]) {
          const request = signedOrNothing(() => signed({ current: wrong }));
          if (request && isAccepted(request, { current: secret.current })) expect.fail(`taken for it: ${wrong}`);
        }
      });

      it('is refused with any bit of the body changed, where the proof is of the body', () => {
        if (!signsBody) return;
        const request = signed();
        for (let bit = 0; bit < request.raw.length * 8; bit += 13) {
          const raw = Buffer.from(request.raw);
          raw[bit >> 3] = (raw[bit >> 3] ?? 0) ^ (1 << (bit & 7));
          if (isAccepted({ ...request, raw }, secret)) expect.fail(`with bit ${bit} changed`);
        }
      });

      it('is refused with a truncated or altered signature', () => {
        const request = signed();
        const [header] = Object.keys(request.headers).filter((key) => /signature|hmac/.test(key));
        const value = request.headers[header ?? ''];
        if (header === undefined || value === undefined) return;
        for (const wrong of [value.slice(0, -1), value.slice(0, 10), '', `${value}A`, value.toLowerCase()]) {
          if (wrong === value) continue;
          const forged = { ...request, headers: { ...request.headers, [header]: wrong } };
          expect(() => source.authenticate(forged, secret)).toThrow(expect.objectContaining({ name: 'Unauthorized' }));
        }
      });

      it('gives the same event however often it comes', () => {
        const request = signed();
        const parsed = [1, 2].map(() => JSON.stringify(source.parse(request, settings())));
        expect(parsed[0]).toBe(parsed[1]);
      });

      it('is answered with Invalid where its JSON is broken, never with another error', () => {
        for (const broken of ['', '{', '[]', '"x"', 'null', '{"id":', '\u0000']) {
          try {
            source.parse(signed(secret, broken), settings());
          } catch (error) {
            expect((error as Error).name).toBe('Invalid');
          }
        }
      });
    });
  });
});

const once = <T>(make: () => T): (() => T) => {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
};

const signedOrNothing = (sign: () => SourceRequest): SourceRequest | undefined => {
  try {
    return sign();
  } catch {
    // What is no secret at all signs nothing.
    return undefined;
  }
};

/** What the sender makes of a planned send when its time has come. */
const endOf = ({ at, command: { outcome, usefulUntil } }: PlannedSend): Omit<End, 'key'> => {
  if (!isRequest(outcome)) return outcome;
  return at > Date.parse(usefulUntil) ? { state: 'EXPIRED', reason: 'useful_until_passed' } : { state: 'ACCEPTED' };
};

/** A key as the sample writes it, which leaves out an id that is made of the answers. */
const saidKey = ({ ends }: Event, key: string): string => ends.find((end) => isSaid(end.key, key))?.key ?? key;

/** With the demo's settings, as on the local stack; the stand-ins' clock is the test's. */
describe('a sample ends as it says', () => {
  let now = AT;
  let url: string;
  let close: () => Promise<void>;
  const on = new Map<string, TurnedOn>();
  let facts: ClientFacts;
  beforeAll(async () => {
    const sandbox = createSandbox({ lineToken: 'ezw_line_test_1', lineId: 'line-demo', now: () => now });
    ({ url, close } = await sandbox.listen(0));
    const { default: demo } = await import('../../clients/demo.ts');
    const { turnedOn } = await import('../../lib/client.ts');
    for (const [name, one] of turnedOn(demo)) on.set(name, one);
    const { lineId, country, locale, zone } = demo;
    facts = { lineId, keysOf: lineId, country, locale, zone };
  });
  afterAll(() => close());

  const isTooLate = (occurredAt: string, settings: object): boolean =>
    'usefulFor' in settings && now > Date.parse(after(occurredAt, String(settings.usefulFor)));
  const lateSend = ({ state, reason, key }: End): PlannedSend[] =>
    state === 'EXPIRED' && reason === 'look_up_too_late'
      ? [{ at: now, command: { key, template: '', asOf: '', usefulUntil: '', outcome: { state, reason } } }]
      : [];

  const plannedFor = async (template: string, name: string, event: Event): Promise<readonly PlannedSend[]> => {
    const { template: declared, settings } = on.get(template) as {
      template: Templates[string];
      settings: TurnedOn['settings'];
    };
    const source = await sourceOf(template, name);
    for (const { path, body } of event.held) {
      const put = await fetch(url + path, { method: 'PUT', body });
      expect(put.status, `${path} ${body}`).toBeLessThan(300);
    }
    const own = JSON.parse(JSON.stringify(settings.sources[name]).replaceAll('http://127.0.0.1:8788', url));
    const secret = { current: source.newSecret?.() ?? 'demo-secret', ...demoSecretOf(template, name) };
    const { headers, body } = signedEvent(event, source, secret, new Date(now));
    const request = { method: 'POST', headers, query: {}, raw: Buffer.from(body), receivedAt: now };
    source.authenticate(request, secret);
    const sends: PlannedSend[] = [];
    for (const item of source.parse(request, own)) {
      if ('skipped' in item || 'forPeople' in item) continue;
      if ('reference' in item && isTooLate(item.occurredAt, settings)) {
        // What the function does then is not the template's to say; the local stack shows it.
        sends.push(...event.ends.flatMap((end) => lateSend(end)));
        continue;
      }
      const given =
        'event' in item
          ? item.event
          : await source.lookUp?.(item.reference, { settings: own, secret, http, now: () => now });
      if (given === undefined) continue;
      sends.push(
        ...(declared as Template<never, never>).sends(given as never, { ...settings, ...facts } as never, now),
      );
    }
    return sends;
  };

  const places = templateFolders().flatMap((template) =>
    sourceFolders(template)
      .filter((source) => missingIn(template, source).length === 0)
      .flatMap((source) => sampleNames(template, source).map((name) => [template, source, name] as const)),
  );

  /** Midnight, the end of a year and of a February, both changes of the clocks in Jerusalem, and a year from now. */
  const INSTANTS = [
    Date.now(),
    Date.now() + 365 * 24 * HOUR,
    Date.parse('2026-12-31T23:59:30Z'),
    Date.parse('2027-01-01T00:00:30Z'),
    Date.parse('2028-02-29T12:00:00Z'),
    Date.parse('2027-03-26T00:30:00Z'),
    Date.parse('2027-10-31T00:30:00Z'),
  ];

  it.each(places)('%s %s %s, whenever it is', async (template, source, name) => {
    const { sample } = sampleNamed(template, source, name);
    for (const instant of INSTANTS) {
      now = instant;
      const event = eventOf(sample, { id: sample.id, phone: PHONE, now });
      const sends = await plannedFor(template, source, event);
      const ends = sends.map((send) => ({ ...endOf(send), key: saidKey(event, send.command.key) }));
      expect(ends, new Date(now).toISOString()).toEqual(expect.arrayContaining([...event.ends]));
      expect(ends, new Date(now).toISOString()).toHaveLength(event.ends.length);
      const [first] = sends.flatMap(({ command }) =>
        isRequest(command.outcome) ? [JSON.parse(command.outcome.body)] : [],
      );
      if (first) expect(first.to).toBe(PHONE);
      if (event.says?.endsWith('…')) expect(first?.body.slice(0, event.says.length - 1)).toBe(event.says.slice(0, -1));
      else if (event.says !== undefined) expect(first?.body).toBe(event.says);
    }
  });
});

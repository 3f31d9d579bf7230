import { describe, expect, it } from 'vitest';
import * as appointments from '../../functions/appointment-reminder/sources.ts';
import * as leads from '../../functions/lead-first-touch/sources.ts';
import * as orders from '../../functions/order-ready/sources.ts';
import type { Sources } from '../../functions/shared/door/source.ts';
import { type Event, eventOf, signedEvent } from '../../local/samples/event.ts';
import { library } from '../../local/samples/library.ts';
import { leastTime } from '../cpu-time.ts';

const SOURCES: Readonly<Record<string, Sources<unknown>>> = {
  'order-ready': orders as Sources<unknown>,
  'appointment-reminder': appointments as Sources<unknown>,
  'lead-first-touch': leads as Sources<unknown>,
};

const LENGTH = 100_000;
/** A door takes a quarter of a megabyte; what is larger is refused unread. */
const MAX_BYTES = 250_000;
const ENOUGH_MS = 250;

const UNITS = ['1', ' ', 'a', '+', 'א', '\u200f', '.', '<a ', '1,', '{"a":'];

const LONG = UNITS.map((unit) => {
  const length = Math.min(LENGTH, Math.floor(MAX_BYTES / Buffer.byteLength(unit)) * unit.length);
  return `${unit.repeat(Math.ceil(length / unit.length))}\u0001x`;
});

/** All of them for the first places of a source, and for each that follows some, in turn: they are read by the same. */
const textsFor = (place: number): readonly string[] =>
  place <= 12 ? LONG : LONG.filter((_, i) => (i + place) % 4 === 0);

type Tree = Readonly<Record<string, unknown>>;
type Path = readonly string[];

const pathsIn = (value: unknown, path: Path = []): readonly Path[] =>
  typeof value === 'object' && value !== null
    ? Object.entries(value).flatMap(([name, one]) => pathsIn(one, [...path, name]))
    : [path];

const withText = (value: unknown, [name, ...rest]: Path, text: string): unknown => {
  if (name === undefined) return text;
  const changed = withText((value as Tree)[name], rest, text);
  return Array.isArray(value)
    ? value.map((one, i) => (String(i) === name ? changed : one))
    : { ...(value as Tree), [name]: changed };
};

/** Each way to put a long text into a body, by the place where it goes. */
const places = ({ headers, body }: Event): Readonly<Record<string, (text: string) => string>> => {
  const type = headers['content-type'] ?? 'application/json';
  if (/json/i.test(type)) {
    const json = JSON.parse(body);
    const name = (text: string) => JSON.stringify({ ...json, [text]: 'x', data: { ...json.data, [text]: 'x' } });
    const at = (path: Path) => (text: string) => JSON.stringify(withText(json, path, text));
    return { 'a name': name, ...Object.fromEntries(pathsIn(json).map((path) => [path.join('.'), at(path)])) };
  }
  if (/urlencoded/i.test(type)) {
    const fields = [...new URLSearchParams(body)];
    const at = (wanted: string) => (text: string) =>
      `${new URLSearchParams(fields.map(([name, value]): [string, string] => [name, name === wanted ? text : value]))}`;
    const raw = (text: string) => `${body}&x=${text}`;
    const name = (text: string) => `${body}&${encodeURIComponent(text)}=1`;
    return { 'as it stands': raw, 'a name': name, ...Object.fromEntries(fields.map(([one]) => [one, at(one)])) };
  }
  const values = [...new Set([...body.matchAll(/\r\n\r\n([^\r]+)\r\n/g)].map(([, value = '']) => value))];
  const at = (value: string) => (text: string) => body.replace(value, () => text);
  return {
    'behind it': (text) => body + text,
    'before it': (text) => text + body,
    'a name': (text) => body.replace('name="', () => `name="${text}`),
    ...Object.fromEntries(values.map((value) => [value, at(value)])),
  };
};

const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';

describe('no door is slow, whatever stands in a field', () => {
  const names = [...new Set(library().map(({ template, source }) => `${template} ${source}`))];

  it.each(names)('%s', (name) => {
    const slow: string[] = [];
    const seen = new Set<string>();
    const plugins = new Set<string>();
    for (const { template, source: kind, name: sampleName, sample } of library()) {
      const source = SOURCES[template]?.[kind];
      // Of each plug-in of a form the first: what it calls its fields makes no difference.
      const [plugin = '', inner] = sampleName.split('/');
      if (`${template} ${kind}` !== name || !source || (inner && plugins.has(plugin))) continue;
      plugins.add(plugin);
      const settings = source.settings.parse(source.example('http://127.0.0.1:1'));
      const event = eventOf(sample, { id: sample.id, phone: '+972501234567', now: Date.UTC(2026, 10, 25) });
      for (const [place, put] of Object.entries(places(event))) {
        // Many samples of a source have the same fields.
        if (seen.has(place)) continue;
        seen.add(place);
        for (const text of textsFor(seen.size)) {
          const { headers, body } = signedEvent({ ...event, body: put(text) }, source, { current: SECRET }, new Date());
          const request = { method: 'POST', headers, query: {}, raw: Buffer.from(body), receivedAt: Date.now() };
          const read = () => {
            try {
              return source.parse(request, settings);
            } catch (error) {
              return error;
            }
          };
          if (leastTime(read, ENOUGH_MS) > ENOUGH_MS) slow.push(`${place}: ${JSON.stringify(text.slice(0, 6))}`);
        }
      }
    }
    expect(seen.size).toBeGreaterThan(0);
    expect(slow).toEqual([]);
  });
});

import { SampleError } from './sample.ts';

/** `--set customer.name=Dana`: where, and the text that goes there. */
export interface Setting {
  readonly field: string;
  readonly value: string;
}

/** @throws SampleError unless it is `field=value`; only the first `=` divides */
export const settingOf = (text: string): Setting => {
  const at = text.indexOf('=');
  if (at < 1) throw new SampleError(`"${text}" must be field=value, such as data.customer.name=Dana.`);
  return { field: text.slice(0, at), value: text.slice(at + 1) };
};

/** A value in a JSON text: from where to where, and the path that leads there. */
interface Place {
  readonly path: string;
  readonly start: number;
  readonly end: number;
}

/**
 * A body with some of its fields set; all its other bytes stay as they are, so that no number is rounded and no escape rewritten.
 * @throws SampleError that names the nearest fields there are
 */
export const withFields = (body: string, contentType: string, settings: readonly Setting[]): string =>
  settings.reduce((text, setting) => {
    if (/x-www-form-urlencoded/i.test(contentType)) return inForm(text, setting);
    if (/^multipart\//i.test(contentType)) return inMultipart(text, contentType, setting);
    return inJsonText(text, setting);
  }, body);

const inForm = (body: string, { field, value }: Setting): string => {
  // A sign before it, for a question mark at the very beginning would count as that of an address.
  const nameIn = (pair: string): string => new URLSearchParams(`&${pair}`).keys().next().value ?? '';
  const pairs = body.split('&').map((pair) => [pair, nameIn(pair)] as const);
  if (!pairs.some(([, name]) => name === field))
    throw unknown(
      field,
      pairs.map(([, name]) => name),
    );
  return pairs
    .map(([pair, name]) => (name === field ? new URLSearchParams({ [field]: value }).toString() : pair))
    .join('&');
};

/** Between two boundaries: the head with its empty line, the value, and the line's end that belongs to the next boundary. */
const PART = /^(\r?\n(?:.+\r?\n)+\r?\n)([\s\S]*?)(\r?\n)$/;

const inMultipart = (body: string, contentType: string, { field, value }: Setting): string => {
  const [, quoted, bare] = /boundary=(?:"([^"]+)"|([^;\s]+))/i.exec(contentType) ?? [];
  const boundary = `--${quoted ?? bare ?? ''}`;
  const parts = body.split(boundary).map((part) => {
    const [, head = ''] = PART.exec(part) ?? [];
    return { part, name: /;\s*name="([^"]*)"/i.exec(head)?.[1] };
  });
  const names = parts.flatMap(({ name }) => name ?? []);
  if (!names.includes(field)) throw unknown(field, names);
  return parts
    .map(({ part, name }) =>
      name === field ? part.replace(PART, (_, head: string, __, end: string) => head + value + end) : part,
    )
    .join(boundary);
};

const inJsonText = (body: string, { field, value }: Setting): string => {
  if (!isJson(body)) throw new SampleError('The body is not JSON, so no field of it can be set.');
  const places = placesIn(body);
  const place = places.find(({ path }) => path === field);
  if (!place)
    throw unknown(
      field,
      places.map(({ path }) => path),
    );
  const old = body.slice(place.start, place.end);
  return body.slice(0, place.start) + written(old, { field, value }) + body.slice(place.end);
};

/** The kind of value that stood there decides how the new one is written, so that `050…` stays a text. */
const written = (old: string, { field, value }: Setting): string => {
  if (old.startsWith('"')) return JSON.stringify(value);
  if (old === 'null') return isJson(value) ? value : JSON.stringify(value);
  if (isJson(value) && typeof JSON.parse(value) === typeof JSON.parse(old)) return value;
  throw new SampleError(`${field} is ${old.slice(0, 20)} in the sample: "${value}" is no JSON of that kind.`);
};

const isJson = (text: string): boolean => {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
};

const TOKEN = /\s*("(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+)/y;

/** Every value of a JSON text, which it must be, that has a name: `data.items[0].id`, whole objects and lists too. */
const placesIn = (text: string): Place[] => {
  const places: Place[] = [];
  TOKEN.lastIndex = 0;
  const next = (): { token: string; start: number } => {
    const [, token = ''] = TOKEN.exec(text) ?? [];
    return { token, start: TOKEN.lastIndex - token.length };
  };
  const value = (path: string): void => {
    const { token, start } = next();
    if (token === '{' || token === '[') group(path, token === '[');
    if (path !== '') places.push({ path, start, end: TOKEN.lastIndex });
  };
  const group = (path: string, isList: boolean): void => {
    for (let index = 0; ; index += 1) {
      const before = TOKEN.lastIndex;
      const { token } = next();
      if (token === '}' || token === ']') return;
      if (token === ',') index -= 1;
      else if (isList) {
        TOKEN.lastIndex = before;
        value(`${path}[${index}]`);
      } else {
        next();
        const name = String(JSON.parse(token));
        value(path === '' ? name : `${path}.${name}`);
      }
    }
  };
  value('');
  return places;
};

const NEAREST = 5;

/** How far two texts are the same from their beginning. */
const shared = (one: string, other: string): number => {
  let at = 0;
  while (at < one.length && one[at]?.toLowerCase() === other[at]?.toLowerCase()) at += 1;
  return at;
};

const unknown = (field: string, names: readonly string[]): SampleError => {
  const last = field.split(/[.[]/).at(-1)?.replace(']', '').toLowerCase() ?? '';
  const ending = names.filter((name) => name.toLowerCase().includes(last));
  const beginning = names.toSorted((a, b) => shared(field, b) - shared(field, a));
  const near = [...new Set([...ending, ...beginning])];
  const shown = near.slice(0, NEAREST).join(', ');
  return new SampleError(
    `The sample has no field "${field}". There are: ${shown}${near.length > NEAREST ? ', …' : ''}.`,
  );
};

const WIDTH = 120;
const STEP = '  ';

const quoted = (text: string): string =>
  text.includes("'") && !text.includes('"')
    ? JSON.stringify(text)
    : `'${JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'`;

/** A name as a property. */
export const keyText = (name: string): string => (/^[a-z_$][\w$]*$/i.test(name) ? name : quoted(name));

const inline = (value: unknown): string => {
  if (typeof value === 'string') return quoted(value);
  if (Array.isArray(value)) return `[${value.map(inline).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return String(value);
  const parts = Object.entries(value).map(([name, one]) => `${keyText(name)}: ${inline(one)}`);
  return parts.length === 0 ? '{}' : `{ ${parts.join(', ')} }`;
};

/**
 * A value of JSON's kinds as source text, laid out as the formatter would.
 * @param indent of the line on which it begins
 * @param before characters of that line that stand before it, and the one after it
 */
export const sourceText = (value: unknown, indent: string, before: number): string => {
  const short = inline(value);
  if (indent.length + before + short.length <= WIDTH || typeof value !== 'object' || value === null) return short;
  const inner = indent + STEP;
  if (Array.isArray(value)) {
    return `[\n${value.map((one) => `${inner}${sourceText(one, inner, 1)},\n`).join('')}${indent}]`;
  }
  const lines = Object.entries(value).map(([name, one]) => {
    const key = `${keyText(name)}: `;
    return `${inner}${key}${sourceText(one, inner, key.length + 1)},\n`;
  });
  return `{\n${lines.join('')}${indent}}`;
};

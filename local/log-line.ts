import { styleText } from 'node:util';
import { cut } from '../functions/shared/runtime/characters.ts';
import { parsedJson } from './json.ts';
import type { LogLine } from './lambda/definition.ts';

type Style = Parameters<typeof styleText>[0];

/** The longest name of a function that the repository has, and of an event. */
const NAME_WIDTH = 20;
const EVENT_WIDTH = 'escalation'.length;

/** As long as the functions' own log makes a value at most; what others wrote is cut there. */
const MAX_CHARACTERS = 120;

const LEVELS: ReadonlyMap<unknown, Style> = new Map<unknown, Style>([
  ['info', 'dim'],
  ['warn', 'yellow'],
  ['error', 'red'],
]);

/** Yellow and red are taken. */
const COLOURS: readonly Style[] = [
  'cyan',
  'magenta',
  'blue',
  'green',
  'cyanBright',
  'magentaBright',
  'blueBright',
  'greenBright',
];

/** What moves a terminal's cursor, changes its colours or turns the direction of a line: nothing of it may come from a value. */
const UNSAFE = /(?!\t)[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu;

const escaped = (text: string): string =>
  text.replace(UNSAFE, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);

/** For machines, one JSON object: what the function wrote, its name in front; a line that is none stands in it as `line`. */
export function asJson({ function: name, line }: LogLine): string {
  const json = parsedJson(line);
  if (typeof json !== 'object' || json === null || Array.isArray(json)) return JSON.stringify({ function: name, line });
  const { function: _, ...written } = json as Record<string, unknown>;
  return JSON.stringify({ function: name, ...written });
}

/**
 * One line for a person: time of day, function, level and event below each other, then the fields as `name=value`. What is no
 * JSON object stays as it is.
 */
export function forPeople({ function: name, line }: LogLine, at: Date, colours: boolean): string {
  // Whether there are colours was decided once, and is not for styleText to decide again for each text.
  const paint = (style: Style | undefined, text: string): string =>
    colours && style ? styleText(style, text, { validateStream: false }) : text;
  const front = `${paint('dim', at.toTimeString().slice(0, 8))}  ${paint(colourOf(name), name.padEnd(NAME_WIDTH))}  `;
  const json = parsedJson(line);
  if (typeof json !== 'object' || json === null || Array.isArray(json)) return front + escaped(line);
  const { level = '', event = '', ...fields } = json as Record<string, unknown>;
  const columns = `${paint(LEVELS.get(level), shown(level).padEnd(5))}  ${shown(event).padEnd(EVENT_WIDTH)}  `;
  const rest = Object.entries(fields).map(([field, value]) => `${paint('dim', `${escaped(field)}=`)}${shown(value)}`);
  return `${front}${columns}${rest.join(' ')}`.trimEnd();
}

/** In quotes when its end could not be seen otherwise. */
function shown(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  const short = cut(text, MAX_CHARACTERS);
  const whole = short === text ? text : `${short}…`;
  return escaped(typeof value === 'string' && /[\s"=]/.test(whole) ? JSON.stringify(whole) : whole);
}

/** The same for the same name at each start. 41 gives each function of the repository another one. */
function colourOf(name: string): Style | undefined {
  const sum = [...name].reduce((before, character) => (before * 41 + character.charCodeAt(0)) % 997, 0);
  return COLOURS[sum % COLOURS.length];
}

import { bodyIn } from '../../../shared/door/body-shape.ts';
import type { SourceRequest } from '../../../shared/door/source.ts';
import { charsetOf, decodeText, isForm } from '../../../shared/runtime/charset.ts';
import { Invalid } from '../../../shared/runtime/errors.ts';
import { jsonIn, onlyOne } from '../../../shared/runtime/json.ts';
import { encodedFields } from './encoded.ts';
import { multipartFields } from './multipart.ts';

/** A form as a tree of texts; names come from outside, so no branch has a prototype that one of them could reach. */
export interface Tree {
  readonly [name: string]: unknown;
}

/** More than any form asks. */
const MAX_FIELDS = 500;
const MAX_DEPTH = 5;

type Branch = Record<string, unknown>;

const branch = (): Branch => Object.create(null) as Branch;

const isBranch = (value: unknown): value is Branch => typeof value === 'object' && value !== null;

/** `fields[phone][value]` → `fields`, `phone`, `value`; `colours[]` is `colours` with a number for a name. */
const pathOf = (name: string): string[] => {
  const nested = /^([^[\]]+)((?:\[[^[\]]*\])+)$/.exec(name);
  if (!nested) return [name];
  const inner = [...(nested[2] ?? '').matchAll(/\[([^[\]]*)\]/g)].map(([, part = '']) => part);
  return [nested[1] ?? '', ...inner].slice(0, MAX_DEPTH);
};

/** ASP.NET puts the hidden field with the unticked value behind its checkbox. */
const TICKED: Readonly<Record<string, string>> = { false: 'true', '0': '1', off: 'on' };

const isHiddenNo = (value: string, before: unknown): boolean =>
  typeof before === 'string' &&
  Object.hasOwn(TICKED, value.toLowerCase()) &&
  TICKED[value.toLowerCase()] === before.toLowerCase();

const put = (tree: Branch, name: string, value: string): void => {
  const path = pathOf(name);
  let at = tree;
  for (const part of path.slice(0, -1)) {
    const next = at[part];
    const inner = isBranch(next) ? next : branch();
    at[part] = inner;
    at = inner;
  }
  const last = path.at(-1) || String(Object.keys(at).length);
  // Of a name that comes twice the last counts, as in PHP: a hidden field with the unticked value stands before its checkbox.
  const before = at[last];
  at[last] = isHiddenNo(value, before) ? before : value || before || value;
};

const treeOf = (pairs: readonly (readonly [string, string])[]): Tree => {
  const tree = branch();
  for (const [name, value] of pairs.slice(0, MAX_FIELDS)) put(tree, name, value);
  return tree;
};

const isObject = (value: unknown): value is Branch => isBranch(value) && !Array.isArray(value);

const objectIn = (text: string): Branch | undefined => {
  const json = onlyOne(jsonIn(text));
  return isObject(json) ? json : undefined;
};

/** A form of one field that is JSON: by the name `payload`, or as a name without a value, which JSON under a form's label becomes. */
const wrapped = (pairs: readonly (readonly [string, string])[]): Branch | undefined => {
  const [[name, value] = ['', ''], ...others] = pairs;
  if (others.length > 0) return undefined;
  if (value === '') return objectIn(name);
  return name === 'payload' ? objectIn(value) : undefined;
};

const encodedTree = (raw: Uint8Array, contentType: string): Tree => {
  const pairs = encodedFields(raw, contentType);
  return wrapped(pairs) ?? treeOf(pairs);
};

const JSON_START = /^[{[]/;
const MULTIPART_START = /^--[^\r\n]{1,200}\r\ncontent-disposition: *form-data/i;
/** A name, an equals sign and one line: no JSON, no XML and no prose of several lines. */
const ENCODED = /^[^ \t\r\n=&<>"'{}]+=[^\r\n<>]*$/;

/**
 * The body of a form post: JSON, form-encoded or multipart. Its beginning tells which, for labels are missing or wrong; the label
 * counts where it tells nothing. Throws `Invalid` for what is no form.
 */
export const formBody = ({ headers, raw }: SourceRequest): Tree => {
  const contentType = headers['content-type'] ?? '';
  const text = Buffer.from(raw).toString('latin1').trim();
  if (!JSON_START.test(text)) {
    if (/^\s*multipart/i.test(contentType) || MULTIPART_START.test(text)) {
      return treeOf(multipartFields(raw, contentType));
    }
    if (isForm(contentType) || ENCODED.test(text)) return encodedTree(raw, contentType);
  } else if (isForm(contentType)) {
    // Some programs end it as a name without a value.
    return objectIn(decodeText(raw, charsetOf(contentType)).replace(/=\s*$/, '')) ?? encodedTree(raw, contentType);
  }
  const json = bodyIn(raw);
  if (!isObject(json)) throw new Invalid('wrong_shape', 'The body is neither a form nor a JSON object.');
  return json;
};

import type { SourceRequest } from '../../../shared/door/source.ts';
import { isForm } from '../../../shared/runtime/charset.ts';
import { Invalid } from '../../../shared/runtime/errors.ts';
import { parseJson } from '../../../shared/runtime/json.ts';
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

/** The body of a form post by its content type: JSON, form-encoded or multipart. Throws `Invalid` for what is no form. */
export const formBody = ({ headers, raw }: SourceRequest): Tree => {
  const contentType = headers['content-type'] ?? '';
  if (isForm(contentType)) {
    const read = /^\s*multipart/i.test(contentType) ? multipartFields : encodedFields;
    return treeOf(read(raw, contentType));
  }
  const json = parseJson(raw);
  if (!isBranch(json) || Array.isArray(json)) throw new Invalid('wrong_shape', 'The body is not an object.');
  return json;
};

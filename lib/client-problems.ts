import type * as z from 'zod/mini';

/** Something in a client file that cannot be used. */
export interface Problem {
  /** Names and places in lists, from the top. */
  readonly path: readonly (string | number)[];
  /** What to write instead. */
  readonly message: string;
}

/** What is wrong in a client file, all of it. */
export class ClientProblems extends Error {
  override readonly name = 'ClientProblems';
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    super(`This client file cannot be used:\n${problems.map((one) => `  ${worded(one)}`).join('\n')}`);
    this.problems = problems;
  }
}

export const worded = ({ path, message }: Problem): string => `${path.join('.') || '(top level)'}: ${message}`;

// biome-ignore lint/suspicious/noExplicitAny: zod's own description of a schema, of which only a few kinds are read
type Definition = { readonly type: string; readonly [part: string]: any };
const definition = (schema: z.ZodMiniType): Definition => schema.def as unknown as Definition;

type Shape = Readonly<Record<string, z.ZodMiniType>>;

/** Of a thing that is written alone or as a list: the one that was written. */
const listOrNone = (options: readonly z.ZodMiniType[], input: unknown): z.ZodMiniType | undefined => {
  const [list] = options.filter((one) => definition(one).type === 'array');
  const [one, ...others] = options.filter((option) => option !== list);
  if (!list || others.length > 0) return undefined;
  return Array.isArray(input) ? list : one;
};

/** The object that a schema is under its defaults and options; of several the one whose literal the input has. */
const objectIn = (schema: z.ZodMiniType, input: unknown): Shape | undefined => {
  const def = definition(schema);
  if (def.type === 'object') return def.shape;
  if (def.innerType) return objectIn(def.innerType, input);
  if (def.type !== 'union') return undefined;
  const own = listOrNone(def.options, input);
  if (own) return objectIn(own, input);
  const shapes = (def.options as z.ZodMiniType[]).map((option) => objectIn(option, input));
  const says = (name: string): unknown => (input as Readonly<Record<string, unknown>> | undefined)?.[name];
  return shapes.find((shape) =>
    Object.entries(shape ?? {}).every(([name, one]) => {
      const { type, values } = definition(one);
      return type !== 'literal' || values.includes(says(name));
    }),
  );
};

/** The schema one step further down. */
const inside = (schema: z.ZodMiniType, input: unknown, step: string | number): z.ZodMiniType | undefined => {
  const def = definition(schema);
  if (def.innerType) return inside(def.innerType, input, step);
  const own = def.type === 'union' ? listOrNone(def.options, input) : undefined;
  if (own) return inside(own, input, step);
  if (def.type === 'array') return def.element;
  if (def.type === 'record') return def.valueType;
  const further = def.type === 'object' ? def.catchall : undefined;
  return objectIn(schema, input)?.[step] ?? further;
};

type Path = readonly (string | number)[];

const valueAt = (input: unknown, path: Path): unknown =>
  path.reduce((value, step) => (value as Readonly<Record<string | number, unknown>> | undefined)?.[step], input);

const schemaAt = (schema: z.ZodMiniType, path: Path, input: unknown): z.ZodMiniType | undefined =>
  path.reduce<z.ZodMiniType | undefined>(
    (at, step, i) => at && inside(at, valueAt(input, path.slice(0, i)), step),
    schema,
  );

/** Names that may stand at a place; undefined where any name may, or none. */
const allowedAt = (schema: z.ZodMiniType, path: Path, input: unknown): readonly string[] | undefined => {
  const at = schemaAt(schema, path, input);
  const shape = at && objectIn(at, valueAt(input, path));
  return shape && Object.keys(shape);
};

/** What is wrong with what was written, of a thing that is written alone or as a list; nothing of the way that was not chosen. */
const ofTheOneWritten = (
  schema: z.ZodMiniType,
  path: Path,
  input: unknown,
  errors: readonly (readonly Issue[])[],
): readonly Issue[] | undefined => {
  let def = definition(schemaAt(schema, path, input) ?? schema);
  while (def.innerType) def = definition(def.innerType);
  const own = def.type === 'union' ? listOrNone(def.options, valueAt(input, path)) : undefined;
  const issues = own && errors[def.options.indexOf(own)];
  return issues?.map((one) => ({ ...one, path: [...path, ...one.path] }));
};

/** Zod's words for what people write. */
const KINDS: Readonly<Record<string, string>> = {
  string: "text in quotes, '…'",
  record: 'group of settings, { … }',
  object: 'group of settings, { … }',
  array: 'list, [ … ]',
};

type Issue = z.core.$ZodIssue;

const isGroup = (value: unknown): boolean => typeof value === 'object' && value !== null;

/** An issue of the schema in words, with what is allowed at its place; a name that is not known is a problem of its own. */
export const problemsOf = (schema: z.ZodMiniType, input: unknown, issues: readonly Issue[]): Problem[] =>
  issues.flatMap((issue): Problem[] => {
    const path = issue.path.map((step) => (typeof step === 'symbol' ? String(step) : step));
    if (issue.code === 'invalid_type' && valueAt(input, path) === undefined) {
      // A schema may say itself what to write there.
      const own = issue.message.startsWith('Invalid input') ? undefined : issue.message;
      return [{ path, message: `is missing: ${own ?? `write a ${KINDS[issue.expected] ?? issue.expected}`}` }];
    }
    // A name that cannot be one: the reason stands one level deeper.
    if (issue.code === 'invalid_key') return [{ path, message: issue.issues[0]?.message ?? issue.message }];
    if (issue.code === 'invalid_union' && isGroup(valueAt(input, path))) {
      const own = ofTheOneWritten(schema, path, input, issue.errors);
      if (own) return problemsOf(schema, input, own);
    }
    // Of several shapes none is named: the place itself is wrong.
    if (issue.code === 'invalid_union' && valueAt(input, path) === undefined) {
      return [{ path: path.slice(0, -1), message: issue.message }];
    }
    if (issue.code !== 'unrecognized_keys') return [{ path, message: issue.message }];
    const allowed = allowedAt(schema, path, input);
    const may = allowed && allowed.length > 0 ? `There are: ${allowed.join(', ')}.` : 'Nothing can be written here.';
    return issue.keys.map((key) => ({ path: [...path, key], message: `there is no such setting. ${may}` }));
  });

import { StartError } from '../start-error.ts';

/** What a template value may refer to. Each function throws for a name it does not know. */
export interface Scope {
  /** A resource's or parameter's Ref, or a pseudo parameter's value; undefined for AWS::NoValue. */
  ref(name: string): unknown;
  /** An attribute of a resource, such as its Arn. */
  attribute(logicalId: string, attribute: string): string;
}

type Intrinsic = (argument: unknown, scope: Scope) => unknown;

const intrinsics: Record<string, Intrinsic> = {
  Ref: (argument, scope) => scope.ref(String(argument)),
  'Fn::GetAtt': (argument, scope) => scope.attribute(...attributeOf(argument)),
  'Fn::Join': (argument, scope) => {
    const [separator, parts] = list(resolve(argument, scope));
    return list(parts).join(String(separator));
  },
  'Fn::Split': (argument, scope) => {
    const [separator, text] = list(resolve(argument, scope));
    return String(text).split(String(separator));
  },
  'Fn::Select': (argument, scope) => {
    const [index, items] = list(resolve(argument, scope));
    return list(items)[Number(index)];
  },
  'Fn::Sub': (argument, scope) => {
    const [text, own] = Array.isArray(argument) ? argument : [argument, {}];
    const variables = Object(resolve(own, scope)) as Record<string, unknown>;
    return String(text).replace(placeholder, (_, name: string) => {
      if (name.startsWith('!')) return `\${${name.slice(1)}}`;
      if (name in variables) return String(variables[name]);
      return String(name.includes('.') ? scope.attribute(...attributeOf(name)) : scope.ref(name));
    });
  },
};

const placeholder = /\$\{([^}]+)\}/g;

/**
 * A template value with every intrinsic function worked out. Properties that are AWS::NoValue are left out.
 * Throws a StartError that names an intrinsic function the local stack does not know.
 */
export function resolve(value: unknown, scope: Scope): unknown {
  if (Array.isArray(value)) return value.map((item) => resolve(item, scope)).filter((item) => item !== undefined);
  if (value === null || typeof value !== 'object') return value;
  const call = intrinsicCall(value);
  if (call) return call.run(call.argument, scope);
  const entries = Object.entries(value).map(([key, item]) => [key, resolve(item, scope)] as const);
  return Object.fromEntries(entries.filter(([, item]) => item !== undefined));
}

/** Every logical id (or parameter) that the value refers to, so that those can be created first. */
export function referencesIn(value: unknown): Set<string> {
  const found = new Set<string>();
  const spy: Scope = {
    ref: (name) => {
      found.add(name);
      return '';
    },
    attribute: (logicalId) => {
      found.add(logicalId);
      return '';
    },
  };
  resolve(value, spy);
  return found;
}

function intrinsicCall(value: object): { run: Intrinsic; argument: unknown } | undefined {
  const [entry, ...others] = Object.entries(value);
  if (entry === undefined || others.length > 0) return undefined;
  const [name, argument] = entry;
  if (name !== 'Ref' && !name.startsWith('Fn::')) return undefined;
  const run = intrinsics[name];
  if (run === undefined) throw new StartError(`The local stack does not know the intrinsic function ${name}.`);
  return { run, argument };
}

function attributeOf(argument: unknown): [string, string] {
  if (Array.isArray(argument)) return [String(argument[0]), argument.slice(1).map(String).join('.')];
  const [logicalId = '', ...rest] = String(argument).split('.');
  return [logicalId, rest.join('.')];
}

function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

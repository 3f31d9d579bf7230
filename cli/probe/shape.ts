import { isPlainName } from './vocabulary.ts';

const IDS = /(^|_)id$|Id$|^from$|^to$|^target$|^remoteJid$/;
const SUFFIXES = /@(s\.whatsapp\.net|c\.us|lid|g\.us|newsletter|broadcast)$/;

/** A field that is named by somebody's number, name or id is any field. */
const plainName = (name: string): string => (/^[a-z_$][\w$-]*$/.test(name) && isPlainName(name) ? name : '*');

const kindOf = (name: string, value: unknown): string => {
  if (value === null) return 'null';
  if (typeof value !== 'string') return typeof value;
  if (value === '') return 'text (empty)';
  const [, suffix] = SUFFIXES.exec(value) ?? [];
  if (suffix !== undefined) return `id (@${suffix})`;
  return IDS.test(name) ? `id (${value.length} characters)` : 'text';
};

const pathsOf = (value: unknown, path: string, name: string): readonly string[] => {
  if (Array.isArray(value)) {
    return value.length === 0 ? [`${path}[] none`] : value.flatMap((one) => pathsOf(one, `${path}[]`, name));
  }
  if (typeof value === 'object' && value !== null) {
    return Object.entries(value).flatMap(([key, one]) => {
      const plain = plainName(key);
      return pathsOf(one, path === '' ? plain : `${path}.${plain}`, plain);
    });
  }
  return [`${path || '(whole)'} ${kindOf(name, value)}`];
};

/** What a value is made of, without what stands in it: `messages[].id id (22 characters)`, each once, in its order. */
export const shapeOf = (value: unknown): readonly string[] => [...new Set(pathsOf(value, '', ''))];

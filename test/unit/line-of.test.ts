import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { lineOf } from '../../lib/line-of.ts';

const FILE = `import { defineClient } from '../lib/client.ts';

const TEXTS = { en: { body: 'Hi: {name}, [we] are "here"' } };
// templates: { not: this }
export default defineClient({
  name: 'bakery',
  templates: {
    /* 'order-ready': { */
    'order-ready': {
      texts: TEXTS,
      sources: { custom: {}, shopify: { topics: ['a/b', 'c/d'] } },
    },
  },
  decisions: [
    { ask: 'bots' },
    {
      ask: \`campaigns: { \`,
      on: 'soon',
    },
  ],
});
`;
const lines = FILE.split('\n');
const at = (...path: (string | number)[]) => lines[(lineOf(FILE, path) ?? 0) - 1]?.trim();

describe('the line of a setting in a client file', () => {
  it('is found by names, quoted or not, and by places in lists', () => {
    expect(at('name')).toBe("name: 'bakery',");
    expect(at('templates')).toBe('templates: {');
    expect(at('templates', 'order-ready')).toBe("'order-ready': {");
    expect(at('templates', 'order-ready', 'sources', 'shopify', 'topics', 1)).toContain('topics:');
    expect(at('decisions', 0, 'ask')).toBe("{ ask: 'bots' },");
    expect(at('decisions', 1)).toBe('{');
    expect(at('decisions', 1, 'on')).toBe("on: 'soon',");
  });

  it('of what is missing is that of the nearest setting around it', () => {
    expect(at('templates', 'order-ready', 'usefulFor')).toBe("'order-ready': {");
    expect(at('templates', 'order-ready', 'texts', 'en', 'body')).toBe('texts: TEXTS,');
    expect(at('country')).toBe('export default defineClient({');
  });

  it('is found where the settings are a constant above the export', () => {
    const text =
      "export const written = {\n  name: 'x',\n  crm: { kind: 'none' },\n};\nexport default defineClient(everythingOn(written));\n";
    expect(lineOf(text, ['crm', 'kind'])).toBe(3);
  });

  it('is that of the export in a file that writes no object, none without one, and never an error', () => {
    for (const text of ['', '}}}]]],,,:::', '{', "'"]) expect(lineOf(text, ['name'])).toBeUndefined();
    for (const text of ['export default', "export default defineClient(await load('x'));"]) {
      expect(lineOf(text, ['name'])).toBe(1);
    }
  });

  it('is right for every setting of the example client', () => {
    const text = readFileSync('clients/example.ts', 'utf8');
    const line = lineOf(text, ['escalation', 'rules', 1, 'when', 'unanswered']) ?? 0;
    expect(text.split('\n')[line - 1]).toContain("name: 'waiting'");
  });
});

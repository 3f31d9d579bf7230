import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const PAGE = 'docs/aws.md';
const HEAD = '| limit | AWS | local stack | test | only an account tells |';

const cellsOf = (row: string): string[] =>
  row
    .slice(1, -1)
    .split(/(?<!\\)\|/)
    .map((cell) => cell.trim().replaceAll('\\|', '|'));

/** Names in a cell: each in backticks, or the whole; of a link its text. `–` where no test holds it, or `–: why`. */
const namesIn = (cell: string): string[] => {
  const text = cell.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1');
  const quoted = [...text.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name);
  return quoted.length > 0
    ? quoted
    : text.split('<br>').flatMap((name) => (/^([–-](: .+)?)?$/.test(name.trim()) ? [] : name.trim()));
};

/** Rows of every table with that head, by the section's name. */
const rowsOf = (page: string): { readonly section: string; readonly cells: readonly string[] }[] => {
  let [section, isTable] = ['', false];
  return page.split('\n').flatMap((line) => {
    section = /^## (.+)$/.exec(line)?.[1] ?? section;
    if (line === HEAD) isTable = true;
    else if (!line.startsWith('|')) isTable = false;
    return isTable && line !== HEAD && !/^[|\s:-]+$/.test(line) ? [{ section, cells: cellsOf(line) }] : [];
  });
};

/** All tests as they are written, without the backslashes before quotes. */
const tests = readdirSync('test', { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.test.ts') && path !== join('unit', 'aws-table.test.ts'))
  .map((path) => readFileSync(join('test', path), 'utf8').replace(/\\(['"`])/g, '$1'));

/** First of a call, or of a row of `it.each`. */
const isTest = (name: string): boolean => {
  const literal = new RegExp(`[([]\\s*(['"\`])${name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}\\1,`);
  return tests.some((code) => literal.test(code));
};

const rows = rowsOf(readFileSync(PAGE, 'utf8'));

describe('the limits of AWS in docs/aws.md', () => {
  it.each([
    ['SQS', 20],
    ['DynamoDB', 10],
    ['EventBridge Scheduler', 10],
    ['Secrets Manager', 5],
    ['Parameter Store', 5],
    ['Lambda', 10],
    ['API Gateway', 10],
    ['Roles', 5],
  ])('are there for %s', (name, atLeast) => {
    expect(rows.filter(({ section }) => section === name).length).toBeGreaterThanOrEqual(atLeast);
  });

  it('have five columns, and say what AWS does and what this stack does', () => {
    const odd = rows.filter(({ cells }) => cells.length !== 5 || cells.slice(0, 3).some((cell) => cell === ''));
    expect(odd.map(({ section, cells }) => `${section}: ${cells[0]}`)).toEqual([]);
  });

  it('name only tests that there are', () => {
    const named = rows.flatMap(({ section, cells }) => namesIn(cells[3] ?? '').map((name) => ({ section, name })));
    expect(named.length).toBeGreaterThan(10);
    expect(named.filter(({ name }) => !isTest(name))).toEqual([]);
  });

  it('would not be held by a test that is gone, or whose name is only a part of another', () => {
    expect(isTest('that may be is taken: ten entries, an id of 80 characters')).toBe(true);
    expect([isTest('that may be is taken'), isTest('there is no such test')]).toEqual([false, false]);
  });

  it('are read of a cell as they are written', () => {
    expect(namesIn('`a b`, [`it’s c`](../test/x.test.ts)')).toEqual(['a b', 'it’s c']);
    expect([namesIn('a b<br>c'), namesIn('–'), namesIn('')]).toEqual([['a b', 'c'], [], []]);
    expect([namesIn('–: why'), namesIn('–: see `a b`'), namesIn('– why')]).toEqual([[], ['a b'], ['– why']]);
    const page = `## One\n\n${HEAD}\n|---|---|---|---|---|\n| a \\| b | c | d | e | f |\n\n| other |\n|---|\n| x |\n`;
    expect(rowsOf(page)).toEqual([{ section: 'One', cells: ['a | b', 'c', 'd', 'e', 'f'] }]);
  });
});

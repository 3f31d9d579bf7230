import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { CHECKS } from '../../cli/doctor/checks.ts';
import { program } from '../../cli/program.ts';
import { STACK } from '../../watch/decide.ts';
import { headingsOf, runbooks, slugOf } from '../runbooks.ts';

const PAGE = 'docs/operations.md';
const page = readFileSync(PAGE, 'utf8');

/** Minutes from one run to the next. */
const RUN_EVERY = 5;
/** Of things that nobody could look at: of no check. */
const UNSEEN = { id: 'unseen', every: RUN_EVERY, after: 30 };
/** Of a client that was looked at, and is there no more. */
const GONE = { id: STACK, every: RUN_EVERY, after: 0 };
const watched = [
  ...CHECKS.flatMap(({ id, watched: how }) =>
    how ? [{ id, every: how.every ?? RUN_EVERY, after: how.after ?? 0 }] : [],
  ),
  UNSEEN,
  GONE,
];

describe('runbooks', () => {
  it('there is one of each check that people are told of, and none of anything else', () => {
    expect([...runbooks(page).keys()].sort()).toEqual(watched.map(({ id }) => id).sort());
  });

  it.each([...runbooks(page)])('%s says what it means, what to type and what becomes of messages', (_, text) => {
    const parts = [...text.matchAll(/^- \*\*([^*:]+):\*\* \S/gm)].map(([, part]) => part);
    expect(parts).toEqual(['It means', 'People notice', 'Look', 'Mend', 'Meanwhile', 'Well']);
  });

  it('the table says of each how often it is looked at, and when it is told', () => {
    const rows = [...page.matchAll(/^\| \[`([a-z-]+)`\]\(#([a-z-]+)\) \| (\d+) \| (\d+) \|/gm)];
    expect(rows.map(([, id, anchor, every, after]) => [id, anchor, Number(every), Number(after)])).toEqual(
      watched.map(({ id, every, after }) => [id, id, every, after]),
    );
  });
});

/** What is typed there, up to what ends it in a text or a line of shell. */
const typed = [...page.matchAll(/npx ezw ([^`\n]+)/g)].map(([, words = '']) => words.trim());

/** As a shell splits them. What a reader puts in is a word. */
const wordsOf = (line: string): string[] =>
  [...line.replace(/<[^>]*>/g, 'X').matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare ?? '');

/** The program as it is, which does nothing: what is read, and no more. */
const idle = (command: Command): Command => {
  if (command.commands.length === 0) command.action(() => undefined);
  command.commands.forEach(idle);
  return command;
};
const parsed = async (line: string): Promise<unknown> => {
  const ezw = program();
  const said: string[] = [];
  const quiet = (command: Command): void => {
    command.configureOutput({ writeErr: (text) => said.push(text), outputError: (text) => said.push(text) });
    command.commands.forEach(quiet);
  };
  quiet(idle(ezw));
  await ezw.parseAsync(wordsOf(line), { from: 'user' }).catch(() => said.push(`not read: ${line}`));
  return said;
};

describe('what is typed on the page', () => {
  it('is a good deal', () => expect(typed.length).toBeGreaterThan(60));

  it.each([...new Set(typed)])('npx ezw %s', async (line) => {
    expect(await parsed(line)).toEqual([]);
  });

  it.each(['dlq redrve bakery', 'sends resolve bakery', 'line pause bakery --becuase x', 'sends resolve a b --as so'])(
    'but "%s" would not do',
    async (line) => {
      expect(await parsed(line)).not.toEqual([]);
    },
  );
});

it('every link of the page leads somewhere', () => {
  const broken = [...page.matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, to = '']) => to)
    .filter((to) => !/^https?:/.test(to))
    .filter((to) => {
      const [path = '', anchor] = to.split('#');
      const file = path === '' ? PAGE : join(dirname(PAGE), path);
      if (!existsSync(file)) return true;
      return anchor !== undefined && !headingsOf(readFileSync(file, 'utf8')).map(slugOf).includes(anchor);
    });
  expect(broken).toEqual([]);
});

it('other pages lead to runbooks that are there', () => {
  const anchors = new Set(headingsOf(page).map(slugOf));
  const pages = ['README.md', 'CHANGELOG.md', 'docs/upgrades.md', 'docs/deploy.md', 'docs/dead-letters.md'];
  const all = pages.flatMap((name) => [...readFileSync(name, 'utf8').matchAll(/operations\.md(?:#([a-z0-9-]+))?\)/g)]);
  expect(all.length).toBeGreaterThan(0);
  expect(all.map(([, anchor]) => anchor).filter((anchor) => anchor !== undefined && !anchors.has(anchor))).toEqual([]);
});

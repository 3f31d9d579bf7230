import { NOTE_MS } from '../functions/shared/door/proofs.ts';
import { ONE_TRY } from '../functions/shared/people/contacts.ts';
import { PATIENCE_MS } from '../functions/shared/runtime/cached-secret.ts';
import { LEAST_MS } from '../functions/shared/runtime/http.ts';
import { WARM_UP_MS } from '../functions/shared/runtime/in-time.ts';
import { handlers } from '../lib/bundle.ts';
import { timeoutSeconds } from '../lib/timeouts.ts';
import { modules, partsOf } from './callers.ts';
import { type Marks, marked } from './marked.ts';
import { type Budget, PORTS, type Port } from './ports.ts';

const MARKS: Marks = {
  begin: '<!-- budgets: npm run budgets -- --accept -->',
  end: '<!-- end of the budgets -->',
};

const seconds = (ms: number): string => `${ms / 1000} s`;

/** Functions, by name, that have a module of each port in them. */
export const callersOf = (): ReadonlyMap<string, readonly string[]> => {
  const all = modules();
  const parts = [...handlers().keys()].map((name) => [name, partsOf(name, all)] as const);
  return new Map(
    PORTS.map(({ name, modules: own }) => [
      name,
      parts.flatMap(([caller, has]) => (own.some((path) => has.has(path)) ? [caller] : [])),
    ]),
  );
};

const calledBy = (names: readonly string[]): string => {
  if (names.length === 0) return "no function: the operator's command";
  if (names.length === handlers().size) {
    const all = names.map(timeoutSeconds);
    return `all (${seconds(Math.min(...all) * 1000)} to ${seconds(Math.max(...all) * 1000)})`;
  }
  return names.map((name) => `${name} (${timeoutSeconds(name)} s)`).join(', ');
};

const attemptsOf = ({ attempts, answerMs }: Budget): string =>
  answerMs === undefined
    ? 'no limit of its own'
    : `${seconds(answerMs)}${attempts > 1 ? `, ${attempts} attempts` : ''}`;

const callsOf = ({ calls }: Port, isCalled: boolean): string =>
  calls === undefined || !isCalled ? '–' : String(calls);

const rowOf = (port: Port, callers: readonly string[]): string => {
  const { name, budget } = port;
  const isCalled = callers.length > 0;
  const cells = [
    name,
    seconds(budget.connectMs),
    attemptsOf(budget),
    `**${seconds(budget.totalMs)}**`,
    callsOf(port, isCalled),
    calledBy(callers),
    isCalled ? seconds(budget.keptMs) : '–',
  ];
  return `| ${cells.join(' | ')} |`;
};

/** Every port with what a call of it may take, as Markdown. */
export const budgetTable = (): string => {
  const callers = callersOf();
  return [
    '| port | connect | one answer | one call in all | calls of one item, one after the other | called by (which has) | kept of that after the call |',
    '|---|---|---|---|---|---|---|',
    ...PORTS.map((port) => rowOf(port, callers.get(port.name) ?? [])),
    '',
    `A start waits ${seconds(WARM_UP_MS)} for all that it warms up. A secret that is in memory already is waited for ${seconds(PATIENCE_MS)} when it is read again. What counts posts is tried ${ONE_TRY.maxAttempts === 1 ? 'once' : `${ONE_TRY.maxAttempts} times`}; so is a note of a proof, for which a door waits ${seconds(NOTE_MS)} at most. A request or mail for which less than ${seconds(LEAST_MS)} would be left is not made.`,
  ].join('\n');
};

/** The page with the table as it is now between its markers. Throws where it has no markers. */
export const withBudgets = (page: string): string => marked(page, MARKS, budgetTable());

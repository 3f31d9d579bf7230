import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { timeoutSeconds } from '../../lib/timeouts.ts';
import { callersOf, withBudgets } from '../../scripts/budget-table.ts';
import { isCaller, modules, partsOf } from '../../scripts/callers.ts';
import { CARRIERS, PORTS } from '../../scripts/ports.ts';

const PAGE = 'docs/aws.md';
const all = modules();
const known = new Set([...PORTS.flatMap((port) => port.modules), ...Object.keys(CARRIERS)]);
const portless = (files: ReadonlyMap<string, string>): string[] =>
  [...files].flatMap(([path, code]) => (isCaller(code) && !known.has(path) ? [path] : []));

it('docs/aws.md has every budget as the code has it', () => {
  const page = readFileSync(PAGE, 'utf8');
  const isCurrent = page === withBudgets(page);
  expect(isCurrent, `make the table in ${PAGE} anew: npm run budgets -- --accept`).toBe(true);
});

it('no port is without a budget: whatever calls somebody outside belongs to one', () => {
  expect(portless(all), 'a port without a budget: write it into scripts/ports.ts').toEqual([]);
});

it.each([
  ['an SDK client', 'const client = bounded(new SNSClient(AWS_CLIENT));'],
  ['a request', "const result = await tools.http({ method: 'GET', url });"],
  ['a vendor called by the operator', 'const { found } = await callVendor(tools, request, z.unknown());'],
  ['a CRM', 'const api = crmApi(settings.api, tools, async () => headers);'],
  ['a notifier', 'send: oneRequest<unknown>((alert) => posted(alert)),'],
  ['a look-up', 'return lookUpBooking(tools, url, login, schema);'],
  ['a bare call', 'await fetch(url);'],
  ['a socket', "import {\n  connect,\n} from 'node:tls';"],
])('a module with %s is found', (_, code) => {
  expect(portless(new Map([['new/module.ts', code]]))).toEqual(['new/module.ts']);
});

it('every module that is named calls somebody, and every carrier has the names that are looked for', () => {
  const modulesOfPorts = PORTS.flatMap((port) => port.modules);
  expect(modulesOfPorts.filter((path) => !isCaller(all.get(path) ?? ''))).toEqual([]);
  expect(new Set(modulesOfPorts).size).toBe(modulesOfPorts.length);
  for (const [path, names] of Object.entries(CARRIERS))
    for (const name of names) expect(all.get(path)).toMatch(new RegExp(`^export const ${name}\\b`, 'm'));
});

it('a CRM, a notifier and a look-up are made of nothing but what belongs to a port', () => {
  const folders = /^(?:crm-sync\/crms|escalation\/notifiers)\/[^/]+\/(?:crm|notifier)\.ts$/;
  const outside = [...all.keys()].filter((path) => folders.test(path));
  expect(outside.length).toBeGreaterThan(10);
  expect(outside.filter((path) => !known.has(path))).toEqual([]);
});

it('which functions a module is in is read of what they import', () => {
  expect([...partsOf('crm-sync', all)]).toEqual(
    expect.arrayContaining(['crm-sync/crms/google-sheets/crm.ts', 'shared/runtime/http.ts']),
  );
  expect([...partsOf('sender', all)].filter((path) => path.startsWith('crm-sync/'))).toEqual([]);
});

describe.each(PORTS)('$name', ({ name, budget }) => {
  const { connectMs, answerMs = 0, attempts, totalMs, keptMs } = budget;

  it('ends with one call in the time of each function that makes it, with what is kept of that', () => {
    for (const caller of callersOf().get(name) ?? [])
      expect(totalMs, caller).toBeLessThan(timeoutSeconds(caller) * 1000 - keptMs);
  });

  it('has no part that is longer than the whole', () => {
    for (const ms of [connectMs, answerMs, totalMs]) expect(ms).toBeGreaterThanOrEqual(0);
    expect(connectMs).toBeLessThan(totalMs);
    expect(attempts * answerMs).toBeLessThanOrEqual(totalMs);
    expect(totalMs).toBeLessThan(Number.POSITIVE_INFINITY);
  });
});

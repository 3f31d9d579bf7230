import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { synthesise } from '../../lib/synthesise.ts';
import type { NamedGrant } from '../../local/iam/grants.ts';
import { grantsOf } from '../../local/rehearsal.ts';
import { readAssembly } from '../../local/template/assembly.ts';
import { NEEDS, STORIES } from '../../scripts/grant-needs.ts';
import { clientWithAll, needsOf, unmet, withGrantTable } from '../../scripts/grant-table.ts';

const PAGE = 'docs/grants.md';
const STORIES_FILE = 'test/emulated/grants.test.ts';

/** All grants of a stack with everything on. */
let grants: readonly NamedGrant[];

beforeAll(async () => {
  const folder = mkdtempSync(join(tmpdir(), 'ezw-grants-'));
  const client = clientWithAll();
  await synthesise([client], folder, Object.keys(client.templates));
  grants = await grantsOf(readAssembly(folder, client.name), folder);
  rmSync(folder, { recursive: true, force: true });
});

it('every grant is needed for something that is written down', () => {
  const idle = needsOf(grants).filter(({ need }) => need === undefined);
  expect(idle.map(({ grant: { to, action, on } }) => `${to}: ${action} on ${on}`)).toEqual([]);
  expect(grants.length).toBeGreaterThan(100);
});

it('whatever somebody needs is granted', () => {
  expect(unmet(grants)).toEqual([]);
});

it('each of them taken away in turn is missed: what it allowed is needed, and nothing else allows it', () => {
  const nameOf = ({ to, action, on }: NamedGrant) => `${to}: ${action} on ${on}`;
  const without = (taken: NamedGrant) => grants.filter((one) => nameOf(one) !== nameOf(taken));
  expect(grants.filter((taken) => unmet(without(taken)).length === 0).map(nameOf)).toEqual([]);
  const twice = grants.filter((taken) => without(taken).length < grants.length - 1);
  // CDK writes one for each of the two routes of this path, both without their methods.
  expect(new Set(twice.map(nameOf))).toEqual(
    new Set(['API Gateway: lambda:InvokeFunction on route /lead-first-touch/form']),
  );
});

it('every story that uses a grant is a test, and every test of one has grants', () => {
  const used = new Set(NEEDS.map(({ story }) => story));
  expect([...used].sort()).toEqual(Object.values(STORIES).sort());
  const file = readFileSync(STORIES_FILE, 'utf8');
  const told = [...file.matchAll(/^(?:story|since)\(\s*'(\w+)'/gm)].map(([, name]) => name);
  expect(told.sort()).toEqual(Object.keys(STORIES).sort());
});

it('no grant is for more than one resource but for alarms, whose names are made up', () => {
  const wide = grants.filter(({ resource, action }) => /[*?]/.test(resource) && !action.startsWith('logs:'));
  expect(new Set(wide.map(({ on }) => on))).toEqual(new Set(['its alarms']));
  expect(grants.filter(({ action }) => /[*?]/.test(action))).toEqual([]);
});

it('docs/grants.md has every grant as the template has it', () => {
  const page = readFileSync(PAGE, 'utf8');
  const isCurrent = page === withGrantTable(page, grants);
  expect(isCurrent, `make the table in ${PAGE} anew: npm run grants -- --accept`).toBe(true);
});

it('a page without the place for the table is not written, nor one of a grant that nothing needs', () => {
  expect(() => withGrantTable('# Another page', grants)).toThrow('needs the lines');
  const [grant] = grants;
  if (!grant) throw new Error('There are grants.');
  const idle = { ...grant, action: 'sqs:PurgeQueue' };
  expect(() => withGrantTable(readFileSync(PAGE, 'utf8'), [idle])).toThrow(/Nothing needs .*: sqs:PurgeQueue/);
});

import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { assemble, demoClient } from './assembly.ts';

let outdir: string;
beforeAll(async () => {
  outdir = await assemble(await demoClient());
});
afterAll(() => rmSync(outdir, { recursive: true, force: true }));

/** Paths and names that only a workspace login has. */
const WORKSPACE = /api\/auth\/login|api\/lines\/|workspaceIdToken|workspace_token_missing|LedgerByHand|_says_a_person/;

test('no deployed bundle holds the workspace client, or what a person does to the ledger by hand', () => {
  const bundles = readdirSync(join(outdir, 'bundles'));
  expect(bundles).toContain('sender');
  const holders = bundles.filter((name) =>
    WORKSPACE.test(readFileSync(join(outdir, 'bundles', name, 'index.mjs'), 'utf8')),
  );
  expect(holders).toEqual([]);
  // The pattern would find it: the client's own source matches.
  expect(readFileSync('cli/token/workspace-client.ts', 'utf8')).toMatch(WORKSPACE);
});

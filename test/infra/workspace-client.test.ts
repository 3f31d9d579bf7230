import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { DEMO_ASSEMBLY } from './assembly.ts';

/** Paths and names that only a workspace login has. */
const WORKSPACE = /api\/auth\/login|api\/lines\/|workspaceIdToken|workspace_token_missing|LedgerByHand|_says_a_person/;

test('no deployed bundle holds the workspace client, or what a person does to the ledger by hand', () => {
  const bundles = readdirSync(join(DEMO_ASSEMBLY, 'bundles'));
  expect(bundles).toContain('sender');
  const holders = bundles.filter((name) =>
    WORKSPACE.test(readFileSync(join(DEMO_ASSEMBLY, 'bundles', name, 'index.mjs'), 'utf8')),
  );
  expect(holders).toEqual([]);
  // The pattern would find it: the client's own source matches.
  expect(readFileSync('cli/token/workspace-client.ts', 'utf8')).toMatch(WORKSPACE);
});

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { SENT, TOLD, type Use } from '../../cli/cost/prices.ts';
import { written } from '../../clients/demo.ts';
import { defineClient } from '../../lib/client.ts';
import { LEDGER_INDEXES } from '../../lib/constructs/ledger-table.ts';
import { synthesise } from '../../lib/synthesise.ts';
import { type LocalStack, startLocalStack } from '../../local/stack.ts';
import {
  customOrder,
  demoSecrets,
  expectCleanLogs,
  post,
  recordOf,
  sandboxOf,
  signed,
  untilIdle,
  untilState,
} from './demo.ts';
import { customerSays, deliver } from './inbound.ts';

/** A client with the usual limits, which the demo has not, and one template that is told of once. */
let outdir: string;
let stack: LocalStack;

beforeAll(async () => {
  outdir = await mkdtemp(join(tmpdir(), 'ezw-cost-'));
  const { texts, sources } = written.templates['order-ready'] ?? {};
  const client = defineClient({
    ...written,
    name: 'usual',
    sender: { minGapSeconds: 0 },
    templates: { 'order-ready': { texts, sources: { custom: sources?.custom } } },
  } as Parameters<typeof defineClient>[0]);
  await synthesise([client], outdir);
  stack = await startLocalStack({ assembly: outdir, client: 'usual', port: 0, secrets: demoSecrets() });
});
afterAll(async () => {
  expectCleanLogs(stack);
  await stack.stop();
  await rm(outdir, { recursive: true, force: true });
});

interface Made {
  readonly count: (action: RegExp) => number;
  /** Signs that were noted among it: they are counted by the time that passes, and not by message (`PER_WAKE`). */
  readonly signs: number;
}

/** The signs that EZWhatsApp was heard, and took a message, and that a proof was good, as they stand. */
const signs = async (): Promise<readonly unknown[]> => {
  const { deliveries = [], sends = [] } = (await stack.state()).tables;
  return [...deliveries, ...sends]
    .filter(({ pk }) => /^heard#|^proofs#|#accepted$/.test(String(pk)))
    .map(({ at, goodAt }) => at ?? goodAt);
};

/** How often functions did what AWS calls so, while something happens. What is read at their start is before that. */
const callsOf = async (happens: () => Promise<unknown>): Promise<Made> => {
  const [before, known] = [stack.grants(), await signs()];
  await happens();
  await untilIdle(stack);
  const sum = (grants: typeof before, wanted: RegExp): number =>
    grants.reduce((all, { action, used }) => all + (wanted.test(action) ? used : 0), 0);
  const after = stack.grants();
  return {
    count: (wanted) => sum(after, wanted) - sum(before, wanted),
    signs: (await signs()).filter((at) => !known.includes(at)).length,
  };
};

/** @param indexed how often an index was written too */
const shown = ({ count, signs }: Made, indexed: number) => ({
  gatewayRequests: count(/^lambda:InvokeFunction$/),
  writes: count(/^dynamodb:(Put|Update|Delete)Item$/) - signs + indexed,
  reads: count(/^dynamodb:GetItem$/) + count(/^dynamodb:Query$/) / 2,
  // What is sent Lambda receives and deletes.
  calls: 3 * count(/^sqs:SendMessage$/),
});
const said = ({ gatewayRequests, writes, reads, standardCalls, fifoCalls }: Use) => ({
  gatewayRequests,
  writes,
  reads,
  calls: standardCalls + fifoCalls,
});

const KEY = 'order:cost-1:ready';

it('an event that becomes a message calls what its cost says', async () => {
  const made = await callsOf(async () => {
    await post(stack, 'custom', signed('custom', customOrder('cost-1')));
    await untilState(stack, KEY, 'ACCEPTED');
  });
  const record = await recordOf(stack, KEY);
  // The record is added to each index whose key it bears.
  expect(record).not.toHaveProperty('waits');
  expect(shown(made, LEDGER_INDEXES.filter((name) => name in (record ?? {})).length)).toEqual(said(SENT));
  // The first that was taken in this hour, of the first proof that was good.
  expect(made.signs).toBe(2);
  // More than 1 KB would be a write more each time.
  expect(JSON.stringify(record).length).toBeLessThan(1024);
});

it('what is told of that message calls what its cost says', async () => {
  const [{ raw = '{}' } = {}] = await sandboxOf(stack).messages();
  const { body } = JSON.parse(raw);
  const made = await callsOf(async () => {
    await deliver(stack, customerSays('seen-1', body, { from_me: true }));
    for (const status of ['sent', 'delivered', 'read']) {
      await untilIdle(stack);
      const told = { statuses: [{ id: 'seen-1', status, timestamp: Math.floor(Date.now() / 1000) }] };
      await deliver(stack, told, { event: 'statuses.post' });
    }
  });
  const record = await recordOf(stack, KEY);
  expect(record).toMatchObject({ observedId: 'seen-1', delivery: { status: 'read' } });
  // Both indexes show by which id a send was seen.
  const counted = shown(made, LEDGER_INDEXES.length);
  // crm-sync and escalation have the message at once: the later one meets what the earlier one noted, and asks once more.
  expect(counted).toEqual({ ...said(TOLD), reads: expect.any(Number), writes: expect.any(Number) });
  expect(Math.abs(counted.reads - TOLD.reads)).toBeLessThanOrEqual(2);
  expect(Math.abs(counted.writes - TOLD.writes)).toBeLessThanOrEqual(2);
  expect(JSON.stringify(record).length).toBeLessThan(1024);
});

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { PER_EVENT } from '../../cli/cost/prices.ts';
import { written } from '../../clients/demo.ts';
import { defineClient } from '../../lib/client.ts';
import { LEDGER_INDEXES } from '../../lib/constructs/ledger-table.ts';
import { synthesise } from '../../lib/synthesise.ts';
import { type LocalStack, startLocalStack } from '../../local/stack.ts';
import { customOrder, demoSecrets, expectCleanLogs, post, signed, untilIdle, untilState } from './demo.ts';

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

/** How often functions did what AWS calls so, since the stack is there. */
const calls = (): ((action: RegExp) => number) => {
  const grants = stack.grants();
  return (wanted) => grants.reduce((sum, { action, used }) => sum + (wanted.test(action) ? used : 0), 0);
};

it('an event that becomes a message calls what the cost of an event says', async () => {
  // What is read at the start is no event's.
  const before = calls();
  const order = customOrder('cost-1', { customer: { name: 'Dana', phone: '+972501234571' } });
  await post(stack, 'custom', signed('custom', order));
  const record = await untilState(stack, 'order:cost-1:ready', 'ACCEPTED');
  await untilIdle(stack);
  const after = calls();
  const made = (action: RegExp): number => after(action) - before(action);
  // An index holds whatever bears its key, and is written for it once: the record is added to it, and what it shows does not change.
  const indexed = LEDGER_INDEXES.filter((name) => name in record).length;
  expect({
    gatewayRequests: made(/^lambda:InvokeFunction$/),
    writes: made(/^dynamodb:(Put|Update|Delete)Item$/) + indexed,
    reads: made(/^dynamodb:(GetItem|Query|Scan)$/),
    // What is sent Lambda receives and deletes.
    calls: 3 * made(/^sqs:SendMessage$/),
  }).toEqual({
    gatewayRequests: PER_EVENT.gatewayRequests,
    writes: PER_EVENT.writes,
    reads: PER_EVENT.reads,
    calls: PER_EVENT.standardCalls + PER_EVENT.fifoCalls,
  });
  // More than 1 KB would be a write more each time.
  expect(JSON.stringify(record).length).toBeLessThan(1024);
});

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { diagnose } from '../../cli/doctor/diagnosis.ts';
import { openTarget } from '../../cli/target/target.ts';
import demo from '../../clients/demo.ts';
import { defineClient } from '../../lib/client.ts';
import { synthesise } from '../../lib/synthesise.ts';
import { type LocalStack, startLocalStack } from '../../local/stack.ts';
import { customOrder, demoSecrets, post, sandboxOf, signed, untilIdle } from './demo.ts';

const folder = mkdtempSync(join(tmpdir(), 'ezw-line-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The demo on another line, over the data of the one before. */
const withLine = async (lines: { lineId: string; keysOf?: string }, act: (stack: LocalStack) => Promise<void>) => {
  const client = defineClient({ ...demo, ...lines, crm: undefined, escalation: {} });
  const assembly = join(folder, `${lines.lineId}-${lines.keysOf ?? ''}`);
  await synthesise([client], assembly);
  const data = join(folder, 'kept');
  const stack = await startLocalStack({ assembly, client: 'demo', port: 0, secrets: demoSecrets(), data });
  try {
    await act(stack);
  } finally {
    await stack.stop();
  }
};
const order = async (stack: LocalStack, id: string) =>
  expect(await post(stack, 'custom', signed('custom', customOrder(id)))).toMatchObject({ status: 200 });
const sent = async (stack: LocalStack) => (await sandboxOf(stack).messages()).map(({ key }) => key);
const stateOf = async (stack: LocalStack, pk: string) =>
  ((await stack.state()).tables.sends ?? []).find((row) => row.pk === pk);

it('a changed line tells nobody again: nothing is sent until keysOf says whose keys there are, and then only what is new', async () => {
  await withLine({ lineId: 'line-a' }, async (stack) => {
    await order(stack, 'SO-1');
    await expect.poll(() => sent(stack)).toEqual(['order:SO-1:ready']);
    await untilIdle(stack);
  });

  await withLine({ lineId: 'line-b' }, async (stack) => {
    await order(stack, 'SO-1');
    await expect
      .poll(() => stateOf(stack, 'line-b#order:SO-1:ready'))
      .toMatchObject({ state: 'HELD', reason: 'line_changed' });
    await order(stack, 'SO-2');
    expect(await sent(stack)).toEqual([]);
    expect(stack.logs().some(({ line }) => line.includes("write keysOf: 'line-a' in the client file"))).toBe(true);
    const target = { ...(await openTarget('demo', { local: stack.url })), client: { ...demo, lineId: 'line-b' } };
    expect((await diagnose(target)).find(({ about }) => about === 'keys of sends')).toMatchObject({
      level: 'bad',
      todo: expect.stringContaining("keysOf: 'line-a'"),
    });
  });

  await withLine({ lineId: 'line-b', keysOf: 'line-a' }, async (stack) => {
    await order(stack, 'SO-1');
    await expect.poll(() => sent(stack)).toEqual(['order:SO-2:ready']);
    // What is stopped before it is settled is sent once more, to the next sandbox, which has not seen it.
    await untilIdle(stack);
  });

  await withLine({ lineId: 'line-c', keysOf: 'line-a' }, async (stack) => {
    for (const id of ['SO-1', 'SO-2', 'SO-3']) await order(stack, id);
    await expect.poll(() => sent(stack)).toEqual(['order:SO-3:ready']);
    await untilIdle(stack);
    expect(await sent(stack)).toEqual(['order:SO-3:ready']);
  });
}, 180_000);

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LocalStack } from '../../local/stack.ts';
import { customOrder, expectCleanLogs, post, sandboxOf, signed, startDemo, untilState } from './demo.ts';

/** Two stacks side by side, for each waits until the lease of the killed sender is over. */
let stacks: LocalStack[];

beforeAll(async () => {
  stacks = [await startDemo(), await startDemo()];
});
afterAll(async () => {
  for (const stack of stacks) expectCleanLogs(stack);
  await Promise.all(stacks.map((stack) => stack.stop()));
});

const killSender = (stack: LocalStack): void => {
  for (const pid of stack.functions.sender ?? []) process.kill(pid, 'SIGKILL');
};

describe.concurrent('the sender killed', () => {
  it.each([
    ['between claim and POST', 0, 'health', { kind: 'timeout' }, 1],
    ['between POST and accept', 1, 'text', { kind: 'timeout', after: true }, 2],
  ] as const)(
    '%s: after restart one message and a state that says what happened',
    async (_, index, on, fault, posts) => {
      const stack = stacks[index] as LocalStack;
      const sandbox = sandboxOf(stack);
      await sandbox.fault(on, fault);
      await post(stack, 'custom', signed('custom', customOrder('killed')));
      await untilState(stack, 'order:killed:ready', 'CLAIMED');
      await expect.poll(async () => (await sandbox.requests()).some(({ status }) => status === 'hung')).toBe(true);
      killSender(stack);
      const record = await untilState(stack, 'order:killed:ready', 'ACCEPTED', 120_000);
      expect(record).toMatchObject({ interruptions: 1, attempts: 2 });
      expect((await sandbox.messages()).map(({ key }) => key)).toEqual(['order:killed:ready']);
      const sent = await sandbox.posts('order:killed:ready');
      expect(sent).toHaveLength(posts);
      expect(new Set(sent.map(({ raw }) => raw)).size).toBe(1);
    },
    150_000,
  );
});

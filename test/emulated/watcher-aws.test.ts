import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { CHECKS } from '../../cli/doctor/checks.ts';
import type { LocalStack } from '../../local/stack.ts';
import { Memory } from '../../watch/memory.ts';
import type { AccountStacks } from '../../watch/stacks.ts';
import { Watcher } from '../../watch/watcher.ts';
import type { Message } from '../../watch/words.ts';
import { AwsMode } from './aws-mode.ts';
import { startDemo } from './demo.ts';
import { awsClients } from './fixtures/clients.ts';

/** The watcher in an account of AWS: stacks are found by the protocol of CloudFormation, and looked at by those of the others. */
const MINUTE = 60_000;
let stack: LocalStack;
let aws: AwsMode;
let stacks: AccountStacks;
const before = { ...process.env };
beforeAll(async () => {
  stack = await startDemo({ watcher: true });
  aws = await AwsMode.start(stack, stack.url);
  Object.assign(process.env, aws.env);
  const { AccountStacks } = await import('../../watch/stacks.ts');
  stacks = new AccountStacks();
}, 60_000);
afterAll(async () => {
  process.env = before;
  await aws.stop();
  await stack.stop();
});

const told: Message[] = [];
const watcher = () =>
  new Watcher({
    checks: CHECKS,
    stacks: () => stacks.all(Date.now()),
    memory: new Memory(stack.resources().tables.watch ?? '', awsClients(stack).dynamodb),
    tell: async (message) => void told.push(message),
    log: () => undefined,
    now: Date.now,
    newOwner: randomUUID,
    late: () => new Promise(() => undefined),
  });
const START = Date.now();
const lookAt = async (minutes: number): Promise<readonly string[]> => {
  told.length = 0;
  expect(await watcher().run(START + minutes * MINUTE, true)).toMatchObject({ clients: 1 });
  return told.map(({ subject }) => subject).sort();
};

it('finds each client’s stack by its name and its client file in the template, and tells what is wrong with the command to type in AWS', async () => {
  await lookAt(0);
  await lookAt(30);
  const subjects = await lookAt(60);
  expect(subjects).toEqual(['Ezw demo: protection against deletion']);
  expect(told[0]?.text).toMatch(/What to do: npx ezw protect demo\n/);
});

it('asks CloudFormation about a stack only when it was changed', async () => {
  aws.asked.length = 0;
  await lookAt(65);
  // Whether it is protected changes without a deployment.
  expect(aws.asked.filter((action) => action !== 'DescribeStacks')).toEqual(['ListStacks']);
  aws.kept.status = 'UPDATE_COMPLETE';
  await lookAt(70);
  expect(aws.asked).toEqual(expect.arrayContaining(['GetTemplate', 'ListStackResources']));
});

it('tells that it was mended', async () => {
  aws.kept.stack = true;
  for (const table of Object.values(stack.resources().tables)) aws.kept.tables.add(table);
  await lookAt(75);
  expect(await lookAt(85)).toEqual(['Ezw well again: demo: protection against deletion']);
});

it('a stack of a release that did not write its client file is told as what cannot be looked at', async () => {
  aws.kept.reads = [];
  aws.kept.status = 'UPDATE_ROLLBACK_COMPLETE';
  expect(await lookAt(90)).toEqual([]);
  expect(await lookAt(125)).toEqual(['Ezw demo: what cannot be looked at']);
  expect(told[0]?.text).toContain(
    'deployed by an earlier release, which the watcher cannot look at: npx ezw deploy demo',
  );
});

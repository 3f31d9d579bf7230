import { randomUUID } from 'node:crypto';
import { DeleteItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CHECKS } from '../../cli/doctor/checks.ts';
import type { LocalStack } from '../../local/stack.ts';
import { Memory } from '../../watch/memory.ts';
import { Patience } from '../../watch/patience.ts';
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
    stacks: () => stacks.all(Date.now(), new Patience(() => new Promise(() => undefined))),
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

describe('the doctor says who is told', () => {
  const email = 'dana@agency.example';
  const said = async () => {
    const { stdout } = await aws.run(['doctor', 'demo', '--json']);
    const { findings } = JSON.parse(stdout) as { findings: { check: string; level: string; found: string }[] };
    return findings.flatMap(({ check, level, found }) => (check === 'watcher' ? [`${level}: ${found}`] : []));
  };
  const both = (one: object) => ({
    'Ezw-watch': [{ email, arn: 'arn:aws:sns:us-east-1:123456789012:Ezw-watch:1', ...one }],
    'Ezw-watch-alarms': [{ email, arn: 'arn:aws:sns:us-east-1:123456789012:Ezw-watch-alarms:2' }],
  });

  it('nobody, where there is no Ezw-watch', async () => {
    expect(await said()).toEqual([
      'warning: nobody is told when something goes wrong: there is no Ezw-watch in this account and region',
    ]);
  });

  it('the operator, who confirmed both mails, and of which the first lets this client through', async () => {
    for (const only of [undefined, ['bakery', 'demo']]) {
      aws.kept.watch = both({ only });
      expect(await said()).toEqual([expect.stringMatching(/^good: the watcher looked at /)]);
    }
  });

  it.each([
    [{ arn: 'PendingConfirmation' }, 'was sent a mail by SNS and has not confirmed it, so nothing is told there'],
    [{ arn: 'Deleted' }, 'is not subscribed, or was unsubscribed'],
    [{ email: 'other@agency.example' }, 'is not subscribed, or was unsubscribed'],
    [{ only: ['bakery'] }, 'does not hear of this client, which is newer than the stack that tells'],
  ])('not the operator with %j', async (one, why) => {
    aws.kept.watch = both(one);
    const told = (await said()).filter((line) => !line.startsWith('good'));
    expect(told).toEqual([expect.stringContaining(`warning: the operator's mail address ${why}`)]);
    expect(told[0]).toMatch(/\(Ezw-watch\)$/);
  });

  it('nobody, where the watcher did not look for more than 15 minutes', async () => {
    aws.kept.watch = both({});
    const row = { TableName: stack.resources().tables.watch, Key: { pk: { S: 'run' } } };
    await awsClients(stack).dynamodb.send(
      new UpdateItemCommand({
        ...row,
        UpdateExpression: 'SET lookedAt = :at',
        ExpressionAttributeValues: { ':at': { N: String(Date.now() - 16 * MINUTE) } },
      }),
    );
    expect(await said()).toEqual([
      expect.stringMatching(/^bad: the watcher looked at .*, and not since: nobody is told/),
    ]);
    await lookAt(86);
    expect(await said()).toEqual([expect.stringMatching(/^good: /)]);
    await awsClients(stack).dynamodb.send(new DeleteItemCommand(row));
    expect(await said()).toEqual([expect.stringMatching(/^warning: the watcher has not looked yet/)]);
  });
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

it('a client whose stack is gone is told of once, and one that comes again is looked at', async () => {
  aws.kept.status = 'DELETE_IN_PROGRESS';
  const run = async (minutes: number) => {
    told.length = 0;
    await watcher().run(START + minutes * MINUTE, true);
    return told.map(({ subject }) => subject);
  };
  expect(await run(130)).toEqual(['Ezw demo: its stack is gone']);
  expect(told[0]).toMatchObject({ clients: ['demo'], text: expect.stringMatching(/\nYou are told once\./) });
  expect(await run(135)).toEqual([]);
  expect(await run(2 * 24 * 60)).toEqual([]);
  aws.kept.status = 'CREATE_COMPLETE';
  expect(await run(2 * 24 * 60 + 5)).toEqual([]);
  aws.kept.status = 'DELETE_FAILED';
  expect(await run(2 * 24 * 60 + 10)).toEqual(['Ezw demo: its stack is gone']);
});

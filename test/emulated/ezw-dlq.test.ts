import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  DeleteMessageCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { describe, expect, it } from 'vitest';
import { sha256 } from '../../functions/shared/runtime/hashes.ts';
import { Table } from '../../functions/shared/runtime/table.ts';
import { BARE } from '../in-process.ts';
import { demoForAll, untilIdle, untilState } from './demo.ts';
import { ezw } from './ezw.ts';
import { awsClients } from './fixtures/clients.ts';

const stack = demoForAll();
const run = (...args: readonly string[]) => ezw([...args, '--local', stack().url]);
const json = async (...args: readonly string[]) => {
  const { code, stdout, stderr } = await run(...args, '--json');
  expect(stderr).toBe('');
  return { code, told: JSON.parse(stdout) };
};
const queueIn = async (name: string) => {
  const { told } = await json('dlq', 'list', 'demo');
  return told.queues.find(({ queue }: { queue: string }) => queue === name);
};

const sqs = () => {
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  const endpoint = stack().endpoints.sqs;
  return new SQSClient({ region: 'us-east-1', endpoint, credentials, useQueueUrlAsEndpoint: false });
};
const sends = () =>
  new Table<Record<string, unknown>>(stack().resources().tables.sends ?? '', awsClients(stack()).dynamodb);
const send = async (queue: string, body: string, more: object = {}): Promise<string> => {
  const QueueUrl = stack().resources().queues[queue];
  const { MessageId = '' } = await sqs().send(new SendMessageCommand({ QueueUrl, MessageBody: body, ...more }));
  return MessageId;
};
const reason = (text: string) => ({ MessageAttributes: { reason: { DataType: 'String', StringValue: text } } });
const delivered = (id: string) =>
  JSON.stringify({
    deliveryId: id,
    index: 0,
    item: { kind: 'message', text: 'secret text', phone: '+972501234567', at: '2026-11-22T10:00:00Z' },
  });

describe('dead letters', () => {
  it('that the sender set aside are all shown, however many, with the reason', async () => {
    for (let n = 0; n < 12; n += 1) {
      await send('sends', `{"nonsense":${n}}`, { MessageGroupId: 'line-demo', MessageDeduplicationId: randomUUID() });
    }
    await expect.poll(async () => (await stack().state()).dlqs['sends-dlq']?.ready, { timeout: 30_000 }).toBe(12);
    const { count, more, groups, letters } = await queueIn('sends-dlq');
    expect([count, more, letters.length]).toEqual([12, 0, 12]);
    expect(groups).toMatchObject([{ code: 'not_a_send_command', what: 'no send command', count: 12 }]);
    const { stdout } = await run('dlq', 'list', 'demo');
    expect(stdout).toMatch(/sends-dlq: 12\n +COUNT +WHY +WHAT.*\n +12 +not_a_send_command +no send command/);
    expect(stdout).toContain(`npx ezw dlq show demo sends-dlq ${letters[0].messageId} --local ${stack().url}`);
    expect((await run('dlq', 'list', 'demo', '--each')).stdout.match(/not_a_send_command/g)).toHaveLength(12);
    expect((await run('dlq', 'list', 'demo', '--limit', '5')).stdout).toContain('… and about 7 more');
  });

  it('are opened one by one in words: why, what a redrive would do, and what to type, and nothing of a person', async () => {
    const id = await send('crm-sync-dlq', delivered('show-1'), reason('sink_400: no such field'));
    const { code, stdout } = await run('dlq', 'show', 'demo', 'crm-sync-dlq', 'delivery show-1');
    expect(code).toBe(0);
    expect(stdout).toMatch(/why +it was set aside at once, for it would fail each time: sink_400: no such field/);
    expect(stdout).toMatch(/if redriven +It goes back to crm-sync/);
    expect(stdout).toContain(`npx ezw dlq redrive demo crm-sync-dlq --only ${id} --local ${stack().url}`);
    expect(stdout).not.toMatch(/secret text|501234567/);
    const shown = await json('dlq', 'show', 'demo', 'crm-sync-dlq', id);
    expect(shown.told).toMatchObject({ messageId: id, code: 'sink_400', also: [] });
    expect(await run('dlq', 'show', 'demo', 'crm-sync-dlq', 'nobody')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('No letter of crm-sync-dlq that can be seen now is "nobody"'),
    });
  });

  it('are dropped with consent alone, by id or reason, and what was dropped is listed with who and why', async () => {
    for (const id of ['drop-1', 'drop-2']) await send('escalation-dlq', delivered(id), reason('notifier_404: gone'));
    const drop = (...args: readonly string[]) =>
      run('dlq', 'drop', 'demo', 'escalation-dlq', '--because', 'a test', '--by', 'dana', ...args);
    expect(await drop('--reason-code', 'notifier_404')).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/Delete 2 of escalation-dlq for good.*--yes/),
    });
    expect(await drop('--yes')).toMatchObject({ code: 2, stderr: expect.stringContaining('--only <id>') });
    expect(await drop('--only', 'drop-9', '--yes')).toMatchObject({ code: 1 });
    expect(await drop('--only', 'delivery drop-1', '--yes')).toMatchObject({ code: 0 });
    expect(await queueIn('escalation-dlq')).toMatchObject({ count: 1, letters: [{ about: 'delivery drop-2' }] });
    expect(await drop('--reason-code', 'notifier_404', '--yes')).toMatchObject({ code: 0 });
    expect(await queueIn('escalation-dlq')).toMatchObject({ count: 0, letters: [] });
    const { told } = await json('dlq', 'dropped', 'demo');
    const row = { queue: 'escalation-dlq', code: 'notifier_404', by: 'dana', because: 'a test', state: 'DROPPED' };
    expect(told.dropped).toEqual([expect.objectContaining(row), expect.objectContaining(row)]);
    expect((await run('dlq', 'dropped', 'demo')).stdout).toMatch(
      /escalation-dlq +notifier_404 +delivery drop-\d +dana +a test/,
    );
  });

  it('of events are told apart by the id of each, which opens and drops that one alone', async () => {
    const event = (id: string) => JSON.stringify({ source: 'custom', event: { id } });
    for (const id of ['L-2900', 'L-2901']) await send('order-ready-dlq', event(id));
    const ids = async () =>
      (await queueIn('order-ready-dlq')).letters.map(({ about }: { about: string }) => about).sort();
    expect(await ids()).toEqual(['event of custom: L-2900', 'event of custom: L-2901']);
    expect((await run('dlq', 'list', 'demo', '--each')).stdout).toContain('event of custom: L-2901');
    expect((await run('dlq', 'list', 'demo')).stdout).toMatch(/ 2 +failed_too_often +event of custom /);
    expect((await run('dlq', 'show', 'demo', 'order-ready-dlq', 'L-2900')).stdout).toMatch(/event +L-2900/);
    const drop = (...args: readonly string[]) =>
      run('dlq', 'drop', 'demo', 'order-ready-dlq', '--only', 'L-2900', '--by', 'dana', ...args);
    expect(await drop('--because', '…', '--yes')).toMatchObject({ code: 2 });
    expect(await drop('--because', 'asked by +972501234567')).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/event of custom: L-2900[\s\S]*Delete 1 of .*why: "asked by \[number\]"/),
    });
    expect(await drop('--because', 'asked by +972501234567', '--yes')).toMatchObject({ code: 0 });
    expect(await ids()).toEqual(['event of custom: L-2901']);
    expect((await run('dlq', 'dropped', 'demo')).stdout).toMatch(/event of custom: L-2900 +dana +asked by \[number\]/);
    await run('dlq', 'drop', 'demo', 'order-ready-dlq', '--all', '--because', 'over', '--yes');
  });

  it('are put back by name, or of all queues; what is none of ours stays and is named', async () => {
    expect(await run('dlq', 'redrive', 'demo')).toMatchObject({ code: 2, stderr: expect.stringContaining('--all') });
    const none = await run('dlq', 'redrive', 'demo', 'sends-dlq', '--only', 'nobody');
    expect(none).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('No letter that could be seen is "nobody"'),
    });
    const { code, told } = await json('dlq', 'redrive', 'demo', '--all');
    expect(code).toBe(1);
    expect(told.queues.map(({ queue, moved, left }: Record<string, unknown>) => [queue, moved, left])).toEqual([
      ['crm-sync-dlq', 1, 0],
      ['sends-dlq', 0, 12],
    ]);
    await untilIdle(stack());
  });

  it('that somebody holds are not said to be none', async () => {
    await send('crm-sync-dlq', delivered('held'), reason('sink_400: no'));
    const QueueUrl = stack().resources().queues['crm-sync-dlq'];
    const { Messages } = await sqs().send(new ReceiveMessageCommand({ QueueUrl, VisibilityTimeout: 600 }));
    const listed = await run('dlq', 'list', 'demo');
    expect(listed.stdout).toMatch(/crm-sync-dlq: 1\n +… and about 1 more, which somebody else looks at/);
    const { code, stdout } = await run('dlq', 'redrive', 'demo', 'crm-sync-dlq');
    expect([code, stdout]).toEqual([1, expect.stringContaining('About 1 are held by somebody else just now')]);
    const one = await send('crm-sync-dlq', delivered('free-1'));
    await send('crm-sync-dlq', delivered('free-2'));
    const partly = (...args: readonly string[]) => run('dlq', ...args);
    // Named by its own id it is all that was asked for.
    expect(await partly('redrive', 'demo', 'crm-sync-dlq', '--only', one)).toMatchObject({ code: 0 });
    expect(await partly('redrive', 'demo', 'crm-sync-dlq')).toMatchObject({
      code: 1,
      stdout: expect.stringMatching(/^1 moved .*\nAbout 1 are held by somebody else just now/),
    });
    const drop = ['drop', 'demo', 'crm-sync-dlq', '--because', 'a test', '--yes'];
    expect(await partly(...drop, '--all')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('About 1 are held by somebody else just now'),
    });
    await send('crm-sync-dlq', delivered('free-3'));
    expect(await partly(...drop, '--all')).toMatchObject({
      code: 1,
      stdout: expect.stringMatching(/^1 of crm-sync-dlq dropped.*\nAbout 1 are held by somebody else just now/),
    });
    await sqs().send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: Messages?.[0]?.ReceiptHandle }));
  });

  it('of one event are not said to be all dropped while somebody holds others of it', async () => {
    const event = JSON.stringify({ source: 'custom', event: { id: 'L-2902' } });
    for (let n = 0; n < 3; n += 1) await send('order-ready-dlq', event);
    const QueueUrl = stack().resources().queues['order-ready-dlq'];
    const hold = { QueueUrl, VisibilityTimeout: 600, MaxNumberOfMessages: 2 };
    const { Messages = [] } = await sqs().send(new ReceiveMessageCommand(hold));
    const drop = ['dlq', 'drop', 'demo', 'order-ready-dlq', '--only', 'L-2902', '--because', 'a test', '--yes'];
    expect(await run(...drop)).toMatchObject({
      code: 1,
      stdout: expect.stringMatching(/^1 of order-ready-dlq dropped.*\nAbout 2 are held by somebody else just now/),
    });
    for (const { ReceiptHandle } of Messages) await sqs().send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
  });

  it('that a limit left where they were end a redrive with 1', async () => {
    for (let n = 0; n < 3; n += 1) await send('crm-sync-dlq', delivered(`limit-${n}`));
    const redrive = ['dlq', 'redrive', 'demo', 'crm-sync-dlq'];
    expect(await run(...redrive, '--limit', '1')).toMatchObject({
      code: 1,
      stdout: expect.stringMatching(/^1 moved .*\nAbout 2 more were not reached: run it again\./),
    });
    expect(await run(...redrive)).toMatchObject({ code: 0, stdout: expect.stringMatching(/^2 moved/) });
    await untilIdle(stack());
  });

  it('that stand behind ten of one line end a drop of all with 1, and are counted', async () => {
    for (let n = 0; n < 13; n += 1) {
      await send('sends-dlq', `{"line":${n}}`, { MessageGroupId: 'line', MessageDeduplicationId: randomUUID() });
    }
    const drop = async () => {
      const { code, stdout } = await run(
        ...['dlq', 'drop', 'demo', 'sends-dlq', '--all', '--because', 'a test', '--yes', '--json'],
      );
      const { dropped, left, held, more } = JSON.parse(stdout);
      expect([left, held, code]).toEqual([0, 0, more > 0 ? 1 : 0]);
      return { dropped, more };
    };
    // With the twelve that the sender set aside; of the others ten at most are seen at once.
    let there = 25;
    for (let least = 3; there > 0; least = 0) {
      const { dropped, more } = await drop();
      there -= dropped;
      expect(more).toBeGreaterThanOrEqual(least);
      expect(more).toBe(there);
    }
  });

  describe('of messages for the line that are above a limit', () => {
    const outcome = { path: '/messages/text', body: '{"to":"+972501234567","body":"secret text"}' };
    /** As the sender leaves one. */
    const setAside = async (key: string, isKnown = true, now = Date.now()): Promise<void> => {
      const times = { asOf: new Date(now).toISOString(), usefulUntil: new Date(now + 3600_000).toISOString() };
      const command = { key, template: 'order-ready', ...times, outcome };
      await send('sends-dlq', JSON.stringify(command), {
        ...reason('burst_guard'),
        MessageGroupId: key,
        MessageDeduplicationId: randomUUID(),
      });
      if (!isKnown) return;
      const record = {
        key,
        template: 'order-ready',
        ...times,
        bodyHash: sha256(JSON.stringify(outcome)),
        state: 'HELD',
        parked: true,
        reason: 'burst_guard',
        waits: stack().lineId,
        owner: 'nobody',
        leaseUntil: 0,
        attempts: 0,
        interruptions: 0,
        createdAt: now,
        updatedAt: now,
        expiresAt: Math.floor(now / 1000) + 86_400,
      };
      await sends().put({ pk: `${stack().lineId}#${key}`, ...record });
    };
    const said = async (...args: readonly string[]) => (await run(...args)).stdout;
    const drop = (key: string, ...more: readonly string[]) =>
      run('dlq', 'drop', 'demo', 'sends-dlq', '--only', key, '--because', 'not ours', ...more);

    it('a drop takes them back in the ledger, says so before, and nobody is told of them any more', async () => {
      await setAside('order:1:ready');
      expect(await said('sends', 'show', 'demo', 'order:1:ready')).toContain('"sends drop" takes one back');
      expect((await drop('order:1:ready')).stderr).toContain('is taken back, as by "sends drop"');
      expect(await drop('order:1:ready', '--yes')).toMatchObject({
        code: 0,
        stdout: expect.stringContaining('1 of their messages waited in the ledger, and are taken back'),
      });
      expect(await said('sends', 'show', 'demo', 'order:1:ready')).toMatch(/REJECTED[\s\S]*dropped[\s\S]*not ours/);
      expect(await said('sends', 'list', 'demo', '--waiting')).toContain('No sends.');
    });

    it('a drop of one of two of a message leaves it to wait, for the other may let it out; of the last one it takes it back', async () => {
      await setAside('order:4:ready');
      await setAside('order:4:ready');
      const [one] = (await queueIn('sends-dlq')).letters.filter(({ about }: { about: string }) => /:4:/.test(about));
      expect((await drop(one.messageId)).stderr).not.toContain('is taken back');
      expect(await drop(one.messageId, '--yes')).toMatchObject({
        code: 0,
        stdout: expect.stringMatching(/1 of them wait in the ledger as before.*sends drop demo order:4:ready/),
      });
      expect(await said('sends', 'show', 'demo', 'order:4:ready')).toMatch(/HELD/);
      expect((await drop('order:4:ready', '--yes')).stdout).toContain('are taken back');
      expect(await said('sends', 'show', 'demo', 'order:4:ready')).toMatch(/REJECTED/);
    });

    it('a drop of the copy of one that was put back leaves it to go out', async () => {
      const now = Date.now();
      for (const _ of [1, 2]) await setAside('order:5:ready', true, now);
      const [one, other] = (await queueIn('sends-dlq')).letters.filter(({ about }: { about: string }) =>
        /:5:/.test(about),
      );
      await run('line', 'pause', 'demo', '--reason', 'a test');
      await run('dlq', 'redrive', 'demo', 'sends-dlq', '--only', one.messageId);
      expect((await drop(other.messageId, '--yes')).stdout).toContain('wait in the ledger as before');
      await run('line', 'resume', 'demo', '--yes');
      await untilState(stack(), 'order:5:ready', 'ACCEPTED');
    });

    it('those that were taken back before are not said to leave when they are put back, and do not', async () => {
      await setAside('order:2:ready');
      expect(await said('dlq', 'show', 'demo', 'sends-dlq', 'order:2:ready')).toMatch(
        /if redriven .*leaves in its turn/,
      );
      await run('sends', 'drop', 'demo', 'order:2:ready', '--reason', 'a test', '--yes');
      expect(await said('dlq', 'show', 'demo', 'sends-dlq', 'order:2:ready')).toMatch(
        /if redriven +It goes back to sends and ends there: nothing leaves\. .*REJECTED \(dropped\)/,
      );
      expect(await run('dlq', 'redrive', 'demo', 'sends-dlq')).toMatchObject({ code: 0 });
      await untilIdle(stack());
      expect(await said('sends', 'show', 'demo', 'order:2:ready')).toMatch(/REJECTED/);
      await setAside('order:3:ready', false);
      await run('sends', 'drop', 'demo', '--template', 'order-ready', '--reason', 'a test', '--yes');
      expect(await said('dlq', 'show', 'demo', 'sends-dlq', 'order:3:ready')).toMatch(
        /if redriven +It goes back to sends and ends there: what was queued so early of its template was taken back/,
      );
      await drop('order:3:ready', '--yes');
    });
  });

  it('that are deliveries which could not be read are shown with their size, and their bytes go into a file alone', async () => {
    const bytes = Buffer.from('{"messages": "secret text"}');
    const about = { deliveryId: 'bytes-1', event: 'messages.post', reason: 'no_list', sha256: 'x' };
    const body = { ...about, raw: bytes.toString('base64'), bytes: bytes.length };
    const id = await send('webhook-dlq', JSON.stringify(body));
    const { stdout } = await run('dlq', 'show', 'demo', 'webhook-dlq', id);
    expect(stdout).toMatch(/bytes as they came +27/);
    expect(stdout).toMatch(/could not be read \(no_list\)/);
    const file = join(mkdtempSync(join(tmpdir(), 'ezw-dlq-')), 'bytes');
    const written = await run('dlq', 'show', 'demo', 'webhook-dlq', id, '--bytes', file);
    expect([written.code, readFileSync(file), statSync(file).mode & 0o777]).toEqual([0, bytes, 0o600]);
    expect(stdout + written.stdout).not.toMatch(/secret text/);
    const bytesOf = (queue: string, words: string, name: string) =>
      run('dlq', 'show', 'demo', queue, words, '--bytes', name);
    expect(await bytesOf('webhook-dlq', id, file)).toMatchObject({ code: 2 });
    expect(await bytesOf('webhook-dlq', id, '-')).toMatchObject({ code: 2, stderr: expect.stringMatching(/terminal/) });
    expect(await bytesOf('crm-sync-dlq', id, `${file}-2`)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('Only deliveries that could not be read keep their bytes: those of webhook-dlq'),
    });
    const other = await send('webhook-dlq', JSON.stringify({ ...body, deliveryId: 'bytes-2' }));
    const several = await bytesOf('webhook-dlq', 'no_list', `${file}-2`);
    expect([several.code, existsSync(`${file}-2`)]).toEqual([2, false]);
    for (const one of [id, other]) expect(several.stderr).toContain(one);
  });

  it('of the Scheduler are known as such, and what they were to say goes back', async () => {
    const alarm = { appointmentId: 'none', version: 1, stage: 'day-before', scheduledFor: '2026-11-22T10:00:00Z' };
    const body = JSON.stringify({ MessageBody: JSON.stringify({ alarm }), QueueUrl: 'https://queue.example' });
    const code = { ERROR_CODE: { DataType: 'String', StringValue: 'AccessDenied' } };
    const id = await send('appointment-reminder-dlq', body, { MessageAttributes: code });
    const { stdout } = await run('dlq', 'show', 'demo', 'appointment-reminder-dlq', id);
    expect(stdout).toMatch(/why +the Scheduler could not put it into its queue \(AccessDenied\)/);
    expect(await run('dlq', 'redrive', 'demo', 'appointment-reminder-dlq')).toMatchObject({ code: 0 });
    await untilIdle(stack());
    expect(await queueIn('appointment-reminder-dlq')).toMatchObject({ count: 0 });
  });

  it.each(['SIGINT', 'SIGTERM'] as const)(
    'are hidden no longer once a look is ended by %s',
    async (signal) => {
      const QueueUrl = stack().resources().queues['order-ready-dlq'];
      const letters = async () => (await stack().state()).dlqs['order-ready-dlq'];
      while (((await letters())?.ready ?? 0) < 1000) {
        const Entries = Array.from({ length: 10 }, (_, n) => ({ Id: String(n), MessageBody: `{"n":${n}}` }));
        await sqs().send(new SendMessageBatchCommand({ QueueUrl, Entries }));
      }
      const child = spawn(process.execPath, ['bin/ezw.mjs', 'dlq', 'list', 'demo', '--local', stack().url], {
        env: BARE,
      });
      const ended = once(child, 'close');
      await expect
        .poll(async () => (await letters())?.inFlight ?? 0, { timeout: 30_000, interval: 50 })
        .toBeGreaterThan(0);
      child.kill(signal);
      expect((await ended)[0]).toBe(130);
      expect(await letters()).toMatchObject({ inFlight: 0 });
    },
    60_000,
  );
});

import { setTimeout as sleep } from 'node:timers/promises';
import { ledgerOf } from '../../sends/ledger.ts';
import { settled, until } from '../../sends/wait.ts';
import { ownEvent } from '../own-event.ts';
import { postEvent } from '../post-event.ts';
import type { Fact, Row, Say } from '../report.ts';
import type { Run } from '../run.ts';
import type { SandboxControl } from '../sandbox-control.ts';
import type { Retried } from './template-row.ts';

type Outcome = { readonly fact: Fact; readonly failed?: Say };

const seen = async (sandbox: SandboxControl, key: string) => {
  const posts = (await sandbox.calls()).filter((call) => call.method === 'POST' && call.key === key).length;
  return { posts, messages: (await sandbox.messages(key)).length };
};

/** Sends one more event while the sandbox does something to its POST, and counts what came of it. */
const troubled = async (
  run: Run,
  sandbox: SandboxControl,
  template: string,
  name: 'lost' | 'killed',
  fault: object,
  meanwhile: () => Promise<void>,
  waitMs: number,
): Promise<Outcome> => {
  const label = name === 'lost' ? 'lostAnswer' : 'killed';
  const event = ownEvent(run, template, `handoff-${run.id}-${name}`);
  const key = event?.planned?.command.key ?? '';
  await sandbox.fault('text', fault);
  if (event) await postEvent(run, event);
  await meanwhile();
  const record = await settled(run.target, key, waitMs);
  const { posts, messages } = await seen(sandbox, key);
  const fact: Fact = {
    label,
    value: { say: 'one_message', with: { posts: String(posts), messages: String(messages) } },
  };
  if (messages > 1) return { fact, failed: { say: 'idempotency_doubled', with: { count: String(messages), key } } };
  if (record?.state === 'ACCEPTED' && messages === 1) return { fact };
  const { state = '–', reason = '' } = record ?? {};
  return {
    fact,
    failed: { say: name === 'lost' ? 'idempotency_lost' : 'idempotency_killed', with: { state, reason } },
  };
};

const HANGS = { kind: 'timeout', seconds: 8, after: true };

/** Kills every process of the sender once its POST hangs in the sandbox, which has taken the message. */
const killSender = async (sandbox: SandboxControl): Promise<void> => {
  await until(sandbox.calls, (calls) => calls.some(({ status }) => status === 'hung' || status === 'open'), 15_000);
  for (const pid of await sandbox.pids('sender')) process.kill(pid, 'SIGKILL');
};

/** The retry test: one event many times, an answer that gets lost, a sender that is killed. One message id each. */
export const idempotency = async (run: Run, retried: Retried | undefined): Promise<Row> => {
  const facts: Fact[] = [];
  const row = (state: Row['state'], because: Say): Row => ({ area: 'idempotency', state, because, facts });
  const { record } = retried ?? {};
  if (!retried || !record) return row('waits', { say: 'idempotency_no_message' });
  const { key, attempts } = record;
  const { copies, taken } = retried;
  const { template } = retried.event;
  const sandbox = run.sandbox;

  // The copy that came after acceptance has gone through all queues by now.
  await sleep(1_500);
  const again = await ledgerOf(run.target).read(key);
  const messages = sandbox ? (await seen(sandbox, key)).messages : 1;
  facts.push(
    { label: 'key', value: key },
    { label: 'copies', value: { say: 'copies_taken', with: { copies: String(copies), taken: String(taken) } } },
    { label: 'messageIds', value: record.response?.id ?? String(messages) },
    { label: 'repeat', value: again?.attempts === attempts ? { say: 'repeated_nothing' } : String(again?.attempts) },
  );
  if (messages > 1) return row('failed', { say: 'idempotency_doubled', with: { count: String(messages), key } });
  if (again?.attempts !== attempts) {
    return row('failed', { say: 'idempotency_doubled', with: { count: String(again?.attempts), key } });
  }
  if (taken < copies) {
    return row('failed', { say: 'idempotency_door', with: { copies: String(copies), taken: String(taken) } });
  }
  if (!sandbox) {
    facts.push({ label: 'killed', value: { say: 'not_from_outside' } });
    return row('proven', { say: 'idempotency_proven' });
  }

  const lost = await troubled(run, sandbox, template, 'lost', { kind: 'reset', after: true }, async () => {}, 25_000);
  facts.push(lost.fact);
  if (lost.failed) return row('failed', lost.failed);
  if (run.quick) {
    facts.push({ label: 'killed', value: { say: 'left_out' } });
    return row('proven', { say: 'idempotency_no_kill' });
  }
  const killed = await troubled(run, sandbox, template, 'killed', HANGS, () => killSender(sandbox), 100_000);
  facts.push(killed.fact);
  return killed.failed ? row('failed', killed.failed) : row('proven', { say: 'idempotency_proven' });
};

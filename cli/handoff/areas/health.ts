import type { SendRecord } from '../../../functions/shared/ledger/rules.ts';
import { describeHealth } from '../../target/line.ts';
import type { Fact, Row, Say } from '../report.ts';
import type { Run } from '../run.ts';

/** Whether a health answer came before the run's first POST: in the sandbox's own log, else by the clock of the run's own check. */
const askedBefore = async ({ sandbox, healthAskedAt }: Run, first: SendRecord): Promise<boolean> => {
  if (!sandbox) return healthAskedAt <= (first.firstAttemptAt ?? 0);
  const calls = await sandbox.calls();
  const post = calls.findIndex(({ method, key }) => method === 'POST' && key === first.key);
  return calls.slice(0, post).some(({ path, status }) => path.endsWith('/health') && status === 200);
};

const faultsOf = async ({ sandbox }: Run): Promise<readonly Fact[]> => {
  const faults = (await sandbox?.faults()) ?? [];
  if (faults.length === 0) return [];
  const names = faults.map(
    ({ on, fault }) => `${on}: ${fault.kind}${fault.status === undefined ? '' : ` ${fault.status}`}`,
  );
  return [{ label: 'faults', value: names.join(', ') }];
};

/** The line's health in its own words, and that the run's first send came after it. */
export const health = async (run: Run, first: SendRecord | undefined, faults: readonly Fact[]): Promise<Row> => {
  const { health: answer, healthAskedAt } = run;
  const facts: Fact[] = [
    { label: 'sendable', value: String(answer.sendable) },
    ...(answer.healthText === undefined ? [] : [{ label: 'healthStatus', value: answer.healthText } as const]),
    ...(answer.lifecycleState === undefined ? [] : [{ label: 'lifecycle', value: answer.lifecycleState } as const]),
    ...(answer.effectiveSendState === undefined
      ? []
      : [{ label: 'sendState', value: answer.effectiveSendState } as const]),
    { label: 'askedAt', value: new Date(healthAskedAt).toISOString() },
    ...faults,
  ];
  const row = (state: Row['state'], because: Say): Row => ({ area: 'health', state, because, facts });
  if (answer.problem !== undefined) return row('failed', { say: 'health_problem', with: { reason: answer.problem } });
  if (!answer.sendable) return row('failed', { say: 'health_unsendable', with: { states: describeHealth(answer) } });
  if (first?.firstAttemptAt === undefined) return row('proven', { say: 'health_no_send' });
  const before = await askedBefore(run, first);
  facts.push({ label: 'beforeSend', value: { say: before ? 'yes' : 'no' } });
  return before ? row('proven', { say: 'health_proven' }) : row('failed', { say: 'health_not_before' });
};

export { faultsOf };

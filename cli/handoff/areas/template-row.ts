import type { SendRecord } from '../../../functions/shared/ledger/rules.ts';
import { settled, told } from '../../sends/wait.ts';
import { postEvent } from '../post-event.ts';
import type { Fact, Row, Say } from '../report.ts';
import { cannotSend, type Run } from '../run.ts';
import { sendFacts } from '../send-facts.ts';

/** What the run learned of one event that came many times. */
export interface Retried {
  readonly record: SendRecord;
  readonly copies: number;
  readonly taken: number;
}

/** One workflow's test event: how it looks, what it must become, and what must happen in between. */
export interface TemplateTest {
  readonly template: 'order-ready' | 'appointment-reminder' | 'lead-first-touch';
  /** Type of our own event. */
  readonly type: string;
  readonly id: string;
  readonly key: string;
  readonly event: (phone: string) => object;
  /** How often the event comes at once. */
  readonly copies: number;
  /** Lets time pass that the workflow waits for. */
  readonly meanwhile?: () => Promise<void>;
}

/** Event in, key, attempt, answer, conversation. */
export const templateRow = async (
  run: Run,
  test: TemplateTest,
): Promise<{ readonly row: Row; readonly retried?: Retried }> => {
  const { template, id, key, copies } = test;
  const row = (state: Row['state'], because: Say, facts: readonly Fact[] = []): Row => ({
    area: template,
    state,
    because,
    facts,
  });
  const settings = run.target.client.templates[template];
  if (!settings) return { row: row('waits', { say: 'template_off' }) };
  if (!settings.sources.custom) return { row: row('waits', { say: 'template_no_custom' }) };
  const no = cannotSend(run);
  if (no || run.to === undefined) return { row: row('waits', no ?? { say: 'template_no_to' }) };

  const event = test.event(run.to);
  const answers = await Promise.all(Array.from({ length: copies }, () => postEvent(run, template, event)));
  const taken = answers.filter(({ status }) => status === 200).length;
  const facts: Fact[] = [
    { label: 'event', value: `${test.type} ${id}` },
    { label: 'source', value: 'custom' },
  ];
  const [refused] = answers.filter(({ status }) => status !== 200);
  if (taken === 0 && refused) {
    const { status, reason } = refused;
    return { row: row('failed', { say: 'template_door', with: { status: String(status), reason } }, facts) };
  }
  await test.meanwhile?.();
  const outcome = await settled(run.target, key);
  if (!outcome) return { row: row('failed', { say: 'template_nothing' }, facts) };
  const record = await told(run.target, outcome);
  const conversation = await run.conversation(key);
  facts.push(...sendFacts(record), { label: 'conversation', value: conversation ?? { say: 'not_known' } });
  if (record.state !== 'ACCEPTED') {
    const { state, reason = '–' } = record;
    return { row: row('failed', { say: 'template_state', with: { state, reason } }, facts) };
  }
  return { row: row('proven', { say: 'template_proven' }, facts), retried: { record, copies, taken } };
};

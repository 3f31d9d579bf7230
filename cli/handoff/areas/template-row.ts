import type { SendRecord } from '../../../functions/shared/ledger/rules.ts';
import { settingsOf } from '../../../lib/client.ts';
import { settled, told } from '../../sends/wait.ts';
import { templateNamed } from '../../target/registry.ts';
import { type OwnEvent, ownEvent } from '../own-event.ts';
import { postEvent } from '../post-event.ts';
import type { Fact, Row, Say } from '../report.ts';
import { cannotSend, type Run } from '../run.ts';
import { sendFacts } from '../send-facts.ts';

/** What the run learned of one event that came many times. */
export interface Retried {
  readonly event: OwnEvent;
  readonly record: SendRecord;
  readonly copies: number;
  readonly taken: number;
}

/** Enough for a burst of retries, little enough for a door's own limits. */
const COPIES = 20;

/** Event in, key, attempt, answer, conversation. */
export const templateRow = async (
  run: Run,
  template: string,
): Promise<{ readonly row: Row; readonly retried?: Retried }> => {
  const row = (state: Row['state'], because: Say, facts: readonly Fact[] = []): Row => ({
    area: template,
    state,
    because,
    facts,
  });
  if (!Object.hasOwn(run.target.client.templates, template)) return { row: row('waits', { say: 'template_off' }) };
  const event = ownEvent(run, template, `handoff-${run.id}`);
  if (!event) return { row: row('waits', { say: 'template_no_own' }) };
  const { planned } = event;
  // Of an event that leads to nothing no message can be proven.
  if (!planned) return { row: row('failed', { say: 'template_nothing' }) };
  const isLater = planned.at > Date.now();
  // A live line has no clock to move: a person lets a real event come, and waits.
  if (isLater && !run.sandbox) return { row: row('waits', { say: 'template_later' }) };
  const no = cannotSend(run);
  if (no || run.to === undefined) return { row: row('waits', no ?? { say: 'template_no_to' }) };

  const copies = event.isRepeatable ? COPIES : 1;
  const answers = await Promise.all(Array.from({ length: copies }, () => postEvent(run, event)));
  const taken = answers.filter(({ status }) => status === 200).length;
  const updates = settingsOf(run.target.client, template);
  const tells = updates && templateNamed(template).tells?.(updates);
  const facts: Fact[] = [
    ...(tells ? [{ label: 'tells' as const, value: tells.join(', ') }] : []),
    { label: 'event', value: `${event.sample} ${event.id}` },
    { label: 'source', value: event.source },
  ];
  const [refused] = answers.filter(({ status }) => status !== 200);
  if (taken === 0 && refused) {
    const { status, reason } = refused;
    return { row: row('failed', { say: 'template_door', with: { status: String(status), reason } }, facts) };
  }
  const { key } = planned.command;
  if (isLater) await run.sandbox?.moveClock(new Date(planned.at + 1_000).toISOString());
  const outcome = await settled(run.target, key);
  if (!outcome) return { row: row('failed', { say: 'template_nothing' }, facts) };
  const record = await told(run.target, outcome);
  const conversation = await run.conversation(key);
  facts.push(...sendFacts(record), { label: 'conversation', value: conversation ?? { say: 'not_known' } });
  if (record.state !== 'ACCEPTED') {
    const { state, reason = '–' } = record;
    return { row: row('failed', { say: 'template_state', with: { state, reason } }, facts) };
  }
  return { row: row('proven', { say: 'template_proven' }, facts), retried: { event, record, copies, taken } };
};

import { randomBytes } from 'node:crypto';
import type { CrmSettings } from '../../../functions/crm-sync/config.ts';
import { crmName, crmsOf } from '../../../functions/crm-sync/named.ts';
import { until } from '../../sends/wait.ts';
import { call } from '../../terminal/call.ts';
import { webhookToken } from '../../webhook/registration.ts';
import type { Fact, Row, Say } from '../report.ts';
import type { Run } from '../run.ts';
import type { SandboxControl } from '../sandbox-control.ts';

interface Delivery {
  readonly id: string;
  readonly event: string;
  readonly state: string;
  readonly attempts: readonly (number | string)[];
}

const row = (area: string, state: Row['state'], because: Say, facts: readonly Fact[] = []): Row => ({
  area,
  state,
  because,
  facts,
});

const deliveries = (sandbox: SandboxControl) => sandbox.call<Delivery[]>('GET', '/_sandbox/deliveries');
const deliveryOf = async (sandbox: SandboxControl, id: string) =>
  (await deliveries(sandbox)).find((one) => one.id === id);

/** How often the message reached each CRM, and its conversation the team. */
const effects = async (
  { sandbox, crms }: { readonly sandbox: SandboxControl; readonly crms: readonly CrmSettings[] },
  messageId: string,
  conversation: string,
) => {
  const [crm, notes] = await Promise.all([
    sandbox.call<Record<string, { entries: { type?: string }[] }>>('GET', '/_sandbox/crm'),
    sandbox.call<object[]>('GET', '/_sandbox/notifications'),
  ]);
  const reached = (list: readonly object[], needle: string): number =>
    list.filter((one) => JSON.stringify(one).includes(needle)).length;
  const inEach = crms.map((one) => {
    // Several of one kind share one stand-in.
    const alike = crms.filter(({ kind }) => kind === one.kind).length;
    return reached(crm[one.kind]?.entries ?? [], messageId) / alike;
  });
  // One that has none is as bad as one that has two.
  const worst = inEach.some((count) => count < 1) ? 0 : Math.max(0, ...inEach);
  const lacking = crms.filter((_, i) => (inEach[i] ?? 0) < 1).map(crmName);
  return { crm: worst, lacking, notified: reached(notes, conversation) };
};

/** A customer of this run's own: a conversation that woke somebody an hour ago wakes nobody now. The numbers belong to nobody. */
const customerOf = ({ id }: Run): string => `+97250123${String(Number.parseInt(id, 16) % 10_000).padStart(4, '0')}`;

const wrongToken = async (run: Run): Promise<number> => {
  const url = `${run.target.url}/ezw/webhook/${randomBytes(32).toString('hex')}`;
  const headers = {
    'content-type': 'application/json',
    'x-ezw-delivery-id': `handoff-${run.id}`,
    'x-ezw-webhook-event': 'messages.post',
    'x-ezw-line-id': run.target.client.lineId,
  };
  return (await call(url, { method: 'POST', headers, body: '{"messages":[]}' })).status;
};

/** A word that wakes the team by the client's rules; undefined if no rule goes by words. */
const alarmingWord = ({ target }: Run): string | undefined =>
  target.client.escalation.rules.flatMap(({ when }) => ('keywords' in when ? (when.keywords ?? []) : []))[0];

const sinkRow = (area: 'crm-sync' | 'escalation', isSetUp: boolean, sink: string, count: number): Row => {
  if (!isSetUp) return row(area, 'waits', { say: 'sink_off' });
  const facts: Fact[] = [
    { label: 'sink', value: sink },
    { label: 'effects', value: String(count) },
  ];
  if (count === 0) return row(area, 'failed', { say: 'sink_nothing' }, facts);
  if (count > 1) return row(area, 'failed', { say: 'sink_doubled', with: { count: String(count) } }, facts);
  return row(area, 'proven', { say: 'sink_proven' }, facts);
};

const workspaceRow = (conversations: readonly string[]): Row =>
  row('workspace', 'waits', { say: 'workspace_waits' }, [
    { label: 'conversation', value: conversations.length > 0 ? conversations.join(', ') : { say: 'not_known' } },
    { label: 'replies', value: { say: 'workspace_replies' } },
    { label: 'claim', value: { say: 'workspace_claim' } },
  ]);

/** Without the sandbox nobody can write as the customer: the door is tried, the rest is for a person with a phone. */
const liveRows = async (run: Run): Promise<readonly Row[]> => {
  const { escalation } = run.target.client;
  const crms = crmsOf(run.target.client.crm);
  const status = await wrongToken(run);
  const facts: Fact[] = [{ label: 'wrongToken', value: { say: 'answered', with: { status: String(status) } } }];
  const webhooks =
    status === 401
      ? row('webhooks', 'waits', { say: 'webhooks_none' }, facts)
      : row('webhooks', 'failed', { say: 'webhooks_open', with: { status: String(status) } }, facts);
  const sinks = [
    ['crm-sync', crms.length > 0, 'CRM'],
    ['escalation', escalation.rules.length > 0, 'notifier'],
  ] as const;
  return [
    webhooks,
    workspaceRow([]),
    ...sinks.map(([area, isSetUp, sink]) =>
      isSetUp ? row(area, 'waits', { say: 'sink_live', with: { sink } }) : row(area, 'waits', { say: 'sink_off' }),
    ),
  ];
};

/** One message of the customer, its delivery, its repeat, a wrong token, and what reached the systems behind. */
export const inbound = async (run: Run): Promise<readonly Row[]> => {
  const { sandbox, target } = run;
  if (!sandbox) return liveRows(run);
  await webhookToken(target);
  const word = alarmingWord(run);
  const phone = customerOf(run);
  const said = await sandbox.call<{ id: string; deliveries: string[] }>('POST', '/_sandbox/customer-messages', {
    phone,
    text: word ?? 'Hello',
  });
  const spoken = await sandbox.call<{ phone: string; conversationId: string }[]>('GET', '/_sandbox/spoken');
  const conversation = spoken.find((one) => one.phone === phone)?.conversationId ?? said.id;
  const [id = ''] = said.deliveries;
  const first = await until(
    () => deliveryOf(sandbox, id),
    (one) => one?.state !== 'waiting' && one !== undefined,
    15_000,
  );
  const facts: Fact[] = [{ label: 'delivery', value: id || '–' }];
  const failed = (because: Say): Row => row('webhooks', 'failed', because, facts);
  const { escalation } = target.client;
  const crms = crmsOf(target.client.crm);
  const where = { sandbox, crms };
  const expectsNote = word !== undefined;
  const before = await until(
    () => effects(where, said.id, conversation),
    (count) => (crms.length === 0 || count.crm > 0) && (!expectsNote || count.notified > 0),
    20_000,
  );
  const statuses = (await deliveries(sandbox)).filter(
    ({ event, state }) => event === 'statuses.post' && state === 'delivered',
  );
  facts.push({ label: 'statusDelivery', value: statuses[0]?.id ?? { say: 'none' } });

  await sandbox.call('POST', `/_sandbox/deliveries/${id}/repeat`);
  const tried = first?.attempts.length ?? 0;
  const again = await until(
    () => deliveryOf(sandbox, id),
    (one) => (one?.attempts.length ?? 0) > tried,
    15_000,
  );
  const status = String(again?.attempts.at(-1) ?? '–');
  await new Promise((resolve) => setTimeout(resolve, 2_000));
  const after = await effects(where, said.id, conversation);
  const wrong = await wrongToken(run);
  facts.push(
    { label: 'repeated', value: { say: 'answered_once', with: { status } } },
    { label: 'wrongToken', value: { say: 'answered', with: { status: String(wrong) } } },
  );
  const doubled = after.crm > before.crm || after.notified > before.notified;
  const webhooks =
    first?.state !== 'delivered'
      ? failed(
          id
            ? { say: 'webhooks_refused', with: { status: String(first?.attempts.at(-1) ?? '–') } }
            : { say: 'webhooks_not_set' },
        )
      : status !== '200' || doubled
        ? failed({ say: 'webhooks_repeat', with: { status } })
        : wrong !== 401
          ? failed({ say: 'webhooks_open', with: { status: String(wrong) } })
          : row('webhooks', 'proven', { say: 'webhooks_proven' }, facts);
  return [
    webhooks,
    workspaceRow([conversation]),
    sinkRow('crm-sync', crms.length > 0, (after.crm > 0 ? crms.map(crmName) : after.lacking).join(', '), after.crm),
    expectsNote || escalation.rules.length === 0
      ? sinkRow('escalation', expectsNote, Object.keys(escalation.notifiers).join(', '), after.notified)
      : row('escalation', 'waits', { say: 'sink_live', with: { sink: Object.keys(escalation.notifiers).join(', ') } }),
  ];
};

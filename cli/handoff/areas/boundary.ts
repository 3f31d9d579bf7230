import { isCampaign } from '../../../functions/shared/door/one-recipient.ts';
import { SHADOW } from '../../../functions/shared/ledger/rules.ts';
import { type Client, TEMPLATE_NAMES } from '../../../lib/client.ts';
import { UNSUPPORTED_ASKS } from '../../decisions/unsupported-asks.ts';
import { allSends } from '../../sends/ledger.ts';
import { until } from '../../sends/wait.ts';
import { ownEvent } from '../own-event.ts';
import { postEvent } from '../post-event.ts';
import type { Fact, Row, Say } from '../report.ts';
import type { Run } from '../run.ts';

const usesMedia = ({ templates }: Client): boolean =>
  Object.values(templates).some(
    (template) => template !== undefined && 'media' in template && template.media !== undefined,
  );

/** A list of recipients at the door: it must be refused and leave a record. Nothing of it can be sent, so it is tried on live lines too. */
const tryList = async (run: Run): Promise<{ readonly fact?: Fact; readonly failed?: Say }> => {
  const [event] = TEMPLATE_NAMES.flatMap((template) => ownEvent(run, template, `handoff-${run.id}-list`) ?? []);
  if (!event) return {};
  const startedAt = Date.now();
  const phone = '+972501234567';
  const body = JSON.stringify({ ...JSON.parse(event.body), recipients: [phone, phone] });
  const { status } = await postEvent(run, { ...event, body });
  if (status !== 400) return { failed: { say: 'boundary_list', with: { status: String(status) } } };
  const isRefusal = (one: { reason?: string; createdAt: number }): boolean =>
    isCampaign(one.reason ?? '') && one.createdAt >= startedAt - 60_000;
  const sends = await until(
    () => allSends(run.target),
    (all) => all.some(isRefusal),
    15_000,
  );
  const state = sends.find(isRefusal)?.state ?? '–';
  return { fact: { label: 'list', value: { say: 'list_refused', with: { status: String(status), state } } } };
};

/** A client that is only tried: how many messages would have gone to others. */
const shadowed = async ({ target }: Run, phones: number): Promise<Fact> => {
  const count = (await allSends(target)).filter(({ reason }) => reason === SHADOW).length;
  return { label: 'shadow', value: { say: 'shadow_count', with: { phones: String(phones), count: String(count) } } };
};

/** What the client decided, what it has not decided, and that the code keeps to it meanwhile. */
export const boundary = async (run: Run): Promise<Row> => {
  const { client } = run.target;
  const missing = UNSUPPORTED_ASKS.filter(({ ask }) => !client.decisions.some((decision) => decision.ask === ask));
  const list = await tryList(run);
  const { delivery } = client;
  const facts: Fact[] = [
    ...(missing.length > 0 ? [{ label: 'missing', value: missing.map(({ ask }) => ask).join(', ') } as const] : []),
    { label: 'burst', value: String(client.sender.burstPerHour) },
    ...(list.fact ? [list.fact] : []),
    ...(delivery === 'live' ? [] : [await shadowed(run, delivery.only.length)]),
    { label: 'media', value: { say: usesMedia(client) ? 'media_unconfirmed' : 'media_off' } },
  ];
  const row = (state: Row['state'], because: Say): Row => ({ area: 'boundary', state, because, facts });
  if (list.failed) return row('failed', list.failed);
  if (missing.length === 0 && delivery !== 'live') return row('waits', { say: 'boundary_shadow' });
  return missing.length > 0 || usesMedia(client)
    ? row('waits', { say: missing.length > 0 ? 'boundary_missing' : 'media_unconfirmed' })
    : row('proven', { say: 'boundary_proven' });
};

import { randomBytes } from 'node:crypto';
import { isCampaign } from '../../functions/shared/door/one-recipient.ts';
import type { SendRecord } from '../../functions/shared/ledger/rules.ts';
import { lettersOf, TEMPLATE_NAMES } from '../../lib/client.ts';
import { allSends } from '../sends/ledger.ts';
import { told } from '../sends/wait.ts';
import { healthOf } from '../target/line.ts';
import type { Target } from '../target/target.ts';
import { masked } from '../terminal/mask.ts';
import { isCurrent, register, registrationOf, webhookToken } from '../webhook/registration.ts';
import { auth } from './areas/auth.ts';
import { boundary } from './areas/boundary.ts';
import { faultsOf, health } from './areas/health.ts';
import { idempotency } from './areas/idempotency.ts';
import { inbound } from './areas/inbound.ts';
import { templateRow } from './areas/template-row.ts';
import { postEvent } from './post-event.ts';
import type { Evidence, PendingEntry, ReportedLetter, Row } from './report.ts';
import type { Run } from './run.ts';
import { type SandboxControl, sandboxControl } from './sandbox-control.ts';
import { iso, outboundAttempt } from './send-facts.ts';

export interface AcceptanceOptions {
  /** E.164. Without it nothing is sent on a live line. */
  readonly to: string | undefined;
  readonly quick: boolean;
  /** Told of each row as it is known. */
  readonly onRow: (row: Row) => void;
}

const isStopped = ({ state, reason = '' }: SendRecord): boolean =>
  (state === 'HELD' && reason === 'burst_guard') || isCampaign(reason);

const pendingOf = (sends: readonly SendRecord[]): readonly PendingEntry[] =>
  sends.filter(isStopped).map(({ key, state, reason = '' }) => ({ key, state, reason }));

const registerOnce = async (target: Target): Promise<void> => {
  const token = await webhookToken(target);
  if (!isCurrent(await registrationOf(target), token)) await register(target, token);
};

/** The sandbox names conversations as the webhook deliveries do. */
const conversationOf = async (sandbox: SandboxControl | undefined, phone: string): Promise<string | undefined> => {
  if (!sandbox) return undefined;
  const deliveries = await sandbox.call<{ body: object }[]>('GET', '/_sandbox/deliveries');
  const messages = deliveries.flatMap(({ body }) => (body as { messages?: Observed[] }).messages ?? []);
  return messages.find(({ contactPhoneNumber }) => contactPhoneNumber === phone)?.conversationId;
};

interface Observed {
  readonly contactPhoneNumber: string;
  readonly conversationId: string;
}

/** Runs every check that this stack allows, one after the other, and gives the evidence. It never throws for what it finds. */
export const accept = async (target: Target, { to, quick, onRow }: AcceptanceOptions): Promise<Evidence> => {
  const startedAt = Date.now();
  const sandbox = target.sandboxUrl === undefined ? undefined : sandboxControl(target.url);
  const healthAnswer = await healthOf(target);
  const base = { target, sandbox, quick, id: randomBytes(4).toString('hex'), health: healthAnswer };
  const conversation = async (): Promise<string | undefined> =>
    to === undefined ? undefined : conversationOf(sandbox, to);
  const run: Run = { ...base, to, conversation, healthAskedAt: Date.now() };
  const tell = (row: Row): Row => {
    onRow(row);
    return row;
  };
  const authRow = tell(await auth(target));
  const faults = await faultsOf(run);
  // Before anything is sent, so that what becomes of it is told.
  if (sandbox) await registerOnce(target);
  const tried = [];
  for (const template of TEMPLATE_NAMES) tried.push(await templateRow(run, template));
  const sent = tried.flatMap((one) => one.retried ?? []);
  const retried = sent.find(({ event }) => event.isRepeatable);
  // Once more, after it was accepted.
  if (retried) await postEvent(run, retried.event);
  const [first] = sent.map(({ record }) => record).sort((a, b) => (a.firstAttemptAt ?? 0) - (b.firstAttemptAt ?? 0));
  const healthRow = tell(await health(run, first, faults));
  const templateRows = tried.map(({ row }) => tell(row));
  const [webhooksRow, workspaceRow, ...sinkRows] = (await inbound(run)).map(tell);
  const boundaryRow = tell(await boundary(run));
  // Last, for it holds the line for a minute.
  const idempotencyRow = tell(await idempotency(run, retried));

  const sends = await allSends(target);
  const own: SendRecord[] = [];
  for (const send of sends.filter(({ key }) => key.includes(run.id)).reverse()) own.push(await told(target, send));
  const decisions = target.client.decisions.map(({ ask, decision, decidedBy, on }) => ({
    ask,
    decision,
    decidedBy,
    on,
  }));
  return {
    client: target.client.name,
    lineId: target.client.lineId,
    where: target.where,
    run: run.id,
    startedAt: iso(startedAt),
    endedAt: iso(Date.now()),
    ...(to !== undefined && own.length > 0 && { recipient: masked(to) }),
    rows: [
      authRow,
      healthRow,
      idempotencyRow,
      webhooksRow,
      workspaceRow,
      boundaryRow,
      ...templateRows,
      ...sinkRows,
    ].filter((row): row is Row => row !== undefined),
    attempts: own.map(outboundAttempt),
    pending: pendingOf(sends),
    decisions,
    letters: lettersFor(target),
  };
};

const lettersFor = ({ client }: Target): readonly ReportedLetter[] => {
  const { to, byCode } = lettersOf(client);
  return Object.values(byCode).map(({ subject, text }) => ({
    ...(to && { to: to.name }),
    subject,
    text: text.replace('{at}', '…'),
  }));
};

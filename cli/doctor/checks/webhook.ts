import { lastAccepted, lastHeard } from '../../../functions/shared/ledger/signs.ts';
import { storedLineOf } from '../../../lib/client.ts';
import { openProbeOf } from '../../probe/open-probe.ts';
import { commandOn } from '../../target/command.ts';
import { tableOf } from '../../target/named.ts';
import type { Target } from '../../target/target.ts';
import { time } from '../../terminal/output.ts';
import { isForgotten } from '../../webhook/forgotten.ts';
import { isCurrent, registeredAtSandbox, registrationOf, webhookTokens } from '../../webhook/registration.ts';
import type { Check, Sight } from '../check.ts';
import type { Finding } from '../finding.ts';

const webhookFinding = async (target: Target): Promise<Finding> => {
  const about = 'webhook';
  const todo = commandOn(target, 'webhook register');
  const tokens = await webhookTokens(target).catch(() => undefined);
  if (tokens === undefined) {
    const first = commandOn(target, 'secrets rotate', 'webhook-token');
    return { level: 'bad', about, found: 'no token is stored: deliveries are answered 503', todo: first };
  }
  const { current, previous } = tokens;
  const atSandbox = await registeredAtSandbox(target);
  if (atSandbox.some((one) => isCurrent(one, current)))
    return { level: 'good', about, found: 'registered at the sandbox' };
  const noted = await registrationOf(target);
  if (atSandbox.length === 0 && isCurrent(noted, current))
    return { level: 'good', about, found: `registered on ${noted?.registeredAt}` };
  const known = [...atSandbox, ...(noted ? [noted] : [])];
  if (known.length === 0) return { level: 'bad', about, found: 'not registered by this command', todo };
  if (previous !== undefined && known.some((one) => isCurrent(one, previous)))
    return {
      level: 'warning',
      about,
      found: 'registered with the token before the stored one, which is taken until its rotation ends',
      todo,
    };
  return { level: 'bad', about, found: 'registered with an older token', todo };
};

/** EZWhatsApp tells of each message that it takes. */
const forgottenFindings = async ({ target, now }: Sight): Promise<readonly Finding[]> => {
  const { dynamodb, client } = target;
  const line = storedLineOf(client);
  const [accepted, heard, registration] = await Promise.all([
    lastAccepted(tableOf(target, 'sends'), line, dynamodb),
    lastHeard(tableOf(target, 'deliveries'), line, dynamodb),
    registrationOf(target),
  ]);
  if (!isForgotten({ accepted, heard, registeredAt: registration?.registeredAt, now })) return [];
  const last = heard === undefined ? 'nothing was ever heard' : `nothing was heard since ${time(heard)}`;
  const found = `EZWhatsApp took a message at ${time(accepted)}, and ${last}: has it forgotten the webhook? Answers, statuses and stops do not come`;
  // What is known to be registered is registered anew only where somebody says so.
  return [{ level: 'bad', about: 'webhook', found, todo: commandOn(target, 'webhook register', '--again') }];
};

/** A probe that was killed leaves its webhook beside the client's own, or in its place. */
const openProbeFindings = async (target: Target): Promise<readonly Finding[]> => {
  const open = await openProbeOf(target);
  if (!open) return [];
  const since = `open since ${time(Date.parse(open.openedAt))} by ${open.by}`;
  if (open.targetUrl === undefined) {
    const over = open.expiresAt === undefined ? '' : ` and is over at ${time(open.expiresAt * 1000)}`;
    return [
      { level: 'good', about: 'probe', found: `${since}: it sends messages alone, leaves nothing to undo${over}` },
    ];
  }
  const stands = open.stands === 'beside' ? "beside the client's own" : "perhaps in the place of the client's own";
  const todo = `if it does not run any more: ${commandOn(target, 'probe', '--restore')}`;
  const level = open.stands === 'beside' ? 'warning' : 'bad';
  return [{ level, about: 'probe', found: `${since}: its webhook stands ${stands}`, todo }];
};

export const webhook: Check = {
  id: 'webhook',
  about: 'webhook',
  tables: () => ['deliveries'],
  look: ({ target }) => webhookFinding(target),
  watched: { every: 60 },
};

export const forgotten: Check = {
  id: 'webhook-forgotten',
  about: 'webhook',
  tables: () => ['sends', 'deliveries'],
  look: forgottenFindings,
  watched: { every: 15 },
};

export const openProbe: Check = {
  id: 'probe',
  about: 'probe',
  tables: () => ['deliveries'],
  look: ({ target }) => openProbeFindings(target),
  // One that runs is over by then.
  watched: { every: 60, after: 60, alsoWarnings: true },
};

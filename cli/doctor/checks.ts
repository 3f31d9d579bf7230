import type { Check } from './check.ts';
import { alarms } from './checks/alarms.ts';
import { crms, notifiers } from './checks/failing.ts';
import { deadLetters } from './checks/letters.ts';
import { failing, line, pauses, trouble } from './checks/line.ts';
import { stops } from './checks/people.ts';
import { proofs } from './checks/proofs.ts';
import { protection } from './checks/protection.ts';
import { queues } from './checks/queues.ts';
import { decisions, toldOfLine, updates } from './checks/scope.ts';
import { failures, keys, oldest, parked, refusals, shadows } from './checks/sends.ts';
import { connections } from './checks/sources.ts';
import { crm, notifierSecrets, parameters, sources, token } from './checks/stored.ts';
import { versions } from './checks/versions.ts';
import { watcher } from './checks/watcher.ts';
import { forgotten, openProbe, webhook } from './checks/webhook.ts';

/** All that a client needs, in the order in which it is told. */
export const CHECKS: readonly Check[] = [
  parameters,
  protection,
  updates,
  pauses,
  trouble,
  failing,
  shadows,
  token,
  sources,
  proofs,
  connections,
  crm,
  notifierSecrets,
  line,
  keys,
  webhook,
  forgotten,
  openProbe,
  parked,
  oldest,
  queues,
  failures,
  stops,
  refusals,
  deadLetters,
  alarms,
  toldOfLine,
  notifiers,
  crms,
  versions,
  watcher,
  decisions,
];

import { randomUUID } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { CHECKS } from '../cli/doctor/checks.ts';
import { env } from '../functions/shared/runtime/config.ts';
import { log } from '../functions/shared/runtime/log.ts';
import { Memory } from './memory.ts';
import { Patience } from './patience.ts';
import { AccountStacks, localStacks } from './stacks.ts';
import { topic } from './topic.ts';
import { type Run, type Watched, Watcher } from './watcher.ts';

/** What the rule calls it with: an event of EventBridge, of which the scheduled time alone is read. */
interface Scheduled {
  /** ISO 8601. */
  readonly time: string;
  /** By hand: everything is looked at, also what is looked at less often. */
  readonly all?: boolean;
}

const { EZW_LOCAL_URL: local } = process.env;

/** It keeps no process. */
const late = (ms: number) => setTimeout(ms, undefined, { ref: false });

const stacksHere = (): (() => Promise<readonly Watched[]>) => {
  if (local !== undefined) return () => localStacks(local, Date.now(), new Patience(late));
  const account = new AccountStacks();
  return () => account.all(Date.now(), new Patience(late));
};

const watcher = new Watcher({
  checks: CHECKS,
  stacks: stacksHere(),
  memory: new Memory(env('WATCH_TABLE')),
  tell: topic(env('WATCH_TOPIC')),
  log,
  now: Date.now,
  newOwner: randomUUID,
  late,
});

/** Looks at all clients of the account, and tells what changed. */
export const handler = ({ time, all }: Scheduled): Promise<Run> => watcher.run(Date.parse(time) || Date.now(), all);

import type { Control } from '../../functions/shared/ledger/line-control.ts';
import { isOneOf } from '../../functions/shared/people/identity.ts';
import { UnwrittenStops } from '../../functions/shared/people/unwritten-stops.ts';
import { storedLineOf } from '../../lib/client.ts';
import { controlOf } from '../line/control.ts';
import { peopleOf } from '../sends/person.ts';
import { commandOn, deployOn } from '../target/command.ts';
import { describeHealth, healthOf, lineTodo } from '../target/line.ts';
import { tableOf } from '../target/named.ts';
import type { Target } from '../target/target.ts';
import { Failed } from '../terminal/errors.ts';
import { time } from '../terminal/output.ts';
import { openProbeOf } from './open-probe.ts';

const assertNotStopped = async (target: Target, to: string, control: Control): Promise<void> => {
  const person = await (await peopleOf(target)).read(to);
  const unwritten = new UnwrittenStops(
    tableOf(target, 'sends'),
    storedLineOf(target.client),
    Date.now,
    target.dynamodb,
  );
  if (person.said?.word !== 'stop' && !(await unwritten.isKept(person, control))) return;
  throw new Failed(
    'This number is on the stop list: only whoever has the phone can undo that, by START to the line. Nothing was sent.',
  );
};

/**
 * Whether this number may be written to by this line, now: a probe goes past the sender, which would ask all of this.
 * @param to E.164
 * @throws Failed that says what to do
 */
export const assertMayProbe = async (target: Target, to: string): Promise<void> => {
  const { client } = target;
  const { delivery } = client;
  const open = await openProbeOf(target);
  if (open) {
    throw new Failed(
      `A probe of ${time(Date.parse(open.openedAt))} by ${open.by} is still open. If it does not run any more: ${commandOn(target, 'probe', '--restore')}`,
    );
  }
  if (delivery !== 'live' && !isOneOf(to, delivery.only)) {
    throw new Failed(
      `delivery.only in clients/${client.name}.ts does not name this number: add it there, then ${deployOn(target)}. Nothing was sent.`,
    );
  }
  await assertStillMayProbe(target, to);
  const health = await healthOf(target);
  if (!health.sendable) {
    throw new Failed(
      `The line cannot send (${describeHealth(health)}): ${lineTodo(health, target)}. Nothing was sent.`,
    );
  }
};

/** What may change while a probe runs: asked before each message, as the sender does. @throws Failed that says what to do */
export const assertStillMayProbe = async (target: Target, to: string): Promise<void> => {
  const control = await controlOf(target).read();
  if (control.paused) {
    throw new Failed(
      `The line is paused by ${control.paused.by} since ${time(control.paused.at)}: ${commandOn(target, 'line resume')} first. Nothing was sent.`,
    );
  }
  if (control.trouble?.kind === 'banned')
    throw new Failed('WhatsApp has shut the number out, says the workspace. Nothing was sent.');
  await assertNotStopped(target, to, control);
};

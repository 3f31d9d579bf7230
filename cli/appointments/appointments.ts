import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { Command } from 'commander';
import { isUnderWay, type Resync, type Walk, walkKey } from '../../functions/shared/door/walk.ts';
import { toJson } from '../../functions/shared/runtime/json.ts';
import { Table } from '../../functions/shared/runtime/table.ts';
import { storedLineOf } from '../../lib/client.ts';
import { queueOf, tableOf } from '../target/named.ts';
import { alarmsOf } from '../target/registry.ts';
import { openTarget, type Target } from '../target/target.ts';
import { Failed, WrongInput } from '../terminal/errors.ts';
import { examples, type TargetOptions, withTarget } from '../terminal/options.ts';
import { progress, show, time } from '../terminal/output.ts';

interface ResyncOptions extends TargetOptions {
  readonly dryRun?: boolean;
}

/** A page takes seconds; one that was throttled is back after half a minute. */
const PATIENCE_MS = 60_000;
const ASK_EVERY_MS = 500;

/** The template whose alarms are set by rows, and the table of these. */
export const walked = (target: Target): { readonly name: string; readonly table: string } => {
  const found = alarmsOf(target.client);
  if (!found) {
    throw new WrongInput(
      `${target.client.name} has no template on that sets alarms: nothing would walk through its table.`,
    );
  }
  const { name, table } = found;
  const isDeployed = Object.values(target.template.Resources).some(
    ({ Type, Metadata }) => Type === 'AWS::Lambda::Function' && Metadata?.['ezw:name'] === name,
  );
  if (isDeployed) return { name, table: tableOf(target, table) };
  throw new Failed(`${name} is on in the client file and not in this stack: deploy it first.`);
};

/** The walk when it is done, or has not moved for a minute. */
const follow = async (read: () => Promise<Walk | undefined>, run: string): Promise<Walk | undefined> => {
  let known = -1;
  for (let until = Date.now() + PATIENCE_MS; ; await sleep(ASK_EVERY_MS)) {
    const walk = await read();
    const own = walk?.run === run ? walk : undefined;
    if (own?.done || Date.now() > until) return own;
    if (!own || own.page === known) continue;
    if (own.page > 0) progress(`${own.appointments} appointments so far …`);
    [known, until] = [own.page, Date.now() + PATIENCE_MS];
  }
};

const resync = async (clientName: string, { dryRun = false, ...options }: ResyncOptions): Promise<void> => {
  const target = await openTarget(clientName, options);
  const { name, table } = walked(target);
  const walks = new Table<Walk>(table, target.dynamodb);
  const read = () => walks.read(walkKey(storedLineOf(target.client)));
  const other = await read();
  if (other && isUnderWay(other, Date.now())) {
    throw new Failed(`A walk that began at ${time(other.begunAt)} goes on: ${other.appointments} appointments so far.`);
  }
  const run = randomUUID();
  const begin: Resync = { run, dryRun };
  const QueueUrl = queueOf(target, `${name}-work`);
  await target.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: toJson({ resync: begin }) }));
  const walk = await follow(read, run);
  if (!walk)
    throw new Failed(`Nobody has begun it for a minute. It waits in ${name}-work; see what the function's log says.`);
  const { appointments, alarms, overdue, failed, done } = walk;
  const text = [
    `${appointments} appointments, ${alarms} alarms ${dryRun ? 'to set' : 'set'}, ${overdue} overdue ${dryRun ? 'to hand on' : 'handed on'}, ${failed} failed.`,
    ...(failed > 0 ? [`The log of ${name} says which, by "outcome":"failed".`] : []),
    ...(done ? [] : ['It has not moved for a minute and goes on by itself: the Scheduler may be throttling.']),
  ];
  show(options.json, { client: clientName, dryRun, appointments, alarms, overdue, failed, done }, text.join('\n'));
  if (failed > 0 || !done) process.exitCode = 1;
};

export const appointmentsCommand = (): Command => {
  const appointments = new Command('appointments').description('what is booked, and the alarms of its reminders');
  withTarget(appointments.command('resync <client>'))
    .description('set all alarms anew from the table, as each night; what is due and was not sent goes on at once')
    .option('--dry-run', 'only count')
    .addHelpText('after', examples('appointments resync bakery --dry-run', 'appointments resync bakery'))
    .action(resync);
  return appointments;
};

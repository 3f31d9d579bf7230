import { Command } from 'commander';
import { appointmentsCommand } from './appointments/appointments.ts';
import { costCommand } from './cost/cost.ts';
import { dlqCommand } from './dead-letters/dlq.ts';
import { decisionsCommand } from './decisions/decisions.ts';
import { deployCommand, protectCommand } from './deploy/deploy.ts';
import { doctorCommand } from './doctor/doctor.ts';
import { handoffCommand } from './handoff/handoff.ts';
import { initCommand } from './init/init.ts';
import { lineCommand } from './line/line.ts';
import { newCommand } from './new/new.ts';
import { probeCommand } from './probe/probe.ts';
import { replayCommand } from './replay.ts';
import { secretsCommand } from './secrets/secrets.ts';
import { sendsCommand } from './sends/sends.ts';
import { signCommand } from './sign.ts';
import { sourceCommand } from './source/source.ts';
import { statsCommand } from './stats/stats.ts';
import { takeDefaultProfile } from './target/log-in.ts';
import { examples } from './terminal/options.ts';
import { testSendCommand } from './test-send/test-send.ts';
import { tokenCommand } from './token/token.ts';
import { traceCommand } from './trace/trace.ts';
import { triggerCommand } from './trigger/trigger.ts';
import { usageCommand } from './usage/usage.ts';
import { webhookCommand } from './webhook/webhook.ts';

const COMMANDS = [
  initCommand,
  deployCommand,
  protectCommand,
  doctorCommand,
  secretsCommand,
  tokenCommand,
  lineCommand,
  sendsCommand,
  dlqCommand,
  appointmentsCommand,
  webhookCommand,
  sourceCommand,
  replayCommand,
  traceCommand,
  triggerCommand,
  testSendCommand,
  probeCommand,
  signCommand,
  decisionsCommand,
  costCommand,
  usageCommand,
  statsCommand,
  handoffCommand,
  newCommand,
];

/** One clear line for whatever is wrong; commander would put its suggestion on a second one. */
const prepare = (command: Command): void => {
  command
    .exitOverride()
    .configureOutput({
      outputError: (text, write) =>
        write(
          `ezw: ${text
            .replace(/^error: /, '')
            .trim()
            .replace(/\s*\n\s*/g, ' ')}\n`,
        ),
    })
    .showHelpAfterError(false);
  command.commands.forEach(prepare);
};

export const program = (): Command => {
  const ezw = new Command('ezw')
    // Options belong to the command that they stand behind.
    .enablePositionalOptions()
    .hook('preAction', takeDefaultProfile)
    .description('Operate the stacks of your client lines. Exit codes: 0 done, 1 it failed, 2 wrong input.')
    .addHelpText(
      'after',
      `\nOf a new client: init, deploy, secrets set, doctor, test-send, handoff.${examples('doctor demo --local', 'sends list bakery --waiting', 'help secrets')}`,
    );
  for (const make of COMMANDS) ezw.addCommand(make());
  prepare(ezw);
  return ezw;
};

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { explain } from '../../cli/run.ts';
import { ROOT } from '../../cli/target/project.ts';
import { call } from '../../cli/terminal/call.ts';
import { orExit } from '../or-exit.ts';
import { checkArguments } from './arguments.ts';
import { awsIn, placeOf } from './aws.ts';
import { inputOf, writeClient } from './clients.ts';
import { runCommand } from './commands.ts';
import { newSecret } from './doors.ts';
import { ROWS } from './rows.ts';
import { type Run, runCheck } from './run.ts';

// Deploys a client of nobody into an AWS account, proves what only AWS can tell, and removes all of it.
const options = orExit(() => checkArguments(process.argv.slice(2)));
if (options.profile !== undefined) {
  // Keys of the shell would be somebody else's.
  for (const name of ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN']) delete process.env[name];
  process.env.AWS_PROFILE = options.profile;
}

const ended = new AbortController();
const { signal } = ended;
const say = (line: string): void => console.error(line);
const onSignal = (name: string): void => {
  if (signal.aborted) {
    say('Ended at once, with all that stands: npm run aws-check -- --clean');
    process.exit(130);
  }
  say(`${name}: what was made is removed first. Once more ends at once and leaves it.`);
  ended.abort();
};
process.on('SIGINT', onSignal).on('SIGTERM', onSignal).on('SIGHUP', onSignal);
// A terminal that was closed; what was made must go all the same.
process.stderr.on('error', () => undefined);

/** The client files and what the CDK makes of them: nothing of it comes into the checkout. */
const folder = mkdtempSync(join(tmpdir(), 'ezw-aws-check-'));
process.once('exit', () => rmSync(folder, { recursive: true, force: true }));

const runIn = async (): Promise<Run> => {
  const place = await placeOf(options.region);
  const aws = awsIn(place);
  const env = { ...process.env, AWS_REGION: place.region, EZW_CLIENTS: folder };
  const start = (command: readonly [string, ...string[]], more: NodeJS.ProcessEnv = {}, input?: string) =>
    runCommand(command, { cwd: ROOT, env: { ...env, ...more }, signal }, input);
  const output = ['--output', join(folder, 'cdk.out')];
  return {
    check: {
      aws,
      place,
      write: (name, variant) => writeClient(folder, ROOT, inputOf(name, place, variant)),
      ezw: (args, input) =>
        start([process.execPath, 'bin/ezw.mjs', ...args, ...(args.includes('--') ? output : [])], {}, input),
      cdk: (client, args) => start(['npx', 'cdk', ...args, ...output], { CLIENT: client }),
      cli: (args) => start(['aws', ...args]),
      call,
      pause: async (ms) => void (await sleep(ms, undefined, { signal })),
      now: () => new Date(),
      secret: newSecret(),
      waitMinutes: options.waitMinutes,
    },
    remover: { aws, pause: async (ms) => void (await sleep(ms)) },
    signal,
    say,
    writeReport: (text) => {
      writeFileSync(options.report, text);
      say(`Report: ${options.report}`);
    },
  };
};

try {
  process.exitCode = await runCheck(ROWS, await runIn(), options);
} catch (error) {
  say(explain(error));
  process.exitCode = 1;
}

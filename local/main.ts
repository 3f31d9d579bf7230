import { fileURLToPath } from 'node:url';
import { checkFree } from './http.ts';
import type { LogLine } from './lambda/definition.ts';
import { LiveStack } from './live-stack.ts';
import { asJson, forPeople } from './log-line.ts';
import { readOptions } from './options.ts';
import { Rebuilds } from './rebuilds.ts';
import type { Contract } from './sandbox/contract/assumptions.ts';
import { ASSUMED, describeContract } from './sandbox/contract/contract.ts';
import { brokenStandIns } from './sandbox/stand-ins.ts';
import type { LocalStack } from './stack.ts';
import { HelpAsked, StartError } from './start-error.ts';
import { watchSources } from './watch.ts';

const root = fileURLToPath(new URL('..', import.meta.url)).replace(/\/$/, '');

const stopping = new AbortController();
let live: LiveStack | undefined;
let rebuilds: Rebuilds | undefined;

const stop = async (): Promise<void> => {
  if (stopping.signal.aborted) return;
  stopping.abort();
  rebuilds?.close();
  await live?.stop();
  process.exit(0);
};
// Whoever read the lines is gone, as at the end of a pipe: that is a stop too, and not an error in the middle of one.
for (const stream of [process.stdout, process.stderr]) stream.on('error', stop);
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stop);
// A signal that reaches npm alone ends its shell and not this process, which would keep the ports for ever.
const parent = process.ppid;
if (process.env.npm_lifecycle_event) setInterval(() => process.ppid !== parent && stop(), 500).unref();

try {
  const { json, watch, ...options } = readOptions(process.argv.slice(2), process.env, root);
  await checkFree([options.port, options.port === 0 ? 0 : options.port + 1]);
  const began = Date.now();
  const show = json || !process.stdout.isTTY ? asJson : forTerminal;
  const running = new LiveStack(root, {
    ...options,
    registersWebhook: true,
    watcher: true,
    log: (line) => process.stdout.write(`${show(line)}\n`),
  });
  // Who asks for JSON reads it from standard output, where nothing else may stand then.
  if (json) console.log = console.error;
  live = running;
  const builds = new Rebuilds((files, signal) => running.rebuild(files, signal));
  rebuilds = builds;
  // From now on: what is saved during the start is not in it for sure.
  const isWatching = watch && watchOrSayWhyNot(options.client, builds);
  const stack = await running.start(stopping.signal);
  greet(stack, options, Date.now() - began);
  for (const { path, problem } of brokenStandIns()) console.error(`${path} does not load: ${problem}`);
  if (isWatching && process.stdout.isTTY)
    console.log('What you save in clients/, functions/, lib/, cli/ or watch/ is built and taken over.\n');
  builds.open();
} catch (error) {
  if (error instanceof HelpAsked) {
    console.log(error.message);
  } else if (!stopping.signal.aborted) {
    console.error(error instanceof StartError ? error.message : error);
    process.exit(error instanceof StartError ? 2 : 1);
  }
}

/** A system has only so many watches; all the rest works without. */
function watchOrSayWhyNot(client: string, builds: Rebuilds): boolean {
  try {
    watchSources(root, client, (files) => builds.changed(files));
    return true;
  } catch (error) {
    console.error(`Changed files will not be noticed: ${(error as Error).message}`);
    return false;
  }
}

/** A terminal itself knows of NO_COLOR, and whether it has colours at all. */
function forTerminal(line: LogLine): string {
  return forPeople(line, new Date(), process.stdout.hasColors());
}

interface Greeted {
  ezwUrl?: string;
  data?: string;
  contract: Contract;
  chaos?: number;
}

function greet({ url, sandboxUrl, routes }: LocalStack, options: Greeted, ms: number): void {
  const contract = describeContract(options.contract);
  const differs =
    contract === describeContract(ASSUMED)
      ? ''
      : `\n  Contract  ${contract}   the rest as assumed (docs/ezwhatsapp.md)`;
  const goesWrong =
    options.chaos === undefined
      ? ''
      : `\n  Chaos     seed ${options.chaos}: calls fail, processes die, messages come twice; again by --chaos ${options.chaos}`;
  const seconds = (ms / 1000).toFixed(1);
  console.log(`
Ready in ${seconds} s. ${options.data ? `Data is kept in ${options.data}.` : 'Data is in memory (--data DIR keeps it).'}

  Doors     ${routes.map((route) => route.replace(' ', ` ${url}`)).join('\n            ')}
  Messages  ${url}/   ${options.ezwUrl ? `(sends go to ${options.ezwUrl}, not here)` : 'what EZWhatsApp was asked to send'}
  State     ${url}/_local/state   tables, queues, functions
  Sandbox   ${sandboxUrl}   stands in for EZWhatsApp and for the shop${differs}${goesWrong}

Next: send an event to a door, as the README shows. Ctrl-C stops.
`);
}
